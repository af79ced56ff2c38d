"""Districts with their polygons, and the publication areas made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

__all__ = ["Districts"]


@dataclass(frozen=True, slots=True, repr=False)
class Districts:
    """The districts of one municipality in one edition.

    `frame` has one row per district, ordered by code, in a projected CRS with metres: ``code``, ``name``, ``parent``
    (may be empty), ``geometry``. `population` has ``code``, ``sex``, ``grade``, ``n`` (register pupils; empty where
    unknown). `areas` maps a sensitivity class to a table ``code`` (district), ``area`` (the code of a publication
    area), ``area_name`` and ``area_name_en`` (in English); classes are nested: an area of a higher class is a union of
    areas of a lower one. `codes` gives the district of each code that a file may hold, by the geography the code is
    of: this one (`id`), or a former edition or another division that a crosswalk leads from ("" for a code that was
    divided among several districts).
    """

    id: str
    edition: str
    frame: gpd.GeoDataFrame
    population: pd.DataFrame = field(default_factory=pd.DataFrame)
    areas: Mapping[int, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _named: dict[tuple[int | None, str], dict[str, str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        return f"Districts(id={self.id!r}, n={len(self.frame)})"

    def names(self, sensitivity: int | None = None, language: str = "sv") -> dict[str, str]:
        """Names by code: of the districts, or of the publication areas of a class in a language."""
        known = sensitivity, language
        if known not in self._named:  # every row of open data asks
            self._named[known] = self._names(sensitivity, language)
        return dict(self._named[known])

    def _names(self, sensitivity: int | None, language: str) -> dict[str, str]:
        if sensitivity is None:
            return dict(zip(self.frame["code"], self.frame["name"], strict=True))
        table = self.areas[sensitivity]  # a row for each district: areas of several stand there several times
        own = f"area_name_{language}"
        return dict(zip(table["area"], table[own if own in table else "area_name"], strict=True))
