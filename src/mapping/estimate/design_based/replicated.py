"""Estimates replicate by replicate, from sums by (sampling unit × domain) times factors per unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from mapping.errors import EstimationError
from mapping.estimate.design_based.auxiliaries import Auxiliary, read_basis
from mapping.estimate.design_based.codes import Floats, Ints, compact, numbers, sums
from mapping.estimate.design_based.domains import Domains
from mapping.estimate.design_based.replication import Replicates, as_replicates, unit_labels
from mapping.estimate.design_based.sample import Sample
from mapping.estimate.design_based.variables import Variable

__all__ = ["Replicated", "read_replicated"]

_DENSE = 0.05  # share of (unit × cell) pairs with a value above which a dense product is faster
_NOTHING = 1e-12  # a share of the weight this small is rounding
_CYCLES, _SETTLED = 200, 6e-6


@dataclass(frozen=True, slots=True, repr=False)
class Replicated:
    """Replicate weights laid out for the domains of a plan.

    A *slot* is a cell of the domains crossed with a calibration group; without calibration, a cell.
    """

    replicates: Replicates
    factors: Floats  # (units, replicates)
    weights: Floats  # (rows,) what the factors multiply
    row: Ints  # (rows,) (unit × slot) pair of each row
    unit: Ints  # (pairs,)
    slot: Ints  # (pairs,)
    cell: Ints  # (slots,)
    gains: Floats | None  # (slots, replicates) calibration factors; None: not calibrated
    everyone: Floats  # (pairs,) Σ w
    domains: Domains
    known: dict[str, Floats] = field(default_factory=dict)

    def estimates(self, variable: Variable) -> Floats:
        """(domains, replicates) the estimate of a variable from each replicate; NaN where a denominator is 0."""
        top = self._totals(variable.top(self.weights, self.row, self.unit.size))
        if variable.total:
            return top
        bottom = self._bottom(variable)
        return np.divide(top, bottom, out=np.full_like(top, np.nan), where=np.abs(bottom) > 0)

    def _bottom(self, variable: Variable) -> Floats:
        """(domains, replicates) Σ w·x; for means the weight of all rows less that of the silent ones."""
        if variable.x is not None:
            return self._totals(sums(self.row, self.weights * variable.x, self.unit.size))
        if "everyone" not in self.known:
            self.known["everyone"] = self._totals(self.everyone)
        everyone = self.known["everyone"]
        if variable.missing.size == 0:
            return everyone
        rows = variable.missing
        silent = self._totals(sums(self.row[rows], self.weights[rows], self.unit.size))
        return np.where(np.abs(everyone - silent) > _NOTHING * np.abs(everyone), everyone - silent, 0.0)

    def df(self, weights: Floats) -> Floats:
        """(domains,) rank of the replicate weights within the domain − 1, as R counts it for given weights."""
        positive = sums(self.row, weights, self.unit.size) > 0
        ranks = []
        for crossing in self.domains.crossings:
            domain = crossing.of_cell[self.cell[self.slot]]
            ranks += [self._df(np.flatnonzero((domain == d) & positive)) for d in range(crossing.size)]
        return np.array(ranks, dtype=np.float64)

    def df_of_design(self, weights: Floats, sampled: int) -> int:
        """The same over the whole design; of factors made here the smaller of `sampled` and replicates − 1."""
        if self.replicates.factors is not None:
            return min(sampled, int(self.factors.shape[1]) - 1)
        return self._df(np.flatnonzero(sums(self.row, weights, self.unit.size) > 0))

    def _df(self, pairs: Ints) -> int:
        rows = self.factors[self.unit[pairs]]
        return _rank(rows if self.gains is None else rows * self.gains[self.slot[pairs]]) - 1

    def _totals(self, by_pair: Floats) -> Floats:
        """(domains, replicates) totals of a value per pair."""
        shape = (self.cell.size, self.factors.shape[0])
        some = np.flatnonzero(by_pair)
        if some.size > _DENSE * shape[0] * shape[1]:
            dense = np.zeros(shape)
            dense[self.slot[some], self.unit[some]] = by_pair[some]
            slots = dense @ self.factors
        else:
            slots = (
                sparse.csr_array((by_pair[some], (self.slot[some], self.unit[some])), shape=shape)
                @ self.factors
            )
        if self.gains is not None:
            slots = slots * self.gains
        return _over_crossings(self.domains, self.cell, slots)


def _over_crossings(domains: Domains, cell: Ints, slots: Floats) -> Floats:
    parts = []
    for crossing in domains.crossings:
        domain = crossing.of_cell[cell]
        inside = np.flatnonzero(domain >= 0)
        if inside.size == crossing.size and (domain[inside] == np.arange(crossing.size)).all():
            parts.append(slots[inside])
            continue
        pick = sparse.csr_array(
            (np.ones(inside.size), (domain[inside], inside)), shape=(crossing.size, cell.size)
        )
        parts.append(pick @ slots)
    return np.concatenate(parts)


def _rank(matrix: Floats) -> int:
    """The rank, its rows brought to one scale: weights of 1 and of 10,000 count alike."""
    largest = np.abs(matrix).max(axis=1, initial=0.0)
    matrix = matrix[largest > 0] / largest[largest > 0, None]
    if matrix.size == 0:
        return 1
    values = np.linalg.eigvalsh(matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix)
    return int((values > 1e-10 * values.max()).sum())


def read_replicated(frame: pd.DataFrame, sample: Sample, domains: Domains) -> Replicated:
    """The replicate weights of a design, laid out for some domains.

    Raises
    ------
    EstimationError
        If the frame holds PSUs for which no factors were made, or the calibration has a numeric margin.
    """
    design = sample.design
    made = as_replicates(design.repweights)
    auxiliaries: Sequence[Auxiliary] = design.calibration or ()
    unit, factors, weights = _units(frame, sample, made, auxiliaries)
    group, n_groups = _groups(frame, auxiliaries)
    slot, slots = compact(domains.cell * n_groups + group)
    row, keys = compact(unit * slots.size + slot)
    unit_of, slot_of = np.divmod(keys, slots.size)
    gains = None
    if auxiliaries:
        gains = _gains(frame, auxiliaries, unit, weights, factors, group, n_groups)[slots % n_groups]
    everyone = sums(row, weights, keys.size)
    return Replicated(
        made, factors, weights, row, unit_of, slot_of, slots // n_groups, gains, everyone, domains
    )


def _units(
    frame: pd.DataFrame, sample: Sample, made: Replicates, auxiliaries: Sequence[Auxiliary]
) -> tuple[Ints, Floats, Floats]:
    """Unit of each row, factors of the units, and the weights they multiply."""
    if made.factors is None:
        if absent := sorted(set(made.columns) - set(frame.columns)):
            raise EstimationError(f"The frame lacks {len(absent)} replicate weights, such as {absent[0]!r}.")
        columns = frame[list(made.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isnan(columns).any():
            raise EstimationError(
                "Replicate weights are missing in some rows. Complete them, 0 to leave a row out."
            )
        return np.arange(len(frame)), columns, np.ones(len(frame))
    known = pd.Index([]) if made.psu is None else made.psu
    position = known.get_indexer(unit_labels(sample))
    if (position < 0).any():
        raise EstimationError(
            f"{int((position < 0).sum())} PSUs have no replicate factors. Make the replicates from the whole frame."
        )
    before = auxiliaries[0].before if auxiliaries else sample.design.weights
    weights = np.ones(len(frame)) if before is None else numbers(frame, before)
    return sample.stages[0].unit, made.factors[position], weights


def _groups(frame: pd.DataFrame, auxiliaries: Sequence[Auxiliary]) -> tuple[Ints, int]:
    """The crossing of all calibration margins."""
    key = np.zeros(len(frame), np.intp)
    for auxiliary in auxiliaries:
        if not all(term.levels for term in auxiliary.terms):
            raise EstimationError(
                "Replicates can be calibrated to margins of levels only, not to numeric totals."
            )
        for block in read_basis(frame, auxiliary.terms).blocks:
            key = key * block.size + block.codes
    codes, levels = compact(key)
    return codes, levels.size


def _gains(
    frame: pd.DataFrame,
    auxiliaries: Sequence[Auxiliary],
    unit: Ints,
    weights: Floats,
    factors: Floats,
    group: Ints,
    n_groups: int,
) -> Floats:
    """(groups, replicates) factors that bring each replicate to the margins, calibration by calibration.

    Raking takes as many rounds as the full sample needs until a round moves its margins by less than 6 in a
    million of the population, in every replicate, as R does; what is then left lies far below the noise of
    replication.
    """
    by_unit = sparse.csr_array((weights, (group, unit)), shape=(n_groups, factors.shape[0]))
    full = _full_weights(frame, auxiliaries)
    totals = np.column_stack([sums(group, full, n_groups), by_unit @ factors])
    gains = np.ones_like(totals)
    row = np.empty(n_groups, np.intp)
    row[group] = np.arange(group.size)
    for auxiliary in auxiliaries:
        basis = read_basis(frame.iloc[row], auxiliary.terms)
        margins = [
            (block.codes, _picked(block.codes, len(term.totals)), np.array(term.totals)[:, None])
            for block, term in zip(basis.blocks, auxiliary.terms, strict=True)
        ]
        old = _tables(margins, totals[:, 0] * gains[:, 0])
        for _ in range(_CYCLES):
            for codes, pick, wanted in margins:
                found = pick @ (totals * gains)
                step = np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)
                gains = gains * step[codes]
            new = _tables(margins, totals[:, 0] * gains[:, 0])
            if len(margins) == 1 or np.abs(new - old).max() < _SETTLED * full.sum():
                break
            old = new
    return gains[:, 1:]


def _picked(codes: Ints, size: int) -> sparse.csr_array:
    """(size, codes) sums of values by their code."""
    return sparse.csr_array((np.ones(codes.size), (codes, np.arange(codes.size))), shape=(size, codes.size))


def _full_weights(frame: pd.DataFrame, auxiliaries: Sequence[Auxiliary]) -> Floats:
    before = auxiliaries[0].before
    return np.ones(len(frame)) if before is None else numbers(frame, before)


def _tables(margins: Sequence[tuple[Ints, sparse.csr_array, Floats]], totals: Floats) -> Floats:
    return np.concatenate([pick @ totals for _, pick, _ in margins])
