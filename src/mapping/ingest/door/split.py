"""A personal number split over two columns: six or eight digits of a date, and the last four."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Split"]

Floats = npt.NDArray[np.float64]
_FEWEST = 3
_WEIGHTS = np.array([2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
_MOST_COLUMNS = 12


def _whole(column: pd.Series, shape: str) -> Floats | None:
    """The digits of a column as numbers, or None where they are not of this shape."""
    if pd.api.types.is_bool_dtype(column):
        return None
    if isinstance(column.dtype, pd.CategoricalDtype):  # each text once
        found = _whole(pd.Series(column.cat.categories), shape)
        return None if found is None else np.append(found, np.nan)[column.cat.codes.to_numpy()]
    if not pd.api.types.is_numeric_dtype(column):
        texts = column.astype("str").str.strip()
        head = texts[texts.notna() & (texts != "")].head(50)
        if not len(head) or not head.str.fullmatch(shape).all():
            return None
        digits = texts.str.slice(0, 10).str.replace(r"\D", "", regex=True)
        return pd.to_numeric(digits, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return column.to_numpy(dtype=float, na_value=np.nan)


def _dates(column: pd.Series) -> Floats | None:
    values = _whole(column, r"\d{6}|\d{8}|\d{4}-\d\d-\d\d(?:[T ].*)?|\d\d-\d\d-\d\d")
    if values is None or not len(some := values[np.isfinite(values)]) or some.min() < 101:
        return None
    if some.max() > 20_991_231 or (some != np.floor(some)).any():
        return None
    months, days = some // 100 % 100, some % 100
    plausible = (
        (months >= 1) & (months <= 12) & (((days >= 1) & (days <= 31)) | ((days >= 61) & (days <= 91)))
    )
    return values if plausible.mean() > 0.8 else None


def _fours(column: pd.Series) -> Floats | None:
    values = _whole(column, r"\d{4}|\d{1,4}\.0")
    if values is None or not len(some := values[np.isfinite(values)]):
        return None
    fits = some.min() >= 0 and 1000 <= some.max() <= 9999 and (some == np.floor(some)).all()
    return values if fits else None


class Split:
    """Counts, by pair of columns, how many rows give a personal number when put together."""

    def __init__(self) -> None:
        self._tried: Counter[tuple[str, str]] = Counter()
        self._valid: Counter[tuple[str, str]] = Counter()

    def look(self, part: pd.DataFrame) -> None:
        """Count some rows of the file."""
        fours = {name: v for name in part.columns if (v := _fours(part[name])) is not None}
        if not fours:
            return
        dates = {name: v for name in part.columns if (v := _dates(part[name])) is not None}
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
