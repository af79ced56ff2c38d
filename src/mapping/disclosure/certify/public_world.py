"""All tables of whole numbers that agree with what is printed: built from public files alone.

Every cell of this and earlier releases is a pair of counts (yes, no), of case extracts one count. What is printed
narrows them: relations, classes of bases, shares, limits, counts of cases, and public totals of pupils.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.system import zones

__all__ = ["Print", "PublicCell", "PublicWorld", "Terms", "as_print"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST = 10.0**6  # a count of which nothing is known


@dataclass(frozen=True, slots=True)
class Print:
    """One printed row of a cell: whole numbers as printed, on the lattice of its decimals."""

    status: str
    decimals: int = 0
    share: float | None = None
    low: float | None = None
    high: float | None = None
    base: str = ""
    count: int | None = None
    told: bool = False  # outside the reports: the rules did not decide on it

    @property
    def shown(self) -> bool:
        """Whether it tells a number."""
        return self.status in ("shown", "none_known")


@dataclass(frozen=True, slots=True)
class PublicCell:
    """What is public about one cell.

    `threshold`: the smallest count that is not small, from the class of its indicator. `least`: what a shown count of
    yes or no is at least, because smaller ones are never shown. `at_most`: a public total of pupils.
    """

    key: str
    cases: bool
    threshold: int
    least: int
    at_most: int | None
    prints: tuple[Print, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether a number of it is printed."""
        return any(row.shown for row in self.prints)

    @property
    def floor(self) -> int:
        """The least count of yes that anybody can take for granted: 1 where zeros would be printed."""
        level = self.key.split("|")[2]
        zeros = level == "municipality" or (level == "area" and not self.cases)
        return int(zeros and bool(self.prints) and not self.shown)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the print is read.

    `weighting` (per cent): how many times heavier a yes may weigh than a no, or the other way, since shares are
    weighted; None: shares say nothing of counts. `floor`: whether blanks are at least 1 where zeros are printed.
    `totals`: whether public totals of pupils hold.
    """

    weighting: int | None = 100
    floor: bool = True
    totals: bool = True


@dataclass(slots=True)
class _Rows:
    where: list[tuple[int, int]] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    limits: list[tuple[float, float]] = field(default_factory=list)

    def add(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        for column, value in terms:
            self.where.append((len(self.limits), column))
            self.values.append(value)
        self.limits.append((low, high))

    def matrix(self, width: int) -> csr_array:
        where = np.array(self.where, dtype=np.int64).reshape(-1, 2)
        shape = (len(self.limits), width)
        return csr_array(
            coo_array((np.array(self.values, dtype=float), (where[:, 0], where[:, 1])), shape=shape)
        )


class PublicWorld:
    """The variables and rows of what is public, under given terms."""

    def __init__(self, cells: Sequence[PublicCell], relations: Sequence[Relation], terms: Terms) -> None:
        self.cells, self.terms = tuple(cells), terms
        self.at: dict[tuple[str, int], int] = {}
        for cell in self.cells:
            for side in range(1 if cell.cases else 2):
                self.at[cell.key, side] = len(self.at)
        self._low, self._high = np.zeros(len(self.at)), np.full(len(self.at), _MOST)
        rows = _Rows()
        for relation in relations:
            self._relate(rows, relation)
        for cell in self.cells:
            self._bound(rows, cell)
        matrix, limits = rows.matrix(len(self.at)), np.array(rows.limits).reshape(-1, 2)
        self.whole = Programme(matrix, limits[:, 0], limits[:, 1], self._low, self._high)

    def parts(self) -> Iterator[tuple[Ints, Programme]]:
        """What hangs together, as variables and a programme of its own, in a fixed order."""
        zone = zones(self.whole.matrix, np.ones(len(self.at), dtype=bool))
        columns = self.whole.matrix.tocsc()
        for number in np.unique(zone):
            inside = np.flatnonzero(zone == number)
            part = csr_array(columns[:, inside])
            rows = np.flatnonzero(np.diff(part.indptr))
            yield (
                inside,
                Programme(
                    csr_array(part[rows]),
                    self.whole.row_low[rows],
                    self.whole.row_high[rows],
                    self._low[inside],
                    self._high[inside],
                ),
            )

    def _relate(self, rows: _Rows, relation: Relation) -> None:
        low = 0.0 if relation.sense in ("=", ">=") else -np.inf
        high = 0.0 if relation.sense in ("=", "<=") else np.inf
        for count in relation.counts:
            side = int(count == "complement")
            if all((key, side) in self.at for key, _ in relation.terms):
                rows.add([(self.at[key, side], value) for key, value in relation.terms], low, high)

    def _bound(self, rows: _Rows, cell: PublicCell) -> None:
        yes = self.at[cell.key, 0]
        if self.terms.floor:
            self._low[yes] = cell.floor
        for count in (row.count for row in cell.prints if row.count is not None):
            self._low[yes] = self._high[yes] = count
        if cell.cases:
            return
        no = self.at[cell.key, 1]
        if self.terms.totals and cell.at_most is not None:
            rows.add([(yes, 1.0), (no, 1.0)], 0.0, float(cell.at_most))
        for row in cell.prints:
            if row.shown:
                rows.add([(yes, 1.0), (no, 1.0)], *_class(row.base))
                self._narrow(rows, cell, row, yes, no)

    def _narrow(self, rows: _Rows, cell: PublicCell, row: Print, yes: int, no: int) -> None:
        least_shown = 0 if row.told else cell.least
        self._low[no] = max(self._low[no], least_shown)
        if row.status == "none_known":
            self._high[yes] = 0.0
            return
        self._low[yes] = max(self._low[yes], least_shown)
        if row.share is None or self.terms.weighting is None:
            return
        step, factor = 10**row.decimals, self.terms.weighting / 100
        least, most = (2 * step * row.share + half for half in (-1, 1))  # in halves of a step
        full = 200.0 * step
        rows.add([(yes, (full - least) * factor / full), (no, -least / full)], 0.0, np.inf)
        rows.add([(yes, (full - most) / full), (no, -most * factor / full)], -np.inf, 0.0)
        if row.low is not None and row.high is not None:
            rows.add([(yes, 1 - row.low / 100), (no, -row.low / 100)], 0.0, np.inf)
            rows.add([(yes, 1 - row.high / 100), (no, -row.high / 100)], -np.inf, 0.0)


def _class(base: str) -> tuple[float, float]:
    """The limits of a class of bases such as "100–199" or "1000+"."""
    numbers = [float(number) for number in re.findall(r"\d+", base)]
    return numbers[0] if numbers else 0.0, numbers[1] if len(numbers) > 1 else _MOST


def as_print(values: Mapping[str, Any], target: str = "") -> Print:
    """A row of the ledger, or the numbers of a row of figures.csv, as print."""
    names = ("share", "low", "high")
    numbers = {name: float(values[name]) for name in names if values.get(name) is not None}
    count = values.get("count")
    return Print(
        status=str(values["status"]),
        decimals=int(values.get("decimals") or 0),
        base=str(values.get("base") or ""),
        count=None if count is None else int(count),
        told=target == "told",
        **numbers,
    )
