"""A published table of sums, past the door like every file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mapping.ingest.readers import read_table

__all__ = ["read_sums"]


def read_sums(path: Path) -> pd.DataFrame:
    """The columns of a table of sums, as they stand.

    Raises
    ------
    InputError, PrivacyError
        If the file cannot be read, or holds what could identify a person.
    """
    return read_table(path).frame
