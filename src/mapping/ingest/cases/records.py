"""The rows of case extracts, coded: several sources beside each other, children linked to a parent's case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mapping.concepts.case_file import DATES, FIELDS, ROLES, SERVICES, CaseFile
from mapping.concepts.question import Question
from mapping.concepts.responses import ELSEWHERE, SKIPPED, UNKNOWN, CaseRecords
from mapping.concepts.wave import Wave
from mapping.errors import InputError, SettingsError
from mapping.ingest.answers import distinct
from mapping.ingest.areas import areas_of
from mapping.ingest.cases.inhabitants import read_inhabitants
from mapping.ingest.cases.words import coded_field, reasons_of, register_of, sex_of
from mapping.ingest.days import day_of
from mapping.ingest.door import refuse_free_text
from mapping.ingest.keys import NO_KEY, pseudonyms
from mapping.ingest.raw import RawTable, as_number, factorized, normal, numbers, rows_in_words
from mapping.ingest.readers import read_table
from mapping.ingest.survey import as_wave, inside

__all__ = ["read_case_records"]

SHOWN_FROM = 5
EPOCH = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class _Extract:
    """One extract being read: its settings, its table, the key of the workspace."""

    wave: Wave
    cases: CaseFile
    table: RawTable
    key: bytes
    settings: str

    def column(self, role: str, purpose: str = "") -> pd.Series:
        return self.table.column(
            self.cases.columns[role], settings=self.settings, purpose=purpose or f"'{role}'"
        )

    def holds(self, role: str) -> bool:
        return role in self.cases.columns


def _checked(cases: CaseFile, settings: str) -> None:
    if unknown := [role for role in cases.columns if role not in ROLES]:
        raise SettingsError(f"{settings}: 'columns' holds '{unknown[0]}'; known are {', '.join(ROLES)}.")
    unit = "person" if cases.unit == "person" else "case"
    needed = (unit,) if cases.unit == "person" else ("opened", "reason", unit)
    if missing := [role for role in needed if role not in cases.columns]:
        raise SettingsError(f"{settings}: 'columns' must name the column of '{missing[0]}'.")
    if both := sorted(set(cases.drop) & set(cases.columns.values())):
        raise SettingsError(f"{settings}: column '{both[0]}' is both read and dropped. Choose one.")


def _day(extract: _Extract, role: str) -> pd.Series:
    """The day of each row, however written; day before month; or the numbers a spreadsheet counts days by."""
    raw = extract.column(role, "the day")
    places, found = factorized(raw)
    days = [day_of(str(value), short=True) for value in found]
    if not any(days):
        days = [_serial(as_number(value)) for value in found]
    empty = np.array([*(not str(value).strip() for value in found), True])[places]
    day = pd.Series(np.array([*days, None], dtype="datetime64[s]")[places], index=raw.index)
    if (bad := day.isna().to_numpy() & (~empty | (role == "opened"))).any():
        raise InputError(
            f"{extract.table.name}: column '{extract.cases.columns[role]}' holds no date in data {rows_in_words(bad)}. "
            "Write dates as 2025-01-31 at the source."
        )
    return day


def _serial(number: float) -> dt.date | None:
    """The day a spreadsheet counts from the end of 1899; from 1990 on."""
    return EPOCH + dt.timedelta(days=int(number)) if 32_874 <= number < 73_051 else None


def _keys(extract: _Extract, role: str, kind: str, *, needed: bool) -> pd.Series:
    """The pseudonym of the case or person of each row; each source that shares no keys has its own."""
    cases = extract.cases
    own = cases.id != SERVICES and (kind == "case" or not cases.shared_keys)
    found = pseudonyms(
        extract.column(role, f"the {role}"), f"{kind}:{cases.id}" if own else kind, extract.key
    )
    if needed and (empty := (found == "").to_numpy()).any():
        raise InputError(
            f"{extract.table.name}: column '{cases.columns[role]}' is empty in data {rows_in_words(empty)}. "
            f"Fill in the {role}."
        )
    return found


def _none(extract: _Extract) -> pd.Series:
    return pd.Series("", index=extract.table.frame.index, dtype="str")


def _people(extract: _Extract) -> dict[str, pd.Series]:
    """The keys of each row. A parent's case, linked on a child's row, is the case that row is about."""
    keys = {
        role: _keys(extract, role, role, needed=True) if extract.holds(role) else _none(extract)
        for role in ("case", "person")
    }
    linked = _none(extract)
    if extract.holds("child_link"):
        linked = _keys(extract, "child_link", "case", needed=False)
    return {**keys, "linked": linked}


def _born(extract: _Extract, within: tuple[int, int]) -> pd.Series:
    """The year of birth, missing where it is empty or cannot be."""
    if not extract.holds("birth_year"):
        return pd.Series(np.nan, index=extract.table.frame.index)
    raw = extract.column("birth_year", "the year of birth")
    year = pd.Series(numbers(raw), index=raw.index)
    return year.where(year.between(*within))


def _coded(
    extract: _Extract, fields: Mapping[str, Question]
) -> tuple[dict[str, pd.Series], dict[str, str], list[str]]:
    """The fields of the codebook, why some cannot be used, and notes."""
    columns: dict[str, pd.Series] = {}
    lacking: dict[str, str] = {}
    notes: list[str] = []
    if extract.holds("reason"):
        columns, notes = reasons_of(extract.table, extract.cases, extract.settings)
    for role in extract.cases.columns:
        if role not in FIELDS or role == "reason":
            continue
        found = coded_field(extract.table, extract.cases, role, fields.get(role), extract.settings)
        columns |= found.columns
        if found.lacking:
            lacking[role] = found.lacking
    return columns, lacking, notes


def _area(extract: _Extract, districts: Collection[str] | None) -> tuple[pd.Series, list[str]]:
    if not extract.holds("area"):
        return pd.Series(ELSEWHERE, index=extract.table.frame.index, dtype="str"), []
    return areas_of(extract.table, extract.wave, extract.cases.columns["area"], districts, extract.settings)


def _excluded(extract: _Extract) -> tuple[np.ndarray, list[str]]:
    """Rows that wave.toml says are no events, such as digests of a night."""
    out = np.zeros(len(extract.table.frame), dtype=bool)
    for column, texts in extract.cases.exclude.items():
        raw = extract.table.column(column, settings=extract.settings, purpose="rows to leave out")
        places, values = distinct(extract.table, column, raw)
        wanted = {normal(text) for text in texts}
        out |= np.array([*(bool(wanted & value.texts) for value in values), False])[places]
    n = int(out.sum())
    return out, [
        f"{n} rows that are no events were left out, as [cases] 'exclude' says."
    ] if n >= SHOWN_FROM else []


def _with_children(frame: pd.DataFrame, extract: _Extract) -> pd.DataFrame:
    """A row for each child that a parent's row names, linked to the parent's case."""
    if not extract.holds("child"):
        return frame
    cells = extract.column("child", "the child").loc[frame.index].fillna("").astype(str)
    named = cells.str.split("[,;]").explode().str.strip()
    named = named[named != ""]
    children = frame.loc[named.index].reset_index(drop=True)
    own = extract.cases.id != SERVICES and not extract.cases.shared_keys
    children["linked"] = children["case"]
    children["person"] = pseudonyms(
        named.reset_index(drop=True).astype("str"),
        f"person:{extract.cases.id}" if own else "person",
        extract.key,
    )
    # what the parent's row says is about the parent
    of_parent: dict[str, Any] = {"birth_year": np.nan, "sex": UNKNOWN}
    for column in children.columns:
        if column.startswith("reason_"):
            of_parent[column] = "no"
        elif column.split("_")[0] in FIELDS or column in FIELDS:
            of_parent[column] = SKIPPED
        elif column in DATES and column != "opened":
            of_parent[column] = pd.NaT
    both: list[pd.DataFrame] = [frame, children.assign(**of_parent)]
    return pd.concat(both, ignore_index=True)


def _rows(
    extract: _Extract, fields: Mapping[str, Question], districts: Collection[str] | None
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """The rows of one extract, coded; why some fields cannot be used; notes."""
    cases, index = extract.cases, extract.table.frame.index
    texts = [column for role, column in cases.columns.items() if role in fields]
    refuse_free_text(
        extract.table, [*texts, *(c for r, c in cases.columns.items() if r == "reason")], extract.settings
    )
    columns, lacking, notes = _coded(extract, fields)
    days = {role: _day(extract, role) for role in cases.dates}
    area, more = _area(extract, districts)
    first, last = (pd.Timestamp(day) for day in cases.period)
    within = days["opened"].between(first, last) if "opened" in days else pd.Series(True, index=index)
    frame = pd.DataFrame(
        {
            "origin": pd.Series(cases.id, index=index, dtype="str"),
            **_people(extract),
            **days,
            "within": within,
            "area": area,
            "sex": sex_of(extract.table, extract.wave, cases, extract.settings),
            "birth_year": _born(extract, (first.year - 120, last.year)),
            **columns,
        }
    )
    if extract.holds("register"):
        frame["register"] = register_of(extract.table, cases, extract.settings)
    out, told = _excluded(extract)
    _refuse_empty(frame[~out], extract)
    if cases.days is None and (~frame["within"]).sum() >= SHOWN_FROM:
        told.append("Rows of the case extract outside the period were left out.")
    return _with_children(frame[~out], extract), lacking, [*extract.table.notes, *notes, *more, *told]


def _refuse_empty(frame: pd.DataFrame, extract: _Extract) -> None:
    if not frame["within"].any():
        first, last = extract.cases.period
        raise InputError(
            f"{extract.table.name}: no row was opened between {first} and {last}. "
            f"Correct 'period' in {extract.settings}, or ask for the right extract."
        )


def _extract(wave: Wave, cases: CaseFile, path: Path | None, key: bytes) -> _Extract:
    section = "[cases]" if cases.id == SERVICES else f"[[cases.sources]] {cases.id}"
    settings = f"wave.toml of {wave.id} {section}"
    _checked(cases, settings)
    wanted = dict.fromkeys((*cases.columns.values(), *cases.exclude))
    table = read_table(inside(wave, cases.path) if path is None else path, tuple(wanted), drop=cases.drop)
    return _Extract(wave, cases, table, key, settings)


def read_case_records(
    path: Path | None,
    wave: Wave | Path,
    *,
    key: bytes = NO_KEY,
    districts: Collection[str] | None = None,
    fields: Mapping[str, Question] | None = None,
) -> CaseRecords:
    """The rows of the wave's case extracts, coded.

    Parameters
    ----------
    path : Path or None
        The main extract; None takes the one that wave.toml names under [cases].
    wave : Wave or Path
        The wave, or the path of its wave.toml.
    key : bytes
        The workspace's key for pseudonyms.
    districts : collection of str, optional
        The codes of the geography.
    fields : mapping, optional
        The codebook's fields of a case extract, whose usual labels need no mention in wave.toml.

    Raises
    ------
    InputError, PrivacyError, SettingsError
        As `read_survey`.
    """
    wave = as_wave(wave)
    if wave.cases is None:
        raise SettingsError(
            f"wave.toml of {wave.id}: there is no section [cases]. Add it, or leave the extract out."
        )
    fields = fields or {}
    main = _extract(wave, wave.cases, None if path is None else Path(path), key)
    frame, lacking, notes = _rows(main, fields, districts)
    frames = [frame]
    for source in wave.cases.sources:
        more, _, told = _rows(_extract(wave, source, None, key), fields, districts)
        frames.append(more)
        notes += [f"{source.id}: {note}" for note in told]
    population = pd.DataFrame()
    if wave.cases.population:
        population, told = read_inhabitants(inside(wave, wave.cases.population), districts)
        notes += told
    return CaseRecords(
        wave, pd.concat(frames, ignore_index=True), tuple(dict.fromkeys(notes)), lacking, population
    )
