"""A date of birth spread over three columns: year, month and day, each of them harmless alone."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.ingest.door.births import EVENT

__all__ = ["InParts"]

_OLDEST, _YOUNGEST = 100, 4  # years
_YEARS, _MONTHS, _DAYS = 1, 10, 20  # different ones that must be seen: scales from 1 to 12 leave some out
_LONGEST = 4  # characters
_LOOKED = 4000  # rows of each part of a file: who was born when shows in these


class InParts:
    """Counts which columns hold nothing but years that people were born in, months, or days of the month."""

    def __init__(self) -> None:
        self._seen: dict[str, set[int]] = {}
        self._rows: dict[str, int] = {}

    def look(self, part: pd.DataFrame) -> None:
        """Count some rows of the file; a column that once held anything else is out."""
        for name in part.columns:
            if self._rows.get(name) == -1 or EVENT.search(str(name)):
                continue
            found = _whole(part[name].iloc[:_LOOKED])
            if found is None:
                self._rows[name] = -1
            elif len(found):
                self._seen.setdefault(name, set()).update(np.unique(found).tolist())
                self._rows[name] = self._rows.get(name, 0) + len(found)

    def found(self) -> dict[str, int]:
        """The columns that together hold dates of birth, and in how many rows."""
        today = dt.date.today().year
        seen = {name: values for name, values in self._seen.items() if self._rows[name] > 0}
        years = [n for n, v in seen.items() if len(v) >= _YEARS and min(v) >= today - _OLDEST]
        years = [n for n in years if max(seen[n]) <= today - _YOUNGEST]
        months = [n for n, v in seen.items() if len(v) >= _MONTHS and max(v) == 12]
        days = [n for n, v in seen.items() if len(v) >= _DAYS and 28 <= max(v) <= 31]
        names = [*years, *months, *days] if years and months and days else []
        return {name: self._rows[name] for name in names}


def _whole(column: pd.Series) -> npt.NDArray[np.int64] | None:
    """The numbers of a column of years, months or days; None for any other."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = pd.Series(column.cat.categories.take(np.unique(column.cat.codes[column.cat.codes >= 0])))
    elif not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        column = pd.Series(column.unique())
    if not pd.api.types.is_numeric_dtype(column):
        texts = [str(value).strip() for value in column.dropna()]
        if len(texts) > _OLDEST or not all(t.isdecimal() and len(t) <= _LONGEST for t in texts if t):
            return None
        column = pd.Series([int(text) for text in texts if text], dtype=float)
    values: npt.NDArray[np.float64] = column.to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    if not len(values):
        return np.empty(0, dtype=np.int64)
    low, high = values.min(), values.max()
    if low < 1 or high >= 2100 or (high > 31 and low < 1900) or not (values == np.floor(values)).all():
        return None
    return values.astype(np.int64)
