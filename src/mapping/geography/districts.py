"""Districts from the file that geography.toml describes: checked, in metres, edge-matched, with pupils."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from mapping.concepts.district import Districts
from mapping.errors import InputError
from mapping.geography.coverage import edge_matched, holes, repaired
from mapping.geography.crs import in_metres, with_crs
from mapping.geography.hierarchy import dissolved, former_codes, with_parents
from mapping.geography.layers import ROW, listed, read_layer
from mapping.geography.population import read_population
from mapping.geography.settings import GeographySettings, read_geography

__all__ = ["read_districts"]

_DESO = re.compile(r"(\d{4})[ABC]\d{4}")  # SCB's demographic statistical areas begin with the municipality


def _tidy(frame: gpd.GeoDataFrame, settings: GeographySettings) -> gpd.GeoDataFrame:
    """Codes tidied, names filled in."""
    if (empty := frame["code"].eq("")).any():
        rows = frame.loc[empty, ROW].astype(str).tolist()
        raise InputError(
            f"{settings.file.name}, column '{settings.code}': no code in row {listed(rows)}. "
            "Every district needs one; ask the data owner, or remove the row."
        )
    codes = frame["code"].map(settings.tidy)
    prefixes = [settings.tidy(prefix) for prefix in settings.municipality]
    lost = [p for p in prefixes if p.startswith("0") and not codes.str.startswith(p).any()]
    if lost and codes.str.startswith(lost[0][1:]).any() and codes.str.isdigit().all():
        codes = "0" + codes  # a number column dropped the leading zero
    return frame.assign(code=codes, name=frame["name"].mask(frame["name"].eq(""), codes))


def _own(frame: gpd.GeoDataFrame, settings: GeographySettings) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """The districts of the municipality; slivers of others are counted and left out."""
    file = settings.file.name
    if not settings.municipality:
        owners = frame["code"].str.extract(_DESO)[0].dropna()
        if owners.nunique() > 1:
            raise InputError(
                f"{file}: the file holds DeSO of {owners.nunique()} municipalities "
                f"({listed(sorted(owners.unique()))}). "
                'Say which is yours with municipality = "…" in geography.toml.'
            )
        return frame, ()
    own = frame["code"].str.startswith(tuple(settings.tidy(prefix) for prefix in settings.municipality))
    if not own.any():
        raise InputError(
            f"{file}, column '{settings.code}': no code begins with {' or '.join(settings.municipality)}. "
            "Correct 'municipality' in geography.toml."
        )
    if own.all():
        return frame, ()
    strangers = int((~own).sum())
    codes = listed(sorted(frame.loc[~own, "code"]))
    note = f"{file}: {strangers} of {len(frame)} polygons belong to other municipalities and were left out ({codes})."
    return frame[own], (note,)


def _refuse_duplicates(frame: gpd.GeoDataFrame, settings: GeographySettings) -> None:
    twice = frame[frame["code"].duplicated(keep=False)]
    if twice.empty:
        return
    code = twice["code"].iloc[0]
    rows = " and ".join(twice.loc[twice["code"] == code, ROW].astype(str))
    more = twice["code"].nunique() - 1
    raise InputError(
        f"{settings.file.name}, column '{settings.code}': the code {code} stands in rows {rows}"
        f"{f', and {more} more codes stand twice' if more else ''}. Join the parts of one district to one "
        "row (dissolve), or correct the code."
    )


def read_districts(path: Path, municipality_code: str | None = None) -> Districts:
    """The districts that `path` (geography.toml) describes, in metres, with register pupils.

    Parameters
    ----------
    path : Path
        geography.toml. Its polygons may be a GeoPackage, GeoJSON, shapefile (also zipped) or GeoParquet.
    municipality_code : str, optional
        Keep only districts whose code begins with it, instead of what the file's `municipality` says.

    Raises
    ------
    SettingsError
        If geography.toml is incomplete or names something unknown.
    InputError
        If a file cannot be used: no CRS, several layers, duplicate or missing codes, a border that cannot be
        repaired without changing an area, districts that overlap.
    """
    settings = read_geography(path)
    if municipality_code is not None:
        settings = replace(settings, municipality=(municipality_code,))
    frame, left_out = _own(_tidy(read_layer(settings), settings), settings)
    _refuse_duplicates(frame, settings)
    frame = frame.sort_values("code", ignore_index=True)
    frame, mended = repaired(with_crs(frame, settings), settings.file.name)
    frame, matched = edge_matched(in_metres(frame), settings.file.name)
    frame, orphans = with_parents(frame, settings)
    frame, district_of = dissolved(frame, settings)
    population, unplaced = read_population(settings, district_of)
    former, divided = former_codes(settings, district_of)
    return Districts(
        id=settings.id,
        edition=settings.edition,
        frame=frame[["code", "name", "parent", "geometry"]],
        population=population,
        notes=(
            *left_out,
            *mended,
            *matched,
            *holes(frame, settings.file.name),
            *orphans,
            *unplaced,
            *divided,
        ),
        codes={settings.id: district_of, **former},
    )
