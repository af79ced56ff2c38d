"""The distinct values of some rows of a column that could identify anybody; small codes cannot."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Values", "values_of"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_SHORTEST, _LONGEST = 1e6, 1e13  # a personal number that lost three leading zeros, one with its century


_MANY = 500  # from so many distinct texts on it pays to see whether all are numbers
_NO_HALVES = 8  # a personal number with a stop in it is longer


@dataclass(frozen=True, slots=True, repr=False)
class Values:
    """Distinct texts, or numbers as texts, with their rows: of a column of numbers only those worth a closer look."""

    texts: list[str]
    times: list[int]
    filled: int
    bare: int = 0  # rows with a plain number long enough to identify
    numbers: Floats = field(
        default_factory=lambda: np.empty(0)
    )  # all numbers of a column of numbers that is not one of codes
    codes: bool = False  # whole numbers below 100 and nothing else


def values_of(column: pd.Series) -> Values:
    """What of a column has to be looked at: small codes are told by their largest value alone."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _texts(list(map(str, column.cat.categories.tolist())), column.cat.codes.to_numpy())
    if pd.api.types.is_bool_dtype(column):
        return Values([], [], int(column.notna().sum()), codes=True)
    if pd.api.types.is_numeric_dtype(column):
        return _numeric(column.to_numpy(dtype=float, na_value=np.nan))
    places, found = pd.factorize(column)
    return _texts(list(map(str, found.tolist())), places)


def _as_numbers(found: list[str]) -> Floats | None:
    """Many texts that are all plain numbers, as numbers; None where one is not, or a stop in it could matter."""
    signs = "".join(found)
    whole = signs.isascii() and signs.isdecimal()
    longest = max(map(len, found))
    if not (whole and longest <= 15) and not (longest <= _NO_HALVES and _decimal(signs)):
        return None
    try:
        return np.array([text.replace(",", ".") or "nan" for text in found]).astype(float)
    except ValueError:  # two stops in one
        return None


def _decimal(signs: str) -> bool:
    return signs.isascii() and signs.replace(",", "").replace(".", "").isdecimal()


def _texts(found: list[str], places: npt.NDArray[np.integer]) -> Values:
    if len(found) > _MANY and (numbers := _as_numbers(found)) is not None:
        return _numeric(numbers[places[places >= 0]])
    counted = np.bincount(places[places >= 0], minlength=len(found))
    seen = [
        (stripped, n)
        for text, n in zip(found, counted.tolist(), strict=True)
        if n and (stripped := text.strip())
    ]
    times = [n for _, n in seen]
    return Values([text for text, _ in seen], times, sum(times))


def _numeric(values: Floats) -> Values:
    values = values[np.isfinite(values)]
    filled = len(values)
    if not filled:
        return Values([], [], 0, codes=True)
    high = float(values.max())
    if high < 10:
        return Values([], [], filled, codes=bool((values == np.floor(values)).all()))
    whole = values == np.floor(values)
    if high < 10_101 and whole.all():  # codes, ages, years: shorter than any date
        return Values([], [], filled, codes=high < 100)
    whole &= (values >= 10_101) & (values < _LONGEST)
    long = values[whole]
    found, counted = np.unique(long[_worth(long)], return_counts=True)
    bare = int((long >= _SHORTEST).sum())
    return Values([f"{value:.0f}" for value in found], counted.tolist(), filled, bare, values)


def _worth(values: Floats) -> Flags:
    """Which whole numbers may be a day, a mobile number or a personal number."""
    ten = values % 1e10
    personal = (
        (values >= _SHORTEST) & _month(ten // 1e6) & _day(ten // 1e4) & ((values < 1e10) | (values >= 1.8e11))
    )
    nine = values % 1e9
    mobile = (nine >= 7e8) & (nine < 8e8) & np.isin(values // 1e9, (0, 46))
    days = (values < 1e6) | ((values >= 1.8e7) & (values < 2.1e7))
    north = (values >= 1e9) & (values < 8e10)  # eleven digits, day first: Norway; or the seconds of SPSS
    north &= (_month(values // 1e7 % 40) & _day(values // 1e9 % 40)) | (values % 86_400 == 0)
    return (
        personal | mobile | north | (days & _month(values // 100) & _day(values) & _mostly_days(values, days))
    )


def _mostly_days(values: Floats, days: Flags) -> bool:
    few = values[days][:1000]
    return bool(len(few)) and bool((_month(few // 100) & _day(few)).mean() > 0.7)


def _month(values: Floats) -> Flags:
    month = values % 100
    return (month >= 1) & (month <= 12)


def _day(values: Floats) -> Flags:
    day = values % 100
    return (day >= 1) & ((day <= 31) | ((day >= 61) & (day <= 91)))
