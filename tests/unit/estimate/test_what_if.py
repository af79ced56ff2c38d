"""Shares under other assumptions on those who were unsure, silent, or in schools that took no part."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

from mapping.concepts.indicator import Indicator
from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.tables import Sample
from mapping.estimate.what_if import what_if

S04 = cast(Indicator, SimpleNamespace(id="S04"))
DESIGN = SurveyDesign(psu="psu", weights="weight", lonely_psu="adjust")


@pytest.fixture
def sample() -> Sample:
    """Four schools of ten: 0, 1, 2 and 5 of them yes; four unsure and four silent beside."""
    answers, schools = [], []
    for school, yes in enumerate((0, 1, 2, 5)):
        answers += ["yes"] * yes + ["no"] * (10 - yes) + ["unsure", "declined"]
        schools += [f"s{school}"] * 12
    frame = pd.DataFrame({"psu": schools, "weight": 1.0})
    return Sample("2026", frame, pd.DataFrame({"S04": answers}, dtype="str"), {"pupils": DESIGN})


RESPONSE = pd.DataFrame(
    {
        "psu": ["s0", "s1", "s2", "s3", "s4"],
        "registered": [15, 15, 15, 15, 20],
        "answered": [12, 12, 12, 12, 0],
    }
)


def test_unsure_pupils_meant_no_or_yes(sample: Sample) -> None:
    row = what_if(sample, RESPONSE, [S04]).set_index("assumption").loc["unsure"]
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx((8 / 40, 8 / 44, 12 / 44))


def test_silent_pupils_have_half_or_twice_the_odds(sample: Sample) -> None:
    row = what_if(sample, RESPONSE, [S04]).set_index("assumption").loc["silent"]
    # four of 48 say nothing (the unsure have said something); odds 1/4, so 1/8 and 1/2: shares 1/9 and 1/3
    silent = 4 / 44
    assert row["low"] == pytest.approx((1 - silent) * 0.2 + silent / 9)
    assert row["high"] == pytest.approx((1 - silent) * 0.2 + silent / 3)


def test_schools_that_took_no_part_are_like_a_low_or_a_high_one(sample: Sample) -> None:
    row = what_if(sample, RESPONSE, [S04]).set_index("assumption").loc["refused"]
    # 20 of 80 registered pupils refused; the schools at the 10th and 90th percentile have 0 and 0.5
    assert (row["low"], row["high"]) == pytest.approx((0.75 * 0.2, 0.75 * 0.2 + 0.25 * 0.5))


def test_where_every_school_answered_or_none_is_known_nothing_is_assumed_of_schools(sample: Sample) -> None:
    for response in (RESPONSE[:4], pd.DataFrame()):
        assert set(what_if(sample, response, [S04])["assumption"]) == {"unsure", "silent"}


def test_an_indicator_that_was_not_asked_has_no_row(sample: Sample) -> None:
    assert what_if(sample, RESPONSE, [cast(Indicator, SimpleNamespace(id="S99"))]).empty
