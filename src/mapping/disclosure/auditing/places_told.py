"""Does a number stand beside the name of a place that the tables do not print for it? In any file, in any row."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mapping.disclosure.auditing.artefacts import blocks_of
from mapping.disclosure.auditing.records import rows_of
from mapping.disclosure.auditing.written import PrintedCell, Written

__all__ = ["beside_places"]

Found = Iterator[tuple[str, str, str]]  # key, file, why
Rows = Sequence[tuple[str, Sequence[str]]]  # file, cells
_NUMBER = r"\d+(?:[.,]\d+)?"
_PERSONS = (
    "pupils|girls|boys|answers|respondents|persons|cases|elever|flickor|pojkar|svar|personer|ärenden|fall"
)
_SHARE = re.compile(
    rf"(?<![\w.,])({_NUMBER})(?:\s*[–-]\s*({_NUMBER}))?\s*(?:%|procent\b|per cent\b|percent\b|(?:{_PERSONS})\b)"
)
_CELL = re.compile(
    rf"[-−+<>≤≥=~]*\s*({_NUMBER})(?:\s*(?:[–-]|till|to)\s*({_NUMBER}))?\s*(?:%|procent|per cent)?"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FEW = frozenset(
    map(float, range(5))
)  # classes of sensitivity and of the public model, in the files that hold them
_WITH_CLASSES = ("tables/areas.csv", "tables/model.csv")


def beside_places(release: Written, beside: Sequence[Written]) -> Found:
    """Key, file and reason for each number that stands with one place, or one key, and is not printed for it.

    `beside` are releases of other waves: what they print of a place may stand beside it too.
    """
    places = _Places(release, (release, *beside))
    if places.silent:
        rows = list(rows_of(release.folder))
        yield from _in_texts(release, places, rows)
        yield from _in_rows(release, places, rows)


@dataclass(frozen=True)
class _Places:
    """Who is silent, by name and by code, and which numbers may be told of a place."""

    release: Written
    releases: tuple[Written, ...]

    @cached_property
    def silent(self) -> dict[str, str]:
        """Codes of places with a withheld cell, and the key of the first one."""
        found: dict[str, str] = {}
        for key in sorted(self.release.withheld()):
            found.setdefault(key.split("|")[3], key)
        return found

    @cached_property
    def names(self) -> list[str]:
        """The names of places, the longest first, so that "Berga" is not found in "Norra Berga"."""
        return sorted(self.release.places, key=len, reverse=True)

    @cached_property
    def neutral(self) -> frozenset[str]:
        """Words of digits that are no number: codes, waves, groups such as grades, classes of bases."""
        words = {
            part for cell in self._cells for part in (*cell.key.split("|"), *cell.wave.split("+"), cell.base)
        }
        return frozenset(words - {""})

    @cached_property
    def _of_all(self) -> set[float]:
        """What is printed for the municipality, in any wave."""
        return _numbers(cell for cell in self._cells if cell.level == "municipality")

    @cached_property
    def _printed(self) -> dict[str, set[float]]:
        """What is printed for each place, or made of print by the public model, in any wave."""
        found: dict[str, set[float]] = {}
        for cell in self._cells:
            found.setdefault(cell.area, set()).update(_numbers([cell]))
        for release in self.releases:
            for area, numbers in _modelled(release):
                found.setdefault(area, set()).update(numbers)
        return found

    @cached_property
    def _cells(self) -> list[PrintedCell]:
        return [cell for release in self.releases for cell in release.cells]

    def first(self, codes: Iterable[str]) -> str:
        """The key of a withheld cell of places called by one name; empty where they have none."""
        return min((self.silent[code] for code in codes if code in self.silent), default="")

    def unprinted(self, numbers: set[float], codes: frozenset[str]) -> set[float]:
        """Those that are printed neither for the municipality nor, or made by the public model, for the place."""
        printed = (self._printed.get(code, set()) for code in codes)
        return numbers.difference(self._of_all, *printed)

    def named(self, text: str) -> Iterator[str]:
        """The places that a text names."""
        for name in self.names:
            if name in text and re.search(pattern := rf"(?<!\w){re.escape(name)}(?!\w)", text):
                yield name
                text = re.sub(pattern, " ", text)

    def meant(self, row: Sequence[str]) -> set[frozenset[str]]:
        """The places that a row is about, by name or by code."""
        found = {self.release.places[name] for cell in row for name in self.named(cell)}
        codes = {cell for cell in row if cell in self._codes}
        return found | {frozenset({code}) for code in codes if not any(code in place for place in found)}

    def stated(self, row: Sequence[str]) -> set[float]:
        """The class of sensitivity in a row that tells, as areas.csv does, a place, its parent and that class."""
        stated = (told for cell in row for told in self._stated.get(cell, ()))
        return {float(class_) for parent, class_ in stated if parent in row and class_ in row}

    @cached_property
    def _stated(self) -> dict[str, list[tuple[str, str]]]:
        """Parents and classes by place."""
        path = self.release.folder / "tables" / "areas.csv"
        found: dict[str, list[tuple[str, str]]] = {}
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    parent, class_ = row.get("parent", ""), row.get("class", "")
                    if row["area"] and parent and class_.isdigit():
                        found.setdefault(row["area"], []).append((parent, class_))
        return found

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset().union(*self.release.places.values())


def _in_texts(release: Written, places: _Places, rows: Rows) -> Found:
    """A sentence or label that names one place holds no share, and no number of persons, that is not printed for it."""
    cells = ((file, cell) for file, row in rows for cell in row)
    for file, text in itertools.chain(blocks_of(release.folder), cells):
        for sentence in _SENTENCE.split(text):
            if shares := set(_shares(sentence)):
                named = list(places.named(sentence))
                codes = release.places[named[0]] if len(named) == 1 else frozenset()
                if (key := places.first(codes)) and places.unprinted(shares, codes):
                    yield key, file, "its place stands beside a share that is not in tables/figures.csv"


def _in_rows(release: Written, places: _Places, rows: Rows) -> Found:
    """A row or record with one place, or with the key of a withheld cell, holds no number not printed for it."""
    withheld, shown = release.withheld(), release.shown()
    for file, cells in rows:
        row = [cell.strip().removeprefix("'") for cell in cells]
        told = set(_told(cell for cell in row if cell not in places.neutral))
        if not told:
            continue
        if keys := withheld.intersection(row):
            yield min(keys), file, "a number stands in its row"
        if keys or shown.intersection(row):
            continue
        meant = places.meant(row)
        codes = next(iter(meant)) if len(meant) == 1 else frozenset()
        if key := places.first(codes):
            classes = _FEW if file in _WITH_CLASSES else places.stated(row)
            if places.unprinted(told, codes) - classes:
                yield key, file, "its place stands in a row with a number that is not in tables/figures.csv"


def _told(cells: Iterable[str]) -> Iterator[float]:
    """The numbers in cells that hold nothing else."""
    for cell in cells:
        if match := _CELL.fullmatch(cell):
            yield from (float(number.replace(",", ".")) for number in match.groups() if number)


def _shares(text: str) -> Iterator[float]:
    for match in _SHARE.finditer(text):
        yield from (float(number.replace(",", ".")) for number in match.groups() if number)


def _numbers(cells: Iterable[PrintedCell]) -> set[float]:
    return {
        value for cell in cells if cell.status in ("shown", "none_known") for value in cell.numbers.values()
    }


def _modelled(release: Written) -> Iterator[tuple[str, set[float]]]:
    """What the public model, made from printed figures alone, says of each place."""
    path = release.folder / "tables" / "model.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                numbers = {float(row[name]) for name in ("share", "low", "high") if row[name]}
                yield row["area"].removeprefix("'"), numbers
