"""Estimates in all domains with their linearised variances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mapping.estimate.design_based.auxiliaries import Residuals
from mapping.estimate.design_based.codes import Floats, sums
from mapping.estimate.design_based.plan import Plan
from mapping.estimate.design_based.tally import Answers
from mapping.estimate.design_based.variables import Variable

__all__ = ["Linear", "estimate", "pair_scores", "stack"]


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


def estimate(plan: Plan, variable: Variable) -> Linear:
    """Estimates of a variable and their variances.

    Notes
    -----
    A ratio R = Σwy/Σwx (a mean: x = 1) has scores z = w(y − Rx)/Σwx, a total z = wy; the variance of the
    estimate is that of Σz (Binder 1983). Scores of a calibrated design are residuals (see `auxiliaries`).
    """
    answers = plan.tally.answers(variable)
    value, scale, by_stage = _scores(plan, variable, answers)
    if plan.replicated is None:
        variances = (
            np.stack([_variance(plan, s, variable, by_stage[s]) for s in range(len(by_stage))]) * scale**2
        )
    else:
        replicated = plan.replicated.estimates(variable)
        variances = plan.replicated.replicates.variances(replicated, value)[None]
    spread = _spread(plan, variable, value, answers)
    return Linear(answers, value, variances, spread * scale**2)


def _variance(plan: Plan, stage: int, variable: Variable, by_crossing: list[Floats]) -> Floats:
    return np.concatenate([plan.blocks(stage, c, variable).variance(z) for c, z in enumerate(by_crossing)])


def stack(several: Sequence[Linear]) -> Linear:
    """The estimates of several variables, one after the other."""

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
    value, scale, by_stage = _scores(plan, variable, plan.tally.answers(variable))
    scaled = [
        [z * scale[plan.slices[c]][plan.layouts[s][c].domain] for c, z in enumerate(by_crossing)]
        for s, by_crossing in enumerate(by_stage)
    ]
    return value, scaled


def _scores(plan: Plan, variable: Variable, answers: Answers) -> tuple[Floats, Floats, list[list[Floats]]]:
    """Estimates; 1/D of the scores w(y − Rx)/D; the scores without it summed to pairs."""
    some = answers.n > 0
    w = plan.sample.weights
    tops = [variable.top(w, pairs.row, pairs.size) for pairs in plan.pairs]
    bottoms = [None if variable.total else variable.bottom(w, p.row, p.size, p.weight) for p in plan.pairs]
    top = _by_domain(plan, tops[0])
    value, slope, scale = top, np.zeros_like(top), np.ones_like(top)
    if bottoms[0] is not None:
        bottom = _by_domain(plan, bottoms[0])
        known = some & (bottom != 0)
        value = np.divide(top, bottom, out=np.full_like(top, np.nan), where=known)
        slope = np.where(known, value, 0.0)
        scale = np.divide(1.0, bottom, out=np.zeros_like(top), where=known)
    beta = None if plan.residuals is None else _slopes(plan, plan.residuals, variable, slope)
    by_stage = [
        [_pair_scores(plan, s, c, tops[s], bottoms[s], slope, beta) for c in range(len(plan.slices))]
        for s in range(len(tops))
    ]
    return np.where(some, value, np.nan), scale, by_stage


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


def _by_domain(plan: Plan, by_pair: Floats) -> Floats:
    return np.concatenate([layout.by_domain(layout.collect(by_pair)) for layout in plan.layouts[0]])


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
    centre = np.divide(value, weight, out=np.zeros_like(value), where=weight > 0) if variable.total else value
    many = np.divide(weight, n - 1, out=np.full_like(n, np.nan), where=n > 1)
    if variable.ones is not None and not variable.total:
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
