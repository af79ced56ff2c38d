"""Rates of cases: Garwood's limits against the Poisson distribution itself, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from mapping.errors import EstimationError
from mapping.estimate.cases import case_rates


@pytest.mark.parametrize("count", [1, 4, 10, 41, 500])
def test_limits_are_where_the_observed_count_becomes_improbable(count: int) -> None:
    row = case_rates([count], [10_000]).iloc[0]
    assert poisson.sf(count - 1, row["ci_low"]) == pytest.approx(0.025, abs=1e-9)
    assert poisson.cdf(count, row["ci_high"]) == pytest.approx(0.025, abs=1e-9)


def test_no_case_has_lower_limit_0_and_an_upper_one() -> None:
    # exp(-3.688879) = 0.025
    row = case_rates([0], [10_000]).iloc[0]
    assert row["ci_low"] == 0
    assert row["ci_high"] == pytest.approx(3.688879, abs=1e-6)


def test_ten_cases_have_the_limits_of_garwoods_table() -> None:
    # Garwood 1936: 4.80 and 18.39 at 95 %
    row = case_rates([10], [10_000]).iloc[0]
    assert (round(row["ci_low"], 2), round(row["ci_high"], 2)) == (4.80, 18.39)


def test_an_unknown_population_has_no_rate() -> None:
    assert case_rates([3, 3], [0, np.nan]).isna().all().all()


def test_doubling_the_population_halves_everything() -> None:
    one, two = case_rates([7], [5000]), case_rates([7], [10_000])
    assert (one.to_numpy() == 2 * two.to_numpy()).all()


@pytest.mark.parametrize(
    ("counts", "population", "says"),
    [([-1], [10], "negative"), ([1.5], [10], "whole"), ([1, 2], [10], "length"), ([1], [-10], "populations")],
)
def test_impossible_counts_are_refused(counts: list[float], population: list[float], says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        case_rates(counts, population)
