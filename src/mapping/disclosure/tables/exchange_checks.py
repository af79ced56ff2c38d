"""What relations in the exchange format may say; anything else is refused rather than passed over in silence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from mapping.errors import InputError

__all__ = ["check_relations"]

Check = Callable[[Any], bool]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 12


def _among(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


_LIMITS: Mapping[str, Check] = MappingProxyType(
    {
        "num": lambda value: isinstance(value, str),
        "den": lambda value: isinstance(value, str),
        "lo": _number,
        "hi": _number,
        "decimals": _whole,
        "level": lambda value: _number(value) and 0 < value < 1,
        "value": _number,
    }
)
# of each list: what its entries must hold, and what they may hold
_ENTRIES: Mapping[str, tuple[frozenset[str], Mapping[str, Check]]] = MappingProxyType(
    {
        "relations": (
            frozenset({"terms"}),
            {"terms": lambda value: isinstance(value, list | tuple), "sense": _among("=", "<=", ">="), "rhs": _number},
        ),
        "rounded": (
            frozenset({"cell", "value", "base"}),
            {
                "cell": lambda value: isinstance(value, str),
                "value": _number,
                "base": lambda value: _number(value) and value > 0,
                "mode": _among("nearest", "down", "up"),
            },
        ),
        "percent": (
            frozenset({"num", "den", "value"}),
            {name: _LIMITS[name] for name in ("num", "den", "value", "decimals")},
        ),
        "wilson": (frozenset({"num", "den", "lo", "hi"}), _LIMITS),
        "wald": (frozenset({"num", "den", "lo", "hi"}), _LIMITS),
        "groups": (
            frozenset({"num", "den"}),
            {
                "num": _LIMITS["num"],
                "den": _LIMITS["den"],
                "min_den": _number,
                "which": _among("all", "none", "both"),
            },
        ),
    }
)  # fmt: skip
_SETTINGS: Mapping[str, Check] = MappingProxyType(
    {
        "min_width": _number,
        "reach_at_least": _number,
        "threshold": _number,
        "ub": lambda value: _number(value) and value >= 0,
        "nmax": lambda value: _number(value) and value >= 1,
        "integer": lambda value: isinstance(value, bool),
        "sensitive": lambda value: isinstance(value, list | tuple),
    }
)
_KNOWN = (*_ENTRIES, *_SETTINGS, "note", "hierarchies")


def check_relations(given: Mapping[str, Any], cells: Collection[str]) -> None:
    """Refuse what is not in the format, or names a cell that is not there.

    Raises
    ------
    InputError
        With the place: which list, which entry (counted from 1), which key.
    """
    for key, value in given.items():
        if key not in _KNOWN:
            _misspelt(key)
        elif key in _SETTINGS and value is not None and not _SETTINGS[key](value):
            raise InputError(f"relations: '{key}' cannot be what stands there. Correct it.")
        elif key in _ENTRIES:
            _check_list(key, value, cells)
    for cell in given.get("sensitive") or ():
        _check_cell(cell, "sensitive", cells)


def _misspelt(key: str) -> None:
    """Keys of others are passed over, but not one that is nearly ours: a misspelt relation would protect nobody."""
    if near := difflib.get_close_matches(key, _KNOWN, n=1, cutoff=0.8):
        raise InputError(f"relations: unknown key '{key}'. Did you mean '{near[0]}'?")


def _check_list(key: str, entries: Any, cells: Collection[str]) -> None:
    if not isinstance(entries, list | tuple):
        raise InputError(f"relations: '{key}' must be a list.")
    needed, checks = _ENTRIES[key]
    for number, entry in enumerate(entries, 1):
        place = f"'{key}', entry {number}"
        if not isinstance(entry, Mapping):
            raise InputError(f"relations: {place}: must be an object.")
        if missing := sorted(needed - entry.keys()):
            raise InputError(f"relations: {place}: '{missing[0]}' is missing.")
        for name, fits in checks.items():
            if name in entry and not fits(entry[name]):
                raise InputError(f"relations: {place}: '{name}' cannot be what stands there. Correct it.")
        for name in ("cell", "num", "den"):
            if name in entry:
                _check_cell(entry[name], place, cells)
        if "terms" in entry:
            _check_terms(entry["terms"], place, cells)


def _check_terms(terms: Any, place: str, cells: Collection[str]) -> None:
    if not terms:
        raise InputError(f"relations: {place}: it has no terms. Take it out, or name its cells.")
    for term in terms:
        if not isinstance(term, list | tuple) or len(term) != 2 or not _number(term[1]):
            raise InputError(f'relations: {place}: each term is a pair, such as ["cell", 1].')
        _check_cell(term[0], place, cells)


def _check_cell(cell: Any, place: str, cells: Collection[str]) -> None:
    if str(cell) not in cells:
        raise InputError(
            f"relations: {place}: the cell {str(cell)!r} has no row among the cells. Add it or correct it."
        )
