"""Binomial areas that borrow from their neighbours: BYM2 by nested Laplace, deterministic, with sparse factors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import block_diag, coo_array, csc_array, csr_array, eye_array, hstack, vstack
from scipy.special import expit, logit, ndtri

from mapping.estimate.small_area.counts import (
    AreaCounts,
    GroupSum,
    area_counts,
    area_means,
    covariates,
    municipal_weights,
)
from mapping.estimate.small_area.cube import cube_nodes
from mapping.estimate.small_area.graph import Graph, neighbours
from mapping.estimate.small_area.grid_marginals import GridMarginals, skew_normal_cdf
from mapping.estimate.small_area.laplace import Field, Mode
from mapping.estimate.small_area.likelihood import Likelihood
from mapping.estimate.small_area.posterior import AreaPosterior, JointDraws
from mapping.estimate.small_area.schools import school_codes, school_notes, with_schools, without_schools
from mapping.estimate.small_area.sequences import even_nodes, stratified_uniforms

__all__ = ["bym2"]

Array = NDArray[np.float64]

TAU_SQUARED_MEAN = 0.5  # prior mean of the variance between areas, log odds squared
SCHOOL_SD_MEAN = 0.3  # prior mean of the standard deviation between schools of an area, log odds
SLOPE_PRECISION = 1.0  # of a slope per standard deviation of its covariate
NODES, NODES_WITH_SCHOOLS, NODES_OF_MANY, MANY = (9, 5), (7, 4, 5), (5, 3, 3), 1500
GRID, REACH = 201, 8.0  # points of a marginal's table, and how many standard deviations it reaches
DRAWS, DRAWS_OF_MANY = 2048, 1024


@dataclass(frozen=True, slots=True)
class _Node:
    """The posterior at one value of the hyperparameters: moments of the areas' and of the rows' linear predictors."""

    weight: float
    scale: Array
    school_sd: float
    mode: Mode
    shift: Array  # of the field, from its mode to its mean
    mean: Array
    sd: Array
    skewness: Array


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
        are not told apart by the data.

    Raises
    ------
    EstimationError
        If counts are impossible, a covariate is missing, or `adjacency` names an unknown area.

    Notes
    -----
    :math:`\operatorname{logit} p_r = \beta_0 + x_r^\top\beta + \tau(\sqrt\varphi\,u_a +
    \sqrt{1-\varphi}\,v_a) + \sigma s_k`, with u an intrinsic autoregression scaled to unit variance
    (`graph.neighbours`), v and s standard normal. Priors: exponential of mean ½ for :math:`\tau^2`; uniform
    for :math:`\varphi`; exponential of mean 0.3 for :math:`\sigma`; Beta(½, ½) for the level at average
    covariates; standard normal for a slope per standard deviation. Hyperparameters are integrated on a
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
    model = _Model.build(counts, covariates(X, len(counts.row_area)), neighbours(pairs, areas), school)
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


@dataclass(frozen=True)
class _Model:
    """Latent order: level, slopes, structured effects, unstructured effects, schools."""

    field: Field
    area_rows: csr_array
    graph: Graph
    slopes: int
    areas: int
    schools: int
    row_area: NDArray[np.intp]
    notes: tuple[str, ...]

    @classmethod
    def build(cls, counts: AreaCounts, x: Array, graph: Graph, school: ArrayLike | None) -> _Model:
        """The sparse matrices of the model, from checked counts."""
        rows, areas = len(counts.row_area), len(counts.trials)
        codes, schools = school_codes(school, rows)
        x_area = area_means(x, counts)
        own = coo_array((np.ones(areas), (np.arange(areas),) * 2), shape=(areas, areas))
        area_rows = csr_array(hstack([np.ones((areas, 1)), x_area, own, own, coo_array((areas, schools))]))
        pick = coo_array((np.ones(rows), (np.arange(rows), counts.row_area)), shape=(rows, areas))
        to_school = (
            coo_array((np.ones(rows), (np.arange(rows), codes)), shape=(rows, schools))
            if schools
            else coo_array((rows, 0))
        )
        cells = hstack([np.ones((rows, 1)), x, pick, pick, to_school])
        level = coo_array(([1.0], ([0], [0])), shape=(1, area_rows.shape[1]))
        grouped = np.flatnonzero(counts.group >= 0)
        design = csr_array(vstack([cells, level, area_rows[grouped]]))
        nothing = np.zeros(len(grouped))
        likelihood = Likelihood(
            np.concatenate(
                [counts.row_events, [0.5], nothing]
            ),  # the level's Beta(½, ½) as half an event in one trial
            np.concatenate([counts.row_trials, [1.0], nothing]),
            tuple(
                rows + 1 + np.flatnonzero(counts.group[grouped] == g) for g in range(len(counts.sum_events))
            ),
            counts.sum_events,
            counts.sum_trials,
        )
        slopes = x.shape[1]
        precision = csc_array(
            block_diag(
                [
                    np.full((1, 1), 1e-9),
                    SLOPE_PRECISION * eye_array(slopes),
                    graph.precision,
                    eye_array(areas + schools),
                ]
            )
        )
        constraints = np.zeros((len(graph.constraints), precision.shape[0]))
        constraints[:, 1 + slopes : 1 + slopes + areas] = graph.constraints
        return cls(
            Field(precision, design, constraints, likelihood, also=area_rows),
            area_rows,
            graph,
            slopes,
            areas,
            schools,
            counts.row_area,
            school_notes(counts, codes, schools),
        )

    def hyper(self, node: Array) -> tuple[Array, float]:
        """Scale of each unknown and standard deviation between schools, at prior probabilities `node`."""
        tau, phi = np.sqrt(-TAU_SQUARED_MEAN * np.log1p(-node[0])), node[1]
        school_sd = -SCHOOL_SD_MEAN * np.log1p(-node[2]) if self.schools else 0.0
        scale = np.concatenate(
            [
                np.ones(1 + self.slopes),
                np.full(self.areas, tau * np.sqrt(phi)),
                np.full(self.areas, tau * np.sqrt(1 - phi)),
                np.full(self.schools, school_sd),
            ]
        )
        return scale, float(school_sd)

    @property
    def start(self) -> Array:
        """The pooled level."""
        events = self.field.likelihood.events.sum() + self.field.likelihood.group_events.sum()
        trials = self.field.likelihood.trials.sum() + self.field.likelihood.group_trials.sum()
        start = np.zeros(self.field.design.shape[1])
        start[0] = logit(events / trials)
        return start

    def integrate(self) -> list[_Node]:
        """The nodes that carry probability."""
        at = self.start

        def evidence(node: Array) -> float:
            nonlocal at
            mode = self.field.mode(self.hyper(node)[0], at)
            at = mode.x
            return mode.log_evidence

        few = NODES_WITH_SCHOOLS if self.schools else NODES
        points = NODES_OF_MANY[: len(few)] if self.areas > MANY else few
        places, log_weights = cube_nodes(evidence, points)
        modes = []
        for place in places:
            modes.append(self.field.mode(self.hyper(place)[0], at))
            at = modes[-1].x
        rough = log_weights + np.array([mode.log_evidence for mode in modes])
        made = []
        for k in np.flatnonzero(rough > rough.max() - 8):
            node, correction = self._node(places[k], modes[k])
            made.append(replace(node, weight=float(rough[k] + correction)))
        log = np.array([node.weight for node in made])
        probability = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
        kept = [replace(node, weight=float(p)) for node, p in zip(made, probability, strict=True) if p > 1e-4]
        total = sum(node.weight for node in kept)
        return [replace(node, weight=node.weight / total) for node in kept]

    def _node(self, place: Array, mode: Mode) -> tuple[_Node, float]:
        """Corrected moments at one node, and the correction of its log evidence."""
        scale, school_sd = self.hyper(place)
        likelihood = self.field.likelihood
        area_rows = csr_array(self.area_rows * scale[None, :])
        rows = np.arange(len(self.row_area))
        row_variance, variance, cross = self.field.covariances(
            mode,
            (mode.design, mode.design),
            (area_rows, area_rows),
            (csr_array(area_rows[self.row_area]), csr_array(mode.design[rows])),
        )
        third, fourth = likelihood.third(mode.eta), likelihood.fourth(mode.eta)
        shift = 0.5 * mode.solve(mode.design.T @ (third * row_variance))
        cumulant = np.bincount(self.row_area, cross**3 * third[rows], minlength=self.areas)
        correction = float((fourth * row_variance**2 / 8 + 5 * third**2 * row_variance**3 / 24).sum())
        mean = area_rows @ (mode.x + shift)
        sd = np.sqrt(variance)
        return _Node(0.0, scale, school_sd, mode, shift, mean, sd, cumulant / sd**3), correction

    def marginals(self, nodes: list[_Node]) -> GridMarginals:
        """Each area's risk as a mixture over the nodes, tabulated."""
        low = np.min([node.mean - REACH * node.sd for node in nodes], axis=0)
        high = np.max([node.mean + REACH * node.sd + node.school_sd**2 for node in nodes], axis=0)
        grid = low + (high - low) * np.linspace(0, 1, GRID)[:, None]
        cdf = np.zeros_like(grid)
        for node in nodes:
            eta = without_schools(grid, node.school_sd)
            cdf += node.weight * skew_normal_cdf(eta, node.mean, node.sd, node.skewness)
        return GridMarginals(grid, cdf)

    def draws(self, nodes: list[_Node], marginals: GridMarginals) -> JointDraws:
        """Draws of areas and rows: Gaussian dependence at each node, then the areas' own marginals by rank."""
        draws = DRAWS_OF_MANY if self.areas > MANY else DRAWS
        at = even_nodes(np.array([node.weight for node in nodes]), draws)
        noise = ndtri(stratified_uniforms(draws, self._noise_columns(), stream=5))
        area, row = np.empty((draws, self.areas)), np.empty((draws, len(self.row_area)))
        cells = np.arange(len(self.row_area))
        for k, node in enumerate(nodes):
            lines = np.flatnonzero(at == k)
            field = self._sampled(node, noise[lines])
            latent = (self.area_rows * node.scale[None, :]) @ field
            area[lines] = with_schools(latent.T, node.school_sd)
            row[lines] = (csr_array(node.mode.design[cells]) @ field).T
        ranks = np.argsort(np.argsort(area, axis=0, kind="stable"), axis=0, kind="stable")
        areas = marginals.quantiles((ranks + 0.5) / draws)
        return JointDraws(areas, expit(row) if self.schools else areas[:, self.row_area])

    def _noise_columns(self) -> int:
        likelihood = self.field.likelihood
        own = len(likelihood.events) + len(likelihood.rows) + self.slopes + self.areas + self.schools
        return own + int(self.graph.incidence.shape[0])

    def _sampled(self, node: _Node, noise: Array) -> Array:
        """Fields with the posterior's covariance: B'z solved, where B'B is the precision (one column per draw)."""
        likelihood, mode = self.field.likelihood, node.mode
        rows, groups, edges = len(likelihood.events), len(likelihood.rows), self.graph.incidence.shape[0]
        diagonal, factors = likelihood.root(mode.eta)
        seen = diagonal[:, None] * noise[:, :rows].T
        for inside, factor, z in zip(likelihood.rows, factors, noise[:, rows : rows + groups].T, strict=True):
            seen[inside] += factor[:, None] * z
        rest = noise[:, rows + groups :].T
        slopes, structured, others = np.split(rest, [self.slopes, self.slopes + edges])
        prior = np.concatenate(
            [
                np.zeros((1, len(noise))),
                np.sqrt(SLOPE_PRECISION) * slopes,
                self.graph.incidence.T @ structured,
                others,
            ]
        )
        return (mode.x + node.shift)[:, None] + mode.solve(mode.design.T @ seen + prior)
