"""Figures too uncertain to be read below the municipality. Not a matter of secrecy, but a blank like any other."""

from __future__ import annotations

import math

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Estimate, Unit

__all__ = ["never_reliable", "unreliable"]


def never_reliable(unit: Unit, policy: Policy) -> bool:
    """Whether every target's estimate of the unit is unreliable."""
    return not unit.cases and all(unreliable(unit, estimate) for estimate in unit.estimates)


def unreliable(unit: Unit, estimate: Estimate) -> bool:
    """Whether this estimate is not to be read: below the municipality as its flag says, without limits never."""
    if not all(map(math.isfinite, (estimate.share, estimate.low, estimate.high))):
        return True
    return unit.level != "municipality" and estimate.reliability == "unreliable"
