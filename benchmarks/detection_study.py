"""The detection ratio where the truth is known: ``python benchmarks/detection_study.py`` writes docs/detection.md.

Each municipality is one of the demo's: its pupils, their exposures and their answers are drawn anew, and so is the rate
at which services come to know of those exposed. The survey is answered by some, school by school, and weighted to the
register of its schools; services know some of the exposed. In the first world both mean the same. In each of the
others one thing differs, as it does in practice: the program must refuse the ratio there, and the table shows what it
would have been worth.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.demo.model import Model, fit, school_exposures
from mapping.demo.place import Place, read_place
from mapping.demo.pupils import answers, enrolled, item_states, register
from mapping.demo.questions import WAVES, read_questions
from mapping.demo.truth import judge
from mapping.estimate.cases.detection import Estimated, Ratio, Scope, comparable, detection_ratio
from mapping.estimate.design_based import prevalence

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261122
PLACES = ("town", "city")
RATES = (0.05, 0.40)  # between these lies the chance that services know of an exposed pupil
PER_MODEL = 25  # municipalities drawn from one model of districts and schools
INDICATORS = ("S15", "S17")
DESIGN = SurveyDesign(
    psu=["school", "respondent"], weights="weight", fpc=["n_schools", "n_registered"], lonely_psu="adjust"
)

_SERVICES = Scope(
    "person", "hrv", (dt.date(2023, 1, 1), dt.date(2023, 12, 31)), frozenset({2006, 2008}), "resident"
)
_SURVEY = replace(_SERVICES, unit="pupil", period=(dt.date(2023, 3, 1), dt.date(2024, 2, 29)))
# what each world says of services and of the survey
WORLDS = {
    "the same": (_SERVICES, _SURVEY),
    "definition": (_SERVICES, replace(_SURVEY, definition="norm")),
    "period": (_SERVICES, replace(_SURVEY, period=None)),
    "birth years": (replace(_SERVICES, birth_years=frozenset(range(2006, 2024))), _SURVEY),
    "residence": (_SERVICES, replace(_SURVEY, residence="enrolled")),
    "unit": (replace(_SERVICES, unit="case"), _SURVEY),
}
CASES_PER_PERSON = 1.4
OTHER_AGES = 2.0  # persons of other ages known for each of the survey's
OF_THE_YEAR = 1 / 3  # of those ever exposed, the share exposed in the last twelve months
FROM_ELSEWHERE = 0.25  # pupils of the schools who live in another municipality, where residence differs


@dataclass(frozen=True, slots=True)
class Town:
    """One municipality: what its survey found, and what is true in it."""

    shares: pd.DataFrame
    exposed: int
    pupils: int
    rate: float


def towns(size: str, repeats: int, rng: np.random.Generator) -> Iterator[Town]:
    """Municipalities, drawn one by one."""
    place, questions = read_place(size), read_questions()
    for number in range(repeats):
        if number % PER_MODEL == 0:
            model, schools = fit(place, questions, rng), school_exposures(place, rng)
        yield _town(place, model, schools, rng)


def _town(
    place: Place, model: Model, schools: dict[str, tuple[float, float]], rng: np.random.Generator
) -> Town:
    pupils = enrolled(place, register(place, rng), WAVES[0], rng)
    states = judge(*item_states(model.questions, answers(model, WAVES[0], pupils, schools, rng)))
    frame = pd.DataFrame({"school": pupils["school"], "respondent": range(len(pupils))})
    for id_ in INDICATORS:
        yes, no = states[id_]
        frame[id_] = np.where(yes > 0, 1.0, np.where(no > 0, 0.0, np.nan))
    known = frame["S17"].mean()
    answered = pupils.groupby("school")["answered"].transform("sum")
    registered = pupils.groupby("school")["answered"].transform("size")
    frame = frame.assign(
        weight=registered / answered, n_registered=registered, n_schools=float(pupils["school"].nunique())
    )
    shares = prevalence(frame[pupils["answered"].to_numpy()], DESIGN, INDICATORS).set_index("indicator")
    return Town(shares, round(known * len(pupils)), len(pupils), float(rng.uniform(*RATES)))


def _estimated(town: Town, id_: str = "S17") -> Estimated:
    row = town.shares.loc[id_, ["estimate", "ci_low", "ci_high"]].astype(float)
    return Estimated.from_share(*row, town.pupils)


def ratio_of(town: Town, world: str, rng: np.random.Generator) -> Ratio | None:
    """What would come of dividing, in the world in which one thing differs."""
    if not town.shares.loc["S17", "estimate"] > 0:
        return None
    exposed = rng.binomial(town.exposed, OF_THE_YEAR) if world == "period" else town.exposed
    if world == "residence":
        exposed = rng.binomial(exposed, 1 - FROM_ELSEWHERE)
    known = int(rng.binomial(exposed, town.rate))
    if world == "birth years":
        known += int(rng.poisson(OTHER_AGES * town.rate * exposed))
    if world == "unit":
        known += int(rng.poisson((CASES_PER_PERSON - 1) * known))
    return detection_ratio(known, _estimated(town, "S15" if world == "definition" else "S17"))


def run(repeats: int) -> pd.DataFrame:
    """A row for each place and world: how often it is refused, and how often the limits cover."""
    rows = []
    for number, size in enumerate(PLACES):
        rng = np.random.default_rng([SEED, number])
        found: dict[str, list[tuple[Ratio, float]]] = {world: [] for world in WORLDS}
        for town in towns(size, repeats, rng):
            for world in WORLDS:
                if (ratio := ratio_of(town, world, rng)) is not None:
                    found[world].append((ratio, town.rate))
        rows += [{"place": size, **_summed(world, made, repeats)} for world, made in found.items()]
    return pd.DataFrame(rows)


def _summed(world: str, made: list[tuple[Ratio, float]], repeats: int) -> dict[str, object]:
    reasons = comparable(*WORLDS[world])
    covers = np.array([ratio.low <= rate <= ratio.high for ratio, rate in made])
    usable = np.array([ratio.usable for ratio, _ in made])
    return {
        "world": world,
        "municipalities": repeats,
        "refused": repeats if reasons else 0,
        "reasons": ", ".join(reasons) or "–",
        "coverage": covers.mean(),
        "above": np.mean([rate > ratio.high for ratio, rate in made]),
        "below": np.mean([rate < ratio.low for ratio, rate in made]),
        "told": usable.mean(),
        "coverage told": covers[usable].mean() if usable.any() else np.nan,
        "median ratio to truth": np.median([ratio.ratio / rate for ratio, rate in made]),
    }


TEXT = """# Detection: persons known beside the survey's estimate

