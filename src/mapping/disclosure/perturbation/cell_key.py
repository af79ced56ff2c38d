"""The cell-key method: the same respondents get the same deviation in every table, with no list of what was told."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mapping.errors import InputError

__all__ = ["KEYS", "check_keys", "deviations", "empty_printed", "record_keys"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KEYS = 2**32  # keys are whole numbers below this; those of a cell add up modulo it


def record_keys(respondents: pd.Series, key: bytes) -> pd.Series:
    """A secret number for each respondent, the same whenever the pseudonym and the workspace's key are the same.

    A cell's key is the sum of its respondents' numbers modulo 2³² (`groupby(…).sum() % 2**32`): it belongs to who is
    in the cell, not to how the cell is called.

    Parameters
    ----------
    respondents : Series
        Pseudonyms, each once.
    key : bytes
        The workspace's secret.

    Raises
    ------
    InputError
        If a pseudonym is missing or stands twice, or the key is empty.

    References
    ----------
    B. Fraser and J. Wooton (2005), A proposed method for confidentialising tabular output to protect against
    differencing, Joint UNECE/Eurostat work session on statistical data confidentiality, Geneva.
    """
    if not key:
        raise InputError("record keys: the workspace's key is empty. Anybody could compute them.")
    if respondents.isna().any() or respondents.duplicated().any():
        raise InputError(
            "record keys: a respondent's pseudonym is missing or stands twice. Each respondent is one row."
        )
    made = [_number(key, f"record {name}") for name in respondents.astype(str)]
    return pd.Series(made, index=respondents.index, dtype="int64", name="cell_key")


def deviations(counts: Ints, keys: Ints, table: Floats) -> Ints:
    """What is added to each count: its row of the table, looked up at its cell's key."""
    rows = np.minimum(counts, len(table) - 1)
    below = np.cumsum(table, axis=1)[rows]
    column = (below <= (keys / KEYS)[:, None]).sum(axis=1)
    last = (
        table.shape[1] - 1 - np.argmax(table[:, ::-1] > 0, axis=1)
    )  # where a sum falls short of 1 by rounding
    found: Ints = np.minimum(column, last[rows]) - table.shape[1] // 2
    return found


def empty_printed(names: Iterable[str], share: float, smallest: int, key: bytes) -> Ints:
    """What empty cells are printed as: `smallest` with the given probability, else 0. Nobody's key is in them."""
    chosen = [_number(key, f"empty {name}") < share * KEYS for name in names]
    return np.where(np.array(chosen, dtype=bool), smallest, 0).astype(np.int64)


def _number(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest()[:4], "big")


def check_keys(keys: Ints, terms: Sequence[Sequence[tuple[int, int]]]) -> bool:
    """Whether the keys add up as the counts do."""
    return all(sum(coefficient * int(keys[cell]) for cell, coefficient in row) % KEYS == 0 for row in terms)
