"""Which coordinates a file is in, whether that can be true, and metres that measure areas rightly."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion
from pyproj.exceptions import CRSError

from mapping.errors import InputError
from mapping.geography.settings import GeographySettings

__all__ = ["in_metres", "with_crs"]

Bounds = Sequence[float] | np.ndarray  # west, south, east, north

SWEREF = CRS.from_epsg(3006)
DEGREES = CRS.from_epsg(4326)
SWEDEN = (10.03, 54.96, 24.17, 69.07)  # area of use of EPSG:3006, degrees: west, south, east, north
_SAME_PLACE = 1e-5  # degrees, about a metre
_MARGIN = 15.0  # degrees: zones are used far beyond their area of use, exchanged axes lie further off
# coordinates that files without a CRS usually hold: west, south, east, north
_LOOKS_LIKE = {
    "SWEREF 99 TM (EPSG:3006)": (200_000, 6_100_000, 970_000, 7_700_000),
    "RT90 2.5 gon V (EPSG:3021)": (1_170_000, 6_100_000, 1_930_000, 7_700_000),
    "degrees (EPSG:4326)": (-180, -90, 180, 90),
}


def _inside(bounds: Bounds, box: Sequence[float], margin: float = 0.0) -> bool:
    west, south, east, north = box
    return bool(
        bounds[0] >= west - margin
        and bounds[1] >= south - margin
        and bounds[2] <= east + margin
        and bounds[3] <= north + margin
    )


def _degrees(crs: CRS, bounds: Bounds) -> np.ndarray:
    """South-west and north-east corner in degrees, `inf` where the coordinates make no sense in `crs`."""
    transformer = Transformer.from_crs(crs, DEGREES, always_xy=True)
    x, y = transformer.transform([bounds[0], bounds[2]], [bounds[1], bounds[3]])
    return np.array([x[0], y[0], x[1], y[1]])


def _same(one: CRS, other: CRS, bounds: Bounds) -> bool:
    """Whether two CRS put these coordinates at one place; programs write the same CRS in different ways."""
    if one.equals(other, ignore_axis_order=True):
        return True
    return bool(np.allclose(_degrees(one, bounds), _degrees(other, bounds), rtol=0, atol=_SAME_PLACE))


def _said(settings: GeographySettings) -> CRS | None:
    if not settings.crs:
        return None
    try:
        return CRS.from_user_input(settings.crs)
    except CRSError as error:
        raise InputError(
            f'geography.toml: crs = {settings.crs!r} is not known. Write an EPSG code such as "EPSG:3006".'
        ) from error


def with_crs(frame: gpd.GeoDataFrame, settings: GeographySettings) -> gpd.GeoDataFrame:
    """`frame` with the CRS of its file, or of geography.toml where the file is silent.

    Raises
    ------
    InputError
        If neither says it, the two contradict each other, or the coordinates cannot lie in it.
    """
    file, bounds, said = settings.file.name, frame.total_bounds, _said(settings)
    found = CRS(frame.crs) if frame.crs is not None else None
    if found is not None and found.is_geographic and not _inside(bounds, (-180, -90, 180, 90)):
        found = None  # GeoJSON is taken for degrees when it does not say; these coordinates are none
    crs = found or said
    if crs is None:
        likely = [name for name, box in _LOOKS_LIKE.items() if _inside(bounds, box)]
        hint = f" The coordinates look like {likely[-1]}." if likely else ""
        raise InputError(
            f"{file}: the file does not say in which coordinate system (CRS) its borders are.{hint} "
            'Ask the data owner for the EPSG code and write it as crs = "EPSG:…" in geography.toml.'
        )
    if found is not None and said is not None and not _same(found, said, bounds):
        raise InputError(
            f"{file}: the file says its coordinates are {found.name}, geography.toml says {said.name}. "
            "Remove 'crs' from geography.toml, or correct the file."
        )
    degrees = _degrees(crs, bounds)
    use = crs.area_of_use
    exchanged = crs.is_geographic and _inside(degrees, (SWEDEN[1], SWEDEN[0], SWEDEN[3], SWEDEN[2]))
    if (
        exchanged
        or not np.isfinite(degrees).all()
        or (use is not None and not _inside(degrees, use.bounds, _MARGIN))
    ):
        raise InputError(
            f"{file}: the coordinates lie outside the area where {crs.name} is used. "
            "Either the CRS is wrong or east and north are exchanged; ask the data owner."
        )
    return frame.set_crs(crs, allow_override=True)


def in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`frame` in SWEREF 99 TM where it lies in Sweden, else in an equal-area projection centred on the place.

    Notes
    -----
    Lambert's azimuthal equal-area projection keeps every area; centred on the place (to the nearest tenth of
    a degree, so that editions agree) it also keeps the shapes of a city to less than the width of a line.
    """
    degrees = frame.geometry.to_crs(DEGREES).total_bounds
    if _inside(degrees, SWEDEN, margin=0.1):
        target = SWEREF
    else:
        longitude, latitude = np.round([(degrees[0] + degrees[2]) / 2, (degrees[1] + degrees[3]) / 2], 1)
        target = ProjectedCRS(
            LambertAzimuthalEqualAreaConversion(latitude, longitude),
            name=f"Equal area around {latitude} {longitude}",
        )
    return frame if CRS(frame.crs).equals(target, ignore_axis_order=True) else frame.to_crs(target)
