"""The survey file and the frame of a demo wave, coded the way Swedish survey bureaus code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mapping.demo.place import Place
from mapping.demo.pupils import DECLINED, ELSEWHERE, NOT_ASKED, SKIPPED, UNSURE, Answers
from mapping.demo.questions import WAVES, Question
from mapping.demo.sav import SavFile, write_sav

__all__ = ["CANARY", "DISTRICT_ELSEWHERE", "frame_table", "write_survey"]

# an improbable text in a column that nothing names: found in any output, log or message it shows a leak
CANARY = "Kanariefagel Zyxqvolt"
DISTRICT_ELSEWHERE = "Annan kommun"
_CODES = {UNSURE: 77, DECLINED: 88, SKIPPED: 99}
_USER_MISSING = (88, 99)
_WORDS: Mapping[str, Mapping[int | float, str]] = {
    WAVES[0]: {77: "Vet inte", 88: "Vill inte svara", 99: "Ej svar"},
    WAVES[1]: {77: "Vet ej", 88: "Vill ej svara", 99: "Ej svar"},
}
_MADE = {WAVES[0]: "21 Mar 24", WAVES[1]: "20 Mar 26"}
_NO_DISTRICT = 0.02  # pupils who left the question about their district empty
# sex as pupils give it: another answer, none wanted, none given
_SEX = {"Flicka": 1, "Pojke": 2, "Annat": 3, "Vill ej svara": 4}
_OTHER_SEX = (0.01, 0.007, 0.004)


def _coded(values: np.ndarray, codes: Mapping[str, int]) -> np.ndarray:
    """Numbers for answers; what was not asked, and half of what was passed over, is left blank."""
    table = {**codes, **_CODES, NOT_ASKED: np.nan}
    coded = np.array([table[value] for value in values], dtype=float)
    passed_over = np.flatnonzero(values == SKIPPED)
    coded[passed_over[::2]] = np.nan
    return coded


def _question(
    question: Question, wave: str, given: Answers, into: dict[str, np.ndarray]
) -> dict[str, dict[int | float, str]]:
    """Add the columns of a question to `into`; the value labels by column."""
    words = _WORDS[wave]
    if question.boxes:
        marks: dict[int | float, str] = {0: "Ej markerat", 1: "Markerat", 88: words[88], 99: words[99]}
        for box in question.boxes:
            values = given[f"{question.item}_{box}"]
            into[question.name(wave, box)] = _coded(values, {"empty": 0, "ticked": 1})
        return {question.name(wave, box): marks for box in question.boxes}
    order = [*question.yes, *question.no]
    if question.swapped and wave == WAVES[0]:
        order = order[::-1]
    codes = {answer: number for number, answer in enumerate(order, 1)}
    into[question.name(wave)] = _coded(given[question.item], codes)
    labels = question.answer_labels(wave)
    return {question.name(wave): {**{number: labels[answer] for answer, number in codes.items()}, **words}}


def _background(pupils: pd.DataFrame, wave: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    n = len(pupils)
    sex = np.where(pupils["girl"], 1.0, 2.0)
    other = rng.random(n)
    for code, below in zip((3.0, 4.0, np.nan), np.cumsum(_OTHER_SEX)[::-1], strict=True):
        sex[other < below] = code
    home = pupils["home"].replace(ELSEWHERE, DISTRICT_ELSEWHERE).to_numpy(dtype=object)
    home[rng.random(n) < _NO_DISTRICT] = ""
    note = np.full(n, "", dtype=object)
    note[rng.choice(n, 3, replace=False)] = CANARY
    return {
        "lopnr": rng.permutation(n) + 1.0,
        "skola": pupils["school"].to_numpy(dtype=object),
        "klass": pupils["class"].to_numpy(dtype=object),
        "ak": pupils["grade"].map({"9": 9.0, "gy2": 12.0}).to_numpy(),
        "kon": sex,
        "stadsdel": home,
        "internt": note,
    }


def write_survey(
    path: Path,
    place: Place,
    questions: tuple[Question, ...],
    wave: str,
    pupils: pd.DataFrame,
    given: Answers,
    rng: np.random.Generator,
) -> None:
    """Write the answers of `pupils` (those who answered) as an SPSS file."""
    columns = _background(pupils, wave, rng)
    labels = {
        "lopnr": "Löpnummer",
        "skola": "Skola (kod)",
        "klass": "Klass (kod)",
        "ak": "Årskurs",
        "kon": "Är du flicka eller pojke?",
        "stadsdel": "I vilken stadsdel bor du? (kod)",
        "internt": f"Intern notering {CANARY}",
    }
    values: dict[str, dict[int | float, str]] = {"ak": {9: "Årskurs 9", 12: "Gymnasiet år 2"}}
    values["kon"] = {code: label for label, code in _SEX.items()}
    sets = {}
    for question in questions:
        named = _question(question, wave, given, columns)
        values |= named
        wording = question.wording(wave)
        if question.boxes:
            labels |= {
                question.name(wave, box): f"{wording} – {b.label}" for box, b in question.boxes.items()
            }
            sets[question.name(wave)] = (wording, list(named))
        else:
            labels[question.name(wave)] = wording
    frame = pd.DataFrame(columns).sort_values("lopnr", ignore_index=True)
    missing = {name: _USER_MISSING for name, codes in values.items() if 99 in codes}
    title = f"Ung i {place.name} {wave}"
    write_sav(path, SavFile(frame, title, labels, values, missing, sets), day=_MADE[wave])


def frame_table(pupils: pd.DataFrame) -> pd.DataFrame:
    """Pupils registered, present and answering by school, grade and sex."""
    counted = pupils.assign(sex=np.where(pupils["girl"], "girl", "boy"), registered=1)
    return counted.groupby(["school", "grade", "sex"], as_index=False)[
        ["registered", "present", "answered"]
    ].sum()
