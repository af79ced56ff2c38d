"""The joint linear system of a release: every count as a variable, every relation among them as a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Cell", "Knowledge", "Row", "System", "zones"]

Floats = NDArray[np.float64]

_TURNS = 4  # of bounds through rows
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown or withheld as a whole: one count, or events and complement with their sum.

    `truth` are the exact counts; `blank` is what anybody knows of each of them while the cell is withheld, `shown`
    while it is shown; `blank_total` and `shown_total` bound their sum in the same two cases. `cost` is the price of
    withholding; an infinite cost means that it cannot be withheld, since it is out already. `cap` is how much of each
    count there must be, whatever it is: what a search may rely on that does not look at the truth (empty: all of it).
    """

    name: str
    truth: tuple[float, ...]
    blank: tuple[tuple[float, float], ...]
    shown: tuple[tuple[float, float], ...]
    blank_total: tuple[float, float] = (0.0, np.inf)
    shown_total: tuple[float, float] = (0.0, np.inf)
    cost: float = 1.0
    cap: tuple[float, ...] = ()
    block: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """low <= sum of coef · count of a cell <= high; a term is (cell, which of its counts, coefficient)."""

    terms: tuple[tuple[int, int, float], ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True, repr=False)
class Knowledge:
    """What an attacker knows of each variable and each row under one pattern."""

    low: Floats
    high: Floats
    row_low: Floats
    row_high: Floats


class System:
    """Cells and rows as one sparse matrix; bounds come from the pattern of what is withheld."""

    def __init__(self, cells: Sequence[Cell], rows: Iterable[Row]) -> None:
        self.cells, self.rows = tuple(cells), tuple(rows)
        counts = np.array([len(cell.truth) for cell in cells], dtype=np.int64)
        self.first: Ints = np.concatenate([[0], np.cumsum(counts)])[:-1].astype(np.int64)
        self.owner: Ints = np.repeat(np.arange(len(cells)), counts).astype(np.int64)
        self.truth: Floats = np.array([v for c in cells for v in c.truth], dtype=float)
        entries = [(r, self.first[c] + i, v) for r, row in enumerate(self.rows) for c, i, v in row.terms]
        self.pairs: Ints = np.flatnonzero(counts == 2).astype(np.int64)
        entries += [
            (len(self.rows) + r, self.first[c] + i, 1.0)
            for r, c in enumerate(self.pairs.tolist())
            for i in (0, 1)
        ]
        where = np.array([(r, c) for r, c, _ in entries], dtype=np.int64).reshape(-1, 2)
        values = np.array([v for _, _, v in entries], dtype=float)
        shape = (len(self.rows) + len(self.pairs), len(self.truth))
        self.matrix = csr_array(coo_array((values, (where[:, 0], where[:, 1])), shape=shape))
        self.matrix.eliminate_zeros()
        self.columns = self.matrix.tocsc()
        self.row_low = np.array([row.low for row in self.rows], dtype=float)
        self.row_high = np.array([row.high for row in self.rows], dtype=float)
        self.blank_total = np.array([cells[c].blank_total for c in self.pairs.tolist()], dtype=float).reshape(
            -1, 2
        )
        self.shown_total = np.array([cells[c].shown_total for c in self.pairs.tolist()], dtype=float).reshape(
            -1, 2
        )
        self.blank = np.array([b for cell in cells for b in cell.blank], dtype=float).reshape(-1, 2)
        self.shown = np.array([b for cell in cells for b in cell.shown], dtype=float).reshape(-1, 2)
        self.cost: Floats = np.array([cell.cost for cell in cells], dtype=float)
        self.cap: Floats = np.array([v for cell in cells for v in cell.cap or cell.truth], dtype=float)
        self.pair_of: Ints = np.full(len(cells), -1, dtype=np.int64)
        self.pair_of[self.pairs] = np.arange(len(self.pairs))
        self.zone = zones(self.matrix, np.ones(len(self.truth), dtype=bool))
        self.block: Ints = np.array([cell.block for cell in cells], dtype=np.int64)

    def variables(self, cell: int) -> range:
        """The variables of a cell."""
        return range(int(self.first[cell]), int(self.first[cell]) + len(self.cells[cell].truth))

    def knowledge(self, withheld: NDArray[np.bool_]) -> Knowledge:
        """What is known when exactly the cells in `withheld` (one flag per cell) are blank."""
        bounds = np.where(withheld[self.owner, None], self.blank, self.shown)
        total = np.where(withheld[self.pairs, None], self.blank_total, self.shown_total)
        return Knowledge(
            bounds[:, 0],
            bounds[:, 1],
            np.concatenate([self.row_low, total[:, 0]]),
            np.concatenate([self.row_high, total[:, 1]]),
        )

    def reach(self, withheld: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """How far each whole-numbered variable can go for all that single rows tell, taken in turn a few times."""
        known = self.knowledge(withheld)
        low, high = np.ceil(known.low - 1e-9), np.floor(known.high + 1e-9)
        entries = self.matrix.tocoo()
        row, column, value = entries.coords[0], entries.coords[1], entries.data
        for _ in range(_TURNS):
            least = np.where(value > 0, value * low[column], value * high[column])
            most = np.where(value > 0, value * high[column], value * low[column])
            others_least = np.bincount(row, least, self.matrix.shape[0])[row] - least
            others_most = np.bincount(row, most, self.matrix.shape[0])[row] - most
            ends = (known.row_low[row] - others_most) / value, (known.row_high[row] - others_least) / value
            np.minimum.at(high, column, np.floor(np.where(value > 0, ends[1], ends[0]) + 1e-9))
            np.maximum.at(low, column, np.ceil(np.where(value > 0, ends[0], ends[1]) - 1e-9))
        return low, high

    def parts(self) -> Iterator[tuple[System, Ints, Ints]]:
        """Each connected part as a system of its own, with the cells and the variables it consists of."""
        zone = self.zone[self.first]
        rows: dict[int, list[Row]] = {}
        for row in self.rows:
            rows.setdefault(int(zone[row.terms[0][0]]), []).append(row)
        for number in np.unique(zone):
            cells = np.flatnonzero(zone == number)
            place = {int(cell): i for i, cell in enumerate(cells)}
            moved = [
                Row(tuple((place[c], i, v) for c, i, v in row.terms), row.low, row.high)
                for row in rows.get(int(number), [])
            ]
            part = System([self.cells[cell] for cell in cells], moved)
            yield part, cells, np.flatnonzero(self.zone == number)

    def broken(self) -> list[int]:
        """The rows that the truth itself does not satisfy."""
        sums = self.matrix[: len(self.row_low)] @ self.truth
        return [int(r) for r in np.flatnonzero((sums < self.row_low - 1e-6) | (sums > self.row_high + 1e-6))]


def zones(matrix: csr_array, free: NDArray[np.bool_]) -> Ints:
    """A label for each free variable: two that no chain of rows connects never tell anything of each other.

    Variables that are not free get -1.
    """
    entries = matrix.tocoo()
    kept = free[entries.coords[1]]
    rows, columns = entries.coords[0][kept] + matrix.shape[1], entries.coords[1][kept]
    size = sum(matrix.shape)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    labels = labels[: matrix.shape[1]]
    out: Ints = np.where(free, labels, -1).astype(np.int64)
    return out
