"""From members to the joint system: what is known of each count, and what withholding it costs."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from mapping.concepts.estimate_table import Relation
from mapping.disclosure import read_policy
from mapping.disclosure.engine.system import Cell, Row, System
from mapping.disclosure.gate.assemble import assemble
from mapping.disclosure.gate.members import Fate, Member
from mapping.disclosure.gate.needs import needs_of_insiders, needs_of_readers
from mapping.disclosure.units import Unit
from mapping.errors import DisclosureError

POLICY = read_policy()


def unit(n: int, events: int, level: str = "district", **other: object) -> Unit:
    made = Unit(
        "k", "2026", "S04", level, "d", "all", False, True, 3, 5, n, events, None, 3, 0.4, 0, ()
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


def cases(n: int, level: str = "municipality") -> Unit:
    return unit(n, n, level, cases=True, threshold=10, indicator="K01")


def system(
    *members: Member, insiders: int = 0, relations: Sequence[Relation] = (), key: bytes = b"k"
) -> System:
    named = {f"m{number}": member for number, member in enumerate(members)}
    return assemble(named, relations, POLICY, key, insiders=insiders)


def cell(own: Unit, fate: Fate = Fate.OPEN, grant: tuple[int, int] = (0, 0), insiders: int = 0) -> Cell:
    (made,) = system(Member(own, fate, grant=grant), insiders=insiders).cells
    return made


def test_a_shown_cell_is_known_as_far_as_its_print_grants() -> None:
    for fate in (Fate.OPEN, Fate.KNOWN):
        made = cell(unit(200, 60), fate, (58, 63))
        assert made.truth == (60, 140)
        assert made.shown == ((58, 63), (137, 142))
        assert made.shown_total == (200, 200)


def test_a_blank_cell_is_taken_for_its_counts_if_it_were_shown() -> None:
    assert cell(unit(200, 60), Fate.BLANK, (58, 63)).shown == ((60, 60), (140, 140))


def test_cases_are_one_count() -> None:
    made = cell(cases(40), Fate.OPEN, (40, 40))
    assert (made.truth, made.shown, made.blank) == ((40,), ((40, 40),), ((1, 180),))


def test_of_a_blank_the_register_and_the_least_count_are_known() -> None:
    made = cell(unit(50, 7, "area", register=64))
    assert made.blank == ((1, 64), (0, 64))
    assert made.blank_total == (0, 64)
    made = cell(unit(50, 7, "district", register=64))
    assert made.blank == ((0, 64), (0, 64))


def test_without_a_register_a_count_may_be_twice_the_largest_and_a_hundred_more() -> None:
    first, second = system(Member(unit(50, 7), Fate.OPEN), Member(unit(30, 7), Fate.OPEN)).cells
    assert first.blank == second.blank == ((0, 200), (0, 200))
    assert first.blank_total == (0, math.inf)
    assert system().cells == ()


def test_insiders_know_who_answered_and_as_many_of_each_answer_as_they_are() -> None:
    made = cell(unit(50, 7, register=64), insiders=3)
    assert made.blank_total == (50, 50)
    assert made.blank == ((3, 64), (3, 64))
    made = cell(unit(50, 2, register=64), insiders=3)
    assert made.blank == ((2, 64), (3, 64))


@pytest.mark.parametrize(("n", "known"), [(3, True), (4, False), (2, True)])
def test_insiders_know_a_cell_wholly_that_is_no_larger_than_they_are(n: int, known: bool) -> None:
    assert (cell(unit(n, 1), insiders=3).blank == ((1, 1), (n - 1, n - 1))) is known


def test_insiders_know_no_more_of_cases_than_anybody() -> None:
    made = cell(cases(40), insiders=3)
    assert made.blank == ((1, 180),)
    assert made.blank_total == (0, math.inf)


@pytest.mark.parametrize(("events", "cap"), [(4, 0), (5, 5), (60, 5)])
def test_a_search_counts_on_the_threshold_and_not_on_the_count(events: int, cap: int) -> None:
    assert cell(unit(200, events)).cap == (cap, 5)
    assert cell(unit(200, 200 - events)).cap == (5, cap)


def test_insiders_leave_less_to_count_on() -> None:
    assert cell(unit(200, 60), insiders=3).cap == (2, 2)
    assert cell(unit(200, 60), insiders=6).cap == (0, 0)


def test_what_is_out_cannot_be_withheld() -> None:
    assert cell(unit(200, 60), Fate.KNOWN).cost == math.inf
    assert cell(unit(200, 60), Fate.BLANK).cost < math.inf


def jitter(name: str, key: bytes) -> float:
    number = int(hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:12], 16)
    return 0.8 + 0.4 * number / 281_474_976_710_656


@pytest.mark.parametrize(
    ("own", "price"),
    [
        (unit(60, 7, "district", register=90), 90),
        (unit(60, 7, "area", register=90), 4 * 90),
        (unit(60, 7, "municipality", register=90), 4000 * 90),
        (unit(60, 7, "municipality", group="girl", register=90), 40 * 90),
        (unit(60, 7, "district", group="girl", register=90), 90),
        (unit(60, 7, "district", register=0), 1),
        # without a register: where the class of the base begins
        (unit(30, 7), 30),
        (unit(49, 7), 30),
        (unit(50, 7), 50),
        (unit(1500, 7), 1000),
        (unit(29, 7), 1),
    ],
)
def test_a_price_is_made_of_public_sizes_the_level_and_the_secret(own: Unit, price: float) -> None:
    for key in (b"k", b"another"):
        (made,) = system(Member(own, Fate.OPEN), key=key).cells
        assert made.cost == pytest.approx(price * jitter(own.key, key), rel=1e-12)


def test_prices_differ_between_cells_by_their_keys() -> None:
    one, two = system(Member(unit(60, 7, key="a"), Fate.OPEN), Member(unit(60, 7, key="b"), Fate.OPEN)).cells
    assert one.cost != two.cost


def test_an_indicator_is_a_block() -> None:
    units = [unit(60, 7), unit(60, 7, indicator="S08"), unit(60, 7, wave="2024"), cases(40), cases(30)]
    made = system(*(Member(own, Fate.OPEN) for own in units))
    assert [c.block for c in made.cells] == [0, 1, 0, 2, 2]


TIED = (Member(unit(20, 7), Fate.OPEN), Member(unit(30, 4), Fate.OPEN), Member(unit(50, 11), Fate.OPEN))


def rows(*relations: Relation, members: Iterable[Member] = TIED) -> tuple[Row, ...]:
    return system(*members, relations=relations).rows


def test_a_sum_holds_for_both_counts() -> None:
    terms = ((2, -1.0), (0, 1.0), (1, 1.0))
    assert rows(Relation.sum_of("m2", ["m0", "m1"])) == tuple(
        Row(tuple((member, count, value) for member, value in terms), 0, 0) for count in (0, 1)
    )


def test_a_part_holds_for_the_yes_alone_and_in_one_direction() -> None:
    assert rows(Relation.within("m0", "m2")) == (Row(((0, 0, 1.0), (2, 0, -1.0)), -np.inf, 0),)
    turned = Relation((("m2", 1.0), ("m0", -1.0)), sense=">=", counts=("complement",))
    assert rows(turned) == (Row(((2, 1, 1.0), (0, 1, -1.0)), 0, np.inf),)


def test_cases_have_no_complement_to_relate() -> None:
    members = [Member(cases(n), Fate.OPEN) for n in (20, 30, 50)]
    assert len(rows(Relation.sum_of("m2", ["m0", "m1"]), members=members)) == 1


def test_tables_that_contradict_each_other_are_refused_by_the_name_of_a_cell() -> None:
    """The relation that is broken comes after one of which a row is left out, and after one that holds."""
    members = [*(Member(cases(n), Fate.OPEN) for n in (20, 30, 50)), *TIED, Member(unit(51, 12), Fate.OPEN)]
    holds = Relation.sum_of("m2", ["m0", "m1"]), Relation.sum_of("m5", ["m3", "m4"])
    with pytest.raises(DisclosureError, match="relation of 'm6' with its 2 other cells"):
        system(*members, relations=(*holds, Relation.sum_of("m6", ["m3", "m4"])))


def wanted(members: Sequence[Member], *, insiders: int) -> set[tuple[int, int, float]]:
    made = system(*members, insiders=insiders)
    needs = needs_of_insiders(members, made, POLICY) if insiders else needs_of_readers(members, made, POLICY)
    return {(need.demand.variable, need.demand.sense, need.demand.target) for need in needs}


def test_a_reader_must_not_learn_of_blanks_and_may_of_what_is_open() -> None:
    members = [
        Member(unit(60, 3), Fate.OPEN),
        Member(unit(60, 3), Fate.BLANK),
        Member(unit(60, 7), Fate.KNOWN),
    ]
    assert wanted(members, insiders=0) == {(2, 1, 5), (2, -1, 0)}


def test_what_is_merely_left_out_must_not_follow_exactly() -> None:
    assert wanted([Member(unit(60, 12), Fate.BLANK, secret=False)], insiders=0) == {(0, 1, 13)}


def test_insiders_must_see_every_count_able_to_rise() -> None:
    assert wanted([Member(unit(60, 3), Fate.BLANK)], insiders=3) == {(0, 1, 5)}


@pytest.mark.parametrize(
    ("n", "needs"),
    [
        (3, set()),  # they are all there is
        (4, {(0, 1, 4), (1, 1, 4)}),  # the fourth may have said either
        (5, {(0, 1, 5), (1, 1, 5)}),
        (9, {(0, 1, 5)}),  # all but one said no: more no than a small count
    ],
)
def test_insiders_learn_nothing_of_the_others_in_a_small_cell(
    n: int, needs: set[tuple[int, int, float]]
) -> None:
    assert wanted([Member(unit(n, 1), Fate.BLANK)], insiders=3) == needs


def test_cases_must_be_able_to_rise_above_what_insiders_know() -> None:
    """Who answered is no bound on cases."""
    assert wanted([Member(cases(3), Fate.BLANK)], insiders=3) == {(0, 1, 10)}


def test_a_public_total_that_leaves_no_room_asks_for_nothing() -> None:
    """Of pupils that nobody else is, more cannot have said yes."""
    assert wanted([Member(unit(20, 18, register=20), Fate.BLANK)], insiders=3) == {(0, 1, 20), (1, 1, 5)}
