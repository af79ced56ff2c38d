"""The weights that came with a survey file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mapping.errors import InputError
from mapping.ingest.raw import numbers, rows_in_words

__all__ = ["given_weights"]

EXTREME = 1000.0  # a weight so many times the median one is a slip of the keyboard


def given_weights(values: pd.Series, file: str, column: str) -> pd.Series:
    """The weights of the file as numbers.

    Raises
    ------
    InputError
        If a weight is missing, zero, negative, infinite, absurdly large, or written with both decimal signs.
    """
    weights = numbers(values)
    problems = {
        "missing or not a number": ~np.isfinite(weights),
        "zero or negative": np.isfinite(weights) & (weights <= 0),
    }
    usable = weights[np.isfinite(weights) & (weights > 0)]
    if len(usable):
        problems[f"more than {EXTREME:g} times the middle one"] = np.isfinite(weights) & (
            weights / EXTREME > np.median(usable)
        )
    if not pd.api.types.is_numeric_dtype(values):
        texts = values.astype(object).map(str)
        comma, point = texts.str.contains(",").to_numpy(), texts.str.contains(".", regex=False).to_numpy()
        if comma.any() and point.any():
            rare = comma if comma.sum() <= point.sum() else point
            problems["written with another decimal sign than the rest"] = rare
    found = [f"{what} in data {rows_in_words(mask)}" for what, mask in problems.items() if mask.any()]
    if found:
        raise InputError(
            f"{file}: column '{column}' holds weights that are {'; '.join(found)}. Correct them at the source; "
            "a respondent without a weight must be left out of the file."
        )
    return pd.Series(weights, index=values.index)
