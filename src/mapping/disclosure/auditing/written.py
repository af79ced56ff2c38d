"""Reading a release back from its written files, as anybody can."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.public import from_public
from mapping.errors import InputError

__all__ = ["NUMBERS", "PrintedCell", "Written", "read_written", "told", "written_beside"]

NUMBERS = ("share", "low", "high", "count", "unsure", "bounds_low", "bounds_high")
_NOTHING = frozenset(("", "NA", "..", "."))  # how the files say that there is no number
_NAMES = ("key", "wave", "indicator", "level", "area", "group", "target", "status")


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One row of figures.csv: its names, its status, and whatever numbers stand there, rightly or not."""

    key: str
    wave: str
    indicator: str
    level: str
    area: str
    group: str
    target: str
    status: str
    numbers: Mapping[str, float]
    decimals: int = 0
    base: str = ""

    @property
    def tells(self) -> bool:
        """Whether the row says anything about the count."""
        return bool(self.numbers) or self.status in ("shown", "none_known") or bool(self.base)


@dataclass(frozen=True, slots=True)
class Written:
    """A release as it lies in a folder."""

    folder: Path
    wave: str
    sequence: int | None
    policy: Mapping[str, Any]
    cells: tuple[PrintedCell, ...]
    relations: tuple[Relation, ...]
    files: Mapping[str, str] = field(default_factory=dict)  # name -> SHA-256, as release.json states it
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)  # name -> codes of districts and areas

    def shown(self) -> frozenset[str]:
        """The keys of which some row tells something."""
        return frozenset(cell.key for cell in self.cells if cell.tells)

    def withheld(self) -> frozenset[str]:
        """The keys of cells that are withheld, and of which no row tells anything."""
        return frozenset(cell.key for cell in self.cells if cell.status == "withheld") - self.shown()


def read_written(folder: Path) -> Written:
    """The release in `folder` (reports/<wave>).

    Raises
    ------
    InputError
        If release.json or tables/figures.csv is missing or cannot be read.
    """
    about = _about(folder)
    return Written(
        folder=folder,
        wave=str(about.get("wave", folder.name)),
        sequence=about.get("sequence"),
        policy=about.get("policy") or {},
        cells=_cells(folder / "tables" / "figures.csv"),
        relations=from_public(about.get("relations") or ()),
        files=about.get("files") or {},
        places=_places(folder / "tables" / "areas.csv"),
    )


def written_beside(release: Written, reports: Path) -> tuple[Written, ...]:
    """The releases of other waves that lie in the same reports folder."""
    folders = sorted(
        path.parent for path in reports.glob("*/release.json") if not path.parent.name.startswith(".")
    )
    found = (read_written(folder) for folder in folders if folder.resolve() != release.folder.resolve())
    return tuple(other for other in found if other.wave != release.wave)


def _about(folder: Path) -> Mapping[str, Any]:
    try:
        about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"{folder}: there is no release.json. Name a folder such as reports/2026."
        ) from error
    except ValueError as error:
        raise InputError(
            f"{folder / 'release.json'}: not readable as JSON. Run `mapping rebuild` again."
        ) from error
    if not isinstance(about, dict):
        raise InputError(f"{folder / 'release.json'}: holds no release. Run `mapping rebuild` again.")
    return about


def _cells(path: Path) -> tuple[PrintedCell, ...]:
    rows = _rows(path)
    if rows and (missing := [name for name in (*_NAMES, "share", "base", "count") if name not in rows[0]]):
        raise InputError(f"{path.name}: the column '{missing[0]}' is missing. Run `mapping rebuild` again.")
    return tuple(_cell(path, number, row) for number, row in enumerate(rows, 2))


def _cell(path: Path, number: int, row: Mapping[str, str]) -> PrintedCell:
    try:
        numbers = {name: float(row[name]) for name in NUMBERS if told(row.get(name))}
        decimals = int(told(row.get("decimals")) or 0)
    except ValueError as error:
        raise InputError(f"{path.name}: line {number} holds something that is no number.") from error
    # names are written with an apostrophe before what a spreadsheet would run
    names = {name: row[name].removeprefix("'") for name in _NAMES}
    return PrintedCell(**names, numbers=numbers, decimals=decimals, base=told(row.get("base")))


def told(word: str | None) -> str:
    """What stands in a cell; nothing where the file says that there is nothing."""
    return "" if word is None or word.strip() in _NOTHING else word.strip()


def _places(path: Path) -> Mapping[str, frozenset[str]]:
    """Codes by name, in either language: a publication area can be called like one of its districts."""
    found: dict[str, frozenset[str]] = {}
    for row in _rows(path) if path.exists() else ():
        if row["level"] == "municipality":
            continue
        for name in {row[column].removeprefix("'") for column in ("name", "name_en") if column in row}:
            found[name] = found.get(name, frozenset()) | {row["area"].removeprefix("'")}
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"{path}: cannot be read. Run `mapping rebuild` again.") from error
