"""Case extracts: events become cases, cases become counts, and nothing else remains."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.errors import InputError, PrivacyError, SettingsError
from mapping.ingest import read_cases

SETTINGS = """schema = 1
id = "2026"
survey = "Ung"
[file]
path = "ung.sav"
[area]
kind = "residence"
column = "stadsdel"
[cases]
path = "arenden.csv"
period = ["2025-01-01", "2025-12-31"]
unit = "event"
columns = { case = "nr", person = "pseudonym", opened = "inkom", reason = "orsak", sex = "kon", area = "stadsdel" }
[cases.reasons]
hrv = ["Hedersrelaterat våld"]
ipv = ["Våld i nära relation"]
removal = ["Risk för bortförande", "Bortförd"]
"""
HEADER = "nr;pseudonym;inkom;orsak;kon;stadsdel;beslut"
ROWS = [
    "1;p1;2025-01-10;Hedersrelaterat våld;Flicka;A;",
    "1;p1;2025-03-10;Våld i nära relation;Flicka;A;",  # the same case, a second reason
    "2;p2;2025-02-01 08:15;Hedersrelaterat våld, Bortförd;Pojke;B;",
    "3;p3;20250301;Våld i nära relation;Kvinna;B;",
    "4;p2;31/12/2025;Risk för bortförande;Pojke;A;",  # the same person in a second case
    "5;p5;2024-12-31;Hedersrelaterat våld;Flicka;A;",  # before the period
    "6;p6;2025-05-05;Ekonomiskt bistånd;Man;A;",
]


def extract(tmp_path: Path, rows: list[str], settings: str = SETTINGS) -> Path:
    folder = tmp_path / "2026"
    folder.mkdir(exist_ok=True)
    (folder / "wave.toml").write_text(settings, encoding="utf-8")
    (folder / "arenden.csv").write_bytes("\r\n".join([HEADER, *rows]).encode("cp1252"))
    return folder / "wave.toml"


def test_cases_count_once_however_many_events_they_have(tmp_path: Path) -> None:
    found = read_cases(None, extract(tmp_path, ROWS))

    assert found.totals == {"K01": 2, "K02": 2, "K01+K02": 1, "K08": 1}
    assert list(found.frame) == ["indicator", "area", "sex", "n"]


def test_districts_and_sexes_are_those_of_the_first_event(tmp_path: Path) -> None:
    frame = read_cases(None, extract(tmp_path, ROWS), districts={"A", "B"}).frame

    assert frame[frame["indicator"] == "K01"].to_numpy().tolist() == [
        ["K01", "A", "girl", 1],
        ["K01", "B", "boy", 1],
    ]
    assert frame[frame["indicator"] == "K08"].to_numpy().tolist() == [["K08", "B", "boy", 1]]


def test_nothing_of_the_extract_shows_in_the_repr_or_the_frame(tmp_path: Path) -> None:
    found = read_cases(None, extract(tmp_path, ROWS))

    assert repr(found) == "CaseCounts(wave='2026')"
    assert "p2" not in found.frame.to_string()


def test_a_case_without_a_known_sex_or_district_is_kept(tmp_path: Path) -> None:
    frame = read_cases(
        None, extract(tmp_path, ["1;p1;2025-01-10;Hedersrelaterat våld;;;"]), districts={"A"}
    ).frame

    assert frame.to_numpy().tolist() == [["K01", "elsewhere", "unknown", 1]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "1;p1;2025-01-10;Hedersrelaterat vald;Flicka;A;",
            r"almost, but not quite.*'hedersrelaterat våld'.*in 1 row",
        ),
        ("1;p1;snart;Hedersrelaterat våld;Flicka;A;", "'inkom' holds no date in data row 1"),
        ("1;p1;2025-02-30;Hedersrelaterat våld;Flicka;A;", "'inkom' holds no date in data row 1"),
        (";p1;2025-01-10;Hedersrelaterat våld;Flicka;A;", "'nr' is empty in data row 1"),
        (
            "1;p1;2023-01-10;Hedersrelaterat våld;Flicka;A;",
            "no row was opened between 2025-01-01 and 2025-12-31",
        ),
        ("1;p1;2025-01-10;Hedersrelaterat våld;Flicka;Q;", "'stadsdel' holds district codes.*in 1 row"),
    ],
)
def test_a_faulty_extract_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_cases(None, extract(tmp_path, [row]), districts={"A"})


def test_personal_numbers_in_an_extract_stop_it(tmp_path: Path) -> None:
    with pytest.raises(PrivacyError, match="'pseudonym' holds Swedish personal numbers"):
        read_cases(None, extract(tmp_path, ["1;20060421-9980;2025-01-10;Hedersrelaterat våld;Flicka;A;"]))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('case = "nr", ', "", "'columns' must name the column of 'case'"),
        ('sex = "kon"', 'gender = "kon"', "'columns' holds 'gender'"),
        ('unit = "event"', 'unit = "row"', "'unit' is 'row'; choose one of"),
    ],
)
def test_faulty_settings_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_cases(None, extract(tmp_path, ROWS, SETTINGS.replace(old, new)))


def test_a_wave_without_cases_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no section \[cases\]"):
        read_cases(None, extract(tmp_path, ROWS, SETTINGS.split("[cases]")[0]))
