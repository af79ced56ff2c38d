"""Files of one release side by side: each place where one tells what another withholds, and none where they agree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mapping.disclosure.auditing.agreement import disagreements
from mapping.disclosure.auditing.written import PrintedCell, Written
from mapping.disclosure.ledger.entries import Entry, add

SHARE = {"share": 12.0, "low": 9.0, "high": 16.0}


def cell(
    area: str, status: str = "withheld", base: str = "", target: str = "pupils", **numbers: float
) -> PrintedCell:
    key = f"2026|S04|district|{area}|all"
    return PrintedCell(key, "2026", "S04", "district", area, "all", target, status, numbers, 0, base)


SHOWN, BLANK = cell("d1", "shown", "100–199", **SHARE), cell("d2")


@pytest.fixture
def release(tmp_path: Path) -> Written:
    """A release with one cell shown and one withheld, in a folder of its own."""
    folder = tmp_path / "reports" / "2026"
    (folder / "tables").mkdir(parents=True)
    return Written(folder, "2026", 2, {}, (SHOWN, BLANK), ())


def found(release: Written, *entries: Entry) -> set[tuple[str, str, str]]:
    ledger = release.folder.parent / "ledger" / "ledger.jsonl"
    for entry in entries:
        add(ledger, entry)
    return set(disagreements(release, (), ledger))


def write(release: Written, name: str, *lines: str) -> None:
    (release.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def test_a_release_that_agrees_with_itself_is_quiet(release: Written) -> None:
    assert found(release) == set()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (cell("d2", share=4.0), "it is withheld, but the row holds a number"),
        (cell("d2", base="30–49"), "it is withheld, but the row holds a number"),
        (cell("d2", "not_asked", count=0.0), "it is not_asked, but the row holds a number"),
        (cell("d2", "none_known", "100–199", share=0.0), ""),
        (cell("d2", "shown"), ""),
        (cell("d2", "not_asked"), ""),
    ],
)
def test_a_row_without_a_figure_holds_no_number(release: Written, told: PrintedCell, why: str) -> None:
    rows = found(replace(release, cells=(SHOWN, told)))
    assert rows == ({(BLANK.key, "tables/figures.csv", why)} if why else set())


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_is_released_is_there_byte_for_byte_and_nothing_else(release: Written) -> None:
    (release.folder / "page.html").write_text("<p>as released</p>", encoding="utf-8")
    (release.folder / "release.json").write_text("{}", encoding="utf-8")
    (release.folder / "Thumbs.db").write_bytes(b"of the system")
    assert found(release) == set()  # nothing is stated of files
    same, other = ({"page.html": digest(text)} for text in ("<p>as released</p>", "<p>before</p>"))
    assert found(replace(release, files=same)) == set()
    assert found(replace(release, files=other)) == {
        ("page.html", "page.html", "it is not the file that was released")
    }
    assert found(replace(release, files={"x.html": digest("")})) == {
        ("page.html", "page.html", "it is not among the files that were released")
    }
    (release.folder / "data.parquet").write_bytes(b"PAR1")
    assert {key for key, _, why in found(release) if "cannot read" in why} == {"data.parquet"}


def entries(figures: Mapping[str, Mapping[str, Any]]) -> tuple[Entry, Entry]:
    """A ledger of two releases, the second of which is the one at hand."""
    first = Entry(1, "2024", {})
    return first, Entry(2, "2026", figures, first.digest())


def printed(share: float = 12.0, status: str = "shown") -> dict[str, Any]:
    return {"status": status, **SHARE, "share": share, "base": "100–199", "decimals": 0}


BOTH = {f"{SHOWN.key} pupils": printed(), f"{BLANK.key} pupils": {"status": "withheld", "decimals": 0}}
DIFFERS = "it differs from what the ledger says was printed"


def test_what_the_ledger_printed_is_what_stands_there(release: Written) -> None:
    assert found(release, *entries(BOTH)) == set()


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ({f"{SHOWN.key} pupils": printed(13.0)}, {SHOWN.key}),
        ({f"{SHOWN.key} pupils": printed() | {"unsure": 4.0}}, {SHOWN.key}),
        ({f"{SHOWN.key} pupils": printed(status="none_known")}, {SHOWN.key}),
        ({f"{SHOWN.key} pupils": {"status": "withheld"}}, {SHOWN.key}),
        ({f"{BLANK.key} pupils": printed()}, set()),  # a blank tells nothing, whatever was printed
    ],
)
def test_a_number_that_was_not_printed_is_found(
    release: Written, changed: Mapping[str, Any], keys: set[str]
) -> None:
    leaks = found(release, *entries(BOTH | changed))
    assert leaks == {(key, "tables/figures.csv", DIFFERS) for key in keys}


def test_a_cell_that_only_the_table_has_is_found(release: Written) -> None:
    blank = {f"{BLANK.key} pupils": BOTH[f"{BLANK.key} pupils"]}
    assert found(release, *entries(blank)) == {(SHOWN.key, "tables/figures.csv", DIFFERS)}


def test_a_cell_that_only_the_ledger_has_is_found(release: Written) -> None:
    assert found(replace(release, cells=(BLANK,)), *entries(BOTH)) == {
        (SHOWN.key, "tables/figures.csv", "the ledger has it, the table does not")
    }


def test_a_name_with_a_space_is_a_name(release: Written) -> None:
    spaced = {f"{SHOWN.key[:-3]}grade 9 pupils": printed()}
    leaks = found(release, *entries(BOTH | spaced))
    assert {key for key, _, _ in leaks} == {f"{SHOWN.key[:-3]}grade 9"}


def test_targets_of_a_cell_are_told_apart(release: Written) -> None:
    risk = replace(SHOWN, target="risk")
    assert found(replace(release, cells=(SHOWN, BLANK, risk)), *entries(BOTH)) == {
        (SHOWN.key, "tables/figures.csv", DIFFERS)
    }


def test_a_ledger_that_does_not_list_the_release_is_found(release: Written) -> None:
    missing = {("release.json", "ledger/ledger.jsonl", "the ledger does not list this release")}
    assert found(replace(release, sequence=1), *entries(BOTH)) == missing
    assert found(replace(release, sequence=3)) == missing
    assert found(replace(release, wave="2028")) == missing
    hidden = release.folder.rename(release.folder.with_name(".2026.draft"))
    assert found(replace(release, folder=hidden, sequence=3)) == set()  # about to be released


HEAD = "nyckel;namn;status;andel;lag;hog;bas;antal;osaker;fran;till;not"


def test_a_number_in_the_table_for_excel_and_a_blank_one_are_found(release: Written) -> None:
    name = "tables/figures.sv.csv"
    rows = {
        "d1": f"{SHOWN.key};Place;visas;12;9;16;100–199;;;;;",
        "d2": f"{BLANK.key};Place;visas ej;;;;;;;;;",
    }
    write(release, name, HEAD, *rows.values())
    assert found(release) == set()
    for place in range(9):
        numbers = ";".join("7" if at == place else "" for at in range(9))
        write(release, name, HEAD, rows["d1"], f"{BLANK.key};Place;visas ej;{numbers}")
        assert (BLANK.key, name, "it is withheld in tables/figures.csv") in found(release)
    write(release, name, HEAD, f"'{SHOWN.key};Place;visas ej;;;;;;;;;", rows["d2"])
    assert found(release) == {(SHOWN.key, "tables/figures.csv", f"it is withheld in {name}")}
    for left_out in rows.values():  # what is not there is neither told nor withheld there
        write(release, name, HEAD, left_out)
        assert found(release) == set()


def test_a_number_for_one_target_is_a_number(release: Written) -> None:
    name = "tables/figures.sv.csv"
    blank, told = (f"{BLANK.key};Place;visas ej;{numbers}" for numbers in (";;;;;;;;", "7;;;;;;;;"))
    for order in ((blank, told), (told, blank)):
        write(release, name, HEAD, *order)
        assert {key for key, _, _ in found(release)} == {BLANK.key}


CHANGES = "indicator,level,area,group,wave_earlier,wave_later,share_earlier,share_later,difference"


@pytest.mark.parametrize("waves", ["2024,2026", "2026,2028"])
@pytest.mark.parametrize("numbers", ["10,,", ",12,", ",,2"])
def test_a_change_from_or_to_a_blank_is_found(release: Written, waves: str, numbers: str) -> None:
    name = "tables/changes.csv"
    row = "S04,district,{},all,{},{}"
    (release.folder / name).write_text(f"{CHANGES}\n{row.format('d2', waves, numbers)}\n", encoding="utf-8")
    assert found(release) == {(BLANK.key, name, "it is withheld, but a change from or to it is printed")}
    for quiet in (row.format("d1", waves, numbers), row.format("d2", waves, ",,")):
        (release.folder / name).write_text(f"{CHANGES}\n{quiet}\n", encoding="utf-8")
        assert found(release) == set()
