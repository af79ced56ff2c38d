"""A map that looks like a Swedish place: ragged shores, lakes, skerries, and districts whose borders wind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPoint, Polygon

from mapping.demo.place import Blob, Place

__all__ = ["draw"]

_STEP = 0.04  # kilometres between the vertices of a border
_CRUMB = 0.25  # square kilometres: smaller cut-off pieces of a district go to the neighbour
_SMALL_ISLAND = (0.05, 0.26)  # kilometres: radii of skerries


def _ragged(points: Sequence[Sequence[float]], roughness: float, rng: np.random.Generator) -> np.ndarray:
    """A line through `points` by midpoint displacement: each halving adds a smaller random sidestep.

    Fournier, Fussell & Carpenter 1982, "Computer rendering of stochastic models", Communications of the ACM 25(6).
    """
    line = np.asarray(points, dtype=float)
    while (steps := np.diff(line, axis=0)).size and np.hypot(*steps.T).max() > 2 * _STEP:
        length = np.hypot(*steps.T)
        normal = np.column_stack((-steps[:, 1], steps[:, 0]))
        shift = np.where(length > _STEP, rng.normal(0, roughness, len(steps)), 0.0)
        middle = (line[:-1] + line[1:]) / 2 + np.clip(shift, -0.3, 0.3)[:, None] * normal
        line = np.insert(line, np.arange(1, len(line)), middle, axis=0)
    return line


def _blob(blob: Blob, roughness: float, rng: np.random.Generator) -> Polygon:
    """An island or a lake: an ellipse whose radius wavers."""
    angle = np.linspace(0, 2 * np.pi, max(30, int(170 * max(blob.radii) ** 0.7)), endpoint=False)
    radius = np.ones_like(angle)
    for wave in range(2, 26):
        size, phase = rng.normal(0, roughness / wave**1.15), rng.uniform(0, 2 * np.pi)
        radius += size * np.cos(wave * angle + phase)
    x, y = blob.radii[0] * np.cos(angle), blob.radii[1] * np.sin(angle)
    turn = np.radians(blob.turn)
    ring = radius.clip(0.3)[:, None] * np.column_stack(
        (x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn))
    )
    return Polygon(ring + np.asarray(blob.centre))


@dataclass(frozen=True, slots=True)
class _Warp:
    """A smooth displacement of the plane: a sum of waves, gentle enough never to fold it over."""

    vectors: np.ndarray  # wave vectors, radians per kilometre
    phases: np.ndarray
    shifts: np.ndarray  # kilometres

    @classmethod
    def of(cls, rng: np.random.Generator) -> _Warp:
        lengths = np.repeat([7.0, 3.0, 1.3], 3)
        heading = rng.uniform(0, 2 * np.pi, len(lengths))
        towards = rng.uniform(0, 2 * np.pi, len(lengths))
        size = 0.04 * lengths
        return cls(
            2 * np.pi / lengths[:, None] * np.column_stack((np.cos(heading), np.sin(heading))),
            rng.uniform(0, 2 * np.pi, len(lengths)),
            size[:, None] * np.column_stack((np.cos(towards), np.sin(towards))),
        )

    def __call__(self, points: np.ndarray) -> np.ndarray:
        return np.asarray(points + np.sin(points @ self.vectors.T + self.phases) @ self.shifts)


def _mainland(place: Place, rng: np.random.Generator) -> shapely.Geometry:
    """The land that hangs together, without lakes."""
    inland = _ragged(place.inland, 0.07, rng)
    ring = np.vstack((inland[:-1], _ragged(place.coast, 0.13, rng))) if place.coast else inland
    # where the ragged line crosses itself it pinches off ponds and specks: neither is wanted
    land = Polygon(max(shapely.get_parts(shapely.make_valid(Polygon(ring))), key=shapely.area).exterior)
    for lake in place.lakes:
        land = land.difference(_blob(lake, 0.2, rng))
    return max(shapely.get_parts(land), key=shapely.area)


def _islands(place: Place, land: shapely.Geometry, rng: np.random.Generator) -> list[Polygon]:
    islands = [_blob(island, 0.2, rng) for island in place.islands]
    for group in place.skerries:
        for _ in range(group.n):
            centre = rng.normal(group.around, group.spread)
            radius = rng.uniform(*_SMALL_ISLAND) * np.array([1.0, rng.uniform(0.45, 0.9)])
            islands.append(_blob(Blob(tuple(centre), tuple(radius), rng.uniform(0, 180)), 0.12, rng))
    apart: list[Polygon] = []
    for island in islands:
        if island.is_valid and all(island.distance(other) > 0.06 for other in (land, *apart)):
            apart.append(island)
    return apart


def _tiles(place: Place, land: shapely.Geometry, rng: np.random.Generator) -> list[list[Polygon]]:
    """The pieces of `land` by district: cells around the centres with winding borders; islands' districts get none."""
    ashore = [i for i, district in enumerate(place.districts) if not district.island]
    centres = MultiPoint([place.districts[i].at for i in ashore])
    cells = shapely.voronoi_polygons(centres, extend_to=land.buffer(8), ordered=True)
    warp = _Warp.of(rng)
    edges = shapely.line_merge(shapely.union_all([cell.boundary for cell in cells.geoms]))
    borders = shapely.MultiLineString(
        [warp(_ragged(edge.coords, 0.06, rng)) for edge in shapely.get_parts(edges)]
    )
    cells = shapely.transform(shapely.segmentize(cells, _STEP), warp)
    # a metre's grid, so that every piece meets its neighbours in the same vertices
    lines = shapely.union_all([land.boundary, borders.intersection(land)], grid_size=0.001)
    found: list[list[Polygon]] = [[] for _ in place.districts]
    for piece in shapely.get_parts(shapely.polygonize([lines])):
        inside = piece.representative_point()
        if land.contains(inside):
            nearest = min(range(len(ashore)), key=lambda k: cells.geoms[k].distance(inside))
            found[ashore[nearest]].append(piece)
    return _without_crumbs(found)


