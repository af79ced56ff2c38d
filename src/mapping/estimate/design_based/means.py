"""Means, totals and ratios in domains, with t intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import intervals
from mapping.estimate.design_based.linear import estimate
from mapping.estimate.design_based.plan import Plan, make_plan
from mapping.estimate.design_based.reliability import Verdict, value_verdict
from mapping.estimate.design_based.tables import Design, Row, assemble, assumed_deff, describe
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

    Parameters and columns as in `prevalence`; ``n_pos`` counts answers other than 0, the interval is
    estimate ± t·se. Where the sample cannot estimate a variance, a design effect is assumed and the reason
    says so.
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

    Parameters and columns as in `mean`. Missing answers add nothing: the total is that of those who would
    answer.
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
    Scores z = w(y − Rx)/Σwx (Särndal, Swensson & Wretman 1992, result 5.6.2).
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
    described = describe(plan)
    return assemble(plan, described, [_row(plan, described, variable, level) for variable in variables])


def _row(plan: Plan, design: Design, variable: Variable, level: float) -> Row:
    linear = estimate(plan, variable)
    some = linear.answers.n > 0
    value = linear.estimate
    variance = np.where(some, linear.variance, np.nan)
    blind = some & ~((design.df > 0) & np.isfinite(variance))
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = variance / linear.srs_variance
        assumed = assumed_deff(design, linear.answers)
        deff = np.where(blind, np.fmax(np.nan_to_num(deff), assumed), deff)
        spread = np.where(blind, deff * linear.srs_variance, variance)
        low, high = intervals.wald(value, spread, np.where(blind, linear.answers.n - 1, design.df), level)
        n_eff = linear.answers.n / deff
    known = np.isfinite(deff) & (deff > 0)
    verdict = Verdict(some.size)
    verdict.note(~some, "no respondents", 2)
    verdict.note(blind, "no degrees of freedom: the variance is assumed, not estimated", 2)
    verdict.note(some & np.isnan(value), "the denominator is 0", 2)
    verdict.note(some & np.isnan(low) & ~np.isnan(value), "one respondent: no interval", 2)
    verdict.note(some & ~np.isnan(value) & ~known, "no variation: the design effect is undefined")
    value_verdict(verdict, value, np.sqrt(variance), linear.answers.n, design.df)
    label = np.select([~some | np.isnan(low), blind], ["none", "assumed"], "wald").astype(object)
    return Row(
        variable.name, linear.answers.n, linear.answers.n_positive, value, np.sqrt(variance), low, high, label,
        deff=np.where(known, deff, np.nan), n_eff=np.where(known, n_eff, np.nan), verdict=verdict,
    )  # fmt: skip
