"""The attacker: which tables of whole numbers agree with everything that is known, and how far each count can move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, identity, vstack

from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.system import Knowledge, System, zones

if TYPE_CHECKING:
    from mapping.disclosure.engine.moves import Moves

__all__ = ["Attacker", "Demand"]

Floats = NDArray[np.float64]

_JOINT = 1  # nodes of a programme for many demands at a time: what it leaves open is looked at singly
_NEAR = 1e-6


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """A count that must stay open: some table agreeing with all that is known has sense·x >= sense·target."""

    variable: int
    sense: int  # +1: it can be as high as the target; -1: as low
    target: float

    def met(self, table: Floats) -> bool:
        """Whether this table of counts is such a one."""
        return bool(self.sense * (table[self.variable] - self.target) >= -1e-9)


class Attacker:
    """Someone who knows a pattern's shown cells, all relations and bounds, and that counts are whole numbers."""

    def __init__(self, system: System, withheld: NDArray[np.bool_]) -> None:
        self._system, known = system, system.knowledge(withheld)
        self._low, self._high = np.ceil(known.low - 1e-9), np.floor(known.high + 1e-9)
        self._known = Knowledge(self._low, self._high, known.row_low, known.row_high)
        self._row_low, self._row_high = known.row_low, known.row_high
        self._loose = self._high > self._low
        self._parts: dict[int, tuple[NDArray[np.int64], Programme]] = {}

    def table(self, variable: int, sense: int, stop: float | None = None) -> Floats:
        """A table of whole numbers that fits and has the variable as far in one direction as it goes (or to `stop`).

        It is the truth everywhere outside the variable's zone, and everywhere if the variable cannot move.
        """
        zone = int(self.zone[variable])
        if zone < 0:
            return self._system.truth
        columns, part = self._part(zone)
        return self._extreme(columns, part, variable, sense, stop)

    @cached_property
    def zone(self) -> NDArray[np.int64]:
        """What can move together; -1 for a count that cannot."""
        return zones(self._system.matrix, self._loose)

    def meets(self, demand: Demand, moves: Moves, *, thorough: bool = True) -> Floats | None:
        """A table of whole numbers that fits and meets the demand; None where there is none.

        Where the smallest of the `moves` is one in fractions, whole numbers are looked for among the counts it moves,
        and, if that is to be `thorough`, among those beside them, then among all.
        """
        if not self._loose[demand.variable]:
            return self._system.truth if demand.met(self._system.truth) else None
        found = moves.table(self._known, demand)
        if found is None:
            return None
        table = np.round(found)
        if np.abs(table - found).max() < _NEAR and demand.met(table) and self._fits(table):
            return table
        apart = (np.abs(found - self._system.truth) > _NEAR) & self._loose
        apart[demand.variable] = True
        moved = np.flatnonzero(apart)
        for columns in [moved, self._beside(moved)] if thorough else [moved]:
            few = self._programme(columns, self._system.truth)
            table = self._extreme(columns, few, demand.variable, demand.sense, demand.target)
            if demand.met(table):
                return table
        table = self.table(demand.variable, demand.sense, demand.target) if thorough else table
        return table if demand.met(table) else None

    def _beside(self, moved: NDArray[np.int64]) -> NDArray[np.int64]:
        """What can move in the relations of these counts."""
        rows = np.unique(self._system.columns[:, moved].indices)
        near = np.zeros(len(self._loose), dtype=bool)
        near[self._system.matrix[rows].indices] = True
        return np.flatnonzero(near & self._loose)

    def _fits(self, table: Floats) -> bool:
        sums = self._system.matrix @ table
        return bool(
            np.all((table >= self._low) & (table <= self._high))
            and np.all((sums >= self._row_low - _NEAR) & (sums <= self._row_high + _NEAR))
        )

    def _extreme(
        self, columns: NDArray[np.int64], part: Programme, variable: int, sense: int, stop: float | None
    ) -> Floats:
        at = int(np.searchsorted(columns, variable))
        low, high = part.low.copy(), part.high.copy()
        if stop is not None:
            low[at] = max(low[at], stop) if sense < 0 else low[at]
            high[at] = min(high[at], stop) if sense > 0 else high[at]
        cost = np.zeros(len(columns))
        cost[at] = -sense
        found = Programme(part.matrix, part.row_low, part.row_high, low, high).whole(cost)
        return self._whole_table(columns, found)

    def joint_tables(self, demands: Sequence[Demand]) -> Iterable[Floats]:
        """One table per zone that meets as many of the demands (of one sense) as a linear programme manages."""
        by_zone: dict[int, list[Demand]] = {}
        for demand in demands:
            by_zone.setdefault(int(self.zone[demand.variable]), []).append(demand)
        for zone, wanted in by_zone.items():
            if zone >= 0:
                yield self._joint(*self._part(zone), wanted)

    def _joint(self, columns: NDArray[np.int64], part: Programme, wanted: Sequence[Demand]) -> Floats:
        """Maximise the sum of min(x, target), or minimise that of max(x, target): y stands for the capped count."""
        size, count = len(columns), len(wanted)
        at = np.searchsorted(columns, [d.variable for d in wanted])
        sense = wanted[0].sense
        targets = np.array([d.target for d in wanted])
        pick = csr_array((np.ones(count), (np.arange(count), at)), shape=(count, size))
        capped = hstack([pick, -identity(count)])  # x - y >= 0 (or <= 0)
        free = np.full(count, np.inf)
        programme = Programme(
            _stack(part.matrix, capped, count),
            np.concatenate([part.row_low, np.zeros(count) if sense > 0 else -free]),
            np.concatenate([part.row_high, free if sense > 0 else np.zeros(count)]),
            np.concatenate([part.low, -free if sense > 0 else targets]),
            np.concatenate([part.high, targets if sense > 0 else free]),
        )
        found = programme.whole(np.concatenate([np.zeros(size), np.full(count, -float(sense))]), nodes=_JOINT)
        return self._whole_table(columns, None if found is None else found[:size])

    def _whole_table(self, columns: NDArray[np.int64], found: Floats | None) -> Floats:
        table = self._system.truth.copy()
        if found is not None:
            table[columns] = found
        return table

    def _part(self, zone: int) -> tuple[NDArray[np.int64], Programme]:
        if zone not in self._parts:
            columns = np.flatnonzero(self.zone == zone)
            # counts outside the zone that its rows touch are known exactly
            self._parts[zone] = (
                columns,
                self._programme(columns, np.where(np.isfinite(self._low), self._low, 0.0)),
            )
        return self._parts[zone]

    def _programme(self, columns: NDArray[np.int64], others: Floats) -> Programme:
        """Which counts fit in some columns, given the others."""
        inside = csr_array(self._system.columns[:, columns])
        rows = np.flatnonzero(np.diff(inside.indptr))
        fixed = others.copy()
        fixed[columns] = 0.0
        rest = self._system.matrix[rows] @ fixed
        return Programme(
            inside[rows],
            self._row_low[rows] - rest,
            self._row_high[rows] - rest,
            self._low[columns],
            self._high[columns],
        )


def _stack(matrix: csr_array, capped: csr_array, count: int) -> csr_array:
    wide = hstack([matrix, csr_array((matrix.shape[0], count))])
    return csr_array(vstack([wide, capped]))
