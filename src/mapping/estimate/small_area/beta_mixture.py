"""Finite mixtures of beta distributions: the shape of a beta-binomial posterior under quadrature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise
from scipy.special import betainc, betaincinv, expit, logit

from mapping.estimate.small_area.posterior import calibrated_tails
from mapping.estimate.small_area.products import dot

__all__ = ["BetaMixture"]

Array = NDArray[np.float64]

FARTHEST = (-700.0, 36.0)  # log odds beyond which a probability is 0 or 1 to a float


@dataclass(frozen=True)
class BetaMixture:
    """Area i follows Beta(a[k, i], b[k, i]) with probability weights[k], the same k for all areas."""

    weights: Array
    a: Array
    b: Array

    @cached_property
    def mean(self) -> Array:
        """Expectation, by area."""
        mean: Array = dot(self.weights, self.a / (self.a + self.b))
        return mean

    @cached_property
    def sd(self) -> Array:
        """Standard deviation, by area."""
        total = self.a + self.b
        share = self.a / total
        within = share * (self.b / total) / (total + 1)
        sd: Array = np.sqrt(dot(self.weights, within + (share - self.mean) ** 2))
        return sd

    def cdf(self, value: float | Array) -> Array:
        """Probability of at most `value`, by area."""
        probability: Array = dot(self.weights, betainc(self.a, self.b, np.clip(value, 0, 1)))
        return probability

    def quantile(self, probability: float) -> Array:
        """Solves cdf(x) = probability on the logit scale, between the extremes over the components."""
        ends = np.clip(logit(betaincinv(self.a, self.b, probability)), *FARTHEST)
        low, high = ends.min(axis=0) - 1e-6, ends.max(axis=0) + 1e-6

        def gap(x: Array, area: NDArray[np.intp]) -> Array:
            beyond: Array = (
                dot(self.weights, betainc(self.a[:, area], self.b[:, area], expit(x))) - probability
            )
            return beyond

        areas = np.arange(self.a.shape[1])
        tolerances = {"xatol": 1e-12, "xrtol": 1e-12}
        found = elementwise.find_root(gap, (low, high), args=(areas,), tolerances=tolerances)
        end = np.where(
            gap(low, areas) >= 0, low, high
        )  # the quantile lies beyond what a float can tell from 0 or 1
        quantile: Array = expit(np.where(found.success, found.x, end))
        return quantile

    def interval(self, level: float) -> Array:
        """Limits with calibrated tails by area, shape (areas, 2)."""
        return calibrated_tails(self, level)

    def draws(self, nodes: NDArray[np.intp], uniforms: Array) -> Array:
        """One value per row and area: row s from component nodes[s], at the probabilities uniforms[s]."""
        values: Array = betaincinv(self.a[nodes], self.b[nodes], uniforms)
        return values
