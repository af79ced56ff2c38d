"""Case extracts hold every case of a place, not a sample: small counts, and zeros of a district, are withheld."""

from __future__ import annotations

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["few_cases"]


def few_cases(unit: Unit, policy: Policy) -> bool:
    """Whether a count of cases is small; zero is printed for the municipality only."""
    if not unit.cases:
        return False
    return 0 < unit.events < unit.threshold or (unit.events == 0 and unit.level != "municipality")
