"""Effective counts: answers from one school resemble each other, so a district's answers are worth fewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mapping.errors import EstimationError
from mapping.estimate.small_area.counts import area_counts

__all__ = ["STATED", "EffectiveCounts", "effective_counts"]

Array = NDArray[np.float64]

STATED = (0.005, 0.02, 0.05)  # correlations to compare where the data cannot tell


@dataclass(frozen=True, slots=True)
class EffectiveCounts:
    """Counts by area, divided by the area's design effect.

    `correlation` is that between pupils of one school within an area; `told` whether the data gave it.
    """

    events: Array
    trials: Array
    design_effect: Array
    correlation: float
    told: bool
    notes: tuple[str, ...] = ()


def effective_counts(
    events: ArrayLike,
    trials: ArrayLike,
    *,
    area: ArrayLike,
    school: ArrayLike,
    correlation: float | None = None,
) -> EffectiveCounts:
    r"""Events and trials by area, as if the answers were independent, by the pooled within-area design effect.

    Parameters
    ----------
    events, trials : array_like of shape (rows,)
        Counts by area and school.
    area : array_like of int
        Position of the area of each row.
    school : array_like
        School of each row.
    correlation : float, optional
        Correlation between pupils of a school within an area, when it is not to be estimated: where no area
        has two schools, compare the three in `STATED`.

    Returns
    -------
    EffectiveCounts

    Raises
    ------
    EstimationError
        If counts are impossible or the correlation lies outside 0 to 1.

    Notes
    -----
    The correlation is the analysis-of-variance estimate over schools within areas, pooled, at least 0:
    :math:`\hat\rho = (M_B - M_W)/(M_B + (n_0-1)M_W)`. What differs between areas does not enter: it is the
    signal. An area's design effect is :math:`1 + (\bar m - 1)\hat\rho` with :math:`\bar m = \sum n_r^2/\sum
    n_r` over its schools.

    References
    ----------
    Ridout, Demétrio & Firth (1999), Biometrics 55, 137-148 (the estimators compared). Kish (1965), Survey
    Sampling, section 5.4 (the design effect).

    Examples
    --------
    >>> found = effective_counts([2, 9, 3, 10], [30, 30, 30, 30], area=[0, 0, 1, 1], school=["a", "b", "a", "b"])
    >>> round(found.correlation, 3), found.trials.round(1).tolist()
    (0.128, [12.7, 12.7])
    """
    counts = area_counts(events, trials, area=area)
    names = np.asarray(school)
    if names.shape != counts.row_trials.shape:
        raise EstimationError(f"school must name the school of each of the {len(counts.row_trials)} rows.")
    if correlation is not None and not 0 <= correlation <= 1:
        raise EstimationError(f"the correlation lies between 0 and 1; it is {correlation}.")
    _, codes = np.unique(names, return_inverse=True)
    cell_area, y, n = _cells(counts.row_area, codes, counts.row_events, counts.row_trials)
    estimate = _correlation(cell_area, y, n, len(counts.trials))
    told = estimate is not None
    if correlation is None:
        correlation = STATED[1] if estimate is None else estimate
    squares = np.bincount(cell_area, n**2, minlength=len(counts.trials))
    mean_size = squares / np.where(counts.trials > 0, counts.trials, 1)
    effect = 1 + np.maximum(mean_size - 1, 0) * correlation
    notes = (
        ()
        if told
        else (
            "No area has answers from two schools, so the correlation within schools is assumed, not estimated "
            f"({correlation:g}): compare {', '.join(f'{value:g}' for value in STATED)}.",
        )
    )
    return EffectiveCounts(
        counts.events / effect, counts.trials / effect, effect, float(correlation), told, notes
    )


def _cells(
    area: NDArray[np.intp], school: NDArray[np.intp], events: Array, trials: Array
) -> tuple[NDArray[np.intp], Array, Array]:
    """Counts added by area and school; cells without trials go."""
    pairs, cell = np.unique(np.column_stack([area, school]), axis=0, return_inverse=True)
    y, n = np.bincount(cell.ravel(), events), np.bincount(cell.ravel(), trials)
    tried = n > 0
    return pairs[tried, 0], np.asarray(y[tried], dtype=float), np.asarray(n[tried], dtype=float)


def _correlation(area: NDArray[np.intp], y: Array, n: Array, areas: int) -> float | None:
    """The pooled estimate, or None where no area has two schools or every answer is the same."""
    schools = np.bincount(area, minlength=areas)
    total, events = np.bincount(area, n, minlength=areas), np.bincount(area, y, minlength=areas)
    between_df, within_df = float((schools[schools > 0] - 1).sum()), float((n - 1).sum())
    if between_df <= 0 or within_df <= 0:
        return None
    level = (events / np.where(total > 0, total, 1))[area]
    between = float((n * (y / n - level) ** 2).sum()) / between_df
    within = float((y * (1 - y / n)).sum()) / within_df
    squares = np.bincount(area, n**2, minlength=areas)
    size = float((total - squares / np.where(total > 0, total, 1)).sum()) / between_df
    scale = between + (size - 1) * within
    return None if scale <= 0 else min(max((between - within) / scale, 0.0), 1.0)
