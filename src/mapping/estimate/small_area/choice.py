"""Which model is fitted when nobody names one: a rule that reads no answer, and is written into the fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from mapping.errors import EstimationError
from mapping.estimate.small_area.beta_binomial import beta_binomial
from mapping.estimate.small_area.bym2 import bym2
from mapping.estimate.small_area.counts import GroupSum
from mapping.estimate.small_area.effective import STATED, effective_counts
from mapping.estimate.small_area.posterior import AreaPosterior
from mapping.estimate.small_area.poststratify import mrp

__all__ = ["default_model", "school_sensitivity"]

LEAST_AREAS = (
    20  # areas with answers below which a map tells little of who resembles whom (docs/small_areas.md)
)


def default_model(
    events: ArrayLike,
    trials: ArrayLike,
    X: ArrayLike | None = None,
    *,
    adjacency: Iterable[tuple[int, int]] = (),
    area: ArrayLike | None = None,
    school: ArrayLike | None = None,
    cells: Mapping[str, ArrayLike] | None = None,
    population: ArrayLike | None = None,
    sums: Sequence[GroupSum] | None = None,
) -> AreaPosterior:
    """The posterior of risk under the model that the rule chooses; its first note says which, and why.

    Parameters
    ----------
    events, trials, X, adjacency, area, school, sums
        As in `bym2`.
    cells, population
        As in `mrp`: given together, when the register knows how many pupils each cell has.

    Returns
    -------
    AreaPosterior

    Raises
    ------
    EstimationError
        If `cells` come without `population` or with `sums`, or as in the model chosen.

    Notes
    -----
    The rule, which does not look at any event: register margins → `mrp`; otherwise schools, or a map with
    neighbours and at least 20 areas with answers → `bym2`; otherwise → `beta_binomial`. Neighbours are used
    only from 20 areas with answers on. A covariate goes into whichever model is chosen.

    Examples
    --------
    >>> fit = default_model([0, 1, 4, 9], [30, 30, 40, 60], adjacency=[(0, 1), (1, 2), (2, 3)])
    >>> fit.notes[0]
    'Model: beta_binomial, because 4 areas with answers are fewer than 20.'
    """
    pairs = list(adjacency)
    if (cells is None) != (population is None) or (cells is not None and sums):
        raise EstimationError("cells and population are given together, and without sums.")
    answered = _answered(trials, area) + sum(len(members) for members, _, _ in sums or ())
    enough = answered >= LEAST_AREAS
    used = pairs if enough else []
    if cells is not None and population is not None:
        positions = np.arange(len(np.asarray(events))) if area is None else area
        fit = mrp(
            events,
            trials,
            X,
            cells=cells,
            population=population,
            area=positions,
            adjacency=used,
            school=school,
        )
        why = "mrp, because the register knows the cells"
    elif school is not None or (enough and pairs):
        fit = bym2(events, trials, X, adjacency=used, area=area, school=school, sums=sums)
        why = "bym2, because " + (
            "schools are named" if school is not None else f"{answered} areas have answers and neighbours"
        )
    else:
        fit = beta_binomial(events, trials, X, area=area, sums=sums)
        few = f"{answered} areas with answers are fewer than {LEAST_AREAS}"
        why = "beta_binomial, because " + ("no area has a neighbour" if enough else few)
    return replace(fit, notes=(f"Model: {why}.", *fit.notes))


def school_sensitivity(
    events: ArrayLike,
    trials: ArrayLike,
    fit: Callable[..., AreaPosterior],
    *,
    area: ArrayLike,
    school: ArrayLike,
    correlations: Sequence[float] = STATED,
) -> dict[float, AreaPosterior]:
    """The same model under stated correlations within schools, for data that cannot tell schools from districts.

    Parameters
    ----------
    events, trials, area, school
        As in `effective_counts`.
    fit : callable
        Takes effective events and trials by area, for instance ``beta_binomial``.
    correlations : sequence of float, optional
        Between pupils of a school within an area; 0.005, 0.02 and 0.05 unless told.

    Returns
    -------
    dict of float to AreaPosterior
        Each with a note that names its correlation.

    Examples
    --------
    >>> found = school_sensitivity([2, 9], [60, 60], beta_binomial, area=[0, 1], school=["a", "b"])
    >>> widths = [float(np.ptp(fit.interval()[1])) for fit in found.values()]
    >>> widths == sorted(widths)
    True
    """
    found = {}
    for value in correlations:
        counts = effective_counts(events, trials, area=area, school=school, correlation=value)
        made = fit(counts.events, counts.trials)
        note = f"Correlation between pupils of a school within a district: {value:g}, assumed."
        found[value] = replace(made, notes=(*made.notes, note))
    return found


def _answered(trials: ArrayLike, area: ArrayLike | None) -> int:
    """Areas in which somebody answered."""
    tried = np.asarray(trials, dtype=float) > 0
    positions = np.arange(len(tried)) if area is None else np.asarray(area)
    return len(np.unique(positions[tried]))
