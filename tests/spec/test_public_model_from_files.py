"""Anyone can recompute the public model: from the CSV files of a release, and from nothing else."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mapping.estimate.small_area import PublicRow, public_exceedance

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float | None:
    return None if text == "NA" else float(text)


def printed(row: Row) -> PublicRow:
    return PublicRow(
        row["area"],
        row["status"],
        number(row["share"]),
        number(row["low"]),
        number(row["high"]),
        int(number(row["decimals"]) or 0),
        "" if row["base"] == "NA" else row["base"],
    )


def recomputed(tables: Path) -> Iterator[tuple[Any, ...]]:
    """Rows of the model, from figures.csv alone."""
    figures = [
        row for row in read(tables / "figures.csv") if row["target"] == "risk" and row["group"] == "all"
    ]
    for whole in figures:
        if whole["level"] != "municipality":
            continue
        same = [
            row for row in figures if (row["wave"], row["indicator"]) == (whole["wave"], whole["indicator"])
        ]
        for level in ("area", "district"):
            places = [printed(row) for row in same if row["level"] == level]
            for made in public_exceedance(places, printed(whole)) if len(places) > 1 else ():
                numbers = made.exceedance, made.share, made.low, made.high
                yield (whole["wave"], whole["indicator"], level, made.area, *numbers)


@pytest.mark.parametrize("wave", ["2024", "2026"])
def test_the_public_model_is_what_the_files_alone_give(city: tuple[Path, Any], wave: str) -> None:
    tables = city[0] / "reports" / wave / "tables"
    stands = {
        tuple(row.values())[:4]: tuple(float(row[name]) for name in ("exceedance", "share", "low", "high"))
        for row in read(tables / "model.csv")
    }
    made = {line[:4]: line[4:] for line in recomputed(tables)}
    assert len(stands) >= 20
    assert made == stands
