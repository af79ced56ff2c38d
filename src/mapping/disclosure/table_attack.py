"""All tables of whole numbers that agree with a publication in the exchange format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from mapping.disclosure.exchange import Table
from mapping.disclosure.printed_pairs import pairs
from mapping.disclosure.programme import Programme
from mapping.disclosure.system import zones

__all__ = ["TableAttack"]

Floats = NDArray[np.float64]
_NEAR = 1e-6


class TableAttack:
    """What is known of each cell, and how far each can go."""

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
        return 0.0 - self.largest({name: -1.0}), self.largest({name: 1.0})

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
