"""What a reader hands on: the values of a file as they stand, with their labels, before anything is understood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from mapping.errors import InputError

__all__ = [
    "RawTable",
    "as_number",
    "factorized",
    "nearest",
    "normal",
    "numbers",
    "plain",
    "rows_in_words",
    "visible",
]

Span = tuple[float | str, float | str]

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")


def visible(text: object) -> str:
    """A text in NFC without the characters nobody sees (zero width, direction marks), single spaces.

    >>> visible("  A\u030angby\u200b ")
    'Ångby'
    """
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFC", str(text)))
    return _SPACES.sub(" ", shown).strip()


def normal(text: object) -> str:
    """A label as it is compared: visible, folded in case."""
    return visible(text).casefold()


def as_number(value: object) -> float:
    """The number that a value is, or NaN; text may have a decimal comma and spaces of any kind between thousands.

    >>> as_number("1 234,5"), as_number("−2\N{NO-BREAK SPACE}000")
    (1234.5, -2000.0)
    """
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return float(value)
    text = _INVISIBLE.sub("", _SPACES.sub("", value)).replace("−", "-") if isinstance(value, str) else ""
    if not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", text):
        return float("nan")
    return float(text.replace(",", "."))


def plain(value: float) -> str:
    """A number as people write codes: 7.0 is "7".

    >>> plain(1234567.0), plain(1.5)
    ('1234567', '1.5')
    """
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def factorized(values: pd.Series) -> tuple[npt.NDArray[np.intp], list[object]]:
    """The place of each row's value among the distinct values (-1: missing), and these."""
    if isinstance(values.dtype, pd.CategoricalDtype):  # how the parts of a text file come
        places, used = pd.factorize(values.cat.codes.to_numpy(), use_na_sentinel=False)
        known = used >= 0
        order = np.append(np.where(known, np.cumsum(known) - 1, -1), -1)
        return order[places], list(values.cat.categories.take(used[known]))
    numeric = pd.api.types.is_numeric_dtype(values)
    places, found = pd.factorize(values.to_numpy(dtype=float, na_value=np.nan) if numeric else values)
    return places, list(found)


def numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    """The numbers of a column, NaN where a cell holds none."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    places, found = factorized(values)
    return np.array([*map(as_number, found), np.nan], dtype=float)[places]


def rows_in_words(mask: npt.NDArray[np.bool_], limit: int = 10) -> str:
    """Which data rows are meant, counted from 1: never together with what stands in them."""
    rows = np.flatnonzero(mask) + 1
    shown = ", ".join(map(str, rows[:limit]))
    more = f" and {len(rows) - limit} more" if len(rows) > limit else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}{more}"


@dataclass(frozen=True, slots=True, repr=False)
class RawTable:
    """The values of one file. `labels` are value labels by column, `titles` the texts of the variables.

    `missing` are the values, or ranges of values, that the file itself declares missing. Empty text is missing.
    `columns` are the names of all columns of the file, of which `frame` holds those that were wanted; `n_rows` and
    `n_columns` count what the file held.
    """

    name: str
    kind: str
    frame: pd.DataFrame
    labels: Mapping[str, Mapping[float | str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    n_rows: int = 0

    @property
    def n_columns(self) -> int:
        """How many columns the file has."""
        return len(self.columns)

    def __repr__(self) -> str:
        return f"RawTable({self.name!r})"

    def column(self, name: str, *, settings: str, purpose: str) -> pd.Series:
        """The column called `name`.

        Raises
        ------
        InputError
            Naming the sidecar `settings`, what the column is for, and the nearest names in the file.
        """
        if name in self.frame:
            return self.frame[name]
        near = nearest(name, self.columns or self.frame.columns)
        raise InputError(
            f"{settings}: column '{name}' is mapped to {purpose}, but {self.name} has no such column. "
            f"{near} Correct {settings}, or ask the data owner for the codebook."
        )


def nearest(name: str, known: Collection[str]) -> str:
    """A sentence with the names most like `name`."""
    found = process.extract(
        name, list(known), scorer=fuzz.WRatio, processor=str.casefold, limit=3, score_cutoff=60
    )
    if not found:
        return f"Its columns begin with {', '.join(list(known)[:8])}." if known else "It has no columns."
    shown = ", ".join(match for match, _, _ in found)
    return f"Nearest names in the file: {shown}."
