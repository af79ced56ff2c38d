"""From the texts of a case extract to the codes of its fields; a cell may hold several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from mapping.concepts.case_file import CaseFile
from mapping.concepts.question import Question
from mapping.concepts.responses import SKIPPED, UNKNOWN
from mapping.concepts.wave import Wave
from mapping.errors import InputError
from mapping.ingest.answers import Value, distinct, shown_values
from mapping.ingest.raw import RawTable, normal

__all__ = ["SEXES", "Field", "coded_field", "reasons_of", "register_of", "sex_of"]

Places = npt.NDArray[np.intp]

# how sex is written where wave.toml does not say; a case may be about a grown-up, the level is the same
SEXES = {
    "girl": {"flicka", "tjej", "kvinna", "k", "f", "female", "girl", "woman"},
    "boy": {"pojke", "kille", "man", "m", "male", "boy"},
}
REGISTER = {
    "registered": {"folkbokförd", "registered", "ja", "yes"},
    "asylum": {"asylsökande", "asylum seeker", "asylum"},
    "undocumented": {"papperslös", "utan uppehållstillstånd", "undocumented"},
}
TEN_SCHOOL_DAYS = 10
SHOWN_FROM = 5
ALIKE = 85.0  # a reason so like a listed one (0 to 100) is a misspelling
PARTS = re.compile(r"[,;|/+]")


@dataclass(frozen=True, slots=True)
class Field:
    """The columns of a field, by the codebook's names; or why it cannot be used."""

    columns: Mapping[str, pd.Series]
    lacking: str = ""


def reasons_of(table: RawTable, cases: CaseFile, settings: str) -> tuple[dict[str, pd.Series], list[str]]:
    """Which rows state each reason ("yes" or "no", under ``reason_hrv`` and so on), and notes on other reasons.

    Raises
    ------
    InputError
        If a text is almost, but not quite, one that is listed.
    """
    column = cases.columns["reason"]
    raw = table.column(column, settings=settings, purpose="the reason")
    listed = {normal(label): reason for reason, labels in cases.reasons.items() for label in labels}
    places, values = distinct(table, column, raw)
    stated = [_stated(table, column, value, listed, settings) for value in values]
    flags = {
        f"reason_{reason}": _box(places, [reason in found for found in stated], raw, empty="no")
        for reason in cases.reasons
    }
    frequent = [
        value for value, found in zip(values, stated, strict=True) if not found and value.rows >= SHOWN_FROM
    ]
    notes = [f"Rows with other reasons were left out: {shown_values(frequent)}."] if frequent else []
    return flags, notes


def _words(value: Value) -> set[str]:
    text = next(iter(value.texts)) if value.labelled else normal(value.raw)
    return {text, *(part.strip() for part in PARTS.split(text))} - {""}


def _stated(
    table: RawTable, column: str, value: Value, listed: Mapping[str, str], settings: str
) -> frozenset[str]:
    words = _words(value)
    stated = frozenset(listed[word] for word in words if word in listed)
    for word in () if stated else words:
        near = process.extractOne(word, list(listed), scorer=fuzz.ratio, score_cutoff=ALIKE)
        if near:
            raise InputError(
                f"{table.name}: column '{column}' holds a reason that is almost, but not quite, one listed under "
                f"[cases] reasons ('{near[0]}'), in {value.rows} {'row' if value.rows == 1 else 'rows'}. "
                f"Add its spelling to {settings}, or correct it at the source."
            )
    return stated


def _levels(table: RawTable, column: str, known: Mapping[str, str], settings: str, purpose: str) -> pd.Series:
    """The level of each row by the texts `known`; ``UNKNOWN`` for all others."""
    raw = table.column(column, settings=settings, purpose=purpose)
    places, values = distinct(table, column, raw)
    levels = [
        next((known[text] for text in sorted(value.texts) if text in known), UNKNOWN) for value in values
    ]
    return pd.Series(np.array([*levels, UNKNOWN], dtype=object)[places], index=raw.index, dtype="str")


