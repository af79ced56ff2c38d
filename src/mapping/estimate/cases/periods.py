"""Published tables of counts, in whatever layout: one row per measure, period and vintage."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mapping.errors import EstimationError

__all__ = ["NAMES", "Span", "in_long_form", "number_of", "renamed"]

# what columns are called, by our name
NAMES: Mapping[str, tuple[str, ...]] = {
    "year": ("year", "år", "ar"),
    "month": ("month", "månad", "manad"),
    "quarter": ("quarter", "kvartal"),
    "period": ("period", "tidsperiod"),
    "measure": ("measure", "mått", "serie", "series"),
    "value": ("value", "antal", "count", "n", "värde"),
    "months": ("months_open", "months", "månader", "months_counted"),
    "vintage": ("vintage", "published", "publicerad", "version", "as_of"),
    "answered": ("answered", "svarade", "svarande", "municipalities_answered", "units_answered"),
    "of": ("of", "av", "tillfrågade", "municipalities_total", "units_total"),
    "definition": ("definition",),
    "note": ("note", "notes", "anmärkning", "kommentar"),
}
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ENGLISH = {"may": 5, "oct": 10}
_PERIOD = re.compile(r"(\d{4})(?:[-\s]?(?:(Q|K|kv\s?)(\d)|(\d{1,2})))?", re.IGNORECASE)
_PRINTED = re.compile(r"printed_(.+)_per_month")
_GAPS = {"", "-", "–", "..", "...", ".", "x", "na", "n/a", "nan", "<na>", "none"}


@dataclass(frozen=True, slots=True)
class Span:
    """A year, quarter or month."""

    label: str
    start: dt.date
    end: dt.date
    months: int

    @classmethod
    def of(cls, year: int, month: int = 1, months: int = 12) -> Span:
        """The `months` from `month` of `year` on."""
        end = dt.date(year + (month + months - 1) // 12, (month + months - 1) % 12 + 1, 1) - dt.timedelta(
            days=1
        )
        kind = {12: f"{year}", 3: f"{year} Q{(month + 2) // 3}"}
        return cls(kind.get(months, f"{year}-{month:02d}"), dt.date(year, month, 1), end, months)


def renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with columns called as we call them."""
    ours = {name: own for own, names in NAMES.items() for name in names}
    return frame.rename(
        columns={c: ours.get(str(c).strip().casefold(), str(c).strip()) for c in frame.columns}
    )


def number_of(value: object) -> float:
    """The number in a cell; missing for an empty one, a dash, dots, or a count that was withheld ("<5")."""
    if isinstance(value, int | float | np.number):
        return float(value)
    text = re.sub(r"\s", "", str(value)).casefold()
    if text in _GAPS or text.startswith(("<", "≤", "färre", "fewer", "under")):
        return np.nan
    try:
        return float(
            text.replace(",", ".") if re.fullmatch(r"-?\d+,\d{1,2}", text) else text.replace(",", "")
        )
    except ValueError:
        raise EstimationError(f"the table holds {value!r} where a number should stand. Correct it.") from None


def _month(value: object) -> int:
    text = str(value).strip().casefold().removesuffix(".0")
    if text.isdigit() and 1 <= int(text) <= 12:
        return int(text)
    if text[:3] in _ENGLISH or text[:3] in _MONTHS:
        return _ENGLISH.get(text[:3]) or _MONTHS.index(text[:3]) + 1
    raise EstimationError(f"{value!r} is no month. Write 4, apr or april.")


def _span(row: Mapping[Any, Any]) -> Span:
    if "period" in row:
        match = _PERIOD.fullmatch(str(row["period"]).strip())
        if match is None:
            raise EstimationError(f"{row['period']!r} is no period. Write 2025, 2025-04 or 2025Q2.")
        if match[3]:
            return Span.of(int(match[1]), 3 * int(match[3]) - 2, 3)
        return Span.of(int(match[1]), int(match[4]), 1) if match[4] else Span.of(int(match[1]))
    year = number_of(row["year"])
    if np.isnan(year):
        raise EstimationError("a row of the table has no year. Fill it in.")
    if "month" in row:
        return Span.of(int(year), _month(row["month"]), 1)
    if "quarter" in row:
        return Span.of(int(year), 3 * int(re.sub(r"\D", "", str(row["quarter"])) or 0) - 2, 3)
    return Span.of(int(year))


def in_long_form(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """One row per measure, period and vintage, and notes on rows that are no period.

    Raises
    ------
    EstimationError
        If the table has no column of periods, or no measure.
    """
    table = renamed(frame)
    if not {"year", "period"} & set(table):
        raise EstimationError(
            f"no column tells the period; there are {', '.join(map(str, frame.columns))}. Call one 'year' or 'period'."
        )
    column = "period" if "period" in table else "year"
    sums = (
        table[column].astype(str).str.strip().str.casefold().isin({"total", "totalt", "summa", "sum", "all"})
    )
    notes = [f"{int(sums.sum())} rows of sums were left out of the series."] if sums.any() else []
    table = table[~sums]
    printed = {m[1]: str(c) for c in table if (m := _PRINTED.fullmatch(str(c)))}
    known = {*NAMES, *printed.values()}
    measures = [str(c) for c in table if c not in known and _is_counted(table[c])]
    if "value" in table:
        measures = ["value"]
    if not measures:
        raise EstimationError("no column holds counts. Give each measure a column of its own.")
    spans = [_span(row) for row in table.to_dict("records")]
    made = [_of(table, spans, name, printed) for name in measures]
    return pd.concat(made, ignore_index=True), notes


def _is_counted(column: pd.Series) -> bool:
    try:
        return any(not np.isnan(number_of(value)) for value in column)
    except EstimationError:
        return False


def _of(table: pd.DataFrame, spans: list[Span], name: str, printed: Mapping[str, str]) -> pd.DataFrame:
    def numbers(column: str) -> list[float]:
        return [number_of(v) for v in table[column]] if column in table else [np.nan] * len(table)

    def words(column: str) -> list[str]:
        return (
            ["" if pd.isna(v) else str(v).strip() for v in table[column]]
            if column in table
            else [""] * len(table)
        )

    full = np.array([span.months for span in spans], dtype=float)
    months = np.array(numbers("months"))
    measure = words("measure") if name == "value" and "measure" in table else [name] * len(table)
    return pd.DataFrame(
        {
            "measure": measure,
            "label": [span.label for span in spans],
            "start": [span.start for span in spans],
            "end": [span.end for span in spans],
            "value": numbers(name),
            "full": full,
            "months": np.where(np.isnan(months), full, months),
            "coverage": np.array(numbers("answered")) / np.array(numbers("of")),
            "vintage": words("vintage"),
            "definition": words("definition"),
            "note": words("note"),
            "printed": numbers(printed[name]) if name in printed else np.nan,
        }
    )
