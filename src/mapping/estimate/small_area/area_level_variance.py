"""The variance between areas in the Fay–Herriot model: likelihoods, scores, and the root that maximises them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from mapping.errors import EstimationError

__all__ = ["METHODS", "Profile", "asymptotic_bias", "between_variance", "profile", "scoring_step"]

Array = NDArray[np.float64]

METHODS = ("reml", "ml", "fh", "li-lahiri", "li-lahiri-ml", "yoshimori-lahiri", "yoshimori-lahiri-ml")
GRID = 72  # where a change of sign of the score is looked for: eight decades on each side of the sampling variances


@dataclass(frozen=True, slots=True)
class Profile:
    """Generalised least squares at one or several values of sigma² (first axis), areas along the second.

    `precision` is 1/(sigma² + D), `residual` is y − Xβ, `information` is X'V⁻¹X.
    """

    precision: Array
    beta: Array
    residual: Array
    information: Array
    trace_of_projection: Array

    @property
    def log_likelihood(self) -> Array:
        """Profile log-likelihood, constants included."""
        m = self.precision.shape[-1]
        quadratic = (self.residual**2 * self.precision).sum(axis=-1)
        value: Array = -0.5 * (m * np.log(2 * np.pi) - np.log(self.precision).sum(axis=-1) + quadratic)
        return value

    @property
    def restricted_log_likelihood(self) -> Array:
        """Restricted log-likelihood, up to the constant of X."""
        value: Array = self.log_likelihood - 0.5 * np.linalg.slogdet(self.information)[1]
        return value


def profile(y: Array, variance: Array, X: Array, sigma2: Array) -> Profile:
    """Weighted least squares for each value in `sigma2`; `y` may have a row for each of them."""
    precision = 1 / (sigma2[:, None] + variance)
    k = X.shape[1]
    outer = (X[:, :, None] * X[:, None, :]).reshape(len(X), k * k)
    information = (precision @ outer).reshape(-1, k, k)
    squared = ((precision**2) @ outer).reshape(-1, k, k)
    beta = np.asarray(
        np.linalg.solve(information, ((precision * y) @ X)[..., None])[..., 0], dtype=np.float64
    )
    trace: Array = precision.sum(axis=1) - np.trace(np.linalg.solve(information, squared), axis1=1, axis2=2)
    return Profile(precision, beta, y - beta @ X.T, information, trace)


def between_variance(y: Array, variance: Array, X: Array, method: str) -> float:
    r"""The estimate of :math:`\sigma^2` by `method`, 0 where the likelihood is highest there.

    Notes
    -----
    The score is followed over a grid of :math:`\log\sigma^2`, each fall through zero is refined to machine
    precision, and the highest maximum is taken; with sampling variances of 0.0001 a tolerance fixed in
    absolute terms would stop anywhere. The adjusted likelihoods multiply the (restricted) likelihood by
    :math:`\sigma^2` (Li & Lahiri) or by :math:`\{\arctan\sum_i\gamma_i\}^{1/m}` (Yoshimori & Lahiri), so
    their estimate is never 0. The moment method of Fay & Herriot solves :math:`\sum_i r_i^2/(\sigma^2+D_i) =
    m-p`.

    References
    ----------
    Fay & Herriot (1979), JASA 74, 269-277. Li & Lahiri (2010), J. Multivariate Analysis 101, 882-892.
    Yoshimori & Lahiri (2014), J. Multivariate Analysis 124, 281-294.
    """

    def score(log_sigma2: Array) -> Array:
        sigma2 = np.exp(log_sigma2)
        return sigma2 * _score(profile(y, variance, X, sigma2), sigma2, variance, method)

    scale = float(np.exp(np.log(variance).mean()))
    grid = np.log(scale) + np.linspace(-8, 8, GRID) * np.log(10)
    values = score(grid)
    roots = [
        float(np.exp(_root(lambda x: float(score(np.array([x]))[0]), grid[i], grid[i + 1])))
        for i in np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    ]
    candidates = np.array(roots if "-" in method else [0.0, *roots])
    if not len(candidates):
        raise EstimationError(
            f"the likelihood adjusted by {method} has no maximum with {len(y)} areas and {X.shape[1]} coefficients. "
            "Use reml, or fewer covariates."
        )
    if method == "fh":
        return roots[0] if roots else 0.0
    return float(
        candidates[np.argmax(_objective(profile(y, variance, X, candidates), candidates, variance, method))]
    )


def scoring_step(fit: Profile, sigma2: Array, variance: Array, method: str) -> Array:
    """One step of Fisher scoring towards the estimate of sigma² by `method`, for each row of `fit`."""
    slope = _score(fit, sigma2, variance, method)
    if method == "fh":
        return np.asarray(slope / ((fit.residual * fit.precision) ** 2).sum(axis=1))
    return np.asarray(slope / (0.5 * (fit.precision**2).sum(axis=1)))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=1e-15, rtol=1e-15))


def _score(fit: Profile, sigma2: Array, variance: Array, method: str) -> Array:
    """Derivative in sigma² of what `method` maximises (of a decreasing moment equation for "fh")."""
    if method == "fh":
        degrees = fit.precision.shape[1] - fit.beta.shape[1]
        moment: Array = (fit.residual**2 * fit.precision).sum(axis=1) - degrees
        return moment
    trace = fit.precision.sum(axis=1) if _is_ml(method) else fit.trace_of_projection
    slope = 0.5 * ((fit.residual * fit.precision) ** 2).sum(axis=1) - 0.5 * trace
    return np.asarray(slope + _adjustment_slope(sigma2, variance, method))


def _objective(fit: Profile, sigma2: Array, variance: Array, method: str) -> Array:
    value = fit.log_likelihood if _is_ml(method) else fit.restricted_log_likelihood
    if method.startswith("li-lahiri"):
        value = value + np.log(sigma2)
    if method.startswith("yoshimori"):
        value = value + np.log(np.arctan((sigma2[:, None] * fit.precision).sum(axis=1))) / len(variance)
    return value


def _is_ml(method: str) -> bool:
    return method.split("-")[-1] == "ml"


def _adjustment_slope(sigma2: Array, variance: Array, method: str) -> Array:
    """Derivative in sigma² of the log of the adjustment factor."""
    if method.startswith("li-lahiri"):
        return 1 / sigma2
    if method.startswith("yoshimori"):
        total = sigma2[:, None] + variance
        shrinkage = (sigma2[:, None] / total).sum(axis=1)
        slope = (variance / total**2).sum(axis=1)
        return np.asarray(slope / ((1 + shrinkage**2) * np.arctan(shrinkage) * len(variance)))
    return np.zeros_like(sigma2)


def asymptotic_bias(fit: Profile, sigma2: float, X: Array, method: str) -> tuple[float, float]:
    """Asymptotic variance of the estimate of sigma², and its bias to order 1/m.

    `fit` is the profile at `sigma2` alone (one row). The adjustment of Yoshimori & Lahiri is of lower order.

    References
    ----------
    Datta & Lahiri (2000), Statistica Sinica 10, 613-627 (REML, ML); Datta, Rao & Smith (2005), Biometrika 92,
    183-196 (Fay & Herriot's moments); Li & Lahiri (2010), theorem 1.
    """
    w = fit.precision[0]
    first, second, m = float(w.sum()), float((w**2).sum()), len(w)
    if method == "fh":
        return 2 * m / first**2, 2 * (m * second - first**2) / first**3
    bias = 0.0
    if _is_ml(method):
        bias -= float(np.trace(np.linalg.solve(fit.information[0], (X * (w**2)[:, None]).T @ X))) / second
    if method.startswith("li-lahiri"):
        bias += 2 / (sigma2 * second)
    return 2 / second, bias
