"""Rates and years for a reader follow from printed counts and public populations alone."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.case_file import CaseBreak, CaseFile
from mapping.concepts.responses import CaseCounts
from mapping.concepts.wave import SurveyFile, Wave
from mapping.estimate.cases.facts import case_facts, people, rates_by_place

POPULATION = pd.DataFrame(
    {
        "area": ["a", "a", "b", "b", "total", "total"],
        "age_from": [0, 18, 0, 18, 0, 18],
        "age_to": [17, 150, 17, 150, 17, 150],
        "n": [900, 4000, 1100, 6000, 2001, 9998],
    }
)


def wave(id_: str, year: int, *breaks: str) -> Wave:
    made = tuple(CaseBreak(dt.date.fromisoformat(day), "system", {"sv": "s", "en": "s"}) for day in breaks)
    cases = CaseFile("a.csv", (f"{year}-01-01", f"{year}-12-31"), "event", {}, {}, breaks=made)
    return Wave(id_, "s", ("", ""), "", "enrolled", SurveyFile("x"), folder=None, cases=cases)  # type: ignore[arg-type]


def printed(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["wave", "indicator", "group", "count"])


def test_rates_are_of_the_people_of_that_age() -> None:
    facts = case_facts(
        printed(
            ("2026", "K01orK02.adults", "all", 50), ("2026", "K01", "all", 60), ("2026", "K04", "all", 60)
        ),
        [wave("2026", 2025)],
        POPULATION,
    )

    assert facts.rates["K01orK02.adults"][0] == pytest.approx(1e4 * 50 / 9998)
    assert facts.rates["K01"][0] == pytest.approx(1e4 * 60 / 11999)
    assert "K04" not in facts.rates  # no age is stated for it


def test_no_rate_where_counts_are_withheld_or_nobody_knows_the_people() -> None:
    waves = [wave("2026", 2025)]

    assert case_facts(printed(("2026", "K01", "all", np.nan)), waves, POPULATION).rates == {}
    assert case_facts(printed(("2026", "K01", "all", 60)), waves, pd.DataFrame()).rates == {}


def test_an_age_that_cuts_a_band_gives_no_rate() -> None:
    assert people(POPULATION, (0, 20)) == {}
    assert people(POPULATION, (18, 150), ["a"]) == {"total": 9998, "a": 4000}


def test_years_come_from_the_series_and_from_the_waves_own_releases() -> None:
    rows = printed(
        ("2026", "K01", "2020", 40), ("2026", "K01", "2021", np.nan), ("2024", "K01", "2020", 41),
        ("2024", "K01", "all", 90), ("2026", "K01", "all", 95),
    )  # fmt: skip
    facts = case_facts(rows, [wave("2024", 2023), wave("2026", 2025, "2022-01-01")], POPULATION)

    assert facts.years["K01"] == {2020: 40, 2021: None, 2023: 90, 2025: 95}
    compared = facts.compared["K01"]
    assert (compared.first, compared.last, compared.direction) == (2023, 2025, "cannot be told")


def test_years_before_a_break_are_compared_with_none_after_it() -> None:
    rows = printed(("2026", "K01", "2020", 40), ("2026", "K01", "all", 95))

    assert case_facts(rows, [wave("2026", 2025, "2022-01-01")], POPULATION).compared == {}
    assert case_facts(rows, [wave("2026", 2025)], POPULATION).compared["K01"].direction == "higher"


def test_rates_of_places_are_drawn_towards_each_other() -> None:
    areas = [f"d{i}" for i in range(6)]
    n = [1, 9, 4, 5, 4, 7]
    frame = pd.DataFrame({"indicator": "K01", "area": areas, "sex": "girl", "n": n})
    population = pd.DataFrame({"area": areas, "age_from": 0, "age_to": 150, "n": 1000})
    found = rates_by_place(CaseCounts(wave("2026", 2025), frame, totals={"K01": 30}, population=population))

    assert found["rate"].tolist() == [10 * k for k in n]
    assert found["smoothed"].max() - found["smoothed"].min() < found["rate"].max() - found["rate"].min()
    assert (found["smoothed_low"] < found["smoothed"]).all()


def test_no_rates_of_places_without_inhabitants() -> None:
    assert rates_by_place(CaseCounts(wave("2026", 2025), pd.DataFrame(), totals={"K01": 30})).empty
