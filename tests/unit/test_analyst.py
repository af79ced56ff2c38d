"""What is kept for the analyst: owner-only, whole, and with a note when the file is another one."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mapping import analyst
from mapping.concepts.responses import Responses
from mapping.concepts.wave import SurveyFile, Wave
from mapping.ingest.quality import Names, Subject

KEY = b"k" * 32
FILES = {"answers.parquet", "estimates.parquet", "notes.txt", "quality.html", "intake.json"}


def taken(folder: Path, content: bytes = b"one", rows: int = 40) -> Subject:
    raw = folder / "data" / "raw" / "2026"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "ung.sav").write_bytes(content)
    wave = Wave("2026", "Ung", ("", ""), "", "enrolled", SurveyFile("ung.sav"), raw)
    frame = pd.DataFrame({"respondent": [f"r{i}" for i in range(rows)], "area": "elsewhere", "weight": 1.0})
    responses = Responses(wave, frame, file={"type": "sav", "rows": rows, "columns": 3})
    return Subject(responses, pd.DataFrame({"S13": ["yes", "no"] * (rows // 2)}), ("A note.",))


def keep(folder: Path, now: Subject) -> Path:
    estimates = pd.DataFrame(columns=["wave", "indicator", "level", "area", "group", "target"])
    analyst.keep(folder, now, None, {"estimates": estimates}, Names("sv", "Exempelköping"), KEY)
    return folder / "data" / "processed" / "2026"


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX here")
def test_folder_and_files_are_the_owners_alone_whatever_the_mask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        place = keep(tmp_path, taken(tmp_path))
    finally:
        os.umask(old)
    assert {path.name for path in place.iterdir()} == FILES
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert [path.stat().st_mode & 0o777 for path in (place, place.parent)] == [0o700, 0o700]


def test_the_record_of_intake_holds_type_size_and_a_keyed_hash(tmp_path: Path) -> None:
    place = keep(tmp_path, taken(tmp_path))
    record = json.loads((place / "intake.json").read_text())

    assert (record["type"], record["rows"], record["columns"]) == ("sav", 40, 3)
    other = analyst._intake(taken(tmp_path), b"x" * 32)
    assert record["hash"] != other["hash"]


def test_the_same_file_is_no_news_and_another_one_is(tmp_path: Path) -> None:
    now = taken(tmp_path)
    keep(tmp_path, now)
    assert analyst.intake_notes(tmp_path, now, KEY) == []

    (note,) = analyst.intake_notes(tmp_path, taken(tmp_path, b"two"), KEY)
    assert note == (
        "ung.sav is not the file that was last taken in as wave 2026 (its content, not its type, rows or columns)."
    )
    (note,) = analyst.intake_notes(tmp_path, taken(tmp_path, b"three", 60), KEY)
    assert "rows 40, now 60" in note
    place = keep(tmp_path, taken(tmp_path, b"three", 60))
    assert "en annan än vid förra inläsningen" in (place / "quality.html").read_text(encoding="utf-8")


def test_what_is_kept_tells_what_was_noted(tmp_path: Path) -> None:
    now = taken(tmp_path)
    place = keep(tmp_path, replace(now, notes=("First.", "Second.")))
    assert (place / "notes.txt").read_text() == "First.\nSecond.\n"
