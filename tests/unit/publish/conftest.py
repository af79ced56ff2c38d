"""A municipality of nine squares for the tests of pictures, small enough to reckon by head, behind the real gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from mapping import codebook
from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.indicator import Indicator
from mapping.disclosure import Figure, ModelFigure, ProtectedRelease, protect, read_policy

NAMES = ("Ängby", "Berga", "Centrum", "Dalen", "Ekudden", "Furuvik", "Granby", "Hagen", "Åkerby")
# respondents and yes of each square; the fifth has a small count, the eighth few respondents, the ninth nobody
ANSWERS = ((150, 20), (160, 24), (400, 140), (150, 17), (140, 3), (155, 22), (390, 12), (36, 7), (0, 0))
# how each printed place stands against the municipality: 0 very likely below, 4 very likely above
CLASSES = {"01": 1, "02": 2, "03": 4, "06": 2, "07": 0, "08": 2, "A0": 3, "A1": 1, "A2": 0}


@pytest.fixture(scope="session")
def squares() -> Districts:
    """Three rows of three squares with sides of two kilometres; three publication areas, one for each row."""
    codes = [f"{number:02d}" for number in range(1, 10)]
    shapes = [
        shapely.box(2000 * column, 2000 * row, 2000 * column + 2000, 2000 * row + 2000)
        for row in range(3)
        for column in range(3)
    ]
    frame = gpd.GeoDataFrame({"code": codes, "name": NAMES, "parent": ""}, geometry=shapes, crs="EPSG:3006")
    area = [f"A{row}" for row in range(3) for _ in range(3)]
    names = [("Söder", "Mitten", "Norr")[row] for row in range(3) for _ in range(3)]
    table = pd.DataFrame({"code": codes, "area": area, "area_name": names})
    population = pd.DataFrame({"code": codes, "sex": "girl", "grade": "9", "n": [2 * n for n, _ in ANSWERS]})
    return Districts("squares", "2024", frame, population, areas={2: table, 3: table, 4: table})


@pytest.fixture(scope="session")
def s04() -> Indicator:
    """Partner choice limited: class 3, down to districts."""
    return codebook.load()["S04"]


def _row(level: str, area: str, n: int, events: int, group: str = "all") -> Iterator[Mapping[str, object]]:
    share = events / n
    se = (share * (1 - share) / n) ** 0.5
    for target in ("pupils", "risk"):
        yield {
            "wave": "2026", "indicator": "S04", "level": level, "area": area, "group": group, "target": target,
            "sensitivity": 3, "n": n, "events": events, "register": 2.0 * n, "n_schools": 4, "largest_school": 0.4,
            "n_psu": 4, "df": 3.0, "n_eff": float(n), "deff": 1.0, "estimate": share, "se": se,
            "ci_low": max(share - 2 * se, 0.001), "ci_high": share + 2 * se, "interval": "logit",
            "reliability": "uncertain" if n < 50 else "reliable",
        }  # fmt: skip


@pytest.fixture(scope="session")
def table() -> EstimateTable:
    """What the analyst knows of the squares, before protection."""
    codes = [f"{number:02d}" for number in range(1, 10)]
    rows = [
        row for code, (n, k) in zip(codes, ANSWERS, strict=True) if n for row in _row("district", code, n, k)
    ]
    for number in range(3):
        part = ANSWERS[3 * number : 3 * number + 3]
        rows += _row("area", f"A{number}", sum(n for n, _ in part), sum(k for _, k in part))
    total, yes = sum(n for n, _ in ANSWERS), sum(k for _, k in ANSWERS)
    rows += _row("municipality", "0199", total, yes)
    rows += _row("municipality", "0199", total // 2, yes - 80, "girl")
    rows += _row("municipality", "0199", total - total // 2, 80, "boy")

    def key(level: str, area: str, group: str = "all") -> str:
        return row_key("2026", "S04", level, area, group)

    relations = [
        Relation.sum_of(key("municipality", "0199"), [key("area", f"A{number}") for number in range(3)]),
        Relation.sum_of(
            key("municipality", "0199"), [key("municipality", "0199", sex) for sex in ("girl", "boy")]
        ),
        *(
            Relation.sum_of(
                key("area", f"A{number}"),
                [key("district", codes[i]) for i in range(3 * number, 3 * number + 3) if ANSWERS[i][0]],
            )
            for number in range(3)
        ),
    ]
    return EstimateTable.from_frame(pd.DataFrame(rows), relations)


@pytest.fixture(scope="session")
def release(table: EstimateTable) -> ProtectedRelease:
    """What may be shown of the squares, with the public model's view of them."""
    policy = read_policy().with_levels({"S04": "district"})
    return protect([table], policy, synthetic=True, key=b"squares").derive(_model)


def _model(figures: tuple[Figure, ...]) -> tuple[ModelFigure, ...]:
    """A public model that places each printed share by eye: against 15 or 16 per cent in the municipality."""
    return tuple(
        ModelFigure("2026", "S04", f.level, f.area, CLASSES[f.area], f.share, f.low or 0.0, f.high or 0.0)
        for f in figures
        if f.target == "risk" and f.level != "municipality" and f.share is not None
    )
