"""Changes between waves: one table, one false discovery rate, breaks without numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.indicator import Indicator
from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.changes import changes_between
from mapping.estimate.tables import Sample


def wave(name: str, share: float, seed: int) -> Sample:
    rng = np.random.default_rng(seed)
    n = 600
    frame = pd.DataFrame(
        {
            "psu": rng.choice([f"s{i}" for i in range(12)], n),
            "weight": 1.0,
            "sex": rng.choice(["girl", "boy", "other"], n, p=[0.49, 0.49, 0.02]),
        }
    )
    answers = pd.DataFrame({i: rng.choice(["yes", "no"], n, p=[share, 1 - share]) for i in ("S04", "S08")})
    return Sample(name, frame, answers, {"risk": SurveyDesign(psu="psu", weights="weight")})


@pytest.fixture
def changes(indicator: Callable[..., Indicator]) -> pd.DataFrame:
    both = [indicator("S04"), indicator("S08"), indicator("S99")]
    return changes_between(wave("2024", 0.1, 1), wave("2026", 0.3, 2), both, ["sex"], "0199", broken={"S08"})


def test_each_change_names_the_two_cells_it_compares(changes: pd.DataFrame) -> None:
    row = changes[changes["indicator"].eq("S04") & changes["group"].eq("girl")].iloc[0]
    assert row["key_earlier"] == "2024|S04|municipality|0199|girl"
    assert row["key_later"] == "2026|S04|municipality|0199|girl"


def test_a_rise_from_ten_to_thirty_per_cent_is_seen(changes: pd.DataFrame) -> None:
    row = changes[changes["indicator"].eq("S04") & changes["group"].eq("all")].iloc[0]
    assert row["ci_low"] > 0.1
    assert row["q"] < 0.01
    assert 0 < row["smallest_detectable"] < 0.1


def test_a_broken_series_has_no_numbers(changes: pd.DataFrame) -> None:
    (row,) = changes[changes["indicator"].eq("S08")].to_dict("records")
    assert not row["comparable"]
    assert pd.isna(row["difference"])


def test_other_sexes_are_not_compared_and_questions_asked_once_are_left_out(changes: pd.DataFrame) -> None:
    assert set(changes["group"]) == {"all", "girl", "boy"}
    assert set(changes["indicator"]) == {"S04", "S08"}
