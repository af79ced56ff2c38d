"""Changes between waves: made from the printed shares, so that a difference tells nothing the figures do not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure.policy import Policy
from mapping.disclosure.protected import Change, Figure, Status

__all__ = ["to_changes"]

_TINY = 1e-9


def to_changes(
    tables: Sequence[EstimateTable], figures: Sequence[Figure], policy: Policy
) -> tuple[Change, ...]:
    """The changes whose two figures are both shown; breaks in a series are named without numbers."""
    shown = {(f.key, f.target): f for f in figures if f.status is Status.SHOWN}
    return tuple(
        change
        for table in tables
        for row in table.changes.to_dict("records")
        for change in _change({str(k): v for k, v in row.items()}, shown, policy)
    )


def _change(
    row: Mapping[str, object], shown: Mapping[tuple[str, str], Figure], policy: Policy
) -> Iterator[Change]:
    target = str(row.get("target", "pupils"))
    earlier, later = shown.get((str(row["key_earlier"]), target)), shown.get((str(row["key_later"]), target))
    names = {
        name: str(row[name]) for name in ("indicator", "level", "area", "group", "wave_earlier", "wave_later")
    }
    if earlier is None or later is None:
        return
    if not row["comparable"]:
        yield Change(**names, **dict.fromkeys(_NUMBERS), verdict="break")  # type: ignore[arg-type]
        return
    yield Change(**names, **_numbers(row, earlier, later, policy))  # type: ignore[arg-type]


_NUMBERS = ("share_earlier", "share_later", "difference", "low", "high", "smallest_detectable")


def _numbers(row: Mapping[str, object], earlier: Figure, later: Figure, policy: Policy) -> dict[str, object]:
    before, after = float(earlier.share or 0.0), float(later.share or 0.0)
    decimals = min(earlier.decimals, later.decimals)
    step = 10.0**-decimals
    difference = round(after - before, max(earlier.decimals, later.decimals))
    difference = math.floor(difference / step + 0.5 + _TINY) * step
    # the two printed shares are each up to half a step off: the interval is laid around their difference, a step wider
    slack = 0.0 if decimals else step
    exact, low, high = (100 * float(row[name]) for name in ("difference", "ci_low", "ci_high"))  # type: ignore[arg-type]
    shift = difference - exact if slack else 0.0
    printed_low = math.floor((low + shift - slack) / step + _TINY) * step
    printed_high = math.ceil((high + shift + slack) / step - _TINY) * step
    smallest = float(row["smallest_detectable"])  # type: ignore[arg-type]
    q = float(row["q"])  # type: ignore[arg-type]
    return {
        "share_earlier": before,
        "share_later": after,
        "difference": round(difference, decimals),
        "low": round(printed_low, decimals),
        "high": round(printed_high, decimals),
        "smallest_detectable": None
        if pd.isna(smallest)
        else round(math.ceil(100 * smallest / step - _TINY) * step, decimals),
        "verdict": _verdict(q, printed_low, printed_high, policy),
    }


def _verdict(q: float, low: float, high: float, policy: Policy) -> str:
    if not q < policy.change_q or low <= 0 <= high:
        return "unclear"
    return "up" if low > 0 else "down"
