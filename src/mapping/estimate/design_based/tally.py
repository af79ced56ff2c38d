"""Counts and weights of the answers in every domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.estimate.design_based.codes import Floats, sums
from mapping.estimate.design_based.domains import Domains
from mapping.estimate.design_based.variables import Variable

__all__ = ["Answers", "Tally", "tally"]


@dataclass(frozen=True, slots=True, repr=False)
class Answers:
    """The answers to one variable, each array over all domains."""

    n: Floats  # rows with a weight above 0
    n_positive: Floats  # of these, other than 0
    weight: Floats  # Σ w
    kish: Floats  # n Σw² / (Σw)²: what unequal weights alone cost (Kish 1965, section 11.7); 1 where n is 0

    @property
    def at_end(self) -> NDArray[np.bool_]:
        """(domains,) whether an indicator is at 0 or at 100 per cent, by count."""
        end: NDArray[np.bool_] = (self.n > 0) & ((self.n_positive == 0) | (self.n_positive == self.n))
        return end


@dataclass(frozen=True, slots=True, repr=False)
class Tally:
    """Weights and domains of the rows, and their sums by cell."""

    weights: Floats
    counted: Floats  # 1 where the weight is above 0
    squares: Floats  # w²
    domains: Domains
    cell_rows: Floats
    cell_counts: Floats  # rows with a weight above 0
    cell_weights: Floats  # Σ w
    cell_squares: Floats  # Σ w²

    def over_crossings(self, by_cell: Floats) -> Floats:
        """(domains,) sums of a value per cell."""
        parts = []
        for crossing in self.domains.crossings:
            inside = crossing.of_cell >= 0
            parts.append(sums(crossing.of_cell[inside], by_cell[inside], crossing.size))
        return np.concatenate(parts)

    def answers(self, variable: Variable) -> Answers:
        """Who answered a variable, and how many are not 0."""
        w, cell, size = self.weights, self.domains.cell, self.domains.n_cells
        ones = variable.ones if variable.ones is not None else np.flatnonzero(variable.y)
        n = variable.answering(self.counted, cell, size, self.cell_counts)
        weight = variable.answering(w, cell, size, self.cell_weights)
        squares = variable.answering(self.squares, cell, size, self.cell_squares)
        by_domain = [
            self.over_crossings(v) for v in (n, sums(cell[ones], self.counted[ones], size), weight, squares)
        ]
        n, positive, weight, squares = by_domain
        kish = np.divide(n * squares, weight**2, out=np.ones_like(n), where=n > 0)
        return Answers(n, positive, weight, kish)

    def top(self, variable: Variable) -> Floats:
        """(cells,) Σ w·y."""
        return variable.top(self.weights, self.domains.cell, self.domains.n_cells)

    def bottom(self, variable: Variable) -> Floats:
        """(cells,) Σ w·x."""
        return variable.bottom(self.weights, self.domains.cell, self.domains.n_cells, self.cell_weights)


def tally(weights: Floats, domains: Domains) -> Tally:
    """The tally of some weights in some domains."""
    rows = np.bincount(domains.cell, minlength=domains.n_cells).astype(np.float64)
    counted, squares = (weights > 0).astype(np.float64), weights * weights
    by_cell = [sums(domains.cell, values, domains.n_cells) for values in (counted, weights, squares)]
    return Tally(weights, counted, squares, domains, rows, *by_cell)
