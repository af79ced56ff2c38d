"""Space-time Fay–Herriot: what it reduces to, bounds and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import space_time_fay_herriot, spatial_fay_herriot
from mapping.estimate.small_area.newton import highest

GENERATOR = np.random.default_rng(23)
AREAS, WAVES = 12, 3
W = np.zeros((AREAS, AREAS))
for i in range(AREAS):
    W[i, [(i - 1) % AREAS, (i + 1) % AREAS]] = 0.5
X = np.column_stack([np.ones(AREAS * WAVES), GENERATOR.normal(size=AREAS * WAVES)])
D = GENERATOR.uniform(0.1, 0.4, AREAS * WAVES)
EFFECT = np.repeat(GENERATOR.normal(size=AREAS), WAVES) + 0.5 * GENERATOR.normal(size=AREAS * WAVES)
Y = X @ [2.0, 0.5] + EFFECT + GENERATOR.normal(size=AREAS * WAVES) * np.sqrt(D)


def test_one_wave_has_the_likelihood_of_the_spatial_model_at_least() -> None:
    first = slice(None, None, WAVES)
    one = space_time_fay_herriot(Y[first], D[first], X[first], W, 1, autoregressive=False)
    spatial = spatial_fay_herriot(Y[first], D[first], X[first], W)
    assert one.log_likelihood >= spatial.log_likelihood - 1e-6


def test_waves_can_be_named_or_counted() -> None:
    counted = space_time_fay_herriot(Y, D, X, W, WAVES)
    named = space_time_fay_herriot(Y, D, X, W, np.tile([2022, 2024, 2026], AREAS))
    assert (counted.estimate == named.estimate).all()


def test_other_waves_of_an_area_make_its_error_smaller() -> None:
    fit = space_time_fay_herriot(Y, D, X, W, WAVES)
    assert (fit.mse > 0).all()
    assert (fit.mse < D).mean() > 0.9
    assert 0 < fit.gamma.max() < 1


def test_a_parameter_at_its_bound_is_said() -> None:
    flat = space_time_fay_herriot(np.full(36, 2.0) + 0.001 * X[:, 1], np.ones(36), np.ones(36), W, WAVES)
    assert any("variance between areas" in note for note in flat.notes)
    assert (flat.mse > 0).all()


@pytest.mark.parametrize(
    ("times", "says"), [(5, "areas times"), (np.repeat([1, 2, 3], 12), "sorted by area"), (0, "areas times")]
)
def test_rows_that_are_not_areas_times_waves_are_refused(times: object, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        space_time_fay_herriot(Y, D, X, W, times)


def test_missing_direct_estimates_are_refused() -> None:
    with pytest.raises(EstimationError, match="no direct estimate"):
        space_time_fay_herriot(np.where(np.arange(36) == 3, np.nan, Y), D, X, W, WAVES)


def test_the_highest_point_is_found_inside_and_at_a_bound() -> None:
    def hill(x: np.ndarray) -> float:
        return -float((x[0] - 0.3) ** 2 + 2 * (x[1] - 5) ** 2 + x[0] * x[1] / 10)

    at = highest(hill, [np.zeros(2)], np.full(2, -2.0), np.array([2.0, 3.0]))
    assert at == pytest.approx([0.15, 3.0], abs=1e-7)  # d/dx0: -2 (x0 - 0.3) - x1 / 10 = 0 at x1 = 3
