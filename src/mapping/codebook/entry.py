"""An indicator together with what the loader made of its rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mapping.codebook.rules import Several, Tree
from mapping.concepts.indicator import Indicator
from mapping.concepts.question import Question

__all__ = ["FINEST", "Entry"]

FINEST = ("district", "area", "municipality", "county")  # levels of places, the finest first


@dataclass(frozen=True, slots=True)
class Entry(Indicator):
    """An indicator with its compiled rule and base, the questions they stand on, and their answer codes.

    `tree` is None for a ratio of two other indicators, which no row of a file can hold.
    """

    tree: Tree | None = None
    base_tree: Tree | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)

    @property
    def holds(self) -> Tree | None:
        """What is true of everyone who is a yes: the rule, within the base."""
        if self.tree is None or self.base_tree is None:
            return self.tree
        return Several((self.base_tree, self.tree), None)
