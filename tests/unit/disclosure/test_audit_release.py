"""The audit of written files: it finds what a careless hand puts back, with the counts and without."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

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


def test_each_cell_put_back_by_hand_is_found_with_the_counts(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    before = (folder / "tables" / "figures.csv").read_bytes()
    keys = sorted({f.key for f in release if f.status.value == "withheld"})
    assert further_keys(release, town)

    for key in keys:
        put_back(folder, key, town)
        verdict = audit_release(folder, truth_of([town]))
        (folder / "tables" / "figures.csv").write_bytes(before)
        assert not verdict.safe, key


def test_a_further_cell_put_back_is_found_by_a_reader_who_subtracts(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    """Where it was the last blank beside another one, that one is the area's less the others'."""
    before = (folder / "tables" / "figures.csv").read_bytes()
    blank = {f.key for f in release if f.status.value == "withheld"}
    found = 0

    for key in further_keys(release, town):
        put_back(folder, key, town)
        leaks = {leak.key for leak in audit_release(folder).leaks}
        (folder / "tables" / "figures.csv").write_bytes(before)
        assert leaks <= blank - {key}
        found += bool(leaks)

    assert found >= 2


def test_each_further_cell_put_back_is_found_by_its_key_where_the_ledger_lies_beside(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    append(folder.parent / "ledger" / "ledger.jsonl", release)
    before = (folder / "tables" / "figures.csv").read_bytes()
    assert audit_release(folder).safe

    for key in further_keys(release, town):
        put_back(folder, key, town)
        leaks = {leak.key for leak in audit_release(folder).leaks}
        (folder / "tables" / "figures.csv").write_bytes(before)
        assert key in leaks


def test_a_number_in_a_row_that_says_withheld_is_found_by_its_key(
    folder: Path, release: ProtectedRelease, town: EstimateTable
) -> None:
    key = further_keys(release, town)[0]
    put_back(folder, key, town, status=False)

    verdict = audit_release(folder)

    assert key in {leak.key for leak in verdict.leaks}
    assert key in str(verdict)


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
    about["files"] = {"page.html": hashlib.sha256(page.read_bytes()).hexdigest()}
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    assert audit_release(folder).safe

    page.write_text("<p>touched up</p>", encoding="utf-8")

    assert [leak.key for leak in audit_release(folder).leaks] == ["page.html"]


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
