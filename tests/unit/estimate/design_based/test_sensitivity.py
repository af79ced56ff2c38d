"""Unsure, silent and refusing: what they could change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import bounds, nonresponse, prevalence, refusals


@pytest.fixture
def answers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school": np.repeat(np.arange(10), 10),
            "q": ["yes"] * 10 + ["no"] * 60 + ["unsure"] * 10 + ["declined"] * 12 + ["skipped"] * 8,
            "group": ["a", "b"] * 50,
        }
    )


SCHOOLS = SurveyDesign(psu="school")


def test_bounds_worked_by_hand(answers: pd.DataFrame) -> None:
    row = bounds(answers, SCHOOLS, "q").iloc[0]
    assert (row["n"], row["n_unsure"]) == (80, 10)
    assert (row["estimate"], row["lowest"], row["highest"]) == pytest.approx((10 / 70, 10 / 80, 20 / 80))
    assert row["ci_low"] < row["lowest"] <= row["estimate"] <= row["highest"] < row["ci_high"]


def test_without_unsure_the_bounds_meet(answers: pd.DataFrame) -> None:
    table = bounds(answers.replace({"q": {"unsure": "declined"}}), SCHOOLS, "q", "group", margins=True)
    np.testing.assert_array_equal(table["lowest"], table["highest"])
    assert (table["n_unsure"] == 0).all()
    assert len(table) == 3


def test_silence_like_the_others_changes_nothing(answers: pd.DataFrame) -> None:
    table = nonresponse(answers, SCHOOLS, "q").set_index("odds_ratio")
    share = prevalence(answers.assign(q=answers["q"].map({"yes": 1.0, "no": 0.0})), SCHOOLS, "q").loc[0]
    assert table.loc[1.0, "estimate"] == pytest.approx(share["estimate"])
    assert table.loc[1.0, "ci_high"] == pytest.approx(share["ci_high"])


def test_silence_with_double_odds_worked_by_hand(answers: pd.DataFrame) -> None:
    # p = 1/7, odds 1/6; doubled 1/3, so 1/4 among the silent, who are 20 of 90
    table = nonresponse(answers, SCHOOLS, "q", odds_ratios=[2.0])
    assert table.loc[0, "silent"] == pytest.approx(20 / 90)
    assert table.loc[0, "estimate"] == pytest.approx(70 / 90 / 7 + 20 / 90 / 4)


def test_odds_ratios_are_above_zero(answers: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="above 0"):
        nonresponse(answers, SCHOOLS, "q", odds_ratios=[0.0])


def test_refusing_schools_like_a_low_or_a_high_one() -> None:
    # ten schools of ten pupils with 0, 1, …, 9 yes: 45 %; the 10th and 90th percentiles of pupils are 0 and 80 %
    frame = pd.DataFrame(
        {
            "school": np.repeat(np.arange(10), 10),
            "y": (np.tile(np.arange(10), 10) < np.repeat(np.arange(10), 10)).astype(float),
        }
    )
    row = refusals(frame, SCHOOLS, "y", refused=50, population=200).iloc[0]
    assert row["estimate"] == pytest.approx(0.45)
    assert (row["low"], row["high"]) == pytest.approx((0.75 * 0.45, 0.75 * 0.45 + 0.25 * 0.8))


def test_refusals_need_schools_and_fewer_refusing_than_all(answers: pd.DataFrame) -> None:
    frame = answers.assign(q=answers["q"].map({"yes": 1.0, "no": 0.0}))
    with pytest.raises(EstimationError, match="names no PSU"):
        refusals(frame, SurveyDesign(), "q", refused=1, population=2)
    with pytest.raises(EstimationError, match="fewer than all"):
        refusals(frame, SCHOOLS, "q", refused=2, population=2)
