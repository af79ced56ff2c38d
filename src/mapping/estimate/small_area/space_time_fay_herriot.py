"""The area-level model over several waves: areas resemble their neighbours, and themselves a wave ago."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mapping.errors import EstimationError
from mapping.estimate.small_area.fay_herriot import FayHerriot, checked
from mapping.estimate.small_area.newton import highest
from mapping.estimate.small_area.products import dot, inverse, product
from mapping.estimate.small_area.spatial_fay_herriot import MOST_RHO, proximities

__all__ = ["SpaceTimeFayHerriot", "space_time_fay_herriot"]

Array = NDArray[np.float64]

DECADES = 6.0  # variances lie within so many decades of the sampling variances


@dataclass(frozen=True, slots=True)
class SpaceTimeFayHerriot(FayHerriot):
    """A fitted space-time model.

    `sigma2` and `rho` are those of the areas, `sigma2_time` and `rho_time` those of the waves within an area;
    `gamma` is the weight of a row's own direct estimate.
    """

    rho: float = 0.0
    sigma2_time: float = 0.0
    rho_time: float = 0.0


def space_time_fay_herriot(
    direct: ArrayLike,
    variance: ArrayLike,
    X: ArrayLike,
    W: ArrayLike,
    times: int | ArrayLike,
    *,
    autoregressive: bool = True,
) -> SpaceTimeFayHerriot:
    r"""Space-time empirical best linear unbiased predictions, by restricted likelihood.

    Parameters
    ----------
    direct, variance, X
        As in `fay_herriot`, one row per area and wave, sorted by area and then by wave.
    W : array_like of shape (areas, areas)
        Proximities of the areas, rows summing to 1 (or to 0 for an island); the diagonal is 0.
    times : int or array_like of shape (rows,)
        Number of waves, or the wave of each row; every area has a row for each wave.
    autoregressive : bool
        Whether the effects of the waves within an area follow an autoregression, or are independent.

    Returns
    -------
    SpaceTimeFayHerriot
        A note names each parameter that stopped at its bound.

    Raises
    ------
    EstimationError
        If the rows are not areas times waves, or as in `spatial_fay_herriot`.

    Notes
    -----
    :math:`y_{dt} = x_{dt}^\top\beta + u_d + v_{dt} + e_{dt}`; u is a simultaneous autoregression over W with
    variance :math:`\sigma_1^2` and parameter :math:`\rho_1`, :math:`v_d` a stationary autoregression of first
    order over the waves with innovations of variance :math:`\sigma_2^2` and parameter :math:`\rho_2`. The MSE
    is :math:`g_1 + g_2 + 2g_3` with the information of the restricted likelihood; a parameter at its bound is
    taken as known. (R's sae gives a bootstrap instead.)

    References
    ----------
    Marhuenda, Molina & Morales (2013), Computational Statistics & Data Analysis 58, 308-325. Rao & Yu (1994),
    Canadian J. Statistics 22, 511-528.
    """
    y, d, x = checked(direct, variance, X)
    waves = _waves(times, len(y))
    if np.isnan(y).any():
        raise EstimationError(
            f"{int(np.isnan(y).sum())} rows have no direct estimate. This model needs all of them."
        )
    model = _Model(y, d, x, proximities(W, len(y) // waves).toarray(), waves, autoregressive)
    low, high = model.bounds()
    at = highest(model.log_likelihood, model.starts(), low, high)
    return model.predicted(at, low, high)


def _waves(times: int | ArrayLike, rows: int) -> int:
    """How many waves there are, if the rows are areas times waves, sorted by area and then by wave."""
    given = np.asarray(times)
    waves = int(given) if given.ndim == 0 else len(np.unique(given))
    whole = waves > 0 and rows % waves == 0
    if given.ndim and whole:
        whole = given.shape == (rows,) and bool((given.reshape(-1, waves) == np.unique(given)).all())
    if not whole:
        raise EstimationError(
            f"{rows} rows are not areas times {waves} waves, sorted by area and then by wave. Give each area a row "
            "for each wave."
        )
    return waves


@dataclass(frozen=True)
class _Model:
    """Parameters: log sigma² and atanh rho of the areas, log sigma² and (if autoregressive) atanh rho of the waves."""

    y: Array
    d: Array
    x: Array
    w: Array
    times: int
    autoregressive: bool

    def bounds(self) -> tuple[Array, Array]:
        """Lowest and highest value of each parameter."""
        scale, reach, far = float(np.log(self.d).mean()), DECADES * np.log(10), np.arctanh(MOST_RHO)
        count = 4 if self.autoregressive else 3
        low, high = [scale - reach, -far, scale - reach, -far], [scale + reach, far, scale + reach, far]
        return np.array(low[:count]), np.array(high[:count])

    def starts(self) -> list[Array]:
        """A coarse grid."""
        scale = float(np.log(self.d).mean())
        last = (-0.5, 0.0, 0.5) if self.autoregressive else (None,)
        return [
            np.array([scale + a, r, scale + b, *([] if s is None else [s])])
            for a in (-2.0, 0.0, 2.0)
            for r in (-0.5, 0.0, 0.5, 1.0)
            for b in (-2.0, 0.0, 2.0)
            for s in last
        ]

    def covariance(self, point: Array) -> Array:
        """Of the effects, rows by rows."""
        rho_time = float(np.tanh(point[3])) if self.autoregressive else 0.0
        apart = np.eye(len(self.w)) - np.tanh(point[1]) * self.w
        areas = np.exp(point[0]) * inverse(product(apart.T, apart))[0]
        lag = np.abs(np.subtract.outer(np.arange(self.times), np.arange(self.times)))
        waves = np.exp(point[2]) * rho_time**lag / (1 - rho_time**2)
        whole: Array = np.kron(areas, np.ones((self.times, self.times))) + np.kron(np.eye(len(self.w)), waves)
        return whole

    def log_likelihood(self, point: Array) -> float:
        """Restricted log-likelihood, up to the constant of X."""
        v = self.covariance(point) + np.diag(self.d)
        both = np.column_stack([self.y, self.x])
        v_inverse, log_determinant = inverse(v)
        cross = product(both.T, product(v_inverse, both))
        beta = np.linalg.solve(cross[1:, 1:], cross[1:, 0])
        logs = log_determinant + np.linalg.slogdet(cross[1:, 1:])[1]
        return -0.5 * float(len(self.y) * np.log(2 * np.pi) + logs + cross[0, 0] - beta @ cross[1:, 0])

    def predicted(self, at: Array, low: Array, high: Array) -> SpaceTimeFayHerriot:
        """Predictions and MSE at the estimates."""
        covariance = self.covariance(at)
        v_inverse = inverse(covariance + np.diag(self.d))[0]
        beta_covariance = np.asarray(
            np.linalg.inv(product(self.x.T, product(v_inverse, self.x))), dtype=float
        )
        beta = beta_covariance @ dot(self.x.T, dot(v_inverse, self.y))
        pull = product(covariance, v_inverse)
        estimate = self.x @ beta + dot(pull, self.y - self.x @ beta)
        left = self.x - product(pull, self.x)
        g1 = np.diag(covariance) - np.einsum("ij,ij->i", pull, covariance)
        g2 = np.einsum("ip,pq,iq->i", left, beta_covariance, left)
        free = np.flatnonzero((at > low) & (at < high))
        mse = g1 + g2 + 2 * self._estimation(at, free, v_inverse, pull, beta_covariance)
        names = (
            "the variance between areas",
            "the autoregression over areas",
            "the variance between waves",
            "the autoregression over waves",
        )
        notes = tuple(
            f"{names[k].capitalize()} was held at the end of its range."
            for k in range(len(at))
            if k not in free
        )
        return SpaceTimeFayHerriot(
            estimate,
            mse,
            beta,
            beta_covariance,
            float(np.exp(at[0])),
            np.diag(pull).copy(),
            self.log_likelihood(at),
            estimate,
            mse,
            "reml",
            None,
            notes,
            rho=float(np.tanh(at[1])),
            sigma2_time=float(np.exp(at[2])),
            rho_time=float(np.tanh(at[3])) if self.autoregressive else 0.0,
        )

    def _estimation(
        self, at: Array, free: NDArray[np.intp], v_inverse: Array, pull: Array, beta_covariance: Array
    ) -> Array:
        """g3, what estimating the free parameters adds; derivatives of the covariance by central differences."""
        step = 1e-5 * np.eye(len(at))
        moves = [(self.covariance(at + step[k]) - self.covariance(at - step[k])) / 2e-5 for k in free]
        told = product(v_inverse, self.x)
        projection = v_inverse - product(told @ beta_covariance, told.T)
        projected = [product(projection, m) for m in moves]
        information = 0.5 * np.array([[np.einsum("ij,ji->", a, b) for b in projected] for a in projected])
        uncertainty = np.linalg.pinv(information, hermitian=True) if len(free) else np.zeros((0, 0))
        residual = np.eye(len(self.y)) - pull
        pulled = [product(residual, m) for m in moves]
        added = np.zeros(len(self.y))
        for a, one in enumerate(pulled):
            for b, other in enumerate(pulled):
                added += uncertainty[a, b] * np.einsum("ij,ij->i", product(one, v_inverse), other)
        return added
