"""A tile map: every place one hexagon of the same size, as near to where it lies as all together allow."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

__all__ = ["hexagons"]

_SHRINK: Final = 0.98  # the step in which tiles are made smaller until there is one for each place
_ROW: Final = np.sqrt(3) / 2  # from row to row, in distances from tile to tile


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
    distance = ((middles[:, None, :] - tiles[None, :, :]) ** 2).sum(axis=2)
    _, taken = linear_sum_assignment(distance)
    return tiles[taken], step


def _grid(land: shapely.Geometry, step: float) -> np.ndarray:
    """The points of a triangular grid that lie on the land; none stands alone."""
    x0, y0, x1, y1 = land.bounds
    columns, rows = np.arange(-1, (x1 - x0) / step + 2), np.arange(-1, (y1 - y0) / (step * _ROW) + 2)
    column, row = np.meshgrid(columns, rows)
    points = np.column_stack([
        (x0 + (column + 0.5 * (row % 2)) * step).ravel(), (y0 + row * step * _ROW).ravel()
    ])  # fmt: skip
    points = points[shapely.contains_xy(land, points)]
    neighbours = (np.hypot(*(points[:, None, :] - points[None, :, :]).T) < 1.01 * step).sum(axis=0) - 1
    return np.asarray(points[neighbours > 0] if len(points) > 1 else points)
