"""This year's pupils: known where all answered, wider where few did, and only from a posterior of risk."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import beta_binomial, finite_population

EVENTS, TRIALS = np.array([0, 1, 4, 9]), np.array([30, 30, 40, 60])
RISK = beta_binomial(EVENTS, TRIALS)


def test_where_everyone_answered_the_share_is_known() -> None:
    pupils = finite_population(RISK, EVENTS, TRIALS, TRIALS)
    assert pupils.mean == pytest.approx(EVENTS / TRIALS, rel=1e-12)
    assert (np.ptp(pupils.interval(), axis=1) == 0).all()


def test_the_mean_is_what_was_seen_plus_what_is_expected() -> None:
    population = TRIALS + 20
    pupils = finite_population(RISK, EVENTS, TRIALS, population)
    assert pupils.mean == pytest.approx((EVENTS + 20 * RISK.mean) / population, rel=0.01)
    assert pupils.target == "pupils"
    assert pupils.weights == pytest.approx(population / population.sum())


def test_more_missing_pupils_widen_the_interval() -> None:
    few, many = (finite_population(RISK, EVENTS, TRIALS, TRIALS + extra).interval() for extra in (5, 200))
    assert (np.ptp(few, axis=1) < np.ptp(many, axis=1)).all()


@pytest.mark.parametrize("events", [0, 300])
def test_one_missing_pupil_leaves_some_width(events: int) -> None:
    risk = beta_binomial([events] * 40, [300] * 40)
    limits = finite_population(risk, [events] * 40, [300] * 40, [301] * 40).interval()
    assert np.ptp(limits, axis=1) == pytest.approx(1 / 301)
    assert ((limits >= 0) & (limits <= 1)).all()


def test_limits_can_occur() -> None:
    population = TRIALS + 10
    counts = finite_population(RISK, EVENTS, TRIALS, population).interval() * population[:, None]
    assert counts == pytest.approx(counts.round(), abs=1e-9)
    assert (counts >= EVENTS[:, None]).all()


def test_a_refused_school_is_predicted_and_a_place_without_pupils_keeps_its_risk() -> None:
    risk = beta_binomial([0, 1, 4, 0], [30, 30, 40, 0])
    pupils = finite_population(risk, [0, 1, 4, 0], [30, 30, 40, 0], [30, 30, 40, 0])
    assert pupils.mean[3] == pytest.approx(risk.mean[3], rel=0.03)
    assert "no registered pupil" in pupils.notes[0]
    predicted = finite_population(risk, [0, 1, 4, 0], [30, 30, 40, 0], [30, 30, 40, 50])
    assert predicted.mean[3] == pytest.approx(risk.mean[3], rel=0.03)
    assert predicted.sd[3] > risk.sd[3]


def test_rows_of_one_area_are_added() -> None:
    risk = beta_binomial([0, 1, 2, 2, 9], [30, 30, 20, 20, 60], area=[0, 1, 2, 2, 3])
    pupils = finite_population(risk, [0, 1, 2, 2, 9], [30, 30, 20, 20, 60], [36, 40, 20, 20, 70])
    assert len(pupils.mean) == 4
    assert pupils.mean[2] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("events", "trials", "population", "says"),
    [
        ([0.5, 1, 4, 9], TRIALS, TRIALS, "whole"),
        (EVENTS, TRIALS, TRIALS - 1, "population"),
        (EVENTS[:3], TRIALS[:3], TRIALS[:3], "one row per row"),
    ],
)
def test_impossible_counts_are_refused(events: list, trials: list, population: list, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        finite_population(RISK, events, trials, population)


def test_pupils_cannot_be_predicted_from_pupils() -> None:
    pupils = finite_population(RISK, EVENTS, TRIALS, TRIALS + 5)
    with pytest.raises(EstimationError, match="not of pupils"):
        finite_population(pupils, EVENTS, TRIALS, TRIALS + 5)


def test_the_interval_is_the_shortest_that_holds_enough() -> None:
    pupils = finite_population(RISK, EVENTS, TRIALS, TRIALS + 12)
    drawn, limits = pupils.draws, pupils.interval(0.9)
    inside = ((drawn >= limits[:, 0] - 1e-12) & (drawn <= limits[:, 1] + 1e-12)).mean(axis=0)
    assert (inside >= 0.9).all()
    for place in range(4):
        values = np.unique(drawn[:, place])
        shorter = [(a, b) for a in values for b in values if 0 <= b - a < np.ptp(limits[place]) - 1e-9]
        assert all(((drawn[:, place] >= a) & (drawn[:, place] <= b)).mean() < 0.9 for a, b in shorter)


def test_a_refused_school_is_drawn_as_a_school() -> None:
    area, answers = np.array([0, 0, 1, 1]), np.array([40.0, 40, 40, 0])
    risk = beta_binomial([4, 4, 4, 0], answers, area=area)
    of_area, of_school = (
        finite_population(risk, [4, 4, 4, 0], answers, [40, 40, 40, 60], correlation=c) for c in (0, 0.1)
    )
    assert of_school.mean[1] == pytest.approx(of_area.mean[1], rel=0.05)
    assert of_school.sd[1] > 1.3 * of_area.sd[1]
    assert (of_school.interval()[0] == of_area.interval()[0]).all()


def test_the_missing_of_a_school_are_like_those_of_it_who_answered() -> None:
    area, events, trials = [0, 0], [0, 16], [40, 40]
    risk = beta_binomial(events, trials, area=area)
    rows = [finite_population(risk, events, trials, [60, 60], correlation=c).joint.rows for c in (0, 0.2)]
    assert (rows[0].mean(axis=0) * 60 - events)[0] > (rows[1].mean(axis=0) * 60 - events)[0] + 1


@pytest.mark.parametrize("correlation", [-0.1, 1.0])
def test_an_impossible_correlation_is_refused(correlation: float) -> None:
    with pytest.raises(EstimationError, match="between 0 and 1"):
        finite_population(RISK, EVENTS, TRIALS, TRIALS, correlation=correlation)
