"""A personal number split over two columns: six or eight digits of a date, and the last four."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.ingest.door.values import Values

__all__ = ["Split"]

Floats = npt.NDArray[np.float64]
_FEWEST = 3
_WEIGHTS = np.array([2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
_MOST_COLUMNS = 12


_DATE = re.compile(r"\d{6}|\d{8}|\d{4}-\d\d-\d\d(?:[T ].*)?|\d\d-\d\d-\d\d")
_LAST = re.compile(r"\d{4}")


def _digits(column: pd.Series, values: Values, shape: re.Pattern[str]) -> Floats | None:
    """The digits of a column as numbers, or None where they are not of this shape."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return None if values.codes else column.to_numpy(dtype=float, na_value=np.nan)
    texts = values.texts
    if not texts or not all(map(shape.fullmatch, texts[:50])):
        return None
    found = {text: float(re.sub(r"\D", "", text[:10])) for text in texts if shape.fullmatch(text)}
    return column.astype(object).map(lambda v: found.get(str(v).strip(), np.nan)).to_numpy(dtype=float)


def _dates(column: pd.Series, values: Values) -> Floats | None:
    found = _digits(column, values, _DATE)
    if found is None or not len(some := found[np.isfinite(found)]) or some.min() < 101:
        return None
    if some.max() > 20_991_231 or (some != np.floor(some)).any():
        return None
    months, days = some // 100 % 100, some % 100
    plausible = (
        (months >= 1) & (months <= 12) & (((days >= 1) & (days <= 31)) | ((days >= 61) & (days <= 91)))
    )
    return found if plausible.mean() > 0.8 else None


def _fours(column: pd.Series, values: Values) -> Floats | None:
    found = _digits(column, values, _LAST)
    if found is None or not len(some := found[np.isfinite(found)]):
        return None
    fits = some.min() >= 0 and 1000 <= some.max() <= 9999 and (some == np.floor(some)).all()
    return found if fits else None


class Split:
    """Counts, by pair of columns, how many rows give a personal number when put together."""

    def __init__(self) -> None:
        self._tried: Counter[tuple[str, str]] = Counter()
        self._valid: Counter[tuple[str, str]] = Counter()

    def look(self, part: pd.DataFrame, values: Mapping[str, Values]) -> None:
        """Count some rows of the file."""
        fours = {name: v for name in part.columns if (v := _fours(part[name], values[name])) is not None}
        if not fours:
            return
        dates = {name: v for name in part.columns if (v := _dates(part[name], values[name])) is not None}
        for date, first in list(dates.items())[:_MOST_COLUMNS]:
            for last, second in list(fours.items())[:_MOST_COLUMNS]:
                both = np.isfinite(first) & np.isfinite(second)
                ten = (first[both] % 1_000_000 * 10_000 + second[both]).astype(np.int64)
                digits = ten[:, None] // 10 ** np.arange(9, -1, -1) % 10 * _WEIGHTS
                self._tried[date, last] += len(ten)
                self._valid[date, last] += int(((digits // 10 + digits % 10).sum(axis=1) % 10 == 0).sum())

    def found(self) -> dict[str, int]:
        """The columns that together hold personal numbers, and in how many rows."""
        pairs = [p for p, n in self._tried.items() if n >= _FEWEST and self._valid[p] > n / 2]
        return {name: self._valid[pair] for pair in pairs for name in pair}
