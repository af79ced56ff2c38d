"""Tables in files: what `mapping suppress` writes, and what `mapping audit-table` says."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from mapping.disclosure.tables.audit_table import TableVerdict
from mapping.disclosure.tables.exchange import Table, read_cells, read_relations, read_table
from mapping.disclosure.tables.suppress import SuppressionPattern, suppress
from mapping.errors import InputError, SettingsError
from mapping.manifest import write_whole

__all__ = ["audit_lines", "suppress_file"]

_OWN = ("primary", "status")  # columns that say why: they stay in the house


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_FITS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "threshold": lambda value: _whole(value) and value >= 1,
        "known_min": _whole,
        "blank_zeros": lambda value: isinstance(value, bool),
        "key": lambda value: isinstance(value, str),
    }
)


def suppress_file(cells: Path, relations: Path, out: Path, policy: Path | None = None) -> SuppressionPattern:
    """Protect the table in `cells` and write what may be published of it to `out`, whole or not at all.

    Every column is kept except `primary` and `status`; withheld and latent cells have an empty value. Rows come in the
    order of their names, because the order of a file can tell what its numbers do not. Cells that no pattern can
    protect as required, because of what is public already, are withheld like the others and named in `unreachable`.

    Raises
    ------
    InputError
        If a file cannot be read or used, or a further column repeats the counts.
    SettingsError
        If the policy is not one.
    """
    frame, given = read_cells(cells), read_relations(relations)
    if out.resolve() in {path.resolve() for path in (cells, relations, policy) if path is not None}:
        raise InputError(f"{out}: it would be written over a file it is made from. Choose another name.")
    table = read_table(frame, given)
    _check_use(frame, table)
    pattern = suppress(frame, given, None if policy is None else _policy(policy))
    try:
        write_whole(out, _published(frame, table, frozenset(pattern.withheld)), mode=0o644)
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror or type(error).__name__}).") from error
    return pattern


def audit_lines(verdict: TableVerdict) -> Iterator[str]:
    """One line for each withheld cell: name, low, high, and why if it leaks."""
    names = list(dict.fromkeys([*verdict.intervals, *verdict.leaks]))
    for name in names:
        interval = verdict.intervals.get(name)
        limits = ["", ""] if interval is None else [f"{limit:.15g}" for limit in interval]
        why = [verdict.leaks[name]] if name in verdict.leaks else []
        yield _csv_line([name, *limits, *why])


def _check_use(frame: pd.DataFrame, table: Table) -> None:
    """What a file to protect must have besides being a table."""
    if "primary" not in frame:
        raise InputError(
            "cells: the column 'primary' is missing. It holds 1 for each cell that must be withheld."
        )
    for number, (value, low, high) in enumerate(zip(table.values, table.low, table.high, strict=True), 1):
        if value is None:
            raise InputError(
                f"cells, row {number}: the value is missing. The counts to protect must all be there."
            )
        if value < low or ("hi" in frame and value > high):
            raise InputError(
                f"cells, row {number}: the value lies outside 'lo' to 'hi'. Correct one of them."
            )
    for column in frame.columns.difference(["cell", "value", "lo", "hi", *_OWN]):
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if len(frame) > 1 and numbers.eq(pd.Series(table.values, dtype=float)).all():
            raise InputError(
                f"cells: the column '{column}' repeats the counts, and would be published. Take it out."
            )


def _policy(path: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path.name}: cannot be read as a policy ({type(error).__name__}).") from error
    for key, fits in _FITS.items():
        if key in given and not fits(given[key]):
            raise SettingsError(f"{path.name}: '{key}' cannot be {given[key]!r}.")
    return given


def _published(frame: pd.DataFrame, table: Table, withheld: frozenset[str]) -> bytes:
    kept = [name for name in frame.columns if name not in _OWN]
    values = [
        "" if name in withheld or table.status[name] == "latent" else _text(value)
        for name, value in zip(table.names, table.values, strict=True)
    ]
    rows = frame[kept].assign(value=values, cell=list(table.names)).fillna("").astype(str)
    rows = rows.iloc[sorted(range(len(rows)), key=lambda row: table.names[row])]
    return "".join(f"{_csv_line(row)}\n" for row in [kept, *rows.to_numpy().tolist()]).encode()


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def _csv_line(fields: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue()
