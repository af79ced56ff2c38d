"""What must stay open about each count that is not shown, as the policy demands it."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.suppression import Need
from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["known_minimum", "needs_of"]


def known_minimum(unit: Unit) -> int:
    """The least count of events anybody can take for granted while the unit is blank.

    Where zeros are printed ("none known"), a blank is at least one. Not every such blank is, but the attacker is
    granted it where it is true.
    """
    zeros_printed = unit.level == "municipality" or (unit.level == "area" and not unit.cases)
    return min(1, unit.events) if unit.publish and zeros_printed else 0


def needs_of(unit: Unit, variable: int, policy: Policy, *, secret: bool) -> Iterator[Need]:
    """The needs of a unit that the rules withhold, or that is never shown; its events are `variable`.

    Small counts (and 0, and nobody left over) must be able to reach the threshold and the least known count, so that
    nothing tells them from a count that is not small; those of a cell that is never shown must get below themselves,
    down to 1. Of other counts a window as wide as a blank's must stay open.
    Where nothing but reliability withholds (not `secret`), the count must not follow exactly.
    """
    if not unit.publish and not _concerns_few(unit, policy):
        return
    if not secret:
        yield Need(Demand(variable, 1, unit.events + 1), 1)
        return
    yield from _open(unit, variable, unit.events, known_minimum(unit))
    if not unit.cases and unit.complement < unit.threshold:
        yield from _open(unit, variable + 1, unit.complement, 0)


def _concerns_few(unit: Unit, policy: Policy) -> bool:
    """Whether a unit that is never shown says something of few people; where nobody said yes, it does not."""
    if unit.events == 0:
        return False
    few = min(unit.events, unit.complement) if not unit.cases else unit.events
    return few < unit.threshold or (not unit.cases and unit.n < policy.base_n)


def _open(unit: Unit, variable: int, count: int, least: int) -> Iterator[Need]:
    threshold = unit.threshold
    most = threshold if unit.register is None else min(threshold, unit.register)
    if count < threshold:
        if count < most:
            yield Need(Demand(variable, 1, most), most)
        low = least if unit.publish else min(count - 1, 1)
        if count > low >= least:
            yield Need(Demand(variable, -1, low), threshold - 1)
        return
    half = threshold // 2
    up = half if unit.register is None else min(half, unit.register - count)
    if up > 0:
        yield Need(Demand(variable, 1, count + up), up)
    yield Need(Demand(variable, -1, count - half), half)
