"""Change between waves, contrasts and covariances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import (
    calibrate,
    change,
    contrast,
    covariance,
    false_calls,
    mean,
    prevalence,
    replicates,
)
from mapping.estimate.design_based.change import step_up

SCHOOLS = SurveyDesign(psu="school")


def wave(seed: int, share: float = 0.3, n: int = 400) -> pd.DataFrame:
    """A wave of 20 schools, some high and some low in every wave."""
    rng = np.random.default_rng(seed)
    school = rng.integers(0, 20, n)
    lean = np.random.default_rng(0).normal(0, 0.15, 20)[school]
    return pd.DataFrame(
        {
            "school": school,
            "stratum": school // 10,
            "district": pd.Categorical(rng.choice(["a", "b"], n), categories=["a", "b", "empty"]),
            "y": (rng.random(n) < np.clip(share + lean, 0, 1)).astype(float),
        }
    )


def test_independent_waves_add_their_variances() -> None:
    earlier, later = wave(1), wave(2)
    row = change(earlier, later, SCHOOLS, "y", independent=True).iloc[0]
    one, two = (prevalence(frame, SCHOOLS, "y").iloc[0] for frame in (earlier, later))
    assert row["difference"] == pytest.approx(two["estimate"] - one["estimate"])
    assert row["se"] ** 2 == pytest.approx(one["se"] ** 2 + two["se"] ** 2)
    assert row["df"] == 38


def test_schools_asked_twice_make_a_change_surer() -> None:
    earlier, later = wave(1), wave(2)
    together = change(earlier, later, SCHOOLS, "y").iloc[0]
    apart = change(earlier, later, SCHOOLS, "y", independent=True).iloc[0]
    assert together["difference"] == pytest.approx(apart["difference"])
    assert together["se"] < apart["se"]
    assert together["df"] == 19


def test_waves_without_a_common_school_are_independent() -> None:
    earlier, later = wave(1), wave(2)
    later["school"] += 100
    found = change(earlier, later, SCHOOLS, "y")
    pd.testing.assert_frame_equal(found, change(earlier, later, SCHOOLS, "y", independent=True))


def test_the_same_school_code_in_another_stratum_is_another_school() -> None:
    earlier, later = wave(1), wave(2)
    later["stratum"] += 5
    design = SurveyDesign("stratum", "school")
    found = change(earlier, later, design, "y")
    pd.testing.assert_frame_equal(found, change(earlier, later, design, "y", independent=True))


def test_two_stage_designs_keep_pupils_of_the_waves_apart() -> None:
    # all schools taken: they add nothing, and pupils of two waves are never the same; the variances add up
    frames = []
    for seed in (1, 2):
        frame = wave(seed)
        frame["pupil"], frame["schools"] = np.arange(len(frame)), 20
        frame["pupils"] = frame.groupby("school")["school"].transform("size") + 5
        frames.append(frame)
    design = SurveyDesign(psu=["school", "pupil"], fpc=["schools", "pupils"])
    row = change(*frames, design, "y").iloc[0]
    parts = [prevalence(frame, design, "y").loc[0, "se"] for frame in frames]
    assert row["se"] ** 2 == pytest.approx(parts[0] ** 2 + parts[1] ** 2)


def test_smallest_detectable_change_is_about_2_8_standard_errors() -> None:
    row = change(wave(1), wave(2), SCHOOLS, "y").iloc[0]
    assert row["smallest_detectable"] / row["se"] == pytest.approx(
        2.093 + 0.861, abs=1e-3
    )  # t quantiles, 19 df


def test_domains_and_margins_equal_changes_made_one_by_one() -> None:
    earlier, later = wave(1), wave(2)
    table = change(earlier, later, SCHOOLS, "y", "district", margins=True)
    whole = change(earlier, later, SCHOOLS, "y")
    assert table["n_earlier"].tolist()[-1] == 400
    assert table["se"].iloc[-1] == pytest.approx(whole["se"].iloc[0])
    for label in ("a", "b"):
        here = [f.assign(y=f["y"].where(f["district"] == label)) for f in (earlier, later)]
        assert table.set_index("district").loc[label, "se"] == pytest.approx(
            change(*here, SCHOOLS, "y")["se"].iloc[0]
        )


def test_an_empty_district_and_an_item_not_asked_say_why() -> None:
    earlier, later = wave(1), wave(2)
    table = change(earlier, later.assign(new=later["y"]), SCHOOLS, ["y", "new"], "district")
    empty = table[(table["indicator"] == "y") & (table["district"] == "empty")].iloc[0]
    assert empty["reason"] == "no answers in the earlier wave; no answers in the later wave"
    new = table[(table["indicator"] == "new") & (table["district"] == "a")].iloc[0]
    assert new["reason"] == "no answers in the earlier wave"
    assert np.isnan([new["difference"], new["se"], new["p"], new["q"]]).all()


def test_a_wave_without_events_still_has_a_variance() -> None:
    earlier, later = wave(1).assign(y=0.0), wave(2)
    row = change(earlier, later, SCHOOLS, "y").iloc[0]
    assert row["earlier"] == 0
    assert row["se"] > prevalence(later, SCHOOLS, "y").loc[0, "se"]
    assert "earlier wave is at 0 or 100 %" in row["reason"]
    both = change(earlier, wave(2).assign(y=0.0), SCHOOLS, "y").iloc[0]
    assert both["difference"] == 0 and both["se"] > 0 and both["ci_low"] < 0 < both["ci_high"]


def test_one_school_in_both_waves_is_told_apart_from_certainty() -> None:
    frames = [wave(seed).assign(school=1) for seed in (1, 2)]
    row = change(*frames, SurveyDesign(psu="school", lonely_psu="adjust"), "y").iloc[0]
    assert row["se"] > 0
    assert "no degrees of freedom" in row["reason"]


def test_calibrated_waves_gain_from_their_calibration() -> None:
    frames = []
    for seed in (1, 2):
        frame = wave(seed).assign(weight=10.0)
        frame["known"] = np.where(frame["y"] == 1, "high", "low")
        frame.loc[::9, "known"] = "low"
        made, design = calibrate(
            frame, SurveyDesign(psu="school", weights="weight"), {"known": {"high": 1000, "low": 3000}}
        )
        frames.append(made)
    plain = change(*frames, SurveyDesign(psu="school", weights=design.weights), "y").iloc[0]
    row = change(*frames, design, "y").iloc[0]
    assert row["difference"] == pytest.approx(plain["difference"])
    assert row["se"] < plain["se"]
    # apart, each wave's variance is that of its own calibrated estimate
    apart = change(*frames, design, "y", independent=True).iloc[0]
    parts = [prevalence(frame, design, "y").loc[0, "se"] for frame in frames]
    assert apart["se"] ** 2 == pytest.approx(parts[0] ** 2 + parts[1] ** 2)


def test_replicate_weights_are_refused() -> None:
    earlier, later = wave(1), wave(2)
    design = replicates(earlier, SCHOOLS, "jk1")
    with pytest.raises(EstimationError, match="without its replicate weights"):
        change(earlier, later, design, "y")


def test_step_up_worked_by_hand() -> None:
    # Benjamini & Hochberg: p·m/rank from the largest down, never rising; a missing p does not count
    q = step_up(np.array([0.01, 0.04, np.nan, 0.03, 0.50]))
    np.testing.assert_allclose(q, [0.04, 0.04 * 4 / 3, np.nan, 0.04 * 4 / 3, 0.50])


def test_expected_false_calls_are_a_share_of_the_calls() -> None:
    table = pd.DataFrame({"q": [0.01, 0.09, 0.2, np.nan]})
    assert false_calls(table) == pytest.approx(0.2)


def test_q_counts_all_rows_of_the_table() -> None:
    earlier, later = wave(1), wave(2, share=0.55)
    alone = change(earlier, later, SCHOOLS, "y").iloc[0]
    noise = [
        f.assign(**{f"z{k}": np.random.default_rng(k).random(400) < 0.5 for k in range(9)})
        for f in (earlier, later)
    ]
    table = change(*noise, SCHOOLS, ["y", *(f"z{k}" for k in range(9))])
    assert alone["q"] == alone["p"]
    assert table["q"].iloc[0] >= alone["q"]


def test_a_contrast_of_domains_is_their_difference_with_covariance() -> None:
    frame = wave(1)
    table = contrast(frame, SCHOOLS, "y", {"a − b": [1, -1, 0], "a / b": lambda m: m[0] / m[1]}, "district")
    shares = mean(frame, SCHOOLS, "y", "district")["estimate"].to_numpy()
    v = covariance(frame, SCHOOLS, "y", "district").to_numpy()
    assert table["estimate"].tolist() == pytest.approx([shares[0] - shares[1], shares[0] / shares[1]])
    assert table["se"].iloc[0] ** 2 == pytest.approx(v[0, 0] + v[1, 1] - 2 * v[0, 1])
    gradient = np.array([1 / shares[1], -shares[0] / shares[1] ** 2])
    assert table["se"].iloc[1] ** 2 == pytest.approx(gradient @ v[:2, :2] @ gradient)


def test_a_contrast_needs_a_coefficient_for_each_estimate() -> None:
    with pytest.raises(EstimationError, match="2 coefficients for 3 estimates"):
        contrast(wave(1), SCHOOLS, "y", {"c": [1, -1]}, "district")


def test_the_diagonal_of_the_covariance_is_the_variance() -> None:
    frame = wave(1).assign(z=lambda f: 1 - f["y"], weight=2.0)
    design = SurveyDesign("stratum", "school", "weight")
    for statistic in ("mean", "total"):
        matrix = covariance(frame, design, ["y", "z"], statistic=statistic)
        assert matrix.index.tolist() == ["y", "z"]
        assert (np.linalg.eigvalsh(matrix) > -1e-9).all()
    share = prevalence(frame, design, "y").loc[0, "se"]
    assert covariance(frame, design, ["y", "z"]).iloc[0, 0] == pytest.approx(share**2)
    assert covariance(frame, design, ["y", "z"]).iloc[0, 1] == pytest.approx(-(share**2))


def test_an_unknown_statistic_is_an_error() -> None:
    with pytest.raises(ValueError, match="'mean' or 'total'"):
        covariance(wave(1), SCHOOLS, "y", statistic="median")
