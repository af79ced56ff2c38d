"""Primary rules: each is a function that can only withhold more. The table below is the whole list.

To add a rule, write `disclosure/rules/<name>.py` with one function ``(unit, policy) -> bool`` (True: withhold) and
give it a line in `RULES`. Rules are joined by *or*, so a new one can never uncover a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mapping.disclosure.policy import Policy
from mapping.disclosure.rules.base import too_few_respondents
from mapping.disclosure.rules.case_extracts import few_cases
from mapping.disclosure.rules.dominance import one_school_dominates
from mapping.disclosure.rules.extremes import all_or_nobody
from mapping.disclosure.rules.levels import check_level
from mapping.disclosure.rules.reliability import never_reliable
from mapping.disclosure.rules.small_counts import small_count
from mapping.disclosure.units import Unit

__all__ = ["RULES", "Rule", "check_level", "reasons"]

Rule = Callable[[Unit, Policy], bool]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "base": too_few_respondents,
        "small count": small_count,
        "extreme": all_or_nobody,
        "dominance": one_school_dominates,
        "case extract": few_cases,
        "reliability": never_reliable,
    }
)


def reasons(unit: Unit, policy: Policy, rules: Mapping[str, Rule] = RULES) -> tuple[str, ...]:
    """The names of the rules that withhold this unit; for the analyst's eyes, never printed."""
    return tuple(name for name, rule in rules.items() if rule(unit, policy))
