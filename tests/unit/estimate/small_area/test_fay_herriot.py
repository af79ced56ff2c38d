"""Fay–Herriot: laws, closed forms worked by hand, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from mapping.errors import EstimationError
from mapping.estimate.small_area import fay_herriot
from mapping.estimate.small_area.area_level_variance import METHODS, between_variance, profile
from mapping.estimate.small_area.transforms import TRANSFORMS

GENERATOR = np.random.default_rng(7)
X = np.column_stack([np.ones(30), GENERATOR.normal(size=30)])
D = GENERATOR.uniform(0.5, 2, 30)
Y = X @ [3.0, 1.0] + GENERATOR.normal(size=30) + GENERATOR.normal(size=30) * np.sqrt(D)


@pytest.mark.parametrize("method", METHODS)
def test_rescaling_the_data_rescales_everything(method: str) -> None:
    """Ground (3): y and D in thousandths give estimates in thousandths; proportions are fitted as well as litres."""
    one, small = fay_herriot(Y, D, X, method=method), fay_herriot(Y / 1000, D / 1e6, X, method=method)
    assert small.sigma2 * 1e6 == pytest.approx(one.sigma2, rel=1e-9)
    assert small.estimate * 1000 == pytest.approx(one.estimate, rel=1e-9)
    assert small.mse * 1e6 == pytest.approx(one.mse, rel=1e-9)


@pytest.mark.parametrize(("method", "restricted"), [("ml", False), ("reml", True)])
def test_no_other_variance_has_a_higher_likelihood(method: str, restricted: bool) -> None:
    grid = np.geomspace(1e-4, 50, 400)
    fit = profile(Y, D, X, np.append(grid, between_variance(Y, D, X, method)))
    likelihood = fit.restricted_log_likelihood if restricted else fit.log_likelihood
    assert likelihood.argmax() == len(grid)


def test_equal_variances_have_the_estimate_of_the_analysis_of_variance() -> None:
    # with D constant the REML estimate is s² − D, here (0 + 1 + 4 + 1 + 4) / 4 − 1 = 1.5
    fit = fay_herriot([3.0, 4.0, 5.0, 2.0, 1.0], np.ones(5), np.ones(5))
    assert fit.sigma2 == pytest.approx(1.5, rel=1e-12)
    assert fit.gamma == pytest.approx(np.full(5, 0.6))
    assert fit.estimate == pytest.approx([3.0, 3.6, 4.2, 2.4, 1.8])


def test_no_spread_between_areas_is_said() -> None:
    fit = fay_herriot([3.0, 3.1, 2.9, 3.0], np.ones(4), np.ones(4))
    assert fit.sigma2 == 0
    assert "estimated as 0" in fit.notes[0]
    assert (fit.mse > 0).all()


@pytest.mark.parametrize("method", ["li-lahiri", "li-lahiri-ml", "yoshimori-lahiri", "yoshimori-lahiri-ml"])
def test_adjusted_likelihoods_never_give_zero(method: str) -> None:
    assert fay_herriot([3.0, 3.1, 2.9, 3.0, 3.05], np.ones(5), np.ones(5), method=method).sigma2 > 0.01


def test_an_area_without_direct_estimate_is_predicted_from_its_covariates() -> None:
    direct = Y.copy()
    direct[4] = np.nan
    fit = fay_herriot(direct, D, X)
    without = fay_herriot(np.delete(Y, 4), np.delete(D, 4), np.delete(X, 4, axis=0))
    assert fit.sigma2 == without.sigma2
    assert fit.estimate[4] == pytest.approx(X[4] @ without.beta)
    assert fit.mse[4] > fit.sigma2
    assert np.delete(fit.estimate, 4) == pytest.approx(without.estimate)


def test_a_bias_term_that_would_make_the_error_negative_is_left_out_and_said() -> None:
    variance = 10.0 ** np.arange(-3, 4)
    fit = fay_herriot(np.sqrt(variance) * [1, -1, 1, -1, 1, -1, 1] * 0.5, variance, np.ones(7), method="fh")
    assert (fit.mse > 0).all()
    assert any("bias term" in note for note in fit.notes)


def test_an_adjusted_likelihood_without_maximum_is_refused() -> None:
    with pytest.raises(EstimationError, match="no maximum"):
        fay_herriot([1.0, 2.0, 4.0], np.ones(3), X[:3], method="li-lahiri")


def test_a_given_variance_is_kept_and_costs_nothing_to_estimate() -> None:
    given, estimated = fay_herriot(Y, D, X, sigma2=1.0), fay_herriot(Y, D, X)
    assert given.sigma2 == 1.0
    assert (fay_herriot(Y, D, X, sigma2=estimated.sigma2).mse < estimated.mse).all()


@pytest.mark.parametrize(
    ("mean", "variance"), [(0.3, 0.01), (0.05, 0.04), (1.5, 0.02), (1.69, 1e-4), (0.8, 1e-12)]
)
def test_arcsine_expectation_is_the_integral_with_the_mass_beyond_the_ends(
    mean: float, variance: float
) -> None:
    sd = np.sqrt(variance)
    ends = max(0.0, mean - 9 * sd), min(np.pi / 2, mean + 9 * sd)
    inside = quad(lambda x: np.sin(x) ** 2 * norm.pdf(x, mean, sd), *ends)[0] if ends[0] < ends[1] else 0.0
    want = inside + norm.sf(np.pi / 2, mean, sd)
    got = TRANSFORMS["arcsine"].corrected(np.array([mean]), np.array([variance]))[0]
    assert got == pytest.approx(want, abs=1e-8)


@pytest.mark.parametrize("transform", ["arcsine", "log", "logit"])
def test_transformed_fits_stay_in_range_and_repeat_to_the_byte(transform: str) -> None:
    n = np.array([30, 40, 55, 80, 25, 60, 44, 38])
    p = np.array([3, 6, 9, 10, 5, 7, 2, 8]) / n
    variance = 1 / (4 * n) if transform == "arcsine" else p * (1 - p) / n
    first, second = (fay_herriot(p, variance, np.ones(8), transform=transform) for _ in range(2))
    limits = first.interval()
    assert first.mse.tobytes() == second.mse.tobytes()
    assert (first.mse > 0).all()
    assert ((limits[:, 0] > 0) & (limits[:, 0] < first.estimate) & (first.estimate < limits[:, 1])).all()
    assert (limits[:, 1] < 1).all()


def test_bias_corrected_is_above_naive_where_the_inverse_is_convex() -> None:
    p, n = np.array([3, 6, 9, 10, 5, 7, 2, 8]) / 60, np.full(8, 60)
    naive, corrected = (
        fay_herriot(p, 1 / (4 * n), np.ones(8), sigma2=0.01, transform="arcsine", backtransform=back)
        for back in ("naive", "bias-corrected")
    )
    assert (corrected.estimate > naive.estimate).all()


@pytest.mark.parametrize(
    ("direct", "variance", "options", "says"),
    [
        ([0, 0, 0.1, 0.2, 0.1], [0.01] * 5, {"transform": "arcsine"}, "no event"),
        ([0.1, 0.2, 0.1, 0.2, 0.1], [30.0] * 5, {"transform": "arcsine"}, "arcsine scale"),
        ([0.0, 0.2, 0.1, 0.2, 0.1], [0.01] * 5, {"transform": "logit"}, "log odds"),
        ([0.0, 0.2, 0.1, 0.2, 0.1], [0.01] * 5, {"transform": "log"}, "positive"),
        ([0.1, 0.2, 0.1, 0.2, 0.1], [0.01] * 4 + [0.0], {}, "variance 0"),
        ([0.1, 0.2, 0.1, 0.2, 0.1], [0.01] * 4, {}, "one row per area"),
        ([0.1, np.nan, np.nan, np.nan, np.nan], [0.01] * 5, {}, "coefficients"),
        ([0.1, 0.2, 0.1, 0.2, 0.1], [0.01] * 5, {"method": "eblup"}, "method must be"),
        ([0.1, 0.2, 0.1, 0.2, 0.1], [0.01] * 5, {"transform": "square"}, "transform must be"),
        ([0.1, 0.2, 0.1, 0.2, 0.1], [0.01] * 5, {"sigma2": -1.0}, "variance"),
    ],
)
def test_what_the_model_cannot_carry_is_refused(
    direct: list, variance: list, options: dict, says: str
) -> None:
    with pytest.raises(EstimationError, match=says):
        fay_herriot(direct, variance, np.ones(5), **options)
