"""The decision which cells to withhold: by the rules, and as many besides as it takes to keep those from being
worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.engine.suppression import complete
from mapping.disclosure.gate.assemble import assemble
from mapping.disclosure.gate.members import Fate, Member, enrol
from mapping.disclosure.gate.needs import needs_of_insiders, needs_of_readers
from mapping.disclosure.ledger.earlier import EarlierRelease
from mapping.disclosure.policy import Policy
from mapping.disclosure.units import Unit

__all__ = ["Decision", "decide"]


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """The keys to withhold among those that were to be shown.

    `unreachable` names cells, old ones included, that what is public already protects less than the policy demands.
    """

    withheld: frozenset[str]
    unreachable: tuple[str, ...]


def decide(
    units: Mapping[str, Unit],
    relations: Sequence[Relation],
    policy: Policy,
    earlier: Sequence[EarlierRelease] = (),
    *,
    key: bytes = b"",
) -> Decision:
    """Which of `units` to withhold, given their relations and everything published before.

    A policy stricter than the default withholds all that the default would: what is withheld besides, so that others
    cannot be worked out, is another choice under every policy, and a reader of both would see more than either shows.
    """
    laxer = policy.default_below()
    milder = (
        decide(_under(units, laxer), relations, laxer, earlier, key=key).withheld if laxer else frozenset()
    )
    enrolled, related = enrol(units, relations, policy, earlier)
    # in an order of their own, so that the order of rows in a table changes nothing
    members = dict(sorted(enrolled.items()))
    known = sorted(
        {replace(r, terms=tuple(sorted(r.terms))) for r in related}, key=lambda r: (r.terms, r.sense)
    )
    system = assemble(members, known, policy, key)
    blank = np.array([_is_blank(name, member, milder) for name, member in members.items()], dtype=bool)
    pattern = complete(system, blank, list(needs_of_readers(members.values(), system, policy)))
    if (
        policy.insiders
    ):  # nobody knows less for answering: what readers must not see, insiders must not see either
        inside = assemble(members, known, policy, key, insiders=policy.insiders)
        needs = list(needs_of_insiders(members.values(), inside, policy))
        pattern.withheld = complete(inside, pattern.withheld, needs).withheld
    names = list(members)
    withheld = {names[number] for number in np.flatnonzero(pattern.withheld)}
    withheld |= {name for name, member in members.items() if member.silent}
    owners = dict.fromkeys(names[int(system.owner[demand.variable])] for demand in pattern.unreachable)
    return Decision(
        frozenset(key for key, unit in units.items() if unit.publish and key in withheld), tuple(owners)
    )


def _is_blank(name: str, member: Member, milder: frozenset[str]) -> bool:
    """Whether a cell is withheld before any is for the sake of others; what is out already cannot be."""
    return member.fate is Fate.BLANK or (member.fate is Fate.OPEN and name in milder)


def _under(units: Mapping[str, Unit], policy: Policy) -> dict[str, Unit]:
    """The units with the thresholds of another policy."""
    return {
        key: replace(unit, threshold=policy.threshold(unit.sensitivity, cases=unit.cases))
        for key, unit in units.items()
    }
