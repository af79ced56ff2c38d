"""The policy: every threshold of disclosure control, read once; a workspace can only make it stricter."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mapping.errors import SettingsError

__all__ = ["Policy", "read_policy", "stricter_parts"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds; see policy.toml for what each does and where it comes from.

    `levels` holds the finest level of each indicator as the codebook states it (see `with_levels`).
    """

    base_n: int
    small_count: int
    small_count_class4: int
    case_small_count: int
    case_small_count_class4: int
    none_known_limits: tuple[int, ...]
    min_schools: int
    largest_school: float
    one_decimal_from: int
    lattice_from: int
    base_classes: tuple[int, ...]
    change_q: float
    insiders: int
    finest: Mapping[int, str] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)

    def threshold(self, sensitivity: int, *, cases: bool = False) -> int:
        """The smallest count of a class that is not small."""
        if cases:
            return (self.case_small_count_class4 if sensitivity >= 4 else self.case_small_count) + 1
        return (self.small_count_class4 if sensitivity >= 4 else self.small_count) + 1

    def with_levels(self, levels: Mapping[str, str]) -> Policy:
        """This policy with the finest level of each indicator, as the codebook states it."""
        return replace(self, levels=dict(levels))

    def default_below(self) -> Policy | None:
        """The default policy with these levels, where this one is stricter than it."""
        default = replace(_default(), levels=self.levels)
        stricter = all(holds(getattr(self, key), getattr(default, key)) for key, holds in _STRICTER.items())
        return default if stricter and self != default else None

    def public(self) -> dict[str, Any]:
        """What may be printed of the policy: all of it except the costs of the search and the codebook's levels."""
        shown = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"cost", "levels", "finest"}
        }
        return shown | {"finest": {str(k): v for k, v in sorted(self.finest.items())}}


# key: is the workspace's value at least as strict as the default?
_STRICTER: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "base_n": lambda new, old: new >= old,
        "small_count": lambda new, old: new >= old,
        "small_count_class4": lambda new, old: new >= old,
        "case_small_count": lambda new, old: new >= old,
        "case_small_count_class4": lambda new, old: new >= old,
        "none_known_limits": lambda new, old: set(new) <= set(old),
        "min_schools": lambda new, old: new >= old,
        "largest_school": lambda new, old: 0 < new <= old,
        "one_decimal_from": lambda new, old: new >= old,
        "lattice_from": lambda new, old: new >= old,
        "base_classes": lambda new, old: set(new) <= set(old) and bool(new) and min(new) == min(old),
        "insiders": lambda new, old: new >= old,
        "change_q": lambda new, old: 0 < new <= old,
    }
)


def read_policy(overrides: Mapping[str, Any] | None = None) -> Policy:
    """The default policy, made stricter by `overrides` (the section [policy] of municipality.toml).

    Raises
    ------
    SettingsError
        If a key is unknown, of the wrong kind, or laxer than the default.

    Examples
    --------
    >>> read_policy({"small_count": 6}).threshold(3)
    7
    """
    default = _default()
    changed = {
        key: _checked(key, value, getattr(default, key, None)) for key, value in (overrides or {}).items()
    }
    made = replace(default, **changed)
    # a class of higher sensitivity, and a full count of cases, is never treated more laxly than the others
    class4 = max(made.small_count_class4, made.small_count)
    cases = max(made.case_small_count, made.small_count)
    return replace(
        made,
        small_count_class4=class4,
        case_small_count=cases,
        case_small_count_class4=max(made.case_small_count_class4, cases, class4),
    )


def stricter_parts(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a printed policy says that is stricter than the default; anything laxer is not believed."""
    default = _default()
    kept = {}
    for key, stricter in _STRICTER.items():
        with suppress(TypeError, ValueError):
            if key in stated and stricter(stated[key], getattr(default, key)):
                kept[key] = stated[key]
    return kept


def _default() -> Policy:
    values = tomllib.loads(files("mapping.disclosure").joinpath("policy.toml").read_text(encoding="utf-8"))
    values["finest"] = {int(key): level for key, level in values["finest"].items()}
    fixed: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
    return Policy(**fixed)


def _checked(key: str, value: Any, default: Any) -> Any:
    place = "municipality.toml [policy]"
    if key not in _STRICTER:
        raise SettingsError(f"{place}: unknown key '{key}'. Known keys: {', '.join(_STRICTER)}.")
    if isinstance(default, tuple):
        fits = isinstance(value, list | tuple) and all(type(item) is int for item in value)
        value = tuple(sorted(value)) if fits else value
    elif isinstance(default, float):
        fits = type(value) in (int, float)
    else:
        fits = type(value) is int
    if not fits:
        raise SettingsError(
            f"{place}: '{key}' must be written like the default, {default!r}; it is {value!r}."
        )
    if not _STRICTER[key](value, default):
        raise SettingsError(
            f"{place}: '{key}' is {value!r}, which is laxer than the default {default!r}. A workspace may only be "
            "stricter: correct the value or remove the key."
        )
    return value
