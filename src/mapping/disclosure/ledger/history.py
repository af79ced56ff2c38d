"""Figures of earlier waves as they were printed, so that a series and a change can be told from print alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mapping.disclosure.ledger.earlier import EarlierRelease
from mapping.disclosure.protected import Figure, Status

__all__ = ["printed_before"]


def printed_before(earlier: Sequence[EarlierRelease], wave: str) -> tuple[Figure, ...]:
    """The figures of every wave before `wave`, each as its last release printed them."""
    last = {release.wave: release.figures for release in earlier if release.wave < wave}
    return tuple(
        _figure(name, values)
        for _, entry in sorted(last.items())
        for name, values in sorted(entry.figures.items())
    )


def _figure(name: str, values: Mapping[str, Any]) -> Figure:
    key, target = name.rsplit(" ", 1)
    wave, indicator, level, area, group = key.split("|")
    printed = dict(values)
    bounds = printed.pop("bounds", None)
    return Figure(
        key, wave, indicator, level, area, group, target, Status(printed.pop("status")),
        bounds=(bounds[0], bounds[1]) if bounds else None, **printed,
    )  # fmt: skip
