"""Do all files of a release say the same? A number in one of them for a cell that another withholds is a leak."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mapping.disclosure.auditing.artefacts import READ
from mapping.disclosure.auditing.pages import told_on_pages
from mapping.disclosure.auditing.places_told import beside_places
from mapping.disclosure.auditing.written import PrintedCell, Written, told
from mapping.disclosure.ledger.entries import Entry, read_ledger

__all__ = ["disagreements"]

Found = Iterator[tuple[str, str, str]]  # key, file, why
_OF_THE_SYSTEM = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
_AFTER_STATUS = 9  # columns of numbers that follow the status in both tables of figures


def disagreements(release: Written, beside: Sequence[Written], ledger: Path) -> Found:
    """Key, file and reason for each place where a withheld cell has a number; `beside` are releases of other waves."""
    yield from _with_release(release)
    yield from _within(release.cells)
    yield from _with_ledger(release, ledger)
    yield from _with_translation(release)
    yield from _with_changes(release)
    yield from beside_places(release, beside)
    yield from told_on_pages(release, beside)


def _with_release(release: Written) -> Found:
    """Files that are not, byte for byte, those that were released, and files that nobody can look into."""
    for path in sorted(release.folder.rglob("*")):
        name = path.relative_to(release.folder).as_posix()
        if not path.is_file() or path.name in (*_OF_THE_SYSTEM, "release.json"):
            continue
        if path.suffix not in READ:
            yield name, name, "it is a kind of file that the audit cannot read"
        elif release.files and name not in release.files:
            yield name, name, "it is not among the files that were released"
        elif release.files and hashlib.sha256(path.read_bytes()).hexdigest() != release.files[name]:
            yield name, name, "it is not the file that was released"


def _within(cells: Iterable[PrintedCell]) -> Found:
    for cell in cells:
        if cell.status not in ("shown", "none_known") and cell.tells:
            yield cell.key, "tables/figures.csv", f"it is {cell.status}, but the row holds a number"


def _with_ledger(release: Written, path: Path) -> Found:
    """The ledger keeps what was printed: a cell that it holds as withheld has no number now."""
    entries = read_ledger(path)
    entry = next((e for e in entries if (e.sequence, e.wave) == (release.sequence, release.wave)), None)
    if entry is None:
        if entries and not release.folder.name.startswith("."):  # in place, and not about to be
            yield "release.json", "ledger/ledger.jsonl", "the ledger does not list this release"
        return
    for cell in release.cells:
        printed = entry.figures.get(f"{cell.key} {cell.target}")
        if printed is None or (cell.tells and not _same(cell, printed)):
            yield cell.key, "tables/figures.csv", "it differs from what the ledger says was printed"
    yield from _missing(release, entry)


def _same(cell: PrintedCell, printed: Mapping[str, object]) -> bool:
    return cell.status == printed.get("status") and all(
        cell.numbers.get(name) == printed.get(name) for name in ("share", "low", "high", "count", "unsure")
    )


def _missing(release: Written, entry: Entry) -> Found:
    there = {f"{cell.key} {cell.target}" for cell in release.cells}
    for name in entry.figures:
        if name not in there:
            yield name.rsplit(" ", 1)[0], "tables/figures.csv", "the ledger has it, the table does not"


def _with_translation(release: Written) -> Found:
    """The table for Excel starts each row with the key; the numbers are its last columns."""
    path = release.folder / "tables" / "figures.sv.csv"
    if not path.exists():
        return
    tells: dict[str, bool] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in list(csv.reader(file, delimiter=";"))[1:]:
            key = row[0].removeprefix("'")
            tells[key] = tells.get(key, False) or any(map(told, row[-_AFTER_STATUS:]))
    for key in sorted(release.withheld()):
        if tells.get(key, False):
            yield key, "tables/figures.sv.csv", "it is withheld in tables/figures.csv"
    for key in sorted(release.shown()):
        if not tells.get(key, True):
            yield key, "tables/figures.csv", "it is withheld in tables/figures.sv.csv"


def _with_changes(release: Written) -> Found:
    """A change names two shares: neither may be withheld."""
    path = release.folder / "tables" / "changes.csv"
    if not path.exists():
        return
    silent = release.withheld()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for wave in ("wave_earlier", "wave_later"):
                key = "|".join((row[wave], row["indicator"], row["level"], row["area"], row["group"]))
                if key in silent and any(
                    told(row[name]) for name in ("share_earlier", "share_later", "difference")
                ):
                    yield key, "tables/changes.csv", "it is withheld, but a change from or to it is printed"
