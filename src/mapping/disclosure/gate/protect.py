"""The gate: everything a release will show goes in at once, and only what may be printed comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mapping.concepts.estimate_table import EstimateTable, row_key
from mapping.disclosure.gate.changes import to_changes
from mapping.disclosure.gate.decide import decide
from mapping.disclosure.ledger.earlier import EarlierRelease
from mapping.disclosure.ledger.history import printed_before
from mapping.disclosure.policy import Policy
from mapping.disclosure.printing import blank, to_figure
from mapping.disclosure.protected import _SEAL, Figure, ProtectedRelease, Status
from mapping.disclosure.rules import check_level
from mapping.disclosure.rules.levels import LEVELS
from mapping.disclosure.units import Unit, gather_relations, gather_units

__all__ = ["protect"]


def protect(
    tables: Sequence[EstimateTable],
    policy: Policy,
    earlier: Sequence[EarlierRelease] = (),
    *,
    synthetic: bool = False,
    key: bytes = b"",
) -> ProtectedRelease:
    """What may be printed of `tables`, all of them together with everything published before.

    Parameters
    ----------
    tables : sequence of EstimateTable
        All tables of the release: what one of them hides, another could give away.
    policy : Policy
        From `read_policy`.
    earlier : sequence of EarlierRelease
        Every release in the ledger.
    synthetic : bool
        Whether no person stands behind the data; it marks the outputs and changes no rule.
    key : bytes
        The workspace's secret: it jitters the costs of the search, so that nobody can replay it.

    Raises
    ------
    DisclosureError
        If the plan itself is refused, or if the tables contradict each other.
    """
    units = gather_units(tables, policy)
    check_level(units.values(), policy)
    withheld = decide(units, gather_relations(tables), policy, earlier, key=key).withheld
    figures = (*_figures(units, withheld, policy), *_not_asked(tables, units))
    wave = max((unit.wave for unit in units.values() if "+" not in unit.wave and unit.publish), default="")
    history = printed_before(earlier, wave)
    return ProtectedRelease(
        wave=wave,
        figures=figures,
        changes=to_changes(tables, (*history, *figures), policy),
        history=history,
        response={wave: counts for table in tables for wave, counts in table.response.items()},
        policy=policy.public(),
        synthetic=synthetic,
        seal=_SEAL,
    )


def _figures(units: Mapping[str, Unit], withheld: frozenset[str], policy: Policy) -> list[Figure]:
    return [
        blank(unit, estimate.target) if unit.key in withheld else to_figure(unit, estimate, policy)
        for unit in sorted(units.values(), key=_place)
        if unit.publish
        for estimate in sorted(unit.estimates, key=lambda estimate: estimate.target)
    ]


def _place(unit: Unit) -> tuple[str, str, int, bool, str, str]:
    """Where a unit stands: from the whole to its parts by codes, since an order that follows the data would tell it."""
    return unit.wave, unit.indicator, -LEVELS.index(unit.level), unit.group != "all", unit.group, unit.area


def _not_asked(tables: Sequence[EstimateTable], units: Mapping[str, Unit]) -> list[Figure]:
    """A figure that says so for each indicator a wave did not ask."""
    code = next((unit.area for unit in units.values() if unit.level == "municipality"), "")
    pairs = dict.fromkeys(pair for table in tables for pair in table.not_asked)
    return [
        Figure(
            row_key(wave, indicator, "municipality", code), wave, indicator, "municipality", code, "all", "pupils",
            Status.NOT_ASKED,
        )
        for wave, indicator in pairs
    ]  # fmt: skip
