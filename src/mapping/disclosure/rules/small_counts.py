"""Few who said yes, or few who did not."""

from __future__ import annotations

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["small_count"]


def small_count(unit: Unit, policy: Policy) -> bool:
    """Whether the count of a yes, or of a no, lies between 1 and the last small count of its class."""
    return not unit.cases and any(1 <= count < unit.threshold for count in (unit.events, unit.complement))
