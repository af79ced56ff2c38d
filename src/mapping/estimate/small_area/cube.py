"""Integration of a smooth density over a few hyperparameters, each given as a probability under its prior."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

__all__ = ["cube_nodes"]

Array = NDArray[np.float64]

DROP = 9.0  # a log density this far below the highest is negligible
COARSE = 5


def cube_nodes(log_density: Callable[[Array], float], points: Sequence[int]) -> tuple[Array, Array]:
    """Nodes in the unit cube and the log of their quadrature weights, where the density is not negligible.

    The box is narrowed axis by axis, on a coarse Gauss–Legendre grid, until no axis loses more than a third;
    the final grid has `points` nodes along each axis. `log_density` is then evaluated by the caller, who may
    do so with more care than was needed to find the box.

    Parameters
    ----------
    log_density : callable
        Maps a point (axes,) to a log density.
    points : sequence of int
        Number of nodes along each axis.

    Returns
    -------
    nodes : ndarray of shape (nodes, axes)
    log_weights : ndarray of shape (nodes,)
    """
    box = np.tile([0.0, 1.0], (len(points), 1))
    for _ in range(6):
        nodes, _ = _grid(box, [COARSE] * len(points))
        height = np.array([log_density(node) for node in nodes]).reshape([COARSE] * len(points))
        narrowed = np.array([_range(height, axis, box[axis]) for axis in range(len(points))])
        shrunk = np.ptp(narrowed, axis=1) / np.ptp(box, axis=1)
        box = narrowed
        if (shrunk > 0.6).all():
            break
    return _grid(box, points)


def _grid(box: Array, points: Sequence[int]) -> tuple[Array, Array]:
    axes = []
    for (low, high), count in zip(box, points, strict=True):
        x, w = np.polynomial.legendre.leggauss(count)
        axes.append((low + (high - low) * (x + 1) / 2, np.log(w * (high - low) / 2)))
    nodes = np.array(list(product(*(x for x, _ in axes))))
    log_weights = np.array([sum(w) for w in product(*(w for _, w in axes))])
    return nodes, log_weights


def _range(height: Array, axis: int, box: Array) -> Array:
    """The part of one axis outside which every point of the coarse grid is negligible."""
    profile = height.max(axis=tuple(other for other in range(height.ndim) if other != axis))
    x, _ = _grid(box[None, :], [COARSE])
    inside = np.flatnonzero(profile > profile.max() - DROP)
    low = box[0] if inside[0] == 0 else float(x[inside[0] - 1, 0])
    high = box[1] if inside[-1] == COARSE - 1 else float(x[inside[-1] + 1, 0])
    return np.array([low, high])
