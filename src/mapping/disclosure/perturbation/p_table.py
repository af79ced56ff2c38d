"""The table of the cell-key method: how likely each deviation is for each count, by maximum entropy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mapping.errors import SettingsError

__all__ = ["p_table"]

Floats = NDArray[np.float64]

_STEPS = 200
_NEAR = 1e-12


def p_table(maximum: int, variance: float, *, smallest: int = 1) -> Floats:
    """Probabilities of the deviations -maximum … maximum (columns) for the counts 0, 1, … (rows).

    Each row has mean 0, so that printed counts are unbiased, and among all such distributions the greatest entropy
    at the given variance. Zero stays zero. No count is printed as negative or as 1 … smallest - 1. The last row holds
    for all larger counts.

    Parameters
    ----------
    maximum : int
        The largest deviation, at least 1 and at least `smallest` - 1.
    variance : float
        The variance of the deviation, above 0 and at most that of the uniform distribution,
        maximum · (maximum + 1) / 3. Small counts whose possible deviations do not allow it get the nearest one that
        they do allow.
    smallest : int
        The smallest count that may be printed besides 0.

    Returns
    -------
    numpy.ndarray, maximum + smallest + 1 rows × 2 · maximum + 1 columns

    Raises
    ------
    SettingsError
        If there is no such table.

    Notes
    -----
    With deviations v, p(v) is proportional to exp(a·v + b·v²); a and b are found by Newton's method on the convex dual.

    References
    ----------
    J. K. Marley and V. L. Leaver (2011), A method for confidentialising user-defined tables: statistical properties and
    a risk-utility analysis, Proc. 58th World Statistical Congress, ISI, 1072–1081. S. Giessing (2016), Computational
    issues in the design of transition probabilities and disclosure risk estimation for additive noise, Privacy in
    Statistical Databases, LNCS 9867:237–251. T. Enderle, S. Giessing and R. Tent (2018), Designing confidentiality on
    the fly methodology: three aspects, Privacy in Statistical Databases, LNCS 11126:28–42.

    Examples
    --------
    >>> p_table(1, 0.5)[1].round(2).tolist()
    [0.25, 0.5, 0.25]
    """
    if maximum < 1 or smallest < 1 or maximum < smallest - 1:
        raise SettingsError(
            f"p-table: the largest deviation is {maximum} and the smallest count to print {smallest}. Both must be at "
            "least 1, and the deviation at least the count less 1: else some counts could not be printed at all."
        )
    highest = maximum * (maximum + 1) / 3
    if not 0 < variance <= highest + _NEAR:
        raise SettingsError(
            f"p-table: the variance is {variance:g}. With deviations up to {maximum} it must be above 0 and at most "
            f"{highest:g}; beyond, the largest deviations would be the likeliest."
        )
    return np.array([_row(count, maximum, variance, smallest) for count in range(maximum + smallest + 1)])


def _row(count: int, maximum: int, variance: float, smallest: int) -> Floats:
    deviation = np.arange(-maximum, maximum + 1)
    printed = count + deviation
    allowed = (deviation == 0) if count == 0 else (printed == 0) | (printed >= smallest)
    row = np.zeros(len(deviation))
    row[allowed] = _most_even(deviation[allowed].astype(float), variance)
    return row


def _most_even(v: Floats, variance: float) -> Floats:
    """The distribution on v of mean 0 with the variance nearest to the one wanted, and then the greatest entropy."""
    inner = v[v <= 0].max(), v[v >= 0].min()
    outer = v.min(), v.max()
    for ends, unreachable in (
        (inner, variance <= -inner[0] * inner[1]),
        (outer, variance >= -outer[0] * outer[1]),
    ):
        if unreachable:
            return _two_points(v, *ends)
    return _tilted(v, variance)


def _two_points(v: Floats, low: float, high: float) -> Floats:
    row = np.zeros(len(v))
    row[v == low] = 1.0 if low == high else high / (high - low)
    row[v == high] = 1.0 if low == high else -low / (high - low)
    return row


def _tilted(v: Floats, variance: float) -> Floats:
    """p ∝ exp(θ · (v, v²)) with E(v) = 0 and E(v²) = variance: Newton with halved steps on log Σ exp(θ · t)."""
    t = np.column_stack([v, v**2 - variance])
    theta = np.zeros(2)
    for _ in range(_STEPS):
        p = _shares(t @ theta)
        gradient = p @ t
        if np.abs(gradient).max() < _NEAR:
            break
        centred = t - gradient
        step = np.linalg.lstsq(centred.T @ (centred * p[:, None]), gradient, rcond=None)[0]
        size, here = 1.0, _height(t @ theta)
        while size > _NEAR and _height(t @ (theta - size * step)) > here:
            size /= 2
        theta -= size * step
    return _shares(t @ theta)


def _shares(x: Floats) -> Floats:
    e: Floats = np.exp(x - x.max())
    shares: Floats = e / e.sum()
    return shares


def _height(x: Floats) -> float:
    return float(x.max() + np.log(np.exp(x - x.max()).sum()))
