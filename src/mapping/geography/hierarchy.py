"""Larger areas and other editions: from the parts of a district, or its former codes, to the district."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from mapping.errors import InputError
from mapping.geography.layers import listed
from mapping.geography.settings import Crosswalk, GeographySettings
from mapping.geography.side_tables import read_side_table

__all__ = ["SPLIT", "dissolved", "former_codes", "with_parents"]

SPLIT = ""  # the district of a former code that was divided among several


def with_parents(
    frame: gpd.GeoDataFrame, settings: GeographySettings
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """`frame` with the larger area of each district where [parents] in geography.toml tells it.

    Raises
    ------
    InputError
        If the table puts a district into two larger areas, or [parents] dissolves and a district lies in none.
    """
    said = settings.parents
    if said is None:
        return frame, ()
    if said.path is None:
        parents = frame["code"].str[: said.digits] if said.digits else frame["parent"]
        notes: tuple[str, ...] = ()
    else:
        found = _pairs(
            said.path, dict(said.columns), settings, "geography.toml [parents.columns]", "code", "parent"
        )
        found = found[found["code"].isin(frame["code"])]
        if (twice := found["code"].duplicated()).any():
            raise InputError(
                f"{said.path.name}: the district {found.loc[twice, 'code'].iloc[0]} lies in two larger areas. "
                "Keep one edition of the table only."
            )
        parents = frame["code"].map(found.set_index("code")["parent"]).fillna("")
        lost = frame.loc[parents.eq(""), "code"].tolist()
        told = f"{said.path.name}: no larger area for {len(lost)} districts ({listed(lost)})."
        if lost and said.dissolve:
            raise InputError(f"{told} Complete the table: every part must belong to a district.")
        notes = (told,) if lost else ()
    return frame.assign(parent=parents.astype("string")), notes


def dissolved(
    frame: gpd.GeoDataFrame, settings: GeographySettings
) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """The districts, and the district of each code that may stand in other tables: its own, and those of its parts.

    Where [parents] dissolves, the larger areas are the districts, and `frame` (edge-matched) holds their parts.
    """
    if settings.parents is None or not settings.parents.dissolve:
        return frame, {code: code for code in frame["code"]}
    groups = frame.groupby("parent", sort=True)
    joined = gpd.GeoDataFrame(
        {"code": list(groups.groups), "name": list(groups.groups), "parent": ""},
        geometry=[shapely.coverage_union_all(group.geometry.to_numpy()) for _, group in groups],
        crs=frame.crs,
    )
    district_of = dict(zip(frame["code"], frame["parent"], strict=True))
    return joined, district_of | {code: code for code in joined["code"]}


def _pairs(
    path: Path, columns: Mapping[str, str], settings: GeographySettings, where: str, *keys: str
) -> pd.DataFrame:
    """Two columns of codes without repeats; rows that lack one of them (blank rows, footnotes) are left out."""
    table = read_side_table(path, columns, where)
    pairs = pd.DataFrame({key: table[key].map(settings.tidy) for key in keys})
    return pairs[(pairs != "").all(axis=1)].drop_duplicates(ignore_index=True)


def former_codes(
    settings: GeographySettings, district_of: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """By former edition or division: the district of each of its codes, `SPLIT` where it was divided; and notes.

    Raises
    ------
    InputError
        If no code of a crosswalk leads to a district.
    """
    former, notes = {}, []
    for crosswalk in settings.crosswalks:
        table, told = _crosswalk(crosswalk, settings, district_of)
        former[crosswalk.former] = table
        notes += told
    return former, tuple(notes)


def _crosswalk(
    crosswalk: Crosswalk, settings: GeographySettings, district_of: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    file, where = crosswalk.path.name, f"geography.toml [[crosswalks]] from {crosswalk.former}"
    pairs = _pairs(crosswalk.path, crosswalk.columns, settings, where, "from", "to")
    pairs = pairs.assign(to=pairs["to"].map(dict(district_of))).dropna().drop_duplicates(ignore_index=True)
    if pairs.empty:
        raise InputError(
            f"{file}: no code of column '{crosswalk.columns['to']}' is a district of {settings.file.name}. "
            "Check that the crosswalk leads to this edition."
        )
    split = sorted(pairs.loc[pairs["from"].duplicated(), "from"].unique())
    table = dict(zip(pairs["from"], pairs["to"], strict=True)) | dict.fromkeys(split, SPLIT)
    notes = []
    if split:
        notes.append(
            f"{file}: {len(split)} codes of {crosswalk.former} were divided among several districts "
            f"({listed(split)}); respondents with these codes count for the municipality only."
        )
    if missing := sorted(set(district_of.values()) - set(pairs["to"])):
        notes.append(
            f"{file}: no code of {crosswalk.former} leads to {len(missing)} districts ({listed(missing)})."
        )
    return table, notes
