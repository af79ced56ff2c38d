"""Spatial Fay–Herriot: the sparse likelihood against the dense one, limits, bounds and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array
from scipy.stats import multivariate_normal

from mapping.errors import EstimationError
from mapping.estimate.small_area import fay_herriot, spatial_fay_herriot
from mapping.estimate.small_area.spatial_fay_herriot import _Likelihood

AREAS = 25
GENERATOR = np.random.default_rng(17)
PLACE = np.arange(AREAS).reshape(5, 5)
LINKS = np.zeros((AREAS, AREAS))
ACROSS, DOWN = (PLACE[:, :-1], PLACE[:, 1:]), (PLACE[:-1], PLACE[1:])
for one, other in (ACROSS, DOWN):
    LINKS[one, other] = LINKS[other, one] = 1
W = LINKS / LINKS.sum(axis=1, keepdims=True)
X = np.column_stack([np.ones(AREAS), GENERATOR.normal(size=AREAS)])
D = GENERATOR.uniform(0.2, 0.8, AREAS)
EFFECT = np.linalg.solve(np.eye(AREAS) - 0.7 * W, GENERATOR.normal(size=AREAS))
Y = X @ [2.0, 0.5] + EFFECT + GENERATOR.normal(size=AREAS) * np.sqrt(D)


def test_the_sparse_likelihood_is_the_dense_one() -> None:
    likelihood = _Likelihood(Y, D, X, csc_array(W), restricted=False)
    inverse = np.linalg.inv(np.eye(AREAS) - 0.4 * W)
    v = 1.3 * inverse @ inverse.T + np.diag(D)
    beta = np.linalg.solve(X.T @ np.linalg.solve(v, X), X.T @ np.linalg.solve(v, Y))
    want = multivariate_normal.logpdf(Y, X @ beta, v)
    assert likelihood(np.array([np.log(1.3), np.arctanh(0.4)])) == pytest.approx(want, rel=1e-10)


def test_islands_everywhere_give_the_model_without_space() -> None:
    spatial, plain = spatial_fay_herriot(Y, D, X, np.zeros((AREAS, AREAS))), fay_herriot(Y, D, X)
    assert spatial.sigma2 == pytest.approx(plain.sigma2, rel=1e-6)
    assert spatial.estimate == pytest.approx(plain.estimate, rel=1e-6)


def test_neighbours_predict_an_area_without_direct_estimate() -> None:
    direct = Y.copy()
    direct[12] = np.nan
    fit = spatial_fay_herriot(direct, D, X, W)
    neighbours = np.flatnonzero(LINKS[12])
    pulled = fit.estimate[12] - X[12] @ fit.beta
    around = (fit.estimate - X @ fit.beta)[neighbours].mean()
    assert np.sign(pulled) == np.sign(around)
    assert fit.mse[12] > fit.mse[neighbours].max()
    assert fit.gamma[12] == 0


def test_order_of_areas_does_not_matter() -> None:
    order = GENERATOR.permutation(AREAS)
    straight, turned = (
        spatial_fay_herriot(Y, D, X, W),
        spatial_fay_herriot(Y[order], D[order], X[order], W[np.ix_(order, order)]),
    )
    assert turned.estimate == pytest.approx(straight.estimate[order], rel=1e-6)
    assert turned.mse == pytest.approx(straight.mse[order], rel=1e-4)


def test_a_perfectly_smooth_map_stops_at_the_bound_and_says_so() -> None:
    smooth = np.add.outer(np.arange(5.0), np.arange(5.0)).ravel() * 50
    fit = spatial_fay_herriot(smooth, np.full(AREAS, 0.01), np.ones(AREAS), W)
    assert abs(fit.rho) <= 0.999
    assert np.isfinite(fit.estimate).all()
    assert (fit.mse > 0).all()


def test_no_spread_between_areas_is_survived() -> None:
    fit = spatial_fay_herriot(np.full(AREAS, 3.0) + 0.01 * X[:, 1], np.ones(AREAS), np.ones(AREAS), W)
    assert fit.estimate == pytest.approx(np.full(AREAS, 3.0), abs=0.05)
    assert np.isfinite(fit.mse).all()
    assert (fit.mse > 0).all()


@pytest.mark.parametrize(
    ("w", "method", "says"),
    [
        (LINKS, "reml", "sum to 1"),
        (W + np.eye(AREAS) * 0.1, "reml", "sum to 1"),
        (W[:3, :3], "reml", "25 x 25"),
        (W, "fh", "method"),
    ],
)
def test_what_is_not_a_proximity_matrix_is_refused(w: np.ndarray, method: str, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        spatial_fay_herriot(Y, D, X, w, method=method)


def test_data_that_do_not_tell_the_autoregression_from_the_variance_are_said() -> None:
    everyone = (np.ones((4, 4)) - np.eye(4)) / 3
    x = np.column_stack([np.ones(4), np.sin(np.arange(4.0))])
    fit = spatial_fay_herriot([-79.808, -157.58, 19.307, 19.307], [50, 0.1, 1e-8, 50], x, everyone)
    assert np.isfinite(fit.mse).all()
    assert any("do not tell" in note for note in fit.notes)


def test_a_nearly_exact_estimate_keeps_a_positive_mse() -> None:
    ring = (np.eye(6, k=1) + np.eye(6, k=-1) + np.eye(6, k=5) + np.eye(6, k=-5)) / 2
    direct, variance = [178.5, -926.1, 178.5, 412.4, -303.2, -611.6], [1e-8, 0.1, 1e6, 50, 50, 1e-8]
    fit = spatial_fay_herriot(direct, variance, np.ones(6), ring, method="ml")
    assert (fit.mse > 0).all()
    assert ((fit.gamma >= 0) & (fit.gamma <= 1)).all()
    assert fit.mse[0] == pytest.approx(1e-8, rel=1e-3)
