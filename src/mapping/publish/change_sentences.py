"""Sentences on change between waves: how far a share moved, and whether that can be told from chance."""

from __future__ import annotations

import math
from typing import cast

from mapping.disclosure.protected import Change
from mapping.texts import Texts

__all__ = ["chance", "change", "change_numbers", "change_verdict"]


def change(made: Change, texts: Texts, reason: str = "") -> str:
    """How a share has moved since an earlier wave, with the smallest change that could have been seen."""
    earlier, later = made.wave_earlier, made.wave_later
    if made.verdict == "break":
        if reason:
            said = reason.strip().rstrip(".")
            return texts("change.break_dated" if later in said else "change.break", reason=said, wave=later)
        return texts("change.break_plain", earlier=earlier, later=later)
    before, after = cast(tuple[float, float], (made.share_earlier, made.share_later))
    decimals = _decimals(before, after)
    key = _change_key(made, after - before)
    sentence = texts(
        f"change.{key}", earlier=texts.number(before, decimals), later=texts.number(after, decimals)
    )
    if change_verdict(made) == "unclear" and made.smallest_detectable is not None:
        limit = texts.number(made.smallest_detectable, _decimals(made.smallest_detectable))
        sentence += " " + texts("change.smallest", smallest=limit)
    return sentence


def change_verdict(made: Change) -> str:
    """The verdict in a word: "up", "down", "break", "unclear", or "chance".

    "chance" is a change beyond its own margin of error that is not clear among so many comparisons.
    """
    if (
        made.verdict == "unclear"
        and made.low is not None
        and made.high is not None
        and made.low * made.high > 0
    ):
        return "chance"
    return made.verdict


def change_numbers(made: Change, texts: Texts) -> tuple[str, str, str, tuple[str, str], str]:
    """A change as it stands in a table: shares before and after, difference, its limits, smallest detectable."""
    numbers = (made.share_earlier, made.share_later, made.difference, made.low, made.high)
    nothing = texts("word.not_applicable")
    if any(number is None for number in numbers):
        return nothing, nothing, nothing, ("", ""), nothing
    decimals = _decimals(*numbers, made.smallest_detectable)
    before, after, _, low, high = (texts.number(number or 0.0, decimals) for number in numbers)
    moved = _signed(made.difference or 0.0, decimals, texts)
    smallest = made.smallest_detectable
    limit = nothing if smallest is None else texts.number(smallest, decimals)
    return before, after, moved, (low, high), limit


def chance(comparisons: int, texts: Texts) -> str:
    """How many of so many comparisons are expected to look like changes by chance (1 in 20)."""
    false = math.floor(comparisons / 20 + 0.5)
    if false == 0:
        return texts("change.few", comparisons=comparisons)
    return texts("change.many", count=false, comparisons=comparisons, false=texts.spelled(false).lower())


def _change_key(made: Change, difference: float) -> str:
    verdict = change_verdict(made)
    if verdict in {"up", "down"}:
        return verdict
    if difference == 0:
        return "unclear_same"
    return f"{verdict}_{'up' if difference > 0 else 'down'}"


def _signed(number: float, decimals: int, texts: Texts) -> str:
    written = texts.number(number, decimals)
    return f"+{written}" if number > 0 else written


def _decimals(*numbers: float | None) -> int:
    return int(any(number is not None and abs(number - round(number)) > 1e-9 for number in numbers))
