"""The area-level model whose area effects follow a simultaneous autoregression over neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array, diags_array, eye_array
from scipy.sparse.linalg import SuperLU

from mapping.errors import EstimationError
from mapping.estimate.small_area.factor import elimination_order, factorise
from mapping.estimate.small_area.fay_herriot import FayHerriot, checked
from mapping.estimate.small_area.newton import highest
from mapping.estimate.small_area.products import dot, inverse, product

__all__ = ["SpatialFayHerriot", "proximities", "spatial_fay_herriot"]

Array = NDArray[np.float64]

MOST_RHO = 0.999
SINGULAR = 1e-10  # determinant of the information over the product of its diagonal
DECADES = 6.0  # sigma² lies within so many decades of the sampling variances


@dataclass(frozen=True, slots=True)
class SpatialFayHerriot(FayHerriot):
    """A fitted spatial area-level model; `rho` is the autoregression, `gamma` the weight of an area's own estimate."""

    rho: float = 0.0


def spatial_fay_herriot(
    direct: ArrayLike, variance: ArrayLike, X: ArrayLike, W: ArrayLike, *, method: str = "reml"
) -> SpatialFayHerriot:
    r"""Spatial empirical best linear unbiased predictions and their mean squared errors.

    Parameters
    ----------
    direct, variance, X
        As in `fay_herriot`; an area without a direct estimate is predicted from covariates and neighbours.
    W : array_like or sparse array of shape (areas, areas)
        Proximities, rows summing to 1 (or to 0 for an island); the diagonal is 0.
    method : {"reml", "ml"}

    Returns
    -------
    SpatialFayHerriot
        A note says when the autoregression or the variance was held at its bound: |rho| at most 0.999.

    Raises
    ------
    EstimationError
        If `W` is not a row-standardised proximity matrix of these areas, or as in `fay_herriot`.

    Notes
    -----
    :math:`y = X\beta + u + e` with :math:`u = \rho Wu + \varepsilon`, so that :math:`u` has precision
    :math:`(I-\rho W)^\top(I-\rho W)/\sigma^2`. The likelihood is evaluated with sparse factors of that
    precision and searched on a grid, then by Newton's method in :math:`\log\sigma^2` and
    :math:`\operatorname{atanh}\rho`. The MSE is :math:`g_1 + g_2 + 2g_3 - g_4`, for ML less its bias term.

    References
    ----------
    Pratesi & Salvati (2008), Statistical Methods and Applications 17, 113-141. Singh, Shukla & Kundu (2005),
    Survey Methodology 31, 183-195 (MSE). Molina, Salvati & Pratesi (2009), Computational Statistics 24,
    441-458.
    """
    if method not in {"reml", "ml"}:
        raise EstimationError(f"method must be 'reml' or 'ml', not {method!r}.")
    y, d, x = checked(direct, variance, X)
    likelihood = _Likelihood(y, d, x, proximities(W, len(y)), restricted=method == "reml")
    at, notes = _highest(likelihood)
    return _predicted(likelihood, at, method, notes)


def proximities(W: ArrayLike, areas: int) -> csc_array:
    """`W` as a sparse matrix, if its rows sum to 1 (0 for an island) and its diagonal is 0."""
    matrix = csc_array(W)
    if matrix.shape != (areas, areas) or not np.isfinite(matrix.data).all():
        raise EstimationError(f"W must be {areas} x {areas} finite proximities; it is {matrix.shape}.")
    rows = np.asarray(matrix.sum(axis=1)).ravel()
    standardised = np.isclose(rows, 1, atol=1e-4) | (rows == 0)
    if (matrix.data < 0).any() or np.abs(matrix.diagonal()).max() > 0 or not standardised.all():
        raise EstimationError(
            "the rows of W must sum to 1 (0 for an island), with no negative entry and a zero diagonal."
        )
    return matrix


