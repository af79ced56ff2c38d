"""Who stands in the joint system: every cell of this release and of all earlier ones, and what may become of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.grants import granted
from mapping.disclosure.ledger.earlier import EarlierRelease, Remembered, Role
from mapping.disclosure.policy import Policy
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import Unit

__all__ = ["Fate", "Member", "enrol"]


class Fate(enum.Enum):
    """What may become of a cell."""

    OPEN = "open"  # shown unless the search withholds it
    BLANK = "blank"  # withheld by a rule, blank in an earlier release, or never shown
    KNOWN = "known"  # printed earlier: it cannot be taken back


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """A unit and its fate.

    `secret`: whether its counts are to be hidden while it is blank, and not merely left out. `grant`: the events an
    attacker is taken to know if it is shown. `silent`: not to be printed now, although it is known from before.
    """

    unit: Unit
    fate: Fate
    secret: bool = True
    grant: tuple[int, int] = (0, 0)
    silent: bool = False


def enrol(
    units: Mapping[str, Unit],
    relations: Sequence[Relation],
    policy: Policy,
    earlier: Sequence[EarlierRelease] = (),
) -> tuple[dict[str, Member], tuple[Relation, ...]]:
    """The members of the joint system by name, and all relations among them.

    A cell of an earlier release whose counts have not changed is the same member as today's. Where they have, the old
    cell is a member of its own, named after its release.
    """
    drawn = _drawn(earlier)
    members = {
        key: _kept_open(_today(unit, policy)) if _redrawn(unit, drawn) else _today(unit, policy)
        for key, unit in units.items()
    }
    known: dict[Relation, None] = dict.fromkeys(relations)
    for release in earlier:
        names = {
            key: _admit(members, key, old, release.sequence, policy) for key, old in release.units.items()
        }
        for relation in release.relations:
            terms = tuple((names.get(key, key), coefficient) for key, coefficient in relation.terms)
            known.setdefault(replace(relation, terms=terms))
    return members, tuple(known)


def _today(unit: Unit, policy: Policy) -> Member:
    if not unit.publish:
        return Member(unit, Fate.BLANK)
    if why := reasons(unit, policy):
        return Member(unit, Fate.BLANK, secret=why != ("reliability",))
    return Member(unit, Fate.OPEN, grant=granted(unit, policy))


def _drawn(earlier: Sequence[EarlierRelease]) -> dict[tuple[str, str, str], set[str]]:
    """The places by which a release was to show a wave's indicator at a level."""
    places: dict[tuple[str, str, str], set[str]] = {}
    for release in earlier:
        told = {_division(old.unit) for old in release.units.values() if old.role is not Role.LATENT}
        for old in release.units.values():
            if (division := _division(old.unit)) in told:
                places.setdefault(division, set()).add(old.unit.area)
    return places


def _division(unit: Unit) -> tuple[str, str, str]:
    return unit.wave, unit.indicator, unit.level


def _redrawn(unit: Unit, drawn: Mapping[tuple[str, str, str], set[str]]) -> bool:
    """Whether a wave that is out already is to be told by other places: old less new borders would be a few houses."""
    return unit.area not in drawn.get(_division(unit), {unit.area})


def _admit(members: dict[str, Member], key: str, old: Remembered, sequence: int, policy: Policy) -> str:
    """Reconcile an earlier cell with the member of that key; returns the name it goes by."""
    now = members.get(key)
    if now is None:
        members[key] = _former(old)
        return key
    if (now.unit.n, now.unit.events) == (old.unit.n, old.unit.events):
        members[key] = _same(now, old)
        return key
    name = f"{key}@{sequence}"
    members[name] = _former(old)
    if old.role is Role.LATENT:
        return name
    if old.role is not Role.SHOWN or _moved_by_few(now.unit, old.unit, policy):
        # what was printed once stays known, even where it is not to be printed again
        members[key] = replace(now, silent=True) if now.fate is Fate.KNOWN else _kept_open(now)
    return name


def _former(old: Remembered) -> Member:
    fate = Fate.KNOWN if old.role is Role.SHOWN else Fate.BLANK
    return Member(old.unit, fate, secret=old.role is not Role.BLANK, grant=old.grant)


def _same(now: Member, old: Remembered) -> Member:
    if old.role is Role.SHOWN:
        both = (old.grant,) if now.fate is Fate.BLANK else (now.grant, old.grant)
        grant = max(g[0] for g in both), min(g[1] for g in both)
        return replace(now, fate=Fate.KNOWN, grant=grant, silent=now.silent or now.fate is Fate.BLANK)
    if old.role is Role.LATENT:
        return now
    if now.fate is not Fate.OPEN:
        return replace(now, silent=True)
    return replace(now, fate=Fate.BLANK, secret=old.role is Role.SECRET)  # an old blank stays blank


def _kept_open(member: Member) -> Member:
    """Withheld, and kept open even where it is not for this release to show: sums and pools could give it."""
    return replace(member, unit=replace(member.unit, publish=True), fate=Fate.BLANK, secret=True)


def _moved_by_few(now: Unit, old: Unit, policy: Policy) -> bool:
    """Whether what was printed and what would be printed differ by persons who could not be a cell of their own."""
    moved = (abs(now.events - old.events), abs(now.complement - old.complement))
    if now.cases:
        return moved[0] < now.threshold
    return min(moved) < now.threshold or sum(moved) < policy.base_n
