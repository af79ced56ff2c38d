"""Mean squared error of back-transformed area-level predictions: a parametric bootstrap without a random number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from mapping.estimate.small_area.area_level_variance import profile, scoring_step
from mapping.estimate.small_area.sequences import stratified_uniforms

__all__ = ["bootstrap_mse"]

Array = NDArray[np.float64]

REPLICATES = 500
STEPS = 20


def bootstrap_mse(
    variance: Array,
    X: Array,
    beta: Array,
    sigma2: float,
    method: str | None,
    truth: Callable[[Array], Array],
    back: Callable[[Array, Array], Array],
) -> Array:
    """Mean over replicates of (estimate − truth)², both on the scale of the direct estimates.

    Parameters
    ----------
    variance : ndarray of shape (areas,)
        Sampling variances on the scale of the model; missing where an area has no direct estimate.
    X, beta, sigma2
        The fitted model that replicates are drawn from.
    method : str or None
        How the variance between areas is estimated in each replicate; None holds it at `sigma2`.
    truth, back : callable
        The plain inverse, and what turns (mean, sigma²) of the model into an estimate.

    References
    ----------
    Gonzalez-Manteiga, Lombardia, Molina, Morales & Santamaria (2008), J. Statistical Computation and
    Simulation 78, 443-462. Hadam, Würz, Kreutzmann & Schmid (2024), Statistical Methods & Applications 33
    (arcsine).
    """
    areas, known = len(variance), ~np.isnan(variance)
    normal = ndtri(stratified_uniforms(REPLICATES, 2 * areas, stream=3))
    theta = X @ beta + np.sqrt(sigma2) * normal[:, :areas]
    y = (theta + np.sqrt(np.where(known, variance, 0)) * normal[:, areas:])[:, known]
    d, x = variance[known], X[known]
    s2 = np.full(REPLICATES, sigma2)
    if method is not None:
        s2 = np.maximum(s2, 0.01 * np.median(d))
        for _ in range(STEPS):
            step = scoring_step(profile(y, d, x, s2), s2, d, method)
            s2 = np.maximum(s2 + step, 0.0) if "-" not in method else np.maximum(s2 + step, s2 / 4)
            if np.abs(step).max() < 1e-5 * np.median(d):
                break
    fit = profile(y, d, x, s2)
    mean = fit.beta @ X.T
    mean[:, known] += s2[:, None] * fit.precision * fit.residual
    error = back(mean, s2[:, None]) - truth(theta)
    mse: Array = (error**2).mean(axis=0)
    return mse
