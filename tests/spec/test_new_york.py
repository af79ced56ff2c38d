"""A real survey of one city, six waves in five file formats: what is counted equals what R counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mapping.codebook import check_answers, evaluate, load, questions
from mapping.concepts.wave import read_wave
from mapping.ingest import read_survey

BOROUGHS = {"Bronx", "Brooklyn", "Manhattan", "Queens", "Staten Island"}
VARIABLES = {
    "is_hopeless": "Y01",
    "suicide_considered": "Y02",
    "suicide_attempts_any": "Y03",
    "used_cocaine": "Y04",
}
YEARS = range(2009, 2020, 2)


@pytest.fixture(scope="module")
def workspace(root: Path) -> Path:
    return root / "tests" / "workspaces" / "nyc"


@pytest.mark.parametrize("year", YEARS)
def test_counts_and_weighted_shares_equal_those_of_r(shared: Path, workspace: Path, year: int) -> None:
    """Oracle: R survey (expected_yrbs_nyc.csv): n, yes and the weighted share, by borough and in all."""
    surveys = shared / "data" / "surveys"
    wave = read_wave(workspace / "data" / "raw" / str(year) / "wave.toml")
    check_answers(wave, questions(workspace / "indicators"))
    frame = read_survey(surveys / wave.file.path, wave, key=b"k", districts=BOROUGHS).frame
    answers = evaluate(load(workspace / "indicators"), frame)

    expected = pd.read_csv(surveys / "expected_yrbs_nyc.csv")
    rows = expected[expected["year"] == year]
    assert len(rows) == 24
    for row in rows.itertuples():
        answer = answers[VARIABLES[row.variable]]
        here = (frame["area"].str.casefold() == row.district) | (row.district == "_ALL")
        valid, yes = here & answer.isin(["yes", "no"]), here & (answer == "yes")
        assert (valid.sum(), yes.sum()) == (row.n, row.yes)
        assert frame.loc[yes, "weight"].sum() / frame.loc[valid, "weight"].sum() == pytest.approx(
            row.est, abs=1e-12
        )


@pytest.mark.parametrize("year", [2009, 2015])
def test_questions_without_any_answer_were_not_asked(shared: Path, workspace: Path, year: int) -> None:
    wave = read_wave(workspace / "data" / "raw" / str(year) / "wave.toml")
    frame = read_survey(shared / "data" / "surveys" / wave.file.path, wave).frame

    assert {"n_suicide_planned", "n_prescription_pain"} <= set(wave.items)
    assert {"Y05", "Y06"}.isdisjoint(evaluate(load(workspace / "indicators"), frame))
