"""What stays with the analyst: the follow-up list, and two sources compared where the municipality asks for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mapping import codebook
from mapping.concepts.case_file import CaseFile
from mapping.concepts.detection import Detection
from mapping.concepts.responses import CaseCounts, CaseRecords
from mapping.concepts.wave import SurveyFile, Wave
from mapping.errors import EstimationError
from mapping.estimate.cases.follow_up import analyst_tables, unverified_stays

PERIOD = ("2025-01-01", "2025-12-31")
MAIN = CaseFile("a.csv", PERIOD, "case", {"case": "a", "person": "b"}, {}, shared_keys=True)
SCHOOL = replace(MAIN, id="school")
HELPLINE = replace(MAIN, id="helpline", shared_keys=False)
WAVE = Wave("2026", "Ung", ("", ""), "", "resident", SurveyFile("u.sav"), Path(),
            cases=replace(MAIN, sources=(SCHOOL, HELPLINE)))  # fmt: skip


def records(rows: list[dict[str, object]], wave: Wave = WAVE) -> CaseRecords:
    plain = {"origin": "services", "case": "", "linked": "", "within": True, "area": "01", "sex": "girl",
             "birth_year": 2010.0, "opened": pd.Timestamp("2025-05-01"), "reason_hrv": "yes"}  # fmt: skip
    frame = pd.DataFrame([plain | row for row in rows])
    return CaseRecords(wave, frame.assign(case=frame["person"]))


def evaluated(frame: pd.DataFrame) -> pd.DataFrame:
    return codebook.evaluate(codebook.load(), frame)


def test_only_long_unverified_absences_are_to_be_followed_up() -> None:
    found = unverified_stays(
        records(
            [
                {"person": "a", "absence": "off_roll", "stay": "unverified"},
                {"person": "b", "absence": "over_10_days", "stay": "verified"},
                {"person": "c", "absence": "shorter", "stay": "unverified"},
                {"person": "d", "absence": "over_10_days", "stay": "unverified"},
                {"person": "d", "absence": "shorter", "stay": "skipped"},
            ]
        )
    )
    assert found["person"].tolist() == ["a", "d"]


def test_an_extract_without_absence_gives_no_list() -> None:
    made = records([{"person": "a"}])
    assert unverified_stays(made).empty
    assert analyst_tables(CaseCounts(WAVE, pd.DataFrame(), records=made), evaluated) == {}


def known_to_two(wave: Wave) -> CaseRecords:
    services = [{"person": f"p{n}"} for n in range(30)]
    school = [{"person": f"p{n}", "origin": "school"} for n in range(20, 40)]
    return records([*services, *school], wave)


def asked(first: str, second: str) -> Wave:
    return replace(WAVE, detection=Detection("S17", "hrv", sources=(first, second)))


def test_two_sources_are_compared_only_where_that_is_asked_for() -> None:
    plain = analyst_tables(CaseCounts(WAVE, pd.DataFrame(), records=known_to_two(WAVE)), evaluated)
    assert "two-sources" not in plain
    wave = asked("services", "school")
    found = analyst_tables(CaseCounts(wave, pd.DataFrame(), records=known_to_two(wave)), evaluated)
    row = found["two-sources"].iloc[0]
    assert (row["first"], row["second"], row["both"]) == (30, 20, 10)
    # Chapman: 31 · 21 / 11 − 1
    assert row["number"] == pytest.approx(31 * 21 / 11 - 1)
    assert row["assumes"] == "closed, linked, independent, alike"


def test_too_few_in_both_are_told_with_the_reason() -> None:
    wave = asked("services", "school")
    few = records([{"person": "a"}, {"person": "b", "origin": "school"}], wave)
    row = analyst_tables(CaseCounts(wave, pd.DataFrame(), records=few), evaluated)["two-sources"].iloc[0]
    assert row["number"] is None
    assert "Pool years" in row["reason"]


def test_a_source_with_keys_of_its_own_cannot_be_compared() -> None:
    wave = asked("services", "helpline")
    with pytest.raises(EstimationError, match="no source that shares keys"):
        analyst_tables(CaseCounts(wave, pd.DataFrame(), records=known_to_two(wave)), evaluated)


def test_days_to_steps_and_stays_are_kept_for_the_analyst() -> None:
    made = records(
        [
            {"person": "a", "removal_state": "abroad", "opened": pd.Timestamp("2025-03-01"),
             "absence_from": pd.Timestamp("2025-03-01"), "step_police": pd.Timestamp("2025-03-04")},
            {"person": "a", "removal_state": "returned", "opened": pd.Timestamp("2025-04-10")},
        ]
    )  # fmt: skip
    found = analyst_tables(CaseCounts(WAVE, pd.DataFrame(), records=made), evaluated)
    assert found["removal-steps"].set_index("step").loc["police", "median"] == 3
    assert found["removal-durations"].set_index("state").loc["abroad", "median_days"] == 40
