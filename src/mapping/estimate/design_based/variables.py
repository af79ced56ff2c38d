"""One variable of the rows, read once, and its weighted sums by any coding of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import Floats, Ints, floats, numbers, sums

__all__ = ["Variable", "read_indicator", "read_ratio", "read_value"]


@dataclass(frozen=True, slots=True, repr=False)
class Variable:
    """Σ w·y over Σ w·x (a mean where `x` is None), or Σ w·y alone (`total`).

    Attributes
    ----------
    missing : rows without an answer
    y : (rows,) numerator, 0 where missing; empty for an indicator, which needs only `ones`
    x : (rows,) denominator, 0 where missing; None: 1 for each answer
    ones : rows in which an indicator is 1; None: not an indicator
    """

    name: str
    missing: Ints
    y: Floats
    x: Floats | None = None
    ones: Ints | None = None
    total: bool = False

    def top(self, weights: Floats, codes: Ints, size: int) -> Floats:
        """(size,) Σ w·y within codes of rows."""
        if self.ones is not None:
            return sums(codes[self.ones], weights[self.ones], size)
        return sums(codes, weights * self.y, size)

    def bottom(self, weights: Floats, codes: Ints, size: int, everyone: Floats) -> Floats:
        """(size,) Σ w·x within codes of rows; `everyone` is Σ w over all rows."""
        if self.x is not None:
            return sums(codes, weights * self.x, size)
        return self.answering(weights, codes, size, everyone)

    def answering(self, values: Floats, codes: Ints, size: int, everyone: Floats) -> Floats:
        """(size,) sums of a value of the rows over those with an answer; `everyone` is the sum over all rows."""
        if self.missing.size == 0:
            return everyone
        if 2 * self.missing.size <= codes.size:
            return everyone - sums(codes[self.missing], values[self.missing], size)
        rest = self.rows(codes.size)
        return sums(codes[rest], values[rest], size)

    def rows(self, size: int) -> Ints:
        """The rows with an answer."""
        answered = np.ones(size, dtype=bool)
        answered[self.missing] = False
        return np.flatnonzero(answered)

    def values(self, size: int) -> Floats:
        """(rows,) y, 0 where missing."""
        if self.ones is None:
            return self.y
        y = np.zeros(size)
        y[self.ones] = 1.0
        return y


def read_indicator(frame: pd.DataFrame, name: str) -> Variable:
    """A column of 0, 1 and missing.

    Raises
    ------
    EstimationError
        If the column holds anything else.
    """
    values = floats(frame, name)
    ones, missing = np.flatnonzero(values == 1), np.flatnonzero(np.isnan(values))
    if (odd := values.size - ones.size - missing.size - int(np.count_nonzero(values == 0))) > 0:
        raise EstimationError(f"Indicator {name!r} has {odd} values that are not 0, 1 or missing. Recode it.")
    return Variable(name, missing, np.empty(0), ones=ones)


def read_value(frame: pd.DataFrame, name: str, *, total: bool = False) -> Variable:
    """A column of numbers and missing."""
    values = numbers(frame, name)
    missing = np.isnan(values)
    return Variable(name, np.flatnonzero(missing), np.where(missing, 0.0, values), total=total)


def read_ratio(frame: pd.DataFrame, numerator: str, denominator: str) -> Variable:
    """Two columns of numbers; a row counts where neither is missing."""
    y, x = numbers(frame, numerator), numbers(frame, denominator)
    missing = np.isnan(y) | np.isnan(x)
    return Variable(
        f"{numerator}/{denominator}",
        np.flatnonzero(missing),
        np.where(missing, 0.0, y),
        np.where(missing, 0.0, x),
    )
