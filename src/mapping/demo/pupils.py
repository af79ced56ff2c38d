"""The pupils of one wave: where they live, which school they attend, whether they answer, and what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mapping.demo.model import BLANK, Array, Model, pupil_exposures
from mapping.demo.place import Place
from mapping.demo.questions import WAVES, Question

__all__ = ["ELSEWHERE", "answers", "enrolled", "item_states", "register"]

ELSEWHERE = "elsewhere"
DECLINED, SKIPPED, UNSURE, NOT_ASKED = "declined", "skipped", "unsure", ""
_COMMUTERS = 0.03  # pupils of the schools who live in another municipality
_REACH = {"9": 3.0, "gy2": 7.0}  # kilometres: how fast a school's pull fades
_ANSWER = {"9": (0.82, 0.93), "gy2": (0.70, 0.86)}  # share of present pupils who answer, by school
_PRESENT = 0.93
_BREAK_OFF = 0.025  # pupils who stop somewhere in the form

Answers = dict[str, np.ndarray]  # answer code per pupil, by item or (for boxes) item_box


def register(place: Place, rng: np.random.Generator) -> pd.DataFrame:
    """Register pupils by district, sex and grade: ``home``, ``girl``, ``grade``, ``n``."""
    grades = sorted({school.grade for school in place.schools})
    rows = []
    for district in place.districts:
        shares = np.outer([0.488, 0.512], [1 / len(grades)] * len(grades)).ravel()
        counts = rng.multinomial(district.pupils, shares)
        cells = [(girl, grade) for girl in (True, False) for grade in grades]
        rows += [(district.code, girl, grade, int(n)) for (girl, grade), n in zip(cells, counts, strict=True)]
    return pd.DataFrame(rows, columns=["home", "girl", "grade", "n"])


def _school(place: Place, pupils: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """A school of the pupil's grade: near ones draw more, chance does the rest."""
    at = {district.code: district.at for district in place.districts}
    middle = np.mean([district.at for district in place.districts], axis=0)
    home = np.array([at.get(code, middle) for code in pupils["home"]], dtype=float)
    chosen = pd.Series("", index=pupils.index, dtype=object)
    for grade, reach in _REACH.items():
        own = (pupils["grade"] == grade).to_numpy()
        schools = [school for school in place.schools if school.grade == grade]
        if not schools:
            continue
        away = home[own][:, None, :] - np.array([school.at for school in schools])[None]
        pull = -np.hypot(away[..., 0], away[..., 1]) / reach + rng.gumbel(size=(own.sum(), len(schools)))
        chosen[own] = np.array([school.code for school in schools], dtype=object)[pull.argmax(axis=1)]
    return chosen


