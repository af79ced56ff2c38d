"""Files of SPSS, Stata and SAS, part by part: values with their labels and what the file declares missing.

Damage can crash the C code that parses them, so only the process of `reader_process` uses this module.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
from pyreadstat import ReadstatError

from mapping.errors import InputError
from mapping.ingest.parcel import DAMAGED
from mapping.ingest.raw import Span, plain
from mapping.ingest.source import Source, rows_at_once

__all__ = ["open_statistical", "value_labels"]

READERS: dict[str, Callable[..., tuple[Any, Any]]] = {
    "sav": pyreadstat.read_sav,
    "por": pyreadstat.read_por,
    "dta": pyreadstat.read_dta,
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xpt": pyreadstat.read_xport,
}
WITH_USER_MISSING = {"sav", "dta", "sas7bdat"}
_DAY = 86_400.0
# how each program writes days: its formats, the day it counts from, and its units in a day
CLOCKS: tuple[tuple[frozenset[str], re.Pattern[str], str, float], ...] = (
    (frozenset({"sav", "por"}), re.compile(r"[AEJS]?DATE|DATETIME|YMDHMS|MOYR|QYR|WKYR"), "1582-10-14", _DAY),
    (frozenset({"dta"}), re.compile(r"%-?T?D"), "1960-01-01", 1.0),
    (frozenset({"dta"}), re.compile(r"%-?TC"), "1960-01-01", 1000 * _DAY),
    (frozenset({"sas7bdat", "xpt"}), re.compile(r"DATETIME|E8601DT|B8601DT|DATEAMPM"), "1960-01-01", _DAY),
    (
        frozenset({"sas7bdat", "xpt"}),
        re.compile(r"DATE|YYMMDD|DDMMYY|MMDDYY|[BE]8601DA|WORDDAT|WEEKDAT|JULIAN|MONYY|YYMON"),
        "1960-01-01",
        1.0,
    ),
)
OTHERWISE = "windows-1252"  # what older Swedish files hold, whatever they declare


class _File:
    """A statistical file that is read as it declares its encoding, or else as windows-1252, with a note."""

    def __init__(self, path: Path, kind: str, encoding: str) -> None:
        self.path, self.kind, self.encoding = path, kind, encoding
        self.notes: list[str] = []

    def read(self, **more: Any) -> tuple[dict[str, list[Any]], Any]:
        try:
            try:
                return self._read(**more)
            except (UnicodeDecodeError, ReadstatError) as error:
                if self.encoding or not _is_encoding(error):
                    raise
                self.encoding = OTHERWISE
                self.notes.append(
                    f"The texts of {self.path.name} are not in the encoding it declares; read as {OTHERWISE}."
                )
                return self._read(**more)
        except Exception as error:  # a damaged file fails in ReadStat, or anywhere in the conversion after it
            # without its cause: the message of a failed conversion may hold a value
            raise InputError(f"{self.path.name}: {_reason(error)}") from None

    def opened(self) -> Any:
        """What the file says of itself; damage may leave a variable without its name."""
        _, meta = self.read(metadataonly=True)
        names = meta.column_names
        if len({name for name in names if isinstance(name, str) and name.strip()}) < len(names):
            raise InputError(f"{self.path.name}: {DAMAGED}")
        return meta

    def _read(self, **more: Any) -> tuple[dict[str, list[Any]], Any]:
        # dates beyond the calendar overflow while being converted, and no date is needed
        options: dict[str, Any] = {"disable_datetime_conversion": True, "output_format": "dict", **more}
        if self.kind in WITH_USER_MISSING:
            options["user_missing"] = True
        if self.encoding and self.kind != "por":  # its character set is part of the file
            options["encoding"] = self.encoding
        return READERS[self.kind](str(self.path), **options)


def _is_encoding(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or "encoding" in str(error).casefold()


TRUNCATED = "truncated: there are fewer rows than the header promises. Ask for the file again."


def _reason(error: Exception) -> str:
    if "expected number of rows" in str(error):
        return TRUNCATED
    if _is_encoding(error):
        return "its texts are in an unknown encoding. State it as [file] encoding in wave.toml."
    return DAMAGED


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


def _labels(meta: Any) -> dict[str, dict[float | str, str]]:
    labels = meta.variable_value_labels.items()
    return {column: {code: str(text) for code, text in found.items()} for column, found in labels}


def _column(values: list[Any], text: bool) -> Any:
    """The values of a column as an array; letters that tag missing values stay among the numbers."""
    if text:
        return pd.array(values, dtype="str")
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        return np.array(values, dtype=object)


def _clock(kind: str, form: str) -> tuple[str, float] | None:
    """The day that a variable of this format counts from, and its units in a day; None if it holds no days."""
    for kinds, pattern, epoch, per_day in CLOCKS:
        if kind in kinds and pattern.match(form):
            return epoch, per_day
    return None


def _days(column: Any, epoch: str, per_day: float) -> Any:
    """Days as 2025-01-31; what lies outside the calendar stays the number it is."""
    values = pd.to_numeric(pd.Series(column), errors="coerce").to_numpy(dtype=float)
    days = np.floor(values / per_day)
    first = np.datetime64(epoch, "D")
    sound = np.isfinite(days) & (days > -500_000) & (days < 2_900_000)
    dates = (first + np.where(sound, days, 0).astype("timedelta64[D]")).astype(str)
    texts = np.where(sound, dates, [plain(value) if np.isfinite(value) else "" for value in values])
    return pd.array([text or None for text in texts.tolist()], dtype="str")


def _parts(file: _File, meta: Any, missing: dict[str, tuple[Span, ...]]) -> Iterator[pd.DataFrame]:
    """Rows from the first to the last; letters that tag missing values come to light (in `missing`) on the way.

    SPSS, Stata and SAS files skip to a row faster than they read to it.
    """
    names, at_once, at = meta.column_names, rows_at_once(meta.number_columns), 0
    texts = [meta.readstat_variable_types.get(name) == "string" for name in names]
    clocks = [_clock(file.kind, str(meta.original_variable_types.get(name, "")).upper()) for name in names]
    while True:
        values, part = file.read(row_offset=at, row_limit=at_once)
        try:
            columns = [
                _column(values.pop(name), text) for name, text in zip(list(values), texts, strict=True)
            ]
            columns = [
                _days(column, *clock) if clock and not text else column
                for column, clock, text in zip(columns, clocks, texts, strict=True)
            ]
        except (TypeError, ValueError):
            raise InputError(f"{file.path.name}: {DAMAGED}") from None
        n = len(columns[0]) if columns else 0
        for name, spans in _spans(part).items():
            missing[name] = tuple(dict.fromkeys((*missing.get(name, ()), *spans)))
        if n:
            yield pd.DataFrame(dict(zip(names, columns, strict=True)), copy=False)
        at += n
        if n < at_once or at == meta.number_rows:
            break
    if meta.number_rows and at < meta.number_rows:
        raise InputError(f"{file.path.name}: {TRUNCATED}")


def _beside(meta: Any) -> dict[str, list[str]]:
    """Texts about the file as a whole: its label, its notes, its sets of variables."""
    sets = [str(text) for one in (meta.mr_sets or {}).values() for text in one.values() if text]
    notes = [meta.file_label, meta.table_name, *(meta.notes or ())]
    texts = [str(text) for text in [*notes, *sets] if text]
    return {"(notes of the file)": texts} if texts else {}


def open_statistical(path: Path, kind: str, encoding: str = "") -> Source:
    """An SPSS, Stata or SAS file, opened.

    Raises
    ------
    InputError
        If the file is cut short, damaged, or in an encoding nobody told us.
    """
    file = _File(path, kind, encoding)
    meta = file.opened()
    titles = {
        name: str(text) for name, text in zip(meta.column_names, meta.column_labels, strict=True) if text
    }
    missing = _spans(meta)
    return Source(
        path.name, kind, tuple(meta.column_names), _parts(file, meta, missing), _labels(meta), titles, missing,
        file.notes, _beside(meta),
    )  # fmt: skip


def value_labels(path: Path, kind: str, encoding: str = "") -> dict[str, dict[float | str, str]]:
    """The value labels of each column alone, without the answers."""
    return _labels(_File(path, kind, encoding).opened())
