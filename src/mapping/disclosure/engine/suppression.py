"""Complementary suppression: the cells to withhold besides, part by part, and what every pattern costs at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.system import System
from mapping.disclosure.engine.work import Need, Work

__all__ = ["Need", "Pattern", "complete"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(slots=True, repr=False)
class Pattern:
    """Which cells are withheld.

    `unreachable` are demands that no pattern meets, because of what is out already or because the whole cell has too
    few people; for them the target is the farthest that can be reached. (One that gets below the true count, though
    not all the way down, is none of them.)
    """

    withheld: Flags
    unreachable: list[Demand] = field(default_factory=list)
    lower_bound: float = 0.0


def complete(
    system: System, blank: Flags, needs: Sequence[Need], *, blind: bool = True, worth: Floats | None = None
) -> Pattern:
    """The pattern that withholds `blank` and as little as possible besides, so that every need is met.

    Every further cell withheld can also move, so that no blank follows from what is shown. Parts of the system that
    no relation connects are worked on one after the other. A search that need not be `blind` to the counts starts from
    the integer programme and says what every pattern costs at least; `worth` are the costs meant (those of the system
    may be jittered).
    """
    pattern = Pattern(blank.copy())
    worth = np.where(np.isfinite(system.cost), system.cost, 0.0) if worth is None else worth
    pattern.lower_bound = float(worth[blank].sum())
    for part, cells, variables in system.parts():
        place = {int(variable): number for number, variable in enumerate(variables)}
        own = [
            Need(Demand(place[need.demand.variable], need.demand.sense, need.demand.target), need.step)
            for need in needs
            if need.demand.variable in place
        ]
        if not own:
            continue
        work = Work(part, blank[cells], own, blind=blind)
        work.run()
        pattern.withheld[cells] = work.withheld
        if work.programme is not None:
            pattern.lower_bound += work.programme.bound(worth[cells]) - float(
                worth[cells][blank[cells]].sum()
            )
        pattern.unreachable += [
            Demand(int(variables[d.variable]), d.sense, d.target) for d in work.unreachable
        ]
    return pattern
