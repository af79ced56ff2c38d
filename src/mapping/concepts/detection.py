"""What a wave says of its survey so that persons known to services may be held against it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mapping.concepts.settings import Section

__all__ = ["Detection", "read_detection"]


@dataclass(frozen=True, slots=True)
class Detection:
    """The survey's indicator that means the same as a `reason` of the case extract, what time its questions asked
    about, and in which years those asked were born. `sources`: two sources of cases to estimate from how many they
    both know; none unless the municipality asks for it."""

    indicator: str
    reason: str
    period: tuple[dt.date, dt.date] | None = None
    birth_years: frozenset[int] = frozenset()
    sources: tuple[str, str] | None = None


def read_detection(section: Section) -> Detection:
    """The section [detection] of a wave.toml."""
    days, years, sources = (
        section.texts("period", ()),
        section.labels("birth_years", ()),
        section.texts("sources", ()),
    )
    if len(days) not in (0, 2):
        raise section.error("'period' must hold the first and the last day that the questions asked about.")
    if not all(isinstance(year, int) and 1900 < year < 2200 for year in years):
        raise section.error("'birth_years' must be a list of years, such as [2009, 2010].")
    if len(sources) not in (0, 2):
        raise section.error("'sources' must name the two sources that are compared.")
    try:
        period = [dt.date.fromisoformat(day) for day in days]
    except ValueError as error:
        raise section.error("'period' must hold days such as \"2025-03-01\".") from error
    if period and period[0] > period[1]:
        raise section.error("'period' ends before it begins.")
    found = Detection(
        indicator=section.get("indicator", str),
        reason=section.get("reason", str),
        period=(period[0], period[1]) if period else None,
        birth_years=frozenset(int(year) for year in years),
        sources=(sources[0], sources[1]) if sources else None,
    )
    section.done()
    return found
