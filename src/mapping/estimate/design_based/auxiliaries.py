"""Auxiliary variables of a calibrated design: what the weights were fitted to, and what that takes off a variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import Floats, Ints, column, numbers

__all__ = ["Auxiliary", "Basis", "Block", "Residuals", "Term", "as_terms", "read_basis", "read_residuals"]

_RAKING_CYCLES = 10  # of alternating projections, as in R's svyrecvar


@dataclass(frozen=True, slots=True)
class Term:
    """One margin: the totals of the levels of a crossing of columns, or the total of one numeric column."""

    columns: tuple[str, ...]
    levels: tuple[Any, ...] = ()  # empty: numeric
    totals: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """One calibration of a design: its margins, and the weight columns before and after."""

    terms: tuple[Term, ...]
    before: str | None
    after: str
    unweighted: bool = False  # raking of categorical margins: unweighted projections in turn, as R does them


@dataclass(frozen=True, slots=True, repr=False)
class Block:
    """Columns of an auxiliary matrix that come from one term: a dummy for each level, or one numeric column."""

    codes: Ints  # (rows,)
    size: int
    values: Floats | None = None  # (rows,) of a numeric column; None: 1


@dataclass(frozen=True, slots=True, repr=False)
class Basis:
    """An auxiliary matrix A (rows × columns) held as codes, never written out."""

    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Number of columns."""
        return sum(block.size for block in self.blocks)

    @property
    def slices(self) -> list[slice]:
        """Columns of each block."""
        ends = np.cumsum([block.size for block in self.blocks])
        return [slice(int(end) - block.size, int(end)) for end, block in zip(ends, self.blocks, strict=True)]

    def grouped(self, group: Ints, size: int, values: Floats) -> Floats:
        """(groups, columns) sums of A·values within groups of rows."""
        parts = []
        for block in self.blocks:
            weighted = values if block.values is None else values * block.values
            flat = np.bincount(group * block.size + block.codes, weighted, minlength=size * block.size)
            parts.append(flat.reshape(size, block.size))
        return np.concatenate(parts, axis=1)

    def totals(self, values: Floats) -> Floats:
        """(columns,) A′·values."""
        total: Floats = self.grouped(np.zeros(values.size, np.intp), 1, values)[0]
        return total

    def predict(self, slopes: Floats) -> Floats:
        """(rows,) A·slopes."""
        parts = [
            slopes[inside][block.codes] * (1.0 if block.values is None else block.values)
            for block, inside in zip(self.blocks, self.slices, strict=True)
        ]
        total: Floats = np.sum(parts, axis=0)
        return total

    def cross(self, other: Basis, values: Floats) -> Floats:
        """(columns, columns of other) A′·diag(values)·B."""
        rows = []
        for block in self.blocks:
            weighted = values if block.values is None else values * block.values
            rows.append(other.grouped(block.codes, block.size, weighted))
        return np.concatenate(rows, axis=0)


def read_basis(frame: pd.DataFrame, terms: Sequence[Term], wave: Ints | None = None) -> Basis:
    """The auxiliary matrix of some margins; with `wave` (0 or 1 by row) each wave has columns of its own.

    Raises
    ------
    EstimationError
        If a column is missing in some rows, or holds a level for which no total is given.
    """
    blocks = []
    for term in terms:
        codes, values = _codes(frame, term)
        size = max(len(term.levels), 1)
        if wave is not None:
            codes, size = wave * size + codes, 2 * size
        blocks.append(Block(codes, size, values))
    return Basis(tuple(blocks))


def _codes(frame: pd.DataFrame, term: Term) -> tuple[Ints, Floats | None]:
    if not term.levels:
        values = numbers(frame, term.columns[0])
        if (missing := int(np.isnan(values).sum())) > 0:
            raise EstimationError(
                f"Calibration column {term.columns[0]!r} is missing in {missing} rows. Impute it, or leave it out."
            )
        return np.zeros(len(frame), np.intp), values
    columns = [column(frame, name) for name in term.columns]
    name = " × ".join(term.columns)
    if (missing := int(np.any([c.isna() for c in columns], axis=0).sum())) > 0:
        raise EstimationError(f"Calibration margin {name!r} is missing in {missing} rows. Give them a level.")
    if len(columns) == 1:
        codes = pd.Index(term.levels).get_indexer(pd.Index(columns[0].to_numpy(dtype=object)))
    else:
        rows = pd.MultiIndex.from_arrays([c.to_numpy(dtype=object) for c in columns])
        codes = pd.MultiIndex.from_tuples(term.levels).get_indexer(rows)
    if (unknown := int((codes < 0).sum())) > 0:
        raise EstimationError(
            f"Calibration margin {name!r} has levels without a total in {unknown} rows. Give every level its total."
        )
    return codes.astype(np.intp), None


