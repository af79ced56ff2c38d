"""Do all files of a release say the same? A number in one of them for a cell that another withholds is a leak."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mapping.disclosure.artefacts import blocks_of
from mapping.disclosure.ledger import Entry, read_ledger
from mapping.disclosure.written import PrintedCell, Written

__all__ = ["disagreements"]

Found = Iterator[tuple[str, str, str]]  # key, file, why
_SHARE = re.compile(
    r"(\d+(?:[.,]\d+)?)(?:\s*[–-]\s*(\d+(?:[.,]\d+)?))?\s*(?:%|procent\b|per cent\b|percent\b)"
)
_AFTER_STATUS = 9  # columns of numbers that follow the status in both tables of figures


def disagreements(release: Written, ledger: Path) -> Found:
    """Key, file and reason for each place where a withheld cell has a number."""
    yield from _within(release.cells)
    yield from _with_ledger(release, ledger)
    yield from _with_translation(release)
    yield from _with_changes(release)
    yield from _with_texts(release)


def _within(cells: Iterable[PrintedCell]) -> Found:
    for cell in cells:
        if cell.status not in ("shown", "none_known") and cell.tells:
            yield cell.key, "tables/figures.csv", f"it is {cell.status}, but the row holds a number"


def _with_ledger(release: Written, path: Path) -> Found:
    """The ledger keeps what was printed: a cell that it holds as withheld has no number now."""
    entry = next((e for e in read_ledger(path) if e.sequence == release.sequence), None)
    if entry is None or entry.wave != release.wave:
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
    silent = release.withheld()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file, delimiter=";"):
            if row and row[0].removeprefix("'") in silent and any(row[-_AFTER_STATUS:]):
                yield (
                    row[0].removeprefix("'"),
                    "tables/figures.sv.csv",
                    "it is withheld in tables/figures.csv",
                )


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
                    row[name] for name in ("share_earlier", "share_later", "difference")
                ):
                    yield key, "tables/changes.csv", "it is withheld, but a change from or to it is printed"


def _with_texts(release: Written) -> Found:
    """A sentence, row or label that names one place holds no share that is not printed for it or for all."""
    silent = _silent_places(release)
    if not silent:
        return
    names = sorted(release.places, key=len, reverse=True)
    everywhere = _numbers(cell for cell in release.cells if cell.level == "municipality")
    own = {
        code: _numbers(c for c in release.cells if c.area == code) for code in set(release.places.values())
    }
    allowed = {code: everywhere | numbers | _modelled(release, code) for code, numbers in own.items()}
    for name, text in blocks_of(release.folder):
        codes = {release.places[place] for place in _named(text, names)}
        if len(codes) != 1 or (code := codes.pop()) not in silent:
            continue
        for share in _shares(text):
            if share not in allowed[code]:
                yield silent[code], name, "its place stands beside a share that is not in tables/figures.csv"


def _silent_places(release: Written) -> dict[str, str]:
    """Places with a withheld cell, and the key of the first one."""
    found: dict[str, str] = {}
    for key in sorted(release.withheld()):
        found.setdefault(key.split("|")[3], key)
    return {code: key for code, key in found.items() if code in set(release.places.values())}


def _named(text: str, names: Iterable[str]) -> Iterator[str]:
    """The places a text names, the longest name first, so that "Berga" is not found in "Norra Berga"."""
    for name in names:
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        if re.search(pattern, text):
            yield name
            text = re.sub(pattern, " ", text)


def _shares(text: str) -> Iterator[float]:
    for match in _SHARE.finditer(text):
        yield from (float(number.replace(",", ".")) for number in match.groups() if number)


def _numbers(cells: Iterable[PrintedCell]) -> set[float]:
    return {
        value for cell in cells if cell.status in ("shown", "none_known") for value in cell.numbers.values()
    }


def _modelled(release: Written, code: str) -> set[float]:
    """What the public model, made from printed figures alone, says of a place."""
    path = release.folder / "tables" / "model.csv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["area"].removeprefix("'") == code]
    return {float(row[name]) for row in rows for name in ("share", "low", "high") if row[name]}
