"""Ranks, comparisons and levels from joint draws, worked by hand on few draws."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area.posterior import AreaPosterior, Draws, JointDraws

VALUES = np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.1, 0.3, 0.2], [0.1, 0.2, 0.6]])


@pytest.fixture
def posterior() -> AreaPosterior:
    return AreaPosterior(
        "risk", Draws(VALUES), np.array([0.5, 0.25, 0.25]), lambda: JointDraws(VALUES, VALUES), np.arange(3)
    )


def test_prob_greater_counts_draws(posterior: AreaPosterior) -> None:
    assert posterior.prob_greater(2, 0) == 0.75
    assert posterior.prob_greater(0, 2) == 0.25


def test_exceedance_is_against_the_weighted_level_of_the_same_draw(posterior: AreaPosterior) -> None:
    # levels: .05 + .05 + .075 = .175; .225; .175; .25
    assert posterior.level == pytest.approx([0.175, 0.225, 0.175, 0.25])
    assert posterior.exceedance().tolist() == [0.25, 0.5, 0.75]


def test_exceedance_of_a_threshold_uses_the_marginals(posterior: AreaPosterior) -> None:
    assert posterior.exceedance(0.15).tolist() == [0.25, 1.0, 0.75]


def test_rank_1_has_the_highest_value(posterior: AreaPosterior) -> None:
    assert posterior.rank_intervals(0.1).tolist() == [
        [3, 3],
        [2, 2],
        [1, 2],
    ]  # ranks of the third: 1, 3, 2, 1
    assert posterior.rank_intervals(0.95).tolist() == [[1, 3], [1, 2], [1, 3]]


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_outside_0_to_1_is_refused(posterior: AreaPosterior, level: float) -> None:
    with pytest.raises(EstimationError, match="between 0 and 1"):
        posterior.interval(level)


def test_an_interval_of_the_other_target_is_refused(posterior: AreaPosterior) -> None:
    assert posterior.interval(target="risk").tolist() == posterior.interval().tolist()
    for ask in (posterior.interval, posterior.exceedance, posterior.rank_intervals):
        with pytest.raises(EstimationError, match=r"of risk: .* pupils.*finite_population"):
            ask(target="pupils")
    with pytest.raises(EstimationError, match="risk"):
        posterior.interval(target="place")


def test_less_is_left_out_at_the_end_that_shrinkage_pulls_away_from() -> None:
    values = np.linspace(0.0005, 0.9995, 1000)[:, None]
    rare, common = np.array(values**2), np.array(1 - values**2)
    for drawn, below, above in ((rare, 0.02, 0.0075), (common, 0.0075, 0.02)):
        low, high = Draws(drawn).interval(0.95)[0]
        assert (drawn < low).mean() == pytest.approx(below, abs=0.002)
        assert (drawn > high).mean() == pytest.approx(above, abs=0.002)
