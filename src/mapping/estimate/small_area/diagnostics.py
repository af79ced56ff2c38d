"""What an analyst looks at before believing a model: data beside model, and the model without each district."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln
from scipy.stats import binom

from mapping.errors import EstimationError
from mapping.estimate.small_area.posterior import AreaPosterior, tail_of
from mapping.estimate.small_area.sequences import stratified_uniforms

__all__ = ["direct_against_model", "leave_one_out", "morans_i"]

Array = NDArray[np.float64]
Fit = Callable[..., AreaPosterior]


def direct_against_model(
    posterior: AreaPosterior, events: ArrayLike, trials: ArrayLike, *, level: float = 0.95
) -> pd.DataFrame:
    """Each area's own share beside the model's: how far it was pulled, and how surprising its count is.

    Parameters
    ----------
    posterior : AreaPosterior
        Of risk, of these areas.
    events, trials : array_like of shape (areas,)
        Whole or effective counts.
    level : float, optional
        Of the interval.

    Returns
    -------
    DataFrame
        One row per area: events, trials, direct, model, low, high; `shrinkage`, the share of the way from the
        direct share to the mean of all that the model went (missing where the two are the same);
        `residual`, (events − expected) by the standard deviation the model expects; `tail`, the probability of
        a count as high, those as high counted half (missing for effective counts: then only residuals).
    """
    y, n = (np.asarray(values, dtype=float) for values in (events, trials))
    if posterior.target != "risk" or y.shape != posterior.mean.shape or n.shape != y.shape:
        raise EstimationError("give a posterior of risk, and one count of events and trials for each area.")
    limits, risk = posterior.interval(level), posterior.draws
    tried = n > 0
    direct = np.where(tried, y / np.where(tried, n, 1), np.nan)
    overall = y.sum() / n.sum() if n.sum() > 0 else np.nan
    apart = np.abs(overall - direct) > 1e-12
    spread = np.sqrt((n * risk * (1 - risk)).mean(axis=0) + (n * risk).var(axis=0))
    whole = (y % 1 == 0) & (n % 1 == 0) & tried
    tail = (binom.sf(np.floor(y), np.floor(n), risk) + 0.5 * binom.pmf(np.floor(y), np.floor(n), risk)).mean(
        axis=0
    )
    return pd.DataFrame(
        {
            "events": y,
            "trials": n,
            "direct": direct,
            "model": posterior.mean,
            "low": limits[:, 0],
            "high": limits[:, 1],
            "shrinkage": np.where(
                apart, (posterior.mean - direct) / np.where(apart, overall - direct, 1), np.nan
            ),
            "residual": np.where(tried, (y - n * posterior.mean) / np.where(spread > 0, spread, 1), np.nan),
            "tail": np.where(whole, tail, np.nan),
        }
    )


def leave_one_out(fit: Fit, events: ArrayLike, trials: ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    """What the others say of each area, beside what it says itself, and how much all others owe to it.

    Parameters
    ----------
    fit : callable
        Takes events and trials by area and returns a posterior of risk, for instance ``lambda y, n: bym2(y, n,
        adjacency=pairs)``. It is called once for each area with answers, and once with all.
    events, trials : array_like of shape (areas,)
    level : float, optional
        Of the limits on the share that could have been seen.

    Returns
    -------
    DataFrame
        One row per area with answers: `area` (position), direct, model (with all), `without` (predicted from the
        others), low and high (of the share that as many new answers would give), `surprise` (minus the log
        probability of the count), `learned` (1 less the ratio of the variances of its risk, with its answers and
        without), and `influence`: how far, at most, another area moves when this one is left out, in standard
        deviations.
    """
    y, n = (np.asarray(values, dtype=float) for values in (events, trials))
    full, rows = fit(y, n), []
    for at in np.flatnonzero(n > 0):
        others = np.arange(len(n)) != at
        left = fit(y * others, n * others)
        risk = np.clip(left.draws[:, at], 1e-12, 1 - 1e-12)
        low, high = _seen(risk, n[at], level)
        rows.append(
            {
                "area": at,
                "direct": y[at] / n[at],
                "model": full.mean[at],
                "without": left.mean[at],
                "low": low,
                "high": high,
                "surprise": _surprise(risk, y[at], n[at]),
                "learned": 1 - (full.sd[at] / left.sd[at]) ** 2,
                "influence": (np.abs(full.mean - left.mean) / full.sd)[others].max(initial=0.0),
            }
        )
    return pd.DataFrame(rows)


def morans_i(values: ArrayLike, adjacency: Iterable[tuple[int, int]]) -> tuple[float, float, float]:
    """Whether neighbours resemble each other: Moran's I, and what it would be without structure.

    Parameters
    ----------
    values : array_like of shape (areas,)
        For instance the residuals of `direct_against_model`.
    adjacency : iterable of (int, int)
        Pairs of positions of neighbouring areas.

    Returns
    -------
    (float, float, float)
        I, its expectation and its standard deviation when the values are dealt out to the areas at random.

    References
    ----------
    Cliff & Ord (1981), Spatial Processes, section 2.3 (randomisation).

    Examples
    --------
    >>> index, expected, sd = morans_i([1, 2, 3, 4, 5, 6], [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)])
    >>> round(index, 3), expected, round(sd, 3)
    (0.6, -0.2, 0.389)
    """
    z = np.asarray(values, dtype=float)
    pairs = (
        np.unique([(min(a, b), max(a, b)) for a, b in adjacency if a != b], axis=0).reshape(-1, 2).astype(int)
    )
    m = len(z)
    if m < 4 or not len(pairs) or pairs.max() >= m or pairs.min() < 0 or np.ptp(z) == 0:
        raise EstimationError(
            "Moran's I needs four areas that are not all alike, and pairs of neighbours among them."
        )
    z = z - z.mean()
    links = float(len(pairs))
    s0, s1 = 2 * links, 4 * links
    s2 = 4 * float((np.bincount(pairs.ravel(), minlength=m) ** 2).sum())
    index = m / s0 * 2 * float((z[pairs[:, 0]] * z[pairs[:, 1]]).sum()) / float(z @ z)
    kurtosis = m * float((z**4).sum()) / float(z @ z) ** 2
    first = m * ((m**2 - 3 * m + 3) * s1 - m * s2 + 3 * s0**2)
    second = kurtosis * ((m**2 - m) * s1 - 2 * m * s2 + 6 * s0**2)
    variance = (first - second) / ((m - 1) * (m - 2) * (m - 3) * s0**2) - 1 / (m - 1) ** 2
    return index, -1 / (m - 1), float(np.sqrt(variance))


def _surprise(risk: Array, y: float, n: float) -> float:
    """Minus the log of the probability of y among n, over the draws of the risk."""
    log = y * np.log(risk) + (n - y) * np.log1p(-risk)
    kernel = float(gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1))
    return -(kernel + float(log.max()) + float(np.log(np.exp(log - log.max()).mean())))


def _seen(risk: Array, n: float, level: float) -> Array:
    """Equal-tailed limits of the share of events among as many new answers."""
    new = binom.ppf(stratified_uniforms(len(risk), 1, stream=7)[:, 0], np.ceil(n), risk) / np.ceil(n)
    tail = tail_of(level)
    limits: Array = np.quantile(new, [tail, 1 - tail], method="inverted_cdf")
    return limits
