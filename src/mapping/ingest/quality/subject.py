"""What a quality report is about: one wave as it was taken in, and the wave before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from mapping.concepts.responses import Responses

__all__ = ["Names", "Subject"]


@dataclass(frozen=True, slots=True)
class Names:
    """How things are called on the page, in its language, and what stands on it besides the answers.

    `questions` are wordings by item, `indicators` names by id, `districts` name and register pupils by code (None where
    the register is not known).
    """

    language: str
    municipality: str
    questions: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, str] = field(default_factory=dict)
    districts: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    synthetic: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """One wave: its responses, what each respondent is by indicator, notes, and the facts of its file."""

    responses: Responses
    answers: pd.DataFrame
    notes: tuple[str, ...] = ()
    intake: Mapping[str, object] = field(default_factory=dict)

    @property
    def wave(self) -> str:
        """The wave's name."""
        return self.responses.wave.id
