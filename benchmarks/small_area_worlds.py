"""Municipalities drawn for the study of small areas: districts on a map, schools, registers, answers, known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from scipy.special import expit, logit
from scipy.stats import beta

from mapping.estimate.small_area.graph import neighbours

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Scenario:
    """How municipalities are drawn. Districts differ by `spread` on log odds; covariate and map explain parts of it.

    `level` is the risk of the middle district; `respondents` the range of those asked who answer (log-uniform);
    `correlation` that between pupils of one school; `cells` whether risk and response differ by sex and grade;
    `exposed` the odds of answering of a pupil with the event, against one without; `limits` hold every risk.
    """

    name: str
    note: str
    replicates: int = 6
    districts: int = 60
    level: float = 0.0215
    spread: float = 0.62
    by_covariate: float = 0.30
    by_map: float = 0.35
    respondents: tuple[int, int] = (10, 80)
    response: float = 0.75
    correlation: float = 0.0
    schools: int = 1
    refused: float = 0.0
    cells: bool = False
    exposed: float = 1.0
    waves: int = 1
    limits: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class World:
    """One municipality: a row is a district, or a school or cell in it. `risk`, `share`: the truths by district.

    With two waves everything is of the last one, but `earlier`: (events, trials) by district in the wave before.
    """

    pairs: list[tuple[int, int]]
    covariate: Array
    risk: Array
    share: Array
    area: Index
    school: Index
    cell: Index
    events: Array
    trials: Array
    population: Array
    earlier: tuple[Array, Array] | None = None

    def by_district(self) -> tuple[Array, Array, Array]:
        """Events, trials and register pupils of each district."""
        areas = len(self.risk)
        parts = (self.events, self.trials, self.population)
        events, trials, pupils = (np.bincount(self.area, part, minlength=areas) for part in parts)
        return events, trials, pupils


def draw_world(scenario: Scenario, seed: int) -> World:
    """The municipality of this seed: the same one whatever is done with it."""
    rng = np.random.default_rng([seed, len(scenario.name), *scenario.name.encode()])
    m = scenario.districts
    pairs = _map(m, rng)
    covariate = rng.normal(size=m)
    parts = scenario.by_covariate, scenario.by_map, 1 - scenario.by_covariate - scenario.by_map
    effects = (covariate, _smooth(pairs, m) @ rng.normal(size=m), rng.normal(size=m))
    odds = logit(scenario.level) + scenario.spread * sum(
        np.sqrt(part) * effect for part, effect in zip(parts, effects, strict=True)
    )
    earlier = None
    low, high = np.log(scenario.respondents)
    pupils = np.maximum(np.round(np.exp(rng.uniform(low, high, m)) / scenario.response), 1).astype(int)
    if scenario.waves > 1:
        earlier = _earlier(scenario, odds, pupils, rng)
        odds = odds + 0.2 * scenario.spread * rng.normal(size=m)
    return _answers(scenario, np.clip(expit(odds), *scenario.limits), pupils, pairs, covariate, earlier, rng)


def _answers(
    scenario: Scenario,
    risk: Array,
    pupils: Index,
    pairs: list[tuple[int, int]],
    covariate: Array,
    earlier: tuple[Array, Array] | None,
    rng: np.random.Generator,
) -> World:
    area, school, cell, population = _register(scenario, pupils, rng)
    p = risk[area]
    response = np.full(len(area), scenario.response)
    if scenario.cells:
        girl, older = cell % 2, cell // 2
        p = expit(logit(p) + 0.9 * (girl - 0.5) + 0.4 * (older - 0.5))
        response = expit(logit(response) + 1.2 * (girl - 0.5) - 0.6 * (older - 0.5))
        total = np.bincount(area, population, minlength=len(risk))
        risk = np.bincount(area, population * p, minlength=len(risk)) / total
    if scenario.correlation:
        size = 1 / scenario.correlation - 1
        p = np.asarray(beta.ppf(rng.random(len(area)), p * size, (1 - p) * size))
    refused = rng.random(len(area)) < scenario.refused
    cases = rng.binomial(population, p)
    answering = np.where(refused, 0.0, np.minimum(response / (1 - scenario.refused), 0.95))
    less = expit(logit(np.clip(answering, 1e-12, None)) + np.log(scenario.exposed))
    events = rng.binomial(cases, less)
    trials = events + rng.binomial(population - cases, answering)
    total = np.bincount(area, population, minlength=len(risk))
    share = np.bincount(area, cases, minlength=len(risk)) / np.maximum(total, 1)
    counts = (values.astype(float) for values in (events, trials, population))
    return World(pairs, covariate, risk, share, area, school, cell, *counts, earlier=earlier)


def _register(
    scenario: Scenario, pupils: Index, rng: np.random.Generator
) -> tuple[Index, Index, Index, Index]:
    """District, school and cell of each row, and its register pupils."""
    if scenario.cells:
        area, cell = np.divmod(np.arange(4 * len(pupils)), 4)
        parts = [rng.multinomial(n, rng.dirichlet(np.full(4, 12.0))) for n in pupils]
        return area, area, cell, np.concatenate(parts)
    parts = [rng.multinomial(n, rng.dirichlet(np.full(scenario.schools, 3.0))) for n in pupils]
    area = np.repeat(np.arange(len(pupils)), scenario.schools)
    return area, np.arange(len(area)), np.zeros(len(area), dtype=np.intp), np.concatenate(parts)


def _earlier(scenario: Scenario, odds: Array, pupils: Index, rng: np.random.Generator) -> tuple[Array, Array]:
    """Answers of the wave before: the same districts, a little lower, each a little different."""
    risk = expit(odds - 0.15 + 0.2 * scenario.spread * rng.normal(size=len(odds)))
    trials = rng.binomial(pupils, scenario.response)
    return rng.binomial(trials, risk).astype(float), trials.astype(float)


def known_mean(scenario: Scenario, world: World, seed: int, draws: int = 3000) -> Array:
    """Mean risk of each district for one who knows all but the draws: level, slope, variances and limits.

    By elliptical slice sampling of the districts' effects; the first tenth is left out. No model can do better.
    """
    rng = np.random.default_rng([seed, 7])
    events, trials, _ = world.by_district()
    m = len(trials)
    structured, own = scenario.by_map, 1 - scenario.by_covariate - scenario.by_map
    centre = logit(scenario.level) + scenario.spread * np.sqrt(scenario.by_covariate) * world.covariate

    root = np.sqrt(structured) * _smooth(world.pairs, m)

    def effects() -> Array:
        return np.asarray(scenario.spread * (root @ rng.normal(size=m) + np.sqrt(own) * rng.normal(size=m)))

    def risk(effect: Array) -> Array:
        return np.clip(expit(centre + effect), *scenario.limits)

    def height(effect: Array) -> float:
        p = risk(effect)
        return float((events * np.log(p) + (trials - events) * np.log1p(-p)).sum())

    at, total = effects(), np.zeros(m)
    value = height(at)
    for step in range(draws + draws // 10):
        other, wanted = effects(), value + np.log(rng.random())
        angle = rng.uniform(0, 2 * np.pi)
        low, high = angle - 2 * np.pi, angle
        while (value := height(moved := at * np.cos(angle) + other * np.sin(angle))) <= wanted:
            low, high = (angle, high) if angle < 0 else (low, angle)
            angle = rng.uniform(low, high)
        at = moved
        total += risk(at) if step >= draws // 10 else 0.0
    return total / draws


def _map(areas: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Neighbours among places scattered at random: the edges of Delaunay's triangulation."""
    corners = Delaunay(rng.uniform(size=(areas, 2))).simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return [(int(a), int(b)) for a, b in np.unique(np.sort(edges, axis=1), axis=0)]


def _smooth(pairs: list[tuple[int, int]], areas: int) -> Array:
    """A root of the covariance of an intrinsic autoregression over the map, of unit variance."""
    values, vectors = np.linalg.eigh(neighbours(pairs, areas).precision.toarray())
    scale = np.where(values > 1e-4, 1 / np.sqrt(np.maximum(values, 1e-4)), 0.0)
    root: Array = vectors * scale
    return root
