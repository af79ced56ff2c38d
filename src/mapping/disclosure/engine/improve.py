"""A safe pattern made cheaper: some cells shown again, what this breaks repaired otherwise, and pruned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mapping.disclosure.engine.work import Work

__all__ = ["improve"]

Flags = NDArray[np.bool_]

STEPS = 300_000  # of the solver at most: no clock decides what is withheld
_DETOUR = 1.5  # times the price of what is shown again: a repair that costs more is given up
_NEAR = 1e-9


def improve(work: Work) -> None:
    """Exchange cells for cheaper ones, until a whole round finds none or the work is used up."""
    _Exchange(work).run()


class _Exchange:
    """Patterns one step away from the present one; the cheaper one becomes the present one."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._price = np.where(np.isfinite(work.system.cost), work.system.cost, 0.0)
        self._end = work.moves.steps + STEPS

    def run(self) -> None:
        better = True
        while better:
            before = self._cost()
            self._others_for_one()
            self._one_for_several()
            better = self._cost() < before - _NEAR and not self._over

    @property
    def _over(self) -> bool:
        return self._work.moves.steps >= self._end

    def _others_for_one(self) -> None:
        """Each further cell in turn must not be withheld."""
        for cell in self._work.further():
            if self._over:
                return
            if self._work.withheld[cell]:
                self._attempt([cell], banned=[cell], free=[])

    def _one_for_several(self) -> None:
        """Each cell shown is tried for those of its relations that are withheld and cost more together."""
        work, offers = self._work, []
        for cell in np.flatnonzero(~work.withheld & np.isfinite(work.system.cost)).tolist():
            others = [c for c in self._beside([cell]) if self._price[c] > self._price[cell] / 2]
            saved = float(self._price[others].sum()) - self._price[cell]
            if len(others) > 1 and saved > 0:
                offers.append((saved, cell))
        for _, cell in sorted(offers, key=lambda offer: (-offer[0], offer[1])):
            if self._over:
                return
            others = [c for c in self._beside([cell]) if self._price[c] > self._price[cell] / 2]
            if len(others) > 1 and not work.withheld[cell]:
                self._attempt(others, banned=[], free=[cell])

    def _attempt(self, out: Sequence[int], *, banned: Sequence[int], free: Sequence[int]) -> None:
        """Show `out` again, repair and prune; all as it was where that is not cheaper."""
        work, saved, before = self._work, self._work.withheld.copy(), self._cost()
        lost = sorted({need for cell in out for need in work.show(cell)})
        bought = self._repair(
            lost, self._flags(banned), self._flags(free), float(self._price[list(out)].sum())
        )
        if bought is not None:
            work.prune(self._dearest({*bought, *self._beside(bought)}))
        if bought is None or self._cost() > before - _NEAR:
            work.become(saved)

    def _repair(self, lost: Iterable[int], banned: Flags, free: Flags, price: float) -> list[int] | None:
        """Cells withheld to meet what was lost; None where that cannot be or costs too much."""
        work, bought = self._work, []
        for need in lost:
            if work.look(need, thorough=False):
                continue
            demand = work.needs[need].demand
            step = abs(demand.target - float(work.system.truth[demand.variable]))
            bought += work.moves.cells(work.withheld, demand, step, banned=banned, free=free) or []
            work.withhold(bought)
            if self._price[bought].sum() > _DETOUR * price or not work.look(need, thorough=False):
                return None
        return bought

    def _beside(self, cells: Iterable[int]) -> list[int]:
        """The further cells withheld that share a relation with one of these."""
        system, work = self._work.system, self._work
        columns, matrix, near = system.columns, system.matrix, set()
        for cell in cells:
            for row in columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]].tolist():
                near.update(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist())
        return [c for c in sorted(near) if work.withheld[c] and not work.blank[c]]

    def _dearest(self, cells: Iterable[int]) -> list[int]:
        return sorted(cells, key=lambda cell: (-self._price[cell], cell))

    def _flags(self, cells: Sequence[int]) -> Flags:
        out = np.zeros(len(self._price), dtype=bool)
        out[list(cells)] = True
        return out

    def _cost(self) -> float:
        return float(self._price[self._work.withheld].sum())
