"""The tile map: one tile for each place, none on another, neighbours near each other."""

from __future__ import annotations

import numpy as np
import shapely

from mapping.publish.map_tiles import hexagons


def squares(columns: int, rows: int) -> np.ndarray:
    return np.array(
        [shapely.box(x, y, x + 1, y + 1) for y in range(rows) for x in range(columns)], dtype=object
    )


def test_every_place_has_a_tile_of_its_own() -> None:
    tiles, gap = hexagons(squares(7, 5))
    apart = np.hypot(*(tiles[:, None] - tiles[None, :]).T)
    assert tiles.shape == (35, 2)
    assert apart[~np.eye(35, dtype=bool)].min() > 0.99 * gap


def test_the_assignment_is_the_nearest_of_all() -> None:
    """Three places in a row: any other way to hand out the three tiles they got lies further from their middles."""
    shapes = squares(3, 1)
    tiles, _ = hexagons(shapes)
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    cost = ((middles[:, None] - tiles[None, :]) ** 2).sum(axis=2)
    orders = [(a, b, c) for a in range(3) for b in range(3) for c in range(3) if len({a, b, c}) == 3]
    assert min(orders, key=lambda order: sum(cost[i, j] for i, j in enumerate(order))) == (0, 1, 2)


def test_a_place_far_west_has_a_tile_in_the_west() -> None:
    tiles, _ = hexagons(squares(6, 4))
    columns = tiles[:, 0].reshape(4, 6).mean(axis=0)
    rows = tiles[:, 1].reshape(4, 6).mean(axis=1)
    assert (np.diff(columns) > 0).all()
    assert (np.diff(rows) > 0).all()


def test_one_place_has_one_tile() -> None:
    tiles, _ = hexagons(squares(1, 1))
    assert tiles.shape == (1, 2)
