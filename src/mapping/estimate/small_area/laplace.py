"""Laplace's approximation of a latent Gaussian field under linear constraints, with sparse factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.linalg import SuperLU

from mapping.estimate.small_area.factor import elimination_order, factorise
from mapping.estimate.small_area.likelihood import Likelihood
from mapping.estimate.small_area.products import dot, product
from mapping.estimate.small_area.selected_inverse import SelectedInverse

__all__ = ["Field", "Mode"]

Array = NDArray[np.float64]

STEPS = 50
TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Mode:
    """The field where the posterior is highest, given scales, and the Gaussian there.

    `log_evidence` is the log integral of likelihood times prior over the constrained field, by Laplace.
    """

    x: Array
    eta: Array
    factor: SuperLU
    order: NDArray[np.intp]
    spread: Array  # H⁻¹C'
    inner: Array  # (C H⁻¹ C')⁻¹
    constraints: Array
    design: csr_array
    log_evidence: float

    def solve(self, right: Array) -> Array:
        """Covariance times `right`, the constraints taken into account."""
        solved = np.empty_like(right)
        solved[self.order] = self.factor.solve(np.ascontiguousarray(right[self.order]))
        return self.held(solved)

    def held(self, x: Array) -> Array:
        """`x` moved on to the constraints, along the covariance."""
        if not len(self.constraints):
            return x
        moved: Array = x - self.spread @ (self.inner @ _of_constraints(self.constraints, x))
        return moved


class Field:
    """A field x with prior precision Q, seen through rows of linear predictors A diag(scale) x.

    Patterns and the order of elimination are worked out once; each value of `scale` then costs a few
    factorisations.

    Parameters
    ----------
    precision : csc_array of shape (latent, latent)
        Prior precision, at unit scales.
    design : csr_array of shape (rows, latent)
        At unit scales.
    constraints : ndarray of shape (constraints, latent)
        The field is held at constraints @ x = 0.
    likelihood : Likelihood
        Of the rows of `design`.
    also : csr_array of shape (any, latent), optional
        Further rows whose variances will be asked for.
    """

    def __init__(
        self,
        precision: csc_array,
        design: csr_array,
        constraints: Array,
        likelihood: Likelihood,
        also: csr_array | None = None,
    ) -> None:
        self.precision, self.design, self.constraints = precision, design, constraints
        self.likelihood = likelihood
        size = precision.shape[0]
        first, second = likelihood.entries()
        i, j, values, entry = _outer(csr_array(design[first]), csr_array(design[second]))
        q = coo_array(precision)
        asked = design[:0] if also is None else also
        row_also, col_also, _, _ = _outer(asked, asked)
        keys = np.unique(np.concatenate([q.col * size + q.row, j * size + i, col_also * size + row_also]))
        pattern = coo_array((np.ones(len(keys)), (keys % size, keys // size)), shape=(size, size))
        self._order = elimination_order(csc_array(pattern))
        place = np.empty(size, dtype=np.intp)
        place[self._order] = np.arange(size)
        row, col = place[keys % size], place[keys // size]
        sort = np.lexsort((row, col))
        where = np.empty(len(keys), dtype=np.intp)
        where[sort] = np.arange(len(keys))
        self._row, self._col = (keys % size)[sort], (keys // size)[sort]
        self._indices = row[sort].astype(np.int32)
        self._indptr = np.searchsorted(col[sort], np.arange(size + 1)).astype(np.int32)
        self._selected = SelectedInverse(
            csc_array((np.ones(len(keys)), self._indices, self._indptr), shape=precision.shape)
        )
        self._place = place
        self._fixed = np.zeros(len(keys))
        self._fixed[where[np.searchsorted(keys, q.col * size + q.row)]] = q.data
        self._map = csr_array(
            coo_array(
                (values, (where[np.searchsorted(keys, j * size + i)], entry)),
                shape=(len(keys), entry.max() + 1),
            )
        )

    def mode(self, scale: Array, start: Array) -> Mode:
        """The constrained mode by Newton's method with Fisher's information, steps halved where they do not climb."""
        design = csr_array(self.design * scale[None, :])
        x, value = start, self._height(design, start)
        for _ in range(STEPS):
            eta = design @ x
            made = self._factor(scale, eta, design)
            information = self._information_times(eta, eta)
            target = made.solve(design.T @ (information + self.likelihood.slope(eta)))
            size, step = 1.0, target - x
            while (trial := self._height(design, x + size * step)) < value - 1e-10 * abs(
                value
            ) and size > 1e-6:
                size /= 2
            x, value = x + size * step, trial
            if np.abs(design @ (size * step)).max() < TOLERANCE:
                break
        return self._evidence(self._factor(scale, design @ x, design), x, value)

    def covariances(self, at: Mode, *pairs: tuple[csr_array, csr_array]) -> list[Array]:
        """For each pair of matrices, the covariance of left[r] @ x and right[r] @ x for each row r.

        The unknowns of left[r] and right[r] must meet in the pattern: in a row of the design, or of `also`.
        """
        inverse = self._selected.entries(at.factor)
        found = []
        for left, right in pairs:
            i, j, product, row = _outer(left, right)
            values = inverse[self._selected.where(self._place[i], self._place[j])] * product
            total = np.asarray(np.bincount(row, values, minlength=left.shape[0]), dtype=float)
            found.append(total - np.einsum("rc,cd,rd->r", left @ at.spread, at.inner, right @ at.spread))
        return found

    def _height(self, design: csr_array, x: Array) -> float:
        return self.likelihood.value(design @ x) - 0.5 * float((x * (self.precision @ x)).sum())

    def _information_times(self, eta: Array, vector: Array) -> Array:
        first, second = self.likelihood.entries()
        weighted = self.likelihood.information(eta) * vector[second]
        return np.asarray(np.bincount(first, weighted, minlength=len(eta)), dtype=float)

    def _factor(self, scale: Array, eta: Array, design: csr_array) -> Mode:
        data = (
            self._fixed + (self._map @ self.likelihood.information(eta)) * scale[self._row] * scale[self._col]
        )
        matrix = csc_array((data, self._indices, self._indptr), shape=self.precision.shape)
        factor = factorise(matrix)
        spread, inner = np.zeros((len(scale), 0)), np.zeros((0, 0))
        if len(self.constraints):
            spread = np.empty((len(scale), len(self.constraints)))
            spread[self._order] = factor.solve(np.ascontiguousarray(self.constraints.T[self._order]))
            inner = np.asarray(np.linalg.inv(product(self.constraints, spread)))
        return Mode(np.zeros(0), eta, factor, self._order, spread, inner, self.constraints, design, 0.0)

    def _evidence(self, at: Mode, x: Array, value: float) -> Mode:
        log_det = float(np.log(np.abs(at.factor.U.diagonal())).sum())
        if len(self.constraints):
            log_det -= float(np.linalg.slogdet(at.inner)[1])
        return Mode(
            x,
            at.eta,
            at.factor,
            at.order,
            at.spread,
            at.inner,
            at.constraints,
            at.design,
            value - 0.5 * log_det,
        )


def _of_constraints(constraints: Array, x: Array) -> Array:
    return dot(constraints, x) if x.ndim == 1 else product(constraints, x)


def _padded(rows: csr_array) -> tuple[NDArray[np.intp], Array, NDArray[np.bool_]]:
    """Columns and values of each row as rectangles, and which places of them are used."""
    counts = np.diff(rows.indptr)
    inside = np.arange(counts.max(initial=0))[None, :] < counts[:, None]
    column, value = np.zeros(inside.shape, dtype=np.intp), np.zeros(inside.shape)
    column[inside], value[inside] = rows.indices, rows.data
    return column, value, inside


def _outer(
    left: csr_array, right: csr_array
) -> tuple[NDArray[np.intp], NDArray[np.intp], Array, NDArray[np.intp]]:
    """Entries of left[r]' right[r] for each row r: row, column, value, r."""
    (i, a, used), (j, b, used_too) = _padded(left), _padded(right)
    shape = (len(i), i.shape[1], j.shape[1])
    where = used[:, :, None] & used_too[:, None, :]
    rows = np.broadcast_to(np.arange(len(i))[:, None, None], shape)
    return (
        np.broadcast_to(i[:, :, None], shape)[where],
        np.broadcast_to(j[:, None, :], shape)[where],
        (a[:, :, None] * b[:, None, :])[where],
        rows[where],
    )
