"""The work on one connected system: withhold until every demand is met by a table of whole numbers, then show again
what is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.disclosure.engine.attack import Attacker, Demand
from mapping.disclosure.engine.improve import improve
from mapping.disclosure.engine.least_cost import LeastCost
from mapping.disclosure.engine.moves import Moves
from mapping.disclosure.engine.search import further_cells, moves_freely
from mapping.disclosure.engine.system import System
from mapping.disclosure.engine.witnesses import Witnesses

__all__ = ["Need", "Work"]

Flags = NDArray[np.bool_]

_DEAR = 20.0  # times the price at which a search that looks at counts is preferred to one that does not
_POWER = 2.0  # of the relations of a cell, by which its price is divided where it is shared
_ONE_START = 300_000  # steps of the solver after which no second start is made,
_PRUNING = 600_000  # of pruning after which only what no witness needs is shown again,
_ENOUGH = 1_500_000  # and of all after which no exchange is looked for. No clock decides
_MANY = 12  # needs without a witness, if a cell is shown, that make it unlikely that it can be
_FEW = 2  # needs that are looked at one by one rather than together


@dataclass(frozen=True, slots=True)
class Need:
    """A demand and how far a search that looks at no count must let the variable move to meet it."""

    demand: Demand
    step: float


class Work:
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
        self.moves = Moves(system, system.knowledge(blank))
        self._attacker: Attacker | None = None

    def run(self) -> None:
        """Repair, prune, and see that every further blank can move."""
        self.known.keep(self.system.truth, self.withheld)
        if self.blind or len(self.system.pairs):
            cheapest = not self.blind and self._start()
            self.repair(range(len(self.needs)))
            if not cheapest:
                self.prune(self.further())
        elif not self._start():
            self._cheaper_start()
            if self.moves.steps < _ENOUGH:
                improve(self)
        self.loosen()

    def _cheaper_start(self) -> None:
        """Repair and prune in two ways, and keep the cheaper pattern; the way that suits the system first.

        In plain tables prices are as they are, and what the dearest needs take serves others. Where some cells stand
        in far more relations than most, the price of a cell is shared among its relations.
        """
        start, best, least, power = self.withheld.copy(), self.withheld, np.inf, 0.0
        for shared in (True, False) if self.moves.hubs.any() else (False, True):
            self.become(start)
            self.moves.share(_POWER if shared else 0.0)
            self.repair(self._by_table() if shared else self._dearest())
            self.prune(self.further(), _PRUNING)
            if (price := self._price(self.further())) < least:
                best, least, power = self.withheld.copy(), price, _POWER if shared else 0.0
            if self.moves.steps > _ONE_START:
                break
        self.become(best)
        self.moves.share(power)

    def _by_table(self) -> list[int]:
        """The needs of one table after the other: what one of them takes serves others of the same table."""
        table = self.moves.tables()[[need.demand.variable for need in self.needs]]
        first = {label: need for need, label in reversed(list(enumerate(table.tolist())))}
        first[-1] = len(self.needs)
        return sorted(range(len(self.needs)), key=lambda need: (first[int(table[need])], need))

    def _dearest(self) -> list[int]:
        """The needs, those of the dearest cells first."""
        price = self.system.cost[self.system.owner[[need.demand.variable for need in self.needs]]]
        return sorted(range(len(self.needs)), key=lambda need: (-price[need], need))

    def _start(self) -> bool:
        """Begin with the answer of the integer programme; whether no pattern is cheaper."""
        everything = self.blank | np.isfinite(self.system.cost)
        self._lower_sights(everything)
        for need in self.unmet(everything):
            self._give_in(need)
        self.programme = LeastCost(self.system, self.blank, [need.demand for need in self.needs])
        withheld, cheapest = self.programme.pattern(self.unmet)
        self.become(withheld)
        return cheapest

    def _lower_sights(self, everything: Flags) -> None:
        """Demands beyond what single relations leave possible, even with everything withheld, get that as target."""
        low, high = self.system.reach(everything)
        for number, need in enumerate(self.needs):
            demand = need.demand
            most = float((high if demand.sense > 0 else low)[demand.variable])
            if demand.sense * (demand.target - most) > 0:
                self._aim(number, most)

    def unmet(self, withheld: Flags) -> list[int]:
        """The needs that a pattern leaves unmet."""
        self.become(withheld)
        everyone = range(len(self.needs))
        self.look_together(everyone)
        return [need for need in everyone if not self.look(need)]

    def become(self, withheld: Flags) -> None:
        self.withhold(np.flatnonzero(withheld).tolist())
        for cell in np.flatnonzero(self.withheld & ~withheld).tolist():
            self.show(cell)

    @property
    def attacker(self) -> Attacker:
        """The attacker of the present pattern."""
        if self._attacker is None:
            self._attacker = Attacker(self.system, self.withheld)
        return self._attacker

    def withhold(self, cells: Iterable[int]) -> None:
        for cell in cells:
            if not self.withheld[cell]:
                self.withheld[cell] = True
                self.known.withheld(cell)
        self._attacker = None

    def show(self, cell: int) -> list[int]:
        """Show a cell again; returns the needs that are left without a witness."""
        self.withheld[cell] = False
        self._attacker = None
        return self.known.shown(cell)

    def look(self, need: int, *, thorough: bool = True) -> bool:
        """Whether the present pattern meets the need, by a stored witness or a new one."""
        if self.known.met(need):
            return True
        demand = self.needs[need].demand
        table = self.attacker.meets(demand, self.moves, thorough=thorough)
        if table is None:
            return False
        self.known.keep(table, self.withheld)
        return True

    def look_together(self, needs: Sequence[int]) -> None:
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

    def repair(self, needs: Sequence[int]) -> None:
        """Withhold more until every need is met."""
        self.look_together(needs)
        for need in needs:
            if not self.look(need):
                self._meet(need)

    def _meet(self, need: int) -> None:
        for cells in self._offers(need):
            self.withhold(cells)
            if self.look(need):
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
        none = np.zeros(len(self.blank), dtype=bool)
        return self.moves.cells(self.withheld, demand, step, banned=none, free=none) or []

    def _price(self, cells: Sequence[int]) -> float:
        return float(self.system.cost[list(cells)].sum())

    def _give_in(self, need: int) -> None:
        """Set the target to the farthest that any pattern reaches, and meet that."""
        demand, system = self.needs[need].demand, self.system
        everything = Attacker(system, self.blank | np.isfinite(system.cost))
        table = everything.table(demand.variable, demand.sense, demand.target)
        if not demand.met(table):
            self._aim(need, float(table[demand.variable]))
        if not self.look(need):
            self.withhold(self.known.cells_needed(table))
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

    def prune(self, cells: Iterable[int], steps: float = np.inf) -> None:
        """Show again, one after the other, those cells without which all needs are still met.

        After so many steps of the solver nothing is asked any more: only cells that no witness needs are shown. So
        where work is long, cells that many needs would miss come last: few of them can be shown, at much work.
        """
        end = self.moves.steps + steps
        late: list[int] = []
        kept = self.blank if self.programme is None else self.programme.needed(self.withheld)
        long = np.isfinite(steps) and self.moves.steps > _ONE_START
        for cell in cells:
            if kept[cell]:
                continue
            concerned = self.show(cell)
            if long and len(concerned) > _MANY:
                late.append(cell)
                self.withhold([cell])
            else:
                self._show_if_unmissed(cell, concerned, end)
        for cell in late:
            self._show_if_unmissed(cell, self.show(cell), end)

    def _show_if_unmissed(self, cell: int, needs: Sequence[int], end: float) -> None:
        if needs and (self.moves.steps >= end or not all(self._goes_without(need) for need in needs)):
            self.withhold([cell])

    def _goes_without(self, need: int) -> bool:
        return self._spared(need) and self.look(need, thorough=False)

    def _spared(self, need: int) -> bool:
        """Whether a search that looks at no count finds nothing more to withhold for the need."""
        if not self.blind:
            return True
        wanted = self.needs[need]
        return moves_freely(self.system, self.withheld, wanted.demand, wanted.step)

    def further(self) -> list[int]:
        """The cells withheld besides, dearest first."""
        cells = np.flatnonzero(self.withheld & ~self.blank)
        return sorted(cells.tolist(), key=lambda cell: (-self.system.cost[cell], cell))

    def loosen(self) -> None:
        """See to it that every further cell can move; one that cannot is shown or gets a need of its own."""
        for cell in self.further():
            variable = int(self.system.first[cell])
            truth = float(self.system.truth[variable])
            if self.known.moves(variable) or any(
                self.attacker.table(variable, sense, truth + sense)[variable] != truth for sense in (1, -1)
            ):
                continue
            if not self.blind and not self.show(cell):
                continue  # no witness moves it: it protects nothing
            self.withhold([cell])
            self.needs.append(Need(Demand(variable, 1, truth + 1), 1.0))
            self.known.add_demand(self.needs[-1].demand)
            self.repair([len(self.needs) - 1])
