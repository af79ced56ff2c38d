"""The auditor for tables in the exchange format: what anybody can work out from what was published, truth unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from mapping.disclosure.exchange import Table, read_table
from mapping.disclosure.printed_pairs import pairs
from mapping.disclosure.programme import Programme
from mapping.disclosure.system import zones
from mapping.errors import InputError

__all__ = ["TableVerdict", "audit"]

Floats = NDArray[np.float64]
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
    if real is not None and not _Attack(table, known_min).agrees(real):
        raise InputError("truth: it does not agree with what was published. Compare both files.")
    if insider is None:
        return _judge(table, _Attack(table, known_min), demands, real, set())
    if real is None:
        raise InputError("an insider knows a true count: give the truth as well.")
    verdict = TableVerdict()
    for cell in _insiders(table, real, insider):
        found = _judge(table, _Attack(table, known_min, {cell: real[cell]}), demands, real, {cell})
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
    table: Table, attack: _Attack, demands: _Demands, real: Mapping[str, float] | None, known: set[str]
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


def _group_leaks(table: Table, attack: _Attack) -> Iterator[tuple[str, str]]:
    for group in table.relations.get("groups", ()):
        num, den, which = group["num"], group["den"], group.get("which", "both")
        if attack.interval(den)[0] < group.get("min_den", 1):
            continue
        if which in ("all", "both") and attack.largest({den: 1.0, num: -1.0}) < 1:
            yield num, f"everybody in {den} has the trait"
        if which in ("none", "both") and attack.largest({num: 1.0}) < 1:
            yield num, f"nobody in {den} has the trait"


class _Attack:
    """All tables of whole numbers that agree with a publication."""

    def __init__(self, table: Table, known_min: int, extra: Mapping[str, float] | None = None) -> None:
        self._at = {name: number for number, name in enumerate(table.names)}
        self._rows: list[tuple[dict[int, float], float, float]] = []
        low, high = [], []
        for name, value, least, most in zip(table.names, table.values, table.low, table.high, strict=True):
            value = (extra or {}).get(name, value)
            low.append(max(least, known_min) if value is None else value)
            high.append(most if value is None else value)
        self._low, self._high = low, high
        self._read(table.relations, table)
        self._finish(bool(table.relations.get("integer", True)))

    def _read(self, relations: Mapping[str, Any], table: Table) -> None:
        for relation in relations.get("relations", ()):
            sense, rhs = relation.get("sense", "="), float(relation.get("rhs", 0))
            terms: dict[int, float] = {}
            for cell, coefficient in relation["terms"]:
                terms[self._at[str(cell)]] = terms.get(self._at[str(cell)], 0.0) + float(coefficient)
            self._rows.append(
                (terms, rhs if sense in ("=", ">=") else -np.inf, rhs if sense in ("=", "<=") else np.inf)
            )
        for rounded in relations.get("rounded", ()):
            self._narrow(self._at[rounded["cell"]], *_rounded(rounded))
        nmax = float(relations.get("nmax", 2000))
        for percent in relations.get("percent", ()):
            num, den, half = (
                self._at[percent["num"]],
                self._at[percent["den"]],
                0.5 * 10.0 ** -percent.get("decimals", 0),
            )
            self._narrow(den, 1, nmax if self._low[den] < self._high[den] else np.inf)
            self._rows.append(({num: 100.0, den: -(percent["value"] - half)}, -_NEAR, np.inf))
            self._rows.append(({num: 100.0, den: -(percent["value"] + half)}, -np.inf, _NEAR))
            self._rows.append(({num: 1.0, den: -1.0}, -np.inf, 0.0))
        for kind in ("wilson", "wald"):
            for limits in relations.get(kind, ()):
                self._choose(self._at[limits["num"]], self._at[limits["den"]], limits, kind, nmax)

    def _narrow(self, variable: int, low: float, high: float) -> None:
        self._low[variable], self._high[variable] = (
            max(self._low[variable], low),
            min(self._high[variable], high),
        )

    def _choose(self, num: int, den: int, limits: Mapping[str, Any], kind: str, nmax: float) -> None:
        """One of the pairs (count, base) that print these limits: a switch for each pair, exactly one is on."""
        least, most = self._low[den], min(self._high[den], max(nmax, self._low[den]))
        found = pairs(limits, kind, int(max(1, least)), int(most))
        inside = found[(found[:, 0] >= self._low[num]) & (found[:, 0] <= self._high[num])]
        first = len(self._low)
        self._low += [0.0] * len(inside)
        self._high += [1.0] * len(inside)
        switches = range(first, first + len(inside))
        self._rows.append((dict.fromkeys(switches, 1.0), 1.0, 1.0))
        for variable, column in ((num, 0), (den, 1)):
            terms = {s: float(v) for s, v in zip(switches, inside[:, column], strict=True)}
            self._rows.append((terms | {variable: -1.0}, 0.0, 0.0))

    def _finish(self, integer: bool) -> None:
        entries = [(r, c, v) for r, (terms, _, _) in enumerate(self._rows) for c, v in terms.items()]
        where = np.array([(r, c) for r, c, _ in entries], dtype=np.int64).reshape(-1, 2)
        values = np.array([v for _, _, v in entries], dtype=float)
        shape = (len(self._rows), len(self._low))
        self._matrix = csr_array(coo_array((values, (where[:, 0], where[:, 1])), shape=shape))
        self._columns = self._matrix.tocsc()
        low, high = np.array(self._low, dtype=float), np.array(self._high, dtype=float)
        self._lows = np.ceil(low - _NEAR) if integer else low
        self._highs = np.floor(high + _NEAR) if integer else high
        self._integer = integer
        self._row_low = np.array([row[1] for row in self._rows], dtype=float)
        self._row_high = np.array([row[2] for row in self._rows], dtype=float)
        self._zone = zones(self._matrix, self._highs > self._lows)
        self._parts: dict[int, tuple[NDArray[np.int64], Programme]] = {}

    def agrees(self, real: Mapping[str, float]) -> bool:
        """Whether the truth is one of the tables (switches left aside)."""
        count = len(self._at)
        x = np.array([real[name] for name in self._at], dtype=float)
        rows = [r for r, (terms, _, _) in enumerate(self._rows) if max(terms) < count]
        sums = self._matrix[rows][:, :count] @ x if rows else np.zeros(0)
        return bool(
            np.all(x >= self._lows[:count] - _NEAR)
            and np.all(x <= self._highs[:count] + _NEAR)
            and np.all(sums >= self._row_low[rows] - _NEAR)
            and np.all(sums <= self._row_high[rows] + _NEAR)
        )

    def possible(self) -> bool:
        """Whether there is such a table at all."""
        if np.any(self._lows > self._highs):
            return False
        fixed = np.where(self._zone < 0, self._lows, 0.0)
        loose = np.asarray((abs(self._matrix) @ (self._zone >= 0).astype(float)) > 0)
        sums = self._matrix @ fixed
        bad = ~loose & ((sums < self._row_low - _NEAR) | (sums > self._row_high + _NEAR))
        if bad.any():
            return False
        return all(
            self._solve(part, np.zeros(len(columns))) is not None
            for columns, part in map(self._part, np.unique(self._zone[self._zone >= 0]).tolist())
        )

    def interval(self, name: str) -> tuple[float, float]:
        """The smallest and largest count."""
        low, high = -self.largest({name: -1.0}), self.largest({name: 1.0})
        return (low, high)

    def largest(self, terms: Mapping[str, float]) -> float:
        """The largest value of a combination of cells."""
        total = 0.0
        for zone in {int(self._zone[self._at[name]]) for name in terms}:
            inside = {self._at[n]: c for n, c in terms.items() if int(self._zone[self._at[n]]) == zone}
            if zone < 0:
                total += sum(c * self._lows[v] for v, c in inside.items())
                continue
            columns, part = self._part(zone)
            cost = np.zeros(len(columns))
            for variable, coefficient in inside.items():
                cost[int(np.searchsorted(columns, variable))] = -coefficient
            x = self._solve(part, cost)
            total += np.inf if x is None else float(-cost @ x)
        return total

    def _solve(self, part: Programme, cost: Floats) -> Floats | None:
        return part.whole(cost) if self._integer else part.relaxed(cost)

    def _part(self, zone: int) -> tuple[NDArray[np.int64], Programme]:
        if zone not in self._parts:
            columns = np.flatnonzero(self._zone == zone)
            inside = csr_array(self._columns[:, columns])
            rows = np.flatnonzero(np.diff(inside.indptr))
            rest = self._matrix[rows] @ np.where(self._zone == zone, 0.0, self._lows)
            self._parts[zone] = (
                columns,
                Programme(
                    csr_array(inside[rows]),
                    self._row_low[rows] - rest,
                    self._row_high[rows] - rest,
                    self._lows[columns],
                    self._highs[columns],
                ),
            )
        return self._parts[zone]


def _rounded(rounded: Mapping[str, Any]) -> tuple[float, float]:
    """The counts that print as this rounded value; half a step may have gone either way."""
    value, base, mode = float(rounded["value"]), float(rounded["base"]), rounded.get("mode", "nearest")
    if mode == "down":
        return value, value + base - 1
    if mode == "up":
        return value - base + 1, value
    return max(0.0, value - base / 2), value + base / 2
