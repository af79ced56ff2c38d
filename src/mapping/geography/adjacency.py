"""Which districts are neighbours, and how long their common border is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mapping.concepts.district import Districts

__all__ = ["adjacency", "borders"]

_CORNER = 1.0  # metres: a shorter common border is a meeting of corners


def _touching(shapes: np.ndarray) -> dict[tuple[int, int], float]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    ahead = one < other
    one, other = one[ahead], other[ahead]
    shared = shapely.length(
        shapely.intersection(shapely.boundary(shapes[one]), shapely.boundary(shapes[other]))
    )
    return {
        (int(i), int(j)): float(length)
        for i, j, length in sorted(zip(one, other, shared, strict=True))
        if length > _CORNER
    }


def _components(n: int, pairs: list[tuple[int, int]]) -> np.ndarray:
    i, j = np.array(pairs, dtype=int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1])


def borders(frame: gpd.GeoDataFrame) -> dict[tuple[int, int], float]:
    """Metres of common border by pair of positions in `frame` (the smaller first).

    A part that touches nothing (an island) is tied to the district nearest to it by a border of length 0, so
    that every district can be reached from every other.
    """
    shapes, codes = np.asarray(frame.geometry, dtype=object), frame["code"].tolist()
    shared = _touching(shapes)
    while (part := _components(len(shapes), list(shared))).max(initial=0) > 0:
        smallest = min(
            set(part), key=lambda k: ((part == k).sum(), min(codes[i] for i in np.flatnonzero(part == k)))
        )
        inside, outside = np.flatnonzero(part == smallest), np.flatnonzero(part != smallest)
        near, distance = shapely.STRtree(shapes[outside]).query_nearest(
            shapes[inside], return_distance=True, all_matches=True
        )
        # rounded to millimetres and settled by code, so that neither rounding nor the order of rows decides
        _, _, _, i, j = min(
            (round(float(metres), 3), codes[i], codes[j], i, j)
            for metres, i, j in zip(distance, inside[near[0]], outside[near[1]], strict=True)
        )
        shared[int(min(i, j)), int(max(i, j))] = 0.0
    return dict(sorted(shared.items()))


def adjacency(districts: Districts) -> tuple[tuple[int, int], ...]:
    """Pairs of neighbours as positions in `districts.frame`, each once, the smaller first.

    Neighbours share more than a corner. An island is tied to the district nearest to it, so that the graph is
    connected.
    """
    return tuple(borders(districts.frame))
