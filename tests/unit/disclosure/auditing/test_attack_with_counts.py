"""The attack of the house, which knows the counts, on releases of a few cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mapping.concepts.estimate_table import Relation
from mapping.disclosure import Counts, read_policy
from mapping.disclosure.auditing.attack_with_counts import (
    _grant,
    _holds,
    _unit,
    leaks_to_whoever_compares,
)
from mapping.disclosure.auditing.written import PrintedCell, Written

POLICY = replace(read_policy(), insiders=0)
FOLLOWS = "its count follows exactly from what is shown"
READER = "what is shown narrows it down to few persons for a reader"
POOLED = "what is shown narrows it down to few persons for respondents who pool their answers"
RULES = "it is shown, but the rules withhold it"


def key(area: str, level: str = "district") -> str:
    return f"2026|S04|{level}|{area}|all"


def cell(area: str, shown: bool = False, decimals: int = 0, level: str = "district") -> PrintedCell:
    numbers = {"share": 10.0} if shown else {}
    status = "shown" if shown else "withheld"
    return PrintedCell(
        key(area, level), "2026", "S04", level, area, "all", "pupils", status, numbers, decimals, ""
    )


def tie(*parts: str, of: str = "M") -> Relation:
    return Relation.sum_of(key(of), [key(part) for part in parts])


def release(*cells: PrintedCell, relations: tuple[Relation, ...] = ()) -> Written:
    return Written(Path("reports"), "2026", 1, {}, cells, relations)


def found(truth: Mapping[str, Counts], *releases: Written, insiders: int = 0) -> set[tuple[str, str]]:
    counts = {name if "|" in name else key(name): values for name, values in truth.items()}
    leaks = leaks_to_whoever_compares(releases, counts, replace(POLICY, insiders=insiders))
    return {(name.split("|")[3], why) for name, why in leaks}


OPEN = {"M": Counts(180, 30), "A": Counts(60, 10), "B": Counts(60, 3), "C": Counts(60, 17)}


def test_two_blanks_of_a_total_stay_open() -> None:
    cells = cell("M", True), cell("A", True), cell("B"), cell("C")
    assert found(OPEN, release(*cells, relations=(tie("A", "B", "C"),))) == set()


def test_one_blank_of_a_total_is_given_away() -> None:
    cells = cell("M", True), cell("A", True), cell("B"), cell("C", True)
    assert found(OPEN, release(*cells, relations=(tie("A", "B", "C"),))) == {("B", READER), ("B", FOLLOWS)}


def test_a_blank_that_no_rule_asked_for_must_not_follow_and_may_be_narrow() -> None:
    cells = cell("M", True), cell("A"), cell("B", True), cell("C", True)
    truth = OPEN | {"B": Counts(60, 9), "C": Counts(60, 11)}
    assert found(truth, release(*cells, relations=(tie("A", "B", "C"),))) == {("A", FOLLOWS)}


@pytest.mark.parametrize(
    ("counts", "small"),
    [
        (Counts(60, 4), True), (Counts(60, 5), False), (Counts(60, 56), True), (Counts(29, 10), True),
        (Counts(30, 10), False), (Counts(60, 9, sensitivity=4), True), (Counts(60, 10, sensitivity=4), False),
        (Counts(9, 9, True), True), (Counts(10, 10, True), False), (Counts(0, 0, True), True),
    ],
)  # fmt: skip
def test_a_small_count_is_not_shown(counts: Counts, small: bool) -> None:
    assert found({"A": counts}, release(cell("A", True))) == ({("A", RULES)} if small else set())
    assert found({"A": counts}, release(cell("A"))) == set()


def test_what_another_release_shows_is_its_own_affair_and_known() -> None:
    cells = cell("A", True), cell("B"), cell("C", True)
    other = release(cell("M", True), relations=(tie("A", "B", "C"),))
    assert found(OPEN, release(*cells), other) == {("B", READER), ("B", FOLLOWS)}
    small = OPEN | {"M": Counts(123, 30), "C": Counts(3, 17 - 14)}
    assert (("C", RULES) in found(small, release(cell("B")), release(cell("C", True)))) is False


def test_what_was_out_before_is_nothing_that_this_release_gives_away() -> None:
    """Two of the three were shown by another release already, and the total too: nothing is left to hide."""
    other = release(cell("M", True), cell("A", True), cell("C", True), relations=(tie("A", "B", "C"),))
    assert found(OPEN, release(cell("B")), other) == {("B", FOLLOWS)}


@pytest.mark.parametrize("n", [199, 200])
def test_a_share_of_a_large_base_leaves_its_count_open(n: int) -> None:
    """A tenth in whole per cent is 19 to 21 of 200; the small blank beside it may be one more or one less."""
    truth = {"M": Counts(n + 90, 29), "A": Counts(n, 20), "B": Counts(90, 9)}
    leaks = found(truth, release(cell("M", True, 1), cell("A", True), cell("B"), relations=(tie("A", "B"),)))
    assert leaks == ({("B", FOLLOWS)} if n == 199 else set())


@pytest.mark.parametrize(("decimals", "events"), [(1, 20), (0, 0), (0, 200)])
def test_a_share_with_a_decimal_nobody_and_everybody_are_known(decimals: int, events: int) -> None:
    truth = {"M": Counts(260, events + 9), "A": Counts(200, events), "B": Counts(60, 9)}
    whole, part = cell("M", True, 1), cell("A", True, decimals)
    assert ("B", FOLLOWS) in found(truth, release(whole, part, cell("B"), relations=(tie("A", "B"),)))


def test_cases_are_known_where_they_are_shown() -> None:
    truth = {"M": Counts(240, 240, True), "A": Counts(220, 220, True), "B": Counts(20, 20, True)}
    cells = cell("M", True), cell("A", True), cell("B")
    assert found(truth, release(*cells, relations=(tie("A", "B"),))) == {("B", FOLLOWS)}


def test_a_latent_cell_that_concerns_few_is_protected_by_its_key() -> None:
    truth = {"M": Counts(60, 13), "A": Counts(40, 11), "X": Counts(20, 2)}
    cells = cell("M", True), cell("A", True)
    assert found(truth, release(*cells, relations=(tie("A", "X"),))) == {("X", READER)}
    assert found(truth, release(cell("M", True), cell("A"), relations=(tie("A", "X"),))) == set()


@pytest.mark.parametrize("sense", ["=", "<=", ">="])
def test_a_relation_that_does_not_hold_is_left_aside(sense: str) -> None:
    """A cell whose data changed since the other release: M is 30 + 1 there."""
    terms = tuple((key(name), value) for name, value in (("A", 1.0), ("B", 1.0), ("C", 1.0), ("M", -1.0)))
    cells = cell("M", True), cell("A", True), cell("B"), cell("C", True)
    for count in ("events", "complement"):
        relation = Relation(terms, sense, (count,))
        for change in (-1, 0, 1):
            yes, no = (change, 0) if count == "events" else (0, change)
            truth = OPEN | {"B": Counts(60 + yes + no, 3 + yes)}
            holds = change == 0 or (sense == "<=" and change < 0) or (sense == ">=" and change > 0)
            leaks = found(truth, release(*cells, relations=(relation,)))
            known = {("B", READER), ("B", FOLLOWS)} if sense == "=" else {("B", READER)}
            if count == "complement":
                known = set()  # the yes are not related, and the others are many
            assert leaks == (known if holds else set()), (count, change)


def test_a_relation_with_a_cell_of_which_nothing_is_known_is_left_aside() -> None:
    cells = cell("M", True), cell("A", True), cell("B"), cell("C", True)
    assert found(OPEN, release(*cells, relations=(tie("A", "B", "C", "elsewhere"),))) == set()


def test_a_register_bounds_what_a_blank_can_be() -> None:
    """Three of four answered and said yes: of a place with four pupils nothing more can be hidden than four."""
    truth = {"M": Counts(83, 23), "A": Counts(80, 20), "B": Counts(3, 3, register=4)}
    cells = cell("M", True), cell("A", True), cell("B")
    assert found(truth, release(*cells, relations=(tie("A", "B"),))) == {("B", READER), ("B", FOLLOWS)}
    assert found(truth, release(cell("M"), cell("A", True), cell("B"), relations=(tie("A", "B"),))) == set()


def test_respondents_who_pool_their_answers_see_more_than_a_reader() -> None:
    """Two blanks of 4 and 3 yes: three in each know of 6 out of 7, and that the other blank has one more at most."""
    truth = {"M": Counts(120, 7), "A": Counts(60, 4), "B": Counts(60, 3)}
    made = release(cell("M", True), cell("A"), cell("B"), relations=(tie("A", "B"),))
    assert found(truth, made) == set()
    assert found(truth, made, insiders=3) == {("A", POOLED), ("B", POOLED)}
    assert (
        found(truth, release(cell("M"), cell("A"), cell("B"), relations=(tie("A", "B"),)), insiders=3)
        == set()
    )


def test_a_blank_that_the_table_lists_may_be_nobody_at_all() -> None:
    """12 per cent of 1,000 are 115 to 124: the blank beside them is 1 to 10, and so known not to be nobody."""
    truth = {"M": Counts(1060, 125), "A": Counts(1000, 123), "B": Counts(60, 2)}
    shown = cell("M", True, 1), cell("A", True)
    relations = (tie("A", "B"),)
    assert found(truth, release(*shown, cell("B"), relations=relations)) == {("B", READER)}
    unlisted = release(*shown, relations=relations)
    assert found(truth, unlisted) == set()  # of a cell that nobody lists 1 will do


def test_a_count_that_can_only_rise_and_one_that_can_only_fall_do_not_follow() -> None:
    truth = OPEN | {"B": Counts(60, 0), "C": Counts(60, 20)}
    cells = cell("M", True), cell("A", True), cell("B"), cell("C")
    assert not {why for _, why in found(truth, release(*cells, relations=(tie("A", "B", "C"),)))} & {FOLLOWS}


@pytest.mark.parametrize(
    ("n", "events", "decimals", "grant"),
    [
        (200, 20, 0, (19, 20)),  # 9.5 and 10.0 print as 10, 10.5 as 11
        (200, 198, 0, (197, 198)),
        (200, 199, 0, (199, 200)),
        (1000, 3, 0, (0, 4)),
        (1000, 123, 0, (115, 124)),
        (1000, 123, 1, (123, 123)),
        (199, 20, 0, (20, 20)),
        (1000, 0, 0, (0, 0)),
        (1000, 1000, 0, (1000, 1000)),
        (1000, 1, 0, (0, 4)),
        (1000, 999, 0, (995, 1000)),
    ],
)
def test_a_share_grants_the_counts_that_print_like_it(
    n: int, events: int, decimals: int, grant: tuple[int, int]
) -> None:
    unit = _unit(key("A"), Counts(n, events), POLICY, publish=True)
    assert _grant(unit, decimals, POLICY) == grant


def test_a_count_of_cases_grants_itself() -> None:
    assert _grant(_unit(key("A"), Counts(500, 500, True), POLICY, publish=True), 0, POLICY) == (500, 500)


@pytest.mark.parametrize(("sense", "total", "holds"), [
    ("=", 0, True), ("=", 1, False), ("=", -1, False), ("<=", 0, True), ("<=", 1, False), ("<=", -1, True),
    (">=", 0, True), (">=", 1, True), (">=", -1, False),
])  # fmt: skip
def test_a_relation_holds_for_the_counts_that_it_is_about(sense: str, total: int, holds: bool) -> None:
    terms = ((key("A"), 1.0), (key("B"), -1.0))
    for count, other in (("events", "complement"), ("complement", "events")):
        yes, no = (total, 0) if count == "events" else (0, total)
        truth = {key("A"): Counts(60 + yes + no, 20 + yes), key("B"): Counts(60, 20)}
        assert _holds(Relation(terms, sense, (count,)), truth) is holds
        assert _holds(Relation(terms, sense, (other,)), truth)
        assert _holds(Relation(terms, sense, (other, count)), truth) is holds
