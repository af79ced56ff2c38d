"""Area figures that agree with the municipality's own: ratio, raking, and by each area's uncertainty."""

from __future__ import annotations

from dataclasses import replace
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from mapping.errors import EstimationError
from mapping.estimate.small_area.fay_herriot import FayHerriot
from mapping.estimate.small_area.posterior import AreaPosterior, Draws, JointDraws
from mapping.estimate.small_area.products import dot

__all__ = ["benchmark"]

Array = NDArray[np.float64]

METHODS = ("ratio", "raking", "mse")
PLAUSIBLE = (0.8, 1.25)


Target = float | tuple[float, float]


@overload
def benchmark(fit: FayHerriot, shares: ArrayLike, target: Target, *, method: str = ...) -> FayHerriot: ...


@overload
def benchmark(
    fit: AreaPosterior, shares: ArrayLike, target: Target, *, method: str = ...
) -> AreaPosterior: ...


def benchmark(
    fit: FayHerriot | AreaPosterior, shares: ArrayLike, target: Target, *, method: str = "ratio"
) -> FayHerriot | AreaPosterior:
    r"""The fit, adjusted so that its areas, weighted by `shares`, have the mean `target`.

    Parameters
    ----------
    fit : FayHerriot or AreaPosterior
    shares : array_like of shape (areas,)
        Share of each area in the population; they are divided by their sum.
    target : float or (float, float)
        The direct figure of the whole, of the same target as the fit; with its standard error where it has
        one.
    method : {"ratio", "raking", "mse"}
        Multiply all areas by one factor, add one constant to all, or add to each in proportion to its mean
        squared error (posterior variance).

    Returns
    -------
    FayHerriot or AreaPosterior
        As given. A note says when the areas' mean had to be moved by a factor outside 0.8 to 1.25: then the
        model and the direct figure do not describe the same thing.

    Raises
    ------
    EstimationError
        If the shares or the target are impossible, or an area would be moved to 0 or 1 in most draws.

    Notes
    -----
    With :math:`\hat\theta_w = \sum w_i\hat\theta_i` the adjusted estimate is
    :math:`\hat\theta_i\,t/\hat\theta_w`, :math:`\hat\theta_i + (t-\hat\theta_w)` or :math:`\hat\theta_i +
    \lambda_i(t-\hat\theta_w)` with :math:`\lambda_i = v_i/\sum_j w_jv_j`. The mean squared error of an
    area-level fit grows by the square of its adjustment (exact for a posterior). A posterior is adjusted draw
    by draw: the drawn levels are moved to a normal with the target's mean and standard error, quantile by
    quantile, and the areas move with them, held between 0 and 1. With a bare number as target the level is
    taken as known exactly.

    References
    ----------
    Pfeffermann & Barnard (1991), J. Business & Economic Statistics 9, 73-84. Wang, Fuller & Qu (2008), Survey
    Methodology 34, 29-36. You, Rao & Hidiroglou (2013), Survey Methodology 39, 217-229.

    Examples
    --------
    >>> from mapping.estimate.small_area import fay_herriot
    >>> fit = fay_herriot([0.12, 0.20, 0.08, 0.15], [0.002, 0.001, 0.003, 0.001], np.ones((4, 1)))
    >>> adjusted = benchmark(fit, [0.25, 0.25, 0.25, 0.25], 0.16)
    >>> round(float(adjusted.estimate.mean()), 12)
    0.16
    """
    centre, error = target if isinstance(target, tuple) else (target, 0.0)
    areas = len(fit.weights) if isinstance(fit, AreaPosterior) else len(fit.estimate)
    w = np.asarray(shares, dtype=float)
    if method not in METHODS:
        raise EstimationError(f"method must be one of {', '.join(METHODS)}, not {method!r}.")
    if w.shape != (areas,) or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise EstimationError(f"shares must be {areas} numbers, none negative, not all zero.")
    if not (np.isfinite(centre) and np.isfinite(error) and error >= 0):
        raise EstimationError(f"target is a number, or a number and its standard error; it is {target}.")
    w = w / w.sum()
    if isinstance(fit, AreaPosterior):
        return _posterior(fit, w, centre, error, method)
    return _area_level(fit, w, centre, error, method)


def _area_level(fit: FayHerriot, w: Array, centre: float, error: float, method: str) -> FayHerriot:
    level = float(w @ fit.estimate)
    direction = _direction(fit.estimate[None, :], np.array([level]), w, fit.mse, method)[0]
    moved = direction * (centre - level)
    return replace(
        fit,
        estimate=fit.estimate + moved,
        mse=fit.mse + moved**2 + (direction * error) ** 2,
        notes=(*fit.notes, *_notes(centre, level)),
    )


def _posterior(fit: AreaPosterior, w: Array, centre: float, error: float, method: str) -> AreaPosterior:
    if not 0 <= centre <= 1:
        raise EstimationError(f"the target of a posterior of shares lies between 0 and 1; it is {centre}.")
    level = dot(fit.draws, w)
    ranks = np.argsort(np.argsort(level, kind="stable"), kind="stable")
    wanted = np.clip(centre + error * ndtri((ranks + 0.5) / len(level)), 0, 1)
    values = _moved(fit.draws, wanted, w, fit.sd**2, method)
    at_end = ((values <= 0) | (values >= 1)) & (fit.draws > 0) & (fit.draws < 1)
    if pinned := int((at_end.mean(axis=0) > 0.5).sum()):
        raise EstimationError(
            f"the benchmark would move {pinned} areas to 0 or 1. The direct figure ({centre:g}) and the model "
            f"({float(level.mean()):.3g}) do not describe the same thing: find out why before either is used."
        )
    return AreaPosterior(
        target=fit.target,
        marginals=Draws(values),
        weights=w,
        draw=lambda: JointDraws(values, values[:, fit.row_area]),
        row_area=fit.row_area,
        notes=(*fit.notes, *_notes(centre, float(level.mean()))),
    )


def _moved(values: Array, wanted: Array, w: Array, variance: Array, method: str) -> Array:
    """Each line of `values` with the level `wanted`; what would leave 0 to 1 stays at the end, the others give way."""
    for _ in range(values.shape[1] + 1):
        gap = (wanted - dot(values, w))[:, None]
        if np.abs(gap).max() < 1e-12:
            break
        direction = _direction(values, dot(values, w), w, variance, method)
        direction = np.where((gap > 0) & (values >= 1) | (gap < 0) & (values <= 0), 0, direction)
        reach = dot(direction, w)[:, None]
        values = np.clip(
            values + direction * np.where(reach > 0, gap / np.where(reach > 0, reach, 1), 0), 0, 1
        )
    return values


def _direction(values: Array, level: Array, w: Array, variance: Array, method: str) -> Array:
    """How far each area moves when the level is to move by one, line by line."""
    if method == "raking":
        return np.ones_like(values)
    if method == "mse":
        return np.broadcast_to(variance / (w @ variance), values.shape)
    direction: Array = values / level[:, None]
    return direction


def _notes(target: float, level: float) -> tuple[str, ...]:
    factor = target / level if level > 0 else np.inf
    if PLAUSIBLE[0] <= factor <= PLAUSIBLE[1]:
        return ()
    return (
        f"The benchmark moved the level by a factor of {factor:.2f}, outside {PLAUSIBLE[0]} to {PLAUSIBLE[1]}: the "
        "direct figure and the model may not describe the same thing.",
    )
