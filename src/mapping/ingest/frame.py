"""The frame: pupils per school, grade and sex on the register, present and answered; and where they live, if known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mapping.concepts.responses import ELSEWHERE
from mapping.concepts.wave import Wave
from mapping.errors import InputError
from mapping.ingest.keys import pseudonyms
from mapping.ingest.raw import RawTable, nearest, normal, numbers, rows_in_words
from mapping.ingest.readers import read_table

__all__ = ["read_frame"]

KEYS = ("school", "grade", "sex")
COUNTS = ("registered", "present", "answered")
HOME, DISTRICT = "home", "district"  # optional: the municipality and the district that the pupils live in
TOTALS = frozenset({"total", "totalt", "summa", "sum", "samtliga", "alla", "all", "hela kommunen"})
HERE = "here"  # a home in this municipality, where the district is not told


def _levels(table: RawTable, column: str, wave: Wave) -> pd.Series:
    """Grade or sex of each row, as level of the wave's group; given as level or as one of its labels."""
    group = wave.groups.get(column)
    if group is None:
        raise InputError(
            f"wave.toml: a frame needs [groups.{column}], for weights are made by grade and sex. Add it."
        )
    known = {normal(level): level for level in group.labels}
    known |= {normal(label): level for level, labels in group.labels.items() for label in labels}
    texts = table.frame[column].map(normal)
    if (bad := ~texts.isin(known).to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{column}' holds a level that [groups.{column}] in wave.toml does not have, "
            f"in data {rows_in_words(bad)}. Its levels are {', '.join(group.labels)}."
        )
    return texts.map(known)


def _counts(table: RawTable, column: str) -> pd.Series:
    values = numbers(table.frame[column].replace("", "0"))
    if (bad := ~(np.isfinite(values) & (values >= 0) & (values == np.floor(values)))).any():
        raise InputError(
            f"{table.name}: column '{column}' must hold whole numbers of pupils; look at data {rows_in_words(bad)}."
        )
    return pd.Series(values.astype(int), index=table.frame.index)


def _away_by_home(table: RawTable, municipality: str) -> pd.Series | None:
    """Whether the pupils of each row live in another municipality; None where the frame does not tell."""
    if HOME not in table.frame or not municipality:
        return None
    home = table.frame[HOME].map(lambda value: normal(value).removesuffix(".0").zfill(4))
    if (bad := ~home.str.fullmatch(r"\d{4}").to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{HOME}' must hold a municipality's code of four digits in every row; look at data "
            f"{rows_in_words(bad)}."
        )
    return home != municipality


def _districts(table: RawTable, wave: Wave, districts: Collection[str]) -> tuple[pd.Series, pd.Series]:
    """The district of each row's pupils ("elsewhere" where they have none here), and whether it is called elsewhere."""
    of = districts if isinstance(districts, Mapping) else {code: code for code in districts}
    known = {normal(code): district or ELSEWHERE for code, district in of.items()}
    outside = {ELSEWHERE, *(normal(label) for label in wave.area.elsewhere)}
    codes = table.frame[DISTRICT].map(lambda value: normal(value).removesuffix(".0"))
    if (bad := ~(codes.isin(known) | codes.isin(outside) | (codes == "")).to_numpy()).any():
        raise InputError(
            f"{table.name}: column '{DISTRICT}' holds codes that the geography does not have, in data "
            f"{rows_in_words(bad)}. Correct them, or list places outside under [area] elsewhere in wave.toml."
        )
    return codes.map(known).fillna(ELSEWHERE), codes.isin(outside)


def _area(
    table: RawTable, wave: Wave, districts: Collection[str] | None, municipality: str, registered: pd.Series
) -> pd.Series | None:
    """Where the pupils of each row live, as finely as the frame tells: a district, or only here and elsewhere.

    Raises
    ------
    InputError
        If the frame counts others than wave.toml states: pupils who live elsewhere among residents.
    """
    area, away = None, _away_by_home(table, municipality)
    if away is not None:
        area = pd.Series(np.where(away, ELSEWHERE, HERE), index=away.index, dtype="str")
    if DISTRICT in table.frame and districts is not None and wave.area.kind == "residence":
        area, outside = _districts(table, wave, districts)
        away = outside if away is None else away | outside
    if (
        wave.counts == "resident"
        and away is not None
        and (wrong := (away & (registered > 0)).to_numpy()).any()
    ):
        raise InputError(
            f"{table.name}: data {rows_in_words(wrong)} count pupils who live elsewhere, but wave.toml of {wave.id} "
            'states counts = "resident". State counts = "enrolled", or leave those pupils out of the frame.'
        )
    return area


def read_frame(
    path: Path, wave: Wave, key: bytes, districts: Collection[str] | None = None, municipality: str = ""
) -> pd.DataFrame:
    """One row per school (``psu``, a pseudonym), ``grade`` and ``sex``: ``registered``, ``present``, ``answered``.

    Where the frame tells pupils apart by district or home municipality, there is a row for each ``area`` as well: a
    district's code, or "here" and "elsewhere".

    Raises
    ------
    InputError
        If a column is missing, a row stands twice, a number is none, more are present than registered, or the frame
        counts another population than wave.toml states.
    """
    table = read_table(path, (*KEYS, *COUNTS, HOME, DISTRICT))
    for column in (*KEYS, *COUNTS):
        if column not in table.frame:
            raise InputError(
                f"{path.name}: the column '{column}' is missing; a frame has {', '.join((*KEYS, *COUNTS))}. "
                f"{nearest(column, table.columns)}"
            )
    frame = pd.DataFrame({column: _counts(table, column) for column in COUNTS})
    frame.insert(0, "psu", pseudonyms(table.frame["school"], "school", key))
    frame.insert(1, "grade", _levels(table, "grade", wave))
    frame.insert(2, "sex", _levels(table, "sex", wave))
    if (empty := (frame["psu"] == "").to_numpy()).any():
        raise InputError(f"{path.name}: column 'school' is empty in data {rows_in_words(empty)}.")
    if (totals := table.frame["school"].map(normal).isin(TOTALS).to_numpy()).any():
        raise InputError(
            f"{path.name}: data {rows_in_words(totals)} {'is' if totals.sum() == 1 else 'are'} no school but a total, "
            "which would count every pupil twice. Leave it out."
        )
    area = _area(table, wave, districts, municipality, frame["registered"])
    if (twice := _repeated(frame, table).to_numpy()).any():
        raise InputError(
            f"{path.name}: the same school, grade and sex stand more than once, in data {rows_in_words(twice)}."
        )
    if (more := (frame["present"] > frame["registered"]).to_numpy()).any():
        raise InputError(f"{path.name}: more pupils present than registered in data {rows_in_words(more)}.")
    if not frame["registered"].sum():
        raise InputError(
            f"{path.name}: the column 'registered' counts no pupils at all. Ask for the school register."
        )
    if HOME in table.frame or DISTRICT in table.frame:
        keys = ["psu", "grade", "sex", *([] if area is None else ["area"])]
        told = frame if area is None else frame.assign(area=area)
        return told.groupby(keys, as_index=False)[list(COUNTS)].sum()
    return frame


def _repeated(frame: pd.DataFrame, table: RawTable) -> pd.Series:
    """Which rows stand more than once."""
    told = frame[["psu", "grade", "sex"]]
    for column in (HOME, DISTRICT):
        if column in table.frame:
            told = told.assign(**{column: table.frame[column].map(normal)})
    return told.duplicated(keep=False)
