"""Hadamard matrices for balanced half-samples."""

from __future__ import annotations

import numpy as np

from mapping.estimate.design_based.codes import Ints

__all__ = ["hadamard"]


def hadamard(more_than: int) -> Ints:
    """A Hadamard matrix of ±1 with a first row and column of 1, of the smallest order above `more_than` we can build.

    Orders 2^k and 2^k (q + 1) with a prime q ≡ 3 (mod 4): Sylvester doubling of Paley's first construction.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, appendix A. Paley (1933), Journal of Mathematics and
    Physics 12, 311–320.

    Examples
    --------
    >>> hadamard(16).shape
    (20, 20)
    """
    order = more_than + 1
    while (matrix := _build(order)) is None:
        order += 1
    normal: Ints = matrix * matrix[:, :1]
    return normal * normal[:1]


def _build(order: int) -> Ints | None:
    if order == 1:
        return np.ones((1, 1), np.intp)
    if order % 4 == 0 and _is_prime(order - 1):
        return _paley(order - 1)
    half = _build(order // 2) if order % 2 == 0 else None
    return None if half is None else np.block([[half, half], [half, -half]])


def _paley(q: int) -> Ints:
    squares = np.unique(np.arange(q) ** 2 % q)
    character = np.full(q, -1, np.intp)
    character[squares] = 1
    character[0] = 0
    jacobsthal = character[np.subtract.outer(np.arange(q), np.arange(q)) % q]
    skew = np.zeros((q + 1, q + 1), np.intp)
    skew[0, 1:], skew[1:, 0], skew[1:, 1:] = 1, -1, jacobsthal
    return skew + np.eye(q + 1, dtype=np.intp)


def _is_prime(odd: int) -> bool:
    return all(odd % divisor for divisor in range(3, odd, 2))
