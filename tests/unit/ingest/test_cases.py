"""Case extracts: events become cases, cases become counts, and nothing else remains."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping.casework import read_cases
from mapping.errors import InputError, PrivacyError, SettingsError

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
# two of the three cases are about honour-related violence, two about partner violence, one about both
COUNTS = {"K01": 2, "K01+K02": 1, "K01orK02": 3, "K02": 2, "K03": 2, "K08": 1}


def extract(tmp_path: Path, rows: list[str], settings: str = SETTINGS) -> Path:
    folder = tmp_path / "2026"
    folder.mkdir(exist_ok=True)
    (folder / "wave.toml").write_text(settings, encoding="utf-8")
    (folder / "arenden.csv").write_bytes("\r\n".join([HEADER, *rows]).encode("cp1252"))
    return folder / "wave.toml"


def test_cases_count_once_however_many_events_they_have(tmp_path: Path) -> None:
    found = read_cases(None, extract(tmp_path, ROWS))

    assert found.totals.items() >= COUNTS.items()
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

    assert frame[frame["indicator"] == "K01"].to_numpy().tolist() == [["K01", "elsewhere", "unknown", 1]]


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


@pytest.mark.parametrize(
    "day",
    [
        *(
            "2025-01-10",
            "20250110",
            "250110",
            "10/01/2025",
            "10/1/2025",
            "10.1.2025",
            "2025/01/10",
            "10-01-2025",
        ),
        *(
            "2025-01-10T08",
            "2025-01-10T08:15:00Z",
            "2025-01-10 8:15:20 +01:00",
            "2025-01-10 08.15",
            "10 jan 2025",
        ),
        *(
            "10 januari 2025",
            "10 January 2025",
            "Jan 10, 2025",
            "fre 10 jan 2025",
            "45667",
            "45667,25",
            "10/01/2025 8:15",
        ),
    ],
)
def test_a_day_is_read_however_a_system_writes_it(tmp_path: Path, day: str) -> None:
    settings = SETTINGS.replace('["2025-01-01", "2025-12-31"]', '["2025-01-10", "2025-01-10"]')

    assert (
        read_cases(
            None, extract(tmp_path, [f'1;p1;"{day}";Hedersrelaterat våld;Flicka;A;'], settings)
        ).totals["K01"]
        == 1
    )


def test_an_export_with_titles_above_quotes_and_separators_at_the_end_is_read(tmp_path: Path) -> None:
    wave = extract(tmp_path, [])
    rows = [
        "Ärenden enligt urval;;;;;;;",
        "Utskrift 2026-01-07;;;;;;;",
        "",
        HEADER + ";",
        *(f"{row};" for row in ROWS),
    ]
    (wave.parent / "arenden.csv").write_bytes("\r\n".join(rows).encode("cp1252"))

    assert read_cases(None, wave).totals.items() >= COUNTS.items()


def test_reasons_in_own_words_are_refused(tmp_path: Path) -> None:
    rows = [
        f"{i};p{i};2025-01-10;Flickan berättar för kurator nr {i} om sin bror;Flicka;A;" for i in range(30)
    ]

    with pytest.raises(PrivacyError, match=r"'orsak' holds free text \(30 rows\)"):
        read_cases(None, extract(tmp_path, rows))


@pytest.mark.parametrize(
    ("name", "named", "silent"),
    [
        ("ssda903_header.csv", ["DOB", "UPN", "MC_DOB"], ["27/03/2008", "D051910639385"]),
        ("ssda903_episodes.csv", ["HOME_POST", "PL_POST"], ["EG19 7TT"]),
        ("ssda903_missing.csv", ["DOB"], ["12/03/2002"]),
        ("ssda903_scpch_assisted.xlsx", ["Setting address postcode", "Setting email address"], []),
        ("polisen_handelser_2025.csv", ["summary", "gps"], ["59.195363", "Södertälje"]),
    ],
)
def test_real_extracts_with_identifiers_are_refused_column_by_column(
    shared: Path, tmp_path: Path, name: str, named: list[str], silent: list[str]
) -> None:
    with pytest.raises(PrivacyError) as caught:
        read_cases(shared / "data" / "cases" / name, extract(tmp_path, ROWS))

    assert all(f"column '{column}' holds" in str(caught.value) for column in named)
    assert not any(value in str(caught.value) for value in silent)


def test_a_table_of_yearly_sums_is_no_extract(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no such column"):
        read_cases(shared / "data" / "cases" / "fmu_uk_forced_marriage_by_year.csv", extract(tmp_path, ROWS))
