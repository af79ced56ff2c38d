"""Means, totals and ratios in domains, with t intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import intervals
from mapping.estimate.design_based.expected import assumed_deff
from mapping.estimate.design_based.linear import estimate, stack
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.reliability import Verdict, value_verdict, words
from mapping.estimate.design_based.tables import assemble, describe
from mapping.estimate.design_based.variables import Variable, read_ratio, read_value

__all__ = ["mean", "ratio", "total"]


def mean(
    frame: pd.DataFrame,
    design: SurveyDesign,
    variables: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    margins: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """The mean of each variable in every domain: Σwy / Σw over the answers.

    Parameters, columns and errors as in `prevalence`, in the units of the variable; ``n_pos`` counts answers other
    than 0, the interval is estimate ± t·se with PSUs − strata degrees of freedom. Where the sample cannot estimate a
    variance, a design effect is assumed and the reason says so.

    Notes
    -----
    Scores z = w(y − ȳ)/Σw; deff against (Σw(y − ȳ)²/Σw)/(n − 1), simple random sampling with replacement (R's
    ``deff="replace"``). The interval needs enough PSUs for a mean of PSU totals to be nearly normal; with skewed
    amounts and few schools it covers less than its level.

    References
    ----------
    Binder (1983), International Statistical Review 51, 279–292; Särndal, Swensson & Wretman (1992), Model Assisted
    Survey Sampling, section 5.8 (means of domains).
    """
    chosen = [variables] if isinstance(variables, str) else list(variables)
    return _table(
        frame, design, [read_value(frame, name) for name in chosen], by, margins=margins, level=level
    )


def total(
    frame: pd.DataFrame,
    design: SurveyDesign,
    variables: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    margins: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """The population total of each variable in every domain: Σwy over the answers.

    Parameters, columns and errors as in `mean`. Missing answers add nothing: the total is that of those who would
    answer. Without weights the total is that of the sample.

    Notes
    -----
    Scores z = wy, 0 outside the domain (Särndal, Swensson & Wretman 1992, sections 2.8 and 10.3); deff against
    (Σw) Σw(y − ȳ)²/(n − 1), that is, with the size of the domain known. A total of a domain whose size varies between
    samples therefore has a larger deff than its mean.
    """
    chosen = [variables] if isinstance(variables, str) else list(variables)
    return _table(
        frame,
        design,
        [read_value(frame, name, total=True) for name in chosen],
        by,
        margins=margins,
        level=level,
    )


def ratio(
    frame: pd.DataFrame,
    design: SurveyDesign,
    numerator: str,
    denominator: str,
    by: str | Sequence[str] = (),
    *,
    margins: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """The ratio of two totals in every domain: Σwy / Σwx over rows that answered both.

    Parameters and columns as in `mean`; the indicator is called "numerator/denominator".

    Notes
    -----
    Scores z = w(y − Rx)/Σwx (Särndal, Swensson & Wretman 1992, section 5.6), good where the coefficient of variation
    of Σwx is below about 10 per cent (Cochran 1977, Sampling Techniques, chapter 6). Where Σwx is 0 the
    ratio is missing and the reason says so.
    """
    return _table(
        frame, design, [read_ratio(frame, numerator, denominator)], by, margins=margins, level=level
    )


def _table(
    frame: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[Variable],
    by: str | Sequence[str],
    *,
    margins: bool,
    level: float,
) -> pd.DataFrame:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    plan = make_plan(frame, design, by, margins=margins)
    linear = stack([estimate(plan, variable) for variable in variables])
    described = describe(plan).tile(len(variables))
    n, value = linear.answers.n, linear.estimate
    some = n > 0
    variance = np.where(some, linear.variance, np.nan)
    blind = some & ~((described.df > 0) & np.isfinite(variance))
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = variance / linear.srs_variance
        deff = np.where(blind, np.fmax(deff, assumed_deff(described, linear.answers)), deff)
        spread = np.where(blind, deff * linear.srs_variance, variance)
        low, high = intervals.wald(value, spread, np.where(blind, n - 1, described.df), level)
    known = np.isfinite(deff) & (deff > 0)
    columns = {
        "estimate": value,
        "se": np.sqrt(variance),
        "ci_low": low,
        "ci_high": high,
        "interval": words(("wald", "assumed", "none"), np.select([~some | np.isnan(low), blind], [2, 1], 0)),
        "deff": np.where(known, deff, np.nan),
        "n_eff": np.divide(n, deff, out=np.full_like(n, np.nan), where=known),
    }
    verdict = Verdict(n.size)
    verdict.note(~some, "no respondents", 2)
    verdict.note(blind, "no degrees of freedom: the variance is assumed, not estimated", 2)
    verdict.note(some & np.isnan(value), "the denominator is 0", 2)
    verdict.note(some & np.isnan(low) & ~np.isnan(value), "one respondent: no interval")
    verdict.note(some & ~np.isnan(value) & ~known, "no variation: the design effect is undefined")
    value_verdict(verdict, value, np.sqrt(variance), n, described.df)
    names = [variable.name for variable in variables]
    return assemble(plan, names, linear.answers, described, columns, verdict)
