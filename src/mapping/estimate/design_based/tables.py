"""From estimates in all domains to the rows of a table; what to say where no variance can be estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.plan import Plan
from mapping.estimate.design_based.reliability import Verdict, words
from mapping.estimate.design_based.tally import Answers

__all__ = ["Design", "assemble", "assumed_deff", "describe"]

_ICC = 0.05  # assumed intraclass correlation within a PSU where the sample cannot tell


@dataclass(frozen=True, slots=True, repr=False)
class Design:
    """What the design says of each domain, whatever the variable."""

    n_psu: Floats
    df: Floats
    rows: Floats  # of the domain, answered or not, with or without weight
    later_df: tuple[Floats, ...]  # units − strata of each later stage
    unsampled: Floats  # mean over PSUs of 1 − n/N of the first stage

    def tile(self, times: int) -> Design:
        """The same for several variables, one after the other."""
        return Design(
            np.tile(self.n_psu, times),
            np.tile(self.df, times),
            np.tile(self.rows, times),
            tuple(np.tile(values, times) for values in self.later_df),
            np.tile(self.unsampled, times),
        )


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


def assemble(
    plan: Plan,
    names: Sequence[str],
    answers: Answers,
    design: Design,
    columns: Mapping[str, Any],
    verdict: Verdict,
) -> pd.DataFrame:
    """One row per variable and domain, in the order of the variables."""
    labels = plan.domains.labels(len(names))
    indicator = words(names, np.repeat(np.arange(len(names)), plan.n_domains))
    counts = {"n": answers.n, "n_pos": answers.n_positive, "n_psu": design.n_psu, "df": design.df}
    table: dict[str, Any] = {"indicator": indicator}
    table |= {str(name): labels[name] for name in labels}
    table |= {name: values.astype(np.int64) for name, values in counts.items()}
    table |= columns
    table |= {"reliability": verdict.reliability, "reason": verdict.reason}
    return pd.DataFrame(table)
