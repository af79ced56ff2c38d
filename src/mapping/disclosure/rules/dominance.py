"""A district in which one school gives most of the answers is that school."""

from __future__ import annotations

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["one_school_dominates"]


def one_school_dominates(unit: Unit, policy: Policy) -> bool:
    """Whether, below the municipality, too few schools answered or one of them holds too large a share."""
    if unit.cases or unit.level == "municipality":
        return False
    return unit.n_schools < policy.min_schools or unit.largest_school > policy.largest_school
