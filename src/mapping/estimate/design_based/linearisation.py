"""Variances by Taylor linearisation, from the sums of scores in (sampling unit × domain) pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.errors import LonelyPSUError
from mapping.estimate.design_based.cells import Layout
from mapping.estimate.design_based.codes import Floats, Ints
from mapping.estimate.design_based.sample import Sample, Stage

__all__ = ["Blocks", "covariance", "some_lonely", "stage_blocks"]


@dataclass(frozen=True, slots=True, repr=False)
class Blocks:
    """What the variance formula needs to know of each block (stratum × domain) of one stage.

    Attributes
    ----------
    size : units sampled in the stratum, in the domain or not
    counted : whether the stratum has an answer in the domain
    absent : of these, units without a row in the domain; their score is 0
    scale : factor of the sum of squares
    at_centre : blocks whose scores are taken around the domain's common centre instead of the block's mean
    inflation : (domains,) factor that lets other strata stand in for lonely ones; 1 if none do, NaN if none can
    """

    layout: Layout
    size: Floats
    counted: NDArray[np.bool_]
    absent: Floats
    scale: Floats
    at_centre: NDArray[np.bool_]
    inflation: Floats

    def variance(self, scores: Floats) -> Floats:
        """(domains,) variance of the sum of scores; `scores` are sums by pair.

        Notes
        -----
        For each domain, with z_c the sum of scores of unit c (0 for units outside the domain),

            V = Σ_h a_h (1 − f_h) n_h/(n_h − 1) Σ_{c∈h} (z_c − z̄_h)²,

        a_h the product of the sampling fractions above (1 at the first stage). Deviations are squared after
        centring, never as Σz² − n z̄², which loses all digits when the units are nearly alike.

        References
        ----------
        Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, sections 4.3 and 5.5.
        Binder (1983), International Statistical Review 51, 279–292.
        """
        deviation, centre = self._centred(scores)
        squares = self.layout.by_block(deviation * deviation) + self.absent * centre * centre
        return self.layout.blocks_by_domain(squares * self.scale) * self.inflation

    def covariance(self, scores: Floats) -> Floats:
        """(sums, sums) covariance of several sums of scores in the one domain there is; `scores` are pairs × sums.

        By the same rule as `variance`: Σ_h a_h (1 − f_h) n_h/(n_h − 1) Σ_{c∈h} (z_c − z̄_h)(z_c − z̄_h)′.
        """
        parts = [self._centred(column) for column in scores.T]
        deviation, centre = (np.column_stack(part) for part in zip(*parts, strict=True))
        present = (deviation * self.scale[self.layout.block, None]).T @ deviation
        absent = (centre * (self.scale * self.absent)[:, None]).T @ centre
        matrix: Floats = (present + absent) * self.inflation[0]
        return matrix

    def _centred(self, scores: Floats) -> tuple[Floats, Floats]:
        """(pairs,) scores less the centre of their block, and (blocks,) the centres."""
        layout = self.layout
        totals = layout.by_block(scores)
        centre = totals / self.size
        if self.at_centre.any():
            units = layout.blocks_by_domain(np.where(self.counted, self.size, 0.0))
            common = layout.blocks_by_domain(totals) / np.maximum(units, 1.0)
            centre = np.where(self.at_centre, common[layout.block_domain], centre)
        return scores - centre[layout.block], centre


def some_lonely(sample: Sample, stage: Stage) -> bool:
    """Whether loneliness can depend on who answered."""
    in_domains = sample.design.lonely_in_domains and sample.design.lonely_psu in {"adjust", "average"}
    return in_domains or bool(((stage.size == 1) & ~stage.take_all).any())


def stage_blocks(
    sample: Sample, stage: Stage, layout: Layout, answered: NDArray[np.bool_] | None, *, first: bool
) -> Blocks:
    """The blocks of one stage with the rule for lonely units applied.

    Parameters
    ----------
    answered : (pairs,) whether a pair has a row with an answer; None if all have
    first : whether this is the first stage

    Notes
    -----
    A stratum is lonely when one unit was sampled and the population has more. *remove* and *certainty* let it
    add nothing; *average* lets it add what the other strata of the domain add on average; *adjust* takes its
    scores around the mean of all units of the domain's strata. With ``lonely_in_domains`` a stratum of which
    only one unit has rows in the domain is treated alike. At later stages, where a stratum is a unit of the
    stage above and has no neighbours, *adjust* adds nothing.

    Raises
    ------
    LonelyPSUError
        If a stratum is lonely and the design says that this is an error.
    """
    rule = sample.design.lonely_psu
    size = stage.size[layout.stratum]
    take_all = stage.take_all[layout.stratum]
    paired = layout.length
    present = paired if answered is None else layout.by_block(answered.astype(np.float64))
    lonely = ~take_all & (present == 1)
    alone = lonely & (size == 1)
    if rule == "error" and alone.any():
        raise LonelyPSUError(_lonely_message(sample, np.unique(layout.stratum[alone]), first=first))
    if not sample.design.lonely_in_domains:
        lonely = alone
    scale = stage.scale[layout.stratum]
    at_centre = np.zeros(size.size, dtype=bool)
    inflation = np.ones(layout.n_domains)
    if rule == "adjust" and first:
        at_centre = lonely
    elif rule == "average":
        scale = np.where(lonely, 0.0, scale)
        strata = layout.blocks_by_domain((present > 0).astype(np.float64))
        sound = strata - layout.blocks_by_domain(lonely.astype(np.float64))
        inflation = np.divide(strata, sound, out=np.full_like(strata, np.nan), where=sound > 0)
    return Blocks(layout, size, present > 0, size - paired, scale, at_centre, inflation)


def covariance(sample: Sample, stage: Stage, scores: Floats, *, first: bool) -> Floats:
    """(estimates, estimates) covariance of sums of scores over the whole design; `scores` are units × estimates."""
    totals = np.add.reduceat(scores, stage.first, axis=0)
    lonely = (stage.size == 1) & ~stage.take_all
    rule = sample.design.lonely_psu
    if rule == "error" and lonely.any():
        raise LonelyPSUError(_lonely_message(sample, np.flatnonzero(lonely), first=first))
    centre = totals / stage.size[:, None]
    scale = stage.scale
    if rule == "adjust" and first:
        centre = np.where(lonely[:, None], totals.sum(axis=0) / stage.size.sum(), centre)
    if rule == "average" and lonely.any():
        sound = lonely.size - int(lonely.sum())
        scale = scale * (lonely.size / sound if sound else np.nan)
    deviation = (scores - centre[stage.stratum]) * np.sqrt(scale)[stage.stratum][:, None]
    matrix: Floats = deviation.T @ deviation
    return matrix


def _lonely_message(sample: Sample, strata: Ints, *, first: bool) -> str:
    if first:
        listed = sample.stratum_names(strata[:10])
        more = f" and {strata.size - 10} more" if strata.size > 10 else ""
        have = "stratum has" if strata.size == 1 else "strata have"
        where = f"{strata.size} {have} a single PSU: {', '.join(listed)}{more}."
    else:
        where = f"{strata.size} sampling units have a single unit below them."
    return (
        f"{where} Their variance cannot be estimated. Merge them with neighbours, or choose "
        "lonely_psu='adjust' (conservative), 'average', 'certainty' or 'remove' in the design."
    )
