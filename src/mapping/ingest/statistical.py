"""Files of SPSS, Stata and SAS: values with their labels and what the file declares missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
from pyreadstat import ReadstatError

from mapping.errors import InputError
from mapping.ingest.raw import RawTable, Span

__all__ = ["READERS", "read_labels", "read_statistical"]

READERS: dict[str, Callable[..., tuple[pd.DataFrame, Any]]] = {
    "sav": pyreadstat.read_sav,
    "por": pyreadstat.read_por,
    "dta": pyreadstat.read_dta,
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xpt": pyreadstat.read_xport,
}
WITH_USER_MISSING = {"sav", "dta", "sas7bdat"}
OTHERWISE = "windows-1252"  # what older Swedish files hold, whatever they declare


def _read(path: Path, kind: str, encoding: str, **more: bool) -> tuple[pd.DataFrame, Any]:
    # dates beyond the calendar overflow while being converted, and no date is needed
    options: dict[str, Any] = {"disable_datetime_conversion": True, **more}
    if kind in WITH_USER_MISSING:
        options["user_missing"] = True
    if encoding and kind != "por":  # its character set is part of the file
        options["encoding"] = encoding
    return READERS[kind](str(path), **options)


def _read_somehow(
    path: Path, kind: str, encoding: str, **more: bool
) -> tuple[pd.DataFrame, Any, tuple[str, ...]]:
    """As the file declares its encoding, or else as windows-1252, with a note."""
    try:
        try:
            return *_read(path, kind, encoding, **more), ()
        except (UnicodeDecodeError, ReadstatError) as error:
            if encoding or not _is_encoding(error):
                raise
            note = f"The texts of {path.name} are not in the encoding it declares; read as {OTHERWISE}."
            return *_read(path, kind, OTHERWISE, **more), (note,)
    except Exception as error:  # a damaged file fails in ReadStat, or anywhere in the conversion after it
        raise InputError(f"{path.name}: {_reason(error)}") from error


def _is_encoding(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or "encoding" in str(error).casefold()


def _reason(error: Exception) -> str:
    if "expected number of rows" in str(error):
        return "truncated: there are fewer rows than the header promises. Ask for the file again."
    if _is_encoding(error):
        return "its texts are in an unknown encoding. State it as [file] encoding in wave.toml."
    return "the file is damaged and cannot be read. Ask for it again, or for a .csv of the same data."


def _states_something(bound: float | str) -> bool:
    return bool(bound.strip()) if isinstance(bound, str) else not math.isnan(bound)


def _spans(meta: Any) -> dict[str, tuple[Span, ...]]:
    """What each column declares missing; pyreadstat may give (nan, nan) for a column that declares nothing."""
    found: dict[str, tuple[Span, ...]] = {}
    ranges: Mapping[str, list[dict[str, float | str]]] = meta.missing_ranges or {}
    for column, declared in ranges.items():
        pairs = tuple((span["lo"], span["hi"]) for span in declared)
        found[column] = tuple(pair for pair in pairs if all(map(_states_something, pair)))
    for column, letters in (meta.missing_user_values or {}).items():
        found[column] = found.get(column, ()) + tuple((letter, letter) for letter in letters)
    return {column: spans for column, spans in found.items() if spans}


def read_statistical(path: Path, kind: str, encoding: str = "") -> RawTable:
    """The values and labels of an SPSS, Stata or SAS file.

    Raises
    ------
    InputError
        If the file is cut short, damaged, or in an encoding nobody told us.
    """
    frame, meta, notes = _read_somehow(path, kind, encoding)
    labels = {column: dict(values) for column, values in meta.variable_value_labels.items()}
    titles = {name: title for name, title in zip(meta.column_names, meta.column_labels, strict=True) if title}
    return RawTable(path.name, kind, frame, labels, titles, _spans(meta), notes)


def read_labels(path: Path, kind: str, encoding: str = "") -> dict[str, dict[float | str, str]]:
    """The value labels of each column alone, without the answers."""
    _, meta, _ = _read_somehow(path, kind, encoding, metadataonly=True)
    return {column: dict(labels) for column, labels in meta.variable_value_labels.items()}
