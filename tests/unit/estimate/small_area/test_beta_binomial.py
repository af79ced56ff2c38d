"""The beta-binomial model: against a brute-force integral, at its edges, and in repeated use."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln, expit

from mapping.errors import EstimationError
from mapping.estimate.small_area import beta_binomial

EVENTS, TRIALS = [0, 1, 4, 9], [30, 30, 40, 60]


def _brute_force_mean(events: list[float], trials: list[float]) -> np.ndarray:
    """The same posterior on a dense rectangle of (logit level, tau): ground (1), a sum one can check."""
    y, n = np.array(events, dtype=float)[:, None, None], np.array(trials, dtype=float)[:, None, None]
    beta, tau = np.meshgrid(np.linspace(-30, 15, 2401), (np.arange(400) + 0.5) / 200, indexing="ij")
    m = expit(beta)
    size = 1 / (tau**2 * m * (1 - m)) - 1
    a, b = m * size, (1 - m) * size
    log = (
        (betaln(y + a, n - y + b) - betaln(a, b)).sum(axis=0)
        + 0.5 * np.log(m * (1 - m))
        + np.log(tau)
        - tau**2 / 0.3
    )
    weight = np.exp(log - log.max())
    return ((y + a) / (n + a + b) * weight).sum(axis=(1, 2)) / weight.sum()


@pytest.mark.parametrize(
    ("events", "trials"),
    [(EVENTS, TRIALS), ([0, 0, 0, 0], [20, 30, 40, 50]), ([3.7], [22.2]), ([5, 20, 35], [40, 40, 40])],
)
def test_quadrature_agrees_with_a_dense_grid(events: list[float], trials: list[float]) -> None:
    assert beta_binomial(events, trials).mean == pytest.approx(_brute_force_mean(events, trials), rel=1e-3)


def test_a_covariate_that_says_nothing_moves_little() -> None:
    with_noise = beta_binomial(EVENTS * 5, TRIALS * 5, np.tile([1.0, -1.0, -1.0, 1.0], 5))
    assert with_noise.mean == pytest.approx(beta_binomial(EVENTS * 5, TRIALS * 5).mean, rel=0.35)


def test_a_constant_covariate_changes_nothing() -> None:
    assert (beta_binomial(EVENTS, TRIALS, np.ones(4)).mean == beta_binomial(EVENTS, TRIALS).mean).all()


def test_a_covariate_predicts_an_area_without_trials() -> None:
    x = np.repeat([0.0, 1.0], 10)
    trials = np.full(20, 60.0)
    trials[[0, 10]] = 0
    fit = beta_binomial(np.where(x > 0, 12.0, 3.0) * (trials > 0), trials, x)
    assert fit.mean[0] == pytest.approx(3 / 60, abs=0.02)
    assert fit.mean[10] == pytest.approx(12 / 60, abs=0.03)


def test_draws_have_the_moments_of_the_marginals() -> None:
    fit = beta_binomial(EVENTS, TRIALS)
    assert fit.draws.mean(axis=0) == pytest.approx(fit.mean, rel=0.01)
    assert fit.draws.std(axis=0) == pytest.approx(fit.sd, rel=0.05)


def test_interval_leaves_out_less_above_than_below() -> None:
    fit = beta_binomial(EVENTS, TRIALS)
    limits = fit.interval(0.9)
    for i, (low, high) in enumerate(limits):
        assert fit.marginals.cdf(low)[i] == pytest.approx(0.04, abs=1e-9)
        assert fit.marginals.cdf(high)[i] == pytest.approx(0.985, abs=1e-9)


def test_two_runs_give_the_same_bytes() -> None:
    first, second = beta_binomial(EVENTS, TRIALS), beta_binomial(EVENTS, TRIALS)
    assert first.draws.tobytes() == second.draws.tobytes()
    assert first.interval().tobytes() == second.interval().tobytes()


def test_rows_of_one_area_are_added() -> None:
    split = beta_binomial([0, 1, 1, 3, 9], [30, 30, 10, 30, 60], area=[0, 1, 2, 2, 3])
    assert (split.mean == beta_binomial(EVENTS, TRIALS).mean).all()


def test_the_sum_of_a_single_area_is_that_area() -> None:
    summed = beta_binomial([0, 1, 0, 9], [30, 30, 0, 60], sums=[([2], 4, 40)])
    whole = beta_binomial(EVENTS, TRIALS)
    assert summed.mean == pytest.approx(whole.mean, rel=1e-8)
    assert summed.sd == pytest.approx(whole.sd, rel=1e-6)
    assert summed.interval() == pytest.approx(whole.interval(), rel=1e-6)


def test_withheld_areas_take_the_level_of_their_sum_and_know_less() -> None:
    fit = beta_binomial([2] * 10 + [0, 0], [40] * 10 + [0, 0], sums=[([10, 11], 24, 80)])
    assert fit.mean[10] == pytest.approx(fit.mean[11])
    assert 0.15 < fit.mean[10] < 0.3
    assert fit.sd[10] > beta_binomial([2] * 10 + [12, 12], [40] * 10 + [40, 40]).sd[10]


def test_withheld_areas_count_towards_the_municipal_level() -> None:
    events, trials = [8] * 4 + [0] * 4, [40] * 4 + [0] * 4
    low_rest = beta_binomial(events, trials, sums=[(range(4, 8), 4, 160)]).exceedance()
    high_rest = beta_binomial(events, trials, sums=[(range(4, 8), 60, 160)]).exceedance()
    assert (low_rest[:4] > 0.8).all()
    assert (high_rest[:4] < 0.2).all()


def test_draws_of_withheld_areas_have_the_moments_of_their_marginals() -> None:
    fit = beta_binomial([1, 2, 0, 0, 5], [30, 40, 0, 0, 50], sums=[([2, 3], 6, 60)])
    assert fit.draws.mean(axis=0) == pytest.approx(fit.mean, rel=0.02)
    assert fit.draws.std(axis=0) == pytest.approx(fit.sd, rel=0.05)


@pytest.mark.parametrize(
    ("events", "trials"),
    [
        pytest.param([0], [20], id="one area, none"),
        pytest.param([20], [20], id="one area, all"),
        pytest.param([0], [0], id="nothing known"),
        pytest.param([0] * 10, [50] * 10, id="no events"),
        pytest.param([50] * 10, [50] * 10, id="all events"),
        pytest.param([0, 0, 3], [0, 0, 40], id="two areas unseen"),
    ],
)
def test_edges_have_finite_intervals_of_some_width(events: list[int], trials: list[int]) -> None:
    fit = beta_binomial(events, trials)
    limits = fit.interval()
    assert np.isfinite(limits).all()
    assert (limits[:, 1] - limits[:, 0] > 1e-4).all()
    assert ((limits[:, 0] < fit.mean) & (fit.mean < limits[:, 1])).all()
    assert ((fit.exceedance() > 0.3) & (fit.exceedance() < 0.7)).all()


def test_an_area_cannot_be_told_apart_from_itself() -> None:
    assert beta_binomial([2], [30]).exceedance().tolist() == [0.5]
    assert beta_binomial(EVENTS, TRIALS).prob_greater(1, 1) == 0.5


def test_effective_counts_between_whole_ones_give_means_between() -> None:
    low, between, high = (beta_binomial([y, 3, 4], [30, 40, 50]).mean[0] for y in (2, 2.5, 3))
    assert low < between < high


def test_scaling_counts_up_narrows_every_interval() -> None:
    few, many = beta_binomial(EVENTS, TRIALS), beta_binomial(np.array(EVENTS) * 9, np.array(TRIALS) * 9)
    assert (np.ptp(many.interval(), axis=1) < np.ptp(few.interval(), axis=1)).all()


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        (([2], [1]), {}, "more events than trials"),
        (([1, 2], [3]), {}, "one length"),
        (([float("nan")], [3]), {}, "missing"),
        (([1, 0], [3, 0]), {"sums": [([0], 1, 2)]}, "trials of its own"),
        (([1, 0], [3, 0]), {"sums": [([2], 1, 2)]}, "by position"),
        (([1], [3]), {"school": ["a"]}, "bym2"),
        (([1, 2], [3, 4], [1.0, float("nan")]), {}, "finite"),
        (([1, 2], [3, 4], [1.0, 2.0]), {"area": [0, 0]}, "differs"),
        (([1, 2], [3, 4]), {"weights": [0, 0]}, "not all zero"),
    ],
)
def test_impossible_input_is_refused_with_a_reason(arguments: tuple, options: dict, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        beta_binomial(*arguments, **options)


@pytest.mark.slow
def test_coverage_and_error_hold_over_repeated_surveys() -> None:
    """Ground (4): 60 districts, 10 to 80 respondents, 40 replicates; Monte Carlo error of coverage 0.01."""
    generator = np.random.default_rng(20240901)
    squared, bias, covered = [], [], []
    for _ in range(40):
        trials = generator.integers(10, 81, 60)
        truth = np.clip(generator.lognormal(np.log(0.022), 0.6, 60), 0.005, 0.08)
        fit = beta_binomial(generator.binomial(trials, truth), trials)
        limits = fit.interval()
        squared.append(np.mean((fit.mean - truth) ** 2))
        bias.append(np.mean(fit.mean - truth))
        covered.append(np.mean((limits[:, 0] <= truth) & (truth <= limits[:, 1])))
    assert 100 * np.sqrt(np.mean(squared)) < 1.5
    assert abs(100 * np.mean(bias)) < 0.15
    assert 0.92 < np.mean(covered) < 0.98
