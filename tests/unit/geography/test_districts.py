"""Reading districts: what is accepted, what is put right, what is refused and how."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import MultiPolygon, Point, Polygon, box, set_srid

from mapping.errors import InputError, SettingsError
from mapping.geography import read_districts

FILE = 'file = "d.gpkg"\ncode = "kod"\n'


def test_districts_come_in_metres_ordered_by_code_with_names(sidecar, grid):
    path = sidecar(FILE + 'name = "namn"\n')
    grid(["c", "a", "b"]).to_crs(4326).to_file(path.parent / "d.gpkg")
    districts = read_districts(path)
    assert districts.id == "places"
    assert districts.edition == "2024-01-01"
    assert districts.frame["code"].tolist() == ["a", "b", "c"]
    assert districts.names() == {"a": "Place a", "b": "Place b", "c": "Place c"}
    assert districts.frame.crs.to_epsg() == 3006
    assert districts.frame.area.sum() / 1e6 == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_every_common_container_gives_the_same_districts(sidecar, grid, suffix):
    path = sidecar(f'file = "d.{suffix}"\ncode = "kod"\n')
    frame = grid(["01", "02", "03"])
    frame = frame.to_crs(4326) if suffix == "geojson" else frame
    target = path.parent / f"d.{suffix}"
    frame.to_parquet(target) if suffix == "parquet" else frame.to_file(target)
    districts = read_districts(path)
    assert districts.frame["code"].tolist() == ["01", "02", "03"]
    assert districts.frame.area.tolist() == pytest.approx([1e6] * 3, rel=1e-6)


def test_a_key_that_nobody_knows_is_refused_with_the_nearest_one(sidecar, grid):
    path = sidecar(FILE + 'nane = "namn"\n')
    with pytest.raises(SettingsError, match=r"nane.*Did you mean 'name'"):
        read_districts(path)


def test_a_missing_file_is_named(sidecar):
    with pytest.raises(InputError, match=r"d\.gpkg: there is no such file"):
        read_districts(sidecar(FILE))


def test_a_missing_column_is_named_with_the_nearest_ones(sidecar, grid):
    path = sidecar('file = "d.gpkg"\ncode = "Kod"\n')
    grid(["a"]).to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match=r"'code' .* 'Kod'.*Nearest names in the file: kod"):
        read_districts(path)


def test_several_layers_without_a_choice_are_refused_and_one_named_is_read(sidecar, grid):
    path = sidecar(FILE)
    grid(["a"]).to_file(path.parent / "d.gpkg", layer="old")
    grid(["b"]).to_file(path.parent / "d.gpkg", layer="new", mode="a")
    with pytest.raises(InputError, match="2 layers: old, new"):
        read_districts(path)
    assert read_districts(sidecar(FILE + 'layer = "new"\n')).frame["code"].tolist() == ["b"]
    with pytest.raises(InputError, match=r"no layer 'newest'.*new"):
        read_districts(sidecar(FILE + 'layer = "newest"\n'))


def test_columns_that_nobody_named_do_not_enter_memory(sidecar, grid):
    path = sidecar(FILE)
    grid(["a"]).assign(secret="x").to_file(path.parent / "d.gpkg")
    assert list(read_districts(path).frame.columns) == ["code", "name", "parent", "geometry"]


def test_duplicate_codes_are_refused_with_both_rows(sidecar, grid):
    path = sidecar(FILE)
    grid(["a", "b", "a", "c"]).to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match=r"code a stands in rows 1 and 3"):
        read_districts(path)


def test_a_row_without_code_is_refused(sidecar, grid):
    path = sidecar(FILE)
    grid(["a", " ", "c"]).to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match="no code in row 2"):
        read_districts(path)


def test_codes_are_text_and_keep_their_leading_zero_when_the_column_lost_it(sidecar, grid):
    path = sidecar(FILE + 'municipality = "0198"\n')
    grid(["019801", "019802"]).astype({"kod": int}).to_file(path.parent / "d.gpkg")
    assert read_districts(path).frame["code"].tolist() == ["019801", "019802"]


def test_codes_can_be_lower_cased_to_meet_a_survey(sidecar, grid):
    path = sidecar(FILE + 'case = "lower"\n')
    grid(["Bronx", "Queens"]).to_file(path.parent / "d.gpkg")
    assert read_districts(path).frame["code"].tolist() == ["bronx", "queens"]


def test_slivers_of_other_municipalities_are_left_out_and_counted(sidecar, grid):
    path = sidecar(FILE + 'municipality = "0198"\n')
    grid(["019801", "019802", "019901"]).to_file(path.parent / "d.gpkg")
    districts = read_districts(path)
    assert districts.frame["code"].tolist() == ["019801", "019802"]
    assert districts.notes == (
        "d.gpkg: 1 of 3 polygons belong to other municipalities and were left out (019901).",
    )


def test_a_municipality_can_be_given_in_the_call(sidecar, grid):
    path = sidecar(FILE)
    grid(["019801", "019901"]).to_file(path.parent / "d.gpkg")
    assert read_districts(path, "0199").frame["code"].tolist() == ["019901"]
    with pytest.raises(InputError, match="no code begins with 0200"):
        read_districts(path, "0200")


def test_deso_of_several_municipalities_ask_which_is_meant(sidecar, grid):
    path = sidecar(FILE)
    grid(["0198A0010", "0198B2010", "0199A0010"]).to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match="DeSO of 2 municipalities"):
        read_districts(path)


def test_a_missing_crs_is_asked_for_with_a_guess(sidecar, grid):
    path = sidecar(FILE.replace("gpkg", "shp"))
    grid(["a", "b"]).to_file(path.parent / "d.shp")
    (path.parent / "d.prj").unlink()
    with pytest.raises(InputError, match=r"coordinates look like SWEREF 99 TM.*crs = "):
        read_districts(path)
    told = read_districts(sidecar(FILE.replace("gpkg", "shp") + 'crs = "EPSG:3006"\n'))
    assert told.frame.area.tolist() == pytest.approx([1e6, 1e6])


def test_geojson_in_metres_does_not_pass_for_degrees(sidecar, grid):
    path = sidecar('file = "d.geojson"\ncode = "kod"\n')
    features = json.loads(grid(["a"]).to_json())
    features.pop("crs", None)
    (path.parent / "d.geojson").write_text(json.dumps(features))
    with pytest.raises(InputError, match="does not say in which coordinate system"):
        read_districts(path)


def test_a_crs_that_contradicts_the_file_is_refused_and_the_same_one_written_otherwise_is_not(sidecar, grid):
    path = sidecar(FILE + 'crs = "EPSG:3021"\n')
    grid(["a"]).to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match=r"file says its coordinates are SWEREF99 TM.*says RT90"):
        read_districts(path)
    same = "+proj=utm +zone=33 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs"
    assert len(read_districts(sidecar(FILE + f'crs = "{same}"\n')).frame) == 1


def test_exchanged_axes_are_noticed(sidecar, grid):
    path = sidecar(FILE)
    frame = grid(["a"])
    swapped = frame.set_geometry(
        [Polygon([(y, x) for x, y in g.exterior.coords]) for g in frame.geometry], crs=3006
    )
    swapped.to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match="east and north are exchanged"):
        read_districts(path)


def test_a_bow_tie_is_refused_with_its_area_before_and_after(sidecar, grid):
    frame = grid(["a", "b"])
    x, y, *_ = frame.geometry[0].bounds
    frame.loc[0, "geometry"] = Polygon([(x, y), (x + 1000, y + 1000), (x + 1000, y), (x, y + 1000)])
    path = sidecar(FILE)
    frame.to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match=r"row 1 \(code a\).*from 0 km² to 0.5 km²"):
        read_districts(path)


def test_a_ring_that_can_be_repaired_without_moving_its_area_is_repaired_and_noted(sidecar, grid):
    frame = grid(["a", "b"])
    x, y, *_ = frame.geometry[0].bounds
    spike = [(x, y), (x + 1000, y), (x + 1000, y + 1000), (x + 500, y + 1000), (x + 500, y + 1500)]
    frame.loc[0, "geometry"] = Polygon([*spike, (x + 500, y + 1000), (x, y + 1000)])
    path = sidecar(FILE)
    frame.to_file(path.parent / "d.gpkg")
    districts = read_districts(path)
    assert districts.frame.is_valid.all()
    assert districts.frame.area[0] == pytest.approx(1e6)
    assert "1 km² before, 1 km² after" in districts.notes[0]


@pytest.mark.parametrize("shape", [None, Point(600_000, 6_600_000), Polygon()])
def test_a_row_without_polygon_is_refused(sidecar, grid, shape):
    frame = grid(["a", "b"])
    frame.loc[1, "geometry"] = shape
    path = sidecar('file = "d.geojson"\ncode = "kod"\n')
    frame.to_crs(4326).to_file(path.parent / "d.geojson")
    with pytest.raises(InputError, match=r"row 2 \(code b\): there is no polygon"):
        read_districts(path)


def test_heights_are_dropped(sidecar, grid):
    frame = grid(["a"])
    frame["geometry"] = [Polygon([(x, y, 7.0) for x, y in frame.geometry[0].exterior.coords])]
    path = sidecar(FILE)
    frame.to_file(path.parent / "d.gpkg")
    assert not read_districts(path).frame.has_z.any()


def test_small_misfits_between_neighbours_are_matched_and_noted(sidecar, grid):
    frame = grid(["a", "b"])
    x, y, *_ = frame.geometry[1].bounds
    frame.loc[1, "geometry"] = box(x - 0.4, y, x + 1000, y + 1000)
    path = sidecar(FILE)
    frame.to_file(path.parent / "d.gpkg")
    districts = read_districts(path)
    assert "borders did not meet exactly" in districts.notes[0]
    assert districts.frame.geometry[0].intersection(districts.frame.geometry[1]).area == 0


def test_districts_that_lie_on_each_other_are_refused(sidecar, grid):
    frame = grid(["a", "b"])
    x, y, *_ = frame.geometry[1].bounds
    frame.loc[1, "geometry"] = box(x - 300, y, x + 1000, y + 1000)
    path = sidecar(FILE)
    frame.to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match="lies in others too"):
        read_districts(path)


def test_a_file_that_is_no_map_is_refused_plainly(sidecar):
    path = sidecar(FILE)
    (path.parent / "d.gpkg").write_bytes(b"not a geopackage")
    with pytest.raises(InputError, match="cannot be read as polygons"):
        read_districts(path)


def test_a_zip_that_is_none_is_refused_plainly(sidecar):
    path = sidecar('file = "d.zip"\ncode = "kod"\n')
    (path.parent / "d.zip").write_bytes(b"PK not really")
    with pytest.raises(InputError, match="not a readable zip"):
        read_districts(path)


@pytest.mark.parametrize("name", ["../d.shp", "/tmp/d.shp", "a/../../d.shp", "..\\d.shp"])
def test_a_zip_whose_files_would_leave_their_folder_is_refused(sidecar, name):
    path = sidecar('file = "d.zip"\ncode = "kod"\n')
    with zipfile.ZipFile(path.parent / "d.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(InputError, match="outside its folder"):
        read_districts(path)


def zipped(path: Path, frame: gpd.GeoDataFrame, inside: Sequence[str]) -> None:
    """A zip with the shapefile of `frame` once for each folder in `inside`."""
    frame.to_file(path.parent / "s.shp")
    with zipfile.ZipFile(path.parent / "d.zip", "w") as archive:
        for part in path.parent.glob("s.*"):
            for folder in inside:
                archive.write(part, f"{folder}{part.name}")


@pytest.mark.parametrize("folder", ["", "data/", "a/b c/"])
def test_a_shapefile_is_found_wherever_it_lies_in_a_zip(sidecar, grid, folder):
    path = sidecar('file = "d.zip"\ncode = "kod"\nname = "namn"\n')
    zipped(path, grid(["å", "b"]), [folder])
    assert read_districts(path).names() == {"b": "Place b", "å": "Place å"}


def test_maps_in_several_folders_of_a_zip_ask_which_is_meant(sidecar, grid):
    path = sidecar('file = "d.zip"\ncode = "kod"\n')
    zipped(path, grid(["a"]), ["2018/", "2025/"])
    with pytest.raises(InputError, match=r"several folders \(2018/s\.shp, 2025/s\.shp\)"):
        read_districts(path)


def test_an_empty_layer_is_refused(sidecar, grid):
    path = sidecar(FILE)
    grid(["a"]).iloc[:0].to_file(path.parent / "d.gpkg")
    with pytest.raises(InputError, match="holds no district"):
        read_districts(path)


def test_many_islands_stay_one_district(sidecar, grid):
    frame = grid(["a", "b"])
    frame.loc[1, "geometry"] = MultiPolygon([frame.geometry[1], box(650_000, 6_600_000, 650_500, 6_600_500)])
    path = sidecar(FILE)
    frame.to_file(path.parent / "d.gpkg")
    assert read_districts(path).frame.geometry[1].geom_type == "MultiPolygon"


def test_the_frame_never_shows_itself(sidecar, grid):
    path = sidecar(FILE)
    grid(["a", "b"]).to_file(path.parent / "d.gpkg")
    assert repr(read_districts(path)) == "Districts(id='places', n=2)"


def test_a_place_outside_sweden_gets_right_areas(sidecar):
    path = sidecar(FILE)
    square = set_srid(box(-74.0, 40.6, -73.9, 40.7), 4326)
    gpd.GeoDataFrame({"kod": ["a"]}, geometry=[square], crs=4326).to_crs(3857).to_file(path.parent / "d.gpkg")
    # a cell of 0.1 by 0.1 degrees at 40.65 N on the WGS84 ellipsoid: with M = 6362.53 km and N = 6387.22 km,
    # M·N·cos(40.65°)·(0.1·pi/180)² = 93.92 km²
    assert read_districts(path).frame.area[0] / 1e6 == pytest.approx(93.92, rel=2e-4)


def test_the_folder_is_where_files_are_looked_for(sidecar, grid, tmp_path: Path):
    path = sidecar('file = "../elsewhere/d.gpkg"\ncode = "kod"\n')
    (tmp_path / "elsewhere").mkdir()
    grid(["a"]).to_file(tmp_path / "elsewhere" / "d.gpkg")
    assert len(read_districts(path).frame) == 1


@pytest.mark.parametrize("epsg", [3006, 3007, 3008, 3021, 4619, 3857, 4326])
@pytest.mark.parametrize("suffix", ["gpkg", "shp"])
def test_swedish_systems_old_and_local_and_esris_way_of_writing_them_give_the_same_ground(
    sidecar, grid, epsg, suffix
):
    path = sidecar(f'file = "d.{suffix}"\ncode = "kod"\n')
    grid(["a", "b"]).to_crs(epsg).to_file(path.parent / f"d.{suffix}")  # a .prj holds no EPSG code
    frame = read_districts(path).frame
    assert frame.crs.to_epsg() == 3006
    assert frame.area.tolist() == pytest.approx([1e6, 1e6], rel=1e-5)
    assert frame.total_bounds == pytest.approx(grid(["a", "b"]).total_bounds, abs=1.5)
