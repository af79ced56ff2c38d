"""Releases behind the real gate for the tests of the page: nine squares, and a hundred districts in three waves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping import codebook
from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable
from mapping.concepts.municipality import Municipality, Publication
from mapping.concepts.wave import Group, SurveyFile, Wave
from mapping.disclosure import Figure, ModelFigure, ProtectedRelease, protect, read_policy
from mapping.disclosure.protected import _SEAL
from mapping.publish import Context
from mapping.publish.page import pages
from mapping.publish.page.grounds import ground_of

CODE = "0199"
WAVES = ("2022", "2024", "2026")
MEASURES = ("S04", "S07", "S08", "S10", "S11", "S13", "S14", "S15", "S16", "S19", "S21", "S22")

Page = Mapping[str, Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the page share a worker, so that the releases are made once."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("page"))


def _wave(id_: str) -> Wave:
    return Wave(
        id=id_, survey="Ung i Exempelköping", fieldwork=(f"{id_}-02-02", f"{id_}-03-13"),
        population="Elever i årskurs 9", counts="enrolled", file=SurveyFile("ung.sav"), folder=Path(),
        groups={"grade": Group("ak", {"9": ("9",)})},
    )  # fmt: skip


@pytest.fixture(scope="session")
def context(squares: Districts) -> Context:
    """The facts around the release of the squares."""
    return Context(
        municipality=Municipality(
            code=CODE, name="Exempelköping", publisher="Exempelköpings kommun", languages=("sv", "en"),
            synthetic=True, geography="squares",
        ),
        publication=Publication(
            ("S04",), (("sex",),), ("municipality", "area", "district"), {2: 150, 3: 150, 4: 600}, 1
        ),
        waves=(_wave("2026"),), indicators=codebook.load(), districts=squares, version="0.1.0",
    )  # fmt: skip


def _hundred() -> Districts:
    """A hundred districts with winding borders: cells of random points, bent by waves that all cells share."""
    points = np.random.default_rng(7).uniform(0, 20_000, (100, 2))
    frame = shapely.box(0, 0, 20_000, 20_000)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame))
    cells = shapely.segmentize(shapely.intersection(cells, frame), 120)

    def bend(xy: np.ndarray) -> np.ndarray:
        return xy + 90 * np.sin(xy[:, ::-1] / 170) + 40 * np.sin(xy[:, ::-1] / 61)

    codes = [f"D{number:03d}" for number in range(100)]
    names = [f"{('Norra', 'Södra', 'Östra', 'Västra')[n % 4]} Ekbacken {n // 4}" for n in range(100)]
    shapes = shapely.transform(shapely.set_precision(cells, 1), bend)
    districts = gpd.GeoDataFrame(
        {"code": codes, "name": names, "parent": ""}, geometry=shapes, crs="EPSG:3006"
    )
    return Districts("hundred", "2026", districts)


def _row(level: str, area: str, n: int, share: float, target: str = "pupils") -> Mapping[str, object]:
    se = (share * (1 - share) / n) ** 0.5
    return {
        "wave": WAVES[-1], "indicator": "S04", "level": level, "area": area, "group": "all", "target": target,
        "sensitivity": 2, "n": n, "events": round(share * n), "n_schools": 4, "largest_school": 0.4,
        "estimate": round(share * n) / n, "se": se, "ci_low": max(share - 2 * se, 0.001), "ci_high": share + 2 * se,
        "reliability": "uncertain" if n < 80 else "reliable",
    }  # fmt: skip


def _protected() -> ProtectedRelease:
    """One measure in one wave; a part of its cells is withheld by the gate."""
    rng, rows = np.random.default_rng(11), [_row("municipality", CODE, 12_000, 0.12)]
    for number in range(100):
        n, share = int(rng.integers(20, 220)), float(rng.beta(3, 20))
        rows += [_row("district", f"D{number:03d}", n, share, target) for target in ("pupils", "risk")]
    policy = read_policy().with_levels({"S04": "district"})
    return protect(
        [EstimateTable.from_frame(pd.DataFrame(rows), ())], policy, synthetic=True, key=b"page"
    ).derive(_model)


def _moved(figures: Sequence[Any], id_: str, wave: str, by: int) -> Iterator[Any]:
    """The same cells as another measure's in another wave, each handed on to another district."""
    for figure in figures:
        area = f"D{(int(figure.area[1:]) + by) % 100:03d}" if figure.level == "district" else figure.area
        key = {"key": "|".join((wave, id_, figure.level, area, "all"))} if hasattr(figure, "key") else {}
        yield replace(figure, indicator=id_, wave=wave, area=area, **key)


