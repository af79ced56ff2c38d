"""Which cells a release holds: decided by the codebook and the publication plan, never by the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.concepts.municipality import LEVELS, Publication
from mapping.concepts.responses import ELSEWHERE

__all__ = ["CellPlan", "Place", "plan_cells"]


@dataclass(frozen=True, slots=True)
class Place:
    """The places of one level: which district belongs to which, and the register's pupils by sex."""

    level: str
    of_district: Mapping[str, str]  # district's code -> code of its place
    codes: tuple[str, ...]  # in order, without ELSEWHERE

    def column(self, districts: pd.Series) -> pd.Categorical[str]:
        """The place of each respondent, from the district of each; those from elsewhere keep a row of their own."""
        return pd.Categorical(
            districts.map(self.of_district).fillna(ELSEWHERE), categories=[*self.codes, ELSEWHERE]
        )


@dataclass(frozen=True, slots=True)
class CellPlan:
    """The levels at which one indicator stands, and the groups it is split by."""

    indicator: Indicator
    places: tuple[Place, ...]  # below the municipality: areas first, then districts
    groups: tuple[str, ...]  # groups the municipality's row is split by ("sex")
    latent_below: bool = False  # rows below the municipality are never shown: the pool is, instead


def _allowed(indicator: Indicator, publication: Publication) -> list[str]:
    finest = LEVELS.index(indicator.finest) if indicator.finest in LEVELS else len(LEVELS)
    return [level for level in LEVELS if level in publication.levels and LEVELS.index(level) >= finest]


def _places(indicator: Indicator, levels: Sequence[str], districts: Districts) -> tuple[Place, ...]:
    places = []
    codes = tuple(districts.frame["code"])
    table = districts.areas.get(indicator.sensitivity)
    if "area" in levels and table is not None:
        n_areas = table["area"].nunique()
        # one area is the municipality itself; as many as districts are the districts themselves
        if n_areas > 1 and (n_areas < len(codes) or "district" not in levels):
            of_district = dict(zip(table["code"], table["area"], strict=True))
            places.append(Place("area", of_district, tuple(sorted(set(of_district.values())))))
    if "district" in levels:
        places.append(Place("district", {code: code for code in codes}, codes))
    return tuple(places)


def plan_cells(
    indicators: Sequence[Indicator],
    publication: Publication,
    districts: Districts | None,
    *,
    pool: bool = False,
) -> list[CellPlan]:
    """The cells of one wave, or of a pool of waves, indicator by indicator.

    Where the publication pools waves, an indicator that the codebook marks as pooled is shown below the municipality
    for the pool alone; the cells of single waves are latent. Groups split the municipality's row alone.
    """
    pools = publication.pool_waves > 1
    names = tuple(name for group in publication.groups for name in group if len(group) == 1)
    plans = []
    for indicator in indicators:
        if pool and not indicator.pooled:
            continue
        below = () if districts is None else _places(indicator, _allowed(indicator, publication), districts)
        groups = names if indicator.side == "survey" else ()
        plans.append(CellPlan(indicator, below, groups, latent_below=pools and indicator.pooled and not pool))
    return plans
