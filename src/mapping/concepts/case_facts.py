"""What follows from printed case counts and public populations alone: rates, years, and how the years compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CaseFacts", "Compared"]


@dataclass(frozen=True, slots=True)
class Compared:
    """The first and the last year of a segment without a break: their printed counts, and what can be told."""

    first: int
    last: int
    count_first: int
    count_last: int
    direction: str  # "higher" | "lower" | "cannot be told"


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What may be said beside the printed counts.

    `rates` per 10,000 by indicator: rate and exact limits. `years` by indicator: the printed count of each year, None
    where it is withheld. `compared` by indicator: the ends of the last segment of its years.
    """

    rates: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    years: Mapping[str, Mapping[int, int | None]] = field(default_factory=dict)
    compared: Mapping[str, Compared] = field(default_factory=dict)
