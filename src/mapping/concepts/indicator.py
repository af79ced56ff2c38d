"""What is measured: an indicator as its codebook entry states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Indicator", "Sum"]

# the numbers of yes of some indicators, each times its sign, are 0 together ("="), or at most 0 ("<=")
Sum = tuple[tuple[tuple[str, int], ...], str]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One entry of the codebook.

    `rule` is the compiled source text of the definition; `items` are the item columns and `parts` the indicators it
    stands on. `sensitivity` is the class 1 to 4; `finest` the finest level it may be shown at
    ("district", "area", "municipality" or "county"). `subset_of` names indicators that are "yes" whenever this one is:
    what disclosure control needs to know. `base` is the rule of those it is about, where that is not everyone;
    `unit` is what is counted. `classes` are the lower limits, in per cent, of the six classes of its maps, where
    those of its tier do not fit. A category ("S14.3") names the indicator it is a `category_of`.
    """

    id: str
    side: str
    name: Mapping[str, str]
    definition: Mapping[str, str]
    finding: Mapping[str, str]
    construct: str
    tier: str
    rule: str
    items: tuple[str, ...]
    parts: tuple[str, ...]
    applies_to: tuple[str, ...]
    denominator: Mapping[str, str]
    period: Mapping[str, str]
    sensitivity: int
    finest: str
    caveat: Mapping[str, str]
    source: str
    version: str
    core: bool
    pooled: bool = False
    rare: bool = False
    exposure: bool = True
    subset_of: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    unit: str = "pupil"
    category_of: str = ""
    classes: tuple[int, ...] = ()
