"""Sparse Cholesky factors, by SuperLU kept to the diagonal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import SuperLU, splu

from mapping.errors import EstimationError

__all__ = ["elimination_order", "factorise"]

OPTIONS = {"SymmetricMode": True, "Equil": False}


def elimination_order(pattern: csc_array) -> NDArray[np.intp]:
    """An order that keeps the factor of a symmetric matrix sparse: entry k is the unknown eliminated k-th."""
    size = pattern.shape[0]
    ones = csc_array((np.ones(pattern.nnz), pattern.indices, pattern.indptr), shape=pattern.shape)
    dominant = csc_array(ones + diags_array(np.full(size, 2.0 * size)))
    made = splu(dominant, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=OPTIONS)
    order: NDArray[np.intp] = np.argsort(made.perm_c)
    return order


def factorise(matrix: csc_array) -> SuperLU:
    """L and U = DL' of a positive definite matrix that is already in the order of elimination.

    Raises
    ------
    EstimationError
        If rows would have to change places, which a positive definite matrix never needs.
    """
    made = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0, options=OPTIONS)
    if (made.perm_c != np.arange(matrix.shape[0])).any() or (made.perm_r != made.perm_c).any():
        raise EstimationError("the precision of the effects is not positive definite: check covariates.")
    return made
