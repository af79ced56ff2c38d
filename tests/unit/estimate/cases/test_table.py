"""Cases as an estimate table: what adds up is said, and what is never shown is latent."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from mapping import codebook
from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable
from mapping.concepts.municipality import Publication
from mapping.concepts.responses import ELSEWHERE, CaseCounts
from mapping.concepts.wave import SurveyFile, Wave
from mapping.estimate.cases import case_table, pooled_cases
from mapping.estimate.plan import plan_cells
from mapping.estimate.relations import pool_relations

INDICATORS = codebook.load()
LEVELS = ("municipality", "area", "district")


@pytest.fixture
def districts() -> Districts:
    codes = ["d1", "d2", "d3", "d4"]
    frame = gpd.GeoDataFrame(
        {"code": codes, "name": codes, "parent": ""},
        geometry=[box(i, 0, i + 1, 1) for i in range(4)],
        crs="EPSG:3006",
    )
    area = pd.DataFrame({"code": codes, "area": ["a", "a", "b", "b"], "area_name": ["A", "A", "B", "B"]})
    return Districts("g", "2024", frame, areas={3: area, 4: area})


def counts(wave: str = "2026", **numbers: dict[str, int]) -> CaseCounts:
    rows = [
        (id_.replace("_and_", "+"), area, "girl", n) for id_, by in numbers.items() for area, n in by.items()
    ]
    frame = pd.DataFrame(rows, columns=["indicator", "area", "sex", "n"])
    totals = frame.groupby("indicator")["n"].sum()
    of = Wave(wave, "s", ("", ""), "", "enrolled", SurveyFile("x"), folder=None)  # type: ignore[arg-type]
    return CaseCounts(of, frame, totals={str(i): int(n) for i, n in totals.items()})


def tabled(found: CaseCounts, districts: Districts, *, pools: int = 1, pool: bool = False) -> EstimateTable:
    ids = list(found.totals)
    publication = Publication(tuple(ids), (), LEVELS, {}, pools)
    plans = plan_cells([INDICATORS[i] for i in ids], publication, districts, pool=pool)
    return case_table(found, plans, "0199", codebook.sums(INDICATORS, ids))


def events(table: EstimateTable) -> dict[str, int]:
    return dict(zip(table.frame["key"], table.frame["events"], strict=True))


def test_union_and_overlap_cannot_be_differenced(districts: Districts) -> None:
    numbers = counts(
        K01={"d1": 30, ELSEWHERE: 2}, K02={"d1": 40}, K01_and_K02={"d1": 5}, K01orK02={"d1": 65, ELSEWHERE: 2}
    )
    table = tabled(numbers, districts)
    known = events(table)
    whole = {frozenset(key.split("|")[1] for key, _ in r.terms) for r in table.relations if r.sense == "="}

    assert frozenset({"K01", "K02", "K01+K02", "K01orK02"}) in whole
    for relation in table.relations:
        total = sum(c * known[key] for key, c in relation.terms)
        assert total == 0 if relation.sense == "=" else total <= 0
        assert relation.counts == ("events",)


def test_a_union_whose_parts_are_published_is_told_of_the_municipality_alone(districts: Districts) -> None:
    def told(**numbers: dict[str, int]) -> set[tuple[str, str]]:
        frame = tabled(counts(**numbers), districts).frame
        return set(
            zip(frame.loc[frame["publish"], "indicator"], frame.loc[frame["publish"], "level"], strict=True)
        )

    of = {"K01": {"d1": 30}, "K02": {"d1": 40}, "K01orK02": {"d1": 65}}
    assert {("K01", "district"), ("K02", "district"), ("K01orK02", "municipality")} <= told(**of)
    assert ("K01orK02", "district") not in told(**of)
    assert ("K01orK02", "district") in told(K01=of["K01"], K01orK02=of["K01orK02"])


def test_states_of_a_flow_are_parts_of_their_total(districts: Districts) -> None:
    table = tabled(counts(**{"K08": {"d1": 50}, "K08.risk": {"d1": 30}, "K08.abroad": {"d1": 15}}), districts)
    parts = [r for r in table.relations if len({key.split("|")[1] for key, _ in r.terms}) == 3]

    assert parts and all(r.sense == "<=" for r in parts)


def test_areas_add_up_to_the_municipality(districts: Districts) -> None:
    known = events(tabled(counts(K01={"d1": 7, "d3": 3, ELSEWHERE: 2}), districts))

    assert known["2026|K01|municipality|0199|all"] == 12
    assert [known[f"2026|K01|area|{a}|all"] for a in "ab"] == [7, 3]


def test_protected_housing_never_stands_below_the_municipality(districts: Districts) -> None:
    frame = tabled(counts(K07={"d1": 7}), districts).frame

    assert set(frame["level"]) == {"municipality"}


def test_genital_mutilation_is_shown_for_pooled_years_alone(districts: Districts) -> None:
    years = [counts(w, K12={"d1": n, ELSEWHERE: 1}) for w, n in (("2024", 15), ("2026", 9))]
    alone = tabled(years[1], districts, pools=2)
    pool = tabled(pooled_cases(years), districts, pools=2, pool=True)

    assert not alone.frame["publish"].any()
    assert pool.frame[["key", "n", "publish"]].to_numpy().tolist() == [
        ["2024+2026|K12|municipality|0199|all", 26, True]
    ]
    former = tabled(years[0], districts, pools=2).latent()
    assert len(pool_relations(pool, [former, alone])) == 1


def test_a_pool_leaves_out_what_one_of_its_years_did_not_count(districts: Districts) -> None:
    pool = pooled_cases([counts("2024", K12={"d1": 4}), counts("2026", K12={"d1": 5}, K10={"d1": 3})])

    assert pool.totals == {"K12": 9}


def test_other_sources_and_earlier_years_are_tied_to_what_they_are_parts_of(districts: Districts) -> None:
    overlap = pd.DataFrame(
        [("K03", "services", 30, True), ("K03", "school", 12, True), ("K03", "helpline", 9, False)],
        columns=["indicator", "source", "n", "linked"],
    ).assign(together=37, low=37, high=46)
    series = pd.DataFrame(
        {"measure": "K03", "label": ["2018", "2019", "2023"], "value": [21.0, float("nan"), 25.0]}
    )
    found = replace(counts(K03={"d1": 30}), overlap=overlap, series=series)
    plans = plan_cells([INDICATORS["K03"]], Publication(("K03",), (), LEVELS, {}, 1), districts)
    table = case_table(found, plans, "0199", years=["2023"])
    frame = table.frame.set_index("group")

    assert frame["n"].to_dict() == {
        "all": 30, "school": 12, "helpline": 9, "together": 37, "at_most": 46, "2018": 21, "earlier": 21,
    }  # fmt: skip
    assert frame.index[~frame["publish"]].tolist() == ["at_most", "earlier"]
    tied = {key.rsplit("|", 1)[1] for r in table.relations for key, _ in r.terms}
    assert tied == set(frame.index)  # no row stands alone
    known = events(table)
    for relation in table.relations:
        total = sum(c * known[key] for key, c in relation.terms)
        assert total == 0 if relation.sense == "=" else total <= 0
