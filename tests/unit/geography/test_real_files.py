"""Real geography: Swedish districts, DeSO, municipalities in an old datum, New York in feet, and files made bad."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.district import Districts
from mapping.errors import InputError
from mapping.geography import adjacency, publication_areas, read_districts, simplify


@pytest.fixture
def real(sidecar, shared):
    """Read a file of the reference data with these lines of geography.toml."""

    def read(file: str, lines: str) -> Districts:
        return read_districts(sidecar(f'file = "{(shared / "data" / file).as_posix()}"\n{lines}'))

    return read


def test_goteborg_has_96_primary_areas_on_457_square_kilometres(real):
    districts = real("geo/goteborg_primaromraden_3006.gpkg", 'code = "primaromrade"')
    assert len(districts.frame) == 96
    assert districts.frame.area.sum() / 1e6 == pytest.approx(457.4, abs=0.1)
    assert len(adjacency(districts)) == 228


def test_goteborg_base_areas_with_heights_in_a_local_system_cover_the_same_land(real):
    districts = real("geo/goteborg_basomraden_2021.zip", 'code = "basomrade"')
    assert len(districts.frame) == 1012
    assert not districts.frame.has_z.any()
    assert districts.frame.area.sum() / 1e6 == pytest.approx(457.4, abs=0.1)


def test_goteborg_gets_nested_areas_and_stays_a_coverage_when_simplified(real):
    districts = real("geo/goteborg_primaromraden_3006.gpkg", 'code = "primaromrade"')
    pupils = np.random.default_rng(5).integers(20, 150, len(districts.frame))
    register = pd.DataFrame({"code": districts.frame["code"], "sex": "all", "grade": "9", "n": pupils})
    placed = publication_areas(
        Districts(districts.id, districts.edition, districts.frame, register), {2: 150, 4: 600}
    )
    joined = placed.areas[2].merge(placed.areas[4], on="code").merge(register, on="code")
    assert joined.groupby("area_x")["area_y"].nunique().max() == 1
    assert joined.groupby("area_x")["n"].sum().min() >= 150
    assert joined.groupby("area_y")["n"].sum().min() >= 600
    assert joined["area_x"].nunique() >= 30
    simple = simplify(districts.frame, 60)
    assert simple.area.sum() == pytest.approx(districts.frame.area.sum(), rel=0.005)


def test_uppsala_deso_lose_their_24_slivers(real):
    codes = '["0305", "0330", "0331", "0381", "0382"]'
    districts = real("geo/deso2018_uppsala_lan_part.zip", f'code = "Deso"\nmunicipality = {codes}')
    assert len(districts.frame) == 70
    assert "24 of 94 polygons belong to other municipalities" in districts.notes[0]
    with pytest.raises(InputError, match="DeSO of 15 municipalities"):
        real("geo/deso2018_uppsala_lan_part.zip", 'code = "Deso"')


def test_290_municipalities_are_moved_from_rt90_to_sweref(real):
    districts = real(
        "geo/kommuner_290_rt90_3021.gpkg", 'code = "kn_kod"\nname = "kn_namn"\nparent = "ln_namn"'
    )
    assert len(districts.frame) == 290
    assert districts.frame["code"].iloc[0] == "0114"
    assert districts.frame.crs.to_epsg() == 3006
    # Gotland, whose position in SWEREF 99 TM is known: about E 711 000, N 6 373 000
    gotland = districts.frame.set_index("code").geometry["0980"].centroid
    assert (gotland.x, gotland.y) == pytest.approx((711_000, 6_373_000), abs=8_000)


def test_counties_in_degrees_come_in_metres(real):
    districts = real("geo/lan_21_wgs84.parquet", 'code = "lan_kod"\nname = "lan"')
    assert len(districts.frame) == 21
    assert districts.frame.crs.to_epsg() == 3006


def test_new_york_in_feet_measures_783_square_kilometres(real):
    districts = real("geo/nybb_16a.zip", 'code = "BoroName"\nname = "BoroName"\ncase = "lower"')
    assert districts.frame["code"].tolist() == ["bronx", "brooklyn", "manhattan", "queens", "staten island"]
    assert districts.names()["bronx"] == "Bronx"
    assert districts.frame.area.sum() / 1e6 == pytest.approx(783.17, abs=0.02)
    simplify(districts.frame, 100)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("g20_self_intersection.gpkg", r"row 1 \(code 0188A0010\).*0 km² to 1.125 km²"),
        ("g21_duplicate_codes.gpkg", "code 0188A0050 stands in rows 5 and 6"),
        ("g22_missing_crs.zip", "EPSG"),
        ("g23_two_layers.gpkg", "2 layers: deso_2018, deso_2025"),
    ],
)
def test_files_made_bad_are_refused_by_name_and_reason(real, file, words):
    with pytest.raises(InputError, match=words) as caught:
        real(f"bad/{file}", 'code = "deso"')
    assert file in str(caught.value)


def test_the_good_control_passes(real):
    assert len(real("bad/ok_control_geo.gpkg", 'code = "deso"').frame) == 16


def test_uppsala_deso_are_joined_to_regso_by_scbs_table_and_get_pupils_from_its_age_bands(real, shared):
    tables = shared / "data" / "geo"
    lines = (
        'code = "Deso"\nmunicipality = "0381"\n'
        f'[parents]\nfile = "{(tables / "kopplingstabell_deso_regso_2021.csv").as_posix()}"\n'
        'columns = { code = "DeSO", parent = "RegSO" }\ndissolve = true\n'
        f'[population]\nfile = "{(tables / "scb_age_by_deso.csv").as_posix()}"\n'
        'columns = { code = "deso", n = ["10-14 år", "15-19 år"] }\n'
    )
    districts = real("geo/deso2018_uppsala_lan_part.zip", lines)
    deso = pd.read_csv(tables / "scb_age_by_deso.csv", dtype={"deso": "str"})
    own = deso[deso["deso"].str.startswith("0381")]
    assert 1 < len(districts.frame) < len(own)
    assert districts.population["n"].sum() == own[["10-14 år", "15-19 år"]].to_numpy().sum()
    assert set(districts.codes["places"].values()) == set(districts.frame["code"])
    assert districts.frame.is_valid.all()


def test_footnotes_of_scbs_income_table_are_told_and_never_districts(real, shared):
    table = shared / "data" / "geo" / "scb_income_by_deso.csv"
    lines = (
        'code = "Deso"\nmunicipality = "0331"\n[population]\n'
        f'file = "{table.as_posix()}"\ncolumns = {{ code = "deso", n = "Antal personer totalt" }}\n'
    )
    districts = real("geo/deso2018_uppsala_lan_part.zip", lines)
    assert set(districts.population["code"]) == set(districts.frame["code"])
    assert any("rows with codes that are no district left out" in note for note in districts.notes)


def test_goteborg_base_areas_dissolve_to_its_96_primary_areas(real):
    primary = real("geo/goteborg_primaromraden_3006.gpkg", 'code = "primaromrade"').frame
    joined = real(
        "geo/goteborg_basomraden_2021.zip", 'code = "basomrade"\n[parents]\ndigits = 3\ndissolve = true'
    ).frame
    assert joined["code"].tolist() == primary["code"].tolist()
    assert joined.area.to_numpy() == pytest.approx(primary.area.to_numpy(), rel=1e-3)
