"""Deterministic integration over a few regression coefficients and one standard deviation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtri

from mapping.estimate.small_area.sequences import stratified_uniforms

__all__ = ["Nodes", "integrate"]

Array = NDArray[np.float64]


class LogDensity(Protocol):
    """Log density at each row of `beta` (points, coefficients), up to one constant."""

    def __call__(self, beta: Array, tau: float) -> Array: ...


LEGENDRE, SCATTERED = 20, 64  # points in tau, and in several coefficients
SPACING = 0.65  # of points in one coefficient, in standard deviations at its mode
T_DF = 6.0
NEGLIGIBLE = 1e-5  # nodes that carry less than this together are left out


@dataclass(frozen=True, slots=True)
class Nodes:
    """Where a posterior of (beta, tau) is evaluated, and how much probability each node stands for."""

    weights: Array
    beta: Array
    tau: Array


@dataclass(frozen=True, slots=True)
class _Slice:
    """The density in beta at one tau: mode, a square root of the inverse curvature there, log integral."""

    mode: Array
    root: Array
    log_integral: float


def integrate(log_density: LogDensity, start: Array, upper: float) -> Nodes:
    """Quadrature nodes for a density in (beta, tau), 0 < tau < upper, with weights that sum to 1.

    tau: Gauss–Legendre on the interval outside which the density is negligible by Laplace's approximation,
    found by narrowing. beta given tau: for one coefficient equidistant points over the interval that
    matters; for more, a fixed Latin hypercube pushed through a multivariate t distribution around the mode
    and reweighted by the density (importance sampling without randomness).

    Parameters
    ----------
    log_density : callable
        Maps an array (points, coefficients) and a value of tau to log densities (points,), up to one
        constant.
    start : ndarray of shape (coefficients,)
        Where the search for the mode begins.
    upper : float
        End of the range of tau.

    References
    ----------
    Rue, Martino & Chopin (2009), JRSS B 71, 319-392, section 3 (the same nesting, with another grid).
    """
    low, high = 0.0, upper
    for _ in range(6):
        taus, weights = _legendre(low, high)
        slices = _slices(log_density, taus, start)
        relative = np.array([s.log_integral for s in slices])
        inside = np.flatnonzero(relative > relative.max() - 16)
        first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, len(taus) - 1)
        if last - first >= 0.6 * len(taus):
            break
        low, high = (low if first == 0 else taus[first]), (high if last == len(taus) - 1 else taus[last])
    return _collect(log_density, taus, weights, slices)


def _legendre(low: float, high: float) -> tuple[Array, Array]:
    x, w = np.polynomial.legendre.leggauss(LEGENDRE)
    return low + (high - low) * (x + 1) / 2, w * (high - low) / 2


def _slices(log_density: LogDensity, taus: Array, start: Array) -> list[_Slice]:
    slices, at = [], start
    for tau in taus:
        slices.append(_mode(partial(log_density, tau=tau), at))
        at = slices[-1].mode
    return slices


def _mode(log_density: Callable[[Array], Array], start: Array) -> _Slice:
    """Newton's method with numerical derivatives and halved steps, for a nearly concave log density."""
    at = start
    value = float(log_density(at[None, :])[0])
    for _ in range(50):
        gradient, curvature = _derivatives(log_density, at)
        step = np.linalg.solve(curvature, gradient)
        size = min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        for _ in range(30):
            trial = float(log_density((at + size * step)[None, :])[0])
            if trial >= value - 1e-12 * abs(value):
                break
            size /= 2
        at, value, moved = at + size * step, trial, float(np.abs(size * step).max())
        if moved < 1e-6:
            break
    _, curvature = _derivatives(log_density, at)
    eigenvalues, vectors = np.linalg.eigh(curvature)
    root = vectors / np.sqrt(eigenvalues)
    return _Slice(at, root, value - 0.5 * float(np.log(eigenvalues).sum()))


def _derivatives(log_density: Callable[[Array], Array], at: Array) -> tuple[Array, Array]:
    """Gradient and minus the Hessian by central differences; the latter with eigenvalues kept positive."""
    d, h = len(at), 1e-3
    steps = h * np.eye(d)
    i, j = np.triu_indices(d, 1)
    points = np.concatenate(
        [at[None, :], at + steps, at - steps, at + steps[i] + steps[j], at - steps[i] - steps[j]]
    )
    f = log_density(points)
    centre, up, down = f[0], f[1 : d + 1], f[d + 1 : 2 * d + 1]
    both_up, both_down = f[2 * d + 1 : 2 * d + 1 + len(i)], f[2 * d + 1 + len(i) :]
    hessian = np.diag((up - 2 * centre + down) / h**2)
    mixed = (both_up + both_down + 2 * centre - up[i] - down[i] - up[j] - down[j]) / (2 * h**2)
    hessian[i, j] = hessian[j, i] = mixed
    eigenvalues, vectors = np.linalg.eigh(-hessian)
    curvature = (vectors * np.maximum(np.abs(eigenvalues), 1e-4)) @ vectors.T
    return (up - down) / (2 * h), curvature


def _along(log_density: Callable[[Array], Array], at: _Slice) -> tuple[Array, Array]:
    """Equidistant points over the interval outside which the density is negligible, and the log of their distance."""
    top, ends = float(log_density(at.mode[None, :])[0]), []
    for sign in (-1.0, 1.0):
        reach = sign * at.root[0, 0] * np.geomspace(1.0, 64.0, 61)
        fallen = log_density(at.mode[0] + reach[:, None]) < top - 16
        ends.append(at.mode[0] + (reach[int(np.argmax(fallen))] if fallen.any() else reach[-1]))
    points = np.linspace(ends[0], ends[1], 1 + int(np.ceil((ends[1] - ends[0]) / (SPACING * at.root[0, 0]))))
    return points[:, None], np.full(len(points), np.log(points[1] - points[0]))


def _scattered(log_density: Callable[[Array], Array], at: _Slice) -> tuple[Array, Array]:
    """Points of a Latin hypercube pushed through a multivariate t distribution, and minus its log density."""
    d = len(at.mode)
    uniforms = stratified_uniforms(SCATTERED, d + 1, stream=1)
    radius = T_DF / chdtri(T_DF, uniforms[:, -1])
    z = ndtri(uniforms[:, :-1]) * np.sqrt(radius)[:, None]
    log_density_z = -0.5 * (T_DF + d) * np.log1p((z**2).sum(axis=1) / T_DF)
    return at.mode + z @ at.root.T, np.log(np.abs(np.linalg.det(at.root))) - log_density_z


def _collect(log_density: LogDensity, taus: Array, weights: Array, slices: list[_Slice]) -> Nodes:
    nodes = _along if len(slices[0].mode) == 1 else _scattered
    points, log_weights = [], []
    for tau, weight, at in zip(taus, weights, slices, strict=True):
        density = partial(log_density, tau=tau)
        x, log_volume = nodes(density, at)
        points.append(x)
        log_weights.append(density(x) + log_volume + np.log(weight))
    beta, tau_of = np.concatenate(points), np.repeat(taus, [len(x) for x in points])
    log_weight = np.concatenate(log_weights)
    probability = np.exp(log_weight - log_weight.max())
    probability /= probability.sum()
    order = np.argsort(probability, kind="stable")
    keep = np.sort(order[np.cumsum(probability[order]) > NEGLIGIBLE])
    return Nodes(probability[keep] / probability[keep].sum(), beta[keep], tau_of[keep])
