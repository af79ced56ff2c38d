"""Small-area models on municipalities with known truth: writes docs/small_areas.md.

Every model of a scenario sees the same municipalities (`small_area_worlds.py`), all of the answers ("full") or what a
release would print of them ("public"). An argument, for instance 0.1, runs that share of the replicates.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from small_area_page import KNOWN, write_page
from small_area_worlds import Scenario, World, draw_world, known_mean

from mapping.estimate.small_area import (
    AreaPosterior,
    beta_binomial,
    bym2,
    effective_counts,
    finite_population,
    mrp,
    over_waves,
)

Array = NDArray[np.float64]
Sums = list[tuple[list[int], float, float]]

FINDINGS = {
    "level": 0.0217,
    "spread": 0.635,
    "limits": (0.005, 0.08),
}  # one mean for all: 1.64, direct: 3.3 and 1.6
SCENARIOS = (
    Scenario("districts 10–80, rare", "60 districts, 2.6 % (0.5 to 8 %): what the bars were set on, rebuilt",
             60, **FINDINGS),
    Scenario("the same, schools", "three schools a district, correlation 0.01, a tenth refuse", 30,
             correlation=0.01, schools=3, refused=0.1, **FINDINGS),
    Scenario("the same, unlike schools", "three schools a district, correlation 0.03, a tenth refuse", 30,
             correlation=0.03, schools=3, refused=0.1, **FINDINGS),
    Scenario("refused schools", "three schools a district, correlation 0.03, three of ten refuse",
             correlation=0.03, schools=3, refused=0.3),
    Scenario("few districts", "12 districts of 40–160 respondents, about 9 %", 18, districts=12, level=0.08,
             respondents=(40, 160)),
    Scenario("many districts", "240 districts", 2, districts=240),
    Scenario("wide spread", "60 districts, 0.2 to 15 %, nothing cut off"),
    Scenario("strong map", "neighbours explain four fifths, the covariate nothing", by_covariate=0.0, by_map=0.8),
    Scenario("no structure", "neither map nor covariate explains anything", by_covariate=0.0, by_map=0.0),
    Scenario("common, larger", "60 districts of 40–160 respondents, about 13 %", level=0.12, spread=0.5,
             respondents=(40, 160)),
    Scenario("answers by cell", "girls and older pupils at higher risk, girls answer more often (sex × grade)",
             level=0.05, respondents=(20, 120), cells=True),
    Scenario("answers by exposure", "the odds of answering are 0.7 for a pupil with the event", exposed=0.7),
    Scenario("two waves", "the wave before is known, correlation of true log odds 0.92", waves=2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model's answer about one target. A direct share or a common mean has no posterior."""

    method: str
    target: str
    estimate: Array
    posterior: AreaPosterior | None = None


def main() -> None:
    """Run every scenario and write the page."""
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rows: list[dict[str, object]] = []
    for scenario in SCENARIOS:
        replicates = max(round(share * scenario.replicates), 2)
        rows += measured(scenario, replicates)
        print(f"{scenario.name}: {replicates} municipalities", flush=True)
    write_page(pd.DataFrame(rows), SCENARIOS, Path(__file__).resolve().parents[1] / "docs")


def measured(scenario: Scenario, replicates: int) -> list[dict[str, object]]:
    """One line for each method and target: errors, coverage, width, ranks, exceedance."""
    scores: dict[tuple[str, str], list[dict[str, Array]]] = {}
    for seed in range(replicates):
        world = draw_world(scenario, seed)
        for fit in (*fitted(scenario, world), *known(scenario, world, seed)):
            scores.setdefault((fit.method, fit.target), []).append(scored(fit, world))
    return [
        {
            "scenario": scenario.name,
            "replicates": replicates,
            "method": method,
            "target": target,
            **summary(made),
        }
        for (method, target), made in scores.items()
    ]


