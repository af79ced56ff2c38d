"""Series: breaks, gaps, part-years and revisions kept apart; trends said only where counts compare."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from mapping.concepts.case_file import CaseBreak
from mapping.errors import EstimationError
from mapping.estimate.cases import case_series, events_over_time

YEARS = {"year": [2019, 2020, 2021, 2022, 2023], "cases": [100, 104, 60, 61, 58]}


def marker(day: str, kind: str = "system") -> CaseBreak:
    return CaseBreak(dt.date.fromisoformat(day), kind, {"sv": "s", "en": "s"})


def test_a_break_parts_the_series_and_no_trend_crosses_it() -> None:
    found = case_series(pd.DataFrame(YEARS), breaks=[marker("2021-01-01")])

    assert found.points["segment"].tolist() == [0, 0, 1, 1, 1]
    assert found.trends()[["first", "last"]].to_numpy().tolist() == [["2019", "2020"], ["2021", "2023"]]
    assert found.asks == ()


def test_a_period_with_a_break_inside_compares_with_none() -> None:
    points = case_series(pd.DataFrame(YEARS), breaks=[marker("2021-07-01")]).points

    assert points["segment"].tolist() == [0, 0, 1, 2, 2]


def test_a_jump_without_a_marker_asks_for_one() -> None:
    asked = case_series(pd.DataFrame(YEARS)).asks

    assert len(asked) == 1 and "2020 to 2021 (104 to 60)" in asked[0] and "break_from" in asked[0]
    assert case_series(pd.DataFrame(YEARS), jump=0.9).asks == ()


def test_small_counts_jump_by_chance() -> None:
    assert case_series(pd.DataFrame({"year": [2020, 2021], "cases": [2, 7]})).asks == ()


def test_revised_vintages_are_kept_and_the_latest_counts() -> None:
    table = pd.DataFrame(
        {
            "year": [2018, 2018, 2019],
            "cases": [1764, 1507, 1355],
            "vintage": ["2019-05-24", "2020-06-25", "2020-06-25"],
        }
    )
    found = case_series(table)

    assert found.points["value"].tolist() == [1507, 1355]
    assert found.revisions.to_numpy().tolist() == [["cases", "2018", "2019-05-24", 1764.0, 1507.0]]
    assert "1764 as published 2019-05-24, 1507 in the latest" in found.notes[0]


def test_a_period_twice_without_vintages_is_refused() -> None:
    with pytest.raises(EstimationError, match="the period 2018 stands twice"):
        case_series(pd.DataFrame({"year": [2018, 2018], "cases": [1764, 1507]}))


def test_an_empty_cell_is_a_gap_and_never_zero() -> None:
    points = case_series(
        pd.DataFrame({"år": [2019, 2020, 2021, 2023], "ärenden": ["10", "..", "<5", "0"]})
    ).points

    assert np.isnan(points["value"][1]) and np.isnan(points["value"][2]) and points["value"][3] == 0
    assert points["run"].tolist() == [0, 1, 2, 3] and set(points["segment"]) == {0}


def test_a_part_year_is_compared_by_month() -> None:
    table = pd.DataFrame(
        {
            "year": [2014, 2015],
            "cases": [187, 298],
            "months_open": [9.6, 12],
            "printed_cases_per_month": [20, 30],
        }
    )
    found = case_series(table)

    assert found.points["part"].tolist() == [True, False]
    assert found.points["per_month"].round(1).tolist() == [19.5, 24.8]
    assert found.notes == ("cases 2015: 30 per month is printed, the counts give 24.8. The counts are kept.",)


def test_changed_coverage_breaks_the_series_and_leaves_lower_bounds() -> None:
    table = pd.DataFrame(
        {
            "year": [2018, 2019, 2021],
            "persons": [120, 199, 180],
            "answered": [280, 192, 193],
            "of": [290, 290, 290],
        }
    )
    found = case_series(table)

    assert found.points["segment"].tolist() == [0, 1, 1]
    assert [b.kind for b in found.breaks] == ["coverage"]
    assert found.points["bound"].tolist() == ["lower"] * 3
    assert found.points["value"].tolist() == [120, 199, 180]  # never scaled up


def test_a_changed_definition_is_a_break_without_being_stated() -> None:
    table = pd.DataFrame(
        {"year": [2019, 2020], "cases": [50, 50], "definition": ["with enquiries", "cases only"]}
    )
    found = case_series(table)

    assert found.points["segment"].tolist() == [0, 1]
    assert [b.kind for b in found.breaks] == ["definition"]


def test_directions_follow_from_exact_limits() -> None:
    trend = case_series(pd.DataFrame({"year": [2020, 2022], "cases": [20, 30]})).trends().iloc[0]

    assert trend["direction"] == "cannot be told" and trend["ci_low"] < 1 < trend["ci_high"]
    assert trend["ratio"] == 1.5
    # two Poisson counts given their sum are binomial (Przyborowski and Wilenski 1940, Biometrika 31, 313-323)
    share = binomtest(30, 50).proportion_ci()
    assert trend["ci_low"] == pytest.approx(share.low / (1 - share.low))
    assert trend["ci_high"] == pytest.approx(share.high / (1 - share.high))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"cases": [1, 2]}, "no column tells the period"),
        ({"year": [2020], "text": ["a"]}, "no column holds counts"),
        ({"period": ["i fjol"], "cases": [1]}, "is no period"),
    ],
)
def test_a_table_without_periods_or_counts_is_refused(table: dict[str, list[object]], says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        case_series(pd.DataFrame(table))


@pytest.mark.parametrize("written", ["2025Q2", "2025-Q2", "2025 kv 2", "2025K2"])
def test_quarters_are_read_however_written(written: str) -> None:
    point = case_series(pd.DataFrame({"period": [written], "cases": [1]})).points.iloc[0]

    assert (point["label"], point["end"]) == ("2025 Q2", dt.date(2025, 6, 30))


def test_months_without_events_are_zero() -> None:
    days = pd.Series(pd.to_datetime(["2025-01-03", "2025-03-01", "2025-03-31"]))

    assert events_over_time(days)["events"].tolist() == [1, 0, 2]
