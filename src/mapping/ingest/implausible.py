"""Shares of answers that moved further between two waves than pupils do, where only codes say what was answered."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE, Responses
from mapping.concepts.wave import Item

__all__ = ["implausible_moves"]

MANY = 30  # valid answers in each wave
LEAST = 20.0  # percentage points
CLEAR = 6.0  # standard errors of a simple random sample: pupils of a school answer alike
FEW = 6  # answers whose every order is tried

Shares = npt.NDArray[np.float64]


def implausible_moves(before: Responses, now: Responses) -> list[str]:
    """Notes on questions mapped by bare codes whose shares moved implausibly since the wave before.

    Value labels would tell a swap or a shift of codes; without any, only the shares can. They are compared unweighted,
    among valid answers, and no number is told.

    Examples
    --------
    11.8 % yes in one wave and 83.3 % in the next is a swap of codes rather than a change among pupils.
    """
    notes = []
    for name, item in now.wave.items.items():
        earlier = before.wave.items.get(name)
        if earlier is None or not (_bare(item) or _bare(earlier)):
            continue
        answers = tuple(item.values) if item.variable else ("yes", "no")
        columns = [name] if item.variable else [f"{name}_{box}" for box in item.offered]
        moved = [found for column in columns if (found := _moved(before, now, column, answers)) is not None]
        if moved:
            exchanged = " They fit the wave before if answers changed places." if any(moved) else ""
            notes.append(
                f"Item '{name}': shares of its answers moved by more than {LEAST:g} percentage points since wave "
                f"{before.wave.id}, and bare codes do not tell whether their meaning changed.{exchanged} Ask the data "
                "owner for the value labels."
            )
    return notes


def _bare(item: Item) -> bool:
    """Whether nothing but numbers says what was answered."""
    stated = [*item.values.values(), *item.boxes.values(), item.checked]
    return not any(isinstance(label, str) for labels in stated for label in labels)


def _moved(before: Responses, now: Responses, column: str, answers: tuple[str, ...]) -> bool | None:
    """None where the shares moved no further than pupils may; else whether another order of answers fits better."""
    (then, m), (today, n) = _shares(before, column, answers), _shares(now, column, answers)
    if min(m, n) < MANY:
        return None
    error = np.sqrt(then * (100 - then) / m + today * (100 - today) / n)
    if not (np.abs(then - today) > np.maximum(CLEAR * error, LEAST)).any():
        return None
    if len(answers) > FEW:
        return False
    best = min(float(np.abs(then - today[list(order)]).sum()) for order in permutations(range(len(answers))))
    return best < float(np.abs(then - today).sum()) / 3


def _shares(wave: Responses, column: str, answers: tuple[str, ...]) -> tuple[Shares, int]:
    """The share of each answer in per cent, and among how many valid ones."""
    if column not in wave.frame:
        return np.zeros(len(answers)), 0
    counts = wave.frame[column].value_counts().drop([UNSURE, DECLINED, SKIPPED], errors="ignore")
    total = int(counts.sum())
    return 100 * counts.reindex(answers, fill_value=0).to_numpy(dtype=float) / max(total, 1), total
