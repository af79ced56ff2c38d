"""Cells of sex, grade and more within an area, modelled together and weighed by the register of pupils (MRP)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mapping.errors import EstimationError
from mapping.estimate.small_area.bym2 import bym2
from mapping.estimate.small_area.posterior import AreaPosterior, Draws, JointDraws
from mapping.estimate.small_area.products import product

__all__ = ["mrp", "poststratify"]

Array = NDArray[np.float64]


def mrp(
    events: ArrayLike,
    trials: ArrayLike,
    X: ArrayLike | None = None,
    *,
    cells: Mapping[str, ArrayLike],
    population: ArrayLike,
    area: ArrayLike,
    adjacency: Iterable[tuple[int, int]] = (),
    school: ArrayLike | None = None,
) -> AreaPosterior:
    r"""The risk of each area over the pupils it has, when groups differ in risk and in how many answered.

    Parameters
    ----------
    events, trials : array_like of shape (rows,)
        One row per area and cell (sex × grade × …), and school where schools are given; 0 trials where nobody
        of the cell answered. A cell without a row is not in the area's risk.
    X : array_like of shape (rows,) or (rows, columns), optional
        Further covariates.
    cells : mapping of str to array_like of shape (rows,)
        The factors, for instance ``{"sex": …, "grade": …}``.
    population : array_like of shape (rows,)
        Registered pupils of the row, or register margins spread over its cells.
    area : array_like of int
        Position (0, 1, …) of the area of each row.
    adjacency : iterable of (int, int)
        Pairs of neighbouring areas, as in `bym2`; without any, areas do not borrow from neighbours.
    school : array_like, optional
        As in `bym2`. It takes the place of the effect of crossed cells.

    Returns
    -------
    AreaPosterior
        Of target "risk"; an area weighs by its pupils in the municipal level. Its rows are those given, so
        that `finite_population` predicts each cell by itself.

    Raises
    ------
    EstimationError
        If a factor or the population does not have one value per row, or as in `bym2`.

    Notes
    -----
    The model is `bym2` with a slope for each level of a factor (normal, standard deviation ½ per standard
    deviation of the level's share) and, with two factors or more and no schools, a random effect for each of
    their combinations. An area's risk is :math:`\sum_c N_{ac}p_{ac}/\sum_c N_{ac}` in each joint draw.

    References
    ----------
    Gelman & Little (1997), Survey Methodology 23, 127-135. Park, Gelman & Bafumi (2004), Political Analysis 12,
    375-385.

    Examples
    --------
    >>> fit = mrp([1, 6, 2, 9], [30, 20, 30, 20], cells={"sex": ["b", "g", "b", "g"]},
    ...           population=[50, 50, 50, 50], area=[0, 0, 1, 1])
    >>> bool(fit.mean[0] > 7 / 50)
    True
    """
    rows = len(np.asarray(events))
    factors = {name: np.asarray(labels) for name, labels in cells.items()}
    for name, labels in factors.items():
        if labels.shape != (rows,):
            raise EstimationError(f"the factor {name!r} must have one level for each of the {rows} rows.")
    levels = [_levels(labels) for labels in factors.values()]
    given = [] if X is None else [np.asarray(X, dtype=float).reshape(rows, -1)]
    crossed = _crossed(list(factors.values())) if len(factors) > 1 else None
    fit = bym2(
        events,
        trials,
        np.column_stack([*given, *levels]) if given or levels else None,
        adjacency=adjacency,
        area=area,
        school=crossed if school is None else school,
    )
    if school is None:
        fit = replace(fit, notes=())  # what bym2 says of schools would be said of crossed cells
    return poststratify(fit, population)


def poststratify(posterior: AreaPosterior, population: ArrayLike) -> AreaPosterior:
    """The risk of each area as the mean of its rows by registered pupils, in each joint draw.

    Parameters
    ----------
    posterior : AreaPosterior
        Of target "risk", with rows that are cells of areas.
    population : array_like of shape (rows,)
        Registered pupils of each row of the fit.

    Returns
    -------
    AreaPosterior
        Of target "risk". An area without any pupil keeps its risk, and a note says so.

    Raises
    ------
    EstimationError
        If the posterior is of pupils, or a population is missing or negative.
    """
    pupils = np.asarray(population, dtype=float)
    rows, areas = posterior.joint.rows, posterior.draws.shape[1]
    if posterior.target != "risk":
        raise EstimationError(f"poststratify weighs a posterior of risk, not of {posterior.target}.")
    if pupils.shape != rows.shape[1:] or not np.isfinite(pupils).all() or (pupils < 0).any():
        raise EstimationError(
            f"population must be {rows.shape[1]} counts, one per row of the fit, none negative or missing."
        )
    member = (posterior.row_area[:, None] == np.arange(areas)) * pupils[:, None]
    total = member.sum(axis=0)
    empty = total == 0
    values = np.where(empty, posterior.draws, product(rows, member) / np.where(empty, 1, total))
    notes = posterior.notes
    if empty.any():
        notes = (*notes, f"{int(empty.sum())} areas have no registered pupil: their risk is the model's.")
    return AreaPosterior(
        target="risk",
        marginals=Draws(values),
        weights=total / total.sum() if total.any() else posterior.weights,
        draw=lambda: JointDraws(values, rows),
        row_area=posterior.row_area,
        notes=notes,
    )


def _levels(labels: NDArray[np.generic]) -> Array:
    """One column for each level of a factor but the first."""
    found, codes = np.unique(labels, return_inverse=True)
    columns: Array = (codes[:, None] == np.arange(1, len(found))).astype(float)
    return columns


def _crossed(factors: list[NDArray[np.generic]]) -> NDArray[np.intp]:
    """The combination of levels of each row, as a number."""
    codes = np.column_stack([np.unique(labels, return_inverse=True)[1] for labels in factors])
    combination: NDArray[np.intp] = np.unique(codes, axis=0, return_inverse=True)[1].ravel()
    return combination
