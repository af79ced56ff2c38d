"""Entries of the inverse of a sparse matrix where its factor has entries: variances of a large field, quickly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.sparse.linalg import SuperLU

from mapping.estimate.small_area.products import dot

__all__ = ["SelectedInverse"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class SelectedInverse:
    """The inverse of LDL' at the pattern of L, for many matrices of one pattern.

    Parameters
    ----------
    pattern : csc_array
        A symmetric matrix in the order of elimination; its values do not matter.

    Notes
    -----
    With s the rows below the diagonal of column j of L, :math:`Z_{sj} = -Z_{ss}l_j` and
    :math:`Z_{jj} = 1/d_j - l_j'Z_{sj}`, from the last column to the first; fill-in guarantees that the
    pattern holds every entry needed.

    References
    ----------
    Takahashi, Fagan & Chin (1973), 8th PICA Conference. Rue & Martino (2007), J. Statistical Planning and
    Inference 137, 3177-3192.
    """

    def __init__(self, pattern: csc_array) -> None:
        self.size = pattern.shape[0]
        below = _fill(pattern)
        self._start = np.concatenate([[0], np.cumsum([1 + len(rows) for rows in below])])
        row = np.concatenate([np.concatenate([[j], rows]) for j, rows in enumerate(below)])
        column = np.repeat(np.arange(self.size), np.diff(self._start))
        self._keys = column * self.size + row
        self._gather = [self._pairs(rows) for rows in below]

    def _pairs(self, rows: Index) -> Index:
        """Where the entries (rows, rows) are kept, as a square."""
        a, b = np.meshgrid(rows, rows, indexing="ij")
        return self.where(a.ravel(), b.ravel()).reshape(a.shape)

    def where(self, i: Index, j: Index) -> Index:
        """Where the entries (i, j) are kept in what `entries` returns."""
        keys = np.minimum(i, j) * self.size + np.maximum(i, j)
        found: Index = np.searchsorted(self._keys, keys)
        if (self._keys[np.minimum(found, len(self._keys) - 1)] != keys).any():
            raise ValueError("an entry of the inverse was asked for that the pattern does not hold")
        return found

    def entries(self, made: SuperLU) -> Array:
        """Entries of the inverse of the matrix that was factorised, at the places that `where` gives."""
        lower, diagonal = made.L, made.U.diagonal()
        column = np.repeat(np.arange(self.size), np.diff(lower.indptr))
        factor = np.zeros(len(self._keys))
        factor[np.searchsorted(self._keys, column * self.size + lower.indices)] = lower.data
        inverse = np.zeros(len(self._keys))
        start = self._start.tolist()
        for j in range(self.size - 1, -1, -1):
            first, end = start[j], start[j + 1]
            below = factor[first + 1 : end]
            covariance = dot(inverse[self._gather[j]], below)
            inverse[first + 1 : end] = -covariance
            inverse[first] = 1 / diagonal[j] + below @ covariance
        return inverse


def _fill(pattern: csc_array) -> list[Index]:
    """Rows below the diagonal of each column of the factor: those of the matrix and of the columns that feed it."""
    fed: list[list[Index]] = [[] for _ in range(pattern.shape[0])]
    below = []
    for j in range(pattern.shape[0]):
        own = pattern.indices[pattern.indptr[j] : pattern.indptr[j + 1]]
        rows = np.unique(np.concatenate([own[own > j], *fed[j]])).astype(np.intp)
        rows = rows[rows > j]
        below.append(rows)
        fed[j] = []
        if len(rows):
            fed[rows[0]].append(rows)
    return below
