"""Quantiles in domains, with Woodruff intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import intervals
from mapping.estimate.design_based.codes import Floats, Ints, sums
from mapping.estimate.design_based.linear import estimate
from mapping.estimate.design_based.plan import Plan, make_plan
from mapping.estimate.design_based.reliability import Verdict
from mapping.estimate.design_based.tables import Design, describe
from mapping.estimate.design_based.variables import Variable, read_value

__all__ = ["INTERVALS", "RULES", "quantile"]

RULES = ("math", "school", "hf7")
INTERVALS = ("mean", "beta", "xlogit", "asin")
_Inverse = Callable[[Floats, Floats, float], float]


def quantile(
    frame: pd.DataFrame,
    design: SurveyDesign,
    variables: str | Sequence[str],
    probs: float | Sequence[float],
    by: str | Sequence[str] = (),
    *,
    qrule: str = "math",
    interval: str = "mean",
    level: float = 0.95,
) -> pd.DataFrame:
    """Quantiles of each variable in every domain.

    Parameters
    ----------
    probs : float or sequence of float
        Strictly between 0 and 1.
    qrule : {"math", "school", "hf7"}
        *math*: the smallest value with at least `prob` of the weight at or below it; *school*: the same,
        halfway to the next value where exactly `prob` lies at or below (and, as in R 4.5, where the first value
        alone weighs more than `prob`); *hf7*: interpolated, the weighted form of definition 7 of Hyndman & Fan
        (1996), American Statistician 50, 361–365.
    interval : {"mean", "beta", "xlogit", "asin"}
        Of the share at or below the quantile, before it is turned back.

    Returns
    -------
    DataFrame
        ``indicator``, the `by` columns, ``prob``, ``n``, ``n_psu``, ``df``, ``estimate``, ``se``, ``ci_low``,
        ``ci_high``, ``reason``. A limit that lies beyond the data is missing, with the reason.

    Raises
    ------
    ValueError
        If a rule or an interval is unknown, or a probability is not strictly between 0 and 1.
    EstimationError, LonelyPSUError
        As in `mean`.

    Notes
    -----
    Woodruff: with F̂ the weighted share at or below and q̂ the estimated quantile, the limits are the quantiles at the
    limits of F̂(q̂); se is their distance over 2t, in the units of the variable. It assumes that F̂ is nearly straight
    over that interval: coarse scales and ties make the limits jump from value to value. Degrees of freedom count PSUs
    and strata that have an answer, as in R. Where F̂(q̂) has no variance, as at the largest value, the interval cannot
    be trusted and the reason says so.

    References
    ----------
    Woodruff (1952), JASA 47, 635–646; Francisco & Fuller (1991), Annals of Statistics 19, 454–469.
    """
    if qrule not in RULES:
        raise ValueError(f"qrule must be one of {', '.join(RULES)}, not {qrule!r}")
    if interval not in INTERVALS:
        raise ValueError(f"interval must be one of {', '.join(INTERVALS)}, not {interval!r}")
    wanted = np.atleast_1d(np.asarray(probs, dtype=np.float64))
    if not ((wanted > 0) & (wanted < 1)).all():
        raise ValueError("probs must lie strictly between 0 and 1")
    plan = make_plan(frame, design, by, margins=False)
    chosen = [variables] if isinstance(variables, str) else list(variables)
    values = [read_value(frame, name) for name in chosen]
    tables = [_table(plan, value, float(prob), qrule, interval, level) for value in values for prob in wanted]
    return pd.concat(tables, ignore_index=True)


def _table(plan: Plan, value: Variable, prob: float, qrule: str, interval: str, level: float) -> pd.DataFrame:
    """One variable and probability in all domains."""
    inverse = {"math": _math, "school": _school, "hf7": _hf7}[qrule]
    members = _members(plan, value)
    weights = plan.sample.weights
    at = np.array([inverse(value.y[rows], weights[rows], prob) if rows.size else np.nan for rows in members])
    below = np.concatenate([rows[value.y[rows] <= at[d]] for d, rows in enumerate(members)])
    share = estimate(plan, Variable(value.name, value.missing, np.empty(0), ones=below))
    described = describe(plan)
    at_end = share.answers.at_end  # by count; sums of weights may miss 1 by a rounding
    p = np.where(at_end, 1.0, share.estimate)
    v = np.where(at_end, 0.0, share.unrounded)
    census = (described.unsampled == 0) & (described.unsampled_later == 0)
    answered, df = _answered(plan, value, members, described)
    with np.errstate(divide="ignore", invalid="ignore"):
        low_share, high_share = _share_limits(p, v, df, answered, interval, level)
    low_share, high_share = np.where(census, p, low_share), np.where(census, p, high_share)
    low, high = np.full(p.size, np.nan), np.full(p.size, np.nan)
    for d, rows in enumerate(members):
        if rows.size and low_share[d] >= 0:
            low[d] = inverse(value.y[rows], weights[rows], float(low_share[d]))
        if rows.size and high_share[d] <= 1:
            high[d] = inverse(value.y[rows], weights[rows], float(high_share[d]))
    n = share.answers.n
    some, verdict = n > 0, Verdict(n.size)
    verdict.note(~some, "no respondents")
    verdict.note(some & (df <= 0), "no degrees of freedom: no interval")
    verdict.note(some & census, "the whole population was sampled: there is no sampling error")
    flat = some & (df > 0) & (v == 0) & ~census
    verdict.note(flat, "the sample shows no variance: the interval cannot be trusted")
    beyond = some & (df > 0) & ~flat & (np.isnan(low) | np.isnan(high))
    verdict.note(beyond, "a limit lies beyond the data")
    return plan.domains.labels().assign(
        indicator=value.name,
        prob=prob,
        n=n.astype(np.int64),
        n_psu=described.n_psu.astype(np.int64),
        df=df.astype(np.int64),
        estimate=at,
        se=(high - low) / (2 * intervals.t_quantile(df, level)),
        ci_low=low,
        ci_high=high,
        reason=verdict.reason,
    )[
        [
            "indicator",
            *plan.domains.columns,
            "prob",
            "n",
            "n_psu",
            "df",
            "estimate",
            "se",
            "ci_low",
            "ci_high",
            "reason",
        ]
    ]


def _members(plan: Plan, value: Variable) -> list[Ints]:
    """The rows of each domain that answered and have a weight."""
    crossing = plan.domains.crossings[0]
    rows = value.rows(plan.sample.weights.size)
    rows = rows[plan.sample.weights[rows] > 0]
    domain = crossing.of_cell[plan.domains.cell[rows]]
    rows, domain = rows[domain >= 0], domain[domain >= 0]
    order = np.argsort(domain, kind="stable")
    ends = np.searchsorted(domain[order], np.arange(crossing.size + 1))
    return [rows[order[ends[d] : ends[d + 1]]] for d in range(crossing.size)]


def _answered(plan: Plan, value: Variable, members: list[Ints], described: Design) -> tuple[Floats, Floats]:
    """(domains,) rows with an answer, and PSUs minus strata among those that have a weight.

    As in R, which leaves out missing answers before it looks at the design of a quantile. Calibrated designs keep
    all rows, given replicate weights their own degrees of freedom.
    """
    stage = plan.sample.stages[0]
    rows = described.rows
    if plan.residuals is None:
        every = np.zeros(plan.sample.weights.size)
        every[value.rows(every.size)] = 1.0
        rows = plan.tally.over_crossings(sums(plan.domains.cell, every, plan.domains.n_cells))
    if plan.replicated is not None:
        return rows, described.df
    units = [np.unique(stage.unit[inside]) for inside in members]
    return rows, np.array([u.size - np.unique(stage.stratum[u]).size for u in units], dtype=np.float64)


def _share_limits(
    p: Floats, variance: Floats, df: Floats, rows: Floats, interval: str, level: float
) -> intervals.Interval:
    if interval == "beta":
        return intervals.korn_graubard(p, variance, df, rows, level)
    method = {"mean": intervals.wald, "xlogit": intervals.logit, "asin": intervals.arcsine}[interval]
    return method(p, variance, df, level)


def _cumulated(y: Floats, w: Floats) -> tuple[Floats, Floats, float]:
    """Sorted values, cumulated weights and their sum; in extended precision, so that exact shares are met exactly."""
    order = np.argsort(y, kind="stable")
    running = np.cumsum(w[order].astype(np.longdouble)).astype(np.float64)
    return y[order], running, float(np.sum(w.astype(np.longdouble)))


def _position(running: Floats, total: float, prob: float) -> tuple[int, bool]:
    """Last place with at most `prob` of the weight (0 if none), and whether it has exactly `prob` or more."""
    place = max(int(np.searchsorted(running, prob * total, side="right")) - 1, 0)
    return place, bool(prob - running[place] / total <= 0)


def _math(y: Floats, w: Floats, prob: float) -> float:
    values, running, total = _cumulated(y, w)
    place, reached = _position(running, total, prob)
    return float(values[place] if reached else values[min(place + 1, values.size - 1)])


def _school(y: Floats, w: Floats, prob: float) -> float:
    values, running, total = _cumulated(y, w)
    place, reached = _position(running, total, prob)
    above = values[min(place + 1, values.size - 1)]
    return float((values[place] + above) / 2 if reached else above)


def _hf7(y: Floats, w: Floats, prob: float) -> float:
    values, running, _ = _cumulated(y, w)
    if values.size == 1:
        return float(values[0])
    places = np.concatenate([[0.0], running[:-1]]) / running[-2]
    return float(np.interp(prob, places, values))
