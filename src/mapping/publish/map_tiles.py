"""A tile map: every place one hexagon of the same size, as near to where it lies as all together allow."""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import Final

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from mapping.publish.map_ground import Ground

__all__ = ["hexagons", "lay_tiles"]

_SHRINK: Final = 0.98  # the step in which tiles are made smaller until there is one for each place
_ROW: Final = np.sqrt(3) / 2  # from row to row, in distances from tile to tile
_CORNERS: Final = tuple(np.pi / 6 + turn * np.pi / 3 for turn in range(6))  # a point on top


def hexagons(shapes: np.ndarray) -> tuple[np.ndarray, float]:
    """The middles of the hexagons, shape (n, 2), in the order of `shapes`, and the distance from tile to tile.

    The tiles cover the land as far as they can: the largest ones of which at least n have their middle on it. Which
    place takes which is the assignment with the least sum of squared distances from the places' centroids.

    References
    ----------
    Crouse, D. F. (2016). On implementing 2D rectangular assignment algorithms. IEEE Transactions on Aerospace and
    Electronic Systems 52, 1679–1696 (the algorithm behind scipy's linear_sum_assignment).
    """
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    land = shapely.union_all(shapes)
    shapely.prepare(land)
    step = float(np.sqrt(land.area / len(shapes) / _ROW))
    tiles = _grid(land, step)
    while len(tiles) < len(shapes):
        step *= _SHRINK
        tiles = _grid(land, step)
    _, taken = linear_sum_assignment(cdist(middles, tiles, "sqeuclidean"))
    return tiles[taken], step


@functools.lru_cache(maxsize=8)
def lay_tiles(ground: Ground, width: float) -> Ground:
    """The places of `ground` as hexagons, fitted into `width` centimetres and centred."""
    middles, step = hexagons(np.array(list(ground.shapes.values()), dtype=object))
    corners = step / np.sqrt(3) * np.column_stack([np.cos(_CORNERS), np.sin(_CORNERS)])
    rings = middles[:, None, :] + corners[None, :, :]
    (x0, y0), (x1, y1) = rings.min(axis=(0, 1)), rings.max(axis=(0, 1))
    scale = min(width / (x1 - x0), ground.height * width / ground.width / (y1 - y0))
    left = (width - (x1 - x0) * scale) / 2
    tiles = shapely.polygons((rings - [x0, y0]) * scale + [left, 0.0])
    return Ground(
        shapes=MappingProxyType(dict(zip(ground.shapes, tiles, strict=True))),
        between=shapely.GeometryCollection(),
        within=shapely.GeometryCollection(),
        width=width,
        height=float((y1 - y0) * scale),
        metres_per_cm=ground.metres_per_cm / scale,
        apart=True,
    )


def _grid(land: shapely.Geometry, step: float) -> np.ndarray:
    """The points of a triangular grid that lie on the land; none stands alone."""
    x0, y0, x1, y1 = land.bounds
    columns, rows = np.arange(-1, (x1 - x0) / step + 2), np.arange(-1, (y1 - y0) / (step * _ROW) + 2)
    column, row = np.meshgrid(columns, rows)
    points = np.column_stack([
        (x0 + (column + 0.5 * (row % 2)) * step).ravel(), (y0 + row * step * _ROW).ravel()
    ])  # fmt: skip
    points = points[shapely.contains_xy(land, points)]
    if len(points) < 2:
        return np.asarray(points)
    apart, _ = KDTree(points).query(points, k=2)
    return np.asarray(points[apart[:, 1] < 1.01 * step])
