"""Binomial areas that borrow from their neighbours: BYM2 by nested Laplace, deterministic, with sparse factors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mapping.estimate.small_area.bym2_model import Model
from mapping.estimate.small_area.counts import GroupSum, area_counts, covariates, municipal_weights
from mapping.estimate.small_area.graph import neighbours
from mapping.estimate.small_area.posterior import AreaPosterior

__all__ = ["bym2"]


def bym2(
    events: ArrayLike,
    trials: ArrayLike,
    X: ArrayLike | None = None,
    *,
    adjacency: Iterable[tuple[int, int]],
    area: ArrayLike | None = None,
    school: ArrayLike | None = None,
    sums: Sequence[GroupSum] | None = None,
    weights: ArrayLike | None = None,
) -> AreaPosterior:
    r"""The posterior of each area's underlying risk when neighbouring areas resemble each other.

    Parameters
    ----------
    events, trials : array_like of shape (rows,)
        Counts, effective (not whole) ones included, 0 trials where nobody answered.
    X : array_like of shape (rows,) or (rows, columns), optional
        Covariates of each row. They are centred and scaled, an intercept is added. An area takes the mean of
        its rows (by trials, where it has any), so every area needs a row.
    adjacency : iterable of (int, int)
        Pairs of positions of neighbouring areas.
    area : array_like of int, optional
        Position (0, 1, …) of the area of each row. Without it each row is an area.
    school : array_like, optional
        School of each row, for counts that are not deflated: give effective counts or schools, never both. A
        school may have rows in several areas. The risk of an area is then that over all schools it might
        have.
    sums : sequence of (positions, events, trials), optional
        Published totals of groups of areas whose own counts are withheld, as in `beta_binomial`.
    weights : array_like of shape (areas,), optional
        Share of each area in the municipal level; by default its trials, those of a sum shared equally.

    Returns
    -------
    AreaPosterior
        Of target "risk". With schools that each stand alone in their area a note says that the two effects
        are not told apart by the data; another, when counts beside schools are not whole.

    Raises
    ------
    EstimationError
        If counts are impossible, a covariate is missing, or `adjacency` names an unknown area.

    Notes
    -----
    :math:`\operatorname{logit} p_r = \beta_0 + x_r^\top\beta + \tau(\sqrt\varphi\,u_a +
    \sqrt{1-\varphi}\,v_a) + \sigma s_k`, with u an intrinsic autoregression scaled to unit variance
    (`graph.neighbours`), v and s standard normal. Priors: exponential of mean 0.3 for :math:`\tau^2`; uniform
    for :math:`\varphi`; exponential of mean 0.6 for :math:`\sigma`; Beta(½, ½) for the level at average
    covariates; normal of standard deviation ⅓ for a slope per standard deviation. Hyperparameters are integrated on a
    Gauss–Legendre grid of their prior probabilities. At each node the field is approximated at its mode; its
    mean and the skewness of each area are corrected by the third derivatives of the likelihood, the evidence
    by the next term of Laplace's expansion, both with the terms of the area's own rows. Joint draws keep the
    Gaussian dependence and take the corrected marginals (a Gaussian copula).

    References
    ----------
    Riebler, Sørbye, Simpson & Rue (2016), Statistical Methods in Medical Research 25, 1145-1165 (BYM2). Rue,
    Martino & Chopin (2009), JRSS B 71, 319-392 (nested Laplace). Shun & McCullagh (1995), JRSS B 57, 749-760
    (next term).

    Examples
    --------
    >>> fit = bym2([0, 1, 4, 9], [30, 30, 40, 60], adjacency=[(0, 1), (1, 2), (2, 3)])
    >>> bool(fit.mean[0] < fit.mean[1] < fit.mean[3])
    True
    """
    pairs = [(int(a), int(b)) for a, b in adjacency]
    positions = np.arange(len(np.asarray(events))) if area is None else np.asarray(area)
    areas = 1 + int(max([positions.max(initial=-1), *(max(pair) for pair in pairs)]))
    counts = area_counts(events, trials, area=area, sums=sums, areas=areas)
    model = Model.build(counts, covariates(X, len(counts.row_area)), neighbours(pairs, areas), school)
    nodes = model.integrate()
    marginals = model.marginals(nodes)
    return AreaPosterior(
        target="risk",
        marginals=marginals,
        weights=municipal_weights(weights, counts),
        draw=lambda: model.draws(nodes, marginals),
        row_area=counts.row_area,
        notes=model.notes,
    )
