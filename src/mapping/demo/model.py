"""What is true in the demo's districts: a pupil's exposure to control and to violence, and the answers they lead to.

A pupil i of district d and school s has two exposures, C = g(d) + u(s) + z(i) and V = g(d)/2 + h(d) + v(s) + w(i);
z and w are correlated, so that composites behave like real ones. Every question is logistic in C and V. The intercepts
make the municipality's shares in the first wave what questions.toml says; true shares are integrals by Gauss-Hermite
quadrature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from mapping.demo.place import Place
from mapping.demo.questions import WAVES, Question

__all__ = ["BLANK", "Array", "Model", "fit", "pupil_exposures", "school_exposures"]

Array = npt.NDArray[np.float64]

PUPIL_SD = (1.15, 1.2)  # between pupils of one district and school: control, violence
SCHOOL_SD = (0.35, 0.3)  # between schools: an intraclass correlation of about 0.025 on the logistic scale
CORRELATION = 0.5  # between a pupil's two exposures, and between a school's
DISTRICT_SD = (0.55, 0.25)  # between districts: g and h
BLANK = 0.004  # share of questions passed over
_NODES = 15


def _pair(sd: Sequence[float], one: Array, other: Array) -> tuple[Array, Array]:
    """Two exposures with standard deviations `sd` and the common correlation, from two independent scores."""
    return sd[0] * one, sd[1] * (CORRELATION * one + np.sqrt(1 - CORRELATION**2) * other)


def pupil_exposures(n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """What each of `n` pupils adds to the exposures of district and school."""
    return _pair(PUPIL_SD, rng.standard_normal(n), rng.standard_normal(n))


def school_exposures(place: Place, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """What each school adds, the same in every wave; zero on average, so that few schools do not move the whole."""
    scores = rng.standard_normal((2, len(place.schools)))
    scores = (scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True)
    control, violence = _pair(SCHOOL_SD, scores[0], scores[1])
    return {s.code: (float(control[i]), float(violence[i])) for i, s in enumerate(place.schools)}


def _nodes() -> tuple[Array, Array, Array]:
    """Exposures of pupils and schools together on a grid, and the weight of each grid point."""
    score, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    one, other = (grid.ravel() for grid in np.meshgrid(score, score))
    sd = [float(np.hypot(pupil, school)) for pupil, school in zip(PUPIL_SD, SCHOOL_SD, strict=True)]
    weights = np.outer(weight, weight).ravel()
    return *_pair(sd, one, other), weights / weights.sum()


@dataclass(frozen=True, slots=True)
class Model:
    """The truth behind the answers: levels g and h of each district (and of "elsewhere"), and all intercepts."""

    questions: tuple[Question, ...]
    control: Mapping[str, float]
    violence: Mapping[str, float]
    intercepts: Mapping[tuple[str, str], float]

    def chance(
        self, question: Question, box: str, wave: str, girl: Array, control: Array, violence: Array
    ) -> Array:
        """Chance that the question (or its box) is true for pupils with these exposures."""
        score = (
            self.intercepts[question.item, box]
            + question.girl * (girl - 0.5)
            + question.control * control
            + question.violence * violence
            + (question.change if wave == WAVES[1] else 0.0)
        )
        return np.asarray(expit(score), dtype=float)

    def states(self, wave: str, girl: float, home: str) -> tuple[dict[str, tuple[Array, Array]], Array]:
        """Chances of yes and of no to every item on the grid of exposures, for girls (1) or boys (0) of one district.

        They are chances given that the question is asked. Returns the weights of the grid too.
        """
        pupil_control, pupil_violence, weights = _nodes()
        control = self.control[home] + pupil_control
        violence = self.control[home] / 2 + self.violence[home] + pupil_violence
        found: dict[str, tuple[Array, Array]] = {}
        ticked: dict[str, dict[str, Array]] = {}
        for question in self.questions:
            valid = 1 - question.unsure - question.declined - BLANK
            if question.item == "n_viol_self":
                family = ticked["n_viol_fam"]
                both = 1 - np.prod(
                    [1 - family[box] * question.boxes[box].target for box in question.ticks], axis=0
                )
                yes = both / (1 - np.prod([1 - chance for chance in family.values()], axis=0))
            elif question.boxes:
                ticked[question.item] = {
                    box: self.chance(question, box, wave, np.array(girl), control, violence)
                    for box in question.ticks
                }
                yes = 1 - np.prod([1 - chance for chance in ticked[question.item].values()], axis=0)
            else:
                yes = self.chance(question, "", wave, np.array(girl), control, violence)
            found[question.item] = (yes * valid, (1 - yes) * valid)
        return found, weights


def _levels(place: Place, rng: np.random.Generator) -> tuple[dict[str, float], dict[str, float]]:
    """g falls smoothly from one corner of the map to the other, with unevenness of its own; h is uneven only."""
    at = np.array([district.at for district in place.districts], dtype=float)
    pupils = np.array([district.pupils for district in place.districts], dtype=float)
    spot = np.average(at, axis=0, weights=pupils)
    slope = (at - spot) @ np.array([-0.8, 0.6]) / np.ptp(at, axis=0).max()
    hill = np.exp(-(((at - spot - [-2.0, 2.5]) ** 2).sum(axis=1)) / 18)
    levels = []
    for sd, field in zip(DISTRICT_SD, (1.1 * slope + 0.9 * hill, np.zeros(len(at))), strict=True):
        level = field + rng.normal(0, 0.33, len(at))
        level -= np.average(level, weights=pupils)
        levels.append(level * sd / np.sqrt(np.average(level**2, weights=pupils)))
    codes = [district.code for district in place.districts]
    return tuple({**dict(zip(codes, map(float, level), strict=True)), "elsewhere": 0.0} for level in levels)  # type: ignore[return-value]


def fit(place: Place, questions: tuple[Question, ...], rng: np.random.Generator) -> Model:
    """The model of `place` whose shares in the first wave are those that the questions name as targets."""
    control, violence = _levels(place, rng)
    model = Model(questions, control, violence, {})
    weight_of = np.array([district.pupils for district in place.districts], dtype=float)
    homes = [district.code for district in place.districts]
    pupil_control, pupil_violence, nodes = _nodes()
    weights = np.multiply.outer(np.tile(weight_of / weight_of.sum() / 2, 2), nodes)
    g, h = (np.tile([level[home] for home in homes], 2)[:, None] for level in (control, violence))
    girl = np.repeat([1.0, 0.0], len(homes))[:, None]
    c, v = g + pupil_control, g / 2 + h + pupil_violence
    intercepts: dict[tuple[str, str], float] = {}
    family = np.zeros_like(c)

    for question in questions:
        for box in question.ticks or ("",):
            if question.item == "n_viol_self":
                continue
            target = question.boxes[box].target if box else question.target
            among = family if question.item == "n_viol_reason_honour" else np.ones_like(c)
            low, high = -15.0, 10.0
            for _ in range(40):
                trial = Model(questions, control, violence, {(question.item, box): (low + high) / 2})
                share = (weights * among * trial.chance(question, box, WAVES[0], girl, c, v)).sum()
                low, high = ((low + high) / 2, high) if share < target else (low, (low + high) / 2)
            intercepts[question.item, box] = (low + high) / 2
        if question.item == "n_viol_fam":
            done = Model(questions, control, violence, intercepts)
            family = 1 - np.prod(
                [1 - done.chance(question, b, WAVES[0], girl, c, v) for b in question.ticks], axis=0
            )
    return Model(model.questions, control, violence, intercepts)
