"""Replicate weights: made as factors per PSU, never spread over the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError, LonelyPSUError
from mapping.estimate.design_based.codes import Floats, Ints
from mapping.estimate.design_based.hadamard import hadamard
from mapping.estimate.design_based.sample import Sample, Stage, names, read_sample

__all__ = ["KINDS", "Replicates", "as_replicates", "replicates", "unit_labels"]

KINDS = ("rao-wu", "jk1", "jkn", "brr", "fay")


@dataclass(frozen=True, repr=False)
class Replicates:
    """Replicate weights of a design, for `SurveyDesign.repweights`.

    The variance of θ is scale · Σ_r rscales_r (θ_r − centre)², the centre being the mean of the θ_r with a
    positive rscale, or with `mse` the estimate from the full sample.

    Attributes
    ----------
    scale, rscales, mse : see above; `rscales` may be one number
    columns : names of columns that hold full analysis weights, one per replicate
    factors : (PSUs, replicates) factors on the design's weight, in place of `columns`
    psu : labels of the PSUs, in the order of `factors`
    kind : how they were made
    generator : state of the random generator before the draw
    """

    scale: float
    rscales: Any = 1.0
    mse: bool = False
    columns: tuple[str, ...] = ()
    factors: Floats | None = None
    psu: pd.Index | None = None
    kind: str = "given"
    generator: Mapping[str, Any] = field(default_factory=dict)

    def variance(self, replicated: Floats, estimate: Floats) -> Floats:
        """(estimates, estimates) covariance from (estimates, replicates) replicated values."""
        deviation = self._deviation(replicated, estimate)
        matrix: Floats = deviation @ deviation.T
        return matrix

    def variances(self, replicated: Floats, estimate: Floats) -> Floats:
        """(estimates,) the diagonal of `variance`."""
        total: Floats = (self._deviation(replicated, estimate) ** 2).sum(axis=1)
        return total

    def _deviation(self, replicated: Floats, estimate: Floats) -> Floats:
        """Deviations times √(scale · rscales). Replicates without a value do not count."""
        weight = np.broadcast_to(np.asarray(self.rscales, dtype=np.float64), replicated.shape[1:])
        known = np.isfinite(replicated)
        used = known & (weight > 0)
        count = np.maximum(used.sum(axis=1), 1)
        centre = estimate if self.mse else np.where(used, replicated, 0.0).sum(axis=1) / count
        return np.where(known, replicated - centre[:, None], 0.0) * np.sqrt(weight * self.scale)


def as_replicates(value: Any) -> Replicates:
    """Replicates from whatever `SurveyDesign.repweights` holds: ours, a mapping, or an object with the same names.

    Raises
    ------
    EstimationError
        If there is neither a scale nor columns or factors.
    """
    if isinstance(value, Replicates):
        return value
    content = value if isinstance(value, Mapping) else vars(value)
    columns = content.get("columns", ())
    if "scale" not in content or not len(columns):
        raise EstimationError(
            "Replicate weights need columns and a scale (and rscales, mse where they differ)."
        )
    return Replicates(
        float(content["scale"]), content.get("rscales", 1.0), bool(content.get("mse", False)), tuple(columns)
    )


def replicates(
    frame: pd.DataFrame,
    design: SurveyDesign,
    kind: str = "rao-wu",
    n: int = 500,
    rng: np.random.Generator | None = None,
    *,
    rho: float = 0.3,
) -> SurveyDesign:
    """The design with replicate weights; estimates made with it take their variances from the replicates.

    Parameters
    ----------
    kind : {"rao-wu", "jk1", "jkn", "brr", "fay"}
        *rao-wu*: bootstrap of n_h − 1 of n_h PSUs; *jk1*: each PSU left out, no strata; *jkn*: each PSU left
        out of its stratum; *brr*: balanced half-samples, strata of two PSUs (larger even ones are split into
        pairs); *fay*: half-samples weighted 2 − ρ and ρ.
    n : int
        Number of bootstrap replicates; the other kinds have their own.
    rng : numpy.random.Generator
        Needed by *rao-wu*; its state before the draw is recorded in the replicates.
    rho : float
        Of *fay*, from 0 to below 1.

    Raises
    ------
    EstimationError
        If the design does not fit the kind, or *rao-wu* gets no generator.
    LonelyPSUError
        If a stratum has a single PSU and the design says that this is an error; otherwise such a PSU stays in
        every replicate (*jkn* with "adjust" and "average" follows R).

    Notes
    -----
    v(θ) = scale · Σ_r rscales_r (θ_r − θ̄)², with factors on the weights of PSU c of stratum h and scales:

    ======  ====================================================  ==========================
    kind    factors                                               scale, rscales
    ======  ====================================================  ==========================
    rao-wu  n_h/(n_h − 1)·m_c, m multinomial of n_h − 1 draws     1/(R − 1), 1
    jk1     0 for the PSU left out, n/(n − 1) for the others      (n − 1)/n, 1
    jkn     0 and n_h/(n_h − 1) within h, 1 elsewhere             1, (n_h − 1)/n_h
    brr     2 and 0 by the signs of a Hadamard matrix             1/R, 1
    fay     2 − ρ and ρ                                           1/(R(1 − ρ)²), 1
    ======  ====================================================  ==========================

    Jackknives need smooth statistics (not quantiles; Wolter 2007, chapter 4); the bootstrap and half-samples do
    not. Estimates from R bootstrap replicates carry a relative noise of about 1/√(2R) in their standard error.

    Sampling fractions of a first stage without further stages enter *jk1*, *jkn* (through rscales) and *rao-wu*
    (factors 1 + √(1 − f)(… − 1)); half-samples ignore them. With several stages all kinds take the first as if
    drawn with replacement. Calibrated designs are calibrated again in every replicate. For totals the jackknives
    give exactly the with-replacement variance of linearisation, and half-samples do with their pairs as strata.

    References
    ----------
    Rao & Wu (1988), JASA 83, 231–241; Rao, Wu & Yue (1992), Survey Methodology 18, 209–217; Wolter (2007),
    chapters 3–5; Judkins (1990), Journal of Official Statistics 6, 223–239 (Fay).
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    sample = read_sample(frame, design)
    stage = sample.stages[0]
    _check_lonely(sample, stage)
    unsampled = stage.unsampled if len(sample.stages) == 1 else np.ones(stage.size.size)
    labels = unit_labels(sample)
    if kind == "rao-wu":
        if rng is None:
            raise EstimationError(
                "The Rao–Wu bootstrap draws at random: pass a numpy.random.Generator as rng."
            )
        state = rng.bit_generator.state
        made = Replicates(1 / (n - 1), factors=_rao_wu(stage, unsampled, n, rng), generator=state)
    elif kind == "jk1":
        if stage.size.size > 1:
            raise EstimationError(
                f"JK1 is for designs without strata; this one has {stage.size.size}. Use jkn."
            )
        made = Replicates((1 - 1 / stage.size[0]) * unsampled[0], factors=_leave_one_out(stage))
    elif kind == "jkn":
        made = _jkn(sample, stage, unsampled)
    else:
        shrink = rho if kind == "fay" else 0.0
        factors = _half_samples(sample, stage, shrink)
        made = Replicates(1 / (factors.shape[1] * (1 - shrink) ** 2), factors=factors)
    return replace(design, repweights=replace(made, psu=labels, kind=kind))


