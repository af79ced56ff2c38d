"""Patterns drawn as ordinary strokes, cut to the shape they fill.

A renderer's own hatch is a tile that every program draws differently and that makes an SVG three times as large;
strokes cut with shapely look the same everywhere. All measures are centimetres on the page.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

__all__ = ["crosses", "dashes", "dots", "lines", "rings"]

_DOT: Final = 1e-3  # a stroke this short with round ends is a dot, in every renderer


def lines(shape: shapely.Geometry, *, spacing: float = 0.14) -> np.ndarray:
    """Parallel strokes at 45 degrees inside `shape`, an array of shape (n, 2, 2)."""
    if shape.is_empty:
        return np.empty((0, 2, 2))
    x0, y0, x1, y1 = shape.bounds
    step = spacing * np.sqrt(2)  # along either axis
    # on the line x + y = c; whole steps, so that the pattern runs through neighbouring shapes
    c = np.arange(np.floor((x0 + y0) / step), np.ceil((x1 + y1) / step) + 1) * step
    start, end = (
        np.column_stack([c - y1, np.full_like(c, y1)]),
        np.column_stack([c - y0, np.full_like(c, y0)]),
    )
    full = shapely.linestrings(np.stack([start, end], axis=1))
    return _segments(shapely.intersection(full, shape))


def dots(shape: shapely.Geometry, *, spacing: float = 0.15, margin: float = 0.045) -> np.ndarray:
    """Dots on a triangular grid, no closer to the edge than `margin`; strokes of no length, shape (n, 2, 2)."""
    points = _grid(shape, spacing, margin)
    return np.stack([points, points + np.array([_DOT, 0])], axis=1)


def crosses(shape: shapely.Geometry, *, spacing: float = 0.24, size: float = 0.1) -> np.ndarray:
    """Small crosses on a triangular grid inside `shape`, shape (n, 2, 2)."""
    points, arm = _grid(shape, spacing, size), size / 2
    across = np.array([arm, -arm])
    falling, rising = (
        np.stack([points - arm, points + arm], axis=1),
        np.stack([points - across, points + across], axis=1),
    )
    return np.concatenate([falling, rising])


def dashes(shape: shapely.Geometry, *, spacing: float = 0.24, size: float = 0.1) -> np.ndarray:
    """Short level strokes on a triangular grid inside `shape`, shape (n, 2, 2)."""
    points, arm = _grid(shape, spacing, size), np.array([size / 2, 0.0])
    return np.stack([points - arm, points + arm], axis=1)


def rings(shape: shapely.Geometry, *, spacing: float = 0.34, size: float = 0.11) -> np.ndarray:
    """Small rings on a triangular grid inside `shape`, each of eight strokes, shape (n, 2, 2)."""
    turn = np.arange(9) * np.pi / 4
    ring = size / 2 * np.column_stack([np.cos(turn), np.sin(turn)])
    strokes = np.stack([ring[:-1], ring[1:]], axis=1)
    return (_grid(shape, spacing, size)[:, None, None, :] + strokes[None]).reshape(-1, 2, 2)


def _grid(shape: shapely.Geometry, spacing: float, margin: float) -> np.ndarray:
    """Points of a triangular grid inside `shape`; its middle where the shape is too small for any."""
    if shape.is_empty:
        return np.empty((0, 2))
    x0, y0, x1, y1 = shape.bounds
    height = spacing * np.sqrt(3) / 2
    rows = np.arange(np.floor(y0 / height), np.ceil(y1 / height) + 1)
    columns = np.arange(np.floor(x0 / spacing) - 1, np.ceil(x1 / spacing) + 1)
    column, row = np.meshgrid(columns, rows)
    points = np.column_stack([((column + 0.5 * (row % 2)) * spacing).ravel(), (row * height).ravel()])
    inner = shape.buffer(-margin)
    inside = points[shapely.contains_xy(inner, points)] if not inner.is_empty else points[:0]
    return inside if len(inside) else shapely.get_coordinates(shape.representative_point())


def _segments(geometries: np.ndarray) -> np.ndarray:
    """The straight strokes among `geometries`, however they are nested; points of contact are dropped."""
    parts = shapely.get_parts(shapely.get_parts(geometries))
    strokes = parts[shapely.length(parts) > 0]
    return np.array([shapely.get_coordinates(stroke)[[0, -1]] for stroke in strokes]).reshape(-1, 2, 2)