@pytest.fixture(scope="session")
def hundred() -> tuple[ProtectedRelease, Context]:
    """A hundred districts, twelve measures, three waves, the two earlier ones as they were printed then."""
    one, loaded = _protected(), codebook.load()
    made = {
        wave: [
            f for by, id_ in enumerate(MEASURES) for f in _moved(one.figures, id_, wave, 7 * by + int(wave))
        ]
        for wave in WAVES
    }
    model = (m for by, id_ in enumerate(MEASURES) for m in _moved(one.model, id_, "2026", 7 * by + 2026))
    release = replace(
        one,
        figures=tuple(made["2026"]),
        history=(*made["2022"], *made["2024"]),
        model=tuple(model),
        seal=_SEAL,
    )
    municipality = Municipality(
        code=CODE, name="Exempelköping", publisher="Exempelköpings kommun", languages=("sv", "en"),
        synthetic=True, geography="hundred",
    )  # fmt: skip
    entries = {id_: replace(loaded[id_], finest="district") for id_ in MEASURES}
    publication = Publication(MEASURES, (), ("municipality", "district"), {}, 1)
    return release, Context(
        municipality, publication, tuple(map(_wave, WAVES)), entries, _hundred(), version="0.1.0"
    )


def _model(figures: tuple[Figure, ...]) -> tuple[ModelFigure, ...]:
    shown = [f for f in figures if f.target == "risk" and f.level != "municipality" and f.share is not None]
    return tuple(
        ModelFigure(
            f.wave,
            f.indicator,
            f.level,
            f.area,
            min(int(f.share // 6), 4),
            f.share,
            f.low or 0.0,
            f.high or 0.0,
        )
        for f in shown
    )


@pytest.fixture(scope="session")
def page_files(release: ProtectedRelease, context: Context) -> dict[str, bytes]:
    """The page of the squares."""
    return pages(release, context, beside=["report.sv.html", "report.sv.pdf", "tables/figures.csv"])


@pytest.fixture(scope="session")
def data_of() -> Callable[[bytes], dict[str, Any]]:
    """Reads the data back that stand in a page."""

    def read(page: bytes) -> dict[str, Any]:
        found = re.search(
            r'<script type="application/json" id="data">(.*?)</script>', page.decode(), re.DOTALL
        )
        assert found is not None
        return json.loads(found[1])  # type: ignore[no-any-return]

    return read


@pytest.fixture(scope="session")
def cells_of() -> Callable[[Mapping[str, Any]], dict[tuple[str, ...], dict[str, Any]]]:
    """The cells of a page's data by (measure, wave, group, level, area), as a reader's program takes them."""

    def cell(columns: Mapping[str, Any], prefix: str, states: str, bases: Any, at: int) -> dict[str, Any]:
        numbers = {part: columns.get(f"{prefix}{part}", {}) for part in ("share", "low", "high")}
        read = {part: column[at] if column else None for part, column in numbers.items()}
        return read | {"state": states[at].lower(), "decimals": int(states[at].isupper()), "base": bases[at]}

    def read(data: Mapping[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
        whole, found = data["whole"], {}
        for at, name in enumerate(whole["choice"]):
            made = cell(whole, "", whole["state"], whole["base"], at)
            found[(*name.split("|"), "municipality", whole["key"][at].split("|")[3])] = made
        for name, number in data["division"].items():
            places = data["places"][number]
            for at, code in enumerate(places["code"]):
                made = cell(places, f"{name} ", places[name], places[f"{name} base"], at)
                found[(*name.split("|"), places["level"], code)] = made
        return found

    return read


@pytest.fixture(scope="session")
def hundred_files(hundred: tuple[ProtectedRelease, Context]) -> dict[str, bytes]:
    """The page of the hundred districts."""
    return pages(*hundred)


@pytest.fixture(scope="session")
def squares_ground(squares: Districts) -> dict[str, Any]:
    """The ground of the nine squares."""
    return ground_of(squares, "district", 3, squares.names())