@dataclass(frozen=True, slots=True, repr=False)
class Residuals:
    """Turns scores of a calibrated design into scores of residuals from its auxiliaries.

    Notes
    -----
    With weights w_k and auxiliaries A_k of the k-th calibration, scores x = wu become x − w_k A_k β_k, where
    β_k are the coefficients of the regression of x/w_k on A_k, weighted by the weights before that
    calibration (for raked categorical margins unweighted, one margin at a time, ten rounds). Calibrations act
    one after the other. For a domain, u is 0 outside it, so that every PSU carries a residual.

    References
    ----------
    Deville & Särndal (1992), JASA 87, 376–382, eq. 3.4; Särndal, Swensson & Wretman (1992), result 6.6.1.
    """

    bases: tuple[Basis, ...]
    after: tuple[Floats, ...]  # weights after each calibration
    shrink: tuple[Floats, ...]  # Ω_k / w_k, 0 where w_k is 0
    cross: Floats  # (all columns, all columns) A_k′ (Ω_k w_j / w_k) A_j
    sweeps: tuple[tuple[slice, Floats], ...]  # columns to fit and the inverse of their cross-products

    def unit_sums(self, unit: Ints, size: int) -> Floats:
        """(units, columns) sums of w_k A_k."""
        return np.concatenate(
            [basis.grouped(unit, size, w) for basis, w in zip(self.bases, self.after, strict=True)], axis=1
        )

    def products(self, cell: Ints, n_cells: int, weighted: Floats) -> Floats:
        """(cells, columns) A_k′ (Ω_k/w_k) times weighted values, by cell."""
        return np.concatenate(
            [
                basis.grouped(cell, n_cells, weighted * s)
                for basis, s in zip(self.bases, self.shrink, strict=True)
            ],
            axis=1,
        )

    def slopes(self, products: Floats) -> Floats:
        """(domains, columns) coefficients, from the products of the scores by domain."""
        beta = np.zeros_like(products)
        for inside, inverse in self.sweeps:
            beta[:, inside] += (products[:, inside] - beta @ self.cross[inside].T) @ inverse.T
        return beta


def read_residuals(
    frame: pd.DataFrame, auxiliaries: Sequence[Auxiliary], wave: Ints | None = None
) -> Residuals:
    """The residual-maker of a calibrated design."""
    bases = tuple(read_basis(frame, auxiliary.terms, wave) for auxiliary in auxiliaries)
    after = tuple(numbers(frame, auxiliary.after) for auxiliary in auxiliaries)
    ones = np.ones(len(frame))
    base = [ones if a.unweighted or a.before is None else numbers(frame, a.before) for a in auxiliaries]
    shrink = tuple(
        np.divide(b, w, out=np.zeros_like(w), where=w > 0) for b, w in zip(base, after, strict=True)
    )
    cross = np.concatenate(
        [
            np.concatenate(
                [bases[k].cross(bases[j], shrink[k] * after[j]) for j in range(len(bases))], axis=1
            )
            for k in range(len(bases))
        ]
    )
    sweeps: list[tuple[slice, Floats]] = []
    start = 0
    for auxiliary, basis in zip(auxiliaries, bases, strict=True):
        whole = slice(start, start + basis.size)
        parts = [slice(start + s.start, start + s.stop) for s in basis.slices] * _RAKING_CYCLES
        chosen = parts if auxiliary.unweighted else [whole]
        sweeps += [(inside, _inverse(cross[inside, inside])) for inside in chosen]
        start += basis.size
    return Residuals(bases, after, shrink, cross, tuple(sweeps))


def _inverse(products: Floats) -> Floats:
    """Generalised inverse of a matrix of cross-products, its columns first brought to one scale."""
    norm = np.sqrt(np.diag(products))
    unit = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
    scale = np.outer(unit, unit)
    inverse: Floats = np.linalg.pinv(products * scale, rcond=1e-12, hermitian=True) * scale
    return inverse


def as_terms(margins: Mapping[Any, Any]) -> tuple[Term, ...]:
    """Margins as terms; see `calibrate` for the forms they come in."""
    terms = []
    for key, value in margins.items():
        columns = key if isinstance(key, tuple) else (key,)
        if isinstance(value, Mapping):
            terms.append(Term(columns, tuple(value), tuple(float(total) for total in value.values())))
        elif len(columns) == 1:
            terms.append(Term(columns, (), (float(value),)))
        else:
            raise EstimationError(
                f"Margin {key!r} crosses columns, so it needs a total for each crossing of levels."
            )
    if not terms:
        raise EstimationError("There are no margins to calibrate to.")
    return tuple(terms)
