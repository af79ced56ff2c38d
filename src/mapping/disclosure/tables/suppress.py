"""Suppression for tables in the exchange format: one count per cell, the same engine as the gate's."""

from __future__ import annotations

import hashlib
import hmac
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mapping.disclosure.engine.attack import Demand
from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.suppression import Need, Pattern, complete
from mapping.disclosure.engine.system import Cell, Row, System
from mapping.disclosure.tables.exchange import Table, read_table
from mapping.errors import InputError, SettingsError

__all__ = ["Requirement", "SuppressionPattern", "suppress"]

_NEAR = 1e-6
_ZERO = 50.0  # the price of a blanked zero, in people
_TIE = 0.5  # among patterns of one cost, that with fewer cells


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must stay open about every primary cell.

    "threshold": its interval reaches the threshold, and goes below the true value as far as what is known of every
    blank (`known_min`) allows. "plus_minus_1": it reaches one above and, as far as is known, one below. `blank_zeros`:
    whether zeros may be withheld too. `known_min` None: 1 if any zero may be printed, else 0. `cost`: what is kept
    small, "value" (people hidden) or "cells". `key` jitters costs a little, so that a reader cannot replay the search.
    """

    requirement: str = "threshold"
    threshold: int = 5
    known_min: int | None = None
    blank_zeros: bool | None = None
    cost: str = "value"
    key: str = ""

    def __post_init__(self) -> None:
        if self.requirement not in ("threshold", "plus_minus_1"):
            raise SettingsError('policy: \'requirement\' must be "threshold" or "plus_minus_1".')
        if self.cost not in ("value", "cells"):
            raise SettingsError('policy: \'cost\' must be "value" or "cells".')
        if self.known_min not in (None, 0, 1):
            raise SettingsError("policy: 'known_min' must be 0 or 1.")

    @property
    def zeros_too(self) -> bool:
        """Whether zeros are candidates."""
        return self.requirement == "threshold" if self.blank_zeros is None else self.blank_zeros


@dataclass(frozen=True, slots=True)
class SuppressionPattern:
    """The cells withheld, primary ones included, and what it costs.

    `unreachable` are primary cells that no pattern protects as required. (Under the requirement "threshold" they go
    below the true value where they can: two blanks known to be at least 1 add up to at least 2.)
    """

    withheld: tuple[str, ...]
    cost: float
    lower_bound: float
    unreachable: tuple[str, ...] = ()


def suppress(
    cells: pd.DataFrame | str | Path,
    relations: Mapping[str, Any] | str | Path,
    policy: Requirement | Mapping[str, Any] | str | Path | None = None,
) -> SuppressionPattern:
    """The cells to withhold so that no primary cell can be worked out.

    Parameters
    ----------
    cells, relations : see oracles' FORMAT
        ``cell, value, primary[, status]`` and the linear relations that hold among the cells.
    policy : Requirement, mapping or path to a TOML file, optional
        Default: the requirement of a release.

    Raises
    ------
    InputError
        If a value is missing or the values do not satisfy the relations.
    """
    given, wanted = read_table(cells, relations), _requirement(policy)
    table = _in_order(given)
    if "threshold" not in (policy if isinstance(policy, Mapping) else {}) and not isinstance(
        policy, Requirement
    ):
        wanted = replace(wanted, threshold=int(table.relations.get("threshold", wanted.threshold)))
    if None in table.values:
        raise InputError("cells: a value is missing. The counts to protect must all be there.")
    known_min = _known_min(table, wanted)
    system = _system(table, wanted, known_min)
    if system.broken():
        raise InputError("cells: the values do not satisfy the relations. Correct either of them.")
    blank = np.array([_blank(table, name) for name in table.names], dtype=bool)
    needs = _all_needs(table, system, wanted, known_min)
    latent = np.array([table.status[name] == "latent" for name in table.names], dtype=bool)
    worth = np.array([_cost(table, number, wanted) for number in range(len(table.names))]) * ~latent
    pattern = complete(system, blank, needs, blind=False, worth=worth)
    bound = pattern.lower_bound
    if (worth == np.round(worth)).all():
        bound = float(np.ceil(bound - _NEAR))  # whole costs add up to whole ones
    if known_min:
        pattern = _harden(system, pattern, needs)
    strict = wanted.requirement == "plus_minus_1"
    withheld = {
        table.names[i]: _cost(table, i, wanted)
        for i in np.flatnonzero(pattern.withheld).tolist()
        if table.status[table.names[i]] != "latent"
    }
    return SuppressionPattern(
        tuple(name for name in given.names if name in withheld),
        sum(withheld.values()),
        bound,
        tuple(dict.fromkeys(table.names[d.variable] for d in pattern.unreachable if d.sense > 0 or strict)),
    )


def _in_order(table: Table) -> Table:
    """The same table with its cells by name and its relations by terms: the order they come in decides nothing."""
    order = sorted(range(len(table.names)), key=table.names.__getitem__)
    related = [
        {**relation, "terms": sorted((str(cell), float(value)) for cell, value in relation["terms"])}
        for relation in table.relations.get("relations", ())
    ]
    related.sort(key=lambda relation: (relation["terms"], relation.get("sense", "="), relation.get("rhs", 0)))
    return replace(
        table,
        names=tuple(table.names[at] for at in order),
        values=tuple(table.values[at] for at in order),
        low=tuple(table.low[at] for at in order),
        high=tuple(table.high[at] for at in order),
        relations={**table.relations, "relations": related},
    )


def _requirement(policy: Requirement | Mapping[str, Any] | str | Path | None) -> Requirement:
    if isinstance(policy, Requirement):
        return policy
    if isinstance(policy, str | Path):
        policy = tomllib.loads(Path(policy).read_text(encoding="utf-8"))
    given = dict(policy or {})
    if isinstance(given.get("key"), bytes):
        given["key"] = given["key"].hex()
    try:
        return Requirement(**given)
    except TypeError as error:
        unknown = sorted(set(given) - set(Requirement.__slots__))
        raise SettingsError(
            f"policy: unknown key '{unknown[0]}'. Known keys: {', '.join(Requirement.__slots__)}."
        ) from error


def _blank(table: Table, name: str) -> bool:
    return name in table.primary or table.status[name] in ("latent", "suppressed_earlier")


def _known_min(table: Table, wanted: Requirement) -> int:
    if wanted.known_min is not None:
        return wanted.known_min
    printed = (
        bool(v == 0) and not _blank(table, name) for name, v in zip(table.names, table.values, strict=True)
    )
    return int(any(printed))


def _cost(table: Table, number: int, wanted: Requirement) -> float:
    return 1.0 if wanted.cost == "cells" else float(table.values[number] or 0.0)


def _system(table: Table, wanted: Requirement, known_min: int) -> System:
    at = {name: number for number, name in enumerate(table.names)}
    cells = [_cell(table, number, wanted, known_min) for number in range(len(table.names))]
    rows = [_row(relation, at) for relation in table.relations.get("relations", ())]
    return System(cells, rows)


def _cell(table: Table, number: int, wanted: Requirement, known_min: int) -> Cell:
    name, value = table.names[number], float(table.values[number] or 0.0)
    fixed = table.status[name] == "published_earlier" or (value == 0 and not wanted.zeros_too)
    jitter = 0.0
    if wanted.key:
        digest = hmac.new(wanted.key.encode(), name.encode(), hashlib.sha256).digest()
        jitter = 0.1 * int.from_bytes(digest[:6], "big") / 2**48
    # a zero is nobody hidden, but readers take every blank to be at least one: to hide that is dear
    worth = _cost(table, number, wanted) if value else _ZERO
    price = (worth + _TIE / len(table.names)) * (1 + jitter)
    latent = table.status[name] == "latent"
    least = table.low[number] if latent else max(table.low[number], min(known_min, value))
    return Cell(
        name=name,
        truth=(value,),
        blank=((least, max(table.high[number], value)),),
        shown=((value, value),),
        cost=np.inf if fixed and not _blank(table, name) else price,
    )


def _row(relation: Mapping[str, Any], at: Mapping[str, int]) -> Row:
    sense, rhs = relation.get("sense", "="), float(relation.get("rhs", 0))
    terms = tuple((at[str(cell)], 0, float(coefficient)) for cell, coefficient in relation["terms"])
    return Row(terms, rhs if sense in ("=", ">=") else -np.inf, rhs if sense in ("=", "<=") else np.inf)


def _harden(system: System, pattern: Pattern, needs: Sequence[Need]) -> Pattern:
    """The pattern made safe also from those who take every blank, a blanked zero included, to be at least 1.

    They look at other tables than the true one, so one of theirs serves as the base; where there is none, the
    publication itself tells them that they are mistaken.
    """
    zeros = pattern.withheld & (system.truth == 0)
    if not zeros.any():
        return pattern
    known = system.knowledge(pattern.withheld)
    low = np.where(zeros, 1.0, known.low)
    base = Programme(system.matrix, known.row_low, known.row_high, low, known.high).whole(np.zeros(len(low)))
    if base is None:
        return pattern
    cells = [
        replace(
            cell,
            truth=(float(base[i]),),
            blank=((1.0, cell.blank[0][1]),) if zeros[i] else cell.blank,
            cost=np.inf if cell.truth == (0.0,) else cell.cost,
        )
        for i, cell in enumerate(system.cells)
    ]
    return complete(System(cells, system.rows), pattern.withheld, needs, blind=False)


def _all_needs(table: Table, system: System, wanted: Requirement, known_min: int) -> list[Need]:
    """Primary cells as required; of an old blank that is not small, that it must not follow exactly."""
    found: list[Need] = []
    for number, name in enumerate(table.names):
        value = float(system.truth[number])
        if name in table.primary or (
            table.status[name] == "suppressed_earlier" and 0 < value < wanted.threshold
        ):
            found += _needs(system, number, wanted, known_min)
        elif table.status[name] == "suppressed_earlier":
            found.append(Need(Demand(number, 1, value + 1), 1.0))
    return found


def _needs(system: System, number: int, wanted: Requirement, known_min: int) -> Iterator[Need]:
    value = float(system.truth[number])
    high = value + 1 if wanted.requirement == "plus_minus_1" else float(wanted.threshold)
    if value < high:
        yield Need(Demand(number, 1, high), high - value)
    if value - 1 >= max(known_min, system.blank[number, 0]):
        yield Need(Demand(number, -1, value - 1), 1.0)
