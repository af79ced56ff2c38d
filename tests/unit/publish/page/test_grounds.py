"""The ground of the page: outlines in whole steps."""

from __future__ import annotations

import numpy as np


def test_outlines_close_and_stand_within_the_map(squares_ground: dict[str, object]) -> None:
    width, height = squares_ground["width"], squares_ground["height"]
    for text in squares_ground["outline"]:  # type: ignore[attr-defined]
        steps = np.array([int(n) for n in text.replace("/", " ").split()]).reshape(-1, 2)
        points = steps.cumsum(axis=0)
        assert (points[0] == points[-1]).all()
        assert points.min() >= 0
        assert (points.max(axis=0) <= [width, height]).all()
