"""Calibration at its limits: one row, a weight on a limit, tiny weights, far totals, and how many rounds it takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import calibrate, mean, total, trim
from mapping.estimate.design_based.auxiliaries import as_terms, read_basis
from mapping.estimate.design_based.calibration import _rake, fit_margins

DESIGN = SurveyDesign(psu="school", weights="w")


def pupils(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(31)
    frame = pd.DataFrame({"school": np.arange(n) // 4, "w": rng.uniform(2, 9, n).round(1)})
    frame["sex"], frame["grade"] = rng.choice(["f", "m"], n), rng.choice([7, 8, 9], n)
    frame["size"], frame["y"] = rng.integers(1, 9, n).astype(float), rng.integers(0, 6, n).astype(float)
    return frame


MARGINS = {"sex": {"f": 120.0, "m": 100.0}, "grade": {7: 70.0, 8: 90.0, 9: 60.0}}
EVERY: list[tuple[str, Any, dict[Any, Any]]] = [
    ("poststratify", None, {"sex": MARGINS["sex"]}),
    ("raking", None, MARGINS),
    ("raking", (0.5, 2.5), MARGINS),
    ("raking", None, {**MARGINS, "size": 1000.0}),
    ("linear", None, {**MARGINS, "size": 1000.0}),
    ("logit", (0.4, 3.0), {**MARGINS, "size": 1000.0}),
]


def times(margins: dict[Any, Any], by: float) -> dict[Any, Any]:
    return {
        name: {level: by * t for level, t in value.items()} if isinstance(value, dict) else by * value
        for name, value in margins.items()
    }


@pytest.mark.parametrize(("method", "bounds", "margins"), EVERY)
def test_the_unit_of_the_weights_changes_neither_factors_nor_standard_errors(
    method: str, bounds: Any, margins: dict[Any, Any]
) -> None:
    frame = pupils()
    plain, design = calibrate(frame, DESIGN, margins, method=method, bounds=bounds)
    shares = (plain["w_calibrated"] / frame["w"]).to_numpy()
    for by in (1e-6, 1e6):
        other = frame.assign(w=frame["w"] * by)
        weighted, rescaled = calibrate(other, DESIGN, times(margins, by), method=method, bounds=bounds)
        np.testing.assert_allclose(weighted["w_calibrated"] / other["w"], shares, rtol=1e-9)
        for table, unit in ((mean, 1.0), (total, by)):
            wanted = table(plain, design, "y").loc[0, "se"] * unit
            assert table(weighted, rescaled, "y").loc[0, "se"] == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("by", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize(("method", "bounds"), [("raking", None), ("linear", (0.9, 1.1))])
def test_margins_that_contradict_each_other_are_told_whatever_the_unit(
    method: str, bounds: Any, by: float
) -> None:
    frame = pd.DataFrame({"b": [1, 2, 1, 2], "e": [0, 1, 0, 1], "w": by})
    margins = times({"b": {1: 3, 2: 1}, "e": {0: 1, 1: 3}}, by)
    with pytest.raises(EstimationError, match="cannot be met"):
        calibrate(frame, SurveyDesign(weights="w"), margins, method=method, bounds=bounds)


@pytest.mark.parametrize(
    ("margins", "options", "said"),
    [
        ({"a": {"x": 3}}, {}, "'a' is missing in 1 rows"),
        ({"s": 4.0}, {"method": "linear"}, "'s' is missing in 1 rows"),
        ({"b": {1: 3}}, {}, "levels without a total in 1 rows"),
        ({"b": {1: 2, 2: 1, 3: 0.5}}, {}, "1 levels with a total but no respondent"),
        # factors 1 + u·n for n = 1, 1, 1, 9: 12 + 84 u = 2 takes more than 1 from the last alone
        ({"n": 2.0}, {"method": "linear"}, "makes 1 weights negative"),
    ],
)
def test_one_row_or_level_is_enough_to_refuse(margins: Any, options: Any, said: str) -> None:
    frame = pd.DataFrame({"a": ["x", "x", "x", None], "s": [1.0, 2.0, 3.0, np.nan], "b": [1, 1, 1, 2]})
    with pytest.raises(EstimationError, match=said):
        calibrate(frame.assign(n=[1.0, 1.0, 1.0, 9.0]), SurveyDesign(), margins, **options)


def test_missing_rows_of_a_margin_are_counted() -> None:
    frame = pd.DataFrame({"a": ["x", None, None], "b": ["y", "y", None]})
    for margins, rows in (({"a": {"x": 3}}, 2), ({("b", "a"): {("y", "x"): 3}}, 2), ({"b": {"y": 3}}, 1)):
        with pytest.raises(EstimationError, match=f"is missing in {rows} rows"):
            calibrate(frame, SurveyDesign(), margins)


def test_the_margin_furthest_off_is_named_even_by_its_first_level() -> None:
    frame = pd.DataFrame({"a": ["x"] * 4, "b": [1, 1, 2, 2]})
    # the factors of b = 1 stop at 1.1: 1.3 short there, and so 1 or less anywhere else
    with pytest.raises(EstimationError, match="cannot be met: 'b' stays off"):
        calibrate(
            frame,
            SurveyDesign(),
            {"a": {"x": 4.0}, "b": {1: 3.5, 2: 0.5}},
            method="linear",
            bounds=(0.4, 1.1),
        )


def test_linear_calibration_to_levels_is_not_raking() -> None:
    frame = pupils()
    w = frame["w"].to_numpy()
    x = np.column_stack(
        [frame["sex"] == "f", frame["sex"] == "m", frame["grade"] == 8, frame["grade"] == 9]
    ).astype(float)
    t = np.array([120.0, 100.0, 90.0, 60.0])
    beta = np.linalg.solve(x.T @ (w[:, None] * x), t - w @ x)
    weighted, _ = calibrate(frame, DESIGN, MARGINS, method="linear")
    np.testing.assert_allclose(weighted["w_calibrated"], w * (1 + x @ beta), rtol=1e-10)


def test_raking_of_levels_keeps_its_bounds() -> None:
    frame = pd.DataFrame({"b": [1, 1, 2, 2], "w": [1.0, 1.0, 1.0, 1.0], "c": [0, 1, 1, 1]})
    free, _ = calibrate(frame, SurveyDesign(weights="w"), {"b": {1: 3.0, 2: 2.0}, "c": {0: 1.9, 1: 3.1}})
    assert free["w_calibrated"].tolist() == pytest.approx([1.9, 1.1, 1.0, 1.0])
    with pytest.raises(EstimationError, match="cannot be met"):
        calibrate(
            frame,
            SurveyDesign(weights="w"),
            {"b": {1: 3.0, 2: 2.0}, "c": {0: 1.9, 1: 3.1}},
            bounds=(0.5, 1.8),
        )
    # (1, 0) and (1, 1) would be 3 × (0.6, 0.4) on their own; five levels and a bound of 1.5 leave 1.5 each
    frame = pd.DataFrame({"b": [1, 1, 1, 2], "n": [1.0, 2.0, 3.0, 1.0]})
    bound, _ = calibrate(frame, SurveyDesign(), {"b": {1: 4.0, 2: 1.0}, "n": 9.0}, bounds=(0.5, 1.5))
    assert bound["weight_calibrated"].max() <= 1.5


def test_raking_to_nobody_leaves_exactly_nothing() -> None:
    frame = pd.DataFrame({"b": [1, 1, 2], "c": [0, 1, 1], "w": [1.0, 2.0, 3.0]})
    weighted, _ = calibrate(frame, SurveyDesign(weights="w"), {"b": {1: 6.0, 2: 0.0}, "c": {0: 2.0, 1: 4.0}})
    assert weighted["w_calibrated"].tolist() == [2.0, 4.0, 0.0]
    nobody = {"b": {1: 0.0, 2: 0.0}, "c": {0: 0.0, 1: 0.0}}
    assert calibrate(frame, SurveyDesign(weights="w"), nobody)[0]["w_calibrated"].tolist() == [0, 0, 0]


def test_a_weight_on_a_limit_is_within_it() -> None:
    for w, limits, wanted in (
        ([1.0, 4.0, 6.0], {"upper": 4.0}, [2.0, 5.0, 4.0]),  # what is cut from 6 goes to 4 as well
        ([1.0, 2.0, 6.0], {"lower": 2.0}, [2.0, 1.5, 5.5]),  # and 2 gives its half of what 1 lacks
    ):
        made, _ = trim(pd.DataFrame({"w": w}), SurveyDesign(weights="w"), **limits, strict=False)
        assert made["w_trimmed"].tolist() == wanted


def test_limits_that_just_hold_the_sum_make_all_weights_equal() -> None:
    frame = pd.DataFrame({"w": [1.0, 3.0]})
    for limits in ({"lower": 2.0}, {"upper": 2.0}):
        assert trim(frame, SurveyDesign(weights="w"), **limits)[0]["w_trimmed"].tolist() == [2.0, 2.0]


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, run: Callable[[], Any]) -> int:
    """How often `run` calls a function."""
    calls: list[int] = []
    original = getattr(module, name)

    def watched(*given: Any, **options: Any) -> Any:
        calls.append(1)
        return original(*given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, watched)
        run()
    return len(calls)


def raked(monkeypatch: pytest.MonkeyPatch, frame: pd.DataFrame, margins: dict[Any, Any]) -> float:
    """Cycles through the margins."""
    terms = as_terms(margins)
    basis, base = read_basis(frame, terms), frame["w"].to_numpy()
    wanted = np.concatenate([term.totals for term in terms])
    return counted(monkeypatch, np, "bincount", partial(_rake, basis, wanted, base)) / len(terms)


def test_raking_ends_with_the_first_cycle_that_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    square = pd.DataFrame({"b": [1, 1, 2, 2], "c": [0, 1, 0, 1], "w": 1.0})
    assert raked(monkeypatch, square, {"b": {1: 6.0, 2: 2.0}}) == 1
    # independent margins: met after one cycle, seen to be met in the second
    assert raked(monkeypatch, square, {"b": {1: 6.0, 2: 2.0}, "c": {0: 4.0, 1: 4.0}}) == 2
    # a level of nobody, one that is emptied, and nobody at all
    absent = {"b": {1: 6.0, 2: 2.0, 3: 0.0}, "c": {0: 4.0, 1: 4.0}}
    assert raked(monkeypatch, square, absent) == 2
    assert raked(monkeypatch, square[1:], {"b": {1: 0.0, 2: 8.0}, "c": {0: 4.0, 1: 4.0}}) == 2
    assert raked(monkeypatch, square, {"b": {1: 0.0, 2: 0.0}, "c": {0: 0.0, 1: 0.0}}) == 2
    # dependent margins take as many cycles in any unit
    cycles = [
        raked(monkeypatch, pupils().assign(w=pupils()["w"] * by), times(MARGINS, by)) for by in (1e-6, 1, 1e6)
    ]
    assert 4 < cycles[0] == cycles[1] == cycles[2] < 20


@pytest.mark.parametrize(
    ("method", "bounds", "most"),
    [("linear", None, 1), ("linear", (0.5, 1.8), 3), ("raking", None, 5), ("logit", (0.3, 2.2), 5)],
)
def test_newton_doubles_the_digits_with_every_step(
    monkeypatch: pytest.MonkeyPatch, method: str, bounds: Any, most: int
) -> None:
    frame = pupils()
    for by in (1e-6, 1.0, 1e6):
        terms = as_terms(times({**MARGINS, "size": 900.0}, by))
        given = read_basis(frame, terms), terms, frame["w"].to_numpy() * by, method, bounds
        assert counted(monkeypatch, np.linalg, "lstsq", partial(fit_margins, *given)) <= most


@pytest.mark.parametrize("by", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize(
    ("method", "bounds", "margins"),
    [
        ("raking", None, {"n": 4000.0, "b": {1: 2.0, 2: 60.0}}),
        ("raking", (1e-4, 1e4), {"b": {1: 0.01, 2: 3000.0}, "n": 3040.0}),
        ("logit", (1e-3, 1e3), {"b": {1: 0.01, 2: 900.0}, "n": 1000.0}),
    ],
)
def test_totals_far_away_are_reached_by_halving_steps_that_lead_away(
    method: str, bounds: Any, margins: dict[Any, Any], by: float
) -> None:
    frame = pd.DataFrame({"b": [1, 1, 1, 2, 2, 2], "n": [1.0, 2.0, 40.0, 1.0, 3.0, 90.0], "w": by})
    wanted = times(margins, by)
    weighted, _ = calibrate(frame, SurveyDesign(weights="w"), wanted, method=method, bounds=bounds)
    w = weighted["w_calibrated"]
    assert (w * frame["n"]).sum() == pytest.approx(wanted["n"])
    assert w.groupby(frame["b"]).sum().to_dict() == pytest.approx(wanted["b"])


def test_margins_that_nearly_agree_take_ten_rounds_of_projections_and_no_more() -> None:
    frame = pupils(200).assign(twin=lambda f: np.where(np.arange(200) % 20, f["sex"], "f"))
    totals = {name: dict(frame["w"].groupby(frame[name]).sum()) for name in ("sex", "twin")}
    weighted, design = calibrate(frame, DESIGN, totals)
    found = total(weighted, design, "y").loc[0, "se"] ** 2

    def after(rounds: int) -> float:
        residual = frame["y"]
        for name in ["sex", "twin"] * rounds:
            residual = residual - residual.groupby(frame[name]).transform("mean")
        z = np.bincount(frame["school"], weighted["w_calibrated"] * residual)
        return float(50 / 49 * ((z - z.mean()) ** 2).sum())

    assert found == pytest.approx(after(10), rel=1e-9)
    assert abs(after(11) / after(10) - 1) > 1e-6
