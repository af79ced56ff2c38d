"""Laws of publication areas on arbitrary maps: contiguous, nested, large enough, independent of the order of rows."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from mapping.concepts.district import Districts
from mapping.geography import adjacency, publication_areas

MINIMUM = {2: 150, 3: 200, 4: 600}


@st.composite
def maps(draw: st.DrawFn) -> Districts:
    """Squares on a grid, some of them missing (water), with pupils and larger areas drawn at will."""
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cells = [(x, y) for y in range(rows) for x in range(columns)]
    land = draw(st.lists(st.sampled_from(cells), min_size=1, unique=True))
    pupils = draw(st.lists(st.integers(0, 300), min_size=len(land), max_size=len(land)))
    parents = draw(st.lists(st.sampled_from(["", "N", "S"]), min_size=len(land), max_size=len(land)))
    codes = [f"{number:02d}" for number in draw(st.permutations(range(len(land))))]
    frame = gpd.GeoDataFrame(
        {"code": codes, "name": [f"Place {code}" for code in codes], "parent": parents},
        geometry=[box(1000 * x, 1000 * y, 1000 * x + 1000, 1000 * y + 1000) for x, y in land],
        crs=3006,
    )
    register = pd.DataFrame({"code": codes, "sex": "all", "grade": "9", "n": pupils})
    return Districts("drawn", "2024", frame, register)


def sizes(districts: Districts, sensitivity: int) -> pd.Series:
    return districts.areas[sensitivity].merge(districts.population, on="code").groupby("area")["n"].sum()


def hangs_together(members: set[str], neighbours: set[frozenset[str]]) -> bool:
    """Whether all members can be reached from the first one through neighbours among them."""
    reached, waiting = set(), [min(members)]
    while waiting:
        here = waiting.pop()
        reached.add(here)
        waiting += [code for code in members - reached if frozenset((here, code)) in neighbours]
    return reached == members


@settings(max_examples=60, deadline=None)
@given(maps())
def test_every_district_lies_in_exactly_one_area_of_each_class(districts):
    placed = publication_areas(districts, MINIMUM)
    for table in placed.areas.values():
        assert sorted(table["code"]) == sorted(districts.frame["code"])
        assert table.groupby("area")["area_name"].nunique().eq(1).all()
        assert table.drop_duplicates("area")["area_name"].is_unique


@settings(max_examples=60, deadline=None)
@given(maps())
def test_areas_hold_the_minimum_unless_the_municipality_does_not(districts):
    placed = publication_areas(districts, MINIMUM)
    for sensitivity, minimum in MINIMUM.items():
        n = sizes(placed, sensitivity)
        assert len(n) == 1 or n.min() >= minimum


@settings(max_examples=60, deadline=None)
@given(maps())
def test_areas_hang_together(districts):
    codes = districts.frame["code"].tolist()
    neighbours = {frozenset((codes[i], codes[j])) for i, j in adjacency(districts)}
    assert hangs_together(set(codes), neighbours)
    for table in publication_areas(districts, MINIMUM).areas.values():
        for _, members in table.groupby("area")["code"]:
            assert hangs_together(set(members), neighbours)


@settings(max_examples=60, deadline=None)
@given(maps())
def test_areas_of_a_higher_class_are_unions_of_lower_ones(districts):
    areas = publication_areas(districts, MINIMUM).areas
    for lower, higher in ((1, 2), (2, 3), (3, 4)):
        joined = areas[lower].merge(areas[higher], on="code")
        assert joined.groupby("area_x")["area_y"].nunique().max() == 1


@settings(max_examples=40, deadline=None)
@given(maps(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(districts, random):
    order = list(range(len(districts.frame)))
    random.shuffle(order)
    shuffled = Districts(
        districts.id,
        districts.edition,
        districts.frame.iloc[order].reset_index(drop=True),
        districts.population.iloc[order].reset_index(drop=True),
    )
    one, other = publication_areas(districts, MINIMUM), publication_areas(shuffled, MINIMUM)
    for sensitivity, table in one.areas.items():
        pd.testing.assert_frame_equal(table, other.areas[sensitivity])


@settings(max_examples=40, deadline=None)
@given(maps())
def test_no_area_can_be_halved_along_a_single_border(districts):
    """In a strip (one row of squares) every cut is a border, so the law can be checked by trying them all."""
    strip = districts.frame[districts.frame.geometry.bounds["miny"] == 0].sort_values(
        "code", ignore_index=True
    )
    if strip.empty:
        return
    register = districts.population[districts.population["code"].isin(strip["code"])]
    placed = publication_areas(Districts("x", "y", strip.assign(parent=""), register), {2: 150})
    east = dict(zip(strip["code"], strip.geometry.bounds["minx"], strict=True))
    pupils = dict(zip(register["code"], register["n"], strict=True))
    for _, members in placed.areas[2].groupby("area")["code"]:
        ordered = sorted(members, key=east.__getitem__)
        for cut in range(1, len(ordered)):
            west = sum(pupils[code] for code in ordered[:cut])
            rest = sum(pupils[code] for code in ordered[cut:])
            assert min(west, rest) < 150
