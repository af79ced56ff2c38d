"""The files of a demo workspace: complete, readable, the same every time, with a canary in each kind of file."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyreadstat
import pytest
import shapely

from mapping import demo
from mapping.concepts.municipality import read_municipality, read_publication
from mapping.concepts.wave import read_wave
from mapping.demo import workspace

WAVES = ("2024", "2026")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def frame(built, wave: str) -> pd.DataFrame:
    return pd.read_csv(
        built.folder / "data" / "raw" / wave / f"frame_{wave}.csv", sep=";", dtype={"grade": str}
    )


def polygons(built) -> gpd.GeoDataFrame:
    return gpd.read_file(next(built.folder.rglob("*.gpkg")))


def test_the_same_seed_gives_the_same_bytes(built, tmp_path):
    truth = demo.build(tmp_path, size=built.size)
    assert contents(tmp_path) == contents(built.folder)
    pd.testing.assert_frame_equal(truth.risk, built.truth.risk)


def test_another_seed_moves_the_answers_and_leaves_the_coast(town, tmp_path):
    demo.build(tmp_path, size="town", seed=7)
    before, after = contents(town.folder), contents(tmp_path)
    changed = {Path(name).suffix for name in before if before[name] != after[name]}
    assert changed == {".sav", ".csv"}


def test_building_over_an_older_demo_replaces_it(town, tmp_path):
    demo.build(tmp_path, size="town", seed=7)
    demo.build(tmp_path, size="town")
    assert contents(tmp_path) == contents(town.folder)


def test_an_unknown_size_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'city' or 'town'"):
        demo.build(tmp_path, size="village")


def test_the_settings_are_those_of_a_real_workspace(built):
    municipality = read_municipality(built.folder / "municipality.toml")
    publication = read_publication(built.folder / "publication.toml")
    assert municipality.synthetic
    assert municipality.code == built.code
    assert publication.area_min_population == {2: 150, 3: 150, 4: 600}
    assert publication.levels == ("municipality", "area", "district")
    assert publication.pool_waves == {"city": 1, "town": 2}[built.size]
    assert {"S04", "S07", "S22", "S24", "K01", "K02"} <= set(publication.indicators)
    for wave in WAVES:
        read = read_wave(built.folder / "data" / "raw" / wave / "wave.toml")
        assert read.has_frame
        assert read.area.geography == municipality.geography
        assert (read.folder / read.file.path).exists()
        assert (read.folder / read.cases.path).exists()
    assert [b.indicator for b in read.breaks] == ["S08"]
    assert read.plan == "plan.toml"


def test_place_and_code_are_no_swedish_municipality(built, shared):
    municipality = read_municipality(built.folder / "municipality.toml")
    real = gpd.read_file(shared / "data" / "geo" / "kommuner_290_rt90_3021.gpkg")
    assert municipality.code not in set(real["kn_kod"])
    assert municipality.name not in set(real["kn_namn"])
    assert not polygons(built).to_crs(real.crs).intersects(real.union_all()).any()


def test_the_districts_tile_their_land(built):
    districts = polygons(built)
    assert districts.crs.to_epsg() == 3006
    assert len(districts) == {"city": 24, "town": 12}[built.size]
    assert districts["omrade"].nunique() == {"city": 5, "town": 3}[built.size]
    assert districts["sdnamn"].is_unique
    assert districts["sdkod"].str.startswith(built.code).all()
    assert districts.is_valid.all()
    assert shapely.coverage_is_valid(np.asarray(districts.geometry))
    assert districts.area.min() > 1e6


def test_the_city_has_a_coast_an_island_district_and_lakes(city):
    districts = polygons(city).set_index("sdnamn")
    island = districts.geometry["Ejderö"]
    others = districts.drop("Ejderö").union_all()
    assert island.distance(others) > 50
    assert len(others.geoms) > 10
    assert sum(len(part.interiors) for part in others.geoms) == 2


def test_the_register_is_what_publication_areas_need(built):
    register = pd.read_csv(next(built.folder.rglob("elever_2026.csv")), sep=";", dtype=str)
    pupils = register["antal"].astype(int).groupby(register["sdkod"]).sum()
    low, high, total = {"city": (60, 260, 3100), "town": (40, 90, 700)}[built.size]
    assert pupils.between(low, high).all()
    assert pupils.sum() == pytest.approx(total, rel=0.05)
    assert set(register["kon"]) == {"Flicka", "Pojke"}


def test_as_many_answer_as_in_a_real_school_survey(built):
    expected = {"city": 2500, "town": 590}[built.size]
    for wave in WAVES:
        pupils = frame(built, wave)
        assert pupils["answered"].sum() == built.truth.answered[wave] == pytest.approx(expected, rel=0.06)
        assert pupils["registered"].sum() == built.truth.enrolled[wave]
        assert (pupils["answered"] <= pupils["present"]).all()
        assert (pupils["present"] <= pupils["registered"]).all()


def test_one_whole_school_of_the_city_is_silent_in_the_second_wave(city):
    shares = {}
    for wave in WAVES:
        pupils = frame(city, wave).groupby("school")[["registered", "present", "answered"]].sum()
        assert len(pupils) == 20
        shares[wave] = pupils["answered"] / pupils["registered"]
        assert shares[wave][shares[wave] > 0].between(0.62, 0.92).all()
    assert (shares["2024"] == 0).sum() == 0
    assert shares["2026"].index[shares["2026"] == 0].tolist() == ["S11"]


def test_no_district_of_the_town_is_one_school(town):
    for wave in WAVES:
        data, _ = pyreadstat.read_sav(town.folder / "data" / "raw" / wave / f"ung{wave}.sav")
        own = data[data["stadsdel"].str.startswith("0197")]
        share = own.groupby("stadsdel")["skola"].agg(lambda s: s.value_counts(normalize=True).iloc[0])
        assert share.max() < 0.8


def test_the_survey_file_is_labelled_like_a_swedish_one(city):
    path = city.folder / "data" / "raw" / "2026" / "ung2026.sav"
    _, meta = pyreadstat.read_sav(path, user_missing=True)
    labels = meta.variable_value_labels
    assert meta.column_names_to_labels["f31"].startswith("Får du själv välja")
    assert labels["f31"] == {
        1: "Ja, men med villkor", 2: "Nej", 3: "Ja, helt själv", 77: "Vet ej", 88: "Vill ej svara", 99: "Ej svar",
    }  # fmt: skip
    assert labels["f35a"][1] == "Markerat"
    assert labels["kon"] == {1: "Flicka", 2: "Pojke", 3: "Annat", 4: "Vill ej svara"}
    assert meta.missing_ranges["f31"] == [{"lo": 88.0, "hi": 88.0}, {"lo": 99.0, "hi": 99.0}]
    assert meta.creation_time.isoformat() == "2026-03-20T09:00:00"


def test_the_boxes_of_a_multiple_response_are_one_set_in_the_file(city):
    _, meta = pyreadstat.read_sav(city.folder / "data" / "raw" / "2026" / "ung2026.sav", metadataonly=True)
    leisure = meta.mr_sets["f35"]
    assert leisure["is_dichotomy"]
    assert leisure["counted_value"] == 1
    assert leisure["variable_list"] == ["f35a", "f35b", "f35c", "f35d", "f35e", "f35f", "f35x"]
    assert set(meta.mr_sets) == {"f35", "f36", "f44", "f46"}


def test_the_box_for_none_excludes_the_others(built):
    data, _ = pyreadstat.read_sav(built.folder / "data" / "raw" / "2026" / "ung2026.sav")
    boxes = data[["f35a", "f35b", "f35c", "f35d", "f35e", "f35f"]]
    answered = data["f35x"].isin([0, 1])
    assert (boxes[answered].eq(1).any(axis=1) != data.loc[answered, "f35x"].eq(1)).all()


def test_codes_of_one_question_change_places_between_waves_and_the_second_wave_confirms_it(built):
    labels = {}
    for wave, variable in (("2024", "q32"), ("2026", "f39")):
        path = built.folder / "data" / "raw" / wave
        _, meta = pyreadstat.read_sav(path / f"ung{wave}.sav", metadataonly=True)
        labels[wave] = [meta.variable_value_labels[variable][code] for code in (1, 2)]
    assert labels == {"2024": ["Nej", "Ja"], "2026": ["Ja", "Nej"]}
    assert read_wave(path / "wave.toml").file.relabelled == ("f39",)


def test_the_question_for_girls_is_put_to_girls(built):
    data, _ = pyreadstat.read_sav(built.folder / "data" / "raw" / "2026" / "ung2026.sav", user_missing=True)
    asked = data["f52"].notna()
    assert not asked[data["kon"] == 2].any()
    assert asked[data["kon"] == 1].mean() > 0.95


def test_some_live_elsewhere_and_some_left_their_district_out(built):
    data, _ = pyreadstat.read_sav(built.folder / "data" / "raw" / "2026" / "ung2026.sav")
    assert (data["stadsdel"] == "Annan kommun").mean() == pytest.approx(0.03, abs=0.02)
    assert (data["stadsdel"] == "").mean() == pytest.approx(0.02, abs=0.015)


def test_the_case_extract_is_cp1252_with_semicolons_and_no_names(built):
    raw = (built.folder / "data" / "raw" / "2026" / "arenden_2025.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    text = raw.decode("cp1252")
    assert text.startswith("arendenr;pseudonym;inkom;orsak;kalla;fodelsear;kon;stadsdel;")
    assert "Våld i nära relation" in text
    assert text.count("\n") > {"city": 700, "town": 300}[built.size]


def test_the_canary_sits_in_every_kind_of_data_file_and_in_no_settings(built):
    found = {".csv": 0, ".gpkg": 0, ".toml": 0}
    for path in built.folder.rglob("*.*"):
        if path.suffix != ".sav":
            found[path.suffix] += path.read_bytes().count(demo.CANARY.encode())
            continue
        data, meta = pyreadstat.read_sav(path)
        assert data["internt"].eq(demo.CANARY).sum() == 3
        assert demo.CANARY in meta.column_names_to_labels["internt"]
    assert found[".csv"] > 0
    assert found[".gpkg"] > 0
    assert found[".toml"] == 0


def test_no_pupil_stands_in_a_row_of_the_truth(built):
    shares = built.truth.pupils
    assert list(shares.columns) == ["wave", "indicator", "area", "group", "share"]
    assert repr(built.truth).startswith("<mapping.demo.truth.Truth object")


def test_a_municipality_is_at_hand_below_the_repository_and_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(workspace, "build", lambda folder, *, size: drawn.append((folder, size)))
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert workspace.at_hand() == tmp_path / "build" / "demo"
    (tmp_path / "build" / "demo-town").mkdir(parents=True)
    (tmp_path / "build" / "demo-town" / "municipality.toml").touch()
    assert workspace.at_hand("town") == tmp_path / "build" / "demo-town"
    assert drawn == [(tmp_path / "build" / "demo", "city")]
