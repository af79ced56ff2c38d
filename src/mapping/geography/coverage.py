"""Polygons that tile a place: repaired where nothing is lost, edge-matched, simplified together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from mapping.errors import InputError
from mapping.geography.layers import ROW, listed

__all__ = ["edge_matched", "holes", "repaired", "simplify"]

_UNCHANGED = 1e-6  # share of an area that a repair may move
_OVERLAP = 0.01  # share of a district that edge-matching may move before it is an overlap, not an inaccuracy
_GAP = 1.0  # metres: narrower gaps between districts are drawing inaccuracies

Polygons = npt.NDArray[np.object_]


def _km2(area: float) -> str:
    return f"{area / 1e6:.6g} km²"


def _polygons_only(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(parts) if len(parts) != 1 else parts[0]


def repaired(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """`frame` with valid polygons only, and a note for each ring that was repaired without moving its area.

    Raises
    ------
    InputError
        If a row has no polygon, or repairing it would change its area.
    """
    shapes: Polygons = np.array(frame.geometry, dtype=object)
    notes = []
    for position in range(len(frame)):
        shape, row, code = shapes[position], frame[ROW].iloc[position], frame["code"].iloc[position]
        place = f"{file}, row {row} (code {code})"
        if shape is None or shape.is_empty or shape.geom_type not in {"Polygon", "MultiPolygon"}:
            raise InputError(
                f"{place}: there is no polygon. Ask the data owner for the border of this district."
            )
        if shape.is_valid:
            continue
        reason = shapely.is_valid_reason(shape).split("[")[0].strip()
        mended = _polygons_only(shapely.make_valid(shape, method="structure", keep_collapsed=False))
        before, after = shape.area, mended.area
        if not after:
            raise InputError(
                f"{place}: the border encloses nothing. Ask the data owner for the border of this district."
            )
        if abs(after - before) > _UNCHANGED * max(before, after):
            raise InputError(
                f"{place}: the border is not a valid polygon ({reason}); repairing it would change the area "
                f"from {_km2(before)} to {_km2(after)}. Correct it in a GIS program, or ask the data owner."
            )
        shapes[position] = mended
        notes.append(
            f"{place}: invalid border ({reason}) repaired; area {_km2(before)} before, {_km2(after)} after."
        )
    return frame.set_geometry(gpd.array.from_shapely(shapes, crs=frame.crs)), tuple(notes)


def edge_matched(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """`frame` (in metres) whose neighbours share their borders vertex by vertex, and a note if need be.

    Raises
    ------
    InputError
        If districts overlap by more than an inaccuracy of drawing.
    """
    before: Polygons = np.asarray(frame.geometry, dtype=object)
    if shapely.coverage_is_valid(before):
        return frame, ()
    try:
        after = shapely.coverage_clean(before, gap_width=_GAP)
    except shapely.errors.GEOSException as error:
        raise InputError(
            f"{file}: the borders of the districts cannot be matched. Check them in a GIS program."
        ) from error
    area = shapely.area(before)
    moved = np.abs(shapely.area(after) - area) / area
    worst = int(moved.argmax())
    if moved[worst] > _OVERLAP:
        raise InputError(
            f"{file}, row {frame[ROW].iloc[worst]} (code {frame['code'].iloc[worst]}): "
            f"{moved[worst]:.0%} of the district lies in others too. "
            "Check that the layer holds one level of areas and one edition."
        )
    note = (
        f"{file}: neighbouring borders did not meet exactly; they were matched, moving at most "
        f"{np.abs(shapely.area(after) - area).max():.0f} m² of a district."
    )
    return frame.set_geometry(gpd.array.from_shapely(after, crs=frame.crs)), (note,)


def holes(frame: gpd.GeoDataFrame, file: str) -> tuple[str, ...]:
    """A note on places inside the municipality that belong to no district: lakes, or districts that are missing."""
    whole = shapely.get_parts(shapely.coverage_union_all(np.asarray(frame.geometry, dtype=object)))
    rings = [ring for part in whole for ring in part.interiors]
    if not rings:
        return ()
    inner = shapely.polygons(rings)
    largest = inner[int(shapely.area(inner).argmax())]
    beside = sorted(frame.loc[frame.intersects(largest), "code"])
    return (
        f"{file}: {len(inner)} places inside the municipality belong to no district, {_km2(shapely.area(inner).sum())} "
        f"in all, the largest beside {listed(beside)}: water, or districts that the file lacks.",
    )


def simplify(frame: gpd.GeoDataFrame, tolerance: float) -> gpd.GeoDataFrame:
    """`frame` with fewer vertices, for drawing; neighbours keep sharing their borders.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons that tile a place, as `read_districts` returns them.
    tolerance : float
        In the unit of the CRS: about the square root of the area of a corner that may be cut.

    Raises
    ------
    InputError
        If the polygons do not tile: a plain simplification would leave gaps and overlaps.
    """
    shapes: Polygons = np.asarray(frame.geometry, dtype=object)
    if not shapely.coverage_is_valid(shapes):
        raise InputError("The polygons do not share their borders exactly. read_districts mends that.")
    simple = shapely.coverage_simplify(shapes, tolerance)
    if not shapely.coverage_is_valid(simple) or shapely.is_empty(simple).any():
        raise InputError(f"The polygons cannot be simplified at {tolerance:g}. Choose a smaller tolerance.")
    return frame.set_geometry(gpd.array.from_shapely(simple, crs=frame.crs))