class _Likelihood:
    """The (restricted) profile log-likelihood in (log sigma², atanh rho)."""

    def __init__(self, y: Array, d: Array, x: Array, w: csc_array, *, restricted: bool) -> None:
        self.y, self.d, self.x, self.w, self.restricted = y, d, x, w, restricted
        self.known = ~np.isnan(y)
        self.information = np.where(self.known, 1 / np.where(self.known, d, 1), 0.0)
        self.both = np.column_stack([np.where(self.known, y, 0.0), x])
        parts = [csc_array(eye_array(len(y))), csc_array(w + w.T), csc_array(w.T @ w)]
        pattern = csc_array(sum(abs(part) for part in parts))
        self.order = elimination_order(pattern)
        pattern.data[:] = 1e-300  # kept in every sum below, so that all have one pattern
        arranged = [csc_array(csc_array(part + pattern)[self.order][:, self.order]) for part in parts]
        for part in arranged:
            part.sort_indices()
        self.parts = arranged
        self._prior_log_determinant = lru_cache(maxsize=64)(
            lambda rho: _log_determinant(factorise(self.effects(rho)))
        )

    def effects(self, rho: float) -> csc_array:
        """(I − ρW)'(I − ρW) in the order of elimination."""
        one, both, square = self.parts
        return csc_array(
            (one.data - rho * both.data + rho**2 * square.data, one.indices, one.indptr), shape=one.shape
        )

    def __call__(self, point: Array) -> float:
        sigma2, rho = float(np.exp(point[0])), float(np.tanh(point[1]))
        logs = len(self.y) * float(point[0]) - self._prior_log_determinant(rho)
        effects = self.effects(rho)
        effects.data /= sigma2
        made = factorise(csc_array(effects + diags_array(self.information[self.order])))
        logs += _log_determinant(made) + float(np.log(self.d[self.known]).sum())
        right = self.both * self.information[:, None]
        solved = np.empty_like(right)
        solved[self.order] = made.solve(np.ascontiguousarray(right[self.order]))
        weighted = right - self.information[:, None] * solved  # V⁻¹ (y, X)
        cross = self.both.T @ weighted
        beta = np.linalg.solve(cross[1:, 1:], cross[1:, 0])
        if self.restricted:
            logs += float(np.linalg.slogdet(cross[1:, 1:])[1])
        quadratic = float(cross[0, 0] - beta @ cross[1:, 0])
        return -0.5 * (float(self.known.sum()) * float(np.log(2 * np.pi)) + logs + quadratic)


def _log_determinant(made: SuperLU) -> float:
    return float(np.log(made.U.diagonal()).sum())


def _highest(likelihood: _Likelihood) -> tuple[Array, tuple[str, ...]]:
    """Where the likelihood is highest within bounds, and what to say about it."""
    scale = float(np.log(likelihood.d[likelihood.known]).mean())
    reach = DECADES * np.log(10)
    low = np.array([scale - reach, -np.arctanh(MOST_RHO)])
    high = np.array([scale + reach, np.arctanh(MOST_RHO)])
    grid = [np.array([scale + s, r]) for s in (-4.0, -1.5, 0.5, 3.0) for r in (-0.8, 0.0, 0.6, 1.4)]
    at = highest(likelihood, grid, low, high)
    notes = []
    if at[0] <= low[0]:
        notes.append("The variance between areas is estimated as 0: every area gets its prediction.")
    if not likelihood.w.nnz:
        notes.append("No area has a neighbour: the autoregression is not told by these data.")
    if abs(at[1]) >= high[1]:
        notes.append(f"The autoregression was held at {np.sign(at[1]) * MOST_RHO:.3f}, the end of its range.")
    return at, tuple(notes)


