"""Tests of independence of two columns under a complex design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import Floats, column, column_codes
from mapping.estimate.design_based.joint import answered_together
from mapping.estimate.design_based.plan import Plan, make_plan
from mapping.estimate.design_based.variables import Variable

__all__ = ["STATISTICS", "IndependenceTest", "chi2"]

_NO_VARIANCE = 1e-12  # a sum of generalised design effects this small is rounding
_NEAR = (1e-5, 1e-9, 1e-13)  # how near to its poles the saddlepoint is looked for
STATISTICS = ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint")


@dataclass(frozen=True, slots=True)
class IndependenceTest:
    """The result of a test of independence.

    Attributes
    ----------
    statistic : Pearson's X² (Chisq, lincom, saddlepoint) or an F
    parameter : degrees of freedom; none for lincom and saddlepoint
    p_value : probability of a larger value under independence
    method : in words
    """

    statistic: float
    parameter: tuple[float, ...]
    p_value: float
    method: str


@dataclass(frozen=True, slots=True, repr=False)
class _Table:
    rows: int
    cols: int
    values: Floats  # (rows · cols,) shares or estimated counts, the row running fastest
    covariance: Floats
    n: int  # rows of the frame, missing or not, as R counts them
    df: int

    @property
    def square(self) -> Floats:
        """(rows, cols) the values."""
        return self.values.reshape(self.cols, self.rows).T


def chi2(
    frame: pd.DataFrame, design: SurveyDesign, rows: str, cols: str, *, statistic: str = "F"
) -> IndependenceTest:
    """A test of independence of two columns.

    Parameters
    ----------
    frame, design
        As in `prevalence`.
    rows, cols : str
        Columns; rows of the frame with a missing value in either are left out.
    statistic : {"F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint"}
        *F*: Rao–Scott second-order correction as an F; *Chisq*: first-order; *Wald*, *adjWald*: Wald test of
        the residuals as an F, the latter with its denominator corrected; *lincom*, *saddlepoint*: the
        distribution of Σ λ_i χ²_i against its estimated scale, by a saddlepoint approximation.

    Raises
    ------
    EstimationError
        If a column has fewer than two levels where the other is known, too many cells are empty, the covariance of
        the Wald tests is singular, or the sample cannot estimate a variance.

    Notes
    -----
    With C the contrasts of interaction orthogonal to the main effects, D = diag(p̂) and V the covariance of
    the p̂, Δ = (C′D⁻¹C/n)⁻¹ C′D⁻¹VD⁻¹C has the generalised design effects λ as its eigenvalues; F = X² / tr Δ
    on (tr Δ)² / tr Δ² and as many times the design's degrees of freedom.

    X² = n Σ(p̂_rc − p̂_r p̂_c)²/(p̂_r p̂_c), with n the rows of the frame, missing or not, as R has it (n cancels from F).
    A level counts where the other column is known and the weight above 0; R counts it wherever it is written, and so
    loses degrees of freedom to an empty level in Chisq, lincom and saddlepoint. F holds its level best where the
    design effects λ differ and PSUs are few; Wald tests reject too often when the degrees of freedom of the design
    are not many times those of the table (Thomas & Rao 1987).

    References
    ----------
    Rao & Scott (1984), Annals of Statistics 12, 46–60; Thomas & Rao (1987), JASA 82, 630–636; Koch, Freeman &
    Freeman (1975), International Statistical Review 43, 59–78; Kuonen (1999), Biometrika 86, 929–935
    (saddlepoint).
    """
    if statistic not in STATISTICS:
        raise ValueError(f"statistic must be one of {', '.join(STATISTICS)}, not {statistic!r}")
    if statistic in {"Wald", "adjWald"}:
        return _wald(_read(frame, design, rows, cols, counts=True), adjusted=statistic == "adjWald")
    return _rao_scott(_read(frame, design, rows, cols, counts=False), statistic)


def _read(frame: pd.DataFrame, design: SurveyDesign, rows: str, cols: str, *, counts: bool) -> _Table:
    plan: Plan = make_plan(frame, design, (), margins=False)
    found = [column_codes(column(frame, name))[0] for name in (rows, cols)]
    known = (found[0] >= 0) & (found[1] >= 0) & (plan.sample.weights > 0)
    cell, sizes = np.zeros(known.sum(), np.intp), []
    for name, codes in zip((cols, rows), reversed(found), strict=True):
        levels, dense = np.unique(codes[known], return_inverse=True)
        if levels.size < 2:
            raise EstimationError(
                f"Column {name!r} has {levels.size} level: independence needs two at least. Levels count where "
                f"the other column is known and the weight above 0."
            )
        cell = cell * levels.size + dense
        sizes.append(levels.size)
    missing, answered = np.flatnonzero(~known), np.flatnonzero(known)
    n_cols, n_rows = sizes
    variables = [
        Variable(str(k), missing, np.empty(0), ones=answered[cell == k], total=counts)
        for k in range(n_rows * n_cols)
    ]
    values, covariance = answered_together(plan, variables)
    return _Table(n_rows, n_cols, values, covariance, len(frame), plan.df_of_design())


def _pearson(table: _Table) -> float:
    p = table.square
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    return float(table.n * ((p - expected) ** 2 / expected).sum())


def _rao_scott(table: _Table, statistic: str) -> IndependenceTest:
    inverse = np.divide(1.0, table.values, out=np.zeros_like(table.values), where=table.values > 0)
    contrasts = _interaction(table.rows, table.cols)
    weighted = inverse[:, None] * contrasts
    simple = contrasts.T @ weighted / table.n
    if np.linalg.matrix_rank(simple, hermitian=True) < simple.shape[0]:
        raise EstimationError("Too many cells of the table are empty: merge sparse levels.")
    delta = np.linalg.solve(simple, weighted.T @ table.covariance @ weighted)
    trace, df = float(np.trace(delta)), contrasts.shape[1]
    if table.df < 1 or not trace > _NO_VARIANCE:
        raise EstimationError(
            "The sample cannot estimate how the table varies: it has no degrees of freedom, or every PSU is alike."
        )
    numerator = trace**2 / float(np.trace(delta @ delta))
    x2 = _pearson(table)
    if statistic == "F":
        f, denominator = x2 / trace, numerator * table.df
        return IndependenceTest(
            f, (numerator, denominator), float(stats.f.sf(f, numerator, denominator)), "Rao–Scott F"
        )
    if statistic == "Chisq":
        return IndependenceTest(
            x2, (float(df),), float(stats.chi2.sf(x2 * df / trace, df)), "Rao–Scott first-order chi-squared"
        )
    weights = np.real(np.linalg.eigvals(delta))
    return IndependenceTest(
        x2, (), _tail(x2, weights, numerator * table.df), "Σλχ², saddlepoint approximation"
    )


def _interaction(rows: int, cols: int) -> Floats:
    """(cells, df) contrasts of interaction, orthogonal to rows and columns; the row running fastest."""

    def deviations(size: int) -> Floats:
        return np.eye(size)[:, 1:] - 1 / size

    contrasts: Floats = np.kron(deviations(cols), deviations(rows)).astype(np.float64)
    return contrasts


def _wald(table: _Table, *, adjusted: bool) -> IndependenceTest:
    """Wald test of the residuals N_rc − N_r N_c / N of the estimated counts, by the delta method."""
    counts = table.square
    total = counts.sum()
    row, col = counts.sum(axis=1) / total, counts.sum(axis=0) / total
    residual = (counts - total * np.outer(row, col)).T.ravel()
    of_row = np.kron(np.ones((1, table.cols)), np.eye(table.rows))
    of_col = np.kron(np.eye(table.cols), np.ones((1, table.rows)))
    slope = np.eye(counts.size) - np.kron(col[:, None], np.eye(table.rows)) @ of_row
    slope += np.outer(row, col).T.reshape(-1, 1) - np.kron(np.eye(table.cols), row[:, None]) @ of_col
    use = np.flatnonzero(np.kron(np.arange(table.cols) > 0, np.arange(table.rows) > 0))
    matrix = (slope @ table.covariance @ slope.T)[np.ix_(use, use)]
    if np.linalg.matrix_rank(matrix, tol=1e-10 * float(np.trace(matrix)), hermitian=True) < use.size:
        raise EstimationError(
            "The covariance of the table is singular: merge sparse levels, or use statistic='F'."
        )
    df = use.size
    f = float(residual[use] @ np.linalg.solve(matrix, residual[use])) / df
    denominator = table.df
    if adjusted:
        denominator = table.df - df + 1
        f *= denominator / table.df
    return IndependenceTest(
        f, (float(df), float(denominator)), float(stats.f.sf(f, df, denominator)), "Wald F of residuals"
    )


def _tail(x: float, weights: Floats, ddf: float) -> float:
    """P(Σ λ_i χ²_1 > x · χ²_ddf/ddf) by the saddlepoint approximation of Kuonen (1999) on the difference."""
    if x <= 0:
        return 1.0
    terms = np.append(weights, -x / ddf)
    times = np.append(np.ones(weights.size), np.floor(ddf + 1e-9))
    terms = terms / np.abs(weights).max()

    def slope(at: float) -> float:
        return float((times * terms / (1 - 2 * at * terms)).sum())

    at = 0.0
    for gap in _NEAR:
        low, high = ((1 - gap) / (2 * extreme) for extreme in (terms.min(), terms.max()))
        if slope(low) < 0 < slope(high):
            at = float(optimize.brentq(slope, low, high, xtol=1e-14))
            break
    if abs(at) < 1e-4:
        spread = float((weights**2).sum() / weights.sum())
        return float(stats.f.sf(x / weights.sum(), weights.sum() / spread, ddf))
    cumulant = -float((times * np.log1p(-2 * at * terms)).sum()) / 2
    curvature = 2 * float((times * terms**2 / (1 - 2 * at * terms) ** 2).sum())
    w = float(np.sign(at)) * np.sqrt(-2 * cumulant)
    v = at * np.sqrt(curvature)
    return float(special.ndtr(-(w + np.log(v / w) / w)))
