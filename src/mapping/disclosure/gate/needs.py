"""What must stay open to whom: to a reader, and to respondents who pool what they know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mapping.disclosure.engine.suppression import Need
from mapping.disclosure.engine.system import System
from mapping.disclosure.gate.demands import needs_of
from mapping.disclosure.gate.members import Fate, Member
from mapping.disclosure.policy import Policy

__all__ = ["needs_of_insiders", "needs_of_readers"]


def needs_of_readers(members: Iterable[Member], system: System, policy: Policy) -> Iterator[Need]:
    """What must stay open to a reader about every cell that is not shown."""
    for number, member in enumerate(members):
        if member.fate is Fate.BLANK:
            yield from needs_of(member.unit, int(system.first[number]), policy, secret=member.secret)


def needs_of_insiders(members: Iterable[Member], system: System, policy: Policy) -> Iterator[Need]:
    """What must stay open to respondents who pool their answers, about cells in which they are not all there is.

    They know who answered, and are in every cell at once: no count falls below them, but each must be able to rise.
    `system` is theirs (`assemble` with `insiders`).
    """
    known = (
        replace(member, unit=replace(member.unit, register=None if member.unit.cases else member.unit.n))
        for member in members
    )
    for need in needs_of_readers(known, system, policy):
        variable = need.demand.variable
        most = min(system.cells[int(system.owner[variable])].blank_total[1], system.blank[variable, 1])
        if need.demand.sense > 0 and need.demand.target <= most:
            yield need
