"""The ground of a map: polygons on the page, simplified to what the eye can see, and where they lie."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import shapely

from mapping.concepts.district import Districts

__all__ = ["Ground", "fit", "lay_out", "scale_bar"]

_TOLERANCE: Final = 0.012  # centimetres: about a hair's breadth on paper
_SPECK: Final = 0.0012  # square centimetres: islets smaller than this are specks of dust in print
_TALLEST: Final = 1.15  # height of the map in widths


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Shapes by code in centimetres from the map's top left corner, the borders between them, and the scale.

    `within` are the borders of districts inside publication areas; empty where the shapes are districts. Two maps of
    the same places in the same width share one ground, which is equal to itself only. `apart` says that names stay
    inside their shapes, which are tiles and have no land or water beside them.
    """

    shapes: Mapping[str, shapely.Geometry]
    between: shapely.Geometry
    within: shapely.Geometry
    width: float
    height: float
    metres_per_cm: float
    apart: bool = False


def lay_out(districts: Districts, *, level: str, sensitivity: int, width: float) -> Ground:
    """The districts, or the publication areas of a class, fitted into `width` centimetres and centred.

    Neighbours are simplified together (Visvalingam–Whyatt on the coverage), so no gap opens between them.
    """
    codes = districts.frame["code"]
    areas = codes if level == "district" else districts.areas[sensitivity].set_index("code")["area"][codes]
    return fit(tuple(districts.frame.geometry.to_wkb()), tuple(areas), round(width, 4))


@functools.lru_cache(maxsize=16)
def fit(polygons: tuple[bytes, ...], places: tuple[str, ...], width: float) -> Ground:
    """The ground of polygons that belong to places; kept, for a report draws many maps on the same one."""
    geometry = shapely.from_wkb(np.array(polygons, dtype=object))
    x0, y0, x1, y1 = shapely.total_bounds(geometry)
    per_cm = max((x1 - x0) / width, (y1 - y0) / (width * _TALLEST))
    left = (width - (x1 - x0) / per_cm) / 2

    def on_page(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([left + (xy[:, 0] - x0) / per_cm, (y1 - xy[:, 1]) / per_cm])

    drawn = shapely.coverage_simplify(_without_specks(shapely.transform(geometry, on_page)), _TOLERANCE)
    lines = _borders(drawn)
    named = np.array(places)
    shapes = {place: shapely.union_all(drawn[named == place]) for place in dict.fromkeys(places)}
    if len(shapes) == len(drawn):
        between, within = lines, shapely.GeometryCollection()
    else:
        between = _borders(np.array(list(shapes.values()), dtype=object))
        within = lines.difference(between)
    return Ground(MappingProxyType(shapes), between, within, width, (y1 - y0) / per_cm, per_cm)


def _borders(shapes: np.ndarray) -> shapely.Geometry:
    """The lines that two shapes share."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    shared = shapely.intersection(
        shapely.boundary(shapes[first[pairs]]), shapely.boundary(shapes[second[pairs]])
    )
    parts = shapely.get_parts(shapely.get_parts(shared))
    return shapely.line_merge(shapely.multilinestrings(parts[shapely.length(parts) > 0]))


def scale_bar(ground: Ground) -> float:
    """A round distance in metres, one to two fifths of the map's width in length or a little less."""
    longest = ground.metres_per_cm * ground.width * 0.3
    unit = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * unit for step in (1, 2, 5) if step * unit <= longest))


def _without_specks(shapes: np.ndarray) -> np.ndarray:
    """Each shape without parts too small to be seen; its largest part always stays."""
    return np.array([_largest_parts(shape) for shape in shapes], dtype=object)


def _largest_parts(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    if len(parts) < 2:
        return shape
    sizes = shapely.area(parts)
    return shapely.multipolygons(parts[(sizes >= _SPECK) | (sizes == sizes.max())])
