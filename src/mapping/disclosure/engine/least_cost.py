"""The cheapest pattern: what every safe pattern must satisfy, gathered as cuts, and the integer programme over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.cuts import Cut, Separator
from mapping.disclosure.engine.system import System

__all__ = ["LeastCost", "Look"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Look = Callable[[Flags], list[int]]  # the demands that a pattern leaves unmet, by number

SMALL = 450  # cells up to which the whole integer programme is solved
ROUNDS = 40  # of cuts
NODES = 150  # of one integer programme: no clock decides what is withheld
ALL_NODES = 200  # of all of one part; after them the search goes on without the programme,
WORK = 500_000  # or after this many cuts times cells, taken over all integer programmes of the part
_NEAR = 1e-6


@dataclass(slots=True)
class _Solution:
    share: Floats
    bound: float
    nodes: int


class LeastCost:
    """The master programme of one connected system: a switch for each cell, cuts, and the cost.

    References
    ----------
    M. Fischetti and J. J. Salazar-González (2001), Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47:1008–1027: cuts from the attacker problem (section 4), and that in a pattern
    without idle cells no relation holds a single blank ("bridgeless" inequalities).
    """

    def __init__(self, system: System, blank: Flags, demands: Sequence[Demand]) -> None:
        self._system, self._blank, self._demands = system, blank, list(demands)
        self._separator = Separator(system, blank)
        self._price = np.where(np.isfinite(system.cost), system.cost, 0.0)
        self._high = (blank | np.isfinite(system.cost)).astype(float)
        self._cuts = [cut for demand in demands for cut in self._separator.row_cuts(demand)]
        self._pairs = list(_company(system, blank))
        self._small = len(system.cells) <= SMALL

    def pattern(self, look: Look) -> tuple[Flags, bool]:
        """A pattern to begin with, and whether it is a cheapest one; `look` says which demands one leaves unmet.

        In a larger part it is what is blank in any case: the fractional optimum, rounded, is a poor beginning there.
        """
        withheld = self._blank.copy()
        if not self._small:
            return withheld, False
        self._tighten()
        spent = work = 0
        for _ in range(ROUNDS):
            work += len(self._cuts) * len(self._price)
            found = self._solve(self._price, whole=True)
            spent += 0 if found is None else found.nodes
            if found is None or spent > ALL_NODES or work > WORK:
                break
            withheld = found.share > 0.5
            unmet = look(withheld)
            if not unmet:
                cost = float(self._price[withheld].sum())
                return withheld, found.bound >= cost - _NEAR * max(1.0, cost)
            if not self._add(unmet, withheld.astype(float)):
                self._cuts.append(self._another(withheld))
        return self._blank.copy(), False

    def bound(self, cost: Floats) -> float:
        """What every pattern costs at least, at these costs of cells."""
        found = (self._solve(cost, whole=True) if self._small else None) or self._solve(cost, whole=False)
        return float(cost[self._blank].sum()) if found is None else found.bound

    def needed(self, withheld: Flags) -> Flags:
        """Cells of a pattern without which some cut would be violated: it is no use to show them again one by one."""
        out = np.zeros(len(withheld), dtype=bool)
        for cut in self._cuts:
            inside = cut.cells[withheld[cut.cells]]
            weights = cut.weights[withheld[cut.cells]]
            out[inside[weights.sum() - weights < 1 - _NEAR]] = True
        return out

    def _tighten(self) -> None:
        """Cuts that the fractional optimum violates, until there are none."""
        for _ in range(ROUNDS):
            found = self._solve(self._price, whole=False)
            if found is None or not self._add(range(len(self._demands)), found.share):
                return

    def _add(self, demands: Iterable[int], share: Floats) -> bool:
        """The violated cuts of some demands; whether there is any."""
        new = self._separator.cuts([self._demands[i] for i in demands], share)
        self._cuts += new
        return bool(new)

    def _another(self, withheld: Flags) -> Cut:
        """Whole numbers leave a demand unmet though fractions do not: at least one more cell is needed."""
        cells = np.flatnonzero(~withheld & (self._high > 0))
        return Cut(cells.astype(np.int64), np.ones(len(cells)))

    def _solve(self, cost: Floats, *, whole: bool) -> _Solution | None:
        size = len(cost)
        found = milp(
            cost,
            integrality=np.full(size, int(whole)),
            bounds=Bounds(self._blank.astype(float), np.maximum(self._high, self._blank)),
            constraints=self._constraints(),
            options={"mip_rel_gap": 0.0, "node_limit": NODES} if whole else {},
        )
        if found.x is None:
            return None
        bound, nodes = (found.mip_dual_bound, found.mip_node_count) if whole else (found.fun, 0)
        return _Solution(np.asarray(found.x, dtype=float), float(bound), int(nodes))

    def _constraints(self) -> LinearConstraint:
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        low: list[float] = []
        for cut in self._cuts:
            rows += [len(low)] * len(cut.cells)
            columns += cut.cells.tolist()
            values += cut.weights.tolist()
            low.append(1.0)
        for cell, others in self._pairs:
            rows += [len(low)] * (1 + len(others))
            columns += [cell, *others]
            values += [-1.0, *[1.0] * len(others)]
            low.append(0.0)
        matrix = csr_array((values, (rows, columns)), shape=(len(low), len(self._price)))
        return LinearConstraint(matrix, np.array(low), np.inf)


def _company(system: System, blank: Flags) -> Iterable[tuple[int, list[int]]]:
    """A cell and those of which one must be withheld with it: all others of an equation in which nothing moves yet."""
    single = np.bincount(system.owner, minlength=len(system.cells)) == 1
    still = (system.shown[:, 0] == system.shown[:, 1]) & single[system.owner] & ~blank[system.owner]
    matrix = system.matrix
    for row in range(len(system.row_low)):
        variables = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        if system.row_low[row] != system.row_high[row] or not still[variables].all():
            continue
        cells = [int(c) for c in system.owner[variables] if np.isfinite(system.cost[c])]
        for cell in cells:
            yield cell, [other for other in cells if other != cell]
