"""Which interval a proportion gets, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.estimate.design_based import intervals
from mapping.estimate.design_based.codes import Floats, Ints

__all__ = ["INTERVALS", "LABELS", "Limits", "Shares", "choose_limits"]

INTERVALS = ("auto", "wald", "logit", "beta", "likelihood", "asin", "wilson")
_MORE = 1.001  # a design effect this much larger widens an interval visibly
_FEW = 10.0  # effective events or non-events below which the logit interval gives way to Korn–Graubard
LABELS = (*INTERVALS, "none", "exact", "assumed", "census")


@dataclass(frozen=True, slots=True, repr=False)
class Shares:
    """Proportions and what their intervals rest on, each an array over all rows."""

    p: Floats
    variance: Floats
    srs_variance: Floats
    n: Floats
    positive: Floats
    df: Floats  # of the interval
    rows: Floats  # of the domain, answered or not
    expected: Floats  # design effect, from all domains together

    @property
    def some(self) -> NDArray[np.bool_]:
        """Rows with an answer."""
        answered: NDArray[np.bool_] = self.n > 0
        return answered

    @property
    def census(self) -> NDArray[np.bool_]:
        """Rows of which the whole population was sampled."""
        whole: NDArray[np.bool_] = self.some & (self.expected == 0)
        return whole

    @property
    def at_end(self) -> NDArray[np.bool_]:
        """Rows of samples at 0 or 100 per cent, by count."""
        end: NDArray[np.bool_] = (self.positive == 0) | (self.positive == self.n)
        end &= self.some & ~self.census
        return end

    @property
    def blind(self) -> NDArray[np.bool_]:
        """Rows between the ends whose variance the sample cannot estimate."""
        known = (self.df > 0) & (self.variance > 0) & np.isfinite(self.variance)
        blind: NDArray[np.bool_] = self.some & ~self.at_end & ~self.census & ~known
        return blind


@dataclass(frozen=True, slots=True, repr=False)
class Limits:
    """Limits of proportions, the label of the interval, and the effective sample sizes behind it."""

    low: Floats
    high: Floats
    label: Ints  # position in `LABELS`
    deff: Floats
    n_eff: Floats
    width: Floats  # of the Korn–Graubard interval
    widened: NDArray[np.bool_]  # whether the expected design effect took the place of the domain's own


def choose_limits(shares: Shares, level: float, interval: str, given: intervals.Interval | None) -> Limits:
    """Limits by the method asked for, and by honest ones where it does not exist.

    Parameters
    ----------
    given : limits made elsewhere, for ``interval="likelihood"``
    """
    some, at_end, blind = shares.some, shares.at_end, shares.blind
    n_rows = shares.n.size
    deff = _design_effects(shares)
    n_eff = np.divide(shares.n, deff, out=np.full(n_rows, np.nan), where=some & (deff > 0))
    census = shares.census
    usual = some & ~at_end & ~blind & ~census
    few = (
        usual
        & (np.minimum(shares.p, 1 - shares.p) * np.minimum(n_eff, shares.n) < _FEW)
        & (interval == "auto")
    )
    size = _sizes(shares, np.where(few, np.fmax(deff, shares.expected), deff), level)
    low, high = np.full(n_rows, np.nan), np.full(n_rows, np.nan)
    low[at_end], high[at_end] = _one_sided(shares.p[at_end], n_eff[at_end], level)
    inner = np.flatnonzero(some & ~at_end & (shares.n > 1))
    low[inner], high[inner] = intervals.clopper_pearson(shares.p[inner] * size[inner], size[inner], level)
    low[census] = high[census] = shares.p[census]
    width = high - low
    label = np.full(n_rows, LABELS.index("logit" if interval == "auto" else interval))
    for rows, word in (
        (~some, "none"),
        (at_end, "exact"),
        (blind, "assumed"),
        (few, "beta"),
        (census, "census"),
    ):
        label[rows] = LABELS.index(word)
    rest = np.flatnonzero(usual & ~few)
    found = _explicit(shares, rest, level, interval, given)
    lost = np.isnan(found[0]) | np.isnan(found[1])  # a likelihood without a limit
    low[rest], high[rest] = np.where(lost, low[rest], found[0]), np.where(lost, high[rest], found[1])
    label[rest[lost]] = LABELS.index("beta")
    return Limits(
        low, high, label, deff, n_eff, width, few & (_MORE * np.maximum(deff, 1.0) < shares.expected)
    )


def _design_effects(shares: Shares) -> Floats:
    """The domain's own design effect; the expected one, at least 1, at the ends and where there is no variance."""
    known = shares.some & ~shares.at_end & (shares.srs_variance > 0)
    own = np.divide(shares.variance, shares.srs_variance, out=np.full(shares.n.size, np.nan), where=known)
    least = np.maximum(shares.expected, 1.0)
    effects: Floats = np.where(shares.blind, np.fmax(own, least), own)
    effects[shares.at_end] = least[shares.at_end]
    effects[shares.census] = 0.0
    return effects


def _sizes(shares: Shares, deff: Floats, level: float) -> Floats:
    """Effective sample sizes corrected for degrees of freedom, at most n."""
    usual = np.flatnonzero(shares.some & ~shares.at_end & ~shares.blind & ~shares.census)
    correction = np.ones(shares.n.size)
    correction[usual] = _df_factor(shares.n[usual], shares.df[usual], level)
    size = np.divide(
        shares.n * correction, deff, out=np.full(shares.n.size, np.inf), where=shares.some & (deff > 0)
    )
    capped: Floats = np.minimum(size, shares.n)
    return capped


def _df_factor(n: Floats, df: Floats, level: float) -> Floats:
    """(t_{n−1} / t_df)², at most 1: what few degrees of freedom cost in effective sample size."""
    ratio = intervals.t_quantile(n - 1, level) / intervals.t_quantile(df, level)
    return np.minimum(ratio**2, 1.0)


def _one_sided(p: Floats, n: Floats, level: float) -> intervals.Interval:
    """Clopper–Pearson at 0 and at n: one limit exact, the other at (1 − level)/2, in closed form."""
    root = ((1 - level) / 2) ** (1 / n)
    return np.where(p == 0, 0.0, root), np.where(p == 0, 1 - root, 1.0)


def _explicit(
    shares: Shares, rows: NDArray[np.intp], level: float, interval: str, given: intervals.Interval | None
) -> intervals.Interval:
    """Limits of some rows by a method as R has it."""
    if given is not None:
        return given[0][rows], given[1][rows]
    p, variance, df = shares.p[rows], shares.variance[rows], shares.df[rows]
    if interval == "beta":
        return intervals.korn_graubard(p, variance, df, shares.rows[rows], level)
    methods = {"wald": intervals.wald, "asin": intervals.arcsine, "wilson": intervals.wilson}
    return methods.get(interval, intervals.logit)(p, variance, df, level)
