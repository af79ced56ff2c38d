"""Cells weighed by the register: against the weighing by hand, and where the answers are not like the pupils."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import beta_binomial, bym2, finite_population, mrp, poststratify

AREA = np.repeat(np.arange(6), 2)
SEX = np.tile(["boy", "girl"], 6)
TRIALS = np.tile([60.0, 20.0], 6)  # boys answer, girls are at risk
EVENTS = np.array([2, 6, 1, 5, 3, 7, 2, 5, 4, 8, 1, 4], dtype=float)
POPULATION = np.full(12, 80)


def _fitted(**options: Any) -> Any:
    return mrp(EVENTS, TRIALS, **{"cells": {"sex": SEX}, "population": POPULATION, "area": AREA} | options)


def test_the_risk_is_that_of_the_register_not_of_those_who_answered() -> None:
    answered = bym2(EVENTS, TRIALS, adjacency=[], area=AREA)
    cells = (EVENTS / TRIALS).reshape(6, 2).mean(axis=0)
    assert answered.mean.mean() == pytest.approx(EVENTS.sum() / TRIALS.sum(), rel=0.1)
    assert _fitted().mean.mean() == pytest.approx(cells.mean(), rel=0.1)


def test_each_draw_is_weighed_by_the_register() -> None:
    population = np.arange(1.0, 13.0)
    fit = _fitted(population=population)
    rows = fit.joint.rows.reshape(-1, 6, 2)
    weight = population.reshape(6, 2)
    assert fit.draws == pytest.approx((rows * weight).sum(axis=2) / weight.sum(axis=1))
    assert fit.weights == pytest.approx(weight.sum(axis=1) / population.sum())
    assert fit.target == "risk"


def test_pupils_of_a_cell_are_predicted_by_their_cell() -> None:
    pupils = finite_population(_fitted(), EVENTS, TRIALS, POPULATION)
    missing = POPULATION - TRIALS
    expected = EVENTS + missing * _fitted().joint.rows.mean(axis=0)
    assert pupils.mean == pytest.approx(expected.reshape(6, 2).sum(axis=1) / 160, rel=0.02)


def test_two_factors_leave_room_for_their_combination() -> None:
    grade = np.tile([8, 8, 9, 9], 6)
    area, sex = np.repeat(np.arange(6), 4), np.tile(["boy", "girl"], 12)
    events = np.where((sex == "girl") & (grade == 9), 20.0, 4.0)
    fit = mrp(
        events, np.full(24, 80.0), cells={"sex": sex, "grade": grade}, population=np.full(24, 80), area=area
    )
    rows = fit.joint.rows.mean(axis=0).reshape(6, 4).mean(axis=0)
    assert rows == pytest.approx([0.05, 0.05, 0.05, 0.25], abs=0.025)
    assert fit.notes == ()


def test_neighbours_matter_where_they_are_given() -> None:
    events, trials = EVENTS.copy(), TRIALS.copy()
    events[8:10] = [30, 14]
    events[10:], trials[10:] = 0, 0
    options = {"cells": {"sex": SEX}, "population": POPULATION, "area": AREA}
    near = mrp(events, trials, adjacency=[(i, i + 1) for i in range(5)], **options)
    alone = mrp(events, trials, **options)
    assert near.mean[5] > alone.mean[5]


def test_an_area_without_pupils_keeps_its_risk() -> None:
    risk = beta_binomial([0, 1, 4, 9], [30, 30, 40, 60])
    found = poststratify(risk, [10, 10, 0, 10])
    assert found.draws == pytest.approx(risk.draws, rel=1e-12)
    assert found.weights[2] == 0
    assert "no registered pupil" in found.notes[0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cells": {"sex": SEX[:3]}}, "one level for each"),
        ({"population": POPULATION[:3]}, "one per row"),
        ({"population": np.full(12, -1)}, "none negative"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        _fitted(**options)


def test_pupils_are_not_weighed_again() -> None:
    pupils = finite_population(beta_binomial([1, 4], [20, 20]), [1, 4], [20, 20], [30, 30])
    with pytest.raises(EstimationError, match="not of pupils"):
        poststratify(pupils, [30, 30])
