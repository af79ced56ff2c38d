"""Publication areas: districts joined until enough pupils live in each, from register counts and borders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from mapping.concepts.district import Districts
from mapping.geography.adjacency import borders
from mapping.geography.area_names import LANGUAGES, Places
from mapping.geography.regions import Ground, Unit, regions

__all__ = ["publication_areas"]

_ALONE = (1, 2, 3)  # classes whose areas are the districts themselves where no register counts are known


def _ground(districts: Districts) -> Ground:
    frame = districts.frame.sort_values("code", ignore_index=True)
    codes = frame["code"].tolist()
    counts = districts.population.groupby("code")["n"].sum()
    beside: dict[str, dict[str, float]] = {code: {} for code in codes}
    for (i, j), metres in borders(frame).items():
        beside[codes[i]][codes[j]] = beside[codes[j]][codes[i]] = metres
    return Ground(
        pupils={code: int(counts.get(code, 0)) for code in codes},
        parents=dict(zip(codes, frame["parent"], strict=True)),
        outlines=dict(zip(codes, frame.geometry.length, strict=True)),
        borders=beside,
    )


def _table(units: list[Unit], sensitivity: int, places: Places) -> pd.DataFrame:
    rows = [
        {
            "code": code,
            "area": f"A{sensitivity}-{min(unit)}",
            "area_name": named["sv"],
            "area_name_en": named["en"],
        }
        for unit in units
        for named in [{language: places.name(unit, language) for language in LANGUAGES}]
        for code in unit
    ]
    return pd.DataFrame(rows, dtype="string").sort_values("code", ignore_index=True)


def publication_areas(districts: Districts, minimum: Mapping[int, int]) -> Districts:
    """`districts` with the publication areas of each sensitivity class.

    Parameters
    ----------
    districts : Districts
        With register pupils in `population`. Without them each district is its own area in classes 1 to 3,
        class 4 has none, and a note says so.
    minimum : mapping of int to int
        Register pupils that an area of each class must reach, unless the whole municipality has fewer.

    Returns
    -------
    Districts
        `areas` is filled. Areas are contiguous (an island counts as next to what lies nearest), kept within
        one larger area (`parent`) where that holds enough pupils, and nested: those of a higher class are unions
        of those of a lower one. They depend on codes, borders and register counts only, not on the order of
        rows or on any answer.
    """
    frame = districts.frame
    names = dict(zip(frame["code"], frame["name"], strict=True))
    units: list[Unit] = [frozenset([code]) for code in sorted(names)]
    if districts.population.empty:
        places = Places(names, dict.fromkeys(names, ""), dict.fromkeys(names, 0))
        note = (
            "No register pupils are known: every district is its own publication area, and nothing of "
            "class 4 is shown below the municipality. Add [population] to geography.toml."
        )
        areas = {sensitivity: _table(units, sensitivity, places) for sensitivity in _ALONE}
        return replace(districts, areas=areas, notes=(*districts.notes, note))
    ground = _ground(districts)
    places = Places(names, ground.parents, ground.pupils)
    areas, floor = {}, 0
    for sensitivity in sorted({1, *minimum}):
        floor = max(floor, minimum.get(sensitivity, 0))
        units = regions(units, ground, floor)
        areas[sensitivity] = _table(units, sensitivity, places)
    return replace(districts, areas=areas)
