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

__all__ = ["Design", "assemble", "describe"]


@dataclass(frozen=True, slots=True, repr=False)
class Design:
    """What the design says of each domain, whatever the variable."""

    n_psu: Floats
    df: Floats
    rows: Floats  # of the domain, answered or not, with or without weight
    later_df: tuple[Floats, ...]  # units − strata of each later stage
    unsampled: Floats  # mean over PSUs of 1 − n/N of the first stage
    unsampled_later: Floats  # the same over the units of the second stage; 0 without one
    multiplier: Floats  # mean over PSUs of n/(n − 1) of their strata

    def tile(self, times: int) -> Design:
        """The same for several variables, one after the other."""
        return Design(
            np.tile(self.n_psu, times),
            np.tile(self.df, times),
            np.tile(self.rows, times),
            tuple(np.tile(values, times) for values in self.later_df),
            np.tile(self.unsampled, times),
            np.tile(self.unsampled_later, times),
            np.tile(self.multiplier, times),
        )


def describe(plan: Plan) -> Design:
    """PSUs, degrees of freedom and rows of every domain.

    Degrees of freedom: PSUs with a non-zero weight in the domain minus their strata, missing answers
    included, as in R survey (Korn & Graubard 1999, Analysis of Health Surveys, section 5.2).
    """
    by_stage = [plan.units(s) for s in range(len(plan.pairs))]
    first = plan.sample.stages[0]
    several = np.divide(first.size, first.size - 1, out=np.ones_like(first.size), where=first.size > 1)
    later = plan.mean_over_units(1, plan.sample.stages[1].unsampled) if len(by_stage) > 1 else None
    n_psu, strata = by_stage[0]
    df, later_df = n_psu - strata, tuple(units - groups for units, groups in by_stage[1:])
    rows = plan.tally.over_crossings(plan.tally.cell_rows)
    if plan.residuals is not None:  # R keeps the rows outside the domain, at weight 0
        rows = np.full_like(rows, plan.sample.weights.size)
    if plan.replicated is not None:
        most = plan.replicated.factors.shape[1] - 1.0
        given = plan.replicated.replicates.factors is None
        df, later_df = plan.replicated.df(plan.sample.weights) if given else np.minimum(df, most), ()
    return Design(
        n_psu,
        df,
        rows,
        later_df,
        plan.mean_over_units(0, first.unsampled),
        np.zeros_like(n_psu) if later is None else later,
        plan.mean_over_units(0, several),
    )


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
