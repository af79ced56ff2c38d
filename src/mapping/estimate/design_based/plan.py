"""A design and its domains laid out once; every variable then takes one pass over the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based.auxiliaries import Residuals, read_residuals
from mapping.estimate.design_based.cells import Layout, Pairs, lay_out, pair_rows
from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.domains import Domains, read_domains
from mapping.estimate.design_based.linearisation import Blocks, some_lonely, stage_blocks
from mapping.estimate.design_based.replicated import Replicated, read_replicated
from mapping.estimate.design_based.sample import Sample, read_sample
from mapping.estimate.design_based.tally import Tally, tally
from mapping.estimate.design_based.variables import Variable

__all__ = ["Plan", "lay_out_plan", "make_plan"]


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """Everything that does not depend on the variable."""

    sample: Sample
    domains: Domains
    pairs: tuple[Pairs, ...]  # by stage
    layouts: tuple[tuple[Layout, ...], ...]  # by stage, then crossing
    residuals: Residuals | None  # of a calibrated design
    tally: Tally
    replicated: Replicated | None = None
    everyone: dict[tuple[int, int], Blocks] = field(default_factory=dict)  # blocks where all rows answered
    auxiliary: dict[int, Floats] = field(default_factory=dict)  # sums of auxiliaries by unit, by stage

    @property
    def n_domains(self) -> int:
        """Number of domains of all crossings."""
        return self.domains.size

    @property
    def slices(self) -> list[slice]:
        """The domains of each crossing among all."""
        ends = np.cumsum([crossing.size for crossing in self.domains.crossings])
        crossings = self.domains.crossings
        return [slice(int(end) - c.size, int(end)) for end, c in zip(ends, crossings, strict=True)]

    def units(self, stage: int = 0) -> tuple[Floats, Floats]:
        """(domains,) units of a stage with a non-zero weight in the domain, and their strata."""
        units, strata = [], []
        for layout in self.layouts[stage]:
            positive = layout.by_block((layout.collect(self.pairs[stage].weight) > 0).astype(np.float64))
            units.append(layout.blocks_by_domain(positive))
            strata.append(layout.blocks_by_domain((positive > 0).astype(np.float64)))
        return np.concatenate(units), np.concatenate(strata)

    def df_of_design(self) -> int:
        """PSUs with a non-zero weight minus their strata; of given replicate weights their rank − 1."""
        stage = self.sample.stages[0]
        units = np.unique(stage.unit[self.sample.weights > 0])
        sampled = int(units.size - np.unique(stage.stratum[units]).size)
        if self.replicated is None:
            return sampled
        return self.replicated.df_of_design(self.sample.weights, sampled)

    def mean_over_units(self, stage: int, by_stratum: Floats) -> Floats:
        """(domains,) mean over the units of a domain of a value of their strata; 1 where there is no unit."""
        parts = []
        for layout in self.layouts[stage]:
            units = layout.blocks_by_domain(layout.length)
            total = layout.blocks_by_domain(by_stratum[layout.stratum] * layout.length)
            parts.append(np.divide(total, units, out=np.ones_like(total), where=units > 0))
        return np.concatenate(parts)

    def blocks(self, stage: int, crossing: int, variable: Variable) -> Blocks:
        """The blocks of a stage and crossing, as far as the variable was answered."""
        layout, here = self.layouts[stage][crossing], self.sample.stages[stage]
        if variable.missing.size and self.residuals is None and some_lonely(self.sample, here):
            pairs = self.pairs[stage]
            rows = pairs.row[variable.rows(pairs.row.size)]
            seen = layout.collect(np.bincount(rows, minlength=pairs.size).astype(np.float64)) > 0
            return stage_blocks(self.sample, here, layout, seen, first=stage == 0)
        key = (stage, crossing)
        if key not in self.everyone:
            self.everyone[key] = stage_blocks(self.sample, here, layout, None, first=stage == 0)
        return self.everyone[key]

    def auxiliary_sums(self, residuals: Residuals, stage: int) -> Floats:
        """(units, auxiliaries) sums of the auxiliaries of a calibrated design over the units of a stage."""
        if stage not in self.auxiliary:
            here = self.sample.stages[stage]
            self.auxiliary[stage] = residuals.unit_sums(here.unit, here.n_units)
        return self.auxiliary[stage]


def make_plan(frame: pd.DataFrame, design: SurveyDesign, by: str | Sequence[str], *, margins: bool) -> Plan:
    """The design and the domains of a frame, laid out."""
    sample, domains = read_sample(frame, design), read_domains(frame, by, margins=margins)
    if design.repweights is not None:
        replicated = read_replicated(frame, sample, domains)
        return replace(lay_out_plan(sample, domains, None), replicated=replicated)
    residuals = read_residuals(frame, design.calibration) if design.calibration else None
    return lay_out_plan(sample, domains, residuals)


def lay_out_plan(sample: Sample, domains: Domains, residuals: Residuals | None) -> Plan:
    """The plan of a sample and its domains."""
    w = sample.weights
    pairs = tuple(pair_rows(stage, domains.cell, domains.n_cells, w) for stage in sample.stages)
    layouts = tuple(
        tuple(
            lay_out(pair, stage, crossing, everywhere=residuals is not None) for crossing in domains.crossings
        )
        for pair, stage in zip(pairs, sample.stages, strict=True)
    )
    return Plan(sample, domains, pairs, layouts, residuals, tally(w, domains))
