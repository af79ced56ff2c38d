"""Names on a map where they fit: no two touch, each stands on its own place, and none leaves the page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely

from mapping.publish.picture import POINT, text_width

__all__ = ["LABEL_SIZE", "Label", "place_labels"]

LABEL_SIZE: Final = 7.0  # points: the smallest that is read at arm's length
_LEADING: Final = 1.15
_AIR: Final = 0.06  # centimetres between two labels
_SNUG, _LOOSE = 0.12, 0.55  # how much of a label may lie outside its place: at first, and for what is left
_BREAKS: Final = re.compile(r"(?<=[ \-–/])")


@dataclass(frozen=True, slots=True)
class Label:
    """The lines of a name, the middle of its box, and the box. `inside`: nothing of it overhangs its place."""

    code: str
    lines: tuple[str, ...]
    x: float
    y: float
    box: shapely.Geometry
    inside: bool = False

    @property
    def baselines(self) -> list[float]:
        """The height of each line's baseline."""
        step = LABEL_SIZE * POINT * _LEADING
        top = self.y - step * len(self.lines) / 2
        return [top + step * i + 0.86 * LABEL_SIZE * POINT for i in range(len(self.lines))]


def place_labels(
    texts: Mapping[str, str], shapes: Mapping[str, shapely.Geometry], page: shapely.Geometry,
    brief: Mapping[str, str],
) -> list[Label]:  # fmt: skip
    """Labels for as many places as have room, the roomiest places first.

    A label that lies on its own place is preferred; one that overhangs is accepted afterwards, if its middle lies
    on its own place and it hides no other name. A place without room for its name takes its `brief` text, if any.
    """
    plain = {code: shapely.simplify(shape, 0.05) for code, shape in shapes.items()}
    land = shapely.union_all([shape.buffer(0) for shape in plain.values()])
    candidates = {code: _candidates(code, text, plain[code], land, page) for code, text in texts.items()}
    order = sorted(texts, key=lambda code: (-candidates[code].room, code))
    placed: dict[str, Label] = {}
    for limit in (_SNUG, _LOOSE):
        for code in order:
            taken = shapely.buffer([label.box for label in placed.values()], _AIR, join_style="mitre")
            if code not in placed and (label := candidates[code].best(taken, limit)) is not None:
                placed[code] = label
    for code in order:
        if code not in placed and brief.get(code):
            taken = shapely.buffer([label.box for label in placed.values()], _AIR, join_style="mitre")
            label = _candidates(code, brief[code], plain[code], land, page).best(taken, _LOOSE)
            if label is not None:
                placed[code] = label
    return [placed[code] for code in order if code in placed]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Where the name of one place could stand, cheapest first, and how much room the place has."""

    room: float
    labels: Sequence[Label]
    boxes: np.ndarray
    costs: np.ndarray

    def best(self, taken: np.ndarray, limit: float) -> Label | None:
        """The cheapest that touches nothing taken and costs no more than `limit`."""
        free = self.costs <= limit
        if len(taken):
            free &= ~shapely.intersects(self.boxes[:, None], taken[None, :]).any(axis=1)
        return self.labels[int(np.argmax(free))] if free.any() else None


def _candidates(
    code: str, text: str, shape: shapely.Geometry, land: shapely.Geometry, page: shapely.Geometry
) -> _Candidates:  # fmt: skip
    """All positions of a name, with the part of its box outside its place as the cost; on water it counts a third."""
    (x, y), rim = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, 0.02))
    radius = float(np.hypot(*(rim - (x, y))))
    step = max(radius, 0.3)
    labels = [
        _label(code, lines, x + dx * step, y + dy * step) for lines in _breakings(text) for dx, dy in _SHIFTS
    ]
    boxes = np.array([label.box for label in labels])
    area = shapely.area(boxes)
    nearby = shapely.clip_by_rect(land, *shapely.total_bounds(boxes))
    own, ground = (shapely.area(shapely.intersection(boxes, where)) / area for where in (shape, nearby))
    effort = [0.06 * np.hypot(label.x - x, label.y - y) / step + 0.01 * len(label.lines) for label in labels]
    costs = (ground - own) + (1 - ground) / 3 + np.array(effort)
    middles = shapely.points([(label.x, label.y) for label in labels])
    costs[~(shapely.contains(shape, middles) & shapely.contains(page, boxes))] = np.inf
    cheapest = np.argsort(costs, kind="stable")
    found = [replace(labels[i], inside=bool(own[i] > 0.97)) for i in cheapest]
    return _Candidates(radius, found, boxes[cheapest], costs[cheapest])


def _label(code: str, lines: tuple[str, ...], x: float, y: float) -> Label:
    width = max(text_width(line, LABEL_SIZE) for line in lines)
    height = len(lines) * LABEL_SIZE * POINT * _LEADING
    return Label(code, lines, x, y, shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2))


_SHIFTS: Final = [
    (0.0, 0.0),
    *(
        (float(r * np.cos(a)), float(r * np.sin(a)))
        for r, a in itertools.product((0.5, 1.0), np.arange(8) * np.pi / 4)
    ),
]


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
