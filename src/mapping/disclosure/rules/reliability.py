"""Figures too uncertain to be read below the municipality. Not a matter of secrecy, but a blank like any other."""

from __future__ import annotations

import math

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Estimate, Unit

__all__ = ["never_reliable", "without_limits"]


def never_reliable(unit: Unit, policy: Policy) -> bool:
    """Whether no target's estimate of the unit is to be read.

    Where one of them is, the others are printed beside it and flagged as uncertain: their limits say how wide they are.
    """
    return not unit.cases and all(
        without_limits(estimate) or (unit.level != "municipality" and estimate.reliability == "unreliable")
        for estimate in unit.estimates
    )


def without_limits(estimate: Estimate) -> bool:
    """Whether an estimate has no share or no limits to print."""
    return not all(map(math.isfinite, (estimate.share, estimate.low, estimate.high)))