def unit_labels(sample: Sample) -> pd.Index:
    """Stratum and code of each first-stage unit; the position of the row where rows are units."""
    stage, design = sample.stages[0], sample.design
    if not names(design.psu):
        return pd.RangeIndex(stage.n_units)
    row = np.empty(stage.n_units, np.intp)
    row[stage.unit] = np.arange(stage.unit.size)
    columns = [*names(design.strata), names(design.psu)[0]]
    return pd.MultiIndex.from_frame(sample.frame[columns].iloc[row].astype(object))


def _check_lonely(sample: Sample, stage: Stage) -> None:
    lonely = np.flatnonzero((stage.size == 1) & ~stage.take_all)
    if sample.design.lonely_psu == "error" and lonely.size:
        listed = ", ".join(sample.stratum_names(lonely[:10]))
        raise LonelyPSUError(
            f"{lonely.size} strata have a single PSU: {listed}. Merge them, or choose another lonely_psu."
        )


def _units(stage: Stage, stratum: int) -> Ints:
    first = stage.first[stratum]
    return np.arange(first, first + int(stage.size[stratum]))


def _rao_wu(stage: Stage, unsampled: Floats, n: int, rng: np.random.Generator) -> Floats:
    """(PSUs, n) factors 1 + √(1 − f)·(n_h/(n_h − 1)·m − 1), m the times a PSU was drawn in n_h − 1 draws."""
    factors = np.ones((stage.n_units, n))
    for h in np.flatnonzero(stage.size > 1).tolist():
        size = int(stage.size[h])
        drawn = rng.multinomial(size - 1, np.full(size, 1 / size), size=n).T
        factors[_units(stage, h)] = 1 + np.sqrt(unsampled[h]) * (size / (size - 1) * drawn - 1)
    return factors


def _leave_one_out(stage: Stage) -> Floats:
    factors = np.full((stage.n_units, stage.n_units), stage.size[0] / max(stage.size[0] - 1, 1))
    np.fill_diagonal(factors, 0.0)
    return factors


def _jkn(sample: Sample, stage: Stage, unsampled: Floats) -> Replicates:
    rule, n_strata = sample.design.lonely_psu, stage.size.size
    factors, rscales = [], []
    for h in range(n_strata):
        size, units = stage.size[h], _units(stage, h)
        if size > 1:
            block = np.ones((stage.n_units, units.size))
            block[units] = size / (size - 1) * (1 - np.eye(units.size))
            factors.append(block)
            rscales += [(size - 1) / size * unsampled[h]] * units.size
        elif rule == "adjust" and n_strata > 1 and not stage.take_all[h]:
            column = np.full((stage.n_units, 1), n_strata / (n_strata - 1))
            column[units] = 0.0
            factors.append(column)
            rscales.append((n_strata - 1) / n_strata)
    if not factors:
        raise EstimationError(
            "Every stratum has a single PSU or was taken whole: there is nothing to leave out."
        )
    scale = stage.n_units / len(rscales) if rule == "average" else 1.0
    return Replicates(scale, np.array(rscales), factors=np.concatenate(factors, axis=1))


def _half_samples(sample: Sample, stage: Stage, rho: float) -> Floats:
    several = np.flatnonzero(stage.size > 1)
    if (odd := several[stage.size[several] % 2 == 1]).size:
        listed = ", ".join(sample.stratum_names(odd[:10]))
        raise EstimationError(
            f"Half-samples need an even number of PSUs; {odd.size} strata have not: {listed}. Use jkn."
        )
    pairs = np.concatenate([_units(stage, h).reshape(-1, 2) for h in several.tolist()])
    signs = hadamard(pairs.shape[0])[1 : pairs.shape[0] + 1]
    factors = np.ones((stage.n_units, signs.shape[1]))
    factors[pairs[:, 0]] = 1 + (1 - rho) * signs
    factors[pairs[:, 1]] = 1 - (1 - rho) * signs
    return factors
