"""Inhabitants by area and age: the denominators of case rates. SCB's noise is tolerated, a wrong table is not."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from mapping.concepts.responses import ELSEWHERE
from mapping.errors import InputError
from mapping.ingest.raw import RawTable, normal, numbers, plain, rows_in_words
from mapping.ingest.readers import read_table

__all__ = ["TOTAL", "read_inhabitants"]

TOTAL = "total"  # the area of rows that state the municipality's sums
OLDEST = 150
# the cell-key method moves each count by a few people, totals too; so far may a total lie from the sum of so many parts
NOISE = 4.0
_AGE = re.compile(r"(\d{1,3})(?:\s*(?:-|–|till|to)\s*(\d{1,3})?|(\+))?(?:\s*(?:år|years?))?\s*(\+|-|–)?")


def _ages(table: RawTable) -> tuple[list[int], list[int]]:
    """The first and last age of each row: 7, 0-17, 18+, "80-år"."""
    low, high, bad = [], [], []
    for value in table.column("age", settings=table.name, purpose="the age"):
        text = (
            plain(value)
            if isinstance(value, float)
            else normal(value).removesuffix(" år").removesuffix(" years")
        )
        match = _AGE.fullmatch(text)
        bad.append(match is None)
        if match is not None:
            open_ = match[3] or match[4] or re.search(r"[-–]\s*(?:år)?$", text)
            low.append(int(match[1]))
            high.append(int(match[2]) if match[2] else OLDEST if open_ else int(match[1]))
    if any(bad):
        raise InputError(
            f"{table.name}: column 'age' holds no age in data {rows_in_words(pd.Series(bad).to_numpy())}. "
            "Write 7, 0-17 or 18+."
        )
    return low, high


def _areas(table: RawTable, districts: Collection[str] | None) -> list[str]:
    if "area" not in table.columns:
        return [TOTAL] * len(table.frame)
    known = None if districts is None else {normal(code): code for code in districts}
    codes = [plain(v) if isinstance(v, float) else str(v).strip() for v in table.frame["area"]]
    named = [
        TOTAL if normal(code) in {TOTAL, "totalt", "kommunen", "hela kommunen"} else code for code in codes
    ]
    if known is None:
        return named
    return [code if code == TOTAL else known.get(normal(code), ELSEWHERE) for code in named]


def read_inhabitants(path: Path, districts: Collection[str] | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Inhabitants by ``area``, ``age_from``, ``age_to`` and ``n``, and notes.

    Parameters
    ----------
    path : Path
        A table with the columns ``age`` and ``n``, and ``area`` where areas are told apart. Rows of the area "total"
        state the municipality's sums.
    districts : collection of str, optional
        The codes of the geography.

    Raises
    ------
    InputError
        If a cell is no age or no number, or totals lie further from the sum of their parts than SCB's noise brings.
    """
    table = read_table(path, ("area", "age", "n"))
    n = numbers(table.column("n", settings=path.name, purpose="the number of inhabitants"))
    if (bad := ~(n >= 0)).any():
        raise InputError(f"{path.name}: column 'n' holds no number in data {rows_in_words(bad)}. Fill it in.")
    low, high = _ages(table)
    frame = pd.DataFrame({"area": _areas(table, districts), "age_from": low, "age_to": high, "n": n})
    return frame, _held_against_totals(path.name, frame)


def _held_against_totals(name: str, frame: pd.DataFrame) -> list[str]:
    is_total = frame["area"] == TOTAL
    if not is_total.any() or is_total.all():
        return []
    parts, total = frame[~is_total], frame[is_total]["n"].sum()
    apart, cells = abs(parts["n"].sum() - total), len(parts)
    if not apart:
        return []
    if apart > NOISE * math.sqrt(cells + is_total.sum()) + 1:
        raise InputError(
            f"{name}: the areas add up to {parts['n'].sum():.0f} inhabitants, but the rows 'total' say {total:.0f}; "
            "SCB's noise does not explain that. Take both from one table of one year."
        )
    return [
        f"{name}: areas and total differ by {apart:.0f} inhabitants, as SCB's noise in counts from 2025 on explains; "
        "each is used as it stands."
    ]
