"""Benchmarks: the sum is met, the target's own uncertainty stays, an implausible factor is said."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import benchmark, beta_binomial, fay_herriot

SHARES = np.array([0.4, 0.3, 0.2, 0.1])
POSTERIOR = beta_binomial([0, 1, 4, 9], [30, 30, 40, 60])
AREA_LEVEL = fay_herriot([0.12, 0.20, 0.08, 0.15], [0.002, 0.001, 0.003, 0.001], np.ones(4))


@pytest.mark.parametrize("method", ["ratio", "raking", "mse"])
def test_area_level_estimates_meet_the_target(method: str) -> None:
    fit = benchmark(AREA_LEVEL, SHARES, 0.17, method=method)
    assert SHARES @ fit.estimate == pytest.approx(0.17, abs=1e-12)
    assert (fit.mse > AREA_LEVEL.mse).all()


@pytest.mark.parametrize("method", ["ratio", "raking", "mse"])
def test_every_draw_meets_a_target_known_exactly(method: str) -> None:
    fit = benchmark(POSTERIOR, SHARES, 0.06, method=method)
    assert fit.level == pytest.approx(0.06, abs=1e-9)
    assert ((fit.draws >= 0) & (fit.draws <= 1)).all()


def test_the_uncertainty_of_the_target_stays_in_the_level() -> None:
    fit = benchmark(POSTERIOR, SHARES, (0.06, 0.008))
    assert fit.level.mean() == pytest.approx(0.06, abs=1e-4)
    assert fit.level.std() == pytest.approx(0.008, rel=0.01)


def test_a_benchmark_where_the_model_already_is_changes_little() -> None:
    level = POSTERIOR.draws @ SHARES
    fit = benchmark(POSTERIOR, SHARES, (float(level.mean()), float(level.std())))
    assert fit.mean == pytest.approx(POSTERIOR.mean, rel=0.05)
    assert fit.sd == pytest.approx(POSTERIOR.sd, rel=0.1)
    assert fit.notes == ()


def test_a_target_far_from_the_model_is_said() -> None:
    assert "factor" in benchmark(POSTERIOR, SHARES, 0.2).notes[0]
    assert "factor" in benchmark(AREA_LEVEL, SHARES, 0.01).notes[0]


def test_the_uncertain_areas_move_most_by_mse() -> None:
    moved = benchmark(AREA_LEVEL, SHARES, 0.17, method="mse").estimate - AREA_LEVEL.estimate
    assert (np.argsort(moved) == np.argsort(AREA_LEVEL.mse)).all()


@pytest.mark.parametrize(
    ("shares", "target", "method", "says"),
    [
        ([1, 1], 0.1, "ratio", "4 numbers"),
        ([0, 0, 0, 0], 0.1, "ratio", "all zero"),
        (SHARES, float("nan"), "ratio", "target"),
        (SHARES, 1.5, "ratio", "between 0 and 1"),
        (SHARES, 0.1, "logit", "method"),
    ],
)
def test_impossible_benchmarks_are_refused(shares: list, target: float, method: str, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        benchmark(POSTERIOR, shares, target, method=method)


@pytest.mark.parametrize("method", ["ratio", "raking", "mse"])
def test_a_target_that_drives_an_area_to_its_end_is_refused(method: str) -> None:
    fit = beta_binomial([0, 0, 12], [0, 7, 20])
    with pytest.raises(EstimationError, match="areas to 0 or 1"):
        benchmark(fit, [1, 1, 1], 0.97, method=method)
