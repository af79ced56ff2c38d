"""Complementary suppression: withhold more until every demand is met by a table of whole numbers, then show again
what is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mapping.disclosure.engine.attack import Attacker, Demand
from mapping.disclosure.engine.least_cost import LeastCost
from mapping.disclosure.engine.moves import Moves
from mapping.disclosure.engine.purchase import Purchase
from mapping.disclosure.engine.search import further_cells, moves_freely
from mapping.disclosure.engine.system import System
from mapping.disclosure.engine.witnesses import Witnesses

__all__ = ["Need", "Pattern", "complete"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_DEAR = 20.0  # times the price at which a search that looks at counts is preferred to one that does not
_FEW = 2  # needs that are looked at one by one rather than together


@dataclass(frozen=True, slots=True)
class Need:
    """A demand and how far a search that looks at no count must let the variable move to meet it."""

    demand: Demand
    step: float


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
        work = _Work(part, blank[cells], own, blind=blind)
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


class _Work:
    """The work on one connected system."""

    def __init__(self, system: System, blank: Flags, needs: Sequence[Need], *, blind: bool) -> None:
        self.system, self.blank, self.blind = system, blank, blind
        self.withheld = blank.copy()
        self.needs = list(needs)
        self.unreachable: list[Demand] = []
        self.known = Witnesses(system, blank)
        for need in self.needs:
            self.known.add_demand(need.demand)
        self.programme: LeastCost | None = None
        self._purchase: Purchase | None = None
        self._moves = Moves(system, system.knowledge(blank))
        self._attacker: Attacker | None = None

    def run(self) -> None:
        """Repair, prune, and see that every further blank can move."""
        self.known.keep(self.system.truth, self.withheld)
        cheapest = not self.blind and self._start()
        self._repair(range(len(self.needs)))
        if not cheapest:
            self._prune()
        self._loosen()

    def _start(self) -> bool:
        """Begin with the answer of the integer programme; whether no pattern is cheaper."""
        everything = self.blank | np.isfinite(self.system.cost)
        self._lower_sights(everything)
        for need in self._unmet(everything):
            self._give_in(need)
        self.programme = LeastCost(self.system, self.blank, [need.demand for need in self.needs])
        withheld, cheapest = self.programme.pattern(self._unmet)
        self._become(withheld)
        return cheapest

    def _lower_sights(self, everything: Flags) -> None:
        """Demands beyond what single relations leave possible, even with everything withheld, get that as target."""
        low, high = self.system.reach(everything)
        for number, need in enumerate(self.needs):
            demand = need.demand
            most = float((high if demand.sense > 0 else low)[demand.variable])
            if demand.sense * (demand.target - most) > 0:
                self._aim(number, most)

    def _unmet(self, withheld: Flags) -> list[int]:
        """The needs that a pattern leaves unmet."""
        self._become(withheld)
        everyone = range(len(self.needs))
        self._look_together(everyone)
        return [need for need in everyone if not self._look(need)]

    def _become(self, withheld: Flags) -> None:
        self._withhold(np.flatnonzero(withheld).tolist())
        for cell in np.flatnonzero(self.withheld & ~withheld).tolist():
            self._show(cell)

    @property
    def attacker(self) -> Attacker:
        """The attacker of the present pattern."""
        if self._attacker is None:
            self._attacker = Attacker(self.system, self.withheld)
        return self._attacker

    def _withhold(self, cells: Iterable[int]) -> None:
        for cell in cells:
            if not self.withheld[cell]:
                self.withheld[cell] = True
                self.known.withheld(cell)
        self._attacker = None

    def _show(self, cell: int) -> list[int]:
        """Show a cell again; returns the needs that are left without a witness."""
        self.withheld[cell] = False
        self._attacker = None
        return self.known.shown(cell)

    def _look(self, need: int, *, thorough: bool = True) -> bool:
        """Whether the present pattern meets the need, by a stored witness or a new one."""
        if self.known.met(need):
            return True
        demand = self.needs[need].demand
        table = self.attacker.meets(demand, self._moves, thorough=thorough)
        if table is None:
            return False
        self.known.keep(table, self.withheld)
        return True

    def _look_together(self, needs: Sequence[int]) -> None:
        """Find witnesses for many needs at a time, as long as that gets on."""
        for sense in (1, -1):
            missing = [i for i in needs if self.needs[i].demand.sense == sense and not self.known.met(i)]
            while len(missing) > _FEW:
                for table in self.attacker.joint_tables([self.needs[i].demand for i in missing]):
                    self.known.keep(table, self.withheld)
                still = [i for i in missing if not self.known.met(i)]
                if len(still) == len(missing):
                    break
                missing = still

    def _repair(self, needs: Sequence[int]) -> None:
        """Withhold more until every need is met."""
        self._look_together(needs)
        for need in needs:
            if not self._look(need):
                self._meet(need)

    def _meet(self, need: int) -> None:
        for cells in self._offers(need):
            self._withhold(cells)
            if self._look(need):
                return
        self._give_in(need)

    def _offers(self, need: int) -> Iterator[list[int]]:
        """Sets of cells to withhold, the ones found without looking at a count first, unless they are very dear."""
        wanted = self.needs[need]
        left = abs(wanted.demand.target - self.system.truth[wanted.demand.variable])
        seeing = self._seeing(wanted.demand, left)
        if self.blind:
            blind = further_cells(self.system, self.withheld, wanted.demand, wanted.step, blind=True) or []
            if blind and not (seeing and self._price(blind) > _DEAR * self._price(seeing)):
                yield blind
        if seeing:
            yield seeing

    def _seeing(self, demand: Demand, step: float) -> list[int]:
        if self.blind or len(self.system.pairs):
            return further_cells(self.system, self.withheld, demand, step, blind=False) or []
        if self._purchase is None:
            self._purchase = Purchase(self.system, self.blank)
        return self._purchase.cells(self.withheld, demand, step) or []

    def _price(self, cells: Sequence[int]) -> float:
        return float(self.system.cost[list(cells)].sum())

    def _give_in(self, need: int) -> None:
        """Set the target to the farthest that any pattern reaches, and meet that."""
        demand, system = self.needs[need].demand, self.system
        everything = Attacker(system, self.blank | np.isfinite(system.cost))
        table = everything.table(demand.variable, demand.sense, demand.target)
        if not demand.met(table):
            self._aim(need, float(table[demand.variable]))
        if not self._look(need):
            self._withhold(self.known.cells_needed(table))
            self.known.keep(table, self.withheld)

    def _aim(self, need: int, most: float) -> None:
        """Set the target to the farthest that can be reached."""
        demand, truth = self.needs[need].demand, float(self.system.truth[self.needs[need].demand.variable])
        if demand.sense > 0 or most == truth:
            self.unreachable.append(demand)
        nearer = Demand(demand.variable, demand.sense, most)
        self.needs[need] = Need(nearer, abs(most - truth))
        self.known.change_demand(need, nearer)
        self.known.keep(self.system.truth, self.withheld)

    def _prune(self) -> None:
        """Show again, dearest first, every further cell without which all needs are still met."""
        kept = self.blank if self.programme is None else self.programme.needed(self.withheld)
        for cell in self._further():
            if kept[cell]:
                continue
            concerned = self._show(cell)
            if not all(self._spared(i) and self._look(i, thorough=False) for i in concerned):
                self._withhold([cell])

    def _spared(self, need: int) -> bool:
        """Whether a search that looks at no count finds nothing more to withhold for the need."""
        if not self.blind:
            return True
        wanted = self.needs[need]
        return moves_freely(self.system, self.withheld, wanted.demand, wanted.step)

    def _further(self) -> list[int]:
        cells = np.flatnonzero(self.withheld & ~self.blank)
        return sorted(cells.tolist(), key=lambda cell: (-self.system.cost[cell], cell))

    def _loosen(self) -> None:
        """See to it that every further cell can move; one that cannot gets a need of its own."""
        for cell in self._further():
            variable = int(self.system.first[cell])
            truth = float(self.system.truth[variable])
            if self.known.moves(variable) or any(
                self.attacker.table(variable, sense, truth + sense)[variable] != truth for sense in (1, -1)
            ):
                continue
            self.needs.append(Need(Demand(variable, 1, truth + 1), 1.0))
            self.known.add_demand(self.needs[-1].demand)
            self._repair([len(self.needs) - 1])
