"""Whether wave.toml and the codebook speak of the same questions, boxes and answers."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from mapping.concepts.question import NONE_BOX, Question
from mapping.concepts.wave import Wave
from mapping.errors import SettingsError

__all__ = ["check_answers"]

EXTRA_BOXES = ("unsure", "declined")  # boxes that stand for a non-answer to the whole question


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(sorted(known))}."


def check_answers(wave: Wave, questions: Mapping[str, Question]) -> None:
    """Refuse an item, a box or an answer code in wave.toml that the codebook does not have.

    Raises
    ------
    SettingsError
        Naming the item and the nearest known name.
    """
    place = f"wave.toml of {wave.id}"
    for name in wave.file.equal:
        if name not in wave.items:
            raise SettingsError(
                f"{place} [file]: 'equal' names no item of this wave: '{name}'. {_near(name, wave.items)}"
            )
    for name, item in wave.items.items():
        if name not in questions:
            raise SettingsError(f"{place}: the codebook has no item '{name}'. {_near(name, questions)}")
        question = questions[name]
        known: Collection[str]
        if question.boxes:
            known, used, kind = [*question.boxes, *EXTRA_BOXES], list(item.offered), "box"
        else:
            known, used, kind = list(question.answers), list(item.values), "answer"
        if not used:
            form = "'variables', one per box, or 'boxes'" if question.boxes else "'variable' and 'values'"
            raise SettingsError(f"{place} [items.{name}]: this question takes {form}.")
        for code in used:
            if code not in known:
                raise SettingsError(
                    f"{place} [items.{name}]: there is no {kind} '{code}'. {_near(code, known)}"
                )
        if question.boxes and NONE_BOX in question.boxes and not set(used) - {NONE_BOX, *EXTRA_BOXES}:
            raise SettingsError(f"{place} [items.{name}]: name at least one box besides '{NONE_BOX}'.")
