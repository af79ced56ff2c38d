"""Domains: every crossing of the `by` columns, and with margins every crossing of each subset of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import Ints, column, column_codes, compact, crossed

__all__ = ["Crossing", "Domains", "read_domains"]


_TAKEN = frozenset(
    {"indicator", "n", "n_pos", "n_psu", "df", "estimate", "se", "ci_low", "ci_high", "interval"}
)


@dataclass(frozen=True, slots=True)
class Crossing:
    """The domains of one crossing."""

    of_cell: Ints  # (cells,) domain of each cell, −1 where one of the columns is missing
    levels: Ints  # (by columns, domains) level of each column, −1 for a column summed over

    @property
    def size(self) -> int:
        """Number of domains."""
        return int(self.levels.shape[1])


@dataclass(frozen=True, slots=True, repr=False)
class Domains:
    """Cells (the finest crossing that occurs, missing values included) and the crossings made of them."""

    cell: Ints  # (rows,)
    n_cells: int
    crossings: tuple[Crossing, ...]
    columns: tuple[str, ...]
    names: tuple[pd.Index, ...]  # of the levels of each column
    categorical: tuple[bool, ...]

    @property
    def size(self) -> int:
        """Number of domains of all crossings."""
        return sum(crossing.size for crossing in self.crossings)

    def labels(self, times: int = 1) -> pd.DataFrame:
        """One row per domain, all of them `times` times, and one column per `by` column.

        Missing where the domain is summed over the column.
        """
        codes = np.tile(np.concatenate([crossing.levels for crossing in self.crossings], axis=1), times)
        parts = zip(self.columns, self.names, self.categorical, codes, strict=True)
        return pd.DataFrame({name: _named(*rest) for name, *rest in parts}, index=range(codes.shape[1]))


def read_domains(frame: pd.DataFrame, by: str | Sequence[str], *, margins: bool) -> Domains:
    """The domains of a frame.

    A crossing holds every combination that occurs; where a column is categorical, every category, empty ones
    included. A row with a missing value in a column belongs to no domain of a crossing with that column.

    Raises
    ------
    EstimationError
        If a column is absent, or called like a column of the tables.
    """
    columns = [by] if isinstance(by, str) else list(by)
    if taken := sorted(_TAKEN.intersection(columns)):
        raise EstimationError(
            f"A domain column cannot be called {taken[0]!r}: the table has a column of that name."
        )
    coded = [column_codes(column(frame, name)) for name in columns]
    levels = tuple(levels for _, levels in coded)
    sizes = [len(index) + 1 for index in levels]  # the last level stands for missing
    categorical = tuple(isinstance(frame[name].dtype, pd.CategoricalDtype) for name in columns)
    cell, cells = np.zeros(len(frame), np.intp), np.zeros(1, np.intp)
    if columns:
        cell, cells = compact(
            crossed(
                [
                    (np.where(codes < 0, size - 1, codes), size)
                    for (codes, _), size in zip(coded, sizes, strict=True)
                ]
            )
        )
    digits = np.array(np.unravel_index(cells, sizes) if columns else np.empty((0, 1)), dtype=np.intp)
    subsets: list[tuple[int, ...]] = [tuple(range(len(columns)))]
    if margins:
        subsets = [s for r in range(len(columns), -1, -1) for s in combinations(range(len(columns)), r)]
    counts = [size - 1 for size in sizes]
    crossings = tuple(_crossing(subset, counts, categorical, digits) for subset in subsets)
    return Domains(cell, cells.size, crossings, tuple(columns), levels, categorical)


def _crossing(
    subset: tuple[int, ...], counts: list[int], categorical: tuple[bool, ...], digits: Ints
) -> Crossing:
    """The domains of the crossing of the columns in `subset`; `digits` are the levels of each cell."""
    known = np.ones(digits.shape[1], dtype=bool)
    for j in subset:
        known &= digits[j] < counts[j]
    seen = digits[list(subset)]
    wanted = _combinations([counts[j] for j in subset], [categorical[j] for j in subset], seen[:, known])
    levels = np.full((len(counts), wanted.shape[1]), -1, dtype=np.intp)
    levels[list(subset)] = wanted
    key, wanted_key = np.zeros(digits.shape[1], np.intp), np.zeros(wanted.shape[1], np.intp)
    for row, j in enumerate(subset):
        key = key * (counts[j] + 1) + seen[row]
        wanted_key = wanted_key * (counts[j] + 1) + wanted[row]
    return Crossing(np.where(known, np.searchsorted(wanted_key, key), -1), levels)


def _combinations(counts: list[int], categorical: list[bool], seen: Ints) -> Ints:
    """The combinations to show, sorted: those seen in plain columns × all levels of the categorical ones."""
    if not counts:
        return np.empty((0, 1), np.intp)
    free = [j for j, fixed in enumerate(categorical) if not fixed]
    fixed_counts = [count if fixed else 1 for count, fixed in zip(counts, categorical, strict=True)]
    grid: NDArray[np.intp] = np.indices(fixed_counts).reshape(len(counts), -1)
    if free:
        combos = np.unique(seen[free], axis=1)
        grid = np.repeat(grid, combos.shape[1], axis=1)
        grid[free] = np.tile(combos, grid.shape[1] // max(combos.shape[1], 1))
    return grid[:, np.lexsort(grid[::-1])]


def _named(levels: pd.Index, categorical: bool, codes: Ints) -> object:
    if categorical:
        return pd.Categorical.from_codes(codes, categories=levels)
    if (codes >= 0).all():
        return levels.take(codes)
    return pd.array(levels.to_numpy()).take(codes, allow_fill=True)
