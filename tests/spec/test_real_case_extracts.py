"""Real layouts run through with their identifiers left at the door, as wave.toml says."""

from __future__ import annotations

from pathlib import Path

import pytest

import mapping as m
from mapping.errors import PrivacyError

HEAD = """schema = 1
id = "2018"
survey = "s"
[file]
path = "none.sav"
[cases]
path = "{path}"
period = ["{first}", "{last}"]
unit = "{unit}"
{keys}
columns = {{ {columns} }}
reasons = {{ {reasons} }}
"""


def wave(
    tmp_path: Path, file: Path, first: str, last: str, unit: str, keys: str, columns: str, reasons: str = ""
) -> Path:
    folder = tmp_path / "2018"
    folder.mkdir(exist_ok=True)
    (folder / file.name).write_bytes(file.read_bytes())
    text = HEAD.format(
        path=file.name, first=first, last=last, unit=unit, keys=keys, columns=columns, reasons=reasons
    )
    (folder / "wave.toml").write_text(text, encoding="utf-8")
    return folder / "wave.toml"


def test_children_are_counted_and_not_their_episodes(shared: Path, tmp_path: Path) -> None:
    file = shared / "data" / "cases" / "ssda903_episodes.csv"
    columns = 'person = "CHILD", opened = "DECOM", closed = "DEC", reason = "CIN"'
    reasons = 'abuse = ["N1"], family = ["N4", "N5"]'
    whole = "2000-01-01", "2025-12-31"
    with pytest.raises(PrivacyError, match="'HOME_POST' holds"):
        m.read_cases(None, wave(tmp_path, file, *whole, "event", "", 'case = "CHILD", ' + columns, reasons))

    keys = 'drop = ["HOME_POST", "PL_POST"]'
    found = m.read_cases(None, wave(tmp_path, file, *whole, "person", keys, columns, reasons))

    counts = m.cases.tally(found.records).loc["services"]
    assert counts[["events", "cases", "persons"]].tolist() == [5050, 0, 2123]
    assert not {"HOME_POST", "PL_POST"} & set(found.records.frame)


def test_every_child_of_the_returns_is_known_once(shared: Path, tmp_path: Path) -> None:
    file = shared / "data" / "cases" / "ssda903_header.csv"
    keys = 'drop = ["DOB", "UPN", "MC_DOB"]'
    found = m.read_cases(
        None, wave(tmp_path, file, "2000-01-01", "2025-12-31", "person", keys, 'person = "CHILD"')
    )

    assert m.cases.tally(found.records).loc["services", "persons"] == 2675


def test_police_notices_become_a_series_in_which_digests_are_no_events(shared: Path, tmp_path: Path) -> None:
    file = shared / "data" / "cases" / "polisen_handelser_2025.csv"
    digests = ["Sammanfattning natt", "Sammanfattning kväll och natt", "Sammanfattning dag", "Sammanfattning kväll",
               "Sammanfattning helg", "Sammanfattning förmiddag", "Sammanfattning eftermiddag",
               "Sammanfattning vecka", "Sammanfattning dygn"]  # fmt: skip
    listed = ", ".join(f'"{text}"' for text in digests)
    keys = f'drop = ["name", "summary", "gps"]\nexclude = {{ type = [{listed}] }}'
    columns = 'case = "id", opened = "datetime", reason = "type"'
    reasons = 'assault = ["Misshandel", "Misshandel, grov"]'
    found = m.read_cases(
        None, wave(tmp_path, file, "2025-01-01", "2025-12-31", "event", keys, columns, reasons)
    )
    rows = found.records.frame

    assert len(rows) < 24_334 and any("are no events were left out" in note for note in found.notes)
    assert not any("summary" in column or "gps" in column for column in rows)
    assaults = rows[rows["reason_assault"].eq("yes")]
    series = m.cases.case_series(m.cases.events_over_time(assaults["opened"]))
    assert series.points["value"].sum() == len(assaults) >= 1511
    assert len(series.points) == 12
