"""Free text: what somebody wrote in her own words is never read in, even where no identifier is recognised."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from mapping.errors import PrivacyError
from mapping.ingest.raw import RawTable, factorized

__all__ = ["refuse_free_text"]

_LONG = 25  # characters
_WORDS = 4


def _own_words(column: pd.Series) -> int:
    """How many rows hold a long text of their own, or 0 where most texts are shared, as labels are."""
    if pd.api.types.is_numeric_dtype(column):
        return 0
    places, found = factorized(column)
    texts = [str(value) for value in found]
    long = [len(text) >= _LONG and len(text.split()) >= _WORDS for text in texts]
    filled = sum(1 for place in places if place >= 0 and texts[place].strip())
    return sum(long) if sum(long) >= 5 and sum(long) > 0.2 * filled else 0


def refuse_free_text(table: RawTable, columns: Iterable[str], settings: str) -> None:
    """Refuse a column that `settings` name but that holds free text.

    Raises
    ------
    PrivacyError
        Naming the column and the number of rows.
    """
    for name in columns:
        if name in table.frame and (rows := _own_words(table.frame[name])):
            raise PrivacyError(
                f"{table.name}: column '{name}' holds free text ({rows} rows), in which people tell who they are. "
                f"Take it out of {settings}, or code it into answers at the source."
            )
