"""A table holds every planned cell for both targets, with the relations that tie the cells together."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable
from mapping.concepts.indicator import Indicator
from mapping.concepts.municipality import Publication
from mapping.concepts.responses import ELSEWHERE
from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.plan import plan_cells
from mapping.estimate.relations import pool_relations
from mapping.estimate.tables import Sample, join_tables, survey_table

Build = Callable[..., Indicator]
CODES = ["d1", "d2", "d3", "d4"]


def publication(**more: object) -> Publication:
    defaults: dict[str, object] = {
        "indicators": ("S04", "S05"), "groups": (("sex",),), "levels": ("municipality", "area", "district"),
        "area_min_population": {2: 150}, "pool_waves": 2,
    }  # fmt: skip
    return Publication(**(defaults | more))  # type: ignore[arg-type]


@pytest.fixture
def districts() -> Districts:
    frame = gpd.GeoDataFrame(
        {"code": CODES, "name": CODES, "parent": ""},
        geometry=[box(i, 0, i + 1, 1) for i in range(4)],
        crs="EPSG:3006",
    )
    areas = pd.DataFrame({"code": CODES, "area": ["A1", "A1", "A2", "A2"], "area_name": ["v", "v", "ö", "ö"]})
    population = pd.DataFrame({"code": CODES * 2, "sex": ["girl"] * 4 + ["boy"] * 4, "grade": "9", "n": 60})
    return Districts("demo", "2024", frame, population, {2: areas, 3: areas})


@pytest.fixture
def sample() -> Sample:
    rng = np.random.default_rng(1)
    n = 400
    frame = pd.DataFrame(
        {
            "respondent": [f"r{i}" for i in range(n)],
            "psu": rng.choice(["s1", "s2", "s3", "s4"], n),
            "weight": 1.25,
            "n_schools": 4,
            "n_registered": 125,
            "area": rng.choice([*CODES, ELSEWHERE], n, p=[0.24] * 4 + [0.04]),
            "sex": rng.choice(["girl", "boy", "other", "unknown"], n, p=[0.48, 0.48, 0.02, 0.02]),
        }
    )
    yes = pd.Series(rng.choice(["yes", "no", "unsure", "skipped"], n, p=[0.2, 0.7, 0.06, 0.04]))
    part = yes.where(yes.ne("yes") | (rng.random(n) < 0.5), "no")
    designs = {
        "pupils": SurveyDesign(
            psu=["psu", "respondent"], weights="weight", fpc=["n_schools", "n_registered"]
        ),
        "risk": SurveyDesign(psu="psu", weights="weight"),
    }
    return Sample("2026", frame, pd.DataFrame({"S04": yes, "S05": part}), designs)


@pytest.fixture
def table(sample: Sample, districts: Districts, indicator: Build) -> EstimateTable:
    chosen = [indicator("S04"), indicator("S05", finest="area", subset_of=("S04",))]
    plans = plan_cells(chosen, publication(), districts)
    return survey_table(sample, plans, "0199", districts.population)


def counts(table: EstimateTable) -> pd.DataFrame:
    rows = table.frame.drop_duplicates("key").set_index("key")
    return pd.DataFrame({"events": rows["events"], "complement": rows["n"] - rows["events"]})


def test_every_relation_holds_for_the_counts_it_names(table: EstimateTable) -> None:
    known = counts(table)
    assert len(table.relations) > 10
    for relation in table.relations:
        for count in relation.counts:
            total = sum(c * known.loc[key, count] for key, c in relation.terms)
            assert total == 0 if relation.sense == "=" else total <= 0


def test_both_targets_stand_on_the_same_counts_but_have_their_own_uncertainty(table: EstimateTable) -> None:
    by_key = table.frame.groupby("key")
    assert (by_key.size() == 2).all()
    assert by_key["events"].std().eq(0).all()
    row = table.frame[table.frame["key"].eq("2026|S04|municipality|0199|all")].set_index("target")
    assert row.loc["pupils", "se"] < row.loc["risk", "se"]


def test_an_indicator_stands_no_finer_than_its_level(table: EstimateTable) -> None:
    assert set(table.frame.loc[table.frame["indicator"].eq("S05"), "level"]) == {"municipality", "area"}
    assert set(table.frame.loc[table.frame["indicator"].eq("S04"), "level"]) == {
        "municipality",
        "area",
        "district",
    }


def test_pupils_from_elsewhere_and_other_sexes_are_latent_rows(table: EstimateTable) -> None:
    latent = table.frame[~table.frame["publish"]]
    assert set(latent["area"]) | set(latent["group"]) >= {ELSEWHERE, "rest"}
    assert latent[["area", "group"]].isin([ELSEWHERE, "rest"]).any(axis=1).all()


def test_unsure_answers_are_counted_and_never_a_no(table: EstimateTable, sample: Sample) -> None:
    row = table.frame[table.frame["key"].eq("2026|S04|municipality|0199|all")].iloc[0]
    assert row["n_unsure"] == sample.answers["S04"].eq("unsure").sum()
    assert row["n"] == sample.answers["S04"].isin(["yes", "no"]).sum()


def test_register_pupils_bound_a_district_and_never_contradict_the_answers(table: EstimateTable) -> None:
    rows = table.frame[table.frame["level"].eq("district") & table.frame["publish"]]
    assert set(rows["register"]) == {120.0}
    assert table.frame.loc[table.frame["level"].eq("municipality"), "register"].isna().all()
    assert not (table.frame["register"] < table.frame["n"]).any()


def test_dominance_of_a_school_is_measured(table: EstimateTable, sample: Sample) -> None:
    row = table.frame[table.frame["key"].eq("2026|S04|district|d1|all")].iloc[0]
    here = sample.frame[sample.frame["area"].eq("d1") & sample.answers["S04"].isin(["yes", "no"])]
    assert row["n_schools"] == here["psu"].nunique()
    assert row["largest_school"] == pytest.approx(here["psu"].value_counts(normalize=True).max())


def test_single_waves_of_a_pooled_indicator_are_latent_below_the_municipality(
    sample: Sample, districts: Districts, indicator: Build
) -> None:
    rare = indicator("S04", sensitivity=3, finest="area", pooled=True)
    single = plan_cells([rare, indicator("S05")], publication(), districts)
    rows = survey_table(sample, single, "0199", districts.population).frame
    rows = rows[rows["indicator"].eq("S04") & rows["area"].ne(ELSEWHERE) & rows["group"].ne("rest")]
    assert set(rows.loc[rows["publish"], "level"]) == {"municipality"}
    (pool,) = plan_cells([rare, indicator("S05")], publication(), districts, pool=True)
    shown = survey_table(sample, [pool], "0199", districts.population).frame
    assert set(shown.loc[shown["publish"], "level"]) == {"municipality", "area"}


def test_a_pool_is_the_sum_of_its_waves(sample: Sample, districts: Districts, indicator: Build) -> None:
    plans = plan_cells([indicator("S04")], publication(), districts)
    waves = [
        survey_table(
            Sample(w, sample.frame, sample.answers, sample.designs), plans, "0199", districts.population
        )
        for w in ("2024", "2026")
    ]
    frame = pd.concat([sample.frame.assign(pool=w) for w in ("2024", "2026")], ignore_index=True)
    both = pd.concat([sample.answers] * 2, ignore_index=True)
    pool = survey_table(Sample("2024+2026", frame, both, sample.designs), plans, "0199", districts.population)
    relations = pool_relations(pool, waves)
    assert len(relations) == pool.frame["key"].nunique()
    joined = counts(join_tables([*waves, pool], relations))
    for relation in relations:
        assert sum(c * joined.loc[key, "events"] for key, c in relation.terms) == 0
