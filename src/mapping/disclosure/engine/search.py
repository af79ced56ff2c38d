"""The search for the cheapest further cells to withhold so that one count can move as far as it must."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.system import System

__all__ = ["further_cells", "moves_freely"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 3  # of reweighting, which turns the price per person moved into the price of a whole cell
_MOVED = 1e-7


def further_cells(
    system: System, withheld: NDArray[np.bool_], demand: Demand, step: float, *, blind: bool
) -> list[int] | None:
    """Cells whose withholding, at least cost, lets the demanded count move by `step` in its direction.

    Each cell shown may move from what is known of it at its cost; the linear programme spreads the movement over the
    cheapest cells (the smaller the cost the sooner), and reweighting concentrates it on few. Where `blind`, the search
    counts on no more of any cell than policy says must be there (`Cell.cap`), so that what it picks does not depend on
    the counts it hides. The demanded count's own block is tried first, then all that hangs together with it.

    Returns
    -------
    list of int, or None where no set of cells does.

    References
    ----------
    M. Fischetti and J. J. Salazar-González (2001), Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47:1008–1027 (the attacker's programme). E. J. Candès, M. B. Wakin and S. P. Boyd
    (2008), Enhancing sparsity by reweighted l1 minimization, J. Fourier Anal. Appl. 14:877–905 (the reweighting).
    """
    for columns in _neighbourhoods(system, demand.variable):
        local = _Local(system, withheld, columns, blind=blind)
        if (found := local.cheapest(demand, step)) is not None:
            return found
    return None


def moves_freely(system: System, withheld: NDArray[np.bool_], need: Demand, step: float) -> bool:
    """Whether a blind search within the demanded count's own block finds nothing that it would have to withhold."""
    columns = next(_neighbourhoods(system, need.variable))
    return _Local(system, withheld, columns, blind=True).moves_free(need, step)


def _neighbourhoods(system: System, variable: int) -> Iterator[Ints]:
    block = system.block[system.owner] == system.block[system.owner[variable]]
    zone = system.zone == system.zone[variable]
    yield np.flatnonzero(block & zone)
    if (zone & ~block).any():
        yield np.flatnonzero(zone)


class _Local:
    """Deviations from the truth within some columns, all others held still."""

    def __init__(self, system: System, withheld: NDArray[np.bool_], columns: Ints, *, blind: bool) -> None:
        self._system, self._columns = system, columns
        inside = csr_array(system.columns[:, columns])
        self._rows = np.flatnonzero(np.diff(inside.indptr))
        self._matrix = csr_array(inside[self._rows])
        owner = system.owner[columns]
        self._owner, hidden = owner, withheld[owner]
        buyable = ~hidden & np.isfinite(system.cost[owner])
        truth = system.truth[columns]
        down = np.minimum(truth - system.blank[columns, 0], system.cap[columns] if blind else np.inf)
        up = system.blank[columns, 1] - truth
        free_down = np.where(hidden, down, truth - system.shown[columns, 0])
        free_up = np.where(hidden, up, system.shown[columns, 1] - truth)
        self._low = -np.maximum(free_down, 0.0)
        self._high = np.maximum(free_up, 0.0)
        self._down = np.where(buyable, np.maximum(down, 0.0), 0.0)
        self._up = np.where(buyable, np.maximum(up, 0.0), 0.0)
        self._row_bounds(withheld)

    def _row_bounds(self, withheld: NDArray[np.bool_]) -> None:
        system, rows = self._system, self._rows
        count = len(system.row_low)
        pair = rows >= count
        cells = system.pairs[rows[pair] - count]
        hidden = withheld[cells]
        low, high = np.empty(len(rows)), np.empty(len(rows))
        low[~pair], high[~pair] = system.row_low[rows[~pair]], system.row_high[rows[~pair]]
        total = np.where(
            hidden[:, None], system.blank_total[rows[pair] - count], system.shown_total[rows[pair] - count]
        )
        low[pair], high[pair] = total[:, 0], total[:, 1]
        at = system.matrix[rows] @ system.truth
        self._row_low, self._row_high = low - at, high - at
        # the base of a shown cell gives way at the cell's price, together with its counts
        sold = np.flatnonzero(pair)[~hidden & np.isfinite(system.cost[cells])]
        self._sold = sold
        self._sold_owner = system.pairs[rows[sold] - count]

    def moves_free(self, demand: Demand, step: float) -> bool:
        """Whether the demanded count can move by the step with nothing more withheld."""
        low, high = self._reach(demand, step)
        loose = high > low + _MOVED
        inside = self._matrix[:, loose]
        programme = Programme(csr_array(inside), self._row_low, self._row_high, low[loose], high[loose])
        return programme.relaxed(np.zeros(int(loose.sum()))) is not None

    def cheapest(self, demand: Demand, step: float) -> list[int] | None:
        """The cells to withhold so that it can."""
        bought, sold = np.flatnonzero(self._up + self._down > 0), len(self._sold)
        give = csr_array((np.ones(sold), (self._sold, np.arange(sold))), shape=(len(self._rows), sold))
        part = self._matrix[:, bought]
        low, high = self._reach(demand, step)
        programme = Programme(
            csr_array(hstack([self._matrix, part, -part, give, -give])),
            self._row_low,
            self._row_high,
            np.concatenate([low, np.zeros(2 * len(bought) + 2 * sold)]),
            np.concatenate([high, self._up[bought], self._down[bought], np.full(2 * sold, np.inf)]),
        )
        buyer = self._owner[bought]
        paying = np.concatenate([buyer, buyer, self._sold_owner, self._sold_owner])
        return self._fewest(programme, paying, len(low), step)

    def _reach(self, demand: Demand, step: float) -> tuple[Floats, Floats]:
        """Bounds of the deviations, with the demanded one at its step or beyond."""
        at = int(np.searchsorted(self._columns, demand.variable))
        low, high = self._low.copy(), self._high.copy()
        low[at], high[at] = (step, max(high[at], step)) if demand.sense > 0 else (min(low[at], -step), -step)
        return low, high

    def _fewest(self, programme: Programme, paying: Ints, size: int, step: float) -> list[int] | None:
        cost = self._system.cost
        price = np.where(np.isfinite(cost), cost, 0.0)
        weight, best, best_cost = price.copy(), None, np.inf
        for _ in range(ROUNDS):
            x = programme.relaxed(np.concatenate([np.zeros(size), weight[paying]]))
            if x is None:
                return best
            moved = np.zeros(len(cost))
            np.add.at(moved, paying, np.abs(x[size:]))
            used = [int(cell) for cell in np.flatnonzero(moved > _MOVED)]
            if (total := float(price[used].sum())) < best_cost - 1e-12:
                best, best_cost = used, total
            if len(used) < 2 or used != best:
                break
            weight = price / (moved + step / 2) * step
        return best
