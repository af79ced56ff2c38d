"""Text files of very many columns, read row by row: Arrow takes some 12 kB for each column, however few its rows."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from typing import Any

import pandas as pd

from mapping.errors import InputError
from mapping.ingest.source import rows_at_once

__all__ = ["WIDE", "too_long", "too_many_cells", "wide_parts"]

WIDE = 2_000  # columns


def too_long(name: str) -> InputError:
    """What to say of a file with a cell longer than any reader takes."""
    return InputError(
        f"{name}: a cell is longer than any answer. Look for a quotation mark that is never closed, or ask for the "
        "file again."
    )


def too_many_cells(name: str, row: int) -> InputError:
    """What to say of a row that does not fit the header."""
    return InputError(
        f"{name}: data row {row} has more cells than the header has names. "
        "Look for a separator inside an answer, and put such answers in quotation marks."
    )


def _rows(name: str, file: Any, separator: str, width: int, at_once: int) -> Iterator[list[str]]:
    """The rows, as wide as the header, each text once."""
    texts: dict[str, str] = {}
    lines = io.TextIOWrapper(file, encoding="utf-8", newline="")
    for number, row in enumerate(filter(None, csv.reader(lines, delimiter=separator)), 1):
        if any(cell.strip() for cell in row[width:]):
            raise too_many_cells(name, number)
        if number % at_once == 1:
            texts.clear()
        yield [*(texts.setdefault(cell, cell) for cell in row[:width]), *[""] * (width - len(row))]


def wide_parts(name: str, file: Any, separator: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    """Some rows at a time, all of them texts, from an open file whose header lies behind.

    Raises
    ------
    InputError
        For a row with more cells than the header has names, or a cell without end.
    """
    at_once = rows_at_once(len(columns))
    rows = _rows(name, file, separator, len(columns), at_once)
    try:
        while part := list(itertools.islice(rows, at_once)):
            cells = map(list, zip(*part, strict=True))
            yield pd.DataFrame(
                {column: pd.array(found, dtype="str") for column, found in zip(columns, cells, strict=True)},
                copy=False,
            )
    except csv.Error:
        raise too_long(name) from None
