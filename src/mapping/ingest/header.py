"""The row that holds the names of the variables: found among titles, group rows and notes, and made clean."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from mapping.errors import InputError
from mapping.ingest.raw import normal, visible

__all__ = ["LOOK", "WIDEST", "clean_header", "find_header", "under_groups"]

LOOK = 30  # rows looked at to find the separator and the header
WIDEST = 16_384  # columns; no workbook can hold more, and no survey asks so much


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and cell != cell) or not visible(cell)


def find_header(rows: Sequence[Sequence[object]], wanted: Collection[str]) -> int:
    """The position of the row that holds the variable names: the one with most of `wanted`, or most texts."""
    names = {normal(name) for name in wanted}

    def weight(at: int) -> int:
        row = under_groups(rows, at)
        texts = {normal(cell) for cell in row if isinstance(cell, str) and cell.strip()}
        return len(texts & names) if names else len({t for t in texts if not re.fullmatch(r"[\d.,\s-]*", t)})

    weights = list(map(weight, range(len(rows))))
    return weights.index(max(weights)) if weights else 0


def under_groups(rows: Sequence[Sequence[object]], at: int) -> list[object]:
    """The cells of row `at`; where a row of names is empty, what stands above: a name merged over both rows."""
    above = rows[at - 1] if at else ()
    names = list(rows[at]) + [None] * max(0, len(above) - len(rows[at]))
    are_names = all(isinstance(cell, str) or _is_empty(cell) for cell in names) and not all(
        map(_is_empty, names)
    )
    spread = len([cell for cell in above if not _is_empty(cell)]) > 1  # a title fills one cell
    if not (are_names and spread):
        return names
    return [
        above[place] if _is_empty(cell) and place < len(above) else cell for place, cell in enumerate(names)
    ]


def clean_header(name: str, cells: Sequence[object], wanted: Collection[str]) -> list[str]:
    """Variable names without stray spaces and invisible characters, each of them once.

    Raises
    ------
    InputError
        If a wanted name stands twice, or the table is wider than any workbook.
    """
    if len(cells) > WIDEST:
        raise InputError(
            f"{name}: the table has {len(cells):,} columns; more than {WIDEST:,} cannot be a survey. "
            "Look at its separator, or ask for the columns that wave.toml names."
        )
    columns: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        column = ("" if _is_empty(cell) else visible(cell)) or f"#{number}"
        if column in columns:
            if column in wanted:
                raise InputError(
                    f"{name}: the column '{column}' stands more than once. Rename the one not meant."
                )
            column = f"{column}#{number}"
        while column in columns:
            column += "#"
        columns[column] = None
    return list(columns)
