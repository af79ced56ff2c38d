"""Witnesses: tables of whole numbers that agree with everything known, each kept for every demand it meets."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.system import System

__all__ = ["Witnesses"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_NEAR = 1e-9


class _Witness:
    """A table, as the cells that must be withheld for it to agree and the demands it meets."""

    __slots__ = ("absent", "meets", "moved")

    def __init__(self, absent: int, meets: list[int], moved: frozenset[int]) -> None:
        self.absent, self.meets, self.moved = absent, meets, moved


class Witnesses:
    """What has been seen to agree, kept up to date while cells are withheld and shown."""

    def __init__(self, system: System, blank: Flags) -> None:
        self._system, self._blank = system, blank
        self._demands: list[Demand] = []
        self._valid: list[int] = []  # witnesses of each demand that agree at present
        self._all: list[_Witness] = []
        self._needing: dict[int, list[_Witness]] = defaultdict(list)

    def add_demand(self, demand: Demand) -> None:
        """One more demand; earlier tables are not looked at again for it."""
        self._demands.append(demand)
        self._valid.append(0)

    def change_demand(self, number: int, demand: Demand) -> None:
        """A demand with another target; its witnesses are forgotten."""
        self._demands[number], self._valid[number] = demand, 0
        for witness in self._all:
            witness.meets = [need for need in witness.meets if need != number]

    def met(self, number: int) -> bool:
        """Whether some table that agrees at present meets the demand."""
        return self._valid[number] > 0

    def moves(self, variable: int) -> bool:
        """Whether some table that agrees at present has another count there than the truth."""
        return any(variable in witness.moved for witness in self._all if not witness.absent)

    def keep(self, table: Floats, withheld: Flags) -> None:
        """Note which demands the table meets, and which cells must be withheld for it to agree."""
        variable = np.array([d.variable for d in self._demands], dtype=np.int64)
        sense = np.array([d.sense for d in self._demands], dtype=float)
        target = np.array([d.target for d in self._demands], dtype=float)
        meets = np.flatnonzero(sense * (table[variable] - target) >= -_NEAR).tolist()
        cells = self.cells_needed(table)
        moved = np.flatnonzero(table != self._system.truth)
        witness = _Witness(sum(not withheld[cell] for cell in cells), meets, frozenset(moved.tolist()))
        self._all.append(witness)
        for cell in cells:
            self._needing[cell].append(witness)
        if not witness.absent:
            for need in meets:
                self._valid[need] += 1

    def cells_needed(self, table: Floats) -> list[int]:
        """The cells, beyond those blank in any case, whose shown figures the table contradicts."""
        system = self._system
        low, high = system.shown[:, 0], system.shown[:, 1]
        found = set(system.owner[(low - table > _NEAR) | (table - high > _NEAR)].tolist())
        totals = table[system.first[system.pairs]] + table[system.first[system.pairs] + 1]
        limits = system.shown_total
        found |= set(system.pairs[(limits[:, 0] - totals > _NEAR) | (totals - limits[:, 1] > _NEAR)].tolist())
        return sorted(cell for cell in found if not self._blank[cell])

    def withheld(self, cell: int) -> None:
        """A cell has been withheld: what waited for it agrees now."""
        for witness in self._needing[cell]:
            witness.absent -= 1
            if not witness.absent:
                for need in witness.meets:
                    self._valid[need] += 1

    def shown(self, cell: int) -> list[int]:
        """A cell has been shown again; returns the demands left without a witness."""
        lost = []
        for witness in self._needing[cell]:
            witness.absent += 1
            if witness.absent == 1:
                for need in witness.meets:
                    self._valid[need] -= 1
                    if not self._valid[need]:
                        lost.append(need)
        return sorted(set(lost))
