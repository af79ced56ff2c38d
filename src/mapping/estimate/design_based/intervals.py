"""Confidence intervals of a proportion from its estimate, variance and degrees of freedom.

All functions take and return arrays; where an interval does not exist (variance 0, no degrees of freedom)
they return NaN, which `prevalence` replaces by an honest interval with a reason.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from mapping.estimate.design_based.codes import Floats

__all__ = [
    "Interval",
    "arcsine",
    "clopper_pearson",
    "korn_graubard",
    "logit",
    "t_quantile",
    "wald",
    "wilson",
]

Interval = tuple[Floats, Floats]


def t_quantile(df: Floats, level: float) -> Floats:
    """Two-sided quantile of Student's t; NaN where df ≤ 0."""
    distinct, which = np.unique(df, return_inverse=True)
    value: Floats = special.stdtrit(distinct, (1 + level) / 2)
    return value[which]


def wald(estimate: Floats, variance: Floats, df: Floats, level: float) -> Interval:
    """estimate ± t·se (R: ``method="mean"``)."""
    half = t_quantile(df, level) * np.sqrt(variance)
    return estimate - half, estimate + half


def logit(p: Floats, variance: Floats, df: Floats, level: float) -> Interval:
    """Wald interval of log(p/(1 − p)), se by the delta method, transformed back (R: ``method="xlogit"``)."""
    centre = special.logit(p)
    half = t_quantile(df, level) * np.sqrt(variance) / (p * (1 - p))
    return special.expit(centre - half), special.expit(centre + half)


def arcsine(p: Floats, variance: Floats, df: Floats, level: float) -> Interval:
    """Wald interval of arcsin √p, transformed back as R does it (``method="asin"``).

    Beyond 0 and π/2 the back-transformation turns around; where it comes back past the estimate, the limit is
    the end.
    """
    centre = np.arcsin(np.sqrt(p))
    half = t_quantile(df, level) * np.sqrt(variance / (4 * p * (1 - p)))
    low = np.where(half > 2 * centre, 0.0, np.sin(centre - half) ** 2)
    high = np.where(half > np.pi - 2 * centre, 1.0, np.sin(centre + half) ** 2)
    return low, high


def wilson(p: Floats, variance: Floats, df: Floats, level: float) -> Interval:
    """Score interval with the effective sample size p(1 − p)/v and a t quantile (R 4.5: ``method="wilson"``).

    References
    ----------
    Wilson (1927), JASA 22, 209–212; Franco, Little, Louis & Slud (2019), Journal of Survey Statistics and
    Methodology 7, 334–364.
    """
    t2 = t_quantile(df, level) ** 2
    n = p * (1 - p) / variance
    middle = p + t2 / (2 * n)
    half = np.sqrt(t2) / (2 * n) * np.sqrt(4 * n * p * (1 - p) + t2)
    return (middle - half) / (1 + t2 / n), (middle + half) / (1 + t2 / n)


def clopper_pearson(events: Floats, n: Floats, level: float) -> Interval:
    """Exact binomial interval for `events` of `n`, which need not be whole numbers; 0 and 1 at the ends.

    References
    ----------
    Clopper & Pearson (1934), Biometrika 26, 404–413.
    """
    alpha = (1 - level) / 2
    rest = np.maximum(n - events, 0.0)
    low = special.betaincinv(events, rest + 1, alpha)
    high = special.betaincinv(events + 1, rest, 1 - alpha)
    return np.where(events > 0, low, 0.0), np.where(rest > 0, high, 1.0)


def korn_graubard(p: Floats, variance: Floats, df: Floats, rows: Floats, level: float) -> Interval:
    """Clopper–Pearson interval on the effective sample size, corrected for df (R: ``method="beta"``).

    n* = p(1 − p)/v · (t_{rows−1} / t_df)²; `rows` are those of the domain, answered or not, as in R.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193–201.
    """
    n = p * (1 - p) / variance * (t_quantile(rows - 1, level) / t_quantile(df, level)) ** 2
    return clopper_pearson(n * p, n, level)
