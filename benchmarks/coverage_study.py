"""Measured coverage of the intervals of `prevalence`: ``python benchmarks/coverage_study.py`` writes docs/coverage.md.

Municipalities of 24 districts are drawn again and again. In each district every school has a risk of its own, drawn
from a beta distribution around the district's, so that the answers have a given design effect; districts differ
(logit-normal, standard deviation 0.3), weights vary (coefficient of variation 0.3). An interval covers when it holds
the district's risk. The estimator knows schools and weights, nothing else.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based.limits import choose_limits
from mapping.estimate.design_based.linear import estimate
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.prevalence import shares
from mapping.estimate.design_based.profile import likelihood_limits
from mapping.estimate.design_based.tables import describe
from mapping.estimate.design_based.variables import read_indicator

PREVALENCES = (0.005, 0.01, 0.02, 0.05, 0.10, 0.30)
RESPONDENTS = (5, 10, 20, 50, 100, 200)
SCHOOLS = (1, 2, 4, 8, 15, 25, 40)
DESIGN_EFFECTS = (1.2, 2.0, 4.0, 8.0)
INTERVALS = ("wald", "asin", "wilson", "logit", "likelihood", "beta", "auto")
DISTRICTS = 24
HIGHEST_CORRELATION = 0.6
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A district as the study draws it."""

    prevalence: float
    n: int
    schools: int
    design_effect: float

    @property
    def correlation(self) -> float:
        """Intraclass correlation that gives the design effect."""
        return (self.design_effect - 1) / (self.n / self.schools - 1)

    @property
    def effective_events(self) -> float:
        """Events expected, divided by the design effect."""
        return self.n * self.prevalence / self.design_effect


def scenarios() -> list[Scenario]:
    """Those in which schools of that size can have that design effect."""
    grid = (Scenario(*values) for values in product(PREVALENCES, RESPONDENTS, SCHOOLS, DESIGN_EFFECTS))
    return [s for s in grid if s.n > s.schools and s.correlation <= HIGHEST_CORRELATION]


def draw(scenario: Scenario, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """A municipality's answers, and the risk of each district."""
    logit = np.log(scenario.prevalence / (1 - scenario.prevalence)) + rng.normal(0, 0.3, DISTRICTS)
    risk = 1 / (1 + np.exp(-logit))
    strength = 1 / scenario.correlation - 1
    schools = rng.beta(
        risk[:, None] * strength, (1 - risk[:, None]) * strength, (DISTRICTS, scenario.schools)
    )
    school = np.sort(np.arange(scenario.n) % scenario.schools)
    answers = rng.random((DISTRICTS, scenario.n)) < schools[:, school]
    district = np.repeat(np.arange(DISTRICTS), scenario.n)
    frame = pd.DataFrame(
        {
            "district": pd.Categorical(district),
            "school": district * scenario.schools + np.tile(school, DISTRICTS),
            "weight": np.exp(rng.normal(0, 0.3, answers.size)),
            "exposed": answers.ravel().astype(float),
        }
    )
    return frame, risk


def study(scenario: Scenario, repeats: int, rng: np.random.Generator) -> dict[str, float]:
    """Share of intervals that cover, and mean width, for each interval."""
    design = SurveyDesign(psu="school", weights="weight")
    covered, width = dict.fromkeys(INTERVALS, 0.0), dict.fromkeys(INTERVALS, 0.0)
    for _ in range(repeats):
        frame, risk = draw(scenario, rng)
        for name, (low, high) in all_limits(frame, design).items():
            covered[name] += float(((low <= risk) & (high >= risk)).mean()) / repeats
            width[name] += float((high - low).mean()) / repeats
    return {**covered, **{f"{name} width": value for name, value in width.items()}}


def all_limits(frame: pd.DataFrame, design: SurveyDesign) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What `prevalence` gives as limits for each interval, estimated once."""
    plan = make_plan(frame, design, "district", margins=False)
    variable = read_indicator(frame, "exposed")
    linear, described = estimate(plan, variable), describe(plan)
    found = {}
    for name in INTERVALS:
        given = (
            likelihood_limits(plan, [variable], linear, described.df, 0.95) if name == "likelihood" else None
        )
        limits = choose_limits(shares(plan, linear, described, name), 0.95, name, given)
        found[name] = limits.low, limits.high
    return found


def run(repeats: int) -> pd.DataFrame:
    """All scenarios, each with a generator of its own."""
    rows = []
    chosen = scenarios()
    for number, scenario in enumerate(chosen):
        rng = np.random.default_rng([20260101, number])
        facts = {
            "prevalence": scenario.prevalence,
            "n": scenario.n,
            "schools": scenario.schools,
            "design effect": scenario.design_effect,
            "correlation": scenario.correlation,
            "effective events": scenario.effective_events,
        }
        rows.append(facts | study(scenario, repeats, rng))
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {len(chosen)}", end="", file=sys.stderr)
    return pd.DataFrame(rows)


def main() -> None:
    """Run the study and write its table and picture."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    from coverage_page import write_page

    write_page(run(repeats), repeats * DISTRICTS, ROOT / "docs")


if __name__ == "__main__":
    main()
