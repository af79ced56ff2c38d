"""Rates of cases known to services, with exact limits: what is detected, never how common it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from mapping.errors import EstimationError

__all__ = ["PER", "case_rates"]

PER = 10_000


def case_rates(counts: ArrayLike, population: ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    r"""Cases per 10,000 people with Garwood's exact limits.

    Parameters
    ----------
    counts : array_like of shape (rows,)
        Cases, whole numbers of at least 0.
    population : array_like of shape (rows,)
        People among whom they were counted; missing or 0 where unknown.
    level : float
        Coverage that the limits have at least.

    Returns
    -------
    DataFrame
        ``rate``, ``se``, ``ci_low``, ``ci_high`` per 10,000, in the order given; missing where the population
        is unknown.

    Raises
    ------
    EstimationError
        If a count is missing, negative or not whole, or a population is negative.

    Notes
    -----
    With :math:`y` cases the limits of the expected count are :math:`\chi^2_{\alpha/2, 2y}/2` and
    :math:`\chi^2_{1-\alpha/2, 2y+2}/2`, the lower one 0 at :math:`y = 0`, where the upper stays at
    :math:`\alpha/2`. They hold for independent cases; siblings known to services together make them too
    narrow. The standard error is :math:`\sqrt{y}`, per population.

    References
    ----------
    Garwood (1936), Biometrika 28, 437-442.

    Examples
    --------
    >>> case_rates([0, 41], [1200, 9800]).round(1).to_dict("list")
    {'rate': [0.0, 41.8], 'se': [0.0, 6.5], 'ci_low': [0.0, 30.0], 'ci_high': [30.7, 56.8]}
    """
    y, n = np.asarray(counts, dtype=float), np.asarray(population, dtype=float)
    if y.shape != n.shape or y.ndim != 1:
        raise EstimationError(
            f"counts and population must be lists of one length, not {y.shape} and {n.shape}."
        )
    if bad := int((~np.isfinite(y) | (y < 0) | (y != np.round(y))).sum()):
        raise EstimationError(
            f"{bad} case counts are missing, negative or not whole numbers. Correct the extract."
        )
    if bad := int((n < 0).sum()):
        raise EstimationError(f"{bad} populations are negative. Correct the register table.")
    if not 0 < level < 1:
        raise EstimationError(
            f"the level of an interval lies between 0 and 1, for instance 0.95; it is {level}."
        )
    per = PER / np.where(n > 0, n, np.nan)
    tail = (1 - level) / 2
    low = np.where(y > 0, gammaincinv(np.maximum(y, 1), tail), 0.0)
    high = gammaincinv(y + 1, 1 - tail)
    return pd.DataFrame({"rate": y * per, "se": np.sqrt(y) * per, "ci_low": low * per, "ci_high": high * per})
