"""Cuts: what every safe pattern must satisfy, taken from the attacker problem of a pattern that is not safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from mapping.disclosure.attack import Demand
from mapping.disclosure.system import System

__all__ = ["Cut", "Separator"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_NEAR = 1e-6
_WISH = 1e-3  # of a cell not withheld: so that the duals price what a pattern could add
_VIOLATED = 1e-4


@dataclass(frozen=True, slots=True)
class Cut:
    """Sum of weight · withheld over `cells` is at least 1 in every pattern that meets the demand."""

    cells: Ints
    weights: Floats


class Separator:
    """The attacker problem of one connected system as a linear programme in the moves away from the truth.

    A cell withheld to the share y can move y times as far as a blank could. Where no move reaches the demand, the
    dual solution bounds the moves of *every* pattern, which is a cut (Benders); a coefficient above the step asked
    for does no more than one equal to it (Fischetti and Salazar-González 2001, section 4).
    """

    def __init__(self, system: System, blank: Flags) -> None:
        self._system, self._blank = system, blank
        truth = system.truth
        self._free = np.column_stack([truth - system.shown[:, 0], system.shown[:, 1] - truth]).clip(0)
        whole = np.column_stack([truth - system.blank[:, 0], system.blank[:, 1] - truth]).clip(0)
        self._more = (whole - self._free).clip(0)
        count = len(system.row_low)
        at = system.matrix @ truth
        self._pair_cells = system.pairs
        low = np.concatenate([system.row_low, system.shown_total[:, 0]]) - at
        high = np.concatenate([system.row_high, system.shown_total[:, 1]]) - at
        self._row_free = np.column_stack([-low, high]).clip(0)
        self._row_more = np.zeros_like(self._row_free)
        blank_low, blank_high = system.blank_total[:, 0] - at[count:], system.blank_total[:, 1] - at[count:]
        self._row_more[count:] = (np.column_stack([-blank_low, blank_high]) - self._row_free[count:]).clip(0)
        self._equal = np.flatnonzero((self._row_free.sum(axis=1) == 0) & (self._row_more.sum(axis=1) == 0))
        self._loose = np.setdiff1d(np.arange(system.matrix.shape[0]), self._equal)
        self._upper = csr_array(vstack([system.matrix[self._loose], -system.matrix[self._loose]]))
        self._equals = system.matrix[self._equal]
        self._transposed = csr_array(system.matrix.T)
        self._row_owner = np.full(system.matrix.shape[0], -1, dtype=np.int64)
        self._row_owner[count:] = system.pairs

    def cut(self, demand: Demand, withheld: Floats) -> Cut | None:
        """A cut that the (fractional) pattern violates, or None where there is none."""
        system = self._system
        step = demand.sense * (demand.target - system.truth[demand.variable])
        share = np.where(self._blank, 1.0, withheld)
        reach = self._free + share[system.owner, None] * self._more + _WISH * np.minimum(self._more, step)
        rows = self._row_free + np.where(
            self._row_more > 0, share[self._row_owner, None] * np.minimum(self._row_more, 1e6), 0.0
        )
        own = 0 if demand.sense < 0 else 1
        reach[demand.variable, own] = min(reach[demand.variable, own], step)
        cost = np.zeros(len(system.truth))
        cost[demand.variable] = -demand.sense
        right = np.concatenate([rows[self._loose, 1], rows[self._loose, 0]])
        found = linprog(
            cost,
            A_ub=self._upper if len(self._loose) else None,
            b_ub=right if len(self._loose) else None,
            A_eq=self._equals if len(self._equal) else None,
            b_eq=np.zeros(len(self._equal)) if len(self._equal) else None,
            bounds=np.column_stack([-reach[:, 0], reach[:, 1]]),
            method="highs",
        )
        if found.x is None or -found.fun >= step - _NEAR:
            return None
        dual = np.zeros(system.matrix.shape[0])
        if len(self._equal):
            dual[self._equal] = -found.eqlin.marginals
        if len(self._loose):
            half = len(self._loose)
            dual[self._loose] = -(found.ineqlin.marginals[:half] - found.ineqlin.marginals[half:])
        dual[np.abs(dual) < 1e-9] = 0.0
        return self._from_dual(demand, step, dual, share)

    def row_cuts(self, demand: Demand) -> list[Cut]:
        """The cuts that each single relation of the demanded count gives."""
        step = demand.sense * (demand.target - self._system.truth[demand.variable])
        column = self._system.columns[:, [demand.variable]].tocoo()
        cuts = []
        for row, value in zip(column.coords[0].tolist(), column.data.tolist(), strict=True):
            dual = np.zeros(self._system.matrix.shape[0])
            dual[row] = demand.sense / value
            if (cut := self._from_dual(demand, step, dual, None)) is not None:
                cuts.append(cut)
        return cuts

    def _from_dual(self, demand: Demand, step: float, dual: Floats, share: Floats | None) -> Cut | None:
        """sense · move <= what the duals allow, for every pattern; needed: the step."""
        system = self._system
        rest = -(self._transposed @ dual)
        rest[demand.variable] += demand.sense
        rest[np.abs(rest) < 1e-9] = 0.0
        up, down = rest.clip(0), (-rest).clip(0)
        fixed = up @ self._free[:, 1] + down @ self._free[:, 0]
        gain = up * self._more[:, 1] + down * self._more[:, 0]
        fixed += dual.clip(0) @ self._row_free[:, 1] + (-dual).clip(0) @ self._row_free[:, 0]
        row_up = np.where(dual > 0, self._row_more[:, 1], 0.0)
        row_down = np.where(dual < 0, self._row_more[:, 0], 0.0)
        row_gain = (
            dual.clip(0) * row_up + (-dual).clip(0) * row_down if False else _times(dual, row_up, row_down)
        )
        weight = np.zeros(len(system.cells))
        np.add.at(weight, system.owner, gain)
        held = self._row_owner >= 0
        np.add.at(weight, self._row_owner[held], row_gain[held])
        needed = step - fixed - weight[self._blank].sum()
        weight[self._blank | ~np.isfinite(system.cost)] = 0.0
        if needed <= _NEAR:
            return None
        cells = np.flatnonzero(weight > 1e-9)
        weights = np.minimum(weight[cells] / needed, 1.0)
        if share is not None and weights @ share[cells] >= 1 - _VIOLATED:
            return None
        return Cut(cells.astype(np.int64), weights)


def _times(dual: Floats, up: Floats, down: Floats) -> Floats:
    """Dual times the bound it stands at; nothing times infinity is nothing."""
    out = np.zeros(len(dual))
    out[dual > 0] = dual[dual > 0] * up[dual > 0]
    out[dual < 0] = -dual[dual < 0] * down[dual < 0]
    return out
