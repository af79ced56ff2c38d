"""The audit of written files: it finds what a careless hand puts back, with the counts and without."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import ProtectedRelease, append, audit_release, protect, read_policy, truth_of
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import gather_units
from mapping.errors import DisclosureError, InputError

Writer = Callable[..., Path]


@pytest.fixture
def release(town: EstimateTable) -> ProtectedRelease:
    return protect([town], read_policy(), key=b"secret")


@pytest.fixture
def folder(release: ProtectedRelease, town: EstimateTable, write_release: Writer, tmp_path: Path) -> Path:
    return write_release(release, [town], tmp_path / "reports" / "2026")


def further_keys(release: ProtectedRelease, town: EstimateTable) -> list[str]:
    """Cells that no rule withholds: they are blank for the sake of others."""
    units = gather_units([town], read_policy())
    blank = {f.key for f in release if f.status.value == "withheld"}
    return sorted(key for key in blank if not reasons(units[key], read_policy()))


def put_back(folder: Path, key: str, town: EstimateTable, *, status: bool = True) -> None:
    """Write a cell's share into its withheld rows by hand."""
    path = folder / "tables" / "figures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts = town.frame.set_index("key").loc[key].iloc[0]
    for row in rows:
        if row["key"] == key:
            row |= {"share": f"{100 * counts['events'] / counts['n']:.0f}", "decimals": "0", "base": "50–99"}
            row["status"] = "shown" if status else row["status"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_release_as_protected_gives_nothing_away(folder: Path, town: EstimateTable) -> None:
    assert audit_release(folder).safe
    assert audit_release(folder, truth_of([town])).safe


def found_when_put_back(
    folder: Path, keys: list[str], town: EstimateTable, **known: Any
) -> dict[str, set[str]]:
    """The keys of the leaks for each cell put back alone."""
    before = (folder / "tables" / "figures.csv").read_bytes()
    found = {}
    for key in keys:
        put_back(folder, key, town)
        found[key] = {leak.key for leak in audit_release(folder, **known).leaks}
        (folder / "tables" / "figures.csv").write_bytes(before)
    return found


def test_each_cell_that_a_rule_withholds_is_found_by_its_key_when_put_back(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    blank = {f.key for f in release if f.status.value == "withheld"}
    by_rule = sorted(blank - set(further_keys(release, town)))

    found = found_when_put_back(folder, by_rule, town, truth=truth_of([town]))

    assert by_rule
    assert all(key in leaks for key, leaks in found.items())


def test_a_further_cell_put_back_lets_others_be_worked_out(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    """Not each of them: the choice of blanks looks at no count, so some guard against counts that are not there."""
    further = further_keys(release, town)

    by_reader = found_when_put_back(folder, further, town)
    by_house = found_when_put_back(folder, further, town, truth=truth_of([town]))

    assert sum(map(bool, by_reader.values())) >= 1
    assert sum(map(bool, by_house.values())) > len(further) / 2
    assert all(key not in leaks for key, leaks in by_house.items())


def test_each_further_cell_put_back_is_found_by_its_key_where_another_file_keeps_it_blank(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    lines = [f"{f.key};{f.status.value};{f.share or ''};;;;;;;;" for f in release]
    (folder / "tables" / "figures.sv.csv").write_text(
        "\n".join(["nyckel;status;;;;;;;;;", *lines]), encoding="utf-8"
    )
    assert audit_release(folder).safe

    found = found_when_put_back(folder, further_keys(release, town), town)

    assert all(key in leaks for key, leaks in found.items())


def test_each_further_cell_put_back_is_found_by_its_key_where_the_ledger_lies_beside(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    append(folder.parent / "ledger" / "ledger.jsonl", release)
    assert audit_release(folder).safe

    found = found_when_put_back(folder, further_keys(release, town), town)

    assert all(key in leaks for key, leaks in found.items())


def test_a_number_in_a_row_that_says_withheld_is_found_by_its_key(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    key = further_keys(release, town)[0]
    put_back(folder, key, town, status=False)

    verdict = audit_release(folder)

    assert key in {leak.key for leak in verdict.leaks}
    assert key in str(verdict)


def test_blanks_under_a_small_share_are_found_by_a_reader(
    town: EstimateTable, write_release: Writer, tmp_path: Path
) -> None:
    """3 per cent of 30 to 49: at most one or two, however they lie in the three districts."""
    release = protect([town], read_policy(), key=b"secret")
    folder = write_release(release, [town], tmp_path / "reports" / "2026")
    path = folder / "tables" / "figures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = ("share", "low", "high", "base", "unsure", "bounds_low", "bounds_high")
    for row in rows:
        if row["indicator"] == "S04" and (row["area"] == "a0" or row["area"] in ("d00", "d01", "d02")):
            row |= dict.fromkeys(numbers, "") | {"status": "withheld"}
        if row["indicator"] == "S04" and row["area"] == "a0":
            row |= {
                "status": "shown",
                "share": "3",
                "low": "0",
                "high": "9",
                "decimals": "0",
                "base": "30–49",
            }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    found = {leak.key for leak in audit_release(folder).leaks if "only small counts" in leak.why}

    assert found == {f"2026|S04|district|{code}|all" for code in ("d00", "d01", "d02")}


def test_a_verdict_holds_no_count_and_its_public_part_no_reason(folder: Path, town: EstimateTable) -> None:
    verdict = audit_release(folder, truth_of([town]))
    assert verdict.public() == {
        "leaks": 0,
        "with_counts": True,
        "releases_considered": 1,
        "attacks": ["agreement of files", "differences", "whole-number intervals"],
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.sv.html", "<html><p>I Place d00 uppger 37 procent detta.</p></html>"),
        ("map.svg", "<svg><text>Place d00: 37 %</text></svg>"),
        ("map.html", "<html><img alt='Place d00 37 %'></html>"),
        ("page.html", "<html><table><tr><td>Place d00</td><td>31–37 %</td></tr></table></html>"),
        ("note.html", "<html><!-- Place d00 37 % --></html>"),
    ],
)
def test_a_share_beside_a_withheld_place_is_found_in_any_text(
    folder: Path, release: ProtectedRelease, name: str, content: str
) -> None:
    assert any(f.area == "d00" and f.status.value == "withheld" for f in release)
    assert 37.0 not in {f.share for f in release}
    (folder / name).write_text(content, encoding="utf-8")

    assert {leak.where for leak in audit_release(folder).leaks} == {name}


def test_a_share_that_is_printed_for_the_place_may_stand_beside_it(
    folder: Path, release: ProtectedRelease
) -> None:
    place = next(f for f in release if f.level == "district" and f.status.value == "shown")
    (folder / "page.html").write_text(f"<p>Place {place.area}: {place.share:.0f} %</p>", encoding="utf-8")
    assert audit_release(folder).safe


def test_a_change_from_a_withheld_cell_is_found(folder: Path, release: ProtectedRelease) -> None:
    hidden = next(f for f in release if f.status.value == "withheld")
    columns = "indicator,level,area,group,wave_earlier,wave_later,share_earlier,share_later,difference"
    row = f"{hidden.indicator},{hidden.level},{hidden.area},{hidden.group},2024,2026,10,12,2"
    (folder / "tables" / "changes.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")

    assert hidden.key in {leak.key for leak in audit_release(folder).leaks}


def test_a_number_in_the_table_for_excel_is_found(folder: Path, release: ProtectedRelease) -> None:
    hidden = next(f for f in release if f.status.value == "withheld")
    (folder / "tables" / "figures.sv.csv").write_text(
        f"nyckel;status;a;b;c;d;e;f;g;h;i\n{hidden.key};withheld;12;;;;;;;;\n", encoding="utf-8-sig"
    )
    assert hidden.key in {leak.key for leak in audit_release(folder).leaks}


def test_a_laxer_policy_in_the_file_is_not_believed(
    folder: Path, town: EstimateTable, release: ProtectedRelease
) -> None:
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    about["policy"] |= {"small_count": 0, "base_n": 1}
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    key = further_keys(release, town)[0]
    put_back(folder, key, town)
    assert not audit_release(folder, truth_of([town])).safe


def test_a_file_that_is_not_the_one_released_is_found(folder: Path) -> None:
    page = folder / "page.html"
    page.write_text("<p>as released</p>", encoding="utf-8")
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    about["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (page, *(folder / "tables").iterdir())
    }
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    assert audit_release(folder).safe

    page.write_text("<p>touched up</p>", encoding="utf-8")

    assert [leak.key for leak in audit_release(folder).leaks] == ["page.html"]


def test_a_file_that_was_not_released_is_found(folder: Path) -> None:
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    about["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "tables").iterdir()
    }
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"of the system")
    assert audit_release(folder).safe

    (folder / "notes.txt").write_text("what I worked out", encoding="utf-8")

    assert [leak.key for leak in audit_release(folder).leaks] == ["notes.txt"]


def test_a_kind_of_file_that_nobody_can_look_into_is_found(folder: Path) -> None:
    (folder / "answers.parquet").write_bytes(b"PAR1")
    assert [(leak.key, leak.why) for leak in audit_release(folder).leaks] == [
        ("answers.parquet", "it is a kind of file that the audit cannot read")
    ]


def test_a_ledger_that_was_cut_short_shows(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    ledger = folder.parent / "ledger" / "ledger.jsonl"
    append(ledger, protect([town], read_policy({"base_n": 60}), key=b"secret"))
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    (folder / "release.json").write_text(json.dumps(about | {"sequence": 2}), encoding="utf-8")

    assert [leak.why for leak in audit_release(folder).leaks] == ["the ledger does not list this release"]


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"release\.json"):
        audit_release(tmp_path)


def test_a_ledger_that_was_changed_stops_the_audit(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    ledger = folder.parent / "ledger" / "ledger.jsonl"
    append(ledger, release)
    append(ledger, protect([town], read_policy({"base_n": 60}), key=b"secret"))
    ledger.write_text(
        ledger.read_text(encoding="utf-8").replace('"shown"', '"withheld"', 1), encoding="utf-8"
    )
    with pytest.raises(DisclosureError, match="line 2"):
        audit_release(folder)
