"""Do all files of a release say the same? A number in one of them for a cell that another withholds is a leak."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mapping.disclosure.artefacts import blocks_of
from mapping.disclosure.ledger import Entry, read_ledger
from mapping.disclosure.written import PrintedCell, Written

__all__ = ["disagreements"]

Found = Iterator[tuple[str, str, str]]  # key, file, why
_SHARE = re.compile(
    r"(\d+(?:[.,]\d+)?)(?:\s*[–-]\s*(\d+(?:[.,]\d+)?))?\s*(?:%|procent\b|per cent\b|percent\b)"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_AFTER_STATUS = 9  # columns of numbers that follow the status in both tables of figures


def disagreements(release: Written, beside: Sequence[Written], ledger: Path) -> Found:
    """Key, file and reason for each place where a withheld cell has a number; `beside` are releases of other waves."""
    yield from _with_release(release)
    yield from _within(release.cells)
    yield from _with_ledger(release, ledger)
    yield from _with_translation(release)
    yield from _with_changes(release)
    yield from _with_texts(release, beside)


def _with_release(release: Written) -> Found:
    """Files that are not, byte for byte, those that were released."""
    for name, digest in release.files.items():
        path = release.folder / name
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield name, name, "it is not the file that was released"


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
    told: dict[str, bool] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in list(csv.reader(file, delimiter=";"))[1:]:
            key = row[0].removeprefix("'")
            told[key] = told.get(key, False) or any(row[-_AFTER_STATUS:])
    for key in sorted(release.withheld()):
        if told.get(key, False):
            yield key, "tables/figures.sv.csv", "it is withheld in tables/figures.csv"
    for key in sorted(release.shown()):
        if not told.get(key, True):
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
                    row[name] for name in ("share_earlier", "share_later", "difference")
                ):
                    yield key, "tables/changes.csv", "it is withheld, but a change from or to it is printed"


def _with_texts(release: Written, beside: Sequence[Written]) -> Found:
    """A sentence, table row or label that names one place holds no share that is not printed for it or for all."""
    silent = _silent_places(release)
    if not silent:
        return
    names = sorted(release.places, key=len, reverse=True)
    allowed = {name: _allowed((release, *beside), codes) for name, codes in release.places.items()}
    sentences = ((file, s) for file, text in blocks_of(release.folder) for s in _SENTENCE.split(text))
    for file, text in sentences:
        shares = set(_shares(text))
        named = list(_named(text, names)) if shares else []
        if len(named) == 1 and named[0] in silent and shares - allowed[named[0]]:
            yield silent[named[0]], file, "its place stands beside a share that is not in tables/figures.csv"


def _silent_places(release: Written) -> dict[str, str]:
    """Names of places with a withheld cell, and the key of the first one."""
    by_code: dict[str, str] = {}
    for key in sorted(release.withheld()):
        by_code.setdefault(key.split("|")[3], key)
    found = {}
    for name, codes in release.places.items():
        if keys := sorted(by_code[code] for code in codes if code in by_code):
            found[name] = keys[0]
    return found


def _allowed(releases: Sequence[Written], codes: frozenset[str]) -> set[float]:
    """The numbers printed for a place, for the municipality, and by the public model for the place, in any wave."""
    found: set[float] = set()
    for release in releases:
        cells = (cell for cell in release.cells if cell.area in codes or cell.level == "municipality")
        found |= _numbers(cells) | _modelled(release, codes)
    return found


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


def _modelled(release: Written, codes: frozenset[str]) -> set[float]:
    """What the public model, made from printed figures alone, says of places."""
    path = release.folder / "tables" / "model.csv"
    if not path.exists():
        return set()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["area"].removeprefix("'") in codes]
    return {float(row[name]) for row in rows for name in ("share", "low", "high") if row[name]}
