"""From estimates in all domains to the rows of a table; what to say where no variance can be estimated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.plan import Plan
from mapping.estimate.design_based.reliability import Verdict
from mapping.estimate.design_based.tally import Answers

__all__ = ["Design", "Row", "assemble", "assumed_deff", "describe"]

_ICC = 0.05  # assumed intraclass correlation within a PSU where the sample cannot tell


@dataclass(frozen=True, slots=True, repr=False)
class Design:
    """What the design says of each domain, whatever the variable."""

    n_psu: Floats
    df: Floats
    rows: Floats  # of the domain, answered or not, with or without weight
    later_df: tuple[Floats, ...]  # units − strata of each later stage
    unsampled: Floats  # mean over PSUs of 1 − n/N of the first stage


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """The columns of one variable, each an array over all domains."""

    name: str
    n: Floats
    n_positive: Floats
    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    interval: np.ndarray
    deff: Floats
    n_eff: Floats
    verdict: Verdict


def describe(plan: Plan) -> Design:
    """PSUs, degrees of freedom and rows of every domain.

    Degrees of freedom: PSUs with a non-zero weight in the domain minus their strata, missing answers
    included, as in R survey (Korn & Graubard 1999, Analysis of Health Surveys, section 5.2).
    """
    by_stage = [plan.units(s) for s in range(len(plan.pairs))]
    unsampled = plan.mean_unsampled()
    n_psu, strata = by_stage[0]
    rows = plan.tally.over_crossings(plan.tally.cell_rows)
    if plan.residuals is not None:  # R keeps the rows outside the domain, at weight 0
        rows = np.full_like(rows, plan.sample.weights.size)
    if plan.replicated is not None:
        most = plan.replicated.factors.shape[1] - 1.0
        given = plan.replicated.replicates.factors is None
        df = plan.replicated.df(plan.sample.weights) if given else np.minimum(n_psu - strata, most)
        return Design(n_psu, df, rows, (), unsampled)
    return Design(
        n_psu, n_psu - strata, rows, tuple(units - groups for units, groups in by_stage[1:]), unsampled
    )


def assumed_deff(design: Design, answers: Answers) -> Floats:
    """The design effect to assume where the sample cannot tell: (1 + cv² of weights) · (1 + (b − 1)(1 − f)·0.05).

    b is the number of answers per PSU, f the share of PSUs that were sampled. An intraclass correlation of
    0.05 lies at the upper end of what school surveys of health and violence find for single outcomes.

    References
    ----------
    Kish (1965), Survey Sampling, section 8.2; Gabler, Häder & Lahiri (1999), Survey Methodology 25, 105–106.
    """
    per_psu = answers.n / np.maximum(design.n_psu, 1)
    return answers.kish * (1 + np.maximum(per_psu - 1, 0) * design.unsampled * _ICC)


def assemble(plan: Plan, design: Design, rows: Sequence[Row]) -> pd.DataFrame:
    """One row per variable and domain, in the order of the variables."""
    labels = plan.domains.labels()
    size = plan.n_domains
    repeated = {name: _tile(labels[name], len(rows)) for name in labels}

    def gather(values: Callable[[Row], np.ndarray]) -> np.ndarray:
        return np.concatenate([values(row) for row in rows])

    return pd.DataFrame(
        {
            "indicator": np.repeat(np.array([row.name for row in rows], dtype=object), size),
            **repeated,
            "n": gather(lambda row: row.n).astype(np.int64),
            "n_pos": gather(lambda row: row.n_positive).astype(np.int64),
            "n_psu": np.tile(design.n_psu, len(rows)).astype(np.int64),
            "df": np.tile(design.df, len(rows)).astype(np.int64),
            "estimate": gather(lambda row: row.estimate),
            "se": gather(lambda row: row.se),
            "ci_low": gather(lambda row: row.low),
            "ci_high": gather(lambda row: row.high),
            "interval": gather(lambda row: row.interval),
            "deff": gather(lambda row: row.deff),
            "n_eff": gather(lambda row: row.n_eff),
            "reliability": gather(lambda row: row.verdict.reliability),
            "reason": gather(lambda row: row.verdict.reason),
        }
    )


def _tile(labels: pd.Series, times: int) -> pd.Series:
    return pd.concat([labels] * times, ignore_index=True)
