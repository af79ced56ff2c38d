"""What a small-area model knows of each area, and joint draws for whatever compares areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mapping.errors import EstimationError
from mapping.estimate.small_area.products import dot

__all__ = ["AreaPosterior", "Draws", "JointDraws", "Marginals", "calibrated_tails", "equal_tails", "tail_of"]

Array = NDArray[np.float64]

# probability beyond the end towards 0 or 1, and beyond the one that shrinkage pulls away from, over an equal tail's
OUTER_TAIL, INNER_TAIL = 0.8, 0.3
TARGETS = {
    "pupils": "Make one of pupils with finite_population.",
    "risk": "Ask the posterior of risk that it was made from.",
}


class Marginals(Protocol):
    """The distribution of each area by itself."""

    @property
    def mean(self) -> Array:
        """Expectation, by area."""
        ...

    @property
    def sd(self) -> Array:
        """Standard deviation, by area."""
        ...

    def cdf(self, value: float) -> Array:
        """Probability of at most `value`, by area."""
        ...

    def quantile(self, probability: float) -> Array:
        """The value that is exceeded with probability 1 − `probability`, by area."""
        ...

    def interval(self, level: float) -> Array:
        """Lower and upper limit by area, shape (areas, 2), with at least `level` between them."""
        ...


def equal_tails(quantile: Callable[[float], Array], level: float) -> Array:
    """Limits with the same probability below and above, shape (areas, 2)."""
    tail = tail_of(level)
    return np.column_stack([quantile(tail), quantile(1 - tail)])


def calibrated_tails(marginals: Marginals, level: float) -> Array:
    r"""Limits, shape (areas, 2): :math:`0.4\alpha` beyond the end towards 0 or 1, :math:`0.15\alpha` beyond the other.

    A rare event's highest places are pulled down most, and equal tails cover them too seldom
    (docs/small_areas.md, where the shares of the tails were set by simulation). Above ½ the ends change places.
    """
    outer, inner = OUTER_TAIL * tail_of(level), INNER_TAIL * tail_of(level)
    rare = marginals.mean <= 0.5
    low, high = np.empty(len(rare)), np.empty(len(rare))
    for these, below, above in ((rare, outer, inner), (~rare, inner, outer)):
        if these.any():
            low[these], high[these] = marginals.quantile(below)[these], marginals.quantile(1 - above)[these]
    return np.column_stack([low, high])


@dataclass(frozen=True)
class Draws:
    """Marginals as the draws have them, each draw equally likely."""

    values: Array

    @cached_property
    def mean(self) -> Array:
        """Average of the draws."""
        mean: Array = self.values.mean(axis=0)
        return mean

    @cached_property
    def sd(self) -> Array:
        """Standard deviation of the draws."""
        sd: Array = self.values.std(axis=0)
        return sd

    def cdf(self, value: float) -> Array:
        """Share of the draws that are at most `value`."""
        share: Array = (self.values <= value).mean(axis=0)
        return share

    def quantile(self, probability: float) -> Array:
        """The smallest draw that `probability` of the draws do not exceed: a value that can occur."""
        quantile: Array = np.quantile(self.values, probability, axis=0, method="inverted_cdf")
        return quantile

    def interval(self, level: float) -> Array:
        """Limits with calibrated tails."""
        return calibrated_tails(self, level)


@dataclass(frozen=True, slots=True)
class JointDraws:
    """Equally likely draws, one per line: of the areas, and of the rows of the fit (an area, or a school in it)."""

    areas: Array
    rows: Array


@dataclass(frozen=True)
class AreaPosterior:
    """The joint posterior of the areas' prevalences.

    Attributes
    ----------
    target : {"risk", "pupils"}
        What the numbers are about: the underlying risk of a place, or the share among this year's pupils.
    marginals : Marginals
        Each area by itself.
    weights : ndarray of shape (areas,)
        Share of each area in the municipal level; sums to 1.
    draw : callable
        Makes the joint draws; called once, on first use. The same numbers on every call.
    row_area : ndarray of shape (rows,)
        Position of the area of each row of the fit.
    notes : tuple of str
        What a reader should know about this fit.
    """

    target: str
    marginals: Marginals
    weights: Array
    draw: Callable[[], JointDraws] = field(repr=False)
    row_area: NDArray[np.intp]
    notes: tuple[str, ...] = ()

    @property
    def mean(self) -> Array:
        """Posterior mean, by area."""
        return self.marginals.mean

    @property
    def sd(self) -> Array:
        """Posterior standard deviation, by area."""
        return self.marginals.sd

    @cached_property
    def joint(self) -> JointDraws:
        """Joint draws of areas and rows, deterministic."""
        return self.draw()

    @property
    def draws(self) -> Array:
        """Joint draws of the areas, shape (draws, areas)."""
        return self.joint.areas

    @cached_property
    def level(self) -> Array:
        """The municipal level in each draw: the weighted mean of the areas."""
        level: Array = dot(self.draws, self.weights)
        return level

    def interval(self, level: float = 0.95, *, target: str | None = None) -> Array:
        """Interval by area, shape (areas, 2), holding its value with probability `level`, at least.

        Of a risk more is left out below than above (`calibrated_tails`); of pupils, whose share moves in steps, it is
        the shortest (`finite_population`).

        Raises
        ------
        EstimationError
            If `target` is given and this posterior is of the other target.
        """
        self._asked_of(target)
        return self.marginals.interval(level)

    def exceedance(self, threshold: float | None = None, *, target: str | None = None) -> Array:
        """Probability that the area lies above `threshold`, or above the jointly drawn municipal level.

        With one area, which is its own municipal level, the answer is ½: it cannot be told apart from itself.
        An error, if `target` is given and this posterior is of the other target.
        """
        self._asked_of(target)
        if threshold is not None:
            return 1 - self.marginals.cdf(threshold)
        return _above(self.draws, self.level[:, None])

    def prob_greater(self, a: int, b: int) -> float:
        """Probability that area `a` has a higher value than area `b`; ½ for an area and itself."""
        return float(_above(self.draws[:, [a]], self.draws[:, [b]])[0])

    def rank_intervals(self, level: float = 0.95, *, target: str | None = None) -> NDArray[np.intp]:
        """Equal-tailed interval of each area's rank, shape (areas, 2); rank 1 has the highest value.

        Each interval holds its area's rank with probability `level`; they are not simultaneous. An error, if
        `target` is given and this posterior is of the other target.
        """
        self._asked_of(target)
        ranks = self.draws.shape[1] - np.argsort(
            np.argsort(self.draws, axis=1, kind="stable"), axis=1, kind="stable"
        )
        tail = tail_of(level)
        ends = np.quantile(ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
        intervals: NDArray[np.intp] = ends.T.astype(np.intp)
        return intervals

    def _asked_of(self, target: str | None) -> None:
        if target in {None, self.target}:
            return
        if target not in TARGETS:
            raise EstimationError(f"target is {' or '.join(TARGETS)}, not {target!r}.")
        raise EstimationError(
            f"this posterior is of {self.target}: its intervals do not hold {target}. " + TARGETS[str(target)]
        )


def _above(values: Array, others: Array) -> Array:
    """Share of rows in which `values` is larger, ties (up to rounding) counted half."""
    gap, close = values - others, 1e-12 * (np.abs(values) + np.abs(others))
    share: Array = np.mean((gap > close) + 0.5 * (np.abs(gap) <= close), axis=0)
    return share


def tail_of(level: float) -> float:
    """Probability beyond each end of an equal-tailed interval."""
    if not 0 < level < 1:
        raise EstimationError(
            f"the level of an interval lies between 0 and 1, for instance 0.95; it is {level}."
        )
    return (1 - level) / 2
