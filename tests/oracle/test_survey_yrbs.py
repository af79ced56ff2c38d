"""The Youth Risk Behavior Surveys of New York City and the United States come out as R `survey` gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import prevalence

BOROUGHS = ("bronx", "brooklyn", "manhattan", "queens", "staten island")


def read_city(folder: Path, year: int) -> pd.DataFrame:
    """One wave with its columns named alike and its answers as numbers."""
    readers: dict[int, Any] = {
        2009: lambda: pyreadstat.read_sav(folder / "yrbs_nyc_2009.sav")[0],
        2011: lambda: pyreadstat.read_sav(folder / "yrbs_nyc_2011.zsav")[0],
        2013: lambda: pyreadstat.read_dta(folder / "yrbs_nyc_2013.dta")[0],
        2015: lambda: pd.read_csv(
            folder / "yrbs_nyc_2015_semicolon_latin1.csv", sep=";", decimal=",", encoding="latin-1"
        ),
        2017: lambda: pd.read_excel(
            folder / "yrbs_nyc_2017_merged_header.xlsx", sheet_name=0, header=3, engine="calamine"
        ),
        2019: lambda: pyreadstat.read_sav(folder / "yrbs_nyc_2019.sav")[0],
    }
    frame = readers[year]()
    frame = frame.rename(columns={"stadsdel": "district", "PSU": "psu"})
    if year == 2015:
        frame = frame.replace({"Ja": 1, "Nej": 0}).infer_objects()
    frame["suicide_attempts_any"] = frame["suicide_attempts"].where(
        frame["suicide_attempts"].isna(), (frame["suicide_attempts"] > 0).astype(float)
    )
    return frame


@pytest.mark.parametrize("year", [2009, 2011, 2013, 2015, 2017, 2019])
def test_new_york_by_borough(shared: Path, year: int) -> None:
    folder = shared / "data" / "surveys"
    expected = pd.read_csv(folder / "expected_yrbs_nyc.csv").query("year == @year")
    frame = read_city(folder, year)
    design = SurveyDesign(["district", "stratum"], "psu", "weight", lonely_psu="adjust")
    table = prevalence(
        frame, design, list(expected["variable"].unique()), "district", margins=True, interval="beta"
    )
    table["district"] = table["district"].astype(object).where(table["district"].notna(), "_ALL").str.lower()
    expected = expected.assign(district=expected["district"].str.lower())
    both = expected.merge(
        table, left_on=["variable", "district"], right_on=["indicator", "district"], suffixes=("_r", "")
    )
    assert len(both) == len(expected) == 24
    assert (both["n_r"] == both["n"]).all()
    assert (both["yes"] == both["n_pos"]).all()
    np.testing.assert_allclose(both["estimate"], both["est"], rtol=1e-9)
    np.testing.assert_allclose(both["se"], both["se_r"], rtol=1e-9)
    inner = both[both["district"] != "_all"]
    answered = [  # the file holds R's deff=TRUE, against sampling without replacement
        frame.loc[
            frame[row.variable].notna() & (frame["district"].str.lower() == row.district), "weight"
        ].sum()
        for row in inner.itertuples()
    ]
    np.testing.assert_allclose(
        inner["deff"] / (1 - inner["n"] / np.array(answered)), inner["deff_r"], rtol=1e-9
    )
    # the file's limits count rows and degrees of freedom after dropping missing answers; R, and we, before
    np.testing.assert_allclose(inner["ci_low"], inner["kg_lo"], rtol=5e-3)
    np.testing.assert_allclose(inner["ci_high"], inner["kg_hi"], rtol=5e-3)


def test_united_states_2019_by_sex(shared: Path) -> None:
    folder = shared / "data" / "surveys"
    expected = pd.read_csv(folder / "expected_yrbs_2019_national.csv")
    frame, _ = pyreadstat.read_sav(folder / "yrbs_2019_national.sav")
    items = list(expected["variable"].unique())
    frame = frame.assign(**{name: frame[name].map({1: 1.0, 2: 0.0}) for name in items})
    frame["sex"] = pd.to_numeric(frame["Q2"], errors="coerce")
    design = SurveyDesign("stratum", "psu", "weight")
    table = prevalence(frame, design, items, "sex", margins=True)
    group = "Q2=" + table["sex"].astype("Int64").astype(str)
    table["group"] = group.where(table["sex"].notna(), "_ALL")
    both = expected.merge(
        table, left_on=["variable", "group"], right_on=["indicator", "group"], suffixes=("_r", "")
    )
    assert len(both) == 18
    assert (both["n_r"] == both["n"]).all()
    np.testing.assert_allclose(both["estimate"], both["est"], rtol=1e-9)
    np.testing.assert_allclose(both["se"], both["se_r"], rtol=1e-9)