def enrolled(place: Place, counts: pd.DataFrame, wave: str, rng: np.random.Generator) -> pd.DataFrame:
    """The pupils enrolled in the municipality's schools, one row each.

    Columns: ``home`` (district or "elsewhere"), ``girl``, ``grade``, ``school``, ``class``, ``present``, ``answered``.
    """
    local = counts.loc[counts.index.repeat(counts["n"]), ["home", "girl", "grade"]]
    commuters = local.iloc[rng.choice(len(local), round(_COMMUTERS * len(local)), replace=False)]
    pupils = pd.concat([local, commuters.assign(home=ELSEWHERE)], ignore_index=True)
    pupils["school"] = _school(place, pupils, rng)
    pupils = pupils.iloc[rng.permutation(len(pupils))].sort_values("school", kind="stable", ignore_index=True)
    number = pupils.groupby("school").cumcount() // 26
    pupils["class"] = (
        pupils["school"]
        + "-"
        + pupils["grade"].str.removeprefix("gy")
        + number.map(lambda i: chr(ord("A") + i % 26) + (str(i // 26) if i >= 26 else ""))
    )
    rate = {s.code: rng.uniform(*_ANSWER[s.grade]) for s in place.schools}
    silent = (pupils["school"] == place.silent) & (wave == WAVES[1])
    pupils["present"] = (rng.random(len(pupils)) < _PRESENT) & ~silent
    pupils["answered"] = pupils["present"] & (
        rng.random(len(pupils)) < pupils["school"].map(rate).astype(float)
    )
    return pupils


def _drawn(codes: Mapping[str, float], n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.array(list(codes), dtype=object), size=n, p=list(codes.values()))


def _non_answers(question: Question, n: int, rng: np.random.Generator) -> np.ndarray:
    """Unsure, declined, passed over, or None; independent of what is true."""
    rates = (question.unsure, question.declined, BLANK)
    return rng.choice(
        np.array([UNSURE, DECLINED, SKIPPED, None], dtype=object), size=n, p=[*rates, 1 - sum(rates)]
    )


def answers(
    model: Model,
    wave: str,
    pupils: pd.DataFrame,
    schools: Mapping[str, tuple[float, float]],
    rng: np.random.Generator,
) -> Answers:
    """What every pupil would answer: answer codes of the codebook, boxes "ticked" or "empty", or why there is none."""
    n, girl = len(pupils), pupils["girl"].to_numpy(dtype=float)
    own = pupil_exposures(n, rng)
    at_school = np.array([schools[code] for code in pupils["school"]]).T
    g = pupils["home"].map(model.control).to_numpy(dtype=float)
    h = pupils["home"].map(model.violence).to_numpy(dtype=float)
    control, violence = g + own[0] + at_school[0], g / 2 + h + own[1] + at_school[1]
    found: Answers = {}
    stops_at = np.where(
        rng.random(n) < _BREAK_OFF, rng.integers(0, len(model.questions), n), len(model.questions)
    )
    for number, question in enumerate(model.questions):
        asked = _asked(question, pupils, found)
        missing = _non_answers(question, n, rng)
        missing[stops_at <= number] = SKIPPED
        missing[~asked] = NOT_ASKED
        if question.boxes:
            true = _ticks(model, question, wave, girl, control, violence, found, rng)
            values = {
                f"{question.item}_{box}": np.where(tick, "ticked", "empty") for box, tick in true.items()
            }
        else:
            yes = rng.random(n) < model.chance(question, "", wave, girl, control, violence)
            values = {question.item: np.where(yes, _drawn(question.yes, n, rng), _drawn(question.no, n, rng))}
        given = pd.isna(missing)
        found |= {name: np.where(given, value.astype(object), missing) for name, value in values.items()}
    return found


def _asked(question: Question, pupils: pd.DataFrame, found: Answers) -> np.ndarray:
    if question.item == "n_fgm":
        return pupils["girl"].to_numpy(dtype=bool)
    if question.item in {"n_viol_reason_honour", "n_viol_self"}:
        boxes = [
            values
            for name, values in found.items()
            if name.startswith("n_viol_fam_") and not name.endswith("none")
        ]
        return np.asarray(np.any([values == "ticked" for values in boxes], axis=0))
    return np.ones(len(pupils), dtype=bool)


def _ticks(
    model: Model, question: Question, wave: str, girl: Array, control: Array, violence: Array, found: Answers,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:  # fmt: skip
    ticks = {}
    for box in question.ticks:
        if question.item == "n_viol_self":
            chance = question.boxes[box].target * (found[f"n_viol_fam_{box}"] == "ticked")
        else:
            chance = model.chance(question, box, wave, girl, control, violence)
        ticks[box] = rng.random(len(girl)) < chance
    return {**ticks, "none": ~np.any(list(ticks.values()), axis=0)}


def item_states(
    questions: tuple[Question, ...], given: Answers
) -> tuple[dict[str, tuple[Array, Array]], tuple[Array, Array]]:
    """Yes and no (1 or 0) of every pupil to every item, and to having no say at all in partner choice."""
    states = {}
    for question in questions:
        if question.boxes:
            ticked = np.any([given[f"{question.item}_{box}"] == "ticked" for box in question.ticks], axis=0)
            none = given[f"{question.item}_none"] == "ticked"
            states[question.item] = (ticked.astype(float), none.astype(float))
        else:
            value = given[question.item]
            yes, no = (np.isin(value, list(codes)).astype(float) for codes in (question.yes, question.no))
            states[question.item] = (yes, no)
    partner = given["n_partner"]
    return states, ((partner == "none").astype(float), np.isin(partner, ["own", "conditional"]).astype(float))