def _without_crumbs(pieces: list[list[Polygon]]) -> list[list[Polygon]]:
    """Small pieces cut off from their district by an inlet go to the district that they share most border with."""
    kept = [sorted(own, key=shapely.area, reverse=True)[:1] for own in pieces]
    for own in pieces:
        for piece in sorted(own, key=shapely.area, reverse=True)[1:]:
            shared = [
                max((piece.intersection(other).length for other in group), default=0.0) for group in kept
            ]
            kept[int(np.argmax(shared))].append(piece)
    return kept


def _of_island(place: Place, island: Polygon, tiles: list[list[Polygon]]) -> int:
    """The district that an island belongs to: the island district around it, or the nearest shore."""
    for i, district in enumerate(place.districts):
        if district.island and np.hypot(*(np.array(island.centroid.coords[0]) - district.at)) < 4.2:
            return i
    return min(range(len(tiles)), key=lambda i: min((p.distance(island) for p in tiles[i]), default=np.inf))


def draw(place: Place, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The districts of `place` as polygons (``sdkod``, ``sdnamn``, ``omrade``) in SWEREF 99 TM, which tile its land."""
    land = _mainland(place, rng)
    tiles = _tiles(place, land, rng)
    for island in _islands(place, land, rng):
        tiles[_of_island(place, island, tiles)].append(shapely.set_precision(island, 0.001))
    shapes = [
        shapely.transform(shapely.union_all(pieces), lambda xy: np.round(xy * 1000) + np.array(place.origin))
        for pieces in tiles
    ]
    return gpd.GeoDataFrame(
        {
            "sdkod": [district.code for district in place.districts],
            "sdnamn": [district.name for district in place.districts],
            "omrade": [district.parent for district in place.districts],
        },
        geometry=shapes,
        crs=3006,
    )
