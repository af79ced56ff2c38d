"""Numbers that fill the unit interval evenly, the same on every machine and in every version of numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["even_nodes", "stratified_uniforms"]

Array = NDArray[np.float64]


def _mixed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014), a bijection that scatters integers."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def stratified_uniforms(points: int, columns: int, *, stream: int = 0) -> Array:
    """A Latin hypercube: in each column the midpoints of `points` equal intervals, in an order of its own.

    The orders come from a hash of (stream, column, row), not from a generator, so that two rebuilds, two
    machines and two versions of numpy give the same numbers. Averages over the rows stand for expectations;
    for a function of one column the error is that of the midpoint rule.

    Parameters
    ----------
    points, columns : int
        Shape of the result.
    stream : int
        Different streams give orders that have nothing to do with each other.

    Returns
    -------
    ndarray of shape (points, columns)
        Numbers strictly between 0 and 1.

    References
    ----------
    McKay, Beckman & Conover (1979), Technometrics 21, 239-245.

    Examples
    --------
    >>> u = stratified_uniforms(4, 2)
    >>> sorted(u[:, 1].tolist())
    [0.125, 0.375, 0.625, 0.875]
    """
    golden = np.uint64(0x9E3779B97F4A7C15)
    row, column = np.arange(1, points + 1, dtype=np.uint64), np.arange(1, columns + 1, dtype=np.uint64)
    seeds = _mixed((column + np.uint64(stream) * np.uint64(1 << 32)) * golden)
    keys = _mixed(seeds[None, :] + row[:, None] * golden)
    found = np.empty((points, columns))
    middles = np.broadcast_to(((np.arange(points) + 0.5) / points)[:, None], keys.shape)
    np.put_along_axis(found, np.argsort(keys, axis=0), middles, axis=0)  # no two keys of a column are equal
    return found


def even_nodes(weights: Array, points: int) -> NDArray[np.intp]:
    """The node of each of `points` draws: node k is drawn points * weights[k] times, give or take one.

    Examples
    --------
    >>> even_nodes(np.array([0.5, 0.25, 0.25]), 4).tolist()
    [0, 0, 1, 2]
    """
    ends = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(ends, (np.arange(points) + 0.5) / points), len(weights) - 1)
