"""From the labels of a file to the answer codes of the codebook: every answer explained, or the wave refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.concepts.wave import Label, SurveyFile
from mapping.errors import InputError, SettingsError
from mapping.ingest.raw import RawTable, as_number, factorized, normal, plain, visible

__all__ = [
    "NO",
    "SHOWN_FROM",
    "SILENCE",
    "Labels",
    "Value",
    "declared_missing",
    "decoded",
    "distinct",
    "explain",
    "meanings_of",
    "non_answers",
    "shown_values",
]

SHOWN_FROM = 5  # a value without label is named in a message only if at least so many rows hold it
YES = {
    "ja", "yes", "stämmer", "sant", "true", "markerat", "kryssat", "ikryssad", "checked", "selected", "vald",
}  # fmt: skip
NO = {
    "nej", "no", "stämmer inte", "falskt", "false", "ej markerat", "omarkerat", "ej kryssat", "ej ikryssad",
    "not checked", "unchecked", "not selected", "ej vald", "inte vald",
}  # fmt: skip
UNSURE_WORDS = {
    "vet ej", "vet inte", "jag vet inte", "osäker", "är osäker", "jag är osäker", "kan inte svara",
    "don't know", "do not know", "dont know", "not sure", "unsure",
}  # fmt: skip
DECLINED_WORDS = {
    "vill ej svara", "vill inte svara", "jag vill inte svara", "avstår", "avstår från att svara",
    "do not want to answer", "don't want to answer", "prefer not to say", "prefer not to answer", "refused", "declined",
}  # fmt: skip
SILENCE = {UNSURE: UNSURE_WORDS, DECLINED: DECLINED_WORDS}  # what is never an answer, whatever wave.toml says


@dataclass(frozen=True, slots=True)
class Value:
    """A distinct value of a column: its label (or its own text), its code, and how many rows hold it."""

    raw: object
    texts: frozenset[str]
    number: float
    labelled: bool
    rows: int
    shown: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels (texts) and codes (numbers) of wave.toml that mean one thing."""

    texts: frozenset[str]
    numbers: frozenset[float]

    @classmethod
    def of(cls, labels: Iterable[Label]) -> Labels:
        """The labels of one answer."""
        labels = list(labels)
        return cls(
            frozenset(normal(label) for label in labels if isinstance(label, str)),
            frozenset(float(label) for label in labels if not isinstance(label, str)),
        )

    def by_label(self, value: Value) -> bool:
        """Whether the value's label is among the texts."""
        return not self.texts.isdisjoint(value.texts)

    def by_code(self, value: Value) -> bool:
        """Whether the value's code is among the numbers."""
        return value.number in self.numbers

    def match(self, value: Value) -> bool:
        """Whether the value is meant, by label or by code."""
        return self.by_label(value) or self.by_code(value)


def distinct(table: RawTable, name: str, column: pd.Series) -> tuple[npt.NDArray[np.intp], list[Value]]:
    """The distinct values of a column, and the place of each row's value among them (-1: empty, or nothing to see)."""
    places, found = factorized(column)
    if not pd.api.types.is_numeric_dtype(column):
        places, found = _stripped(places, found)
    labels = _keyed(table.labels.get(name, {}))
    rows = np.bincount(places[places >= 0], minlength=len(found))
    return places, [_value(raw, int(n), labels) for raw, n in zip(found, rows, strict=True)]


def _stripped(places: npt.NDArray[np.intp], found: list[object]) -> tuple[npt.NDArray[np.intp], list[object]]:
    """Values without the spaces around them; those that then are alike are one."""
    at: dict[object, int] = {}
    kept = [
        -1 if isinstance(raw, str) and not visible(raw) else at.setdefault(_bare(raw), len(at))
        for raw in found
    ]
    return np.array([*kept, -1], dtype=np.intp)[places], list(at)


def _bare(raw: object) -> object:
    return raw.strip() if isinstance(raw, str) else raw


def decoded(places: npt.NDArray[np.integer], words: Iterable[str], index: pd.Index) -> pd.Series:
    """The word of each row, told by its place among `words`; the last one where the place is -1."""
    words = list(words)
    places = np.where(places < 0, len(words) - 1, places)
    coded = pa.DictionaryArray.from_arrays(
        pa.array(places.astype(np.int32)), pa.array(words, type=pa.large_string())
    )
    return pd.Series(pd.array(coded.dictionary_decode(), dtype="str"), index=index)


def _keyed(labels: Mapping[float | str, str]) -> dict[float | str, str]:
    """Value labels by code as a float, or by text without padding."""
    return {value.strip() if isinstance(value, str) else float(value): text for value, text in labels.items()}


def _value(raw: object, rows: int, labels: Mapping[float | str, str]) -> Value:
    number = as_number(raw)
    label = labels.get(raw if isinstance(raw, str) else number)
    if label is not None and visible_text(label):
        return Value(raw, frozenset({normal(label)}), number, True, rows, label)
    own = {normal(raw)}
    if not math.isnan(number):
        own.add(plain(number))
    shown = plain(number) if not math.isnan(number) else str(raw)
    return Value(raw, frozenset(own), number, False, rows, shown)


