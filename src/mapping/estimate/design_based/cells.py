"""One pass over the rows to sums by (sampling unit × domain); every margin is a sum of those.

A *pair* is a sampling unit and a domain that occur together in a row. A *block* is a stratum and a domain
that do. A variance needs nothing but the sum of scores of each pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.estimate.design_based.codes import Floats, Ints, compact, sums
from mapping.estimate.design_based.domains import Crossing, Domains
from mapping.estimate.design_based.sample import Stage

__all__ = ["Layout", "Pairs", "lay_out", "pair_rows"]


@dataclass(frozen=True, slots=True, repr=False)
class Pairs:
    """Sampling units × cells as they occur in the rows."""

    row: Ints | None  # (rows,) pair of each row; None: each row is a pair of its own
    unit: Ints  # (pairs,)
    cell: Ints  # (pairs,)

    def collect(self, values: Floats) -> Floats:
        """(pairs,) sums of a value per row."""
        return values if self.row is None else sums(self.row, values, self.unit.size)


@dataclass(frozen=True, slots=True, repr=False)
class Layout:
    """Sampling units × domains of one crossing, sorted into blocks (stratum × domain)."""

    chosen: NDArray[np.bool_] | None  # (pairs of cells,) those within a domain; None: all
    merged: Ints | None  # pair of this layout of each chosen pair of cells; None: the same pairs
    domain: Ints  # (pairs,)
    block: Ints  # (pairs,)
    stratum: Ints  # (blocks,)
    block_domain: Ints  # (blocks,)
    n_domains: int

    def collect(self, values: Floats) -> Floats:
        """(pairs,) sums of a value per pair of cells."""
        if self.chosen is not None:
            values = values[self.chosen]
        return values if self.merged is None else sums(self.merged, values, self.domain.size)

    def by_domain(self, values: Floats) -> Floats:
        """(domains,) sums of a value per pair."""
        return sums(self.domain, values, self.n_domains)

    def by_block(self, values: Floats) -> Floats:
        """(blocks,) sums of a value per pair."""
        return sums(self.block, values, self.stratum.size)

    def blocks_by_domain(self, values: Floats) -> Floats:
        """(domains,) sums of a value per block."""
        return sums(self.block_domain, values, self.n_domains)


def pair_rows(stage: Stage, domains: Domains) -> Pairs:
    """Which sampling units of a stage occur in which cells."""
    if stage.n_units == stage.unit.size:
        return Pairs(None, stage.unit, domains.cell)
    row, keys = compact(stage.unit * domains.n_cells + domains.cell)
    return Pairs(row, keys // domains.n_cells, keys % domains.n_cells)


def lay_out(pairs: Pairs, stage: Stage, crossing: Crossing, *, everywhere: bool) -> Layout:
    """The pairs of one crossing; with `everywhere` of every unit with every domain (calibrated designs)."""
    domain = crossing.of_cell[pairs.cell]
    inside = domain >= 0
    chosen = None if inside.all() else inside
    unit = pairs.unit if chosen is None else pairs.unit[inside]
    key = unit * crossing.size + (domain if chosen is None else domain[inside])
    merged: Ints | None
    if everywhere:
        merged, keys = key, np.arange(stage.n_units * crossing.size)
    else:
        merged, keys = compact(key)
    if merged.size == keys.size and (merged[1:] > merged[:-1]).all():
        merged = None
    unit, domain = keys // crossing.size, keys % crossing.size
    block, blocks = compact(stage.stratum[unit] * crossing.size + domain)
    return Layout(
        chosen, merged, domain, block, blocks // crossing.size, blocks % crossing.size, crossing.size
    )
