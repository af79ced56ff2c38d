"""A question behind the codebook's indicators: its wording, its answers or its boxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["NONE_BOX", "Question"]

NONE_BOX = "none"  # the box of a multiple response that excludes all the others

Labels = Mapping[str, tuple[str, ...]]  # language -> typical labels


@dataclass(frozen=True, slots=True)
class Question:
    """One item of the codebook.

    `answers` maps an answer code to the labels it usually carries, by language; a multiple response has
    `boxes` instead, each of which is "yes" or "no" in a column of its own (``n_leisure_sports``). `covers` names the
    answers that a coarser one may stand for: a plain "yes", where a survey does not ask how often.
    """

    id: str
    text: Mapping[str, str]
    answers: Mapping[str, Labels] = field(default_factory=dict)
    boxes: Mapping[str, Labels] = field(default_factory=dict)
    covers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns this question fills in a frame of responses, with the answer codes each may hold."""
        if self.boxes:
            return {f"{self.id}_{box}": ("yes", "no") for box in self.boxes}
        return {self.id: tuple(self.answers)}