def _predicted(likelihood: _Likelihood, at: Array, method: str, notes: tuple[str, ...]) -> SpatialFayHerriot:
    """Predictions and MSE with dense matrices."""
    sigma2, rho = float(np.exp(at[0])), float(np.tanh(at[1]))
    known, x = likelihood.known, likelihood.x
    shape = np.empty((len(x), len(x)))  # covariance of the effects, over sigma²
    shape[np.ix_(likelihood.order, likelihood.order)] = inverse(likelihood.effects(rho).toarray())[0]
    v_inverse = inverse(sigma2 * shape[np.ix_(known, known)] + np.diag(likelihood.d[known]))[0]
    beta_covariance = np.asarray(np.linalg.inv(x[known].T @ product(v_inverse, x[known])), dtype=float)
    beta = beta_covariance @ (x[known].T @ dot(v_inverse, likelihood.y[known]))
    residual = np.eye(len(x))  # how an area's error depends on all effects
    residual[np.ix_(known, known)] = (
        likelihood.d[known][:, None] * v_inverse
    )  # I − σ² shape V⁻¹, nothing cancelled
    residual[np.ix_(~known, known)] = -sigma2 * product(shape[np.ix_(~known, known)], v_inverse)
    pull = (np.eye(len(x)) - residual)[:, known]
    estimate = x @ beta + dot(pull, likelihood.y[known] - x[known] @ beta)
    left = x - product(pull, x[known])
    g1 = sigma2 * np.einsum("ij,ij->i", residual, shape)
    g2 = np.einsum("ip,pq,iq->i", left, beta_covariance, left)
    added, apart = _Added(
        likelihood, sigma2, rho, shape, v_inverse, residual, beta_covariance, not notes
    ).terms(method)
    if not apart:
        notes = (
            *notes,
            "These data do not tell the autoregression from the variance: its MSE takes it as known.",
        )
    gamma = np.zeros(len(x))
    gamma[known] = np.diag(pull[known])
    # the bias term is an expansion; where it would eat half of what is certain, it is not to be trusted
    mse = g1 + g2 + np.where(added > -0.5 * (g1 + g2), added, 0)
    value = likelihood(at)
    return SpatialFayHerriot(
        estimate, mse, beta, beta_covariance, sigma2, gamma, value, estimate, mse, method, None, notes, rho
    )


@dataclass(frozen=True)
class _Added:
    """What estimating sigma² and rho adds to the MSE: 2 g3 − g4, for ML less its bias term."""

    likelihood: _Likelihood
    sigma2: float
    rho: float
    shape: Array
    v_inverse: Array
    residual: Array
    beta_covariance: Array
    rho_told: bool

    def terms(self, method: str) -> tuple[Array, bool]:
        """By area, and whether the two could be told apart. What the data do not tell of is taken as known."""
        likelihood, w = self.likelihood, self.likelihood.w
        known = likelihood.known
        slope, square = csc_array(2 * self.rho * (w.T @ w) - w - w.T), csc_array(w.T @ w)
        by_sigma2 = product(self.residual, self.shape)
        by_rho = -self.sigma2 * product(by_sigma2 @ slope, self.shape)
        moved = [by_sigma2, by_rho]  # residual times the derivatives of the effects' covariance
        uncertainty, trace, apart = self._uncertainty([m[np.ix_(known, known)] for m in moved])
        weighed = [product(m[:, known], self.v_inverse) for m in moved]
        g3 = sum(
            uncertainty[a, b] * np.einsum("ik,ik->i", weighed[a], moved[b][:, known])
            for a in range(2)
            for b in range(2)
        )
        twice = -2 * (
            by_rho @ slope + self.sigma2 * (by_sigma2 @ square)
        )  # times shape; residual @ shape is by_sigma2
        g4 = uncertainty[0, 1] / self.sigma2 * np.einsum("ij,ij->i", by_rho, self.residual)
        g4 += 0.5 * uncertainty[1, 1] * np.einsum("ij,ij->i", twice, by_sigma2)
        added = 2 * g3 - g4
        if method == "ml":
            bias = -0.5 * uncertainty @ trace
            for b, m in zip(bias, moved, strict=True):
                added = added - b * np.einsum("ij,ij->i", m, self.residual)
        return np.asarray(added, dtype=float), apart

    def _uncertainty(self, moved: list[Array]) -> tuple[Array, Array, bool]:
        """Covariance of (sigma², rho), the traces of the ML bias, and whether the information is not singular.

        The rows of V⁻¹ are residual / D.
        """
        known = self.likelihood.known
        x, d = self.likelihood.x[known], self.likelihood.d[known]
        inner = [m / d[:, None] for m in moved]  # V⁻¹ times the derivatives
        spread = product(self.v_inverse, x) @ self.beta_covariance
        projected = [m - product(spread, product(x.T, m)) for m in inner]
        information = 0.5 * np.array([[(a * b.T).sum() for b in projected] for a in projected])
        trace = np.array([np.einsum("pj,jp->", product(x.T, m), spread) for m in inner])
        uncertainty = np.zeros((2, 2))
        determinant = information[0, 0] * information[1, 1] - information[0, 1] ** 2
        apart = bool(determinant > SINGULAR * information[0, 0] * information[1, 1])
        if self.rho_told and apart:
            return np.asarray(np.linalg.inv(information)), trace, True
        uncertainty[0, 0] = 1 / information[0, 0]
        return uncertainty, trace, apart or not self.rho_told
