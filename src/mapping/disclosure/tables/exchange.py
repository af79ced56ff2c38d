"""Tables in the plain exchange format: cells with their counts, relations among them, and what is to be withheld."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mapping.disclosure.tables.exchange_checks import check_relations
from mapping.errors import InputError

__all__ = ["Table", "read_cells", "read_relations", "read_table"]

STATUSES = ("", "latent", "published_earlier", "suppressed_earlier")
ON_A_BASE = ("percent", "wilson", "wald")
_MOST = 1e9  # persons; above, a solver's tolerance would swallow whole ones
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Cells in order with their relations; `values` are None where a cell is empty."""

    names: tuple[str, ...]
    values: tuple[float | None, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    primary: frozenset[str]
    status: Mapping[str, str]
    relations: Mapping[str, Any]


def read_table(cells: pd.DataFrame | str | Path, relations: Mapping[str, Any] | str | Path) -> Table:
    """The table described by `cells` and `relations`, files or objects.

    Raises
    ------
    InputError
        If a column or cell is missing, stands twice, or is not a number.
    """
    frame, given = read_cells(cells), read_relations(relations)
    names = tuple(frame["cell"].astype(str))
    if twice := sorted({name for name, count in Counter(names).items() if count > 1}):
        raise InputError(f"cells: the cell {twice[0]!r} stands twice. Each cell is one row.")
    check_relations(given, set(names))
    status = frame["status"].fillna("").astype(str) if "status" in frame else pd.Series([""] * len(frame))
    if wrong := sorted(set(status) - set(STATUSES)):
        raise InputError(
            f"cells: unknown status {wrong[0]!r}; choose among {', '.join(STATUSES[1:])} or leave it empty."
        )
    values = _numbers(frame, "value")
    if given.get("integer", True) and any(v is not None and not v.is_integer() for v in values):
        raise InputError(
            "cells: the column 'value' holds a fraction. Counts are whole (else say \"integer\": false)."
        )
    most = _far(given, values) if given.get("ub") is None else float(given["ub"])
    low = tuple(0.0 if v is None else v for v in _numbers(frame, "lo"))
    high = tuple(most if v is None else v for v in _numbers(frame, "hi"))
    primary = _numbers(frame, "primary")
    if set(primary) - {0.0, 1.0, None}:
        raise InputError("cells: the column 'primary' must hold 1, 0 or nothing.")
    return Table(
        names,
        tuple(values),
        low,
        high,
        frozenset(name for name, flag in zip(names, primary, strict=True) if flag == 1),
        dict(zip(names, status, strict=True)),
        given,
    )


def _far(relations: Mapping[str, Any], values: Iterable[float | None]) -> float:
    """A bound for unknown cells that bounds nothing: more than all that is printed together."""
    total = sum(abs(v) for v in values if v is not None)
    total += sum(abs(float(r.get("rhs", 0))) for r in relations.get("relations", ()))
    total += sum(float(r["value"]) + float(r["base"]) for r in relations.get("rounded", ()))
    on_a_base = any(relations.get(kind) for kind in ON_A_BASE)
    return 2 * total + 100 + (float(relations.get("nmax", 2000)) if on_a_base else 0.0)


def read_cells(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    """The rows of a table of cells; those of a file as they are written, "" where nothing stands."""
    frame = source if isinstance(source, pd.DataFrame) else _rows(Path(source))
    if missing := [name for name in ("cell", "value") if name not in frame]:
        raise InputError(f"cells: the column '{missing[0]}' is missing.")
    if frame.empty:
        raise InputError("cells: there is no row.")
    if (nameless := frame["cell"].isna() | frame["cell"].astype(str).str.strip().eq("")).any():
        raise InputError(f"cells, row {int(nameless.to_numpy().argmax()) + 1}: the cell has no name.")
    return frame.reset_index(drop=True)


def _rows(path: Path) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file, strict=True) if row] or [[]]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(
            f"{path.name}: cannot be read as a table of cells ({type(error).__name__}). It must be a text file in "
            "UTF-8, with commas between the columns."
        ) from error
    if twice := [name for name, count in Counter(header).items() if count > 1]:
        raise InputError(f"{path.name}: the column '{twice[0]}' stands twice. Take one out.")
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise InputError(
                f"{path.name}, row {number}: {len(row)} columns, but the head has {len(header)}."
            )
    return pd.DataFrame(rows, columns=header, dtype=str)


def read_relations(source: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    """The relations, from a file or as they are."""
    if isinstance(source, Mapping):
        return source
    try:
        found = json.loads(Path(source).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{Path(source).name}: cannot be read as relations ({type(error).__name__})."
        ) from error
    if not isinstance(found, dict):
        raise InputError(f"{Path(source).name}: must hold a JSON object.")
    return found


def _numbers(frame: pd.DataFrame, column: str) -> list[float | None]:
    if column not in frame:
        return [None] * len(frame)
    return [_number(value, column, row) for row, value in enumerate(frame[column], 1)]


def _number(value: Any, column: str, row: int) -> float | None:
    """A count or a limit; None where nothing stands. "NaN" written out is no empty cell but a mistake upstream."""
    if isinstance(value, str):
        if not value.strip():
            return None
        found = float(value) if _NUMBER.fullmatch(value.strip()) else math.nan
    elif value is None or pd.isna(value):
        return None
    else:
        found = float(value)
    if not 0 <= found <= _MOST:
        raise InputError(
            f"cells, row {row}: the column '{column}' holds something that is no number of persons. Leave it empty "
            "where nothing is known."
        )
    return found
