"""The attack on written files by the house itself, which knows the counts: does everything small stay open?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.auditing.written import Written
from mapping.disclosure.counts import Counts
from mapping.disclosure.engine.attack import Attacker, Demand
from mapping.disclosure.engine.system import System
from mapping.disclosure.gate.assemble import assemble
from mapping.disclosure.gate.members import Fate, Member
from mapping.disclosure.gate.needs import needs_of_insiders, needs_of_readers
from mapping.disclosure.grants import gives_back_the_count
from mapping.disclosure.policy import Policy
from mapping.disclosure.printing import lattice
from mapping.disclosure.rules.base import too_few_respondents
from mapping.disclosure.rules.case_extracts import few_cases
from mapping.disclosure.rules.small_counts import small_count
from mapping.disclosure.units import Unit

__all__ = ["leaks_to_whoever_compares"]


def leaks_to_whoever_compares(
    releases: Sequence[Written], truth: Mapping[str, Counts], policy: Policy
) -> Iterator[tuple[str, str]]:
    """Key and reason of each cell that the written files of `releases` (the one to judge first) give away.

    An attacker is granted the exact base of every cell shown and its count as far as whole per cents tell it; each
    small count that is not shown must be able to reach the threshold, and every blank to be something else.
    """
    members = _members(releases, truth, policy)
    yield from _shown_but_small(releases[0], members, policy)
    relations = [
        r for r in chain.from_iterable(release.relations for release in releases) if _known(r, members)
    ]
    relations = [r for r in dict.fromkeys(relations) if _holds(r, truth)]
    names = list(members)
    blank = np.array([member.fate is Fate.BLANK for member in members.values()], dtype=bool)
    elsewhere = frozenset().union(*(release.shown() for release in releases[1:]))
    possible = np.array([name not in elsewhere for name in names], dtype=bool)
    for insiders, told in ((policy.insiders, needs_of_insiders), (0, needs_of_readers)):
        system = assemble(members, relations, policy, b"", insiders=insiders)
        attacker, most = Attacker(system, blank), Attacker(system, possible)
        secret = {
            need.demand: names[int(system.owner[need.demand.variable])]
            for need in told(members.values(), system, policy)
            if members[names[int(system.owner[need.demand.variable])]].secret
        }
        for name in _closed(secret, attacker, most):
            whom = "respondents who pool their answers" if insiders else "a reader"
            yield name, f"what is shown narrows it down to few persons for {whom}"
    own = releases[0].withheld()
    for number, name in enumerate(names):
        if name in own and not _moves(system, attacker, int(system.first[number])):
            yield name, "its count follows exactly from what is shown"


def _members(releases: Sequence[Written], truth: Mapping[str, Counts], policy: Policy) -> dict[str, Member]:
    printed = {cell.key: cell for release in reversed(releases) for cell in release.cells if cell.tells}
    listed = {cell.key for release in releases for cell in release.cells}
    members = {}
    for key, counts in truth.items():
        unit = _unit(key, counts, policy, publish=key in listed)
        if key in printed:
            members[key] = Member(unit, Fate.KNOWN, grant=_grant(unit, printed[key].decimals, policy))
        else:
            members[key] = Member(unit, Fate.BLANK, secret=_small(unit, policy))
    return members


def _unit(key: str, counts: Counts, policy: Policy, *, publish: bool) -> Unit:
    wave, indicator, level, area, group = key.split("|")
    return Unit(
        key=key,
        wave=wave,
        indicator=indicator,
        level=level,
        area=area,
        group=group,
        cases=counts.cases,
        publish=publish,
        sensitivity=counts.sensitivity,
        threshold=policy.threshold(counts.sensitivity, cases=counts.cases),
        n=counts.n,
        events=counts.events,
        register=counts.register,
        n_schools=0,
        largest_school=0.0,
        n_unsure=0,
        estimates=(),
    )


def _grant(unit: Unit, decimals: int, policy: Policy) -> tuple[int, int]:
    """The counts whose unweighted share prints like the true one."""
    exact = unit.cases or unit.events in (0, unit.n)
    if exact or gives_back_the_count(unit.n, decimals, policy):
        return unit.events, unit.events
    shares = lattice(100 * unit.events / unit.n, decimals)
    same = [k for k in range(unit.n + 1) if lattice(100 * k / unit.n, decimals) == shares]
    return min(same), max(same)


def _small(unit: Unit, policy: Policy) -> bool:
    return any(rule(unit, policy) for rule in (too_few_respondents, small_count, few_cases))


def _shown_but_small(
    release: Written, members: Mapping[str, Member], policy: Policy
) -> Iterator[tuple[str, str]]:
    for key in sorted(release.shown() & set(members)):
        if _small(members[key].unit, policy):
            yield key, "it is shown, but the rules withhold it"


def _known(relation: Relation, members: Mapping[str, Member]) -> bool:
    return all(key in members for key, _ in relation.terms)


def _holds(relation: Relation, truth: Mapping[str, Counts]) -> bool:
    """Whether the counts satisfy it: a cell whose data changed since another wave's release is left aside there."""
    for count in relation.counts:
        values = [
            coefficient * (truth[key].events if count == "events" else truth[key].n - truth[key].events)
            for key, coefficient in relation.terms
        ]
        total = sum(values)
        if (relation.sense != "<=" and total < 0) or (relation.sense != ">=" and total > 0):
            return False
    return True


def _closed(demands: Mapping[Demand, str], attacker: Attacker, most: Attacker) -> Iterator[str]:
    """Blank counts that must be able to be higher or lower than what is shown leaves possible.

    What could not be reached with the whole release blank (`most`) is nothing this release gives away.
    """
    for demand in _unmet(attacker, list(demands)):
        best = most.table(demand.variable, demand.sense, demand.target)[demand.variable]
        if attacker.table(demand.variable, demand.sense, demand.target)[demand.variable] != best:
            yield demands[demand]


def _unmet(attacker: Attacker, demands: Sequence[Demand]) -> Iterator[Demand]:
    for sense in (1, -1):
        left = [demand for demand in demands if demand.sense == sense]
        while left:
            still = left
            for table in attacker.joint_tables(left):
                still = [demand for demand in still if not demand.met(table)]
            if len(still) == len(left):
                break
            left = still
        for demand in left:
            if not demand.met(attacker.table(demand.variable, demand.sense, demand.target)):
                yield demand


def _moves(system: System, attacker: Attacker, variable: int) -> bool:
    truth = float(system.truth[variable])
    return any(attacker.table(variable, s, truth + s)[variable] != truth for s in (1, -1))
