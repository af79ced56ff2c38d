"""What was told of a cell outside the reports, to the press for instance: from then on it is as good as printed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mapping.disclosure.ledger.earlier import EarlierRelease, Remembered, enter_told, read_earlier
from mapping.errors import InputError

__all__ = ["note"]


def note(workspace: Path, key: str, *, share: str | None = None, count: int | None = None) -> int:
    """Record that a share (in per cent, as said) or a count of a cell was told; returns the number of the entry.

    Later releases take the cell as known, whatever was withheld of it, and withhold others instead. The ledger holds
    what was said and nothing else; the counts behind it stay with the owner.

    Raises
    ------
    InputError
        If no release has such a cell, or what was told is no share or count of it.
    """
    earlier = read_earlier(workspace)
    remembered = _find(earlier, key)
    told = _told(remembered, share, count)
    name = f"{key} told"
    known = next((r.figures for r in earlier if name in r.figures.figures), None)
    if known is not None and known.figures[name] == told:
        return known.sequence
    return enter_told(workspace, name, told, remembered).sequence


def _find(earlier: tuple[EarlierRelease, ...], key: str) -> Remembered:
    for release in reversed(earlier):
        if key in release.units:
            return release.units[key]
    known = sorted({name for release in earlier for name in release.units})
    near = difflib.get_close_matches(key, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else " The names stand in tables/figures.csv."
    raise InputError(f"no release has a cell {key!r}, or its wave was forgotten.{hint}")


def _told(remembered: Remembered, share: str | None, count: int | None) -> Mapping[str, Any]:
    """What was said, as the ledger holds it."""
    if (share is None) == (count is None):
        raise InputError("say either the share that was told, or the count.")
    if count is not None:
        if count != remembered.unit.events:
            raise InputError("that is not the count of this cell. Look it up, and correct what was told.")
        return {"status": "shown", "count": count}
    text = str(share).strip().removesuffix("%").strip().replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100 or remembered.unit.cases:
        raise InputError("a share is a number from 0 to 100; of case extracts only a count can be told.")
    return {"status": "shown", "share": value, "decimals": len(text.partition(".")[2])}
