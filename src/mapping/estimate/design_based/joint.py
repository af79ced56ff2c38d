"""Covariances of estimates with each other, and contrasts made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.intervals import wald
from mapping.estimate.design_based.linear import pair_scores
from mapping.estimate.design_based.linearisation import covariance as stage_covariance
from mapping.estimate.design_based.plan import Plan, make_plan
from mapping.estimate.design_based.variables import Variable, read_value

__all__ = ["answered_together", "contrast", "covariance", "joint"]

_STEP = 1e-30  # of the complex-step derivative: no cancellation, so as small as one likes
Nonlinear = Callable[[np.ndarray], Any]


def covariance(
    frame: pd.DataFrame,
    design: SurveyDesign,
    variables: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    statistic: str = "mean",
) -> pd.DataFrame:
    """The covariance matrix of the means (or totals) of variables in domains.

    Parameters
    ----------
    statistic : {"mean", "total"}
        Of all variables; the others as in `mean`.

    Returns
    -------
    DataFrame
        Square, in the squared units of the variables. Rows and columns are in the order of `mean`: variable by
        variable, domain by domain, labelled by both.

    Raises
    ------
    EstimationError, LonelyPSUError
        As in `mean`.

    Notes
    -----
    Σ_h (1 − f_h) n_h/(n_h − 1) Σ_c (z_c − z̄_h)(z_c − z̄_h)′ and the same for later stages, z_c the vector of the scores
    of PSU c (Binder 1983, International Statistical Review 51, 279–292). Scores are centred over the whole
    design, so that the rule for lonely strata is that of the design; with replicate weights it is their covariance.
    """
    plan = make_plan(frame, design, by, margins=False)
    chosen = _read(frame, variables, statistic)
    _, matrix = joint(plan, chosen)
    labels = plan.domains.labels()
    parts = [labels.assign(indicator=variable.name) for variable in chosen]
    index = pd.concat(parts)[["indicator", *labels.columns]]
    names = pd.MultiIndex.from_frame(index) if labels.shape[1] else pd.Index(index["indicator"])
    return pd.DataFrame(matrix, index=names, columns=names)


def contrast(
    frame: pd.DataFrame,
    design: SurveyDesign,
    variables: str | Sequence[str],
    contrasts: Mapping[str, Sequence[float] | Nonlinear],
    by: str | Sequence[str] = (),
    *,
    statistic: str = "mean",
    level: float = 0.95,
) -> pd.DataFrame:
    """Linear and non-linear functions of means (or totals), with standard errors.

    Parameters
    ----------
    contrasts : mapping
        Name to coefficients, one for each row of `mean` for the same variables and domains, or to a function
        of the array of those estimates, made of operations that also hold for complex numbers (+, ×, /, log,
        exp, …).

    Returns
    -------
    DataFrame
        ``contrast``, ``estimate``, ``se``, ``df`` (of the design), ``ci_low``, ``ci_high`` (t interval),
        ``reason``.

    Raises
    ------
    EstimationError
        If a contrast has another number of coefficients than there are estimates, or as in `mean`.

    Notes
    -----
    se = √(g′Vg), V from `covariance`, g the coefficients or the gradient. The gradient is taken by complex
    steps, Im f(x + ih)/h with h = 1e-30, exact to rounding.

    References
    ----------
    Squire & Trapp (1998), SIAM Review 40, 110–112 (complex steps). Wolter (2007), Introduction to Variance
    Estimation, section 6.5 (delta method).
    """
    plan = make_plan(frame, design, by, margins=False)
    value, matrix = joint(plan, _read(frame, variables, statistic))
    df = plan.df_of_design()
    rows = [_contrast(name, recipe, value, matrix) for name, recipe in contrasts.items()]
    estimate, se = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    low, high = wald(estimate, se**2, np.full(se.size, float(df)), level)
    table = pd.DataFrame({"contrast": [row[0] for row in rows], "estimate": estimate, "se": se, "df": df})
    known = np.isfinite(estimate) & np.isfinite(se)
    reason = np.where(
        known, "" if df > 0 else "no degrees of freedom", "an estimate is missing, 0 or infinite"
    )
    return table.assign(ci_low=low, ci_high=high, reason=reason.astype(object))


def _read(frame: pd.DataFrame, variables: str | Sequence[str], statistic: str) -> list[Variable]:
    if statistic not in {"mean", "total"}:
        raise ValueError(f"statistic must be 'mean' or 'total', not {statistic!r}")
    chosen = [variables] if isinstance(variables, str) else list(variables)
    return [read_value(frame, name, total=statistic == "total") for name in chosen]


def _contrast(
    name: str, recipe: Sequence[float] | Nonlinear, value: Floats, matrix: Floats
) -> tuple[str, float, float]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if callable(recipe):
            steps = value + 1j * _STEP * np.eye(value.size)
            gradient = np.array([np.imag(recipe(step)) / _STEP for step in steps])
            estimate = float(np.real(recipe(value)))
        else:
            gradient = np.asarray(recipe, dtype=np.float64)
            if gradient.size != value.size:
                raise EstimationError(
                    f"Contrast {name!r} has {gradient.size} coefficients for {value.size} estimates. Give one for each."
                )
            used = gradient != 0
            estimate = float(gradient[used] @ value[used])
        used = gradient != 0
        variance = float(gradient[used] @ matrix[np.ix_(used, used)] @ gradient[used])
    return name, estimate, float(np.sqrt(variance)) if variance >= 0 else np.nan


def joint(plan: Plan, variables: Sequence[Variable]) -> tuple[Floats, Floats]:
    """Estimates of all variables in all domains of a plan without margins, and their covariance matrix."""
    size = plan.n_domains
    matrices = np.zeros((len(variables) * size, len(variables) * size))
    columns = [pair_scores(plan, variable) for variable in variables]
    values = np.concatenate([value for value, _ in columns])
    if plan.replicated is not None:
        replicated = np.concatenate([plan.replicated.estimates(variable) for variable in variables])
        return values, plan.replicated.replicates.variance(replicated, values)
    for s, stage in enumerate(plan.sample.stages):
        dense = np.zeros((stage.n_units, values.size))
        for v, (_, by_stage) in enumerate(columns):
            (layout,), (z,) = plan.layouts[s], by_stage[s]
            dense[layout.unit, v * size + layout.domain] = z
        matrices += stage_covariance(plan.sample, stage, dense, first=s == 0)
    return values, matrices


def answered_together(plan: Plan, variables: Sequence[Variable]) -> tuple[Floats, Floats]:
    """Estimates of variables that the same rows answered, over the whole design, and their covariance matrix.

    A stratum in which nobody answered has no part in it, as in the variance of each of them.
    """
    if plan.replicated is not None:
        return joint(plan, variables)
    columns = [pair_scores(plan, variable) for variable in variables]
    values = np.concatenate([value for value, _ in columns])
    matrices, (any_of_them, *_) = np.zeros((values.size, values.size)), variables
    for s in range(len(plan.sample.stages)):
        scores = np.column_stack([by_stage[s][0] for _, by_stage in columns])
        matrices += plan.blocks(s, 0, any_of_them).covariance(scores)
    return values, matrices
