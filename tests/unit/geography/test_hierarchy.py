"""Larger areas, parts joined to districts, and codes of other editions led to them."""

from __future__ import annotations

import pytest
from shapely import Polygon

from mapping.errors import InputError, SettingsError
from mapping.geography import read_districts

POLYGONS = 'file = "d.gpkg"\ncode = "kod"\n'
SIX = ["1101", "1102", "1103", "1201", "1202", "1301"]


@pytest.fixture
def places(sidecar, grid):
    """Six squares with these lines added to geography.toml and these tables beside them."""

    def read(lines: str, codes=SIX, **tables: str):
        path = sidecar(POLYGONS + lines)
        grid(codes).to_file(path.parent / "d.gpkg")
        for name, text in tables.items():
            (path.parent / f"{name}.csv").write_text(text, encoding="utf-8-sig")
        return read_districts(path)

    return read


def test_the_first_digits_of_a_nyko_code_are_the_larger_area(places):
    districts = places("[parents]\ndigits = 2\n")
    assert districts.frame["parent"].tolist() == ["11", "11", "11", "12", "12", "13"]
    assert len(districts.frame) == 6


def test_parts_are_joined_to_districts_with_their_pupils_and_either_code_is_understood(places):
    lines = (
        "[parents]\ndigits = 2\ndissolve = true\n"
        '[population]\nfile = "p.csv"\ncolumns = { code = "kod", n = "antal" }\n'
    )
    table = "kod;antal\n1101;5\n1102;6\n1103;7\n1201;8\n1202;9\n1301;10\n"
    districts = places(lines, p=table)
    assert districts.frame["code"].tolist() == ["11", "12", "13"]
    assert districts.frame.area.tolist() == pytest.approx([3e6, 2e6, 1e6])
    assert dict(zip(districts.population["code"], districts.population["n"], strict=True)) == {
        "11": 18,
        "12": 17,
        "13": 10,
    }
    assert districts.codes["places"] == {
        **{code: code[:2] for code in SIX},
        **{code: code for code in ("11", "12", "13")},
    }


def test_a_table_tells_the_larger_areas_and_its_blank_rows_and_footnotes_do_no_harm(places):
    rows = ["0199;1101;Norr", "0199;1102;Norr", "0199;1103;Norr", ";;", "0199;1201;Syd", "0199;1202;Syd"]
    table = "".join(f"{row};;\n" for row in ("bro;DeSO;RegSO", *rows, "0199;9999;Norr", "Källa: SCB;;"))
    lines = '[parents]\nfile = "k.csv"\ncolumns = { code = "DeSO", parent = "RegSO" }\n'
    districts = places(lines, k=table)
    assert districts.frame["parent"].tolist() == ["Norr", "Norr", "Norr", "Syd", "Syd", ""]
    assert "k.csv: no larger area for 1 districts (1301)." in districts.notes
    with pytest.raises(InputError, match=r"no larger area for 1 districts \(1301\)\. Complete the table"):
        places(lines + "dissolve = true\n", k=table)


def test_a_district_in_two_larger_areas_is_refused(places):
    lines = '[parents]\nfile = "k.csv"\ncolumns = { code = "a", parent = "b" }\n'
    with pytest.raises(InputError, match=r"k\.csv: the district 1101 lies in two larger areas"):
        places(lines, k="a;b\n1101;x\n1101;y\n")


@pytest.mark.parametrize(
    "lines", ["[parents]\n", 'parent = "namn"\n[parents]\ndigits = 2\n', "[parents]\ndigits = -1\n"]
)
def test_larger_areas_said_never_or_twice_are_refused(places, lines):
    with pytest.raises(SettingsError, match="say once what the larger areas are"):
        places(lines)


CROSSWALK = '[[crosswalks]]\nfrom = "2018"\nfile = "x.csv"\ncolumns = { from = "old", to = "new" }\n'


def test_codes_of_another_edition_lead_to_districts_and_divided_ones_nowhere(places):
    # Karlskoga 2020: two areas became one; and one that was divided
    table = "old;new\nA1;1101\nA2;1101\nB;1102\nB;1103\nC;1201\nC;1202\nD;1301\nE;7777\n"
    districts = places(CROSSWALK, x=table)
    assert districts.codes["2018"] == {"A1": "1101", "A2": "1101", "B": "", "C": "", "D": "1301"}
    assert (
        "x.csv: 2 codes of 2018 were divided among several districts (B, C); respondents with these codes count for "
        "the municipality only." in districts.notes
    )


def test_a_code_divided_within_one_district_is_not_divided(places):
    lines = "[parents]\ndigits = 2\ndissolve = true\n" + CROSSWALK
    districts = places(lines, x="old;new\nB;1102\nB;1103\nC;1103\nC;1201\n")
    assert districts.codes["2018"] == {"B": "11", "C": ""}
    assert "x.csv: no code of 2018 leads to 1 districts (13)." in districts.notes


def test_a_crosswalk_to_another_edition_is_refused(places):
    with pytest.raises(InputError, match=r"x\.csv: no code of column 'new' is a district"):
        places(CROSSWALK, x="old;new\nA;7777\n")


def test_age_bands_are_added_and_titles_above_and_footnotes_below_are_no_districts(places):
    table = "Folkmängd efter ålder\n\nkod,10-14 år,15-19 år,,\n" + "".join(f"{c},10,5,,\n" for c in SIX)
    table += ",,,,\nDessa tabeller,innehåller,brus,,\nKälla:\n"
    lines = '[population]\nfile = "p.csv"\ncolumns = { code = "kod", n = ["10-14 år", "15-19 år"] }\n'
    districts = places(lines, p=table)
    assert districts.population["n"].tolist() == [15] * 6
    assert districts.notes == (
        "p.csv: 2 rows with codes that are no district left out (Dessa tabeller, Källa:).",
    )


def test_a_place_that_no_district_covers_is_told_with_its_neighbours(sidecar, grid):
    path = sidecar(POLYGONS)
    frame = grid([str(i) for i in range(1, 10)])
    frame = frame[frame["kod"] != "5"]
    frame.to_file(path.parent / "d.gpkg")
    (note,) = read_districts(path).notes
    assert "1 places inside the municipality belong to no district, 1 km² in all" in note
    assert "beside 1, 2, 3 …" in note


def test_districts_round_a_corner_have_no_hole(sidecar, grid):
    path = sidecar(POLYGONS)
    frame = grid(["a", "b", "c"], columns=2)
    frame.loc[0, "geometry"] = Polygon(frame.geometry[0].exterior)
    frame.to_file(path.parent / "d.gpkg")
    assert read_districts(path).notes == ()
