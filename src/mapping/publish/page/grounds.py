"""The ground of the page's maps as short texts: outlines, tiles and where names have room, in whole steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely

from mapping.concepts.district import Districts
from mapping.publish.map_ground import Ground, lay_out
from mapping.publish.map_labels import LABEL_SIZE, place_labels
from mapping.publish.map_tiles import hexagons
from mapping.publish.typeface import POINT

__all__ = ["FEW", "ground_of"]

FEW: Final = 40  # places: with more, names stand inside their places only

_WIDTH: Final = 12.0  # centimetres: what a map on a laptop is drawn in
_STEPS: Final = 100  # to the centimetre: a quarter of a pixel
_SYMBOL: Final = "△"  # keeps room for the symbol of an exceedance class


def ground_of(districts: Districts, level: str, sensitivity: int, names: Mapping[str, str]) -> dict[str, Any]:
    """The ground in the order of `names` (name by code).

    Returns
    -------
    dict
        ``metres``: how long a step is in the projection of the districts; ``width`` and ``height`` in steps; ``size``
        of names and ``gap`` from tile to tile in steps; and, a text for each place, its ``outline``, the middle of its
        ``tile`` and its ``label`` ("x y|line|line"; only a point where the name has no room).
    """
    ground = lay_out(districts, level=level, sensitivity=sensitivity, width=_WIDTH)
    shapes = np.array([ground.shapes[code] for code in names], dtype=object)
    tiles, gap = hexagons(shapes)
    return {
        "metres": round(ground.metres_per_cm / _STEPS, 1),
        "width": _steps(ground.width),
        "height": _steps(ground.height),
        "size": _steps(LABEL_SIZE * POINT),
        "gap": _steps(gap),
        "outline": [_outline(shape) for shape in shapes],
        "tile": [_point(*tile) for tile in tiles],
        "label": _labels(ground, names),
    }


def _steps(length: float) -> int:
    return round(length * _STEPS)


def _point(x: float, y: float) -> str:
    return f"{_steps(x)} {_steps(y)}"


def _outline(shape: shapely.Geometry) -> str:
    """Every ring, as a point and the steps from it to the next; holes run the other way round."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape)))
    return "/".join(filter(None, map(_ring, rings)))


def _ring(ring: shapely.Geometry) -> str:
    points = np.rint(shapely.get_coordinates(ring) * _STEPS).astype(int)
    moves = np.diff(points, axis=0)
    moves = moves[moves.any(axis=1)]
    return " ".join(map(str, np.concatenate([points[:1], moves]).ravel().tolist())) if len(moves) > 2 else ""


def _labels(ground: Ground, names: Mapping[str, str]) -> Sequence[str]:
    """Where names stand: inside their places, or also over the border where there are few."""
    page = shapely.box(0, -0.1, ground.width, ground.height + 0.1)
    long = {code: f"{_SYMBOL}\u00a0{name}" for code, name in names.items()}
    labels = place_labels(long, ground.shapes, page, {}, overhang=len(names) <= FEW)
    placed = {label.code: label for label in labels}
    found = []
    for code in names:
        if label := placed.get(code):
            lines = (line.removeprefix(_SYMBOL).lstrip("\u00a0") for line in label.lines)
            found.append("|".join([_point(label.x, label.y), *filter(None, lines)]))
        else:
            middle = shapely.point_on_surface(ground.shapes[code])
            found.append(_point(middle.x, middle.y))
    return found
