"""Publication areas on small maps worked by hand, their names, neighbours and simplification."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box

from mapping.concepts.district import Districts
from mapping.errors import InputError
from mapping.geography import adjacency, publication_areas, simplify
from mapping.geography.area_names import LANGUAGES, Places


def strip(
    pupils: Sequence[int], parents: str = "", names: Sequence[str] = (), gap_after: int = -1
) -> Districts:
    """Square districts a, b, c … in a row from west to east, with an open water after one of them."""
    codes = list("abcdefghij"[: len(pupils)])
    cells = []
    for i in range(len(pupils)):
        x = 1000 * i + (500 if 0 <= gap_after < i else 0)
        cells.append(box(x, 0, x + 1000, 1000))
    frame = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": list(names or [c.upper() for c in codes]),
            "parent": list(parents or [""] * len(codes)),
        },
        geometry=cells,
        crs=3006,
    )
    population = pd.DataFrame({"code": codes, "sex": "all", "grade": "9", "n": list(pupils)})
    return Districts("strip", "2024", frame, population)


def members(districts: Districts, sensitivity: int) -> list[str]:
    table = districts.areas[sensitivity]
    return ["".join(group) for _, group in table.groupby("area")["code"]]


def test_districts_that_are_large_enough_stay_alone():
    assert members(publication_areas(strip([200, 150, 300]), {2: 150}), 2) == ["a", "b", "c"]


def test_a_small_district_joins_a_neighbour_that_is_too_small_as_well():
    # b (40) could join a (500) or c (120): with c the two reach 150 and a stays as it is
    assert members(publication_areas(strip([500, 40, 120]), {2: 150}), 2) == ["a", "bc"]


def test_districts_join_within_their_larger_area_first():
    # b (100) and c (60) are both too small and neighbours, but in different larger areas
    assert members(publication_areas(strip([400, 100, 60, 400], parents="NNSS"), {2: 150}), 2) == ["ab", "cd"]


def test_a_larger_area_that_is_too_small_joins_the_next():
    assert members(publication_areas(strip([50, 40, 200], parents="NNS"), {2: 150}), 2) == ["abc"]


def test_higher_classes_are_unions_of_lower_ones():
    areas = publication_areas(strip([90, 80, 90, 80, 90, 80]), {2: 150, 4: 300})
    assert members(areas, 2) == ["ab", "cd", "ef"]
    assert members(areas, 4) == ["abcdef"]
    wide = publication_areas(strip([90, 80, 90, 80, 90, 80, 90, 80]), {2: 150, 4: 300})
    assert members(wide, 4) == ["abcd", "efgh"]


def test_a_lower_minimum_for_a_higher_class_does_not_break_the_nesting():
    areas = publication_areas(strip([90, 80, 90, 80]), {2: 150, 3: 50})
    assert members(areas, 3) == members(areas, 2) == ["ab", "cd"]


def test_a_merged_area_that_can_be_halved_is_halved():
    # smallest first: c (60) with b (70), the two too small; then a (120) and d (130), each alone too small, join them:
    # abcd with 380 pupils, which falls into ab (190) and cd (190)
    assert members(publication_areas(strip([120, 70, 60, 130]), {2: 150}), 2) == ["ab", "cd"]


def test_the_whole_municipality_is_one_area_when_it_is_too_small():
    areas = publication_areas(strip([20, 30, 40]), {2: 150})
    assert members(areas, 2) == ["abc"]
    assert areas.areas[2]["area_name"].unique().tolist() == ["Hela kommunen"]
    assert areas.areas[2]["area_name_en"].unique().tolist() == ["The whole municipality"]


def test_only_the_words_between_names_are_in_a_language():
    names = {code: code.upper() for code in "abcdef"}
    places = Places(names, dict.fromkeys(names, ""), dict.fromkeys(names, 100))
    said = {
        language: [places.name(m, language) for m in ("a", "ab", "abc", "abcde")] for language in LANGUAGES
    }
    assert said == {
        "sv": ["A", "A och B", "A, B och C", "A m.fl. (5)"],
        "en": ["A", "A and B", "A, B and C", "A and others (5)"],
    }


def test_an_island_joins_what_lies_nearest():
    districts = strip([200, 200, 30], gap_after=1)
    assert adjacency(districts) == ((0, 1), (1, 2))
    assert members(publication_areas(districts, {2: 150}), 2) == ["a", "bc"]


def test_area_codes_name_the_class_and_the_smallest_district():
    table = publication_areas(strip([100, 100, 200]), {2: 150, 3: 150}).areas
    assert table[2]["area"].tolist() == ["A2-a", "A2-a", "A2-c"]
    assert table[3]["area"].tolist() == ["A3-a", "A3-a", "A3-c"]
    assert table[2]["code"].tolist() == ["a", "b", "c"]


def test_districts_without_register_pupils_count_as_none_and_are_joined():
    districts = strip([200, 200])
    without = Districts("x", "y", districts.frame, districts.population[lambda p: p["code"] == "a"])
    assert members(publication_areas(without, {2: 150}), 2) == ["ab"]


def test_without_a_register_each_district_is_its_own_area_below_class_4_and_a_note_says_so():
    districts = strip([1, 1])
    bare = publication_areas(Districts("x", "y", districts.frame), {2: 150, 3: 150, 4: 600})
    assert sorted(bare.areas) == [1, 2, 3]
    assert members(bare, 3) == ["a", "b"]
    assert "No register pupils are known" in bare.notes[0]


def test_class_1_keeps_its_districts():
    assert members(publication_areas(strip([10, 10]), {2: 150}), 1) == ["a", "b"]


def test_corners_do_not_make_neighbours():
    cells = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(1000, 1000, 2000, 2000)]
    frame = gpd.GeoDataFrame(
        {"code": list("abc"), "name": list("abc"), "parent": ""}, geometry=cells, crs=3006
    )
    assert adjacency(Districts("x", "y", frame)) == ((0, 1), (1, 2))


def test_one_district_alone_has_no_neighbours():
    assert adjacency(strip([5])) == ()
    assert members(publication_areas(strip([5]), {2: 150, 4: 600}), 4) == ["a"]


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ("a", "Norrstrand"),
        ("ab", "Ekvik och Norrstrand"),
        ("abc", "Ekvik, Norrstrand och Ås"),
        ("bd", "Ekvik och Kvarnbyskogen"),
        ("abd", "Kvarnbyskogen m.fl. (3)"),
        ("cd", "Söder"),
        ("abef", "Norr"),
        ("abcdef", "Hela kommunen"),
    ],
)
def test_names_of_areas_are_short_and_say_what_is_in_them(chosen, name):
    places = Places(
        dict(zip("abcdef", ["Norrstrand", "Ekvik", "Ås", "Kvarnbyskogen", "Lund", "Mo"], strict=True)),
        dict(zip("abcdef", ["Norr", "Norr", "Söder", "Söder", "Norr", "Norr"], strict=True)),
        dict(zip("abcdef", [10, 20, 30, 40, 20, 20], strict=True)),
    )
    assert places.name(set(chosen)) == name


def test_a_larger_area_called_like_one_of_its_districts_does_not_lend_its_name():
    places = Places(
        {"a": "Centrum", "b": "Åsen", "c": "Mo"},
        {"a": "Centrum", "b": "Centrum", "c": ""},
        dict.fromkeys("abc", 1),
    )
    assert places.name({"a", "b"}) == "Centrum och Åsen"


def test_simplified_districts_still_share_their_borders():
    teeth = [(1000 + (20 if i % 2 else -20), 100 * i) for i in range(1, 10)]
    west = shapely.Polygon([(0, 0), (1000, 0), *teeth, (1000, 1000), (0, 1000)])
    east = shapely.Polygon([(2000, 0), (1000, 0), *teeth, (1000, 1000), (2000, 1000)])
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[west, east], crs=3006)
    simple = simplify(frame, 100)
    assert simple.geometry.count_coordinates().sum() < frame.geometry.count_coordinates().sum()
    assert simple.geometry[0].intersection(simple.geometry[1]).area == 0
    assert simple.union_all().area == pytest.approx(2e6)
    assert frame.geometry[0].equals(west)


def test_polygons_that_do_not_tile_are_not_simplified():
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[box(0, 0, 10, 10), box(9, 0, 20, 10)], crs=3006)
    with pytest.raises(InputError, match="do not share their borders"):
        simplify(frame, 1)
