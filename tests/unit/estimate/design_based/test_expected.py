"""The design effect to expect: assumed and pooled, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import prevalence
from mapping.estimate.design_based.expected import assumed_icc


def test_the_assumed_correlation_is_one_in_twenty_at_a_half_and_falls_with_rarity() -> None:
    found = assumed_icc(np.array([0.5, 0.1, 0.9, 0.02, 0.0]))
    wanted = [
        0.05 * (stats.norm.pdf(stats.norm.ppf(p)) ** 2 / (p * (1 - p))) / (2 / np.pi)
        for p in (0.5, 0.1, 0.9, 0.02)
    ]
    np.testing.assert_allclose(found[:4], wanted, rtol=1e-12)
    assert found[0] == pytest.approx(0.05)
    assert 0 <= found[4] < 1e-4


def test_one_school_takes_the_assumed_design_effect() -> None:
    # weights 1 and 3 by turns: n Σw²/(Σw)² = 1.25; 40 answers, 10 yes: p̃ = 11/42
    frame = pd.DataFrame({"school": 1, "w": [1.0, 3.0] * 20, "y": [1.0] * 10 + [0.0] * 30})
    row = prevalence(frame, SurveyDesign(psu="school", weights="w", lonely_psu="adjust"), "y").iloc[0]
    icc = float(assumed_icc(np.array([11 / 42]))[0])
    assert row["deff"] == pytest.approx(1.25 * (1 + 39 * icc))
    assert row["n_eff"] == pytest.approx(40 / row["deff"])
    low, high = (
        stats.beta.ppf(q, row["n_eff"] * 0.25 + a, row["n_eff"] * 0.75 + b)
        for q, a, b in ((0.025, 0, 1), (0.975, 1, 0))
    )
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))


def test_no_events_in_one_of_two_schools_sampled_of_four() -> None:
    # stage 1: half of the schools not sampled; stage 2: 10 of 40 pupils; ρ for p̃ = 1/22
    frame = pd.DataFrame({"s": [1, 2] * 10, "p": range(20), "S": 4, "P": 40, "y": 0.0})
    design = SurveyDesign(psu=["s", "p"], fpc=["S", "P"])
    icc = float(assumed_icc(np.array([1 / 22]))[0])
    expected = 0.5 * (1 + 9 * icc) + 0.5 * 0.75 * (1 - icc)
    row = prevalence(frame, design, "y").iloc[0]
    assert expected < 1  # the ends never take an effective size above n
    assert row["deff"] == 1.0
    assert row["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 20))


def clustered(schools: int, events: list[int]) -> pd.DataFrame:
    """Districts of schools of ten pupils, the events of each district given school by school."""
    per_district = np.array(events)
    district = np.repeat(np.arange(per_district.size // schools), schools * 10)
    school = np.repeat(np.arange(per_district.size), 10)
    return pd.DataFrame(
        {
            "district": district,
            "school": school,
            "y": (np.tile(np.arange(10), per_district.size) < per_district[school]).astype(float),
        }
    )


def test_the_pooled_correlation_worked_by_hand() -> None:
    # 12 districts of 3 schools of ten; the first has no event, the others 10, 0 and 0: p = 1/3, s = (2/9)/29,
    # v = 36/35 · ((20/3)² + 2·(10/3)²)/30²; raised to 3/2 of the sum: ρ = (v − s)/(9 s)
    frame = clustered(3, [0, 0, 0] + [10, 0, 0] * 11)
    table = prevalence(frame, SurveyDesign(psu="school"), "y", "district")
    s, v = (2 / 9) / 29, 1.5 * ((20 / 3) ** 2 + 2 * (10 / 3) ** 2) / 900
    pooled = min((v - s) / (9 * s), 1.0)
    assert table["deff"].iloc[0] == pytest.approx(1 + 9 * pooled)
    assert table["deff"].iloc[1] == pytest.approx(36 / 35 / 1.5 * v / s)


def test_districts_alike_inside_show_no_clustering_whatever_lies_between_them() -> None:
    # shares of 10, 50 and 90 per cent, the same in every school of a district: the design effect is that of weights
    frame = clustered(8, [1] * 8 + [5] * 8 + [9] * 8 + [0] * 8)
    row = prevalence(frame, SurveyDesign(psu="school"), "y", "district").iloc[-1]
    assert (row["n_pos"], row["deff"]) == (0, 1.0)


def test_few_schools_are_not_believed_when_they_look_alike() -> None:
    # two districts of four schools: 6 PSUs more than domains, so at least the assumed correlation
    frame = clustered(4, [2] * 4 + [0] * 4)
    row = prevalence(frame, SurveyDesign(psu="school"), "y", "district").iloc[-1]
    assert row["deff"] == pytest.approx(1 + 9 * float(assumed_icc(np.array([1 / 42]))[0]))


def test_crossings_and_indicators_are_pooled_apart() -> None:
    frame = clustered(3, [0, 0, 0] + [10, 0, 0] * 11)
    frame["even"] = (np.arange(len(frame)) % 10 == 0).astype(float)
    frame.loc[frame["district"] == 0, "even"] = 0.0
    together = prevalence(frame, SurveyDesign(psu="school"), ["y", "even"], "district", margins=True)
    for name in ("y", "even"):
        alone = prevalence(frame, SurveyDesign(psu="school"), name, "district")
        here = together[(together["indicator"] == name) & together["district"].notna()]
        np.testing.assert_allclose(here["deff"], alone["deff"])
