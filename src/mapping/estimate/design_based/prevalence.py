"""Prevalence of indicators in domains: estimate, interval, design effect and a verdict, in one call."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.expected import pooled_deff
from mapping.estimate.design_based.limits import INTERVALS, LABELS, Limits, Shares, choose_limits
from mapping.estimate.design_based.linear import Linear, estimate, stack
from mapping.estimate.design_based.plan import Plan, make_plan
from mapping.estimate.design_based.profile import likelihood_limits
from mapping.estimate.design_based.reliability import Verdict, proportion_verdict, words
from mapping.estimate.design_based.tables import Design, assemble, describe
from mapping.estimate.design_based.variables import read_indicator

__all__ = ["prevalence", "shares"]


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
    The estimate is p = Σwy / Σw over the answers of a domain (Hájek's ratio); its variance is that of Σz with
    z = w(y − p)/Σw and z = 0 outside the domain, summed to PSUs (see `linearisation.Blocks.variance`): unbiased to
    first order in 1/n, PSUs taken independently between strata and with replacement unless `fpc` says otherwise.
    Degrees of freedom are PSUs minus strata with a weighted row in the domain; deff = V / (p(1 − p)/(n − 1)).

    *auto* takes the logit interval, but where fewer than 10 effective events or non-events were seen
    Korn–Graubard's, with the larger of the domain's own design effect and the one expected from all domains
    of the crossing together (see `expected`), and an effective sample size never above n. With several stages
    it takes Satterthwaite's degrees of freedom over the stages' variances. Its measured coverage is in
    docs/coverage.md.

    A domain whose population was sampled whole has no sampling error (label "census").

    Whatever the method, at 0 and 100 per cent, found by counting, one end is exact and the other is
    Clopper–Pearson's at (1 − level)/2 on n_eff (label "exact"); and where the sample cannot estimate a
    variance, as with one PSU in the domain, the expected design effect stands in (label "assumed", the reason
    says so).

    References
    ----------
    Binder (1983), International Statistical Review 51, 279–292 (linearisation). Korn & Graubard (1998), Survey
    Methodology 24, 193–201. Parker et al. (2017), Vital and Health Statistics
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
    chosen = [indicators] if isinstance(indicators, str) else list(indicators)
    linear = stack([estimate(plan, read_indicator(frame, name)) for name in chosen])
    described = describe(plan).tile(len(chosen))
    found = shares(plan, linear, described, interval)
    given = None
    if interval == "likelihood":
        given = likelihood_limits(
            plan, [read_indicator(frame, name) for name in chosen], linear, described.df, level
        )
    limits = choose_limits(found, level, interval, given)
    verdict = _verdict(found, limits, described)
    columns = {
        "estimate": np.where(found.some, found.p, np.nan),
        "se": np.sqrt(np.where(found.some, found.variance, np.nan)),
        "ci_low": limits.low,
        "ci_high": limits.high,
        "interval": words(LABELS, limits.label),
        "deff": limits.deff,
        "n_eff": limits.n_eff,
    }
    return assemble(plan, chosen, linear.answers, described, columns, verdict)


def shares(plan: Plan, linear: Linear, design: Design, interval: str) -> Shares:
    """What the intervals of proportions rest on; for "auto" with degrees of freedom over all stages."""
    answers, at_end = linear.answers, linear.answers.at_end
    share = np.divide(answers.n_positive, answers.n, out=np.zeros_like(answers.n), where=at_end)
    return Shares(
        p=np.where(at_end, share, linear.estimate),
        variance=np.where(at_end, 0.0, linear.unrounded),
        srs_variance=linear.srs_variance,
        n=answers.n,
        positive=answers.n_positive,
        df=_interval_df(design, linear) if interval == "auto" else design.df,
        rows=design.rows,
        expected=pooled_deff(plan, linear, design),
    )


def _verdict(found: Shares, limits: Limits, design: Design) -> Verdict:
    verdict = Verdict(found.n.size)
    alone = design.n_psu < 2
    verdict.note(~found.some, "no respondents", 2)
    verdict.note(found.census, "the whole population was sampled: there is no sampling error")
    verdict.note(found.blind & alone, "one PSU: the variance between PSUs is assumed, not estimated", 2)
    verdict.note(found.blind & ~alone, "no degrees of freedom: the variance is assumed, not estimated", 2)
    df = np.where(found.at_end, design.df, found.df)
    verdict.note(limits.widened, "interval widened to the design effect of all domains together")
    proportion_verdict(verdict, found.p, found.n, found.positive, limits.n_eff, limits.width, df)
    return verdict


def _interval_df(design: Design, linear: Linear) -> Floats:
    """Satterthwaite's degrees of freedom over stages; those of the design where there is one stage.

    df = (Σ v_s)² / Σ v_s²/df_s (Satterthwaite 1946, Biometrics Bulletin 2, 110–114). Where schools are taken
    whole the first stage has no variance and the pupils' degrees of freedom count.
    """
    if not design.later_df:
        return design.df
    every = np.stack([design.df, *design.later_df])
    v = linear.variances
    part = (v**2 / np.maximum(every, 1.0)).sum(axis=0)
    pooled = np.divide(v.sum(axis=0) ** 2, part, out=np.zeros_like(part), where=part > 0)
    return np.where(every[-1] > 0, pooled, design.df)