def fitted(scenario: Scenario, world: World) -> Iterator[Fitted]:
    """What each method that fits the scenario says."""
    events, trials, _ = world.by_district()
    mean = events.sum() / trials.sum()
    direct = np.where(trials > 0, events / np.maximum(trials, 1), mean)
    for target in ("risk", "pupils"):
        yield Fitted("direct share", target, direct)
        yield Fitted("one mean for all", target, np.full(len(direct), mean))
    if scenario.cells:
        yield from of_cells(world)
    elif scenario.schools > 1:
        yield from of_schools(world)
    else:
        yield from plain(world)
        yield from public(world)
    if world.earlier is not None:
        yield from of_waves(world)


def known(scenario: Scenario, world: World, seed: int) -> Iterator[Fitted]:
    """What nobody has: level, slope, variances and limits as they are. The floor of the first scenario."""
    if scenario is SCENARIOS[0]:
        risk = known_mean(scenario, world, seed)
        events, trials, pupils = world.by_district()
        yield Fitted(KNOWN, "risk", risk)
        yield Fitted(KNOWN, "pupils", (events + (pupils - trials) * risk) / pupils)


def plain(world: World) -> Iterator[Fitted]:
    """The default models on all answers of the districts."""
    events, trials, pupils = world.by_district()
    x = world.covariate
    for method, risk in (
        ("beta_binomial", beta_binomial(events, trials, x)),
        ("bym2", bym2(events, trials, x, adjacency=world.pairs)),
    ):
        yield of(method, risk)
        yield of(method, finite_population(risk, events, trials, pupils))


def public(world: World) -> Iterator[Fitted]:
    """The model that the rule would choose, on what is printed: some districts, and sums of the others."""
    events, trials, sums = published(world)
    if len(trials) < 20:
        yield of("beta_binomial, public", beta_binomial(events, trials, world.covariate, sums=sums))
    else:
        risk = bym2(events, trials, world.covariate, adjacency=world.pairs, sums=sums)
        yield of("bym2, public", risk)


def of_schools(world: World) -> Iterator[Fitted]:
    """Schools as an effect, as deflated counts, and ignored."""
    x, area = world.covariate[world.area], world.area
    counts = (world.events, world.trials)
    register = (*counts, world.population)
    risk = bym2(*counts, x, adjacency=world.pairs, area=area, school=world.school)
    yield of("bym2, schools", risk)
    yield of("bym2, schools", finite_population(risk, *register))
    found = effective_counts(*counts, area=area, school=world.school)
    effect = found.design_effect[area]
    risk = beta_binomial(world.events / effect, world.trials / effect, x, area=area)
    yield of("beta_binomial, effective", risk)
    correlation = min(found.correlation, 0.9)
    yield of("beta_binomial, effective", finite_population(risk, *register, correlation=correlation))
    risk = bym2(*counts, x, adjacency=world.pairs, area=area)
    yield of("bym2, schools ignored", risk)
    yield of("bym2, schools ignored", finite_population(risk, *register))


