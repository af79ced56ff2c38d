"""The cheapest further cells to withhold for one demand after another, all else as it stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.kept import Kept
from mapping.disclosure.engine.system import System

__all__ = ["Purchase"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ROUNDS = 3  # of reweighting, which turns the price per person moved into the price of a whole cell
_MOVED = 1e-7


class Purchase:
    """The search of `further_cells` with sight of the counts, on a system of single counts, kept in the solver.

    Each count moves freely while withheld; a shown cell may be bought: it then moves at its price.
    """

    def __init__(self, system: System, blank: Flags) -> None:
        self._system = system
        truth = system.truth
        self._price = np.where(np.isfinite(system.cost), system.cost, 0.0)
        self._bought = np.flatnonzero(~blank[system.owner] & np.isfinite(system.cost[system.owner]))
        part = system.matrix[:, self._bought]
        at = system.matrix @ truth
        self._rows = system.row_low - at, system.row_high - at
        self._shown = system.shown - truth[:, None]
        self._blank = system.blank - truth[:, None]
        self._cost = np.concatenate(
            [np.zeros(len(truth)), np.tile(self._price[system.owner[self._bought]], 2)]
        )
        low, high = self._bounds(blank)
        matrix = csr_array(hstack([system.matrix, part, -part]))
        self._kept = Kept(matrix, *self._rows, low, high, self._cost)

    def _bounds(self, withheld: Flags) -> tuple[Floats, Floats]:
        """Bounds of the moves, and of what is bought up and down."""
        hidden = withheld[self._system.owner]
        own = np.where(hidden[:, None], self._blank, self._shown)
        more = np.where(hidden[:, None], 0.0, self._blank)[self._bought]
        high = np.concatenate([own[:, 1].clip(0), more[:, 1].clip(0), (-more[:, 0]).clip(0)])
        low = np.concatenate([-(-own[:, 0]).clip(0), np.zeros(2 * len(self._bought))])
        return low, high

    def cells(self, withheld: Flags, demand: Demand, step: float) -> list[int] | None:
        """Cells whose withholding lets the demanded count move by `step`; None where no cells do."""
        low, high = self._bounds(withheld)
        if demand.sense > 0:
            low[demand.variable], high[demand.variable] = step, max(high[demand.variable], step)
        else:
            low[demand.variable], high[demand.variable] = min(low[demand.variable], -step), -step
        self._kept.bound(low, high, *self._rows)
        size, cost = len(self._system.truth), self._cost.copy()
        best, best_cost = None, np.inf
        for _ in range(ROUNDS):
            x = self._kept.cheapest(cost)
            if x is None:
                return best
            moved = np.abs(x[size : size + len(self._bought)]) + np.abs(x[size + len(self._bought) :])
            used = sorted({int(self._system.owner[v]) for v in self._bought[moved > _MOVED]})
            if (total := float(self._price[used].sum())) < best_cost - 1e-12:
                best, best_cost = used, total
            if len(used) < 2 or used != best:
                break
            cost[size:] = self._cost[size:] * np.tile(step / (2 * moved + step), 2)
        return best
