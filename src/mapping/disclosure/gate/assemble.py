"""From units and relations to the joint system: bounds for blank and shown, prices, blocks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.engine.system import Cell, Row, System
from mapping.disclosure.gate.demands import known_minimum
from mapping.disclosure.gate.members import Fate, Member
from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit
from mapping.errors import DisclosureError

__all__ = ["assemble"]

_COUNTS = MappingProxyType({"events": 0, "complement": 1})


def assemble(
    members: Mapping[str, Member],
    relations: Iterable[Relation],
    policy: Policy,
    key: bytes,
    *,
    insiders: int = 0,
) -> System:
    """The joint system of all members, as it looks from outside or to so many respondents who pool their answers.

    Of `insiders` it is taken that they sit in every blank cell at once: of the yeses there, and of the others, they
    know as many as they are, and a cell with no more respondents they know wholly.

    Raises
    ------
    DisclosureError
        If the counts do not satisfy a relation that is said to hold.
    """
    most = 2.0 * max((member.unit.n for member in members.values()), default=0) + 100
    blocks: dict[tuple[str, bool], int] = {}
    cells = [
        _cell(name, member, policy, most, key, insiders, blocks.setdefault(_block(member.unit), len(blocks)))
        for name, member in members.items()
    ]
    at = {name: number for number, name in enumerate(members)}
    kept = [(relation, count) for relation in relations for count in relation.counts]
    rows, origin = [], []
    for relation, count in kept:
        if (row := _row(relation, _COUNTS[count], at, cells)) is not None:
            rows.append(row)
            origin.append(relation)
    system = System(cells, rows)
    if broken := system.broken():
        first, *_ = origin[broken[0]].terms
        raise DisclosureError(
            f"the counts do not satisfy the relation of {first[0]!r} with its {len(origin[broken[0]].terms) - 1} "
            "other cells. The tables contradict each other: correct the estimates or the relation."
        )
    return system


def _block(unit: Unit) -> tuple[str, bool]:
    """What the search tries first: one indicator in all waves and places."""
    return unit.indicator, unit.cases


def _cell(
    name: str, member: Member, policy: Policy, most: float, key: bytes, insiders: int, block: int
) -> Cell:
    unit = member.unit
    truth = (unit.events,) if unit.cases else (unit.events, unit.complement)
    register = most if unit.register is None else float(unit.register)
    low, high = member.grant if member.fate is not Fate.BLANK else (unit.events, unit.events)
    return Cell(
        name=name,
        truth=truth,
        blank=_blank(unit, register, insiders)[: len(truth)],
        shown=((float(low), float(high)), (float(unit.n - high), float(unit.n - low)))[: len(truth)],
        blank_total=_base(unit, register, insiders),
        shown_total=(float(unit.n), float(unit.n)),
        cost=np.inf if member.fate is Fate.KNOWN else _price(unit, policy, key),
        cap=tuple(
            float(max(unit.threshold - insiders, 0) if count >= unit.threshold else 0) for count in truth
        ),
        block=block,
    )


def _base(unit: Unit, register: float, insiders: int) -> tuple[float, float]:
    """What is known of the base while a cell is withheld: insiders know who answered."""
    if insiders and not unit.cases:
        return float(unit.n), float(unit.n)
    return 0.0, np.inf if unit.register is None else register


def _blank(unit: Unit, register: float, insiders: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """What is known of the events, and of the others, while a cell is withheld."""
    if unit.cases or not insiders:
        return (float(known_minimum(unit)), register), (0.0, register)
    if unit.n <= insiders:
        return (float(unit.events),) * 2, (float(unit.complement),) * 2
    events, others = (float(min(count, insiders)) for count in (unit.events, unit.complement))
    return (events, register), (others, register)


def _price(unit: Unit, policy: Policy, key: bytes) -> float:
    """What withholding costs the reader: people, times how much the level is read, times a secret jitter.

    Only public sizes enter (the register, or where the class of the base begins), so that the choice does not depend
    on what it hides; the jitter keeps a reader with this program from replaying it.
    """
    level = "municipality_group" if unit.level == "municipality" and unit.group != "all" else unit.level
    size = (
        unit.register
        if unit.register is not None
        else max((s for s in policy.base_classes if s <= unit.n), default=1)
    )
    digest = hmac.new(key, unit.key.encode(), hashlib.sha256).digest()
    jitter = 0.8 + 0.4 * int.from_bytes(digest[:6], "big") / 2**48
    return policy.cost[level] * max(size, 1) * jitter


def _row(relation: Relation, count: int, at: Mapping[str, int], cells: list[Cell]) -> Row | None:
    terms = tuple((at[name], count, coefficient) for name, coefficient in relation.terms)
    if any(count >= len(cells[cell].truth) for cell, _, _ in terms):
        return None  # case extracts have no complement
    low = 0.0 if relation.sense in ("=", ">=") else -np.inf
    high = 0.0 if relation.sense in ("=", "<=") else np.inf
    return Row(terms, low, high)
