"""A linear programme kept in the solver, so that the next question about it starts where the last one ended."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize._highspy import _core as highs
from scipy.sparse import csr_array

__all__ = ["Kept"]

Floats = NDArray[np.float64]

_ASKING = 100, 200  # to ask takes as long as so many steps, and one more for so many variables
_PRIMAL, _DUAL = 4, 1  # simplex strategies: where mostly the objective changes, and where mostly bounds do


class Kept:
    """Rows and variables with bounds that change, and one variable at a time to be made large or small.

    Thousands of questions differ by an objective or a few bounds. Through scipy's public functions each starts from
    nothing; this holds the HiGHS that comes with scipy open (from 1.15 on). Answers do not depend on a clock.
    """

    def __init__(
        self,
        matrix: csr_array,
        row_low: Floats,
        row_high: Floats,
        low: Floats,
        high: Floats,
        cost: Floats | None = None,
    ) -> None:
        self._rows, self._size = matrix.shape
        self.steps = 0  # of the simplex method so far, with what the questions themselves take
        self._cost = np.zeros(self._size) if cost is None else cost.copy()
        self._solver = highs._Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("simplex_strategy", _PRIMAL if cost is None else _DUAL)
        columns = matrix.tocsc()
        programme = highs.HighsLp()
        programme.num_col_, programme.num_row_ = self._size, self._rows
        programme.col_cost_ = self._cost
        programme.col_lower_, programme.col_upper_ = low, high
        programme.row_lower_, programme.row_upper_ = row_low, row_high
        inside = programme.a_matrix_
        inside.format_ = highs.MatrixFormat.kColwise
        inside.num_col_, inside.num_row_ = self._size, self._rows
        inside.start_, inside.index_, inside.value_ = columns.indptr, columns.indices, columns.data
        self._solver.passModel(programme)
        self._ends: dict[Hashable, highs.HighsBasis] = {}
        self._begin = highs.HighsBasis()
        self._begin.valid = True
        self._begin.col_status = [highs.HighsBasisStatus.kLower] * self._size
        self._begin.row_status = [highs.HighsBasisStatus.kBasic] * self._rows
        self._low, self._high = low.copy(), high.copy()
        self._row_low, self._row_high = row_low.copy(), row_high.copy()

    def bound(self, low: Floats, high: Floats, row_low: Floats, row_high: Floats) -> None:
        """Other bounds."""
        which = np.flatnonzero((low != self._low) | (high != self._high)).astype(np.int32)
        self._solver.changeColsBounds(len(which), which, low[which], high[which])
        for at in np.flatnonzero((row_low != self._row_low) | (row_high != self._row_high)).tolist():
            self._solver.changeRowBounds(at, float(row_low[at]), float(row_high[at]))
        self._low, self._high = low.copy(), high.copy()
        self._row_low, self._row_high = row_low.copy(), row_high.copy()

    def farthest(self, variable: int, sense: int, stop: float) -> tuple[Floats, Floats] | None:
        """The solution with a variable as far in one direction as it goes, up to `stop`, and the prices of the rows.

        None where there is no solution at all.
        """
        low, high = float(self._low[variable]), float(self._high[variable])
        ends = (low, min(high, stop)) if sense > 0 else (max(low, stop), high)
        self._solver.changeColBounds(variable, *ends)
        self._solver.changeColCost(variable, -float(sense))
        solution = self._run()
        self._solver.changeColCost(variable, 0.0)
        self._solver.changeColBounds(variable, low, high)
        return None if solution is None else (np.array(solution.col_value), np.array(solution.row_dual))

    def cheapest(self, cost: Floats, question: Hashable = None) -> Floats | None:
        """The solution that minimises cost · x; None where there is none.

        It starts where the same `question` last ended, under whatever bounds that was, or with all variables at their
        lower bounds: either is less work than to undo the answer to another question.
        """
        at = np.flatnonzero(cost != self._cost).astype(np.int32)
        self._solver.changeColsCost(len(at), at, cost[at])
        self._cost = cost.copy()
        self._solver.setBasis(self._ends.get(question, self._begin))
        solution = self._run()
        if solution is None:
            return None
        if question is not None:
            self._ends[question] = self._solver.getBasis()
        return np.array(solution.col_value)

    def _run(self) -> highs.HighsSolution | None:
        self._solver.run()
        self.steps += _ASKING[0] + self._size // _ASKING[1]
        self.steps += max(self._solver.getInfo().simplex_iteration_count, 0)
        fine = self._solver.getModelStatus() == highs.HighsModelStatus.kOptimal
        return self._solver.getSolution() if fine else None
