"""The highest point of a smooth function of a few bounded numbers, by Newton's method with numerical derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["highest"]

Array = NDArray[np.float64]

STEP, MOVED, LONGEST = 2e-3, 1e-9, 1.0


def highest(function: Callable[[Array], float], starts: Sequence[Array], low: Array, high: Array) -> Array:
    """Where `function` is highest between `low` and `high`, climbing from the best of `starts`.

    Parameters are on scales where one is a long way (a logarithm, an inverse hyperbolic tangent). Steps are
    halved until they climb; a parameter that is pushed against its bound stays there.
    """
    at = max(starts, key=function)
    value = function(at)
    for _ in range(200):
        gradient, curvature = _derivatives(function, at)
        free = ~(((at <= low) & (gradient < 0)) | ((at >= high) & (gradient > 0)))
        step = np.zeros_like(at)
        if free.any():
            step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        step *= min(1.0, LONGEST / max(float(np.abs(step).max()), 1e-300))
        while (trial := function(np.clip(at + step, low, high))) < value and np.abs(step).max() > 1e-10:
            step /= 2
        moved = np.clip(at + step, low, high) - at
        at, value = at + moved, max(value, trial)
        if np.abs(moved).max() < MOVED:
            break
    return at


def _derivatives(function: Callable[[Array], float], at: Array) -> tuple[Array, Array]:
    """Gradient (fourth order) and minus the Hessian by central differences, the latter made positive definite."""
    steps = STEP * np.eye(len(at))
    centre = function(at)
    one = [(function(at + s), function(at - s)) for s in steps]
    two = [(function(at + 2 * s), function(at - 2 * s)) for s in steps]
    gradient = np.array(
        [(8 * (a - b) - (c - e)) / (12 * STEP) for (a, b), (c, e) in zip(one, two, strict=True)]
    )
    hessian = np.diag([(a + b - 2 * centre) / STEP**2 for a, b in one])
    for i in range(len(at)):
        for j in range(i):
            both = function(at + steps[i] + steps[j]) + function(at - steps[i] - steps[j])
            mixed = (both + 2 * centre - sum(one[i]) - sum(one[j])) / (2 * STEP**2)
            hessian[i, j] = hessian[j, i] = mixed
    eigenvalues, vectors = np.linalg.eigh(-hessian)
    return gradient, (vectors * np.maximum(np.abs(eigenvalues), 1e-6)) @ vectors.T
