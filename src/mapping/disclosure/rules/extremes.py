"""Nobody or everybody: what is true of the whole group is known of each of its members."""

from __future__ import annotations

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["all_or_nobody", "upper_limit"]


def all_or_nobody(unit: Unit, policy: Policy) -> bool:
    """Whether everybody said yes, or nobody did and that cannot be said with an upper limit from the list.

    "None known" is for the municipality and for publication areas only.
    """
    if unit.cases:
        return False
    if unit.complement == 0:
        return True
    return unit.events == 0 and (unit.level == "district" or upper_limit(unit, policy) is None)


def upper_limit(unit: Unit, policy: Policy) -> int | None:
    """The share in per cent that cannot be ruled out although nobody is known, from the list, rounded up."""
    high = max((100 * estimate.high for estimate in unit.estimates), default=float("nan"))
    return next((limit for limit in sorted(policy.none_known_limits) if high <= limit), None)
