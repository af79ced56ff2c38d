"""Change between waves where one is small, unlabelled, whole, or weighted in another unit, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import change
from mapping.estimate.design_based.change import step_up

PSU = SurveyDesign(psu="c", weights="w")


def wave(shares: list[list[int]], g: list[str | None] | None = None) -> pd.DataFrame:
    """Schools by their answers; every pupil weighs 1."""
    rows = [(c, float(y)) for c, answers in enumerate(shares) for y in answers]
    frame = pd.DataFrame(rows, columns=["c", "y"]).assign(w=1.0)
    return frame if g is None else frame.assign(g=g)


def test_pupils_without_a_district_belong_to_none_in_either_wave() -> None:
    earlier = wave([[1, 0, 1], [0, 0, 1]], ["a", "b", None, "a", "b", "a"])
    later = wave([[1, 1, 0], [0, 1, 1]], ["a", "b", None, None, "b", "a"])
    table = change(earlier, later, PSU, "y", "g").set_index("g")
    assert table[["n_earlier", "n_later"]].to_numpy().tolist() == [[3, 2], [2, 2]]
    assert table.loc["a", ["earlier", "later"]].tolist() == pytest.approx([2 / 3, 1.0])
    assert table.loc["b", ["earlier", "later"]].tolist() == [0.0, 1.0]
    longer = pd.concat([later, later.assign(c=[2, 2, 2, 3, 3, 3], y=[0, 1, 1, 0, 0, 0])], ignore_index=True)
    row = change(earlier, longer, PSU, "y", "g", independent=False).set_index("g").loc["a"]
    z = np.zeros(4)
    for sign, frame in ((-1, earlier), (1, longer)):
        here = frame[frame["g"] == "a"]
        for c, y in zip(here["c"], here["y"], strict=True):
            z[c] += sign * (y - here["y"].mean()) / len(here)
    assert row["se"] ** 2 == pytest.approx(4 / 3 * ((z - z.mean()) ** 2).sum())


@pytest.mark.parametrize("unit", [1e-9, 1e6])
def test_the_unit_of_the_weights_changes_no_change(unit: float) -> None:
    frames = [wave([[1, 0, 1], [0, 0, 1], [0, 0, 0]]), wave([[1, 1, 1], [0, 1, 1], [0, 0, 0]])]
    plain = change(*frames, PSU, "y")
    other = change(*(frame.assign(w=unit) for frame in frames), PSU, "y")
    pd.testing.assert_frame_equal(plain, other)
    assert plain.loc[0, "se"] > 0


def test_one_degree_of_freedom_is_not_blind() -> None:
    row = change(wave([[1, 0], [0, 0]]), wave([[1, 1], [0, 0]]), PSU, "y").iloc[0]
    assert (row["df"], row["reason"]) == (1, "")
    # scores of the schools: ± (2 − 1)/4 in the later wave, ± (1 − 1/2)/4 in the earlier
    assert row["se"] ** 2 == pytest.approx(2 * 2 * (1 / 4 - 1 / 8) ** 2)


def test_one_respondent_in_each_wave_has_the_shares_and_variances_of_one() -> None:
    lonely = SurveyDesign(psu="c", lonely_psu="adjust")
    row = change(wave([[1]]), wave([[0]]), lonely, "y").iloc[0]
    assert (row["earlier"], row["later"], row["difference"]) == (1.0, 0.0, -1.0)
    # p̃ = 2/3 and 1/3 of ñ + 2 = 3, on the one degree of freedom that is always left
    assert row["se"] == pytest.approx(np.sqrt(2 * (2 / 9) / 3))
    t = stats.t.ppf(0.975, 1) + stats.t.ppf(0.8, 1)
    assert row["smallest_detectable"] == pytest.approx(t * row["se"])
    three = change(wave([[1, 0]]), wave([[0]]), lonely, "y").iloc[0]
    assert three["smallest_detectable"] == pytest.approx(t * three["se"])


def test_a_census_in_both_waves_has_no_error_and_no_assumed_one() -> None:
    design = SurveyDesign(psu="c", weights="w", fpc="N")
    whole = "the whole population was sampled: there is no sampling error"
    for shares in ([[0, 0], [0, 0]], [[1, 0], [0, 0]]):
        row = change(wave(shares).assign(N=2), wave([[1, 0], [1, 1]]).assign(N=2), design, "y").iloc[0]
        assert (row["se"], row["ci_low"], row["ci_high"]) == (0.0, row["difference"], row["difference"])
        assert (row["smallest_detectable"], row["p"], row["reason"]) == (0.0, 0.0, whole)
    alone = SurveyDesign(psu="c", weights="w", fpc="N", lonely_psu="certainty")
    row = change(wave([[1, 0]]).assign(N=1), wave([[1, 1]]).assign(N=1), alone, "y").iloc[0]
    assert (row["se"], row["reason"]) == (0.0, whole)
    # half a census lends nothing for the schools it took whole, and says what it assumes of the other half
    row = change(wave([[0, 0], [0, 0]]).assign(N=2), wave([[1, 0], [0, 0]]).assign(N=4), design, "y",
                 independent=True).iloc[0]  # fmt: skip
    assert row["reason"] == "the earlier wave is at 0 or 100 %: its variance is assumed"


def test_rows_of_several_indicators_are_numbered_through() -> None:
    frame = wave([[1, 0], [0, 0]]).assign(z=1.0)
    assert change(frame, frame, PSU, ["y", "z"]).index.tolist() == [0, 1]


def test_adjusted_p_values_end_at_the_largest_p() -> None:
    p = np.array([1.0, 0.999, 0.3])
    assert step_up(p).tolist() == pytest.approx([1.0, 1.0, 0.9])
    assert step_up(np.array([1.0] * 7)).max() == 1.0
