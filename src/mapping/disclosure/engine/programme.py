"""Linear programmes with whole-number answers, solved by HiGHS through scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

__all__ = ["Programme"]

Floats = NDArray[np.float64]

NODES = (
    5000  # of one whole-number programme; without an answer the cell counts as unprotected. No clock decides
)
_NEAR = 1e-6


@dataclass(frozen=True, slots=True, repr=False)
class Programme:
    """All x with row_low <= matrix x <= row_high and low <= x <= high."""

    matrix: csr_array
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats

    def relaxed(self, cost: Floats) -> Floats | None:
        """The x, fractions allowed, that minimises cost · x; None where there is none."""
        return self._solve(cost, 0)

    def whole(self, cost: Floats, *, nodes: int = NODES) -> Floats | None:
        """The x of whole numbers that minimises cost · x; None where there is none (or none was found)."""
        x = self.relaxed(cost)
        if x is None:
            return None
        near = np.round(x)
        if np.abs(x - near).max(initial=0.0) < _NEAR and self.holds(near):
            return near
        x = self._solve(cost, nodes)
        if x is None:
            return None
        near = np.round(x)
        return near if self.holds(near) else None

    def holds(self, x: Floats) -> bool:
        """Whether x satisfies everything."""
        sums = self.matrix @ x
        return bool(
            np.all(x >= self.low - _NEAR)
            and np.all(x <= self.high + _NEAR)
            and np.all(sums >= self.row_low - _NEAR)
            and np.all(sums <= self.row_high + _NEAR)
        )

    def _solve(self, cost: Floats, nodes: int) -> Floats | None:
        """In whole numbers where there are nodes to search."""
        found = milp(
            cost,
            integrality=np.full(len(cost), int(nodes > 0)),
            bounds=Bounds(self.low, self.high),
            constraints=LinearConstraint(self.matrix, self.row_low, self.row_high),
            options={"node_limit": nodes} if nodes else {},
        )
        return None if found.x is None else np.asarray(found.x, dtype=float)
