"""A real survey of one city with real boroughs: six waves in five file formats become six releases."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.xdist_group("new york"), pytest.mark.slow]

YEARS = ("2009", "2011", "2013", "2015", "2017", "2019")
VARIABLES = {
    "is_hopeless": "Y01", "suicide_considered": "Y02", "suicide_attempts_any": "Y03", "used_cocaine": "Y04",
}  # fmt: skip
CITY = "3651000"


@pytest.fixture(scope="module")
def new_york(root: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory, run: Any) -> Path:
    """The workspace of tests/workspaces/nyc with the data that its sidecars name, rebuilt."""
    workspace = tmp_path_factory.mktemp("nyc") / "workspace"
    shutil.copytree(root / "tests" / "workspaces" / "nyc", workspace)
    for sidecar in (workspace / "data" / "raw").rglob("*.toml"):
        named = tomllib.loads(sidecar.read_text(encoding="utf-8"))["file"]
        name = named["path"] if isinstance(named, dict) else named
        kind = "geo" if sidecar.name == "geography.toml" else "surveys"
        shutil.copyfile(shared / "data" / kind / name, sidecar.parent / name)
    ran = run("--workspace", workspace, "rebuild")
    assert ran.code == 0, ran.said
    return workspace


@pytest.mark.parametrize("year", YEARS)
def test_estimates_and_standard_errors_equal_those_of_r(new_york: Path, shared: Path, year: str) -> None:
    """Oracle: R survey 4.x, expected_yrbs_nyc.csv; closed forms, so 1e-9."""
    made = pd.read_parquet(new_york / "data" / "processed" / year / "estimates.parquet")
    made = made[made["group"].eq("all") & made["target"].eq("risk") & made["publish"]]
    made = made.assign(district=made["area"].str.casefold().where(made["area"].ne(CITY), "_ALL"))
    expected = pd.read_csv(shared / "data" / "surveys" / "expected_yrbs_nyc.csv")
    expected = expected[expected["year"].eq(int(year))]
    expected = expected.assign(indicator=expected["variable"].map(VARIABLES))
    both = expected.merge(
        made, on=["indicator", "district"], how="left", suffixes=("_r", ""), validate="one_to_one"
    )
    assert len(both) == 24
    np.testing.assert_array_equal(both["n"], both["n_r"])
    np.testing.assert_array_equal(both["events"], both["yes"])
    np.testing.assert_allclose(both["estimate"], both["est"], rtol=1e-9)
    np.testing.assert_allclose(both["se"], both["se_r"], rtol=1e-9)


@pytest.mark.parametrize("year", YEARS)
def test_every_wave_has_its_reports_and_a_clean_audit(new_york: Path, year: str, run: Any) -> None:
    folder = new_york / "reports" / year
    assert {"report.en.pdf", "report.sv.pdf", "report.en.html", "report.sv.html"} <= {
        p.name for p in folder.iterdir()
    }
    assert json.loads((folder / "release.json").read_text(encoding="utf-8"))["audit"]["leaks"] == 0
    ran = run("audit", folder)
    assert ran.code == 0, ran.said


def test_items_that_a_wave_never_asked_are_not_asked(new_york: Path) -> None:
    for year in YEARS:
        rows = pd.read_csv(new_york / "reports" / year / "tables" / "figures.csv", dtype=str)
        silent = rows[rows["indicator"].isin(["Y05", "Y06"])]
        assert set(silent["status"]) == {"not_asked"}
        assert silent["share"].isna().all()


def test_a_city_with_its_own_measures_is_not_said_to_speak_of_honour(new_york: Path) -> None:
    page = (new_york / "reports" / "2019" / "report.en.html").read_text(encoding="utf-8")
    assert "New York City" in page
    assert "onour" not in page
    assert "Synthetic" not in page