def sex_of(table: RawTable, wave: Wave, cases: CaseFile, settings: str) -> pd.Series:
    """The sex of each row."""
    if "sex" not in cases.columns:
        return pd.Series(UNKNOWN, index=table.frame.index, dtype="str")
    known = {word: level for level, words in SEXES.items() for word in words}
    group = wave.groups.get("sex")
    known |= (
        {normal(label): level for level, labels in group.labels.items() for label in labels} if group else {}
    )
    return _levels(table, cases.columns["sex"], known, settings, "sex")


def register_of(table: RawTable, cases: CaseFile, settings: str) -> pd.Series:
    """Whether each row is about somebody in the population register, an asylum seeker or an undocumented person."""
    known = {word: level for level, words in REGISTER.items() for word in words}
    stated = cases.values.get("register", {})
    known |= {normal(text): level for level, texts in stated.items() for text in texts}
    return _levels(table, cases.columns["register"], known, settings, "the register")


def coded_field(
    table: RawTable, cases: CaseFile, role: str, question: Question | None, settings: str
) -> Field:
    """A field of the codebook, coded; without its columns where texts of it are explained by nothing.

    A text means a code that [cases.values] gives it, or the codebook, or it is the code. A field with boxes may hold
    several texts in a cell.
    """
    column = cases.columns[role]
    raw = table.column(column, settings=settings, purpose=f"'{role}'")
    listed = dict(_listed(cases, role, question))
    places, values = distinct(table, column, raw)
    boxes = tuple(question.boxes) if question else ()
    found = [_codes(value, listed, role, several=bool(boxes)) for value in values]
    if open_ := [value for value, codes in zip(values, found, strict=True) if not codes]:
        rows = sum(value.rows for value in open_)
        frequent = [value for value in open_ if value.rows >= SHOWN_FROM]
        shown = f", among them {shown_values(frequent)}" if frequent else ""
        return Field(
            {},
            f"{table.name}: column '{column}' holds texts that nothing explains, in {rows} "
            f"{'row' if rows == 1 else 'rows'}{shown}. Say under [cases.values.{role}] in {settings} what they mean",
        )
    if not boxes:
        words = [next(iter(codes)) for codes in found]
        coded = pd.Series(np.array([*words, SKIPPED], dtype=object)[places], index=raw.index, dtype="str")
        return Field({role: coded})
    return Field({f"{role}_{box}": _box(places, [box in codes for codes in found], raw) for box in boxes})


def _box(places: Places, found: list[bool], raw: pd.Series, empty: str = SKIPPED) -> pd.Series:
    words = ["yes" if ticked else "no" for ticked in found]
    return pd.Series(np.array([*words, empty], dtype=object)[places], index=raw.index, dtype="str")


def _listed(cases: CaseFile, role: str, question: Question | None) -> Iterator[tuple[str, str]]:
    """What each text means; what wave.toml says comes last and counts."""
    if question is not None:
        for code, labels in (question.boxes or question.answers).items():
            yield normal(code), code
            yield from ((normal(text), code) for texts in labels.values() for text in texts)
    for code, texts in cases.values.get(role, {}).items():
        yield from ((normal(text), code) for text in texts)


def _codes(value: Value, listed: Mapping[str, str], role: str, *, several: bool) -> set[str]:
    """The codes of a value; none where part of it is explained by nothing."""
    if role == "absence" and not np.isnan(value.number):
        return {"over_10_days" if value.number > TEN_SCHOOL_DAYS else "shorter"}
    whole = {listed[text] for text in value.texts if text in listed}
    if whole or not several:
        return whole
    parts = [part.strip() for part in PARTS.split(normal(value.raw)) if part.strip()]
    return {listed[part] for part in parts} if all(part in listed for part in parts) else set()
