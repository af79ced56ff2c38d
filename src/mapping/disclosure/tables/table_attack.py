"""All tables of whole numbers that agree with a publication in the exchange format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from mapping.disclosure.engine.kept import Kept
from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.system import zones
from mapping.disclosure.tables.exchange import Table
from mapping.disclosure.tables.printed_pairs import pairs

__all__ = ["TableAttack"]

Floats = NDArray[np.float64]
_NEAR = 1e-6


class TableAttack:
    """What is known of each cell, and how far each can go."""

    def __init__(self, table: Table, known_min: int, extra: Mapping[str, float] | None = None) -> None:
        self._at = {name: number for number, name in enumerate(table.names)}
        self._integer = bool(table.relations.get("integer", True))
        self._rows: list[tuple[dict[int, float], float, float]] = []
        self._pairs: list[tuple[int, int, set[tuple[int, int]]]] = []
        unknown = float(table.relations.get("ub") or np.inf)
        self._low: list[float] = []
        self._high: list[float] = []
        for name, value, least, most in zip(table.names, table.values, table.low, table.high, strict=True):
            value = (extra or {}).get(name, value)
            # a figure outside what anybody knows of its own cell contradicts that; `ub` is of unknown cells only
            self._low.append(max(least, known_min) if value is None else max(least, value))
            self._high.append(most if value is None else value if most == unknown else min(most, value))
        self._beforehand = tuple(self._low), tuple(self._high)
        self._read(table.relations)
        self._finish()

    def _read(self, relations: Mapping[str, Any]) -> None:
        for relation in relations.get("relations", ()):
            sense, rhs = relation.get("sense", "="), float(relation.get("rhs", 0))
            terms: dict[int, float] = {}
            for cell, coefficient in relation["terms"]:
                terms[self._at[str(cell)]] = terms.get(self._at[str(cell)], 0.0) + float(coefficient)
            self._rows.append(
                (terms, rhs if sense in ("=", ">=") else -np.inf, rhs if sense in ("=", "<=") else np.inf)
            )
        for rounded in relations.get("rounded", ()):
            self._narrow(self._at[str(rounded["cell"])], *_rounded(rounded, 1.0 if self._integer else 0.0))
        nmax = float(relations.get("nmax", 2000))
        for percent in relations.get("percent", ()):
            self._share(self._at[str(percent["num"])], self._at[str(percent["den"])], percent, nmax)
        for kind in ("wilson", "wald"):
            for limits in relations.get(kind, ()):
                self._choose(self._at[str(limits["num"])], self._at[str(limits["den"])], limits, kind, nmax)

    def _share(self, num: int, den: int, percent: Mapping[str, Any], nmax: float) -> None:
        """100 num / den rounds to what is printed; no more than all, unless more is printed."""
        printed, half = float(percent["value"]), 0.5 * 10.0 ** -percent.get("decimals", 0)
        self._narrow(den, 1, max(nmax, self._low[den]) if self._low[den] < self._high[den] else np.inf)
        self._rows.append(({num: 100.0, den: -(printed - half)}, -_NEAR, np.inf))
        self._rows.append(({num: 100.0, den: -(printed + half)}, -np.inf, _NEAR))
        if printed - half <= 100:
            self._rows.append(({num: 1.0, den: -1.0}, -np.inf, 0.0))

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
        self._pairs.append((num, den, {(int(k), int(n)) for k, n in inside}))
        first = len(self._low)
        self._low += [0.0] * len(inside)
        self._high += [1.0] * len(inside)
        switches = range(first, first + len(inside))
        self._rows.append((dict.fromkeys(switches, 1.0), 1.0, 1.0))
        for variable, column in ((num, 0), (den, 1)):
            terms = {s: float(v) for s, v in zip(switches, inside[:, column], strict=True)}
            self._rows.append((terms | {variable: -1.0}, 0.0, 0.0))

    def _finish(self) -> None:
        entries = [(r, c, v) for r, (terms, _, _) in enumerate(self._rows) for c, v in terms.items()]
        where = np.array([(r, c) for r, c, _ in entries], dtype=np.int64).reshape(-1, 2)
        values = np.array([v for _, _, v in entries], dtype=float)
        shape = (len(self._rows), len(self._low))
        self._matrix = csr_array(coo_array((values, (where[:, 0], where[:, 1])), shape=shape))
        self._columns = self._matrix.tocsc()
        low, high = np.array(self._low, dtype=float), np.array(self._high, dtype=float)
        self._lows = np.ceil(low - _NEAR) if self._integer else low
        self._highs = np.floor(high + _NEAR) if self._integer else high
        self._row_low = np.array([row[1] for row in self._rows], dtype=float)
        self._row_high = np.array([row[2] for row in self._rows], dtype=float)
        self._zone = zones(self._matrix, self._highs > self._lows)
        self._parts: dict[int, tuple[NDArray[np.int64], Programme, Kept]] = {}

    def agrees(self, real: Mapping[str, float]) -> bool:
        """Whether the truth is one of the tables."""
        count = len(self._at)
        x = np.array([real[name] for name in self._at], dtype=float)
        rows = [r for r, (terms, _, _) in enumerate(self._rows) if max(terms) < count]
        sums = self._matrix[rows][:, :count] @ x if rows else np.zeros(0)
        return bool(
            np.all(x >= self._lows[:count] - _NEAR)
            and np.all(x <= self._highs[:count] + _NEAR)
            and np.all(sums >= self._row_low[rows] - _NEAR)
            and np.all(sums <= self._row_high[rows] + _NEAR)
            and all((round(x[num]), round(x[den])) in printed for num, den, printed in self._pairs)
        )

    def beforehand(self, name: str) -> tuple[float, float]:
        """What anybody knows of a cell before the relations are looked at."""
        return self._beforehand[0][self._at[name]], self._beforehand[1][self._at[name]]

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
            for columns, part, _ in map(self._part, np.unique(self._zone[self._zone >= 0]).tolist())
        )

    def interval(self, name: str) -> tuple[float, float]:
        """The smallest and largest count."""
        return self._farthest(self._at[name], -1), self._farthest(self._at[name], 1)

    def _farthest(self, variable: int, sense: int) -> float:
        zone = int(self._zone[variable])
        if zone < 0:
            return float(self._lows[variable])
        columns, part, kept = self._part(zone)
        at = int(np.searchsorted(columns, variable))
        found = kept.farthest(at, sense, sense * np.inf)
        if found is not None:
            near = np.round(found[0]) if self._whole else found[0]
            if np.abs(near - found[0]).max() < _NEAR and part.holds(near):
                return float(near[at])
        cost = np.zeros(len(columns))
        cost[at] = -sense
        x = self._solve(part, cost)
        return sense * np.inf if x is None else float(x[at])

    def largest(self, terms: Mapping[str, float], given: Mapping[str, float] | None = None) -> float | None:
        """The largest value of a combination of cells where some others are at least what is `given`.

        None where no table has them so.
        """
        named = {self._at[name] for name in (*terms, *(given or {}))}
        columns = np.flatnonzero(np.isin(self._zone, [self._zone[v] for v in named if self._zone[v] >= 0]))
        low, cost = self._lows.copy(), np.zeros(len(self._lows))
        for name, least in (given or {}).items():
            low[self._at[name]] = max(low[self._at[name]], least)
        if np.any(low > self._highs):
            return None
        for name, coefficient in terms.items():
            cost[self._at[name]] = -coefficient
        part = self._programme(columns, low)
        x = self._solve(part, cost[columns]) if len(columns) else np.zeros(0)
        if x is None:
            return None
        still = np.setdiff1d(np.arange(len(cost)), columns)
        return 0.0 - float(cost[columns] @ x) - float(cost[still] @ self._lows[still])

    @property
    def _whole(self) -> bool:
        """Whether only whole numbers count; a choice among printed pairs is one of whole numbers."""
        return self._integer or bool(self._pairs)

    def _solve(self, part: Programme, cost: Floats) -> Floats | None:
        return part.whole(cost) if self._whole else part.relaxed(cost)

    def _part(self, zone: int) -> tuple[NDArray[np.int64], Programme, Kept]:
        if zone not in self._parts:
            columns = np.flatnonzero(self._zone == zone)
            part = self._programme(columns, self._lows)
            kept = Kept(part.matrix, part.row_low, part.row_high, part.low, part.high)
            self._parts[zone] = columns, part, kept
        return self._parts[zone]

    def _programme(self, columns: NDArray[np.int64], low: Floats) -> Programme:
        """What fits in some columns; all others that their rows touch are known."""
        inside = csr_array(self._columns[:, columns])
        rows = np.flatnonzero(np.diff(inside.indptr))
        fixed = self._lows.copy()
        fixed[columns] = 0.0
        rest = self._matrix[rows] @ fixed
        return Programme(
            csr_array(inside[rows]),
            self._row_low[rows] - rest,
            self._row_high[rows] - rest,
            low[columns],
            self._highs[columns],
        )


def _rounded(rounded: Mapping[str, Any], unit: float) -> tuple[float, float]:
    """The counts that print as this rounded value, in steps of `unit`; half a step may have gone either way."""
    value, base, mode = float(rounded["value"]), float(rounded["base"]), rounded.get("mode", "nearest")
    if mode == "down":
        return value, value + base - unit
    if mode == "up":
        return value - base + unit, value
    return max(0.0, value - base / 2), value + base / 2
