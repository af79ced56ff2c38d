"""Estimates in all domains with their linearised variances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mapping.errors import EstimationError
from mapping.estimate.design_based.auxiliaries import Residuals
from mapping.estimate.design_based.codes import Floats, sums
from mapping.estimate.design_based.plan import Plan
from mapping.estimate.design_based.tally import Answers
from mapping.estimate.design_based.variables import Variable

__all__ = ["Linear", "estimate", "pair_scores", "stack"]


_StageScores = tuple[int, list[Floats]]

_ROUNDING = 1e-14  # a design effect this small is a variance of 0 that was rounded


@dataclass(frozen=True, slots=True, repr=False)
class Linear:
    """Estimates of one variable, each array over all domains."""

    answers: Answers
    estimate: Floats  # NaN without an answer
    variances: Floats  # (stages, domains)
    srs_variance: Floats  # under simple random sampling with replacement, as R's deff="replace"

    @property
    def variance(self) -> Floats:
        """Sum over stages."""
        total: Floats = self.variances.sum(axis=0)
        return total

    @property
    def unrounded(self) -> Floats:
        """(domains,) the variance, 0 where it is one only by rounding."""
        return np.where(self.variance < _ROUNDING * self.srs_variance, 0.0, self.variance)


def estimate(plan: Plan, variable: Variable) -> Linear:
    """Estimates of a variable and their variances.

    Notes
    -----
    A ratio R = Σwy/Σwx (a mean: x = 1) has scores z = w(y − Rx)/Σwx, a total z = wy; the variance of the
    estimate is that of Σz (Binder 1983). Scores of a calibrated design are residuals (see `auxiliaries`).
    """
    answers = plan.tally.answers(variable)
    if plan.replicated is None:
        totals = _pair_totals(plan, variable)
        value, slope, scale = _ratios(*_by_domain(plan, totals[0]), answers)
        by_stage = _scores(plan, variable, totals, slope)
        variances = np.stack([_variance(plan, variable, z) for z in by_stage]) * scale**2
    else:
        top = plan.tally.over_crossings(plan.tally.top(variable))
        bottom = None if variable.total else plan.tally.over_crossings(plan.tally.bottom(variable))
        value, _, scale = _ratios(top, bottom, answers)
        replicated = plan.replicated.estimates(variable)
        variances = plan.replicated.replicates.variances(replicated, value)[None]
    spread = _spread(plan, variable, value, answers)
    return Linear(answers, value, variances, spread * scale**2)


def _variance(plan: Plan, variable: Variable, scores: _StageScores) -> Floats:
    stage, by_crossing = scores
    return np.concatenate([plan.blocks(stage, c, variable).variance(z) for c, z in enumerate(by_crossing)])


def stack(several: Sequence[Linear]) -> Linear:
    """The estimates of several variables, one after the other.

    Raises
    ------
    EstimationError
        If there is none.
    """
    if not several:
        raise EstimationError("No column was named to estimate from.")

    def joined(values: Callable[[Linear], Floats]) -> Floats:
        return np.concatenate([values(one) for one in several], axis=-1)

    answers = Answers(
        joined(lambda one: one.answers.n),
        joined(lambda one: one.answers.n_positive),
        joined(lambda one: one.answers.weight),
        joined(lambda one: one.answers.kish),
    )
    return Linear(
        answers,
        joined(lambda one: one.estimate),
        joined(lambda one: one.variances),
        joined(lambda one: one.srs_variance),
    )


def pair_scores(plan: Plan, variable: Variable) -> tuple[Floats, list[list[Floats]]]:
    """Estimates in all domains, and the scores z summed to pairs: by stage, then crossing."""
    totals = _pair_totals(plan, variable)
    value, slope, scale = _ratios(*_by_domain(plan, totals[0]), plan.tally.answers(variable))
    scaled = [
        [z * scale[plan.slices[c]][plan.layouts[s][c].domain] for c, z in enumerate(by_crossing)]
        for s, by_crossing in _scores(plan, variable, totals, slope)
    ]
    return value, scaled


def _pair_totals(plan: Plan, variable: Variable) -> list[tuple[Floats, Floats | None]]:
    """Σ w·y and Σ w·x by pair, for each stage."""
    w = plan.sample.weights
    return [
        (
            variable.top(w, pairs.row, pairs.size),
            None if variable.total else variable.bottom(w, pairs.row, pairs.size, pairs.weight),
        )
        for pairs in plan.pairs
    ]


def _by_domain(plan: Plan, totals: tuple[Floats, Floats | None]) -> tuple[Floats, Floats | None]:
    """(domains,) numerator and denominator from sums by pair."""

    def summed(by_pair: Floats) -> Floats:
        return np.concatenate([layout.by_domain(layout.collect(by_pair)) for layout in plan.layouts[0]])

    top, bottom = totals
    return summed(top), None if bottom is None else summed(bottom)


def _ratios(top: Floats, bottom: Floats | None, answers: Answers) -> tuple[Floats, Floats, Floats]:
    """Estimates R, the R to use in the scores w(y − Rx)/D (0 for totals and where there is none), and 1/D."""
    some = answers.n > 0
    if bottom is None:
        return np.where(some, top, np.nan), np.zeros_like(top), np.ones_like(top)
    known = some & (bottom != 0)
    value = np.divide(top, bottom, out=np.full_like(top, np.nan), where=known)
    scale = np.divide(1.0, bottom, out=np.zeros_like(top), where=known)
    return value, np.nan_to_num(value), scale


def _scores(
    plan: Plan, variable: Variable, totals: list[tuple[Floats, Floats | None]], slope: Floats
) -> list[_StageScores]:
    """The scores without 1/D, summed to pairs: for each stage its number and the scores of each crossing."""
    beta = None if plan.residuals is None else _slopes(plan, plan.residuals, variable, slope)
    crossings = range(len(plan.slices))
    return [
        (s, [_pair_scores(plan, s, c, top, bottom, slope, beta) for c in crossings])
        for s, (top, bottom) in enumerate(totals)
    ]


def _pair_scores(
    plan: Plan,
    stage: int,
    crossing: int,
    top: Floats,
    bottom: Floats | None,
    slope: Floats,
    beta: Floats | None,
) -> Floats:
    """(pairs,) scores of one stage and crossing."""
    layout, inside = plan.layouts[stage][crossing], plan.slices[crossing]
    z = layout.collect(top)
    if bottom is not None:
        z = z - slope[inside][layout.domain] * layout.collect(bottom)
    if plan.residuals is not None and beta is not None:
        z = z - (plan.auxiliary_sums(plan.residuals, stage) @ beta[inside].T)[layout.unit, layout.domain]
    return z


def _slopes(plan: Plan, residuals: Residuals, variable: Variable, slope: Floats) -> Floats:
    """(domains, auxiliaries) regression of the scores of each domain on the auxiliaries."""
    w = plan.sample.weights
    y = variable.values(w.size)
    products = _products(plan, residuals, w * y)
    if not variable.total:
        x = np.ones(w.size) if variable.x is None else variable.x
        if variable.x is None:
            x[variable.missing] = 0.0
        products = products - slope[:, None] * _products(plan, residuals, w * x)
    return residuals.slopes(products)


def _products(plan: Plan, residuals: Residuals, weighted: Floats) -> Floats:
    by_cell = residuals.products(plan.domains.cell, plan.domains.n_cells, weighted)
    return np.stack([plan.tally.over_crossings(column) for column in by_cell.T], axis=1)


def _spread(plan: Plan, variable: Variable, value: Floats, answers: Answers) -> Floats:
    """(domains,) (Σw) Σw(y − cx)² / (n − 1), c the ratio, or for totals the mean; times 1/D² a variance."""
    n, weight = answers.n, answers.weight
    centre = value / weight if variable.total else value
    many = np.divide(weight, n - 1, out=np.full_like(n, np.nan), where=n > 1)
    if variable.ones is not None:
        return many * weight * centre * (1 - centre)
    w = plan.sample.weights
    y, x = variable.values(w.size), variable.x
    if variable.missing.size:
        w = w.copy()
        w[variable.missing] = 0.0
    parts = []
    for crossing, inside in zip(plan.domains.crossings, plan.slices, strict=True):
        domain = crossing.of_cell[plan.domains.cell]
        rows = np.flatnonzero(domain >= 0)
        c = np.nan_to_num(centre[inside])[domain[rows]]
        squares = w[rows] * (y[rows] - (c if x is None else c * x[rows])) ** 2
        parts.append(sums(domain[rows], squares, crossing.size))
    return many * np.concatenate(parts)
