"""Diagnostics against what they should be by hand, and against a district that does not belong."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import (
    beta_binomial,
    direct_against_model,
    finite_population,
    leave_one_out,
    morans_i,
)

EVENTS = np.array([1, 2, 1, 3, 2, 20, 0, 2])
TRIALS = np.array([40, 40, 30, 60, 50, 50, 0, 50])
FIT = beta_binomial(EVENTS, TRIALS)


def test_the_direct_share_stands_beside_the_model() -> None:
    table = direct_against_model(FIT, EVENTS, TRIALS)
    assert table["direct"].isna().tolist() == [False] * 6 + [True, False]
    assert table["model"].to_numpy() == pytest.approx(FIT.mean)
    overall = EVENTS.sum() / TRIALS.sum()
    pulled = table["direct"] + table["shrinkage"] * (overall - table["direct"])
    assert pulled[[0, 5]].to_numpy() == pytest.approx(FIT.mean[[0, 5]])
    assert table["shrinkage"][[0, 5]].between(0, 1).all()


def test_residuals_and_tails_find_the_district_that_does_not_belong() -> None:
    table = leave_one_out(beta_binomial, EVENTS, TRIALS)
    assert table["area"].tolist() == [0, 1, 2, 3, 4, 5, 7]
    odd = table.set_index("area").loc[5]
    assert odd["direct"] > odd["high"]
    assert table.set_index("area")["surprise"].idxmax() == 5
    assert table.set_index("area")["influence"].idxmax() == 5
    assert odd["without"] < odd["model"] < odd["direct"]


def test_answers_teach_and_many_teach_more() -> None:
    events, trials = np.array([2, 3, 2, 3, 40, 3]), np.array([40, 40, 40, 40, 800, 40])
    learned = leave_one_out(beta_binomial, events, trials)["learned"]
    assert learned.idxmax() == 4
    assert (learned < 1).all()


def test_a_tail_is_a_probability_and_only_of_whole_counts() -> None:
    tail = direct_against_model(FIT, EVENTS, TRIALS)["tail"]
    assert tail.drop(6).between(0, 1).all()
    assert tail[5] == tail.min()
    halves = direct_against_model(FIT, EVENTS / 2, TRIALS / 2)
    assert halves["tail"].isna()[[0, 2, 3]].all()


def test_morans_moments_are_those_of_all_arrangements() -> None:
    values, pairs = [1.0, 2.5, 2.0, 7.0, 4.0, 0.5], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 2)]
    index, expected, sd = morans_i(values, pairs)
    everything = [morans_i(order, pairs)[0] for order in permutations(values)]
    assert index == everything[0]
    assert expected == pytest.approx(np.mean(everything))
    assert sd == pytest.approx(np.std(everything))


@pytest.mark.parametrize(
    ("values", "pairs"),
    [([1, 2, 3], [(0, 1)]), ([1, 2, 3, 4], []), ([2, 2, 2, 2], [(0, 1)]), ([1, 2, 3, 4], [(0, 4)])],
)
def test_moran_is_refused_where_it_says_nothing(values: list, pairs: list) -> None:
    with pytest.raises(EstimationError, match="Moran"):
        morans_i(values, pairs)


def test_only_a_posterior_of_risk_is_diagnosed() -> None:
    pupils = finite_population(FIT, EVENTS, TRIALS, TRIALS + 5)
    with pytest.raises(EstimationError, match="of risk"):
        direct_against_model(pupils, EVENTS, TRIALS)