def of_cells(world: World) -> Iterator[Fitted]:
    """Cells weighed by the register, and cells ignored."""
    cells = {"sex": world.cell % 2, "grade": world.cell // 2}
    register = (world.events, world.trials, world.population)
    risk = mrp(*register[:2], world.covariate[world.area], cells=cells, population=register[2], area=world.area,
               adjacency=world.pairs)  # fmt: skip
    yield of("mrp", risk)
    yield of("mrp", finite_population(risk, *register))
    yield from plain(world)


def of_waves(world: World) -> Iterator[Fitted]:
    """Both waves together."""
    assert world.earlier is not None
    events, trials, pupils = world.by_district()
    m = len(trials)
    fit = over_waves(
        np.concatenate([world.earlier[0], events]),
        np.concatenate([world.earlier[1], trials]),
        np.tile(world.covariate, 2),
        area=np.tile(np.arange(m), 2),
        wave=np.repeat([1, 2], m),
        adjacency=world.pairs,
    ).at(2)
    yield of("over_waves", fit)
    yield of("over_waves", finite_population(fit, events, trials, pupils))


def of(method: str, posterior: AreaPosterior) -> Fitted:
    """A posterior as an answer."""
    return Fitted(method, posterior.target, posterior.mean, posterior)


def published(world: World) -> tuple[Array, Array, Sums]:
    """What a release prints: districts with 30 answers and 5 of each kind; of the others sums by area, or of all.

    Areas are about eight neighbouring districts. A district that would be the only one withheld of its area takes
    the smallest of the others with it.
    """
    events, trials, _ = world.by_district()

    def printed(y: Array, n: Array) -> Array:
        return (n >= 30) & (y >= 5) & (n - y >= 5)

    shown, sums, left = printed(events, trials), [], []
    for members in _areas(world):
        hidden = members[~shown[members]]
        if len(hidden) == 1 and len(members) > 1:
            others = members[shown[members]]
            hidden = np.append(hidden, others[np.argmin(trials[others])])
            shown[hidden] = False
        total = events[hidden].sum(), trials[hidden].sum()
        if len(hidden) and printed(*total):
            sums.append((hidden.tolist(), *map(float, total)))
        else:
            left += hidden.tolist()
    if left:
        sums.append((left, float(events[left].sum()), float(trials[left].sum())))
    return np.where(shown, events, 0.0), np.where(shown, trials, 0.0), sums


def _areas(world: World) -> list[NDArray[np.intp]]:
    """Districts by about eight, each the nearest on the map to those before."""
    near: dict[int, list[int]] = {}
    for a, b in world.pairs:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    order, seen = [0], {0}
    for place in order:
        fresh = [other for other in near.get(place, []) if other not in seen]
        order += fresh
        seen.update(fresh)
    return np.array_split(np.array(order), max(len(order) // 8, 1))


def scored(fit: Fitted, world: World) -> dict[str, Array]:
    """Error, truth and, where there is a posterior, what its intervals hold."""
    truth = world.risk if fit.target == "risk" else world.share
    made = {"error": fit.estimate - truth, "truth": truth}
    if fit.posterior is None:
        return made
    low, high = fit.posterior.interval(0.95, target=fit.target).T
    ranks = fit.posterior.rank_intervals()
    place = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    last = (truth[None, :] >= truth[:, None]).sum(axis=1)  # ties: any place of theirs
    return made | {
        "covered": ((low <= truth + 1e-12) & (truth <= high + 1e-12)).astype(float),
        "width": high - low,
        "ranked": ((ranks[:, 0] <= last) & (place <= ranks[:, 1])).astype(float),
        "exceedance": fit.posterior.exceedance(),
        "above": (truth > truth @ fit.posterior.weights).astype(float),
    }


def summary(made: list[dict[str, Array]]) -> dict[str, object]:
    """Figures over all municipalities, in points and shares; deciles of the truth within each municipality."""
    whole = {key: np.array([one[key] for one in made]) for key in made[0]}
    error = whole["error"]
    found: dict[str, object] = {
        "rmse": 100 * float(np.sqrt((error**2).mean())),
        "bias": 100 * float(error.mean()),
    }
    if "covered" not in whole:
        return found
    order = np.argsort(np.argsort(whole["truth"], axis=1, kind="stable"), axis=1, kind="stable")
    decile = order * 10 // error.shape[1]
    found["coverage"] = float(whole["covered"].mean())
    found["width"] = 100 * float(whole["width"].mean())
    found["deciles"] = [float(whole["covered"][decile == k].mean()) for k in range(10)]
    found["ranks"] = float(whole["ranked"].mean())
    edges = [0, 0.05, 0.2, 0.8, 0.95, 1.0000001]
    place = np.digitize(whole["exceedance"], edges) - 1
    found["above"] = [
        float(whole["above"][place == k].mean()) if (place == k).any() else np.nan for k in range(5)
    ]
    found["in class"] = [float((place == k).mean()) for k in range(5)]
    return found


if __name__ == "__main__":
    main()
