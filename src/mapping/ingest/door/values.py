"""The distinct values of some rows of a column that could identify anybody; small codes cannot."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Values", "values_of"]

Floats = npt.NDArray[np.float64]
_SMALLEST = 1e6  # the shortest personal number that lost its leading zeros
_LARGEST = 1e15


class Values:
    """Distinct texts with their number of rows; of a column of numbers those long enough, and all its numbers."""

    __slots__ = ("filled", "numbers", "texts", "times", "whole")

    def __init__(
        self, texts: list[str], times: list[int], filled: int, numbers: Floats, *, whole: bool
    ) -> None:
        self.texts, self.times, self.filled, self.numbers, self.whole = texts, times, filled, numbers, whole


_NONE = np.empty(0)


def values_of(column: pd.Series) -> Values:
    """What of a column has to be looked at: small codes are told by their largest value alone."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        return _texts([str(value) for value in column.cat.categories], codes)
    if pd.api.types.is_bool_dtype(column):
        return Values([], [], int(column.notna().sum()), _NONE, whole=True)
    if pd.api.types.is_numeric_dtype(column):
        return _numeric(column.to_numpy(dtype=float, na_value=np.nan))
    places, found = pd.factorize(column)
    return _texts([str(value) for value in found], places)


def _texts(found: list[str], places: npt.NDArray[np.integer]) -> Values:
    counted = np.bincount(places[places >= 0], minlength=len(found))
    seen = [(text.strip(), int(n)) for text, n in zip(found, counted, strict=True) if n]
    texts = [text for text, _ in seen if text]
    times = [n for text, n in seen if text]
    return Values(texts, times, sum(times), _NONE, whole=False)


def _numeric(values: Floats) -> Values:
    values = values[np.isfinite(values)]
    if not len(values):
        return Values([], [], 0, _NONE, whole=True)
    low, high = float(values.min()), float(values.max())
    whole = high < 100 and low >= 0 and bool((values == np.floor(values)).all())
    if high < 10:
        return Values([], [], len(values), _NONE, whole=whole)
    if high < 10_000 and (values == np.floor(values)).all():  # codes, ages, years: nothing long enough
        return Values([], [], len(values), _NONE, whole=whole)
    long = values[(values >= 10_101) & (values < _LARGEST) & (values == np.floor(values))]
    found, counted = (
        np.unique(long, return_counts=True) if high >= _SMALLEST or _dates(long) else (_NONE, _NONE)
    )
    return Values([f"{v:.0f}" for v in found], [int(n) for n in counted], len(values), values, whole=whole)


def _dates(values: Floats) -> bool:
    """Whether six digits could be days: the middle ones a month, the last ones a day, nearly everywhere."""
    months, days = values // 100 % 100, values % 100
    return bool(len(values) and (((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).mean() > 0.8))
