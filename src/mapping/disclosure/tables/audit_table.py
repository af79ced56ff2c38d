"""The auditor for tables in the exchange format: what anybody can work out from what was published, truth unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mapping.disclosure.tables.exchange import Table, read_cells, read_table
from mapping.disclosure.tables.table_attack import TableAttack
from mapping.errors import InputError

__all__ = ["TableVerdict", "audit"]

_NEAR = 1e-6


@dataclass(slots=True)
class TableVerdict:
    """The attacker's interval for every sensitive cell, and what leaks, with the reason.

    `contradiction`: no table of whole numbers agrees with the publication. `exit_code`: 0 safe, 1 leak,
    2 contradiction.
    """

    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    leaks: dict[str, str] = field(default_factory=dict)
    contradiction: bool = False

    @property
    def safe(self) -> bool:
        """Whether nothing leaks and the publication does not contradict itself."""
        return not self.leaks and not self.contradiction

    @property
    def exit_code(self) -> int:
        """The exit code of `mapping audit-table`."""
        return 2 if self.contradiction else int(bool(self.leaks))


def audit(
    published: pd.DataFrame | str | Path,
    relations: Mapping[str, Any] | str | Path,
    *,
    known_min: int = 0,
    truth: pd.DataFrame | str | Path | None = None,
    insider: str | None = None,
    min_width: float | None = None,
    reach_at_least: float | None = None,
) -> TableVerdict:
    """What follows from a publication about its blank cells.

    Parameters
    ----------
    published : DataFrame or path
        ``cell, value[, lo, hi]``; an empty value is withheld.
    relations : mapping or path
        The exchange format: relations, rounded, percent, wilson, wald, groups, sensitive and the demands.
    known_min : int
        Every blank is known to be at least this: 1 where zeros are printed.
    truth : DataFrame or path, optional
        ``cell, value[, lpl, upl]``: intervals must also reach value - lpl and value + upl.
    insider : str, optional
        A cell whose only person attacks, or "ALLONES": each cell of one person in turn. Needs `truth`.
    min_width, reach_at_least : float, optional
        Demands on every sensitive cell; default: those of `relations`, else a width of 1.

    Raises
    ------
    InputError
        If the input cannot be read, or the truth does not agree with the publication.
    """
    table = read_table(published, relations)
    demands = _Demands(
        float(table.relations.get("min_width", 1) if min_width is None else min_width),
        table.relations.get("reach_at_least") if reach_at_least is None else reach_at_least,
    )
    outsider = TableAttack(table, known_min)
    real = None if truth is None else _truth(table, truth)
    if real is not None and not outsider.agrees(real.values):
        raise InputError("truth: it does not agree with what was published. Compare both files.")
    if insider is None:
        return _judge(table, outsider, demands, real, set())
    if real is None:
        raise InputError("an insider knows a true count: give the truth as well.")
    verdict = _judge(table, outsider, demands, real, set()) if insider == "ALLONES" else TableVerdict()
    for cell in _insiders(table, real.values, insider):
        known = {cell: real.values[cell]}
        found = _judge(table, TableAttack(table, known_min, known), demands, real, {cell})
        verdict.contradiction |= found.contradiction
        told = {name: f"{why} (to the person in {cell})" for name, why in found.leaks.items()}
        verdict.leaks = told | verdict.leaks
        for name, (low, high) in found.intervals.items():
            before = verdict.intervals.get(name, (low, high))
            verdict.intervals[name] = max(low, before[0]), min(high, before[1])
    return verdict


@dataclass(frozen=True, slots=True)
class _Demands:
    width: float
    reach: float | None


@dataclass(frozen=True, slots=True, repr=False)
class _Truth:
    """True counts, and how far below and above them each interval must go (where anything is asked)."""

    values: Mapping[str, float]
    below: Mapping[str, float]
    above: Mapping[str, float]


def _truth(table: Table, source: pd.DataFrame | str | Path) -> _Truth:
    frame = read_cells(source)
    given = read_table(frame, {})
    missing = set(table.names) - {n for n, v in zip(given.names, given.values, strict=True) if v is not None}
    if missing:
        raise InputError(f"truth: the cell {sorted(missing)[0]!r} has no value.")
    values = {name: float(v) for name, v in zip(given.names, given.values, strict=True) if v is not None}
    return _Truth(values, _protection(frame, "lpl"), _protection(frame, "upl"))


def _protection(frame: pd.DataFrame, column: str) -> dict[str, float]:
    if column not in frame:
        return {}
    try:
        numbers = pd.to_numeric(frame[column])
    except (TypeError, ValueError) as error:
        raise InputError(f"truth: the column '{column}' holds something that is no number.") from error
    return {str(n): float(v) for n, v in zip(frame["cell"], numbers, strict=True) if not pd.isna(v)}


def _insiders(table: Table, real: Mapping[str, float], insider: str) -> list[str]:
    blank = [name for name, value in zip(table.names, table.values, strict=True) if value is None]
    if insider == "ALLONES":
        return [name for name in blank if real[name] == 1]
    if insider not in table.names:
        raise InputError(f"insider: there is no cell {insider!r}.")
    if real[insider] != 1:
        raise InputError(f"insider: more or fewer than one person is in the cell {insider!r}. Name another.")
    return [insider]


def _judge(
    table: Table, attack: TableAttack, demands: _Demands, real: _Truth | None, known: set[str]
) -> TableVerdict:
    verdict = TableVerdict(contradiction=not attack.possible())
    if verdict.contradiction:
        return verdict
    blank = [name for name, value in zip(table.names, table.values, strict=True) if value is None]
    for name in map(str, table.relations.get("sensitive", blank)):
        if name in known:
            continue
        low, high = attack.interval(name)
        verdict.intervals[name] = low, high
        why = _why(low, high, demands)
        if not why and real is not None:
            why = _short(low, high, attack.beforehand(name), name, real)
        if why:
            verdict.leaks[name] = why
    verdict.leaks |= dict(_group_leaks(table, attack))
    return verdict


def _why(low: float, high: float, demands: _Demands) -> str:
    if high - low < demands.width - _NEAR:
        return f"it is {low:g}" if high - low < _NEAR else f"it lies within {low:g} to {high:g}"
    if demands.reach is not None and high < demands.reach - _NEAR:
        return f"it is at most {high:g}, below {demands.reach:g}"
    return ""


def _short(low: float, high: float, beforehand: tuple[float, float], name: str, real: _Truth) -> str:
    """Whether the interval ends before the protection asked for, as far as what anybody knows beforehand allows."""
    value = real.values[name]
    least = max(value - real.below.get(name, 0.0), min(beforehand[0], value))
    most = min(value + real.above.get(name, 0.0), max(beforehand[1], value))
    if low > least + _NEAR:
        return f"it is at least {low:g}: less than the protection asked for below its value"
    if high < most - _NEAR:
        return f"it is at most {high:g}: less than the protection asked for above its value"
    return ""


def _group_leaks(table: Table, attack: TableAttack) -> Iterator[tuple[str, str]]:
    """Groups of which it follows that all, or none, have the trait if they are as large as asked."""
    for group in table.relations.get("groups", ()):
        num, den, which = str(group["num"]), str(group["den"]), group.get("which", "both")
        large = {den: float(group.get("min_den", 1))}
        others = attack.largest({den: 1.0, num: -1.0}, large)
        if which in ("all", "both") and others is not None and others < 1:
            yield num, f"everybody in {den} has the trait"
        having = attack.largest({num: 1.0}, large)
        if which in ("none", "both") and having is not None and having < 1:
            yield num, f"nobody in {den} has the trait"
