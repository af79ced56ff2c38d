"""Prevalence of indicators in domains: estimate, interval, design effect and a verdict, in one call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import intervals
from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.linear import Linear, estimate
from mapping.estimate.design_based.plan import Plan, make_plan
from mapping.estimate.design_based.profile import likelihood_limits
from mapping.estimate.design_based.reliability import Verdict, proportion_verdict
from mapping.estimate.design_based.tables import Design, Row, assemble, assumed_deff, describe
from mapping.estimate.design_based.variables import Variable, read_indicator

__all__ = ["INTERVALS", "prevalence"]

INTERVALS = ("auto", "wald", "logit", "beta", "likelihood", "asin", "wilson")
_FEW = 10.0  # effective events or non-events below which the logit interval gives way to Korn–Graubard


def prevalence(
    frame: pd.DataFrame,
    design: SurveyDesign,
    indicators: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    margins: bool = False,
    level: float = 0.95,
    interval: str = "auto",
) -> pd.DataFrame:
    """The share of a population for which each indicator holds, in every domain.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent: the whole sample, never a part of it. Give a subset as a boolean column in
        `by`, so that the variance knows of the PSUs outside it.
    design : SurveyDesign
        How the sample was drawn.
    indicators : str or sequence of str
        Columns of 0, 1 (or booleans) and missing; missing answers leave the denominator.
    by : str or sequence of str
        Columns whose crossing makes the domains. Categories of a categorical column appear even when empty.
        Rows with a missing value belong to no domain of a crossing with that column.
    margins : bool
        Also every crossing of fewer columns, up to the whole population; a column summed over is missing.
    level : float
        Confidence level.
    interval : {"auto", "wald", "logit", "beta", "likelihood", "asin", "wilson"}
        See Notes.

    Returns
    -------
    DataFrame
        One row per indicator and domain: ``indicator``, the `by` columns, ``n`` (answers with a weight above
        0), ``n_pos`` (of these, yes), ``n_psu``, ``df``, ``estimate``, ``se``, ``ci_low``, ``ci_high``,
        ``interval`` (the method used), ``deff`` (against simple random sampling with replacement), ``n_eff``
        = n / deff, ``reliability`` and ``reason``. Nothing is missing without a reason.

    Raises
    ------
    EstimationError
        If a column is absent, an indicator holds anything but 0, 1 and missing, or the design cannot be read.
    LonelyPSUError
        If a stratum has a single PSU and the design says that this is an error.

    Notes
    -----
    The estimate is p = Σwy / Σw; its variance is that of Σz with z = w(y − p)/Σw, summed to PSUs (see
    `linearisation`). *auto* takes the logit interval, and Korn–Graubard's with the effective sample size
    never above n where fewer than 10 effective events or non-events were seen. At 0 and 100 per cent, found
    by counting, one end is exact and the other is Clopper–Pearson's at (1 − level)/2 on n_eff (label
    "exact"). Where the sample cannot estimate a variance (one PSU in the domain), a design effect is assumed
    (label "assumed", the reason says so). With several stages *auto* takes Satterthwaite's degrees of freedom
    over the stages' variances.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193–201. Parker et al. (2017), Vital and Health Statistics
    2(175). Rust & Rao (1996), Statistical Methods in Medical Research 5, 283–310 (degrees of freedom).

    Examples
    --------
    >>> import pandas as pd
    >>> pupils = pd.DataFrame({"school": [1, 1, 2, 2, 3, 3], "control": [0, 1, 0, 0, 1, 0]})
    >>> table = prevalence(pupils, SurveyDesign(psu="school"), "control")
    >>> table[["n", "n_pos", "n_psu", "df"]].iloc[0].tolist()
    [6, 2, 3, 2]
    >>> f"{table.loc[0, 'estimate']:.3f} {table.loc[0, 'reliability']}"
    '0.333 unreliable'
    """
    if interval not in INTERVALS:
        raise ValueError(f"interval must be one of {', '.join(INTERVALS)}, not {interval!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    plan = make_plan(frame, design, by, margins=margins)
    described = describe(plan)
    chosen = [indicators] if isinstance(indicators, str) else list(indicators)
    rows = [_row(plan, described, read_indicator(frame, name), level, interval) for name in chosen]
    return assemble(plan, described, rows)


def _row(plan: Plan, design: Design, variable: Variable, level: float, interval: str) -> Row:
    linear = estimate(plan, variable)
    n, p, variance = linear.answers.n, linear.estimate, linear.variance
    verdict = Verdict(n.size)
    some = n > 0
    at_end = some & ((linear.answers.n_positive == 0) | (linear.answers.n_positive == n))
    p = np.where(
        some & (linear.answers.n_positive == 0),
        0.0,
        np.where(some & (linear.answers.n_positive == n), 1.0, p),
    )
    variance = np.where(at_end, 0.0, variance)
    df = _interval_df(design, linear) if interval == "auto" else design.df
    blind = some & ~at_end & ~((df > 0) & (variance > 0) & np.isfinite(variance))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        deff = variance / linear.srs_variance
        assumed = assumed_deff(design, linear.answers)
        deff = np.where(blind, np.fmax(np.nan_to_num(deff), assumed), deff)
        spread = _df_factor(n, df, level)
        deff = np.where(at_end, assumed, deff)
        n_eff = np.where(some, n / deff, np.nan)
        if interval == "likelihood":
            low, high = likelihood_limits(plan, variable, linear, df, level)
            label = np.full(n.size, interval)
        else:
            low, high, label = _limits(p, variance, df, design.rows, n, n_eff, level, interval)
        cautious = np.where(blind, n_eff, 1.0)
        wide = intervals.clopper_pearson(np.where(blind, p, 0.0) * cautious, cautious, level)
        ends = np.where(at_end, n_eff, 1.0)
        exact = intervals.clopper_pearson(np.where(at_end, p, 0.0) * ends, ends, level)
    low = np.select([~some, at_end, blind], [np.nan, exact[0], wide[0]], low)
    high = np.select([~some, at_end, blind], [np.nan, exact[1], wide[1]], high)
    label = np.select([~some, at_end, blind], ["none", "exact", "assumed"], label)
    verdict.note(~some, "no respondents", 2)
    verdict.note(
        blind & (design.n_psu < 2), "one PSU: the variance between PSUs is assumed, not estimated", 2
    )
    verdict.note(
        blind & (design.n_psu >= 2), "no degrees of freedom: the variance is assumed, not estimated", 2
    )
    size = np.where(at_end | blind, n_eff, n_eff * spread)
    proportion_verdict(verdict, p, n, linear.answers.n_positive, size, np.where(at_end, design.df, df), level)
    se = np.sqrt(np.where(some, variance, np.nan))
    return Row(
        variable.name, n, linear.answers.n_positive, np.where(some, p, np.nan), se, low, high, label.astype(object),
        deff=np.where(some, deff, np.nan), n_eff=n_eff, verdict=verdict,
    )  # fmt: skip


def _df_factor(n: Floats, df: Floats, level: float) -> Floats:
    """(t_{n−1} / t_df)², at most 1: what few degrees of freedom cost in effective sample size."""
    ratio = (
        intervals.t_quantile(np.maximum(n - 1, 1), level) / intervals.t_quantile(np.maximum(df, 1), level)
    ) ** 2
    return np.minimum(ratio, 1.0)


def _interval_df(design: Design, linear: Linear) -> Floats:
    """Satterthwaite's degrees of freedom over stages; those of the design where there is one stage.

    df = (Σ v_s)² / Σ v_s²/df_s (Satterthwaite 1946, Biometrics Bulletin 2, 110–114). Where schools are taken
    whole the first stage has no variance and the pupils' degrees of freedom count.
    """
    if not design.later_df:
        return design.df
    every = np.stack([design.df, *design.later_df])
    v = linear.variances
    part = np.where(v > 0, v**2 / np.maximum(every, 1.0), 0.0).sum(axis=0)
    pooled = np.where(part > 0, v.sum(axis=0) ** 2 / np.where(part > 0, part, 1.0), 0.0)
    return np.where(every[-1] > 0, pooled, design.df)


def _limits(
    p: Floats,
    variance: Floats,
    df: Floats,
    rows: Floats,
    n: Floats,
    n_eff: Floats,
    level: float,
    interval: str,
) -> tuple[Floats, Floats, np.ndarray]:
    """Limits and label where the variance is positive and there are degrees of freedom."""
    if interval == "auto":
        size = np.minimum(n_eff * _df_factor(n, df, level), n)
        few = np.minimum(p, 1 - p) * np.minimum(n_eff, n) < _FEW
        exact = intervals.clopper_pearson(np.nan_to_num(p * size), np.nan_to_num(size, nan=1.0), level)
        smooth = intervals.logit(p, variance, df, level)
        return (
            np.where(few, exact[0], smooth[0]),
            np.where(few, exact[1], smooth[1]),
            np.where(few, "beta", "logit"),
        )
    if interval == "beta":
        limits = intervals.korn_graubard(p, variance, df, rows, level)
    else:
        method = {
            "wald": intervals.wald,
            "logit": intervals.logit,
            "asin": intervals.arcsine,
            "wilson": intervals.wilson,
        }
        limits = method[interval](p, variance, df, level)
    return *limits, np.full(p.size, interval)
