"""One pass over the rows to sums by (sampling unit × domain); every margin is a sum of those.

A *pair* is a sampling unit and a domain that occur together in a row. A *block* is a stratum and a domain
that do. Pairs are sorted by block, so that sums over blocks run along memory. A variance needs nothing but
the sum of scores of each pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.estimate.design_based.codes import Floats, Ints, compact, sums
from mapping.estimate.design_based.domains import Crossing
from mapping.estimate.design_based.sample import Stage

__all__ = ["Layout", "Pairs", "lay_out", "pair_rows"]


@dataclass(frozen=True, slots=True, repr=False)
class Pairs:
    """Sampling units × cells as they occur in the rows."""

    row: Ints  # (rows,) pair of each row
    unit: Ints  # (pairs,)
    cell: Ints  # (pairs,)
    weight: Floats  # (pairs,) Σ w

    @property
    def size(self) -> int:
        """Number of pairs."""
        return self.unit.size


@dataclass(frozen=True, slots=True, repr=False)
class Layout:
    """Sampling units × domains of one crossing, sorted into blocks (stratum × domain)."""

    chosen: NDArray[np.bool_] | None  # (pairs of cells,) those within a domain; None: all
    merged: Ints | None  # pair of this layout of each chosen pair of cells; None: the same pairs
    unit: Ints  # (pairs,)
    domain: Ints  # (pairs,)
    block: Ints  # (pairs,) increasing
    length: Floats  # (blocks,) number of pairs
    stratum: Ints  # (blocks,)
    block_domain: Ints  # (blocks,)
    n_domains: int

    def collect(self, values: Floats) -> Floats:
        """(pairs,) sums of a value per pair of cells."""
        if self.chosen is not None:
            values = values[self.chosen]
        return values if self.merged is None else sums(self.merged, values, self.domain.size)

    def by_block(self, values: Floats) -> Floats:
        """(blocks,) sums of a value per pair."""
        return sums(self.block, values, self.stratum.size)

    def blocks_by_domain(self, values: Floats) -> Floats:
        """(domains,) sums of a value per block."""
        return sums(self.block_domain, values, self.n_domains)

    def by_domain(self, values: Floats) -> Floats:
        """(domains,) sums of a value per pair."""
        return sums(self.domain, values, self.n_domains)


def _place(stage: Stage, unit: Ints, domain: Ints, size: int) -> Ints:
    """Where (unit, domain) stands when sorted by stratum, then domain, then unit; one place for each of them.

    Units are numbered stratum by stratum, so the units of a stratum are consecutive.
    """
    units = np.arange(stage.n_units)
    offset = stage.first[stage.stratum] * (size - 1) + units
    place: Ints = offset[unit] + domain * stage.size.astype(np.intp)[stage.stratum][unit]
    return place


def _unplace(stage: Stage, place: Ints, size: int) -> tuple[Ints, Ints]:
    """The unit and domain of each place."""
    stratum = np.searchsorted(stage.first * size, place, side="right") - 1
    first, length = stage.first[stratum], stage.size[stratum].astype(np.intp)
    domain, within = np.divmod(place - first * size, length)
    return first + within, domain


def pair_rows(stage: Stage, cell: Ints, n_cells: int, weights: Floats) -> Pairs:
    """Which sampling units of a stage occur in which cells."""
    row, places = compact(_place(stage, stage.unit, cell, n_cells))
    unit, cells = _unplace(stage, places, n_cells)
    return Pairs(row, unit, cells, sums(row, weights, places.size))


def lay_out(pairs: Pairs, stage: Stage, crossing: Crossing, *, everywhere: bool) -> Layout:
    """The pairs of one crossing; with `everywhere` of every unit with every domain (calibrated designs)."""
    domain = crossing.of_cell[pairs.cell]
    inside = domain >= 0
    chosen = None if inside.all() else inside
    unit = pairs.unit if chosen is None else pairs.unit[inside]
    place = _place(stage, unit, domain if chosen is None else domain[inside], crossing.size)
    merged: Ints | None
    if everywhere:
        merged, places = place, np.arange(stage.n_units * crossing.size)
    else:
        merged, places = compact(place)
    if merged.size == places.size and (merged[1:] > merged[:-1]).all():
        merged = None
    unit, domain = _unplace(stage, places, crossing.size)
    block, blocks = compact(stage.stratum[unit] * crossing.size + domain)
    length = np.bincount(block, minlength=blocks.size).astype(np.float64)
    stratum, block_domain = np.divmod(blocks, crossing.size)
    return Layout(chosen, merged, unit, domain, block, length, stratum, block_domain, crossing.size)
