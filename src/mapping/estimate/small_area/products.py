"""Products and inverses of dense matrices that are the same to the last bit on one thread and on many.

A BLAS that shares a product among threads may add in another order than one thread does. It does not share small
ones, so large products are made of those, in an order of their own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["dot", "inverse", "product"]

Array = NDArray[np.float64]

BLOCK = 64  # OpenBLAS shares a product of matrices among threads from 64³ on
SHARED = 9000  # and one with a vector from 9,216 entries on


def product(a: Array, b: Array) -> Array:
    """Two matrices multiplied, block by block."""
    (rows, inner), columns = a.shape, b.shape[1]
    if rows * inner * columns <= BLOCK**3 // 2:
        small: Array = np.ascontiguousarray(a) @ np.ascontiguousarray(b)
        return small
    left, right = _blocks(a), _blocks(b)
    total = np.zeros((left.shape[0], right.shape[1], BLOCK, BLOCK))
    for k in range(left.shape[1]):
        total += left[:, k, None] @ right[None, k]
    made: Array = total.transpose(0, 2, 1, 3).reshape(len(left) * BLOCK, -1)[:rows, :columns]
    return np.ascontiguousarray(made)


def dot(a: Array, b: Array) -> Array:
    """A matrix times a vector, or a vector times a matrix."""
    if a.ndim == 1:
        return dot(b.T, a)
    found: Array = a @ b if a.size <= SHARED else np.einsum("ij,j->i", a, b)
    return found


def inverse(matrix: Array) -> tuple[Array, float]:
    """The inverse of a positive definite matrix and the log of its determinant, by halves."""
    size = len(matrix)
    if size <= BLOCK:
        return np.asarray(np.linalg.inv(matrix)), float(np.linalg.slogdet(matrix)[1])
    half = size // 2
    first, log_first = inverse(matrix[:half, :half])
    across = product(first, matrix[:half, half:])
    last, log_last = inverse(matrix[half:, half:] - product(across.T, matrix[:half, half:]))
    corner = -product(across, last)
    whole = np.block([[first - product(corner, across.T), corner], [corner.T, last]])
    return whole, log_first + log_last


def _blocks(matrix: Array) -> Array:
    """The matrix in squares, filled up with zeros: rows of blocks, columns of blocks, and each block."""
    rows, columns = (-(-size // BLOCK) for size in matrix.shape)
    padded = np.zeros((rows * BLOCK, columns * BLOCK))
    padded[: matrix.shape[0], : matrix.shape[1]] = matrix
    return np.ascontiguousarray(padded.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3))
