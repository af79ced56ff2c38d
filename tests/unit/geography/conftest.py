"""Geography files written on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Polygon, box

Sidecar = Callable[[str], Path]
Grid = Callable[..., gpd.GeoDataFrame]


@pytest.fixture
def sidecar(tmp_path: Path) -> Sidecar:
    """Write a geography.toml with these lines into a folder called `places`, and return its path."""

    def write(lines: str) -> Path:
        folder = tmp_path / "places"
        folder.mkdir(exist_ok=True)
        path = folder / "geography.toml"
        path.write_text(f'schema = 1\nedition = "2024-01-01"\n{lines}', encoding="utf-8")
        return path

    return write


@pytest.fixture
def grid() -> Grid:
    """Square districts of one square kilometre in SWEREF 99 TM, in rows of `columns`."""

    def make(codes: Sequence[str], columns: int = 3) -> gpd.GeoDataFrame:
        def cell(i: int) -> Polygon:
            x, y = 600_000 + 1000 * (i % columns), 6_600_000 + 1000 * (i // columns)
            return box(x, y, x + 1000, y + 1000)

        names = [f"Place {code}" for code in codes]
        return gpd.GeoDataFrame(
            {"kod": list(codes), "namn": names}, geometry=[cell(i) for i in range(len(codes))], crs=3006
        )

    return make
