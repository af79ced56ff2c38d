"""Moves away from the true counts: the smallest that meets a demand, and the cells to buy for one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.kept import Kept
from mapping.disclosure.engine.system import Knowledge, System, zones

__all__ = ["Moves"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_FREE = 0.03  # of the price, for a move of what is withheld anyway: few cells move without need
_MOVED = 1e-7
_HUB = 2.0  # times the relations of the median count


class Moves:
    """Moves up and down from the true counts, as a linear programme kept in the solver.

    The price of a move is that of withholding the cell, and a little more: a table found so differs from the truth in
    few and cheap cells, so that it goes on being a witness when others are shown again.
    """

    def __init__(self, system: System, known: Knowledge) -> None:
        self._system = system
        self._price: Floats = np.where(np.isfinite(system.cost), system.cost, 0.0)[system.owner]
        self._cost = np.tile(self._price + self._price.mean() + 1.0, 2)
        self._relations = np.maximum(np.diff(system.columns.indptr), 1)
        self._equal = np.flatnonzero(known.row_low == known.row_high)
        self._shared = self._price
        self._at = system.matrix @ system.truth
        matrix = csr_array(hstack([system.matrix, -system.matrix]))
        given = matrix, *self._rows(known), np.zeros(matrix.shape[1]), self._room(known), self._cost
        self._tables, self._sales = Kept(*given), Kept(*given)

    @property
    def steps(self) -> int:
        """The work so far, in steps of the solver."""
        return self._tables.steps + self._sales.steps

    @property
    def hubs(self) -> Flags:
        """The counts that stand in many more relations than most do."""
        return np.asarray(self._relations > _HUB * np.median(self._relations))

    def tables(self) -> Ints:
        """A label for each count: that of its table, if the hubs tie several tables together; -1 for a hub."""
        return zones(self._system.matrix[self._equal], ~self.hubs)

    def share(self, power: float) -> None:
        """A cell in many relations serves many needs: divide its price by their number to a power."""
        self._shared = self._price / self._relations**power

    def _rows(self, known: Knowledge) -> tuple[Floats, Floats]:
        return known.row_low - self._at, known.row_high - self._at

    def _room(self, known: Knowledge) -> Floats:
        truth = self._system.truth
        return np.concatenate([known.high - truth, truth - known.low]).clip(0)

    def table(self, known: Knowledge, demand: Demand) -> Floats | None:
        """The counts, perhaps in fractions, after the smallest move; None where no move meets the demand."""
        step = demand.sense * (demand.target - self._system.truth[demand.variable])
        if not self._ask(self._tables, known, demand, max(step, 0.0)):
            return None
        x = self._tables.cheapest(self._cost, (demand.variable, demand.sense))
        return None if x is None else self._system.truth + self._net(x)

    def cells(
        self, withheld: Flags, demand: Demand, step: float, *, banned: Flags, free: Flags
    ) -> list[int] | None:
        """Cells whose withholding, at little cost, lets the demanded count move by `step`; None where no cells do.

        `banned` cells are not for sale and `free` ones cost nothing. For systems of single counts.
        """
        system = self._system
        known = system.knowledge(withheld | (np.isfinite(system.cost) & ~banned))
        if not self._ask(self._sales, known, demand, step):
            return None
        mine = withheld | free
        price = np.where(mine, _FREE, 1.0) * self._shared + _FREE
        x = self._sales.cheapest(np.tile(price, 2))
        if x is None:
            return None
        return [int(cell) for cell in np.flatnonzero((np.abs(self._net(x)) > _MOVED) & ~withheld)]

    def _ask(self, kept: Kept, known: Knowledge, demand: Demand, step: float) -> bool:
        """Bounds for what is known, with the demanded count at its step; whether that has room."""
        high = self._room(known)
        low, size = np.zeros(len(high)), len(self._system.truth)
        at = demand.variable + (0 if demand.sense > 0 else size)
        back = demand.variable + (size if demand.sense > 0 else 0)
        if step > high[at]:
            return False
        low[at], high[back] = step, 0.0
        kept.bound(low, high, *self._rows(known))
        return True

    def _net(self, x: Floats) -> Floats:
        size = len(self._system.truth)
        return np.asarray(x[:size] - x[size:])
