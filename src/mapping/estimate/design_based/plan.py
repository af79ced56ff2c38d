"""A design and its domains laid out once; every variable then takes one pass over the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based.cells import Layout, Pairs, lay_out, pair_rows
from mapping.estimate.design_based.codes import Floats, sums
from mapping.estimate.design_based.domains import Domains, read_domains
from mapping.estimate.design_based.linearisation import Blocks, stage_blocks
from mapping.estimate.design_based.sample import Sample, read_sample

__all__ = ["Linear", "Plan", "Variable", "make_plan"]


@dataclass(frozen=True, slots=True, repr=False)
class Variable:
    """One variable of the rows: Σ w·y over Σ w·x, or Σ w·y alone.

    Attributes
    ----------
    y : (rows,) numerator, 0 where not answered
    x : (rows,) denominator, 0 where not answered; None: 1 for each answer (a mean)
    answered : (rows,) whether the row counts; None: all do
    total : whether the estimate is Σ w·y
    binary : whether `y` is 0 or 1
    """

    name: str
    y: Floats
    x: Floats | None = None
    answered: NDArray[np.bool_] | None = None
    total: bool = False
    binary: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Linear:
    """Estimates of one variable in all domains, each array as long as `Plan.n_domains`."""

    n: Floats
    n_positive: Floats
    estimate: Floats
    variances: Floats  # (stages, domains)
    srs_variance: Floats  # with replacement, as R's deff="replace"

    @property
    def variance(self) -> Floats:
        """Sum over stages."""
        total: Floats = self.variances.sum(axis=0)
        return total


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """Everything that does not depend on the variable."""

    sample: Sample
    domains: Domains
    pairs: tuple[Pairs, ...]  # by stage
    layouts: tuple[tuple[Layout, ...], ...]  # by stage, then crossing
    everyone: dict[tuple[int, int], Blocks] = field(
        default_factory=dict
    )  # blocks where all rows have an answer

    @property
    def n_domains(self) -> int:
        """Number of domains of all crossings."""
        return self.domains.size

    def over_crossings(self, by_cell: Floats) -> Floats:
        """(domains,) sums of a value per cell."""
        parts = []
        for crossing in self.domains.crossings:
            inside = crossing.of_cell >= 0
            parts.append(sums(crossing.of_cell[inside], by_cell[inside], crossing.size))
        return np.concatenate(parts)

    def by_cell(self, values: Floats | None) -> Floats:
        """(cells,) sums of a value per row, or the number of rows."""
        return np.bincount(self.domains.cell, values, minlength=self.domains.n_cells).astype(np.float64)

    def units(self, stage: int = 0) -> tuple[Floats, Floats]:
        """(domains,) units of a stage with a non-zero weight in the domain, and their strata."""
        weight = self.pairs[stage].collect(self.sample.weights)
        units, strata = [], []
        for layout in self.layouts[stage]:
            positive = (layout.collect(weight) > 0).astype(np.float64)
            units.append(layout.by_domain(positive))
            strata.append(layout.blocks_by_domain((layout.by_block(positive) > 0).astype(np.float64)))
        return np.concatenate(units), np.concatenate(strata)

    def mean_unsampled(self) -> Floats:
        """(domains,) mean over the PSUs of a domain of 1 − n/N, the share of PSUs that were not sampled."""
        stage, parts = self.sample.stages[0], []
        for layout in self.layouts[0]:
            pairs = layout.by_domain(np.ones(layout.domain.size))
            share = layout.by_domain(stage.unsampled[layout.stratum[layout.block]])
            parts.append(np.divide(share, pairs, out=np.ones_like(share), where=pairs > 0))
        return np.concatenate(parts)

    def weights_deff(self, variable: Variable) -> Floats:
        """(domains,) what unequal weights alone cost: n Σw² / (Σw)² (Kish 1965, section 11.7)."""
        w = self.sample.weights if variable.answered is None else self.sample.weights * variable.answered
        n = self.over_crossings(self.by_cell((w > 0).astype(np.float64)))
        once, twice = self.over_crossings(self.by_cell(w)), self.over_crossings(self.by_cell(w * w))
        return np.divide(n * twice, once**2, out=np.ones_like(n), where=once > 0)

    def blocks(self, stage: int, crossing: int, answered: Floats | None) -> Blocks:
        """The blocks of a stage and crossing; `answered` counts the answers of each pair of cells."""
        layout = self.layouts[stage][crossing]
        if answered is not None and self.sample.design.lonely_psu in {"error", "adjust", "average"}:
            seen = layout.collect(answered) > 0
            return stage_blocks(self.sample, self.sample.stages[stage], layout, seen, first=stage == 0)
        key = (stage, crossing)
        if key not in self.everyone:
            self.everyone[key] = stage_blocks(
                self.sample, self.sample.stages[stage], layout, None, first=stage == 0
            )
        return self.everyone[key]

    def estimate(self, variable: Variable) -> Linear:
        """Estimates and variances of one variable in every domain."""
        w = self.sample.weights
        wy = w * variable.y
        wx = _weighted(w, variable)
        answered = None if variable.answered is None else variable.answered.astype(np.float64)
        counted = w > 0 if variable.answered is None else variable.answered & (w > 0)
        n = self.over_crossings(self.by_cell(counted.astype(np.float64)))
        positive = self.over_crossings(self.by_cell((counted & (variable.y != 0)).astype(np.float64)))
        weight = self.over_crossings(self.by_cell(w if answered is None else w * answered))
        top = self.over_crossings(self.by_cell(wy))
        bottom = np.ones_like(top) if variable.total else self.over_crossings(self.by_cell(wx))
        with np.errstate(invalid="ignore", divide="ignore"):
            estimate = top / bottom
            slope = (
                np.zeros_like(estimate) if variable.total else np.nan_to_num(estimate, posinf=0.0, neginf=0.0)
            )
            unit = np.where(bottom != 0, 1 / bottom, 0.0)
            variances = np.stack(
                [self._stage(s, wy, wx, answered, slope, unit) for s in range(len(self.pairs))]
            )
            centre = top / weight if variable.total else estimate
            spread = self._spread(variable, w, wy, centre, weight)
            srs = np.where(n > 1, weight * spread / np.maximum(n - 1, 1), np.nan) / bottom**2
        return Linear(n, positive, estimate, variances, srs)

    def _stage(
        self, s: int, wy: Floats, wx: Floats | None, answered: Floats | None, slope: Floats, unit: Floats
    ) -> Floats:
        pairs = self.pairs[s]
        y = pairs.collect(wy)
        x = None if wx is None else pairs.collect(wx)
        seen = None if answered is None else pairs.collect(answered)
        parts, start = [], 0
        for c, layout in enumerate(self.layouts[s]):
            inside = slice(start, start + layout.n_domains)
            scores = layout.collect(y)
            if x is not None:
                scores = scores - slope[inside][layout.domain] * layout.collect(x)
            scores = scores * unit[inside][layout.domain]
            parts.append(self.blocks(s, c, seen).variance(scores))
            start += layout.n_domains
        return np.concatenate(parts)

    def _spread(self, variable: Variable, w: Floats, wy: Floats, centre: Floats, weight: Floats) -> Floats:
        """(domains,) Σ w (y − c x)², x = 1 for means and totals."""
        if variable.binary:
            return weight * centre * (1 - centre)
        parts, start = [], 0
        x = 1.0 if variable.x is None or variable.total else variable.x
        if variable.answered is not None:
            w = w * variable.answered
        for crossing in self.domains.crossings:
            domain = crossing.of_cell[self.domains.cell]
            inside = domain >= 0
            c = np.where(inside, np.nan_to_num(centre)[start + np.maximum(domain, 0)], 0.0)
            parts.append(sums(domain[inside], (w * (variable.y - c * x) ** 2)[inside], crossing.size))
            start += crossing.size
        return np.concatenate(parts)


def _weighted(w: Floats, variable: Variable) -> Floats | None:
    if variable.total:
        return None
    if variable.x is not None:
        return w * variable.x
    return w if variable.answered is None else w * variable.answered


def make_plan(frame: pd.DataFrame, design: SurveyDesign, by: str | Sequence[str], *, margins: bool) -> Plan:
    """The design and the domains of a frame, laid out."""
    sample = read_sample(frame, design)
    domains = read_domains(frame, by, margins=margins)
    pairs = tuple(pair_rows(stage, domains) for stage in sample.stages)
    everywhere = design.calibration is not None
    layouts = tuple(
        tuple(lay_out(pair, stage, crossing, everywhere=everywhere) for crossing in domains.crossings)
        for pair, stage in zip(pairs, sample.stages, strict=True)
    )
    return Plan(sample, domains, pairs, layouts)
