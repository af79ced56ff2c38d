"""The BYM2 model itself: its sparse matrices, the integration over its hyperparameters, marginals and joint draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import block_diag, coo_array, csc_array, csr_array, eye_array, hstack, vstack
from scipy.special import expit, logit, ndtri

from mapping.estimate.small_area.counts import AreaCounts, area_means
from mapping.estimate.small_area.cube import cube_nodes
from mapping.estimate.small_area.graph import Graph
from mapping.estimate.small_area.grid_marginals import GridMarginals, skew_normal_cdf
from mapping.estimate.small_area.laplace import Field, Mode
from mapping.estimate.small_area.likelihood import Likelihood
from mapping.estimate.small_area.posterior import JointDraws
from mapping.estimate.small_area.schools import school_codes, school_notes, with_schools, without_schools
from mapping.estimate.small_area.sequences import even_nodes, stratified_uniforms

__all__ = ["Model"]

Array = NDArray[np.float64]

TAU_SQUARED_MEAN = (
    0.3  # prior mean of the variance between areas, log odds squared; with the next two, by simulation
)
SCHOOL_SD_MEAN = 0.6  # prior mean of the standard deviation between schools of an area, log odds
SLOPE_PRECISION = 9.0  # of a slope per standard deviation of its covariate: a standard deviation of ⅓
NODES, NODES_WITH_SCHOOLS, NODES_OF_MANY, MANY = (9, 5), (7, 4, 5), (5, 3, 3), 1500
GRID, REACH = 201, 8.0  # points of a marginal's table, and how many standard deviations it reaches
SUM_STEPS = 8  # towards the mean risk of a sum
DRAWS, DRAWS_OF_MANY = 2048, 1024
ENDS = (1e-300, 1 - 1e-16)  # the nearest to 0 and 1 that have log odds


@dataclass(frozen=True, slots=True)
class Node:
    """The posterior at one value of the hyperparameters: moments of the areas' and of the rows' linear predictors."""

    weight: float
    scale: Array
    school_sd: float
    mode: Mode
    shift: Array  # of the field, from its mode to its mean
    mean: Array
    sd: Array
    skewness: Array


@dataclass(frozen=True)
class Model:
    """Latent order: level, slopes, structured effects, unstructured effects, schools."""

    field: Field
    area_rows: csr_array
    graph: Graph
    slopes: int
    areas: int
    schools: int
    row_area: NDArray[np.intp]
    sums: tuple[NDArray[np.intp], ...]  # areas of each sum
    notes: tuple[str, ...]

    @classmethod
    def build(cls, counts: AreaCounts, x: Array, graph: Graph, school: ArrayLike | None) -> Model:
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
            tuple(np.flatnonzero(counts.group == g) for g in range(len(counts.sum_events))),
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

    def integrate(self) -> list[Node]:
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

    def _node(self, place: Array, mode: Mode) -> tuple[Node, float]:
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
        sd = np.sqrt(variance)
        mean = self._kept_to_sums(area_rows @ (mode.x + shift), sd, mode.eta)
        return Node(0.0, scale, school_sd, mode, shift, mean, sd, cumulant / sd**3), correction

    def _kept_to_sums(self, mean: Array, sd: Array, eta: Array) -> Array:
        """Log odds of withheld areas moved so that their mean risk is that of their sum.

        At the mode the areas of a sum are nearly alike; spread out around it their mean risk would be higher.
        """
        mean = mean.copy()
        for rows, inside in zip(self.field.likelihood.rows, self.sums, strict=True):
            wanted = logit(expit(eta[rows]).mean())
            for _ in range(SUM_STEPS if len(inside) > 1 else 0):
                risk = expit(with_schools(mean[inside], sd[inside])).mean()
                mean[inside] += wanted - logit(risk)
        return mean

    def marginals(self, nodes: list[Node]) -> GridMarginals:
        """Each area's risk as a mixture over the nodes, tabulated."""
        low = np.min([node.mean - REACH * node.sd for node in nodes], axis=0)
        high = np.max([node.mean + REACH * node.sd + node.school_sd**2 for node in nodes], axis=0)
        grid = low + (high - low) * np.linspace(0, 1, GRID)[:, None]
        cdf = np.zeros_like(grid)
        for node in nodes:
            eta = without_schools(grid, node.school_sd)
            cdf += node.weight * skew_normal_cdf(eta, node.mean, node.sd, node.skewness)
        return GridMarginals(grid, cdf)

    def draws(self, nodes: list[Node], marginals: GridMarginals) -> JointDraws:
        """Draws of areas and rows: Gaussian dependence at each node, then the areas' own marginals by rank."""
        draws = DRAWS_OF_MANY if self.areas > MANY else DRAWS
        at = even_nodes(np.array([node.weight for node in nodes]), draws)
        noise = ndtri(stratified_uniforms(draws, self._noise_columns(), stream=5))
        area, row = np.empty((draws, self.areas)), np.empty((draws, len(self.row_area)))
        cells = np.arange(len(self.row_area))
        for k, node in enumerate(nodes):
            lines = np.flatnonzero(at == k)
            field = self._sampled(node, noise[lines])
            latent = ((self.area_rows * node.scale[None, :]) @ field).T
            area[lines] = with_schools(latent, node.school_sd)
            row[lines] = (csr_array(node.mode.design[cells]) @ field).T - latent[:, self.row_area]
        ranks = np.argsort(np.argsort(area, axis=0, kind="stable"), axis=0, kind="stable")
        areas = marginals.quantiles((ranks + 0.5) / draws)
        for k, node in enumerate(nodes):  # a row lies around its area as drawn from the corrected marginal
            lines = at == k
            if lines.any():
                row[lines] += without_schools(logit(np.clip(areas[lines], *ENDS)), node.school_sd)[
                    :, self.row_area
                ]
        return JointDraws(areas, expit(row))

    def _noise_columns(self) -> int:
        likelihood = self.field.likelihood
        own = len(likelihood.events) + len(likelihood.rows) + self.slopes + self.areas + self.schools
        return own + int(self.graph.incidence.shape[0])

    def _sampled(self, node: Node, noise: Array) -> Array:
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
