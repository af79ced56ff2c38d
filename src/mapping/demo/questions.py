"""The demo's questions and how likely each answer is, read from questions.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

__all__ = ["Box", "Question", "read_questions"]

WAVES = ("2024", "2026")


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a multiple response. The box ``none`` has no target: it is ticked where no other is."""

    label: str
    target: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its model and its labels; see the head of questions.toml."""

    item: str
    variable: tuple[str, str]
    text: str
    reworded: str = ""
    target: float = 0.0
    girl: float = 0.0
    control: float = 0.0
    violence: float = 0.0
    change: float = 0.0
    swapped: bool = False
    unsure: float = 0.0
    declined: float = 0.0
    yes: Mapping[str, float] = field(default_factory=dict)
    no: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    relabelled: Mapping[str, str] = field(default_factory=dict)
    boxes: Mapping[str, Box] = field(default_factory=dict)

    def name(self, wave: str, box: str = "") -> str:
        """The variable in the file of `wave`; boxes add a letter, the box ``none`` an x."""
        stem = self.variable[WAVES.index(wave)]
        if not box:
            return stem
        return stem + ("x" if box == "none" else "abcdefghijk"[list(self.boxes).index(box)])

    def wording(self, wave: str) -> str:
        """The question as the file of `wave` has it."""
        return self.reworded if self.reworded and wave == WAVES[1] else self.text

    def answer_labels(self, wave: str) -> Mapping[str, str]:
        """Answer code to value label in the file of `wave`."""
        return self.relabelled if self.relabelled and wave == WAVES[1] else self.labels

    @property
    def ticks(self) -> tuple[str, ...]:
        """The boxes that say something, without ``none``."""
        return tuple(box for box in self.boxes if box != "none")


def read_questions() -> tuple[Question, ...]:
    """The questions in the order of the form."""
    values = tomllib.loads((resources.files(__package__) / "questions.toml").read_text(encoding="utf-8"))
    return tuple(
        Question(
            **{key: value for key, value in entry.items() if key not in {"boxes", "variable"}},
            variable=tuple(entry["variable"]),
            boxes={name: Box(**box) for name, box in entry.get("boxes", {}).items()},
        )
        for entry in values["questions"]
    )
