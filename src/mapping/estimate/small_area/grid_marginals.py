"""Distributions of risks given as tables, one per area, on a grid of log odds of the area's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, owens_t

from mapping.estimate.small_area.posterior import calibrated_tails

__all__ = ["GridMarginals", "skew_normal_cdf"]

Array = NDArray[np.float64]

MOST_SKEW = 0.95  # a skew-normal distribution reaches 0.995
FAR = 7.0  # standard deviations beyond which Owen's function is 0 to a float's last digits


def skew_normal_cdf(value: Array, mean: Array, sd: Array, skewness: Array) -> Array:
    """Distribution function of the skew-normal with these moments; skewness is held within ±0.95.

    References
    ----------
    Azzalini (1985), Scandinavian J. Statistics 12, 171-178. Rue, Martino & Chopin (2009), section 3.2.3.
    """
    size = np.abs(np.clip(skewness, -MOST_SKEW, MOST_SKEW)) ** (2 / 3)
    delta = np.sign(skewness) * np.sqrt(np.pi / 2 * size / (size + ((4 - np.pi) / 2) ** (2 / 3)))
    scale = sd / np.sqrt(1 - 2 * delta**2 / np.pi)
    z = (value - mean) / scale + delta * np.sqrt(2 / np.pi)
    cdf: Array = ndtr(z)
    slant = np.broadcast_to(delta / np.sqrt(1 - delta**2), z.shape)
    near = np.abs(z) < FAR
    cdf[near] -= 2 * owens_t(z[near], slant[near])
    return np.clip(cdf, 0, 1)


@dataclass(frozen=True)
class GridMarginals:
    """`cdf_values[g, i]` is the probability that the risk of area i is at most expit(log_odds[g, i])."""

    log_odds: Array
    cdf_values: Array

    @cached_property
    def _cells(self) -> tuple[Array, Array]:
        """Risk in the middle of each cell of the grid, and its probability; the tails belong to the end cells."""
        middle = expit((self.log_odds[1:] + self.log_odds[:-1]) / 2)
        mass = np.diff(self.cdf_values, axis=0)
        mass[0] += self.cdf_values[0]
        mass[-1] += 1 - self.cdf_values[-1]
        return middle, mass

    @cached_property
    def mean(self) -> Array:
        """Expectation, by area."""
        risk, mass = self._cells
        mean: Array = (risk * mass).sum(axis=0)
        return mean

    @cached_property
    def sd(self) -> Array:
        """Standard deviation, by area."""
        risk, mass = self._cells
        sd: Array = np.sqrt((mass * (risk - self.mean) ** 2).sum(axis=0))
        return sd

    def cdf(self, value: float) -> Array:
        """Probability of at most `value`, by area."""
        if not 0 < value < 1:
            return np.full(self.log_odds.shape[1], float(value >= 1))
        at = logit(value)
        columns = zip(self.log_odds.T, self.cdf_values.T, strict=True)
        return np.array([np.interp(at, grid, cdf, left=0.0, right=1.0) for grid, cdf in columns])

    def quantile(self, probability: float) -> Array:
        """The value that is exceeded with probability 1 − `probability`, by area."""
        quantile: Array = self.quantiles(np.array([probability]))[0]
        return quantile

    def interval(self, level: float) -> Array:
        """Limits with calibrated tails by area, shape (areas, 2)."""
        return calibrated_tails(self, level)

    def quantiles(self, probabilities: Array) -> Array:
        """Quantiles, shape (probabilities, areas) or, given one column per area, that of `probabilities`."""
        columns = np.broadcast_to(
            probabilities[:, None] if probabilities.ndim == 1 else probabilities,
            (len(probabilities), self.log_odds.shape[1]),
        )
        by_area = zip(columns.T, self.cdf_values.T, self.log_odds.T, strict=True)
        found: Array = expit(np.column_stack([np.interp(p, cdf, grid) for p, cdf, grid in by_area]))
        return found
