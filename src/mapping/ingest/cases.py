"""A case extract, counted as it is read: cases by reason, district and sex. No row of it is kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from mapping.concepts.responses import ELSEWHERE, UNKNOWN, CaseCounts
from mapping.concepts.wave import CaseFile, Wave
from mapping.errors import InputError, SettingsError
from mapping.ingest.answers import distinct, shown_values
from mapping.ingest.areas import areas_of
from mapping.ingest.days import day_of
from mapping.ingest.door import refuse_free_text
from mapping.ingest.keys import NO_KEY, pseudonyms
from mapping.ingest.raw import RawTable, as_number, factorized, normal, rows_in_words
from mapping.ingest.readers import read_table
from mapping.ingest.survey import as_wave, inside

__all__ = ["read_cases"]

ROLES = ("case", "person", "opened", "reason", "source", "birth_year", "sex", "area")
# what is counted: the codebook's indicator, the reasons a unit must all have, and the unit
COUNTED = (
    ("K01", {"hrv"}, "case"),
    ("K02", {"ipv"}, "case"),
    ("K01+K02", {"hrv", "ipv"}, "case"),
    ("K08", {"removal"}, "person"),
)
# how sex is written where wave.toml does not say; a case may be about a grown-up, the level is the same
SEXES = {
    "girl": {"flicka", "tjej", "kvinna", "k", "f", "female", "girl", "woman"},
    "boy": {"pojke", "kille", "man", "m", "male", "boy"},
}
SHOWN_FROM = 5
EPOCH = dt.date(1899, 12, 30)
ALIKE = 85.0  # a reason so like a listed one (0 to 100) is a misspelling


def _file(wave: Wave) -> CaseFile:
    if wave.cases is None:
        raise SettingsError(
            f"wave.toml of {wave.id}: there is no section [cases]. Add it, or leave the extract out."
        )
    if unknown := [role for role in wave.cases.columns if role not in ROLES]:
        raise SettingsError(
            f"wave.toml of {wave.id} [cases]: 'columns' holds '{unknown[0]}'; known are {', '.join(ROLES)}."
        )
    needed = ("opened", "reason", "person" if wave.cases.unit == "person" else "case")
    if missing := [role for role in needed if role not in wave.cases.columns]:
        raise SettingsError(
            f"wave.toml of {wave.id} [cases]: 'columns' must name the column of '{missing[0]}'."
        )
    return wave.cases


def _opened(table: RawTable, column: str, raw: pd.Series) -> pd.Series:
    """The day each row was opened, however written; day before month; or the numbers a spreadsheet counts days by."""
    places, found = factorized(raw)
    days = [day_of(str(value), short=True) for value in found]
    if not any(days):
        days = [_serial(as_number(value)) for value in found]
    opened = pd.Series(np.array([*days, None], dtype="datetime64[D]")[places], index=raw.index)
    if (bad := opened.isna().to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{column}' holds no date in data {rows_in_words(bad)}. "
            "Write dates as 2025-01-31 at the source."
        )
    return opened


def _serial(number: float) -> dt.date | None:
    """The day a spreadsheet counts from the end of 1899; from 1990 on."""
    return EPOCH + dt.timedelta(days=int(number)) if 32_874 <= number < 73_051 else None


def _reasons(table: RawTable, cases: CaseFile, settings: str) -> tuple[dict[str, pd.Series], list[str]]:
    """Which rows state each reason; a cell may hold several, between commas, semicolons, bars or slashes."""
    column = cases.columns["reason"]
    raw = table.column(column, settings=settings, purpose="the reason")
    listed = {normal(label): reason for reason, labels in cases.reasons.items() for label in labels}
    places, values = distinct(table, column, raw)
    stated, others = [], []
    for value in values:
        text = next(iter(value.texts)) if value.labelled else normal(value.raw)
        words = {text, *(part.strip() for part in re.split(r"[,;|/+]", text))}
        stated.append({listed[word] for word in words if word in listed})
        if not stated[-1]:
            others.append(value)
        for word in words - set(listed):
            near = (
                process.extractOne(word, list(listed), scorer=fuzz.ratio, score_cutoff=ALIKE)
                if word
                else None
            )
            if near and not stated[-1]:
                raise InputError(
                    f"{table.name}: column '{column}' holds a reason that is almost, but not quite, one listed under "
                    f"[cases] reasons ('{near[0]}'), in {value.rows} {'row' if value.rows == 1 else 'rows'}. "
                    f"Add its spelling to {settings}, or correct it at the source."
                )
    flags = {
        reason: pd.Series(np.array([*(reason in found for found in stated), False])[places], index=raw.index)
        for reason in cases.reasons
    }
    frequent = [value for value in others if value.rows >= SHOWN_FROM]
    notes = [f"Rows with other reasons were left out: {shown_values(frequent)}."] if frequent else []
    return flags, notes


def _sex(table: RawTable, wave: Wave, cases: CaseFile, settings: str) -> pd.Series:
    if "sex" not in cases.columns:
        return pd.Series(UNKNOWN, index=table.frame.index, dtype="str")
    known = {word: level for level, words in SEXES.items() for word in words}
    group = wave.groups.get("sex")
    known |= (
        {normal(label): level for level, labels in group.labels.items() for label in labels} if group else {}
    )
    raw = table.column(cases.columns["sex"], settings=settings, purpose="sex")
    places, values = distinct(table, cases.columns["sex"], raw)
    levels = [
        next((known[text] for text in sorted(value.texts) if text in known), UNKNOWN) for value in values
    ]
    return pd.Series(np.array([*levels, UNKNOWN], dtype=object)[places], index=raw.index, dtype="str")


def _unit(table: RawTable, cases: CaseFile, role: str, key: bytes, settings: str) -> pd.Series:
    """The pseudonym of the case or person of each row."""
    column = cases.columns[role]
    found = pseudonyms(table.column(column, settings=settings, purpose=f"the {role}"), role, key)
    if (empty := (found == "").to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{column}' is empty in data {rows_in_words(empty)}. Fill in the {role}."
        )
    return found


def _counts(rows: pd.DataFrame, cases: CaseFile) -> Iterator[pd.DataFrame]:
    """Distinct units with all the reasons of an indicator, by district and sex of their first row."""
    for indicator, needed, unit in COUNTED:
        if not needed <= set(cases.reasons):
            continue
        by = unit if unit in rows else "person" if "person" in rows else "case"
        ordered = rows.sort_values("opened", kind="stable")
        units = ordered.groupby(by, sort=False).agg(
            {**dict.fromkeys(sorted(needed), "any"), "area": "first", "sex": "first"}
        )
        chosen = units[units[sorted(needed)].all(axis=1)]
        yield chosen.groupby(["area", "sex"]).size().rename("n").reset_index().assign(indicator=indicator)


def read_cases(
    path: Path | None,
    wave: Wave | Path,
    *,
    key: bytes = NO_KEY,
    districts: Collection[str] | None = None,
) -> CaseCounts:
    """How many cases of each kind services learned of in the period, by district and sex.

    Parameters
    ----------
    path : Path or None
        The extract; None takes the one that wave.toml names under [cases].
    wave : Wave or Path
        The wave, or the path of its wave.toml.
    key : bytes
        The workspace's key for pseudonyms.
    districts : collection of str, optional
        The codes of the geography.

    Returns
    -------
    CaseCounts
        Several rows of one case count once; a case with both reasons stands in K01, in K02 and in K01+K02. Removal
        abroad (K08) counts persons where the extract tells them apart. `totals` holds the municipal counts.

    Raises
    ------
    InputError, PrivacyError, SettingsError
        As `read_survey`.
    """
    wave = as_wave(wave)
    cases, settings = _file(wave), f"wave.toml of {wave.id} [cases]"
    table = read_table(
        inside(wave, cases.path) if path is None else Path(path), tuple(cases.columns.values())
    )
    refuse_free_text(table, (cases.columns["reason"],), settings)
    flags, notes = _reasons(table, cases, settings)
    opened = _opened(
        table,
        cases.columns["opened"],
        table.column(cases.columns["opened"], settings=settings, purpose="the day"),
    )
    area = pd.Series(ELSEWHERE, index=table.frame.index, dtype="str")
    if "area" in cases.columns:
        area, more = areas_of(table, wave, cases.columns["area"], districts, settings)
        notes += more
    units = {
        role: _unit(table, cases, role, key, settings) for role in ("case", "person") if role in cases.columns
    }
    rows = pd.DataFrame(
        {**units, "opened": opened, "area": area, "sex": _sex(table, wave, cases, settings), **flags}
    )
    first, last = pd.Timestamp(cases.period[0]), pd.Timestamp(cases.period[1])
    within = rows["opened"].between(first, last).to_numpy()
    if not within.any():
        raise InputError(
            f"{table.name}: no row was opened between {cases.period[0]} and {cases.period[1]}. "
            f"Correct 'period' in {settings}, or ask for the right extract."
        )
    if (~within).sum() >= SHOWN_FROM:
        notes.append("Rows of the case extract outside the period were left out.")
    pieces = list(_counts(rows[within], cases))
    columns = ["indicator", "area", "sex", "n"]
    frame = pd.concat(pieces, ignore_index=True)[columns] if pieces else pd.DataFrame(columns=columns)
    frame = frame.sort_values(columns[:3], ignore_index=True)
    totals = {indicator: int(n) for indicator, n in frame.groupby("indicator")["n"].sum().items()}
    return CaseCounts(wave, frame, (*table.notes, *notes), {str(name): n for name, n in totals.items()})