def visible_text(label: str) -> bool:
    """Whether anything is left of a label once spaces are gone."""
    return bool(normal(label))


def non_answers(file: SurveyFile) -> dict[str, Labels]:
    """The labels of a wave that are no answers, strongest reason first."""
    return {
        UNSURE: Labels.of(file.unsure),
        DECLINED: Labels.of(file.declined),
        SKIPPED: Labels.of(file.missing),
    }


def declared_missing(table: RawTable, name: str, value: Value) -> bool:
    """Whether the file itself declares the value missing."""
    for low, high in table.missing.get(name, ()):
        if isinstance(low, str) or isinstance(high, str):
            if isinstance(value.raw, str) and value.raw == str(low).strip():
                return True
        elif not math.isnan(value.number) and low <= value.number <= high:
            return True
    return False


def shown_values(values: Iterable[Value]) -> str:
    """Values in words: labels and frequent codes by name, the rest by number of rows."""
    values = list(values)
    named = [f"'{value.shown}'" for value in values if value.labelled or value.rows >= SHOWN_FROM]
    rest = sum(value.rows for value in values if not value.labelled and value.rows < SHOWN_FROM)
    parts = [", ".join(named)] if named else []
    if rest:
        parts.append(f"rare values without label in {rest} {'row' if rest == 1 else 'rows'}")
    return " and ".join(parts)


def explain(
    table: RawTable,
    name: str,
    column: pd.Series,
    meanings: Mapping[str, Labels],
    silent: Mapping[str, Labels],
    place: str,
    *,
    background: bool = False,
) -> pd.Series:
    """The meaning of each row's value: a key of `meanings`, or of `silent`; "skipped" where the cell is empty.

    Parameters
    ----------
    meanings : mapping
        Answer code -> labels.
    silent : mapping
        "unsure", "declined", "skipped" -> labels.
    place : str
        Where in wave.toml the meanings stand, for messages.
    background : bool
        A group, not a question: "does not want to answer" may be one of its levels.

    Raises
    ------
    InputError
        If an answer in the file is not explained, or labels and codes contradict one another.
    SettingsError
        If a label is called an answer and a non-answer at once.
    """
    places, values = distinct(table, name, column)
    words = meanings_of(table, name, values, meanings, silent, place, background=background)
    return decoded(places, [*words, SKIPPED], column.index)


def meanings_of(
    table: RawTable,
    name: str,
    values: Iterable[Value],
    meanings: Mapping[str, Labels],
    silent: Mapping[str, Labels],
    place: str,
    *,
    background: bool = False,
) -> list[str]:
    """What each distinct value of a column means; parameters and errors as of `explain`."""
    found, open_ = [], []
    for value in values:
        meaning = _meaning(table, name, value, meanings, silent, place, background=background)
        found.append(meaning)
        if not meaning:
            open_.append(value)
    if open_:
        raise InputError(
            f"{table.name}: column '{name}' holds answers that wave.toml does not explain: {shown_values(open_)}. "
            f"Say under {place} what they mean, or list them as missing, unsure or declined under [file]."
        )
    return found


def _meaning(
    table: RawTable,
    name: str,
    value: Value,
    meanings: Mapping[str, Labels],
    silent: Mapping[str, Labels],
    place: str,
    *,
    background: bool,
) -> str:
    """What a value means, "" where nothing explains it."""
    answers = [code for code, labels in meanings.items() if labels.match(value)]
    reasons = [reason for reason, labels in silent.items() if labels.match(value)]
    if len(answers) > 1:
        raise InputError(
            f"{table.name}: column '{name}': {shown_values([value])} means {' and '.join(map(repr, answers))} at once "
            f"by label and code under {place}. The file's labels decide: write labels, not codes, in wave.toml."
        )
    if not answers:
        return reasons[0] if reasons else SKIPPED if declared_missing(table, name, value) else ""
    answer = answers[0]
    if background:
        return answer
    _refuse_contradiction(table, name, value, answer, meanings[answer], place)
    if reasons:
        raise SettingsError(
            f"wave.toml: under {place} {shown_values([value])} is an answer, under [file] it is {reasons[0]}. "
            "It can only be one of them."
        )
    if declared_missing(table, name, value):
        raise InputError(
            f"{table.name}: column '{name}' declares {shown_values([value])} missing, but {place} calls it the answer "
            f"'{answer}'. Ask the data owner which is right, then correct the file or wave.toml."
        )
    return answer


def _refuse_contradiction(
    table: RawTable, name: str, value: Value, answer: str, labels: Labels, place: str
) -> None:
    if not value.texts.isdisjoint(UNSURE_WORDS | DECLINED_WORDS):
        raise SettingsError(
            f"wave.toml: {place} counts {shown_values([value])} as the answer '{answer}'. Someone who is unsure or "
            "does not want to answer has not answered: list it as unsure or declined under [file]."
        )
    against = NO if answer in {"yes", "own"} else YES if answer in {"no", "none", "never"} else set()
    if value.labelled and not labels.by_label(value) and not value.texts.isdisjoint(against):
        raise InputError(
            f"{table.name}: column '{name}': wave.toml maps code {plain(value.number)} to '{answer}', but the file "
            f"labels it {shown_values([value])}. The codes may have been swapped: write the labels under {place}."
        )
