"""Calibration: totals met, variances that know of it, and impossible margins refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import calibrate, prevalence, total, trim

DESIGN = SurveyDesign(psu="school", weights="w")


@pytest.fixture
def pupils() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 300
    return pd.DataFrame(
        {
            "school": rng.integers(0, 15, n),
            "w": rng.uniform(5, 15, n),
            "sex": rng.choice(["girl", "boy"], n),
            "grade": rng.choice([9, 11], n, p=[0.6, 0.4]),
            "size": rng.integers(1, 9, n).astype(float),
            "y": (rng.random(n) < 0.2).astype(float),
        }
    )


MARGINS = {"sex": {"girl": 1600, "boy": 1500}, "grade": {9: 1700, 11: 1400}}


@pytest.mark.parametrize(
    ("margins", "method", "bounds"),
    [
        ({"sex": {"girl": 1600, "boy": 1500}}, "poststratify", None),
        (
            {("sex", "grade"): {("girl", 9): 900, ("girl", 11): 700, ("boy", 9): 800, ("boy", 11): 700}},
            "poststratify",
            None,
        ),
        (MARGINS, "raking", None),
        (MARGINS, "raking", (0.5, 2.0)),
        (MARGINS, "linear", None),
        (MARGINS, "linear", (0.7, 1.4)),
        (MARGINS, "logit", (0.7, 1.4)),
        ({**MARGINS, "size": 14000.0}, "raking", None),
        ({**MARGINS, "size": 14000.0}, "logit", (0.5, 2.0)),
        ({"size": 14000.0}, "linear", None),
    ],
)
def test_weighted_totals_meet_the_margins(
    pupils: pd.DataFrame, margins: dict[object, object], method: str, bounds: tuple[float, float] | None
) -> None:
    frame, design = calibrate(pupils, DESIGN, margins, method=method, bounds=bounds)
    assert isinstance(design.weights, str)
    weights = frame[design.weights]
    for key, wanted in margins.items():
        if isinstance(wanted, dict):
            found = weights.groupby(
                [frame[name] for name in (key if isinstance(key, tuple) else (key,))]
            ).sum()
            assert found.to_dict() == pytest.approx({k: float(v) for k, v in wanted.items()}, rel=1e-9)
        else:
            assert (weights * frame[key]).sum() == pytest.approx(wanted, rel=1e-9)
    if bounds:
        factors = weights / frame["w"]
        assert factors.min() >= bounds[0] - 1e-9 and factors.max() <= bounds[1] + 1e-9


@pytest.mark.parametrize("method", ["poststratify", "raking", "linear"])
def test_the_total_of_a_calibrated_margin_has_no_variance(pupils: pd.DataFrame, method: str) -> None:
    frame, design = calibrate(pupils, DESIGN, {"sex": {"girl": 1600, "boy": 1500}}, method=method)
    row = total(frame.assign(girl=(frame["sex"] == "girl").astype(float)), design, "girl").iloc[0]
    assert row["estimate"] == pytest.approx(1600)
    assert row["se"] < 1e-6


def test_calibration_to_what_explains_the_outcome_lowers_the_variance(pupils: pd.DataFrame) -> None:
    pupils["kind"] = np.where(pupils["y"] == 1, "a", "b")
    pupils.loc[::7, "kind"] = "b"
    totals = pupils.groupby("kind")["w"].sum().to_dict()
    frame, design = calibrate(pupils, DESIGN, {"kind": totals})
    assert prevalence(frame, design, "y").loc[0, "se"] < 0.6 * prevalence(pupils, DESIGN, "y").loc[0, "se"]


def test_the_old_weights_stay_and_the_frame_is_not_changed(pupils: pd.DataFrame) -> None:
    before = pupils.copy(deep=True)
    frame, design = calibrate(pupils, DESIGN, MARGINS)
    pd.testing.assert_frame_equal(pupils, before)
    pd.testing.assert_series_equal(frame["w"], before["w"])
    assert design.weights == "w_calibrated"
    again, twice = calibrate(frame, design, MARGINS)
    assert twice.weights == "w_calibrated_calibrated"
    np.testing.assert_allclose(again[twice.weights], frame[design.weights], rtol=1e-9)


def test_calibrating_twice_to_the_same_margins_changes_no_variance(pupils: pd.DataFrame) -> None:
    frame, design = calibrate(pupils, DESIGN, {"sex": {"girl": 1600, "boy": 1500}}, method="linear")
    again, twice = calibrate(frame, design, {"sex": {"girl": 1600, "boy": 1500}}, method="linear")
    one, two = prevalence(frame, design, "y"), prevalence(again, twice, "y")
    assert one.loc[0, "se"] == pytest.approx(two.loc[0, "se"])


def test_a_design_without_weights_is_calibrated_from_ones(pupils: pd.DataFrame) -> None:
    frame, design = calibrate(pupils, SurveyDesign(psu="school"), {"sex": {"girl": 10, "boy": 20}})
    assert frame["weight_calibrated"].sum() == pytest.approx(30)
    assert prevalence(frame, design, "y").loc[0, "n"] == 300


def test_two_stage_designs_can_be_calibrated(pupils: pd.DataFrame) -> None:
    pupils["pupil"], pupils["schools"] = np.arange(300), 20
    pupils["pupils"] = pupils.groupby("school")["school"].transform("size") * 2
    design = SurveyDesign(psu=["school", "pupil"], weights="w", fpc=["schools", "pupils"])
    frame, calibrated = calibrate(pupils, design, {"sex": {"girl": 1600, "boy": 1500}})
    girls = total(frame.assign(girl=(frame["sex"] == "girl").astype(float)), calibrated, "girl").iloc[0]
    assert girls["se"] < 1e-6
    assert prevalence(frame, calibrated, "y", "sex")["se"].gt(0).all()


@pytest.mark.parametrize(
    ("margins", "options", "message"),
    [
        ({}, {}, "no margins"),
        ({"sex": {"girl": 1600}}, {}, "levels without a total in"),
        ({"sex": {"girl": 1600, "boy": 1500, "x": 9}}, {}, "1 levels with a total but no respondent"),
        ({"sex": {"girl": 1600, "boy": 1500}, "grade": {9: 1, 11: 1}}, {}, "do not have the same sum"),
        ({"sex": {"girl": -1, "boy": 1500}}, {}, "negative or missing total"),
        ({"kön": {"girl": 1}}, {}, "no column 'kön'"),
        ({("sex", "grade"): 12.0}, {}, "needs a total for each crossing"),
        (MARGINS, {"method": "poststratify"}, "takes one margin"),
        (MARGINS, {"method": "logit"}, "needs bounds"),
        (MARGINS, {"method": "logit", "bounds": (1.1, 2.0)}, "must enclose 1"),
        ({"sex": {"girl": 9000, "boy": 100}}, {"method": "logit", "bounds": (0.5, 2.0)}, "cannot be met"),
        ({"sex": {"girl": 9000, "boy": 100}}, {"method": "linear", "bounds": (0.5, 2.0)}, "cannot be met"),
        ({"size": -5000.0}, {"method": "linear"}, "weights negative"),
        ({"holes": 5.0}, {"method": "linear"}, "'holes' is missing in 1 rows"),
        ({"gaps": {"a": 3100.0}}, {}, "'gaps' is missing in 2 rows"),
    ],
)
def test_impossible_margins_are_refused_with_a_reason(
    pupils: pd.DataFrame, margins: dict[object, object], options: dict[str, object], message: str
) -> None:
    pupils["holes"] = [np.nan] + [1.0] * 299
    pupils["gaps"] = [None, None] + ["a"] * 298
    with pytest.raises(EstimationError, match=message):
        calibrate(pupils, DESIGN, margins, **options)  # type: ignore[arg-type]


def test_contradictory_margins_are_refused(pupils: pd.DataFrame) -> None:
    # girls are all in grade 9, so no weights can put most girls in grade 11
    pupils["grade"] = np.where(pupils["sex"] == "girl", 9, pupils["grade"])
    with pytest.raises(EstimationError, match="cannot be met"):
        calibrate(pupils, DESIGN, {"sex": {"girl": 2000, "boy": 100}, "grade": {9: 1000, 11: 1100}})


def test_an_unknown_method_is_an_error(pupils: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="poststratify, raking"):
        calibrate(pupils, DESIGN, MARGINS, method="magic")


def test_trimmed_weights_keep_their_sum_and_their_limits(pupils: pd.DataFrame) -> None:
    frame, design = trim(pupils, DESIGN, lower=7, upper=12)
    weights = frame[design.weights]
    assert weights.min() >= 7 and weights.max() <= 12
    assert weights.sum() == pytest.approx(pupils["w"].sum())


def test_trimming_worked_by_hand() -> None:
    # 1 → 7 takes 6 from the three others: 6, 10, 10; of these 6 → 7 takes 1 from the two tens: 9½, 9½
    frame = pd.DataFrame({"w": [1.0, 8.0, 12.0, 12.0]})
    once, design = trim(frame, SurveyDesign(weights="w"), lower=7, strict=False)
    assert once[design.weights].tolist() == [7.0, 6.0, 10.0, 10.0]
    whole, design = trim(frame, SurveyDesign(weights="w"), lower=7)
    assert whole[design.weights].tolist()[:2] == [7.0, 7.0]
    assert whole[design.weights].sum() == pytest.approx(33)


def test_weights_within_the_limits_are_not_touched(pupils: pd.DataFrame) -> None:
    frame, design = trim(pupils, DESIGN, lower=1, upper=100)
    np.testing.assert_array_equal(frame[design.weights], pupils["w"])


def test_limits_that_cannot_hold_the_sum_are_refused(pupils: pd.DataFrame) -> None:
    with pytest.raises(EstimationError, match="cannot keep their sum"):
        trim(pupils, DESIGN, upper=6)
    with pytest.raises(EstimationError, match="no weights"):
        trim(pupils, SurveyDesign(), upper=6)