Made by `python benchmarks/detection_study.py {repeats}` ({repeats} municipalities of each kind; Monte-Carlo error of a
coverage ±{error:.1f} points).

**What is divided.** Distinct persons known to services in a year, by the number of exposed pupils that the survey
suggests: its weighted share times the register's pupils. Both errors enter the limits: for persons known binomial
mid-P limits (known persons are some of the exposed), for the survey its design-based limits, joined on the log scale
(MOVER; Donner and Zou 2012). A ratio whose limits lie more than ten times apart is not told.

**When.** Only where both count people, by the same definition, over the same twelve months (begun at most 92 days
apart), born in the same years, and resident in the municipality. Otherwise the two stand side by side and the report
says what differs. What each side means is stated in `wave.toml`; a statement that is wrong is not found out.

**How it was measured.** Towns of {town:,} and cities of {city:,} pupils are drawn from the demo's model, with
districts, schools and exposures of their own; between {low:.0f} and {high:.0f} per cent of the exposed are known to
services. In the world *the same* nothing differs. In the others: *definition*, the survey's figure is that of norms,
the services' that of violence; *period*, the survey asks about ever, and a third of those were exposed in the year;
*birth years*, services count persons of all ages, {ages:.0f} others for each of the survey's; *residence*, a quarter of
the schools' pupils live elsewhere, where other services know them; *unit*, services count cases, {cases} for each
person.

| place | world | refused | why | covers if divided, % | too high / too low, % | ratio : truth, median |
| --- | --- | ---: | --- | ---: | ---: | ---: |
{table}

*Refused* is how many of the {repeats} municipalities get no ratio; for them the last three columns show what one would
have been worth. In the world *the same* the limits cover {nominal} per cent in towns and cities (nominal 95), and
{told} per cent where the ratio is told; it is told in {usable} per cent of the municipalities, and the others read that
too few are known or too few answered.

**Where it falls short.** The limits know chance only. A survey misses those who were not at school or dared not tell;
services know some whom no survey reaches. The ratio is therefore no probability of being helped, and a change of it
over time may be a change of either part.
"""


def write_page(results: pd.DataFrame, repeats: int, folder: Path) -> None:
    """Write docs/detection.md."""
    pupils = {size: sum(d.pupils for d in read_place(size).districts) for size in PLACES}
    same = results[results["world"] == "the same"]

    def listed(column: str) -> str:
        return " and ".join(f"{100 * value:.1f}" for value in same[column])

    lines = [
        f"| {row.place} | {row.world} | {row.refused} of {row.municipalities} | {row.reasons} | "
        f"{100 * row.coverage:.1f} | {100 * row.below:.1f} / {100 * row.above:.1f} | "
        f"{row.ratio_to_truth:.2f} |"
        for row in results.rename(columns={"median ratio to truth": "ratio_to_truth"}).itertuples()
    ]
    text = TEXT.format(
        repeats=repeats,
        error=196 * (0.05 * 0.95 / repeats) ** 0.5,
        **pupils,
        low=100 * RATES[0],
        high=100 * RATES[1],
        ages=OTHER_AGES,
        cases=CASES_PER_PERSON,
        table="\n".join(lines),
        nominal=listed("coverage"),
        told=listed("coverage told"),
        usable=listed("told"),
    )
    (folder / "detection.md").write_text(text, encoding="utf-8")


def main() -> None:
    """Run the study and write its page."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    write_page(run(repeats), repeats, ROOT / "docs")


if __name__ == "__main__":
    main()
