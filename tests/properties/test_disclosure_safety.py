"""Random small releases, attacked with all tables of whole numbers that agree with what is printed.

Ground: a law. Whatever the counts are, everything printed must leave each small count open: there are tables that
agree with the print in which it reaches the threshold, and tables in which it is as low as anybody knows it to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from mapping.concepts.estimate_table import Relation, row_key
from mapping.disclosure.gate.decide import Decision, decide
from mapping.disclosure.policy import Policy, read_policy
from mapping.disclosure.rules import RULES, reasons
from mapping.disclosure.units import Estimate, Unit

T, BASE = 3, 5  # thresholds small enough to try out all tables
SMALL = replace(
    read_policy(),
    base_n=BASE,
    small_count=T - 1,
    small_count_class4=T - 1,
    case_small_count=T - 1,
    case_small_count_class4=T - 1,
    min_schools=0,
    largest_school=1.0,
    none_known_limits=(100,),
)


@dataclass(frozen=True)
class World:
    """Units by key with the relations among them."""

    units: dict[str, Unit]
    relations: tuple[Relation, ...]


def unit(
    level: str, area: str, group: str, events: int, others: int, *, publish: bool, indicator: str = "S1"
) -> Unit:
    n = events + others
    share = events / n if n else float("nan")
    estimate = Estimate("pupils", share, max(0.0, share - 0.1), min(1.0, share + 0.1), "reliable")
    return Unit(
        key=row_key("2026", indicator, level, area, group),
        wave="2026",
        indicator=indicator,
        level=level,
        area=area,
        group=group,
        cases=False,
        publish=publish,
        sensitivity=3,
        threshold=T,
        n=n,
        events=events,
        register=n + 4 if level != "municipality" and group == "all" else None,
        n_schools=3,
        largest_school=0.4,
        n_unsure=0,
        estimates=(estimate,) if publish else (),
    )


pair = st.tuples(st.integers(0, 7), st.integers(0, 9))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Districts in areas in a municipality, some pupils from elsewhere, and girls, boys and the rest in all."""
    areas = draw(st.lists(st.lists(pair, min_size=1, max_size=3), min_size=1, max_size=3))
    elsewhere = draw(st.tuples(st.integers(0, 3), st.integers(0, 4)))
    made: list[Unit] = []
    relations: list[Relation] = []
    sums: list[tuple[int, int]] = []
    number = 0
    for a, districts in enumerate(areas):
        keys = []
        for events, others in districts:
            made.append(unit("district", f"d{number}", "all", events, others, publish=True))
            keys.append(made[-1].key)
            number += 1
        sums.append((sum(e for e, _ in districts), sum(o for _, o in districts)))
        made.append(unit("area", f"a{a}", "all", *sums[-1], publish=True))
        relations.append(Relation.sum_of(made[-1].key, keys))
    made.append(unit("area", "elsewhere", "all", *elsewhere, publish=False))
    total = (sum(e for e, _ in sums) + elsewhere[0], sum(o for _, o in sums) + elsewhere[1])
    made.append(unit("municipality", "M", "all", *total, publish=True))
    below = [u.key for u in made if u.level == "area"]
    relations.append(Relation.sum_of(made[-1].key, below))
    if draw(st.booleans()):
        sexes = _split(draw, total)
        for name, counts in sexes.items():
            made.append(unit("municipality", "M", name, *counts, publish=name != "rest"))
        relations.append(
            Relation.sum_of(row_key("2026", "S1", "municipality", "M"), [u.key for u in made[-3:]])
        )
    if draw(st.booleans()):
        _add_part(draw, made, relations)
    return World({u.key: u for u in made}, tuple(relations))


def _split(draw: st.DrawFn, total: tuple[int, int]) -> dict[str, tuple[int, int]]:
    girls = draw(st.integers(0, total[0])), draw(st.integers(0, total[1]))
    rest = (
        draw(st.integers(0, min(2, total[0] - girls[0]))),
        draw(st.integers(0, min(2, total[1] - girls[1]))),
    )
    boys = total[0] - girls[0] - rest[0], total[1] - girls[1] - rest[1]
    return {"girl": girls, "boy": boys, "rest": rest}


def _add_part(draw: st.DrawFn, made: list[Unit], relations: list[Relation]) -> None:
    """An indicator that is a yes only where the first one is, by district."""
    for whole in [u for u in made if u.level == "district"]:
        events = draw(st.integers(0, whole.events))
        part = unit("district", whole.area, "all", events, whole.n - events, publish=True, indicator="S2")
        made.append(part)
        relations.append(Relation.within(part.key, whole.key))


