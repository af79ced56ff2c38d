"""Counts as the models take them: checked, one row per area, with published sums of withheld areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mapping.errors import EstimationError

__all__ = ["AreaCounts", "GroupSum", "area_counts", "area_means", "covariates", "municipal_weights"]

Array = NDArray[np.float64]
GroupSum = tuple[Sequence[int], float, float]


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """Events and trials by area, and by group of areas of which only the sum is known.

    `group` is the position of the area's sum in `sum_events`, or −1; `row_area` the area of each row given,
    `row_events` and `row_trials` its counts.
    """

    events: Array
    trials: Array
    group: NDArray[np.intp]
    sum_events: Array
    sum_trials: Array
    row_area: NDArray[np.intp]
    row_events: Array
    row_trials: Array

    @property
    def weights(self) -> Array:
        """Trials by area; those of a sum shared equally among its areas. All 1 where nothing was tried."""
        weights = self.trials.copy()
        for position, trials in enumerate(self.sum_trials):
            inside = self.group == position
            weights[inside] = trials / inside.sum()
        return weights if weights.sum() > 0 else np.ones_like(weights)


def _checked(events: ArrayLike, trials: ArrayLike) -> tuple[Array, Array]:
    y, n = np.asarray(events, dtype=float), np.asarray(trials, dtype=float)
    if y.ndim != 1 or y.shape != n.shape or not len(y):
        raise EstimationError(
            f"events and trials must be two lists of one length, not {y.shape} and {n.shape}."
        )
    if bad := int((~np.isfinite(y) | ~np.isfinite(n)).sum()):
        raise EstimationError(
            f"{bad} rows have a missing or infinite count. Give 0 trials where nobody was asked."
        )
    if bad := int(((y < 0) | (n < 0) | (y > n * (1 + 1e-12))).sum()):
        raise EstimationError(
            f"{bad} rows have fewer than 0 events or more events than trials. Correct the counts."
        )
    return np.minimum(y, n), n


def _positions(area: ArrayLike | None, rows: int) -> NDArray[np.intp]:
    if area is None:
        return np.arange(rows)
    positions = np.asarray(area)
    if positions.shape != (rows,) or not np.issubdtype(positions.dtype, np.integer) or positions.min() < 0:
        raise EstimationError(
            "area must give the position (0, 1, …) of the area of each row, as whole numbers."
        )
    return positions.astype(np.intp)


def area_counts(
    events: ArrayLike,
    trials: ArrayLike,
    *,
    area: ArrayLike | None = None,
    sums: Sequence[GroupSum] | None = None,
    areas: int = 0,
) -> AreaCounts:
    """Events and trials summed by area, with the sums of groups of withheld areas.

    Parameters
    ----------
    events, trials : array_like of shape (rows,)
        Counts, effective (not whole) ones included; 0 <= events <= trials.
    area : array_like of int, optional
        Position of the area of each row; without it each row is an area.
    sums : sequence of (positions, events, trials), optional
        For each group of areas whose own counts are not known: the areas' positions and the counts of all
        together. Such an area has no trials of its own and stands in one sum only.

    Raises
    ------
    EstimationError
        If counts are impossible, or an area stands in a sum and has trials of its own or stands in two sums.
    """
    y, n = _checked(events, trials)
    position = _positions(area, len(y))
    y_area, n_area = (np.bincount(position, values, minlength=areas) for values in (y, n))
    group = np.full(len(n_area), -1, dtype=np.intp)
    groups = list(sums or ())
    for number, (members, _, _) in enumerate(groups):
        inside = np.asarray(members, dtype=np.intp)
        if (
            not len(inside)
            or inside.min() < 0
            or inside.max() >= len(n_area)
            or len(set(inside)) < len(inside)
        ):
            raise EstimationError(
                f"sum {number} must name areas by position, each once, among 0 to {len(n_area) - 1}."
            )
        if (n_area[inside] > 0).any() or (group[inside] >= 0).any():
            raise EstimationError(
                f"sum {number} names an area that has trials of its own or stands in another sum. "
                "A sum is the total of areas whose own counts are not known."
            )
        group[inside] = number
    if groups:
        sum_y, sum_n = _checked([g[1] for g in groups], [g[2] for g in groups])
    else:
        sum_y, sum_n = np.zeros(0), np.zeros(0)
    return AreaCounts(y_area.astype(float), n_area.astype(float), group, sum_y, sum_n, position, y, n)


def covariates(X: ArrayLike | None, rows: int) -> Array:
    """Columns of `X` centred and scaled to standard deviation 1; constant columns are left out.

    Returns
    -------
    ndarray of shape (rows, columns)
        No column when `X` is None.
    """
    if X is None:
        return np.zeros((rows, 0))
    x = np.asarray(X, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.shape[0] != rows or x.ndim != 2 or not np.isfinite(x).all():
        raise EstimationError(
            f"X must have {rows} rows of finite numbers, one per row of counts; it is {x.shape}."
        )
    spread = x.std(axis=0)
    varies = spread > 1e-12 * (1 + np.abs(x).max(axis=0, initial=0))
    scaled: Array = (x[:, varies] - x[:, varies].mean(axis=0)) / spread[varies]
    return scaled


def municipal_weights(weights: ArrayLike | None, counts: AreaCounts) -> Array:
    """Share of each area in the municipal level, summing to 1: as given, or by trials."""
    w = counts.weights if weights is None else np.asarray(weights, dtype=float)
    if w.shape != counts.trials.shape or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise EstimationError(f"weights must be {len(counts.trials)} numbers, none negative, not all zero.")
    shares: Array = w / w.sum()
    return shares


def area_means(x: Array, counts: AreaCounts) -> Array:
    """Covariates of each area: the mean of its rows, by trials where it has any."""
    if not x.shape[1]:
        return np.zeros((len(counts.trials), 0))
    weight = np.where(counts.trials[counts.row_area] > 0, counts.row_trials, 1.0)
    total = np.bincount(counts.row_area, weight, minlength=len(counts.trials))
    if missing := int((total == 0).sum()):
        raise EstimationError(
            f"{missing} areas have no row, so no covariate. Give each area a row, with 0 trials."
        )
    sums = np.column_stack(
        [np.bincount(counts.row_area, weight * column, minlength=len(total)) for column in x.T]
    )
    means: Array = sums / total[:, None]
    return means
