"""A made-up municipality of any size, through the formats of real data: what the whole-way benchmarks are run on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mapping.demo.place import District, Place, School, read_place
from mapping.demo.questions import WAVES
from mapping.demo.workspace import build_place

__all__ = ["large_place", "write_workspace"]

PER_SCHOOL = 260  # pupils of one grade in a school: ten classes


def large_place(pupils: int, districts: int, seed: int = 1) -> Place:
    """The demo city on a square, with as many districts on a jittered grid, and schools of about 260 pupils."""
    rng, city = np.random.default_rng(seed), read_place("city")
    side = int(np.ceil(np.sqrt(districts)))
    edge = 1.6 * side
    spots = [(1.6 * (i % side) + 0.8, 1.6 * (i // side) + 0.8) for i in range(districts)]
    at = np.asarray(spots) + rng.uniform(-0.35, 0.35, (districts, 2))
    share = rng.lognormal(0, 0.35, districts)
    homes = np.maximum(12, np.round(pupils * share / share.sum())).astype(int)
    made = tuple(
        District(
            f"{city.code}{i:04d}",
            f"Stadsdel {i:04d}",
            f"Del {i // (10 * side) + 1}",
            tuple(at[i]),
            int(homes[i]),
        )
        for i in range(districts)
    )
    schools = tuple(
        School(f"S{number:04d}", "9" if number % 2 else "gy2", tuple(rng.uniform(0, edge, 2)))
        for number in range(1, max(8, pupils // PER_SCHOOL) + 1)
    )
    square = [[0.0, 0.0], [0.0, edge], [edge, edge], [edge, 0.0], [0.0, 0.0]]
    return replace(
        city,
        inland=square,
        coast=[],
        lakes=(),
        islands=(),
        skerries=(),
        districts=made,
        schools=schools,
        silent="S0003",
    )


def write_workspace(folder: Path, pupils: int, districts: int) -> Path:
    """One wave of such a municipality as a workspace; the folder of its survey comes back."""
    import shutil

    build_place(folder, large_place(pupils, districts), seed=2026)
    shutil.rmtree(folder / "data" / "raw" / WAVES[0])
    return folder / "data" / "raw" / WAVES[1]
