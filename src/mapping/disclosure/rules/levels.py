"""No indicator finer than its level: this is refused, not withheld, since the plan itself is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit
from mapping.errors import DisclosureError

__all__ = ["LEVELS", "check_level"]

LEVELS = ("district", "area", "municipality", "county")  # finest first


def check_level(units: Iterable[Unit], policy: Policy) -> None:
    """Refuse rows to be published that are finer than their indicator's level in the codebook or its class's level.

    Raises
    ------
    DisclosureError
        Naming the indicator, the level asked for and the level allowed.
    """
    for unit in units:
        allowed = max(
            policy.finest.get(unit.sensitivity, "municipality"),
            policy.levels.get(unit.indicator, "district"),
            key=LEVELS.index,
        )
        if unit.publish and LEVELS.index(unit.level) < LEVELS.index(allowed):
            raise DisclosureError(
                f"{unit.indicator} was to be shown by {unit.level}, but may not be shown finer than by {allowed}. "
                "Remove it from that level in publication.toml."
            )
