"""Respondents who cannot be: impossible ages, days ahead, jokes, the same answers twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.concepts.responses import SKIPPED
from mapping.concepts.wave import Joke, Wave
from mapping.errors import InputError, SettingsError
from mapping.ingest.days import day_of
from mapping.ingest.raw import RawTable, factorized, numbers, rows_in_words

__all__ = ["look_over", "refuse_impossible"]

Flags = npt.NDArray[np.bool_]
SHOWN_FROM = 5
_MANY_ITEMS = 10  # rows with fewer answers may well be alike


def refuse_impossible(table: RawTable, wave: Wave, settings: str) -> list[str]:
    """Refuse ages that no pupil has and days that have not come; notes on days outside the fieldwork.

    Raises
    ------
    InputError
        Naming the column and the rows.
    """
    checks = wave.checks
    place = f"{settings} [checks]"
    for name, role in ((checks.age, "age"), (checks.birth_year, "birth_year")):
        if name:
            ages = numbers(table.column(name, settings=place, purpose=f"'{role}'"))
            if role == "birth_year":
                ages = _year(wave, settings) - ages
            low, high = checks.ages
            if (bad := np.isfinite(ages) & ((ages < low) | (ages > high))).any():
                raise InputError(
                    f"{table.name}: column '{name}' gives an age outside {low:g}–{high:g} years in data "
                    f"{rows_in_words(bad)}. Leave these cells empty at the source, or correct 'ages' in {place}."
                )
    return _days(table, wave, place) if checks.answered else []


def _year(wave: Wave, settings: str) -> int:
    day = day_of(wave.fieldwork[0])
    if day is None:
        raise SettingsError(
            f"{settings}: 'birth_year' under [checks] needs 'fieldwork', to tell ages. Add its days."
        )
    return day.year


def _days(table: RawTable, wave: Wave, place: str) -> list[str]:
    name = wave.checks.answered
    places, found = factorized(table.column(name, settings=place, purpose="'answered'"))
    days = [day_of(str(value), short=True) for value in found]

    def rows(chosen: Collection[bool]) -> Flags:
        return np.array([*chosen, False])[places]

    ahead = rows([day is not None and day > dt.date.today() for day in days])
    if ahead.any():
        raise InputError(
            f"{table.name}: column '{name}' holds a day that has not come yet in data {rows_in_words(ahead)}. "
            "Correct the days at the source."
        )
    first, last = day_of(wave.fieldwork[0]), day_of(wave.fieldwork[1])
    if first is None or last is None:
        return []
    outside = int(rows([day is not None and not first <= day <= last for day in days]).sum())
    return [f"{_some(outside)} answered outside the fieldwork's days, by column '{name}'."] if outside else []


def _some(n: int) -> str:
    return f"{n} respondents" if n >= SHOWN_FROM else f"Fewer than {SHOWN_FROM} respondents"


def look_over(frame: pd.DataFrame, items: Collection[str], wave: Wave) -> tuple[pd.DataFrame, list[str]]:
    """The respondents, without the jokes that wave.toml drops, and notes on jokes, empty and repeated rows.

    Raises
    ------
    InputError
        If nobody answered anything, or nobody is left.
    SettingsError
        If a pattern asks for an item that the wave lacks.
    """
    if wave.items and not items:
        raise InputError(
            f"wave {wave.id}: no item has a single answer. Check that the right file was sent, and that "
            "wave.toml names its columns."
        )
    notes = [] if not items else [*_silent(frame, items), *_repeated(frame, items)]
    dropped = np.zeros(len(frame), dtype=bool)
    for joke in wave.checks.jokes:
        found = _matches(frame, joke, wave)
        if found.any():
            done = "left out" if joke.drop else "kept"
            notes.append(f"{_some(int(found.sum()))} match the pattern '{joke.name}' and were {done}.")
        dropped |= found & joke.drop
    if dropped.all() and len(frame):
        raise InputError(f"wave {wave.id}: the patterns under [[checks.jokes]] leave nobody. Correct them.")
    return (frame[~dropped].reset_index(drop=True) if dropped.any() else frame), notes


def _matches(frame: pd.DataFrame, joke: Joke, wave: Wave) -> Flags:
    if unknown := [name for name in joke.answers if name not in frame]:
        raise SettingsError(
            f"wave.toml of {wave.id}: the pattern '{joke.name}' under [[checks.jokes]] asks for '{unknown[0]}', "
            "which is no item of this wave (a box is written item_box). Correct it."
        )
    found = np.ones(len(frame), dtype=bool)
    for name, answer in joke.answers.items():
        found &= (frame[name] == answer).to_numpy(dtype=bool)
    return found


def _silent(frame: pd.DataFrame, items: Collection[str]) -> list[str]:
    silent = int((frame[list(items)] == SKIPPED).all(axis=1).sum())
    return [f"{_some(silent)} answered no question at all; they count as not answered."] if silent else []


def _repeated(frame: pd.DataFrame, items: Collection[str]) -> list[str]:
    """Rows of one class that are alike in everything, where so many alike cannot be chance."""
    if len(items) < _MANY_ITEMS or "class" not in frame:
        return []
    answers = frame[list(items)]
    told = (answers != SKIPPED).sum(axis=1) >= _MANY_ITEMS
    # how many of the wave would answer like this if answers were drawn independently
    shares = np.prod(
        [answers[name].map(answers[name].value_counts(normalize=True)) for name in items], axis=0
    )
    rare = shares * len(frame) < 0.01
    keys = [
        name for name in frame.columns if name not in {"respondent", "weight", "n_schools", "n_registered"}
    ]
    twice = int((frame.duplicated(keys, keep=False) & told & rare).sum())
    if not twice:
        return []
    return [
        f"{_some(twice)} are alike in class, background and every answer, which is hardly chance: "
        "find out whether answers were sent twice. All were kept."
    ]
