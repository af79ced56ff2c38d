"""Tables in the plain exchange format: cells with their counts, relations among them, and what is to be withheld."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mapping.errors import InputError

__all__ = ["Table", "read_cells", "read_relations", "read_table"]

STATUSES = ("", "latent", "published_earlier", "suppressed_earlier")


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
    if len(set(names)) != len(names):
        raise InputError("cells: a cell stands twice. Each cell is one row.")
    unknown = {str(cell) for r in given.get("relations", ()) for cell, _ in r["terms"]} - set(names)
    if unknown:
        raise InputError(
            f"relations: the cell {sorted(unknown)[0]!r} has no row among the cells. Add it or correct it."
        )
    status = frame["status"].fillna("").astype(str) if "status" in frame else pd.Series([""] * len(frame))
    if wrong := sorted(set(status) - set(STATUSES)):
        raise InputError(
            f"cells: unknown status {wrong[0]!r}; choose among {', '.join(STATUSES[1:])} or leave it empty."
        )
    values = _numbers(frame, "value")
    most = float(
        given.get("ub") or max(_nmax(given), 2 * max((v for v in values if v is not None), default=0.0) + 100)
    )
    primary = _numbers(frame, "primary") if "primary" in frame else [0.0] * len(frame)
    return Table(
        names,
        tuple(values),
        tuple(0.0 if v is None else v for v in _numbers(frame, "lo")),
        tuple(most if v is None else v for v in _numbers(frame, "hi")),
        frozenset(name for name, flag in zip(names, primary, strict=True) if flag == 1),
        dict(zip(names, status, strict=True)),
        given,
    )


def _nmax(relations: Mapping[str, Any]) -> float:
    """The largest unpublished base, where percentages or limits stand on one."""
    on_a_base = any(relations.get(kind) for kind in ("percent", "wilson", "wald"))
    return float(relations.get("nmax", 2000)) if on_a_base else 0.0


def read_cells(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    """The rows of a table of cells."""
    if isinstance(source, pd.DataFrame):
        frame = source
    else:
        try:
            frame = pd.read_csv(source, dtype={"cell": str}, encoding="utf-8")
        except (OSError, ValueError) as error:
            raise InputError(
                f"{Path(source).name}: cannot be read as a table of cells ({type(error).__name__})."
            ) from error
    if missing := [name for name in ("cell", "value") if name not in frame]:
        raise InputError(f"cells: the column '{missing[0]}' is missing.")
    return frame.reset_index(drop=True)


def read_relations(source: Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    """The relations, from a file or as they are."""
    if isinstance(source, Mapping):
        return source
    try:
        found = json.loads(Path(source).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{Path(source).name}: cannot be read as relations ({type(error).__name__})."
        ) from error
    if not isinstance(found, dict):
        raise InputError(f"{Path(source).name}: must hold a JSON object.")
    return found


def _numbers(frame: pd.DataFrame, column: str) -> list[float | None]:
    if column not in frame:
        return [None] * len(frame)
    try:
        numbers = pd.to_numeric(frame[column])
    except (TypeError, ValueError) as error:
        raise InputError(f"cells: the column '{column}' holds something that is no number.") from error
    return [None if pd.isna(v) else float(v) for v in numbers]
