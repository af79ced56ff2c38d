"""Names on a map where they fit: no two touch, each stands on its own place, and none leaves the map."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely

from mapping.publish.typeface import POINT, text_width

__all__ = ["LABEL_SIZE", "Label", "place_labels"]

LABEL_SIZE: Final = 7.0  # points: the smallest that is read at arm's length
_EM: Final = LABEL_SIZE * POINT  # centimetres
# from line to line, from a capital's top to what hangs below the line, and from there to the line
_LEADING, _TALL, _RISE = 1.15 * _EM, 0.96 * _EM, 0.74 * _EM
_AIR: Final = 0.05  # centimetres from a label to a border or to another label
_LOOSE: Final = 0.55  # how much of a label may lie outside its place, where it may at all
_BREAKS: Final = re.compile(r"(?<=[ \-–/])")
_STEPS: Final = 15  # places tried along either axis of a shape
_CROWD: Final = 400  # places: among more, a name stands inside its own or not at all
_LINE_COST: Final = 0.35  # a line more is as bad as a place this far, in radii, from the middle


@dataclass(frozen=True, slots=True)
class Label:
    """The lines of a name, the middle of its box, and how much of that box lies on its own place."""

    code: str
    lines: tuple[str, ...]
    x: float
    y: float
    own: float

    @property
    def box(self) -> shapely.Geometry:
        """The ground that the name covers."""
        return _boxes(self.lines, np.array([[self.x, self.y]]))[0]

    @property
    def baselines(self) -> list[float]:
        """The height of each line's baseline."""
        top = self.y - _height(self.lines) / 2
        return [top + _RISE + _LEADING * number for number in range(len(self.lines))]


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place on the map, the radius of the largest circle in it, and points where the middle of its name may stand.

    `away` is how far each point lies from that circle's middle, in radii.
    """

    code: str
    shape: shapely.Geometry
    radius: float
    points: np.ndarray
    away: np.ndarray


def place_labels(
    texts: Mapping[str, str], shapes: Mapping[str, shapely.Geometry], page: shapely.Geometry,
    brief: Mapping[str, str], *, overhang: bool = True,
) -> list[Label]:  # fmt: skip
    """Labels for as many places as have room, the roomiest places first.

    A name stands inside its own place, clear of its border. With `overhang`, a name without room there may hang over,
    if its middle lies on its own place and it hides no other name. A place without room for its name takes its `brief`
    text, if any. In a crowd nothing hangs over.
    """
    named = tuple((code, text, shapes[code]) for code, text in texts.items())
    crowded = len(named) > _CROWD
    placed = {label.code: label for label in _placed(named, page, overhang and not crowded, crowded)}
    left = sorted(
        (
            _spot(code, shapes[code])
            for code in texts
            if code not in placed
            and brief.get(code)
            and (not crowded or _may_hold(shapes[code], brief[code]))
        ),
        key=_roomiest,
    )
    land = shapely.union_all(
        [] if crowded or not left else [_spot(code, shapes[code]).shape for code in texts]
    )
    for spot in left:
        label = _inside(spot, brief[spot.code], page)
        if label is None and not crowded:
            label = _overhanging(spot, brief[spot.code], land, page, placed.values())
        _keep(placed, label)
    return list(placed.values())


@lru_cache(maxsize=32)  # the maps of a release share their places, and most of them the names
def _placed(
    named: tuple[tuple[str, str, shapely.Geometry], ...], page: shapely.Geometry, overhang: bool, crowded: bool
) -> tuple[Label, ...]:  # fmt: skip
    """The names that have room inside their places, or, with `overhang`, over a border; the roomiest first."""
    texts = {code: text for code, text, _ in named}
    spots = sorted(
        (_spot(code, shape) for code, text, shape in named if not crowded or _may_hold(shape, text)),
        key=_roomiest,
    )
    placed = {spot.code: label for spot in spots if (label := _inside(spot, texts[spot.code], page))}
    if overhang:
        land = shapely.union_all([spot.shape for spot in spots])
        for spot in spots:
            if spot.code not in placed:
                _keep(placed, _overhanging(spot, texts[spot.code], land, page, placed.values()))
    return tuple(placed[spot.code] for spot in spots if spot.code in placed)


def _roomiest(spot: _Spot) -> tuple[float, str]:
    return -spot.radius, spot.code


def _may_hold(shape: shapely.Geometry, text: str) -> bool:
    """Whether a shape is wide and tall enough for `text`, as far as its bounds tell."""
    x0, y0, x1, y1 = shape.bounds
    return any(
        max(text_width(line, LABEL_SIZE) for line in lines) <= x1 - x0 and _height(lines) <= y1 - y0
        for lines in _breakings(text)
    )


def _keep(placed: dict[str, Label], label: Label | None) -> None:
    if label is not None:
        placed[label.code] = label


@lru_cache(
    maxsize=1024
)  # a place has many names to find room for: in two languages, with symbols, as a number
def _spot(code: str, shape: shapely.Geometry) -> _Spot:
    plain = shapely.simplify(shape, 0.03).buffer(0)
    middle, rim = shapely.get_coordinates(shapely.maximum_inscribed_circle(plain, 0.02))
    radius = float(np.hypot(*(rim - middle)))
    x0, y0, x1, y1 = plain.bounds
    grid = np.meshgrid(np.linspace(x0, x1, _STEPS), np.linspace(y0, y1, _STEPS))
    points = np.vstack([middle, np.column_stack([axis.ravel() for axis in grid])])
    points = points[shapely.contains_xy(plain, points)]
    return _Spot(code, plain, radius, points, np.hypot(*(points - middle).T) / radius)


def _inside(spot: _Spot, text: str, page: shapely.Geometry) -> Label | None:
    """The name where nothing of it, nor of the air around it, leaves its place: in few lines, near the middle."""
    shape = shapely.intersection(spot.shape, page)
    shapely.prepare(shape)
    points, away = spot.points, spot.away
    best: tuple[float, Label] | None = None
    for lines in _breakings(text):
        fits = shapely.contains(shape, _boxes(lines, points, air=_AIR))
        if fits.any():
            at = int(np.argmin(np.where(fits, away, np.inf)))
            cost = float(away[at]) + _LINE_COST * len(lines)
            if best is None or cost < best[0]:
                best = cost, _label(spot, lines, at, 1.0)
    return best[1] if best else None


def _overhanging(
    spot: _Spot, text: str, land: shapely.Geometry, page: shapely.Geometry, taken: Iterable[Label]
) -> Label | None:  # fmt: skip
    """The name where least of it lies outside its place, water counted a third; it touches nothing `taken`."""
    kept = shapely.buffer(np.array([label.box for label in taken]), _AIR, join_style="mitre")
    best: tuple[float, Label] | None = None
    for lines in _breakings(text):
        boxes = _boxes(lines, spot.points)
        free = shapely.contains(page, boxes)
        free[free] = ~shapely.intersects(boxes[free, None], kept).any(axis=1)
        if not free.any():
            continue
        boxes, away, at = boxes[free], spot.away[free], np.flatnonzero(free)
        area = shapely.area(boxes)
        near = shapely.intersection(land, shapely.box(*shapely.total_bounds(boxes)))
        own, ground = (
            shapely.area(shapely.intersection(boxes, where)) / area for where in (spot.shape, near)
        )
        costs = (ground - own) + (1 - ground) / 3 + 0.06 * away + 0.01 * len(lines)
        least = int(np.argmin(costs))
        if costs[least] <= _LOOSE and (best is None or costs[least] < best[0]):
            best = float(costs[least]), _label(spot, lines, int(at[least]), float(own[least]))
    return best[1] if best else None


def _label(spot: _Spot, lines: tuple[str, ...], at: int, own: float) -> Label:
    return Label(spot.code, lines, float(spot.points[at, 0]), float(spot.points[at, 1]), own)


def _boxes(lines: tuple[str, ...], middles: np.ndarray, *, air: float = 0.0) -> np.ndarray:
    """What `lines` cover if their middle stands at each of `middles`."""
    half = max(text_width(line, LABEL_SIZE) for line in lines) / 2 + air
    tall = _height(lines) / 2 + air
    x, y = middles.T
    return np.asarray(shapely.box(x - half, y - tall, x + half, y + tall))


def _height(lines: tuple[str, ...]) -> float:
    return _LEADING * (len(lines) - 1) + _TALL


def _breakings(text: str) -> Iterable[tuple[str, ...]]:
    """A name on one, two or three lines, broken after a space or a hyphen so that the lines are as even as can be."""
    words = _BREAKS.split(text)
    for count in range(1, min(3, len(words)) + 1):
        cuts = itertools.combinations(range(1, len(words)), count - 1)
        candidates = (
            tuple("".join(words[a:b]).rstrip(" ") for a, b in itertools.pairwise((0, *cut, len(words))))
            for cut in cuts
        )
        yield min(candidates, key=lambda lines: max(map(len, lines)))
