"""Too few respondents behind a share."""

from __future__ import annotations

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["too_few_respondents"]


def too_few_respondents(unit: Unit, policy: Policy) -> bool:
    """Whether fewer respondents answered than a prevalence needs."""
    return not unit.cases and unit.n < policy.base_n
