"""What a release would withhold, and why: for the analyst's eyes, never printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure.gate.decide import decide
from mapping.disclosure.ledger.earlier import EarlierRelease
from mapping.disclosure.policy import Policy
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import gather_relations, gather_units

__all__ = ["Reasons", "shown_by_level", "why_withheld"]

OTHERS = "so that others cannot be worked out, or as an earlier release left it"
Reasons = dict[str, str]  # of each planned cell why it is withheld; "" where it is shown


def why_withheld(
    tables: Sequence[EstimateTable],
    policy: Policy,
    earlier: Sequence[EarlierRelease] = (),
    *,
    key: bytes = b"",
) -> Reasons:
    """Of each cell that `protect` would be asked to show: the rules that withhold it, or "" where it is shown."""
    units = gather_units(tables, policy)
    withheld = decide(units, gather_relations(tables), policy, earlier, key=key).withheld
    return {
        name: (", ".join(reasons(unit, policy)) or OTHERS) if name in withheld else ""
        for name, unit in units.items()
        if unit.publish
    }


def shown_by_level(why: Reasons) -> Iterator[tuple[tuple[str, str, str], int, int]]:
    """Wave, indicator and level, with how many of the cells would be shown and how many there are."""
    total: Counter[tuple[str, str, str]] = Counter()
    shown: Counter[tuple[str, str, str]] = Counter()
    for name, reason in why.items():
        wave, indicator, level, *_ = name.split("|")
        total[wave, indicator, level] += 1
        shown[wave, indicator, level] += not reason
    yield from ((place, shown[place], total[place]) for place in total)
