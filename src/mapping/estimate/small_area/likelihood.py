"""Binomial kernels of cells and of sums of cells, with the derivatives that Laplace's approximation needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

__all__ = ["Likelihood"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Events and trials of each row of linear predictors, and of groups of rows whose mean risk is observed as one.

    `rows[g]` are the rows of group g; its risk is the plain mean of theirs.
    """

    events: Array
    trials: Array
    rows: tuple[NDArray[np.intp], ...]
    group_events: Array
    group_trials: Array

    def value(self, eta: Array) -> float:
        """Log likelihood, up to a constant."""
        total = float((self.events * eta + self.trials * log_expit(-eta)).sum())
        for inside, y, n in zip(self.rows, self.group_events, self.group_trials, strict=True):
            share = float(expit(eta[inside]).mean())
            total += y * np.log(share) + (n - y) * np.log1p(-share)
        return total

    def slope(self, eta: Array) -> Array:
        """First derivative by row."""
        slope: Array = self.events - self.trials * expit(eta)
        for inside, y, n in zip(self.rows, self.group_events, self.group_trials, strict=True):
            share, weight = self._mean_risk(eta, inside)
            slope[inside] += (y / share - (n - y) / (1 - share)) * weight
        return slope

    def entries(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which entries (row, row) of the information may differ from 0, in the order of `information`."""
        diagonal = np.arange(len(self.events))
        first = [diagonal, *(np.repeat(inside, len(inside)) for inside in self.rows)]
        second = [diagonal, *(np.tile(inside, len(inside)) for inside in self.rows)]
        return np.concatenate(first), np.concatenate(second)

    def information(self, eta: Array) -> Array:
        """Expected second derivative, sign changed, at the entries of `entries`."""
        p = expit(eta)
        parts = [self.trials * p * (1 - p)]
        for inside, n in zip(self.rows, self.group_trials, strict=True):
            share, weight = self._mean_risk(eta, inside)
            parts.append((n / (share * (1 - share)) * np.outer(weight, weight)).ravel())
        return np.concatenate(parts)

    def root(self, eta: Array) -> tuple[Array, list[Array]]:
        """The information as diag(root)² plus f f' for each group."""
        p = expit(eta)
        factors = []
        for inside, n in zip(self.rows, self.group_trials, strict=True):
            share, weight = self._mean_risk(eta, inside)
            factors.append(np.sqrt(n / (share * (1 - share))) * weight)
        return np.sqrt(self.trials * p * (1 - p)), factors

    def third(self, eta: Array) -> Array:
        """Third derivative by row; that of the groups is left out."""
        p = expit(eta)
        third: Array = -self.trials * p * (1 - p) * (1 - 2 * p)
        return third

    def fourth(self, eta: Array) -> Array:
        """Fourth derivative by row; that of the groups is left out."""
        v = expit(eta) * expit(-eta)
        fourth: Array = -self.trials * v * (1 - 6 * v)
        return fourth

    @staticmethod
    def _mean_risk(eta: Array, inside: NDArray[np.intp]) -> tuple[float, Array]:
        """Mean risk of a group and its derivative in each of the group's rows."""
        p = expit(eta[inside])
        share = min(max(float(p.sum()) / len(inside), 1e-300), 1 - 1e-16)
        return share, p * (1 - p) / len(inside)
