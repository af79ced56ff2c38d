"""The likelihood interval of a proportion as R's `svyciprop` traces it: a profile of few points, interpolated.

The exact root would differ by about 1e-5 of the limit (1e-3 for a single event). R's reading, down to the
stopping rule of its fit, is kept so that figures agree with those of other analysts; prefer another interval
for new work.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from mapping.estimate.design_based.codes import Floats, sums
from mapping.estimate.design_based.linear import Linear
from mapping.estimate.design_based.plan import Plan
from mapping.estimate.design_based.variables import Variable

__all__ = ["likelihood_limits"]

_STEPS = 9
_FAR, _BEYOND = 30.0, 52 * np.log(2)  # R's link takes a logit further than the first for the second
_CONVERGED = 1e-8  # relative change of the deviance, as in R's glm.control


def likelihood_limits(
    plan: Plan, variables: Sequence[Variable], linear: Linear, df: Floats, level: float
) -> tuple[Floats, Floats]:
    """Limits of every variable and domain; NaN where the variance is 0 or there are no degrees of freedom."""
    p, variance, n = linear.estimate, linear.unrounded, linear.answers.n
    low, high = np.full(p.size, np.nan), np.full(p.size, np.nan)
    mean, rows = _mean_weight(plan), _rows(plan, variables)
    start = np.concatenate([_first_step(plan, variable, mean) for variable in variables])
    scaled = linear.answers.weight / np.tile(mean, len(variables))
    for i in np.flatnonzero((variance > 0) & ~linear.answers.at_end):
        spread = _working_spread(p[i], start[i], scaled[i])
        target = stats.t.ppf((1 + level) / 2, df[i]) * np.sqrt(
            variance[i] * scaled[i] * spread / (p[i] * (1 - p[i])) ** 2
        )
        kept = rows[i] if plan.residuals is None else plan.sample.weights.size
        low[i], high[i] = _profile(p[i], variance[i], target, kept * (n[i] - 1) / n[i], rows[i])
    return low, high


def _mean_weight(plan: Plan) -> Floats:
    """(domains,) mean weight by which R divides: over all rows of the domain, whether they answered or not.

    In a calibrated design it is over all rows of the survey, of which R keeps those outside the domain with a weight
    of 0.
    """
    weight = plan.tally.over_crossings(plan.tally.cell_weights)
    rows = plan.tally.over_crossings(plan.tally.cell_rows)
    rows = np.full_like(rows, plan.sample.weights.size) if plan.residuals is not None else rows
    return np.divide(weight, rows, out=np.ones_like(weight), where=weight > 0)


def _rows(plan: Plan, variables: Sequence[Variable]) -> Floats:
    """(domains of each variable,) rows with an answer in R's fit, those without a weight included."""
    w, cell, size = plan.sample.weights, plan.domains.cell, plan.domains.n_cells
    counts = [v.answering(np.ones(w.size), cell, size, plan.tally.cell_rows) for v in variables]
    if plan.residuals is not None:
        return np.repeat([float(by_cell.sum()) for by_cell in counts], plan.n_domains)
    return np.concatenate([plan.tally.over_crossings(by_cell) for by_cell in counts])


def _first_step(plan: Plan, variable: Variable, mean: Floats) -> Floats:
    """The logit of each domain after the first weighted regression of R's fit, which starts from (wy + ½)/(w + 1).

    `w` are the weights divided by the `mean` of their domain. With u = (w + ½)/(w + 1)² and
    z = log(2w + 1) + (w + 1)/(w + ½), the step is Σ wu(2y − 1)z / Σ wu.
    """
    w, cell = plan.sample.weights, plan.domains.cell
    answered = variable.rows(w.size)
    y = variable.values(w.size)
    steps = []
    for crossing, of_crossing in zip(plan.domains.crossings, plan.slices, strict=True):
        inside = answered[crossing.of_cell[cell[answered]] >= 0]
        domain = crossing.of_cell[cell[inside]]
        v = w[inside] / mean[of_crossing][domain]
        u = v * (v + 0.5) / (v + 1) ** 2
        z = (2 * y[inside] - 1) * (np.log(2 * v + 1) + (v + 1) / (v + 0.5))
        weight = sums(domain, u, crossing.size)
        step = sums(domain, u * z, crossing.size)
        steps.append(np.divide(step, weight, out=np.zeros_like(step), where=weight > 0))
    return np.concatenate(steps)