class Trial:
    """Everything known, and whether tables of whole numbers agree with it (by integer programming)."""

    def __init__(self, world: World, withheld: frozenset[str]) -> None:
        self.domains: dict[tuple[str, int], tuple[int, int]] = {}
        self.rows: list[tuple[list[tuple[tuple[str, int], int]], int, int]] = []
        for key, u in world.units.items():
            hidden = key in withheld or not u.publish
            most = u.register if u.register is not None else 60
            for side, count in enumerate((u.events, u.complement)):
                self.domains[key, side] = (0, most) if hidden else (count, count)
            if hidden:
                self.rows.append(
                    ([((key, 0), 1), ((key, 1), 1)], 0, u.register if u.register is not None else 120)
                )
        for relation in world.relations:
            for side in [("events", "complement").index(c) for c in relation.counts]:
                terms = [((key, side), int(c)) for key, c in relation.terms]
                self.rows.append((terms, 0 if relation.sense == "=" else -999, 0))

    def can_be(self, variable: tuple[str, int], low: int, high: int) -> bool:
        """Whether some table that agrees has the count between low and high."""
        names = list(self.domains)
        at = {name: i for i, name in enumerate(names)}
        bounds = np.array([self.domains[name] for name in names], dtype=float)
        bounds[at[variable]] = max(bounds[at[variable], 0], low), min(bounds[at[variable], 1], high)
        if bounds[at[variable], 0] > bounds[at[variable], 1]:
            return False
        matrix = np.zeros((len(self.rows), len(names)))
        for row, (terms, _, _) in enumerate(self.rows):
            for name, coefficient in terms:
                matrix[row, at[name]] += coefficient
        found = milp(
            np.zeros(len(names)),
            integrality=np.ones(len(names)),
            bounds=Bounds(bounds[:, 0], bounds[:, 1]),
            constraints=LinearConstraint(matrix, [r[1] for r in self.rows], [r[2] for r in self.rows]),
        )
        assert found.status in (0, 2), found.message  # solved, or no such table
        return bool(found.status == 0)


def leaks(world: World, decision: Decision) -> Iterator[str]:
    """Every count that the print pins down or shows to be small."""
    trial = Trial(world, decision.withheld)
    for key, u in world.units.items():
        if u.publish and key not in decision.withheld:
            continue
        by_rule = u.publish and bool(reasons(u, SMALL))
        secret = by_rule or (
            not u.publish and u.events > 0 and (u.n < BASE or min(u.events, u.complement) < T)
        )
        least = min(1, u.events) if u.publish and u.level != "district" else 0
        for side, count, low in ((0, u.events, least), (1, u.complement, 0)):
            reach = min(T, u.register) if u.register is not None else T
            if secret and count < T and key not in decision.unreachable:
                if not trial.can_be((key, side), reach, 999):
                    yield f"{key} {side}: shown to be small"
                if count > low and not trial.can_be((key, side), 0, count - 1):
                    yield f"{key} {side}: shown to be at least {count}"
        if (
            u.publish
            and key not in decision.unreachable
            and not (trial.can_be((key, 0), 0, u.events - 1) or trial.can_be((key, 0), u.events + 1, 999))
        ):
            yield f"{key}: exactly known"


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_no_small_count_is_pinned_or_shown_to_be_small(world: World) -> None:
    decision = decide(world.units, world.relations, SMALL, key=b"secret")

    assert list(leaks(world, decision)) == []


def test_the_attack_finds_what_the_rules_alone_leave_open() -> None:
    """Two districts, one of them small: its counts are the area's less the other's."""
    small, other = (
        unit("district", "d0", "all", 1, 8, publish=True),
        unit("district", "d1", "all", 6, 8, publish=True),
    )
    area = unit("area", "a0", "all", 7, 16, publish=True)
    units = {u.key: u for u in (small, other, area)}
    world = World(units, (Relation.sum_of(area.key, [small.key, other.key]),))

    assert list(leaks(world, Decision(frozenset({small.key}), ())))
    assert not list(leaks(world, decide(units, world.relations, SMALL, key=b"secret")))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(world: World, random: object) -> None:
    before = decide(world.units, world.relations, SMALL, key=b"secret")
    shuffled = list(world.units.items())
    relations = list(world.relations)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(relations)  # type: ignore[attr-defined]

    after = decide(dict(shuffled), relations, SMALL, key=b"secret")

    assert after.withheld == before.withheld


@settings(max_examples=100, deadline=None)
@given(worlds(), st.sets(st.sampled_from(sorted(RULES))))
def test_one_more_rule_withholds_a_superset(world: World, chosen: set[str]) -> None:
    fewer = {name: rule for name, rule in RULES.items() if name in chosen}
    for u in world.units.values():
        assert bool(reasons(u, SMALL, fewer)) <= bool(reasons(u, SMALL))


@pytest.mark.parametrize("key", ["small_count", "base_n", "small_count_class4"])
def test_a_stricter_policy_withholds_a_superset_by_its_rules(key: str) -> None:
    stricter: Policy = replace(read_policy(), **{key: getattr(read_policy(), key) + 3})
    for n in range(25, 45):
        for events in range(n + 1):
            u = unit("area", "a", "all", events, n - events, publish=True)
            one = replace(u, threshold=read_policy().threshold(u.sensitivity))
            two = replace(u, threshold=stricter.threshold(u.sensitivity))
            assert bool(reasons(one, read_policy())) <= bool(reasons(two, stricter))
