"""What an attacker is granted about a unit that is shown: its exact base, and its count as far as print tells it."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from mapping.disclosure.policy import Policy
from mapping.disclosure.printing import decimals_of, lattice, print_limits, print_share
from mapping.disclosure.rules.reliability import without_limits
from mapping.disclosure.units import Estimate, Unit

__all__ = ["gives_back_the_count", "granted"]


def granted(unit: Unit, policy: Policy) -> tuple[int, int]:
    """The smallest and largest number of events that prints as the unit does, given its exact base.

    The attacker is taken to know the base, the design effect and how the weighted share differs from the unweighted
    one. Left are the counts k for which the unweighted share, every target's share and both its limits print the
    same. Small bases and shares with a decimal are taken to give back the count.
    """
    if unit.cases:
        return unit.events, unit.events
    decimals = decimals_of(unit, policy)
    if unit.events == 0 or gives_back_the_count(unit.n, decimals, policy):
        return unit.events, unit.events
    estimates = tuple(e for e in unit.estimates if not without_limits(e))
    prints = _prints(unit, estimates, decimals)
    return _last(prints, unit.events, -1, 0), _last(prints, unit.events, +1, unit.n)


def gives_back_the_count(base: int, decimals: int, policy: Policy) -> bool:
    """Whether print is taken to give back the count of a unit with a base in the class of `base`."""
    start = max((s for s in policy.base_classes if s <= base), default=0)
    return decimals > 0 or start < policy.lattice_from


def _prints(unit: Unit, estimates: tuple[Estimate, ...], decimals: int) -> Callable[[int], Hashable]:
    def printed(k: int) -> Hashable:
        moved = [_moved(e, (k - unit.events) / unit.n) for e in estimates]
        if None in moved:
            return None
        return (
            lattice(100 * k / unit.n, decimals),
            *((print_share(e.share, decimals), print_limits(e, decimals)) for e in moved if e is not None),
        )

    return printed


def _last(printed: Callable[[int], Hashable], start: int, step: int, end: int) -> int:
    """The last count in one direction that prints like `start`."""
    seen = printed(start)
    k = start
    while k != end and printed(k + step) == seen:
        k += step
    return k


def _moved(estimate: Estimate, shift: float) -> Estimate | None:
    """The estimate if the share were higher by `shift`, the margins growing with the root of p (1 - p)."""
    share, before = estimate.share + shift, estimate.share * (1 - estimate.share)
    if not 0 < share < 1 or before <= 0:
        return None
    grown = math.sqrt(share * (1 - share) / before)
    low, high = (estimate.share - estimate.low) * grown, (estimate.high - estimate.share) * grown
    return Estimate(estimate.target, share, share - low, share + high, estimate.reliability)
