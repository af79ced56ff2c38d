"""How far counts can go within all tables that agree with something, shown by as few tables as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, identity, vstack

from mapping.disclosure.engine.programme import Programme

__all__ = ["Target", "witnesses"]

Floats = NDArray[np.float64]
_NEAR = 1e-6
_NODES = 50  # a good table will do; the best one is looked for target by target


@dataclass(frozen=True, slots=True)
class Target:
    """A count that should be able to go as high (`sense` 1) or as low (-1) as `goal`."""

    variable: int
    sense: int
    goal: int

    def reached(self, tables: Sequence[Floats]) -> float:
        """How far it goes in the farthest of these tables."""
        return self.sense * max(self.sense * float(table[self.variable]) for table in tables)

    def met(self, tables: Sequence[Floats]) -> bool:
        """Whether it goes far enough in one of these tables."""
        return self.sense * self.reached(tables) >= self.sense * self.goal


def witnesses(part: Programme, base: Floats, targets: Sequence[Target]) -> list[Floats]:
    """Tables of whole numbers that, with `base`, take every target as far as any table of the programme does."""
    tables = [base]
    for sense in (1, -1):
        left = [t for t in targets if t.sense == sense and not t.met(tables)]
        while left and (table := _together(part, left)) is not None:
            still = [t for t in left if not t.met([table])]
            if len(still) == len(left):
                break
            tables.append(table)
            left = still
        for target in left:
            if not target.met(tables) and (table := _alone(part, target, target.reached(tables))) is not None:
                tables.append(table)
    return _needed(tables, targets)[1:]


def _together(part: Programme, targets: Sequence[Target]) -> Floats | None:
    """A table that takes as many of the targets (of one sense) as far as a linear programme manages."""
    size, count, sense = len(part.low), len(targets), targets[0].sense
    pick = csr_array((np.ones(count), (np.arange(count), [t.variable for t in targets])), shape=(count, size))
    goals, free = np.array([float(t.goal) for t in targets]), np.full(count, np.inf)
    wide = hstack([part.matrix, csr_array((part.matrix.shape[0], count))])
    programme = Programme(
        csr_array(vstack([wide, hstack([pick, -identity(count)])])),
        np.concatenate([part.row_low, np.zeros(count) if sense > 0 else -free]),
        np.concatenate([part.row_high, free if sense > 0 else np.zeros(count)]),
        np.concatenate([part.low, np.zeros(count) if sense > 0 else goals]),
        np.concatenate([part.high, goals if sense > 0 else free]),
    )
    found = programme.whole(np.concatenate([np.zeros(size), np.full(count, -float(sense))]), nodes=_NODES)
    return None if found is None else found[:size]


def _alone(part: Programme, target: Target, reached: float) -> Floats | None:
    """A table that takes one target farther than `reached`, as far as it goes or to its goal; None if none does."""
    cost = np.zeros(len(part.low))
    cost[target.variable] = -target.sense
    low, high = part.low.copy(), part.high.copy()
    bound = low if target.sense < 0 else high
    bound[target.variable] = target.sense * min(
        target.sense * bound[target.variable], target.sense * target.goal
    )
    narrowed = Programme(part.matrix, part.row_low, part.row_high, low, high)
    relaxed = narrowed.relaxed(cost)
    if relaxed is None or target.sense * relaxed[target.variable] < target.sense * reached + 1 - _NEAR:
        return None
    return narrowed.whole(cost)


def _needed(tables: list[Floats], targets: Sequence[Target]) -> list[Floats]:
    """The base and those tables without which some target would not go as far."""
    kept = list(tables)
    for table in tables[1:]:
        without = [other for other in kept if other is not table]
        if all(t.met(without) or t.reached(without) == t.reached(kept) for t in targets):
            kept = without
    return kept
