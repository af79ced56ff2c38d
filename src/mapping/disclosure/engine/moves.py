"""The smallest move away from the truth that meets a demand, for one demand and pattern after another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.kept import Kept
from mapping.disclosure.engine.system import Knowledge, System

__all__ = ["Moves"]

Floats = NDArray[np.float64]


class Moves:
    """Moves up and down from the true counts, as a linear programme kept in the solver.

    The price of a move is that of withholding the cell, and a little more: a table found so differs from the truth in
    few and cheap cells, so that it goes on being a witness when others are shown again.
    """

    def __init__(self, system: System, known: Knowledge) -> None:
        self._system = system
        price = np.where(np.isfinite(system.cost), system.cost, 0.0)[system.owner]
        self._cost = np.tile(price + price.mean() + 1.0, 2)
        self._at = system.matrix @ system.truth
        matrix = csr_array(hstack([system.matrix, -system.matrix]))
        low, high = self._bounds(known)
        self._kept = Kept(matrix, *self._rows(known), low, high, self._cost)

    def _rows(self, known: Knowledge) -> tuple[Floats, Floats]:
        return known.row_low - self._at, known.row_high - self._at

    def _bounds(self, known: Knowledge) -> tuple[Floats, Floats]:
        truth = self._system.truth
        high = np.concatenate([known.high - truth, truth - known.low]).clip(0)
        return np.zeros(len(high)), high

    def table(self, known: Knowledge, demand: Demand) -> Floats | None:
        """The counts, perhaps in fractions, after the smallest move; None where no move meets the demand."""
        low, high = self._bounds(known)
        size = len(self._system.truth)
        at = demand.variable + (0 if demand.sense > 0 else size)
        back = demand.variable + (size if demand.sense > 0 else 0)
        step = demand.sense * (demand.target - self._system.truth[demand.variable])
        if step > high[at]:
            return None
        low[at], high[back] = max(step, 0.0), 0.0
        self._kept.bound(low, high, *self._rows(known))
        x = self._kept.cheapest(self._cost)
        return None if x is None else self._system.truth + x[:size] - x[size:]
