"""A sampling design read from a frame: weights, and the units, strata and fractions of each stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import Floats, Ints, column, column_codes, compact, crossed, numbers

__all__ = ["Sample", "Stage", "names", "read_sample"]

_TAKE_ALL = 1e-7  # below this share of unsampled units a stratum was taken whole


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of sampling.

    Attributes
    ----------
    unit : (rows,) code of the sampling unit of each row
    stratum : (units,) code of the stratum of each unit; units are numbered stratum by stratum
    first : (strata,) first unit of each stratum
    size : (strata,) number of units sampled, from all rows of the frame
    unsampled : (strata,) 1 − n/N, 1 without a population count
    carried : (strata,) product of n/N of the stages above
    example : (strata,) a row of each stratum, to name it
    """

    unit: Ints
    stratum: Ints
    first: Ints
    size: Floats
    unsampled: Floats
    carried: Floats
    example: Ints

    @property
    def n_units(self) -> int:
        """Number of units of this stage."""
        return self.stratum.size

    @property
    def take_all(self) -> np.ndarray:
        """(strata,) whether every unit of the population was taken: then nothing varies at this stage."""
        return self.unsampled < _TAKE_ALL

    @property
    def scale(self) -> Floats:
        """(strata,) carried · (1 − n/N) · n/(n − 1), the last for n > 1: factor of the sum of squares."""
        factor = self.carried * self.unsampled * (self.size / np.maximum(self.size - 1, 1))
        return np.where(self.take_all, 0.0, factor)


@dataclass(frozen=True, slots=True, repr=False)
class Sample:
    """The design of a frame in arrays: one weight per row, one `Stage` per stage that adds variance."""

    weights: Floats
    stages: tuple[Stage, ...]
    design: SurveyDesign
    frame: pd.DataFrame

    def stratum_names(self, strata: Ints) -> list[str]:
        """Names of strata of the first stage, in the words of the frame."""
        columns = names(self.design.strata)
        if not columns:
            return ["the whole sample" for _ in strata]
        rows = self.frame[columns].iloc[self.stages[0].example[strata]]
        return [" × ".join(map(str, row)) for row in rows.itertuples(index=False)]


def names(value: str | Sequence[str] | None) -> list[str]:
    """Column names as a list: none, one or several."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def read_sample(frame: pd.DataFrame, design: SurveyDesign, wave: Ints | None = None) -> Sample:
    """The sampling design of a frame.

    PSU codes are nested in strata, codes of later stages in the stage above. Without population counts only
    the first stage enters the variance (sampling with replacement; Särndal, Swensson & Wretman 1992,
    section 4.5); with them each stage adds its share (ibid., section 4.3).

    With `wave` (0 or 1 by row) the frame holds two waves that share first-stage units: a stratum's units are
    those of either wave, later stages are separate by wave, and a stratum's sampling fraction is the smaller
    of the two.

    Raises
    ------
    EstimationError
        If a design column is absent or has missing values, a weight is negative, or a population count is
        smaller than the number sampled or differs within its stratum.
    """
    if frame.empty:
        raise EstimationError("The frame has no rows: there is nothing to estimate from.")
    fpc, units = names(design.fpc), names(design.psu)
    if len(fpc) > max(len(units), 1):
        raise EstimationError(
            f"The design names {len(fpc)} population counts for {len(units)} stages of sampling."
        )
    stratum = np.zeros(len(frame), np.intp)
    if names(design.strata):
        stratum = compact(crossed([_design_codes(frame, name) for name in names(design.strata)]))[0]
    carried = np.ones(int(stratum.max()) + 1)
    stages = []
    for i in range(len(fpc) or 1):
        unit = _nested(frame, units[i], stratum) if units else _each_row(stratum)
        stage, sampled = _stage(frame, unit, stratum, carried, fpc[i] if fpc else None, wave)
        stages.append(stage)
        stratum = unit if wave is None else compact(2 * unit + wave)[0]
        carried = np.zeros(int(stratum.max()) + 1)
        carried[stratum] = sampled
    return Sample(_weights(frame, design.weights), tuple(stages), design, frame)


def _design_codes(frame: pd.DataFrame, name: str) -> tuple[Ints, int]:
    codes, levels = column_codes(column(frame, name))
    if (missing := int((codes < 0).sum())) > 0:
        raise EstimationError(
            f"Design column {name!r} is missing in {missing} rows. Complete it, or drop them."
        )
    return codes, len(levels)


def _nested(frame: pd.DataFrame, name: str, stratum: Ints) -> Ints:
    codes, n_levels = _design_codes(frame, name)
    return compact(stratum * n_levels + codes)[0]


def _each_row(stratum: Ints) -> Ints:
    """Each row a unit of its own, numbered stratum by stratum."""
    unit = np.empty(stratum.size, np.intp)
    unit[np.argsort(stratum, kind="stable")] = np.arange(stratum.size)
    return unit


def _stage(
    frame: pd.DataFrame, unit: Ints, stratum: Ints, carried: Floats, fpc: str | None, wave: Ints | None
) -> tuple[Stage, Floats]:
    """A stage, and for each row the product of sampling fractions down to it."""
    n_strata = carried.size
    of_unit = np.empty(int(unit.max()) + 1, np.intp)
    of_unit[unit] = stratum
    size = np.bincount(of_unit, minlength=n_strata).astype(np.float64)
    example = np.empty(n_strata, np.intp)
    example[stratum[::-1]] = np.arange(unit.size)[::-1]
    unsampled, fraction = np.ones(n_strata), np.zeros(unit.size)
    if fpc is not None:
        fraction = _fractions(frame, fpc, unit, stratum if wave is None else 2 * stratum + wave)
        lowest = np.ones(n_strata)
        np.minimum.at(lowest, stratum, fraction)
        unsampled = 1 - lowest
    first = np.searchsorted(of_unit, np.arange(n_strata))
    return Stage(unit, of_unit, first, size, unsampled, carried, example), carried[stratum] * fraction


def _fractions(frame: pd.DataFrame, fpc: str, unit: Ints, stratum: Ints) -> Floats:
    """(rows,) units sampled / units in the population, by stratum."""
    population = numbers(frame, fpc)
    if (missing := int(np.isnan(population).sum())) > 0:
        raise EstimationError(
            f"Population count {fpc!r} is missing in {missing} rows. Complete it, or leave fpc out."
        )
    stratum = compact(stratum)[0]
    n_strata = int(stratum.max()) + 1
    each = compact(stratum * (int(unit.max()) + 1) + unit)[1] // (int(unit.max()) + 1)
    size = np.bincount(each, minlength=n_strata)
    total = np.empty(n_strata)
    total[stratum] = population
    if (mixed := np.unique(stratum[population != total[stratum]]).size) > 0:
        raise EstimationError(
            f"Population count {fpc!r} differs within {mixed} strata. Give each stratum one number."
        )
    if (short := int((total < size).sum())) > 0:
        raise EstimationError(
            f"Population count {fpc!r} is below the number sampled in {short} strata. Correct it."
        )
    fraction: Floats = (size / total)[stratum]
    return fraction


def _weights(frame: pd.DataFrame, name: str | None) -> Floats:
    if name is None:
        return np.ones(len(frame))
    weights = numbers(frame, name)
    if (missing := int(np.isnan(weights).sum())) > 0:
        raise EstimationError(
            f"Weight {name!r} is missing in {missing} rows. Give them a weight, 0 to leave them out."
        )
    if (negative := int((weights < 0).sum())) > 0:
        raise EstimationError(f"Weight {name!r} is negative in {negative} rows. Weights must be 0 or more.")
    return weights
