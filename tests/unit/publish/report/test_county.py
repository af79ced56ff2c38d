"""The county from what its municipalities have published: sums of printed figures, and what cannot be reported."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mapping.disclosure import Figure, ProtectedRelease
from mapping.disclosure.protected import Status
from mapping.errors import InputError, SettingsError
from mapping.publish import Context
from mapping.publish.chapters.county import county_together
from mapping.publish.content import content
from mapping.publish.county import cases_together, read_county, shares_together
from mapping.publish.view import View
from mapping.texts import load

HEAD = "key,wave,indicator,level,area,group,target,status,share,low,high,decimals,base,count,unsure"
ROWS = (
    "a,2026,S04,municipality,0100,all,pupils,shown,20,16,24,0,500–999,NA,NA",
    "b,2026,S04,municipality,0100,girl,pupils,shown,30,26,34,0,500–999,NA,NA",
    "c,2026,S04,municipality,0100,all,risk,shown,20,10,30,0,500–999,NA,NA",
    "d,2026,K01,municipality,0100,all,cases,shown,NA,NA,NA,1,NA,54,NA",
    "e,2026,K02,municipality,0100,all,cases,withheld,NA,NA,NA,0,NA,NA,NA",
    "f,2026,S07,municipality,0100,all,pupils,withheld,NA,NA,NA,0,NA,NA,NA",
    "g,2024+2026,S07,municipality,0100,all,pupils,shown,4,2,6,0,500–999,NA,NA",
    "h,2024,S08,municipality,0100,all,pupils,shown,9,8,10,0,500–999,NA,NA",
)


def put(folder: Path, rows: tuple[str, ...] = ROWS, code: str = "0100", name: str = "other") -> Path:
    (folder / "county.toml").write_text(
        'schema = 1\nname = "Exempellän"\npupils = { "0199" = 1000, "0100" = 3000 }\n', encoding="utf-8"
    )
    place = folder / name
    place.mkdir()
    table = "\n".join([HEAD, *rows, ""]).encode()
    (place / "figures.csv").write_bytes(table)
    about = {
        "municipality": {"code": code, "name": "Granne"},
        "wave": "2026",
        "files": {"tables/figures.csv": hashlib.sha256(table).hexdigest()},
    }
    (place / "release.json").write_text(json.dumps(about), encoding="utf-8")
    return place


def figure(status: Status = Status.SHOWN, count: int | None = None, **numbers: float) -> Figure:
    target = "cases" if not numbers else "pupils"
    return Figure("k", "2026", "X", "municipality", "01", "all", target, status, count=count, **numbers)  # type: ignore[arg-type]


def test_a_neighbour_is_read_for_the_whole_of_it_and_for_its_own_wave(tmp_path: Path) -> None:
    put(tmp_path)
    county = read_county(tmp_path)
    assert county is not None
    (other,) = county.neighbours
    assert set(other.figures) == {"S04", "S07", "K01", "K02"}
    assert (other.figures["S04"].share, other.figures["K01"].count) == (20, 54)
    assert other.figures["S07"].wave == "2024+2026"  # where its own wave is withheld


def test_without_settings_there_is_no_county(tmp_path: Path) -> None:
    assert read_county(tmp_path) is None


def test_a_changed_table_is_refused(tmp_path: Path) -> None:
    place = put(tmp_path)
    table = (place / "figures.csv").read_text(encoding="utf-8")
    (place / "figures.csv").write_text(table.replace(",54,", ",45,"), encoding="utf-8")
    with pytest.raises(InputError, match="is not the file that"):
        read_county(tmp_path)


@pytest.mark.parametrize(
    "row",
    [
        "a,2026,S04,municipality,0100,all,pupils,shown,20,26,24,0,x,NA,NA",
        "a,2026,S04,municipality,0100,all,pupils,shown,inf,16,24,0,x,NA,NA",
        "a,2026,K01,municipality,0100,all,cases,shown,NA,NA,NA,1,x,-3,NA",
        "a,2026,K01,municipality,0100,all,cases,secret,NA,NA,NA,1,x,3,NA",
        "a,2026",
    ],
)
def test_a_figure_that_cannot_be_is_refused_by_its_row(tmp_path: Path, row: str) -> None:
    put(tmp_path, (ROWS[0], row))
    with pytest.raises(InputError, match="data row 2 holds no figure"):
        read_county(tmp_path)


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    place = put(tmp_path)
    (place / "release.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(InputError, match="this is no release"):
        read_county(tmp_path)
    (place / "release.json").unlink()
    with pytest.raises(InputError, match="must lie here"):
        read_county(tmp_path)


def test_a_municipality_counts_once(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, name="again")
    with pytest.raises(SettingsError, match="stands twice"):
        read_county(tmp_path)


def test_counts_add_up_to_at_least_so_many() -> None:
    parts = [figure(count=54), figure(count=41), figure(Status.WITHHELD), None]
    found = cases_together(parts)
    assert (found.count, found.reported, found.silent) == (95, 2, 2)


def test_nobody_known_is_a_count_of_zero() -> None:
    assert cases_together([figure(Status.NONE_KNOWN, count=0), figure(count=30)]).count == 30


def test_what_no_one_reports_is_no_number() -> None:
    assert cases_together([figure(Status.WITHHELD)]).count is None
    assert shares_together([(figure(Status.WITHHELD), 100)]).share is None


def test_shares_are_weighted_by_pupils_with_limits_by_hand() -> None:
    # (10 · 1000 + 20 · 3000) / 4000 = 17.5; below: sqrt((2 · 1000)² + (4 · 3000)²) / 4000 = 3.04
    one, other = figure(share=10.0, low=8.0, high=12.0), figure(share=20.0, low=16.0, high=24.0)
    found = shares_together([(one, 1000), (other, 3000)])
    assert found.share == 17.5
    assert (found.low, found.high) == pytest.approx((17.5 - 3.0414, 17.5 + 3.0414), abs=1e-4)


def test_a_municipality_without_a_register_is_left_out_and_counted() -> None:
    one = figure(share=10.0, low=8.0, high=12.0)
    found = shares_together([(one, 1000), (one, 0)])
    assert (found.reported, found.silent, found.share) == (1, 1, 10.0)


def test_the_annex_counts_municipalities_and_names_none(
    whole_release: ProtectedRelease, context: Context, tmp_path: Path
) -> None:
    put(tmp_path)
    county = read_county(tmp_path)
    assert county is not None
    view = View(whole_release, replace(context, county=county), load("sv"))
    made = county_together(view, county, "C")
    rows = {row[0]["text"]: (row[1]["text"], row[2]["text"][0]) for row in made["blocks"][1]["rows"]}
    assert rows["Ärenden: hedersrelaterat våld"] == ("95", "2")
    assert rows["Ärenden: våld i nära relation"] == ("minst 85", "1")
    assert "Granne" not in json.dumps(made, ensure_ascii=False)
    told = content(whole_release, view.context, "sv")
    assert told["annexes"][-2]["id"] == "county"
    assert [part["heading"][:8] for part in told["annexes"][:-1]] == [
        "Bilaga A",
        "Bilaga B",
        "Bilaga C",
        "Bilaga D",
    ]
