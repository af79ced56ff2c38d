"""Cuts: what every safe pattern must satisfy, taken from the attacker problem of a pattern that is not safe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.kept import Kept
from mapping.disclosure.engine.system import System

__all__ = ["Cut", "Separator"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_NEAR = 1e-6
_WISH = 1e-3  # of a cell not withheld: so that the duals price what a pattern could add
_VIOLATED = 1e-4
_MUCH = 1e6  # as far as a sum moves that nothing bounds


@dataclass(frozen=True, slots=True)
class Cut:
    """Sum of weight · withheld over `cells` is at least 1 in every pattern that meets the demand."""

    cells: Ints
    weights: Floats

    def met(self, share: Floats) -> bool:
        """Whether a (fractional) pattern satisfies it."""
        return bool(self.weights @ share[self.cells] >= 1 - _VIOLATED)


class Separator:
    """The attacker problem of one connected system as a linear programme in the moves away from the truth.

    A cell withheld to the share y can move y times as far as a blank could. Where no move reaches the demand, the
    dual solution bounds the moves of *every* pattern, which is a cut (Benders); a coefficient above the step asked
    for does no more than one equal to it (Fischetti and Salazar-González 2001, section 4). Relations left out only
    give the attacker less to go by, so a cut from some of them holds as well.
    """

    def __init__(self, system: System, blank: Flags) -> None:
        self._system, self._blank = system, blank
        truth, at = system.truth, system.matrix @ system.truth
        self._free, self._more = _room(truth, system.shown, system.blank)
        count = len(system.row_low)
        ends = np.column_stack([system.row_low, system.row_high])
        fixed = np.column_stack([at[:count] - ends[:, 0], ends[:, 1] - at[:count]]).clip(0)
        free, more = _room(at[count:], system.shown_total, system.blank_total)
        self._row_free = np.concatenate([fixed, free])
        self._row_more = np.concatenate([np.zeros_like(fixed), more])
        self._row_owner = np.concatenate([np.full(count, -1, dtype=np.int64), system.pairs])
        self._kept: Kept | None = None

    def cuts(self, demands: Iterable[Demand], withheld: Floats) -> list[Cut]:
        """For each demand a cut that the (fractional) pattern violates, where there is one."""
        share = np.where(self._blank, 1.0, withheld)
        more = self._more
        reach = self._free + share[self._system.owner, None] * more + _WISH * np.minimum(more, 1.0)
        limit = self._row_free + share[self._row_owner, None] * np.minimum(self._row_more, _MUCH)
        ends = -reach[:, 0], reach[:, 1], -limit[:, 0], limit[:, 1]
        if self._kept is None:
            self._kept = Kept(self._system.matrix, ends[2], ends[3], ends[0], ends[1])
        else:
            self._kept.bound(*ends)
        found = []
        for demand in demands:
            cut = self._cut(demand, self._kept)
            if cut is not None and not cut.met(share):
                found.append(cut)
        return found

    def _cut(self, demand: Demand, kept: Kept) -> Cut | None:
        step = demand.sense * (demand.target - self._system.truth[demand.variable])
        moves = kept.farthest(demand.variable, demand.sense, demand.sense * step)
        if moves is None or demand.sense * moves[0][demand.variable] >= step - _NEAR:
            return None
        dual = -moves[1]
        dual[np.abs(dual) < 1e-9] = 0.0
        return self._from_dual(demand, np.arange(len(dual)), dual)

    def row_cuts(self, demand: Demand) -> Iterator[Cut]:
        """The cuts that each single relation of the demanded count gives."""
        columns = self._system.columns
        inside = slice(columns.indptr[demand.variable], columns.indptr[demand.variable + 1])
        for row, value in zip(columns.indices[inside].tolist(), columns.data[inside].tolist(), strict=True):
            cut = self._from_dual(demand, np.array([row]), np.array([demand.sense / value]))
            if cut is not None:
                yield cut

    def _from_dual(self, demand: Demand, rows: Ints, dual: Floats) -> Cut | None:
        """sense · move <= what the duals allow, for every pattern; needed: the step."""
        system, matrix = self._system, self._system.matrix
        used = np.flatnonzero(dual)
        rows, dual = rows[used], dual[used]
        count = np.diff(matrix.indptr)[rows]
        entries = np.repeat(matrix.indptr[rows] + count - np.cumsum(count), count) + np.arange(count.sum())
        columns, place = np.unique(np.append(matrix.indices[entries], demand.variable), return_inverse=True)
        rest: Floats = np.zeros(len(columns))
        rest -= np.bincount(place[:-1], matrix.data[entries] * np.repeat(dual, count), len(columns))
        rest[place[-1]] += demand.sense
        rest[np.abs(rest) < 1e-9] = 0.0
        step = demand.sense * (demand.target - system.truth[demand.variable])
        fixed = _at_bound(rest, self._free[columns]).sum() + _at_bound(dual, self._row_free[rows]).sum()
        owner = np.concatenate([system.owner[columns], self._row_owner[rows]])
        gain = np.concatenate([_at_bound(rest, self._more[columns]), _at_bound(dual, self._row_more[rows])])
        cells, place = np.unique(owner[owner >= 0], return_inverse=True)
        weight = np.bincount(place, gain[owner >= 0], len(cells))
        blank = self._blank[cells]
        needed = step - fixed - weight[blank].sum()
        if needed <= _NEAR:
            return None
        kept = ~blank & np.isfinite(system.cost[cells]) & (weight > 1e-9)
        return Cut(cells[kept].astype(np.int64), np.minimum(weight[kept] / needed, 1.0))


def _room(truth: Floats, shown: Floats, blank: Floats) -> tuple[Floats, Floats]:
    """How far down and up something can move while shown, and how much farther while blank."""
    free = np.column_stack([truth - shown[:, 0], shown[:, 1] - truth]).clip(0)
    whole = np.column_stack([truth - blank[:, 0], blank[:, 1] - truth]).clip(0)
    return free, (whole - free).clip(0)


def _at_bound(price: Floats, room: Floats) -> Floats:
    """Each price times the bound it stands at; nothing times infinity is nothing."""
    out = np.zeros(len(price))
    up, down = price > 0, price < 0
    out[up] = price[up] * room[up, 1]
    out[down] = -price[down] * room[down, 0]
    return out
