"""The auditor for tables in the exchange format: what anybody can work out from what was published, truth unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mapping.disclosure.exchange import Table, read_table
from mapping.disclosure.table_attack import TableAttack
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
    real = None if truth is None else _truth(table, truth)
    if real is not None and not TableAttack(table, known_min).agrees(real):
        raise InputError("truth: it does not agree with what was published. Compare both files.")
    if insider is None:
        return _judge(table, TableAttack(table, known_min), demands, real, set())
    if real is None:
        raise InputError("an insider knows a true count: give the truth as well.")
    verdict = TableVerdict()
    for cell in _insiders(table, real, insider):
        found = _judge(table, TableAttack(table, known_min, {cell: real[cell]}), demands, real, {cell})
        verdict.contradiction |= found.contradiction
        verdict.leaks |= {name: f"{why} (to the person in {cell})" for name, why in found.leaks.items()}
        verdict.intervals |= found.intervals
    return verdict


@dataclass(frozen=True, slots=True)
class _Demands:
    width: float
    reach: float | None


def _truth(table: Table, source: pd.DataFrame | str | Path) -> dict[str, float]:
    given = read_table(source, {})
    missing = set(table.names) - {n for n, v in zip(given.names, given.values, strict=True) if v is not None}
    if missing:
        raise InputError(f"truth: the cell {sorted(missing)[0]!r} has no value.")
    return {name: float(v) for name, v in zip(given.names, given.values, strict=True) if v is not None}


def _insiders(table: Table, real: Mapping[str, float], insider: str) -> list[str]:
    if insider != "ALLONES":
        if insider not in table.names:
            raise InputError(f"insider: there is no cell {insider!r}.")
        return [insider]
    blank = [name for name, value in zip(table.names, table.values, strict=True) if value is None]
    return [name for name in blank if real[name] == 1]


def _judge(
    table: Table, attack: TableAttack, demands: _Demands, real: Mapping[str, float] | None, known: set[str]
) -> TableVerdict:
    verdict = TableVerdict(contradiction=not attack.possible())
    if verdict.contradiction:
        return verdict
    blank = [name for name, value in zip(table.names, table.values, strict=True) if value is None]
    for name in table.relations.get("sensitive", blank):
        if name in known:
            continue
        low, high = attack.interval(name)
        verdict.intervals[name] = low, high
        if why := _why(low, high, demands, None if real is None else real[name]):
            verdict.leaks[name] = why
    verdict.leaks |= dict(_group_leaks(table, attack))
    return verdict


def _why(low: float, high: float, demands: _Demands, real: float | None) -> str:
    if high - low < demands.width - _NEAR:
        return f"it is {low:g}" if high - low < _NEAR else f"it lies within {low:g} to {high:g}"
    if demands.reach is not None and high < demands.reach - _NEAR:
        return f"it is at most {high:g}, below {demands.reach:g}"
    if real is not None and not low - _NEAR <= real <= high + _NEAR:
        return "the truth lies outside what follows: the publication contradicts itself"
    return ""


def _group_leaks(table: Table, attack: TableAttack) -> Iterator[tuple[str, str]]:
    for group in table.relations.get("groups", ()):
        num, den, which = group["num"], group["den"], group.get("which", "both")
        if attack.interval(den)[0] < group.get("min_den", 1):
            continue
        if which in ("all", "both") and attack.largest({den: 1.0, num: -1.0}) < 1:
            yield num, f"everybody in {den} has the trait"
        if which in ("none", "both") and attack.largest({num: 1.0}) < 1:
            yield num, f"nobody in {den} has the trait"
