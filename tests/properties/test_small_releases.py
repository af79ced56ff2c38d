"""Random small releases through `protect`, attacked by listing every table that agrees with the print.

Ground: a law. The list shares no code with the gate or with its attackers. The smallest cells have 0 to 11 yes and as
many no, and the thresholds are 3 to 5, so that all tables can be listed; whoever attacks knows every shown count
exactly, and the relations. ``DISCLOSURE_TABLES=10000`` tries more than the few of an ordinary run, the same ones on
every machine.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.disclosure import Policy, ProtectedRelease, Status, protect, read_policy
from mapping.disclosure.engine.suppression import Pattern
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import Unit, gather_units

decision = sys.modules["mapping.disclosure.gate.decide"]
RELEASES = int(os.environ.get("DISCLOSURE_TABLES", "20"))
MOST = 11  # yes in a smallest cell, and no
CAP = (
    MOST + 1
)  # what those who list all tables go up to: of a real attacker nothing but the relations says so
THOROUGHLY = settings(
    max_examples=RELEASES // 5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Plan:
    """Smallest cells by key, the sums to be told of them by key, and which keys are never shown."""

    own: tuple[str, ...]
    sums: Mapping[str, tuple[str, ...]]
    latent: frozenset[str] = frozenset()

    @property
    def relations(self) -> tuple[Relation, ...]:
        return tuple(Relation.sum_of(whole, parts) for whole, parts in self.sums.items())

    @property
    def keys(self) -> list[str]:
        return [*self.sums, *self.own]

    def members(self, key: str) -> list[int]:
        """The smallest cells that a cell is made of."""
        if key in self.own:
            return [self.own.index(key)]
        return sorted(number for part in self.sums[key] for number in self.members(part))


def key(level: str, area: str, group: str = "all", wave: str = "2026") -> str:
    return row_key(wave, "S04", level, area, group)


M = key("municipality", "M")
D = [key("district", f"d{number}") for number in range(4)]
AREAS = {key("area", "a0"): (D[0], D[1]), key("area", "a1"): (D[2], D[3])}
CROSSED = [key("area", area, sex) for area in ("a0", "a1") for sex in ("girl", "boy")]
BY_WAVE = [key("area", area, wave=wave) for area in ("a0", "a1") for wave in ("2024", "2026")]
PLANS = {
    "districts in areas": Plan(tuple(D), {**AREAS, M: tuple(AREAS)}),
    "one from elsewhere": Plan(
        tuple(D),
        {key("area", "a0"): tuple(D[:3]), M: (key("area", "a0"), D[3])},
        frozenset(D[3:]),
    ),
    "area by sex": Plan(
        tuple(CROSSED),
        {
            **{key("area", area): tuple(CROSSED[i : i + 2]) for i, area in ((0, "a0"), (2, "a1"))},
            **{key("municipality", "M", sex): tuple(CROSSED[i::2]) for i, sex in ((0, "girl"), (1, "boy"))},
            M: (key("area", "a0"), key("area", "a1")),
        },
    ),
    "waves and their pool": Plan(
        tuple(BY_WAVE),
        {
            **{key("area", area, wave="2024+2026"): tuple(BY_WAVE[i : i + 2]) for i, area in ((0, "a0"), (2, "a1"))},
            **{key("municipality", "M", wave=wave): tuple(BY_WAVE[i::2]) for i, wave in ((0, "2024"), (1, "2026"))},
        },
    ),
    "old districts and new": Plan(  # the crossings of both are shown nowhere
        tuple(D),
        {
            key("district", "old0"): (D[0], D[1]),
            key("district", "old1"): (D[2], D[3]),
            key("district", "new0"): (D[0], D[2]),
            key("district", "new1"): (D[1], D[3]),
            M: (key("district", "old0"), key("district", "old1")),
        },
        frozenset(D),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """A plan with counts: yes and no of each smallest cell."""

    plan: Plan
    counts: tuple[tuple[int, ...], tuple[int, ...]]

    def of(self, name: str) -> tuple[int, int]:
        """Yes and no of a cell."""
        yes, no = (sum(side[number] for number in self.plan.members(name)) for side in self.counts)
        return yes, no

    def table(self, random: Random | None = None) -> EstimateTable:
        """What an estimate would say of these counts, rows and relations in any order."""
        rows, relations = [self._row(name) for name in self.plan.keys], list(self.plan.relations)
        if random is not None:
            random.shuffle(rows)
            random.shuffle(relations)
        return EstimateTable.from_frame(pd.DataFrame(rows), relations)

    def _row(self, name: str) -> dict[str, object]:
        wave, indicator, level, area, group = name.split("|")
        events, others = self.of(name)
        n = events + others
        share = events / n if n else math.nan
        return {
            "wave": wave, "indicator": indicator, "level": level, "area": area, "group": group, "sensitivity": 3,
            "publish": name not in self.plan.latent, "n": n, "events": events, "n_schools": 3, "largest_school": 0.4,
            "estimate": share, "ci_low": max(0.0, share - 0.1), "ci_high": min(1.0, share + 0.1),
            "reliability": "reliable",
        }  # fmt: skip


def policy_of(threshold: int, base_n: int) -> Policy:
    low = threshold - 1
    return replace(
        read_policy(), base_n=base_n, small_count=low, small_count_class4=low, case_small_count=low,
        case_small_count_class4=low, min_schools=0, largest_school=1.0, none_known_limits=(100,),
    )  # fmt: skip


side = st.lists(st.integers(0, MOST), min_size=4, max_size=4).map(tuple)
policies = st.builds(policy_of, st.integers(3, 5), st.integers(4, 8))


def protected(table: EstimateTable, policy: Policy) -> ProtectedRelease:
    return protect([table], policy, key=b"secret")


def blank_in(release: ProtectedRelease) -> set[str]:
    return {figure.key for figure in release if figure.status is Status.WITHHELD}


def by_rule(world: World, policy: Policy, like: Iterable[Unit] = ()) -> dict[str, tuple[str, ...]]:
    """The rules that speak on each cell; the cells of a world `like` this one save making them anew."""
    found = {}
    for unit in like or gather_units([world.table()], policy).values():
        yes, no = world.of(unit.key)
        if unit.publish and (why := reasons(replace(unit, n=yes + no, events=yes), policy)):
            found[unit.key] = why
    return found


def agreeing(world: World, shown: set[str], side: int) -> np.ndarray:
    """Every table of yes (or of no) in which what is shown is as it is; one column for each smallest cell.

    No register ties yes to no here, so that each can be listed for itself.
    """
    plan = world.plan
    found = np.zeros((1, 0), dtype=np.int8)
    for number in range(len(plan.own)):
        at, count = np.divmod(np.arange(len(found) * (CAP + 1)), CAP + 1)
        found = np.column_stack([found[at], count.astype(np.int8)])
        for name in shown:
            inside = [member for member in plan.members(name) if member <= number]
            sums, wanted = found[:, inside].sum(axis=1), world.of(name)[side]
            found = found[sums == wanted if len(inside) == len(plan.members(name)) else sums <= wanted]
    return found


def leaks(world: World, policy: Policy, release: ProtectedRelease) -> Iterator[str]:
    """Every count that the print pins down or shows to be small."""
    blank, secret = blank_in(release), by_rule(world, policy)
    shown = set(world.plan.keys) - blank - world.plan.latent
    yield from (f"{name} is shown against the rules" for name in shown & set(secret))
    at_least_one = [name for name in blank if "district" not in name and world.of(name)[0] > 0]
    for side, told in enumerate(("yes", "no")):
        tables = agreeing(world, shown, side)
        yield from _narrow(world, policy, tables, blank & set(secret), side, told)
        yield from (
            f"{name}: its {told} is exactly known"
            for name in blank
            if side == 0 and _one(world, tables, name)
        )
    # who has seen zeros printed takes every blank to be at least one where they would be
    left = agreeing(world, shown, 0)
    for name in at_least_one:
        left = left[left[:, world.plan.members(name)].sum(axis=1) > 0]
    yield from _narrow(world, policy, left, blank & set(secret), 0, "yes")


def _one(world: World, tables: np.ndarray, name: str) -> bool:
    counts = tables[:, world.plan.members(name)].sum(axis=1)
    return bool(counts.min() == counts.max())


def _narrow(
    world: World, policy: Policy, tables: np.ndarray, secret: set[str], side: int, told: str
) -> Iterator[str]:
    threshold = policy.threshold(3)
    for name in secret:
        if world.of(name)[side] >= threshold:
            continue
        if tables[:, world.plan.members(name)].sum(axis=1).max() < threshold:
            yield f"{name}: its {told} is shown to be small"
        if _one(world, tables, name):
            yield f"{name}: its {told} is pinned"


def faults(world: World, policy: Policy, random: Random) -> Iterator[str]:
    """What is wrong with the release of a world: leaks, and differences where there should be none."""
    release = protected(world.table(), policy)
    yield from leaks(world, policy, release)
    if repr(protected(world.table(random), policy)) != repr(release):
        yield "another order of rows is another release"
    stricter = replace(
        policy, small_count=policy.small_count + 1, base_n=policy.base_n + random.randint(0, 1)
    )
    blank, more = blank_in(release), blank_in(protected(world.table(), stricter))
    if not set(by_rule(world, policy)) <= set(by_rule(world, stricter)) <= more:
        yield "a stricter policy withholds less by its rules"
    event(f"the stricter pattern is a superset: {blank <= more}")
    other = another(world, policy, release, random)
    yield from _told_of_the_blanks(release, protected(other.table(), policy))


def _told_of_the_blanks(one: ProtectedRelease, other: ProtectedRelease) -> Iterator[str]:
    """What two worlds that differ in withheld counts alone print otherwise.

    Which cells are withheld for the sake of others may differ in tables as small as these, where a search that counts
    on no withheld number often finds nothing; how often is said by ``--hypothesis-show-statistics``, and what it tells
    a replayer in docs/replay.md.
    """
    same = blank_in(one) == blank_in(other)
    event(f"another world withholds the same: {same}")
    if same and repr(one) != repr(other):
        yield "withheld counts change what is printed"
    blank = blank_in(one) | blank_in(other)
    if [f for f in one if f.key not in blank] != [f for f in other if f.key not in blank]:
        yield "withheld counts change what is shown of other cells"


def another(world: World, policy: Policy, release: ProtectedRelease, random: Random) -> World:
    """A world that differs inside withheld cells alone, if one of thirty does in which the same rules speak."""
    shown = set(world.plan.keys) - blank_in(release) - world.plan.latent
    tables = [agreeing(world, shown, side) for side in (0, 1)]
    cells = gather_units([world.table()], policy).values()
    rules = by_rule(world, policy, cells)
    for _ in range(30):
        counts = tuple(tuple(random.choice(found).tolist()) for found in tables)
        other = World(world.plan, (counts[0], counts[1]))
        if other != world and by_rule(other, policy, cells) == rules:
            return other
    return world


@pytest.mark.parametrize("plan", PLANS)
@THOROUGHLY
@given(counts=st.tuples(side, side), policy=policies, random=st.randoms(use_true_random=False))
def test_a_small_release_is_safe_and_neither_order_nor_what_is_blank_changes_it(
    plan: str, counts: tuple[tuple[int, ...], tuple[int, ...]], policy: Policy, random: Random
) -> None:
    """The rules of a stricter policy withhold a superset. The cells withheld for the sake of others are chosen anew,
    so that the whole pattern is one only in most cases, and always over that of the default policy (test_protect).
    """
    assert list(faults(World(PLANS[plan], counts), policy, random)) == []


SOME = World(PLANS["districts in areas"], ((2, 9, 7, 8), (9, 9, 9, 9)))


def test_the_list_of_all_tables_finds_what_the_rules_alone_leave_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = policy_of(3, 3)
    assert not list(leaks(SOME, policy, protected(SOME.table(), policy)))
    monkeypatch.setattr(decision, "complete", lambda system, blank, needs: Pattern(blank))
    assert set(leaks(SOME, policy, protected(SOME.table(), policy))) == {
        f"{D[0]}: its yes is exactly known", f"{D[0]}: its yes is pinned", f"{D[0]}: its yes is shown to be small",
    }  # fmt: skip


def test_all_tables_are_those_that_add_up_to_what_is_shown() -> None:
    """Of 9 and 2 in an area only the sum is shown; the other area is not: 13 × 13 tables for each of 12 pairs."""
    assert len(agreeing(SOME, {key("area", "a0")}, 0)) == 12 * 13 * 13
    assert agreeing(SOME, set(SOME.plan.own), 0).tolist() == [[2, 9, 7, 8]]
