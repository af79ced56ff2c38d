"""The frame: pupils per school, grade and sex on the register, present and answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mapping.concepts.wave import Wave
from mapping.errors import InputError
from mapping.ingest.door import guard
from mapping.ingest.keys import pseudonyms
from mapping.ingest.raw import RawTable, nearest, normal, numbers, rows_in_words
from mapping.ingest.readers import read_table

__all__ = ["read_frame"]

KEYS = ("school", "grade", "sex")
COUNTS = ("registered", "present", "answered")


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


def read_frame(path: Path, wave: Wave, key: bytes) -> pd.DataFrame:
    """One row per school (``psu``, a pseudonym), ``grade`` and ``sex``: ``registered``, ``present``, ``answered``.

    Raises
    ------
    InputError
        If a column is missing, a row stands twice, a number is none, or more are present than registered.
    """
    table = read_table(path, (*KEYS, *COUNTS))
    guard(table)
    for column in (*KEYS, *COUNTS):
        if column not in table.frame:
            raise InputError(
                f"{path.name}: the column '{column}' is missing; a frame has {', '.join((*KEYS, *COUNTS))}. "
                f"{nearest(column, table.frame.columns)}"
            )
    frame = pd.DataFrame({column: _counts(table, column) for column in COUNTS})
    frame.insert(0, "psu", pseudonyms(table.frame["school"], "school", key))
    frame.insert(1, "grade", _levels(table, "grade", wave))
    frame.insert(2, "sex", _levels(table, "sex", wave))
    if (empty := (frame["psu"] == "").to_numpy()).any():
        raise InputError(f"{path.name}: column 'school' is empty in data {rows_in_words(empty)}.")
    if (twice := frame.duplicated(["psu", "grade", "sex"], keep=False).to_numpy()).any():
        raise InputError(
            f"{path.name}: the same school, grade and sex stand more than once, in data {rows_in_words(twice)}."
        )
    if (more := (frame["present"] > frame["registered"]).to_numpy()).any():
        raise InputError(f"{path.name}: more pupils present than registered in data {rows_in_words(more)}.")
    if not frame["registered"].sum():
        raise InputError(
            f"{path.name}: the column 'registered' counts no pupils at all. Ask for the school register."
        )
    return frame
