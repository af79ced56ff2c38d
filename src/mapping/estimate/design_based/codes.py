"""Integer codes for columns: every later step works on small integers instead of labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mapping.errors import EstimationError

__all__ = ["Floats", "Ints", "column", "column_codes", "compact", "crossed", "floats", "numbers", "sums"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_DENSE = 4  # a lookup table this many times longer than the rows is still cheaper than sorting them


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """One column of a frame, or an error that names it.

    Raises
    ------
    EstimationError
        If the frame has no such column, or has it twice.
    """
    if name not in frame.columns:
        raise EstimationError(
            f"The frame has no column {name!r}. Its columns: {', '.join(map(str, frame.columns))}."
        )
    if (times := int((frame.columns == name).sum())) > 1:
        raise EstimationError(f"The frame has {times} columns called {name!r}. Rename or drop all but one.")
    return frame[name]


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A column as finite 64-bit floats; missing becomes NaN.

    Raises
    ------
    EstimationError
        If the column holds text or infinite numbers.
    """
    values = floats(frame, name)
    if infinite := int(np.count_nonzero(np.isinf(values))):
        raise EstimationError(f"Column {name!r} has {infinite} infinite values. Recode or drop them.")
    return values


def floats(frame: pd.DataFrame, name: str) -> Floats:
    """A column as 64-bit floats, the frame's own where it holds such; missing becomes NaN."""
    series = column(frame, name)
    if series.dtype == np.float64:
        return series.to_numpy()
    try:
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise EstimationError(
            f"Column {name!r} does not hold numbers. Recode it to numbers, or to 0/1/missing."
        ) from None


def compact(keys: Ints) -> tuple[Ints, Ints]:
    """Codes 0, 1, … for non-negative integer keys, in the order of the keys, and the key of each code.

    Returns
    -------
    codes : array, as long as `keys`
    levels : array, increasing; ``levels[codes]`` equals `keys`.
    """
    if keys.size == 0:
        return keys.astype(np.intp), np.empty(0, np.intp)
    span = int(keys.max()) + 1
    if span > _DENSE * keys.size + 1024:
        levels, codes = np.unique(keys, return_inverse=True)
        return codes, levels
    present = np.zeros(span, dtype=bool)
    present[keys] = True
    levels = np.flatnonzero(present)
    if levels.size == span:
        return keys, levels
    lookup = np.cumsum(present) - 1
    return lookup[keys], levels


def column_codes(series: pd.Series) -> tuple[Ints, pd.Index]:
    """Codes of a column, −1 for missing, and its levels: categories, or else the sorted values."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy().astype(np.intp), series.cat.categories
    values = series.to_numpy() if isinstance(series.dtype, np.dtype) else None
    if values is not None and values.dtype.kind in "iu" and values.size:
        low, high = int(values.min()), int(values.max())
        if high - low < _DENSE * values.size:
            codes, levels = compact((values - low).astype(np.intp))
            return codes, pd.Index(levels + low)
    codes, index = pd.factorize(series, sort=True)
    return np.asarray(codes, dtype=np.intp), pd.Index(index)


def crossed(parts: Sequence[tuple[Ints, int]]) -> Ints:
    """One key per row for the crossing of several codes, each given with its number of levels."""
    key = parts[0][0]
    for codes, n_levels in parts[1:]:
        key = key * n_levels + codes
    return key


def sums(codes: Ints, values: Floats, size: int) -> Floats:
    """Sum of values within codes 0 … size − 1."""
    total: Floats = np.bincount(codes, values, minlength=size).astype(np.float64, copy=False)
    return total