def _working_spread(p: float, eta: float, n: float) -> float:
    """q(1 − q) of the last but one Fisher-scoring step from `eta` towards p: the working weight R leaves behind."""

    def deviance(mu: float) -> float:
        return float(-2 * n * (special.xlogy(p, mu) + special.xlog1py(1 - p, -mu)))

    mu = float(special.expit(eta))
    old = deviance(mu)
    for _ in range(25):
        spread = mu * (1 - mu)
        if spread == 0:  # the fit runs away
            return np.nan
        eta += (p - mu) / spread
        mu = float(special.expit(eta))
        new = deviance(mu)
        if abs(new - old) / (abs(new) + 0.1) < _CONVERGED:
            break
        old = new
    return spread


def _profile(p: float, variance: float, target: float, scale: float, rows: float) -> tuple[float, float]:
    """Limits where the signed root of the scaled deviance reaches the scaled t quantile.

    Notes
    -----
    On the logit scale, with b̂ = logit p and se = √v / (p(1 − p)), the signed root

        ζ(b) = ± √(2c[p log(p/q) + (1 − p) log((1 − p)/(1 − q))]),  q = expit b,

    is evaluated at b̂ ± k·se·ζmax/5, k = 1, 2, … until it passes ζmax. A cubic spline through the points is
    tabulated at three times as many places, and the limits ζ = ± t·√(v n/(p(1 − p))) are read off by linear
    interpolation.

    References
    ----------
    Rao & Scott (1984), Annals of Statistics 12, 46–60; Lumley & Scott (2014), ANZ Journal of Statistics 56,
    1–14. Forsythe, Malcolm & Moler (1977), Computer Methods for Mathematical Computations (the spline's
    ends).
    """
    most = stats.t.isf(stats.norm.sf(target) / 4, rows - 1)  # √F with 1 and m − 1 degrees of freedom is |t|
    if not np.isfinite(most):  # a target so far out that its tail probability is 0
        return np.nan, np.nan
    centre, step = special.logit(p), np.sqrt(variance) / (p * (1 - p)) * most / 5
    points = [(0.0, float(centre))]
    for side in (-1, 1):
        for k in range(1, _STEPS + 1):
            b = centre + side * k * step
            q = special.expit(b if abs(b) <= _FAR else np.copysign(_BEYOND, b))
            deviance = 2 * scale * (special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q))
            points.append((side * np.sqrt(max(deviance, 0.0)), float(b)))
            if abs(points[-1][0]) >= most:
                break
    zeta, place = np.array(sorted(points)).T
    if not np.isfinite(zeta).all():
        return np.nan, np.nan
    fine = np.linspace(place[0], place[-1], 3 * place.size)
    curve = _spline(place, zeta, fine)
    low, high = np.interp([-target, target], curve, fine, left=np.nan, right=np.nan)
    return float(special.expit(low)), float(special.expit(high))


def _spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """Interpolating cubic spline whose third derivative at each end is that of the cubic through four points."""
    h = np.diff(x)
    slope = np.diff(y) / h
    size = x.size
    matrix, right = np.zeros((size, size)), np.zeros(size)
    for i in range(1, size - 1):
        matrix[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        right[i] = slope[i] - slope[i - 1]
    matrix[0, :2], matrix[-1, -2:] = (-h[0], h[0]), (h[-1], -h[-1])
    if size > 3:
        third = np.diff(np.diff(slope) / (x[2:] - x[:-2])) / (x[3:] - x[:-3])
        right[0], right[-1] = third[0] * h[0] ** 2, -third[-1] * h[-1] ** 2
    curvature = np.linalg.solve(matrix, right)
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, size - 2)
    d = at - x[k]
    linear = slope[k] - h[k] * (curvature[k + 1] + 2 * curvature[k])
    cubic = (curvature[k + 1] - curvature[k]) / h[k]
    value: Floats = y[k] + d * (linear + d * (3 * curvature[k] + d * cubic))
    return value
