"""Counts that may lie on a disk: none under five, and none that gives one back by subtraction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["FEW", "Cell", "cells", "rates"]

FEW = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A count as it may be shown: itself, or only that it is under five, or nothing.

    `count` is None where it is not told; `few` whether it is known to be from 1 to 4.
    """

    count: int | None
    few: bool = False

    @property
    def told(self) -> bool:
        """Whether the count itself may be shown."""
        return self.count is not None

    def share(self, total: int) -> float | None:
        """Per cent of `total`; None where it is not told."""
        return None if self.count is None or not total else 100 * self.count / total


def cells(
    counts: Mapping[str, int], *, hide: Collection[str] = (), keep: Collection[str] = ()
) -> dict[str, Cell]:
    """Counts that add up to a known total, as they may be shown together.

    Counts from 1 to 4 are only "few". They could be worked out from the total and the others, so that the smallest of
    the others is left out as well, until what is left out together is at least twice five: then no single one follows.
    `hide` names counts that must not be told in any case, `keep` those that are left out last, because another table
    tells them.

    Examples
    --------
    >>> [cell.count for cell in cells({"a": 90, "b": 7, "c": 3}).values()]
    [90, None, None]
    >>> [cell.count for cell in cells({"a": 90, "b": 0, "c": 10}).values()]
    [90, 0, 10]
    """
    few = {name for name, n in counts.items() if 0 < n < FEW}
    hidden = few | set(hide)
    rest = [name for name in counts if name not in hidden]
    rest.sort(key=lambda name: (name in keep, counts[name] == 0, counts[name]))
    while hidden and rest and not _safe([counts[name] for name in hidden], few | set(hide)):
        hidden.add(rest.pop(0))
    return {name: Cell(None if name in hidden else n, few=name in few) for name, n in counts.items()}


def _safe(counts: Sequence[int], secret: Collection[str]) -> bool:
    """Whether counts that are left out together stay open: one that is no secret is among them, and they are enough."""
    return len(counts) > len(secret) and sum(counts) >= 2 * FEW


def rates(parts: Mapping[str, tuple[int, int]]) -> dict[str, float | None]:
    """Per cent that the first number of each pair is of the second; None where a part or what it leaves is few.

    The pairs add up to known totals: where one is left out, the smallest other is as well, so that it does not follow.

    Examples
    --------
    >>> rates({"girl": (80, 100), "boy": (97, 100), "other": (60, 100)})
    {'girl': 80.0, 'boy': None, 'other': None}
    """
    secret = {name for name, (part, whole) in parts.items() if 0 < part < FEW or 0 < whole - part < FEW}
    rest = sorted((name for name in parts if name not in secret), key=lambda name: parts[name])
    hidden = secret | set(rest[:1] if len(secret) == 1 else ())
    return {
        name: None if name in hidden or not whole else 100 * part / whole
        for name, (part, whole) in parts.items()
    }
