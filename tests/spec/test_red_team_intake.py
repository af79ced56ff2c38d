"""Files of an outsider: identifiers where nobody looks for them, borders and settings that only pretend."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyreadstat
import pytest
from shapely.geometry import Polygon

from mapping.concepts.wave import read_wave
from mapping.errors import InputError, PrivacyError, SettingsError
from mapping.geography import read_districts
from mapping.ingest import refuse_in_places, refuse_in_settings
from mapping.ingest.door import Door
from mapping.ingest.frame import read_frame
from mapping.ingest.readers import read_table

NUMBER = "20090101-9802"  # of the range meant for tests
DICE = random.Random(20090101)


def said(columns: dict[str, list[Any]]) -> str:
    """What the door says to a file of these columns, or "" where it lets it pass."""
    door = Door("f.csv")
    door.look(pd.DataFrame(columns))
    try:
        door.close()
    except PrivacyError as error:
        return str(error)
    return ""


def norwegian() -> str:
    """A number of eleven digits whose two check digits hold."""
    while True:
        digits = [
            int(d) for d in f"{DICE.randint(1, 28):02d}{DICE.randint(1, 12):02d}09{DICE.randint(500, 999)}"
        ]
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            digits.append(-sum(d * w for d, w in zip(digits, weights, strict=True)) % 11)
        if max(digits) < 10:
            return "".join(map(str, digits))


DISGUISED = {
    "day first": ["01-01-2009-9802", "01.01.2009 ", "01/01/2009-9802"],
    "within a key": ["R-200901019802-2026"],
    "last four masked": ["20090101-XXXX", "20090217-XXXX"],
    "last four starred": ["090101-****"],
    "framed digits": ["".join(d + "\ufe0f\u20e3" for d in "200901019802")],
    "norwegian": [norwegian() for _ in range(30)],
    "norwegian in two groups": [f"{n[:6]} {n[6:]}" for n in (norwegian() for _ in range(30))],
    "norwegian as numbers": [float(norwegian()) for _ in range(30)],
    "finnish": [f"010109A{n}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(f'010109{n}') % 31]}" for n in range(900, 930)],
    "given name and initial": ["Anna S", "Erik L.", "Maja Ö", "Hugo E"],
    "account": ["@anna_s09", "@erik.lind"],
    "account told": ["min snap är anna_s09", "insta: maja.08"],
    "profile": ["https://www.instagram.com/anna_s09/"],
    "grid by letters": ["N 6640123 E 700456"],
    "old grid by letters": ["X=6640123 Y=1650456"],
    "degrees and minutes": ["N59 45.520 E18 42.198"],
    "short plus code": ["QP5X+8M Norrtälje"],
    "births, month first": ["01/22/2009", "05/17/2009", "11/30/2009", "02/14/2010"],
    "births as SPSS counts": [86400.0 * (155_660 + 31 * i) for i in range(20)],
}  # fmt: skip


@pytest.mark.parametrize("kind", DISGUISED)
def test_no_disguise_helps_at_the_door(kind: str) -> None:
    values = [DISGUISED[kind][i % len(DISGUISED[kind])] for i in range(60)]
    message = said({"x1": values})
    assert "column 'x1' holds" in message
    assert not any(str(value) in message for value in values)


def test_a_birth_told_in_three_columns_is_found_and_scales_are_not() -> None:
    births = {"a": [2009 for _ in range(300)], "b": [1 + i % 12 for i in range(300)]}
    days = {"c": [1 + i % 28 for i in range(300)]}
    assert "one part of dates of birth" in said(births | days)
    assert "one part of dates of birth" in said({n: [str(v) for v in c] for n, c in (births | days).items()})
    assert not said(births | {"c": [1 + i % 10 for i in range(300)]})
    assert not said({f"svarsdatum_{n}": column for n, column in (births | days).items()})


@pytest.mark.parametrize(
    "values",
    [
        ["@SUM(A1)", "+SUM(1,1)"],
        ["Snap är bra", "instagram och snap"],
        ["12-03-2026 1415", "13-03-2026 0930"],
        ["20260301-1230-1400"],
        [str(10_000_000_000 + 7919 * i) for i in range(60)],
        ["Anna Whitlocks gymnasium", "Kungsholmens gymnasium"],
    ],
)
def test_what_only_looks_like_it_passes(values: list[str]) -> None:
    assert not said({"x1": [values[i % len(values)] for i in range(60)]})


def test_births_in_a_statistical_file_are_found_though_it_counts_seconds(tmp_path: Path) -> None:
    born = [dt.date(2009, 1, 1) + dt.timedelta(days=i * 3) for i in range(200)]
    pyreadstat.write_sav(pd.DataFrame({"q1": [1.0] * 200, "v9": born}), str(tmp_path / "a.sav"))
    with pytest.raises(PrivacyError, match="column 'v9' holds dates of birth"):
        read_table(tmp_path / "a.sav", ["q1"])


WORKSPACE = {
    "municipality.toml": 'schema = 1\npublisher = "{}"\n',
    "publication.toml": 'schema = 1\nindicators = ["{}"]\n',
    "indicators/X01.toml": 'schema = 1\nname = {{ sv = "{}" }}\n',
    "data/raw/2026/wave.toml": 'schema = 1\n[[breaks]]\nreason = {{ sv = "Se {}" }}\n',
    "data/raw/2026/plan.toml": 'schema = 1\n[[goals]]\ntext = {{ sv = "Hjälp {}" }}\n',
    "data/raw/geography/x/geography.toml": 'schema = 1\n"{}" = 1\n',
}


@pytest.mark.parametrize("name", WORKSPACE)
def test_settings_hold_no_personal_number(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(WORKSPACE[name].format("Bris 116 111, fråga 20090101"), encoding="utf-8")
    refuse_in_settings(tmp_path)
    path.write_text(WORKSPACE[name].format(NUMBER), encoding="utf-8")
    with pytest.raises(PrivacyError) as refused:
        refuse_in_settings(tmp_path)
    assert name in str(refused.value)
    assert NUMBER not in str(refused.value)


def test_a_folder_named_by_a_personal_number_is_not_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "raw" / NUMBER
    folder.mkdir(parents=True)
    (folder / "wave.toml").write_text("schema = 1\n")
    with pytest.raises(PrivacyError) as refused:
        refuse_in_settings(tmp_path)
    assert NUMBER not in str(refused.value)


def test_names_and_tables_of_districts_hold_nobody(tmp_path: Path) -> None:
    sidecar = tmp_path / "geography.toml"
    sidecar.write_text('schema = 1\n[population]\nfile = "e.csv"\n', encoding="utf-8")
    (tmp_path / "e.csv").write_text("kod;antal\nA;3\nB;4\n", encoding="utf-8")
    refuse_in_places(sidecar, ["Centrum", "Anna Lindhs plats"])
    with pytest.raises(PrivacyError, match="e-mail"):
        refuse_in_places(sidecar, ["Centrum", "anna@skola.se"])
    (tmp_path / "e.csv").write_text(f"kod;antal;x\nA;3;{NUMBER}\nB;4;{NUMBER}\n", encoding="utf-8")
    with pytest.raises(PrivacyError, match=r"e\.csv: column 'x'") as refused:
        refuse_in_places(sidecar, [])
    assert NUMBER not in str(refused.value)


WAVE = """schema = 1
id = "2026"
survey = "Ung"
fieldwork = ["2026-03-01", "2026-03-31"]
[file]
path = "u.csv"
respondent = "id"
[area]
kind = "none"
[groups.grade]
column = "ak"
labels = { "9" = ["9"] }
[groups.sex]
column = "kon"
labels = { girl = ["F"], boy = ["P"] }
"""
SQUARE = Polygon([(700000, 6600000), (701000, 6600000), (701000, 6601000), (700000, 6601000)])
FLAT = Polygon([(702000, 6600000), (702001, 6600000), (702002, 6600000)])


def geography(folder: Path, file: str, more: str = "") -> Path:
    path = folder / "geography.toml"
    path.write_text(
        f'schema = 1\nfile = "{file}"\ncode = "kod"\nedition = "2024-01-01"\n{more}', encoding="utf-8"
    )
    return path


def districts(folder: Path, *shapes: Polygon, crs: int = 3006) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"kod": list("ABC")[: len(shapes)]}, geometry=list(shapes), crs=crs)
    frame.to_file(folder / "d.gpkg")
    return frame


def test_a_border_that_encloses_nothing_is_refused(tmp_path: Path) -> None:
    districts(tmp_path, SQUARE, FLAT)
    with pytest.raises(InputError, match=r"d\.gpkg, row 2 \(code B\)"):
        read_districts(geography(tmp_path, "d.gpkg"))


def test_latitude_for_longitude_is_refused(tmp_path: Path) -> None:
    swapped = Polygon([(59.7, 18.7), (59.8, 18.7), (59.8, 18.8), (59.7, 18.8)])
    districts(tmp_path, swapped, crs=4326)
    with pytest.raises(InputError, match="east and north are exchanged"):
        read_districts(geography(tmp_path, "d.gpkg"))


def test_a_damaged_page_of_a_geopackage_is_refused(tmp_path: Path) -> None:
    frame = districts(tmp_path, SQUARE)
    many = pd.concat([frame.assign(kod=str(i), geometry=frame.translate(i * 1000)) for i in range(800)])
    many.to_file(tmp_path / "d.gpkg")
    content = bytearray((tmp_path / "d.gpkg").read_bytes())
    content[100_000:140_000] = bytes(255 - byte for byte in content[100_000:140_000])
    (tmp_path / "d.gpkg").write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"d\.gpkg: cannot be read as polygons"):
        read_districts(geography(tmp_path, "d.gpkg"))


@pytest.mark.parametrize("name", ["d.vrt", "d.gpkg", "d.geojson"])
def test_a_file_that_points_at_others_is_not_followed(tmp_path: Path, name: str) -> None:
    frame = districts(tmp_path, SQUARE)
    frame.to_file(tmp_path / "real.gpkg")
    pointer = (
        '<OGRVRTDataSource><OGRVRTLayer name="real"><SrcDataSource>'
        f"{tmp_path / 'real.gpkg'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    (tmp_path / name).write_text(pointer, encoding="utf-8")
    with pytest.raises(InputError, match="points at other files"):
        read_districts(geography(tmp_path, name))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "d.gpkg")
    with pytest.raises(InputError, match=r"d\.gpkg"):
        read_districts(geography(tmp_path, "d.gpkg"))
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(SettingsError, match=r"pipe\.toml"):
        read_districts(tmp_path / "pipe.toml")


def _folder(path: Path) -> None:
    path.mkdir()


def _nested(path: Path) -> None:
    path.write_text("schema = 1\nx = " + "{a=" * 100_000, encoding="utf-8")


def _endless(path: Path) -> None:
    path.write_text('schema = 1\nx = "' + "a" * 5_000_000 + '"', encoding="utf-8")


@pytest.mark.parametrize("make", [_folder, _nested, _endless])
def test_what_is_no_settings_file_is_said_so(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "geography.toml")
    with pytest.raises(SettingsError, match=r"geography\.toml"):
        read_districts(tmp_path / "geography.toml")


def test_an_endless_table_of_pupils_is_refused_before_it_is_read(tmp_path: Path) -> None:
    districts(tmp_path, SQUARE)
    with (tmp_path / "p.csv").open("wb") as file:
        file.write(b"kod;n\n")
        file.truncate(60_000_000)
    path = geography(
        tmp_path, "d.gpkg", '[population]\nfile = "p.csv"\ncolumns = { code = "kod", n = "n" }\n'
    )
    with pytest.raises(InputError, match=r"p\.csv: larger than any table"):
        read_districts(path)


def test_a_total_among_the_parts_of_a_register_is_refused(tmp_path: Path) -> None:
    districts(tmp_path, SQUARE)
    (tmp_path / "p.csv").write_text("kod;kon;n\nA;Flickor;3\nA;Pojkar;4\nA;Totalt;7\n", encoding="utf-8")
    columns = 'columns = { code = "kod", sex = "kon", n = "n" }'
    with pytest.raises(InputError, match=r"p\.csv, row 3: a total over sex"):
        read_districts(geography(tmp_path, "d.gpkg", f'[population]\nfile = "p.csv"\n{columns}\n'))


def test_a_total_below_a_frame_is_no_school(tmp_path: Path) -> None:
    folder = tmp_path / "2026"
    folder.mkdir()
    (folder / "wave.toml").write_text(WAVE, encoding="utf-8")
    rows = "school;grade;sex;registered;present;answered\nS1;9;girl;9;8;7\n"
    (folder / "f.csv").write_text(rows, encoding="utf-8")
    assert len(read_frame(folder / "f.csv", read_wave(folder / "wave.toml"), b"k")) == 1
    (folder / "f.csv").write_text(rows + "Totalt;9;girl;9;8;7\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"f\.csv: data row 2 is no school but a total"):
        read_frame(folder / "f.csv", read_wave(folder / "wave.toml"), b"k")


@pytest.mark.slow
@pytest.mark.xdist_group("demo")
def test_through_the_command_nothing_is_written_and_nothing_repeated(own_town: Path, run: Any) -> None:
    def files(*folders: str) -> dict[str, bytes]:
        found = [p for folder in folders for p in (own_town / folder).rglob("*") if p.is_file()]
        return {str(p): p.read_bytes() for p in found}

    before = files("reports", "data/processed")
    plan = own_town / "data" / "raw" / "2026" / "plan.toml"
    kept = plan.read_text(encoding="utf-8")
    plan.write_text(kept.replace("Fler elever", NUMBER), encoding="utf-8")
    ran = run("--workspace", own_town, "rebuild")
    assert (ran.code, "plan.toml" in ran.said, NUMBER in ran.said) == (PrivacyError.exit_code, True, False)

    plan.write_text(kept, encoding="utf-8")
    municipality = own_town / "municipality.toml"
    kept = municipality.read_text(encoding="utf-8")
    municipality.write_text(kept + "\n[policy]\nbase_n = 5\n", encoding="utf-8")
    for command in ("check", "rebuild"):
        ran = run("--workspace", own_town, command)
        assert (ran.code, "base_n" in ran.said) == (SettingsError.exit_code, True)
    municipality.write_text(kept, encoding="utf-8")
    shutil.move(own_town / "municipality.toml", own_town / "away.txt")
    ran = run("--workspace", own_town, "rebuild")
    assert ran.code == SettingsError.exit_code
    assert files("reports", "data/processed") == before
