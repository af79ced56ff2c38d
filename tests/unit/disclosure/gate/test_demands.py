"""What must stay open about a count that is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mapping.disclosure import read_policy
from mapping.disclosure.gate.demands import known_minimum, needs_of
from mapping.disclosure.units import Unit

POLICY = read_policy()


def unit(events: int, others: int, level: str = "district", *, publish: bool = True, **other: object) -> Unit:
    made = Unit(
        "k", "2026", "S04", level, "d", "all", False, publish, 3, 5, events + others, events, None, 3, 0.4, 0, ()
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


def wanted(cell: Unit, *, secret: bool = True) -> set[tuple[str, int, float]]:
    """Which count must be able to get where: ("events", +1, 5) is "the events must be able to be 5 or more"."""
    needs = needs_of(cell, 0, POLICY, secret=secret)
    return {(("events", "others")[n.demand.variable], n.demand.sense, n.demand.target) for n in needs}


@pytest.mark.parametrize("events", [1, 2, 4])
def test_a_small_count_must_reach_the_threshold_and_nothing(events: int) -> None:
    assert wanted(unit(events, 60)) == {("events", 1, 5), ("events", -1, 0)}


def test_a_blank_zero_must_reach_the_threshold() -> None:
    assert wanted(unit(0, 60)) == {("events", 1, 5)}


def test_few_others_are_as_secret_as_few_yes() -> None:
    assert wanted(unit(60, 3)) == {("events", 1, 62), ("events", -1, 58), ("others", 1, 5), ("others", -1, 0)}


def test_nobody_left_over_must_not_be_seen() -> None:
    assert ("others", 1, 5) in wanted(unit(60, 0))


def test_a_count_withheld_for_a_small_base_keeps_a_window() -> None:
    assert wanted(unit(9, 16)) == {("events", 1, 11), ("events", -1, 7)}


def test_class_four_must_reach_ten() -> None:
    assert wanted(unit(7, 60, sensitivity=4, threshold=10)) == {("events", 1, 10), ("events", -1, 0)}


def test_a_cell_cannot_be_asked_for_more_people_than_the_register_has() -> None:
    assert wanted(unit(1, 2, register=4)) == {
        ("events", 1, 4),
        ("events", -1, 0),
        ("others", 1, 4),
        ("others", -1, 0),
    }
    assert wanted(unit(3, 0, register=3)) == {("events", -1, 0), ("others", 1, 3)}


def test_a_blank_where_zeros_are_printed_is_known_to_be_at_least_one() -> None:
    assert [known_minimum(unit(e, 60, "area")) for e in (0, 1, 7)] == [0, 1, 1]
    assert [known_minimum(unit(3, 60, level)) for level in ("district", "municipality")] == [0, 1]
    assert known_minimum(unit(3, 60, "area", publish=False)) == 0
    assert [known_minimum(unit(3, 0, level, cases=True)) for level in ("area", "municipality")] == [0, 1]
    assert wanted(unit(3, 60, "area")) == {("events", 1, 5), ("events", -1, 1)}
    assert wanted(unit(1, 60, "area")) == {("events", 1, 5)}


@pytest.mark.parametrize(
    ("events", "others", "needs"),
    [
        (0, 12, set()),  # nobody said yes: nothing is known of anybody
        (20, 40, set()),  # as many as could be shown
        (3, 60, {("events", 1, 5), ("events", -1, 1)}),
        (1, 60, {("events", 1, 5), ("events", -1, 0)}),
        (9, 12, {("events", 1, 11), ("events", -1, 7)}),
        (12, 0, {("events", 1, 14), ("events", -1, 10), ("others", 1, 5)}),
    ],
)
def test_a_cell_that_is_never_shown_is_protected_where_it_concerns_few(
    events: int, others: int, needs: set[tuple[str, int, float]]
) -> None:
    assert wanted(unit(events, others, publish=False)) == needs


def test_a_cell_withheld_as_unreliable_must_not_follow_exactly() -> None:
    assert wanted(unit(12, 60), secret=False) == {("events", 1, 13)}


def test_cases_have_no_others() -> None:
    assert wanted(unit(3, 0, cases=True, threshold=10)) == {("events", 1, 10), ("events", -1, 0)}


def steps(cell: Unit, *, secret: bool = True) -> dict[tuple[int, int], float]:
    """How far a search must let each count move, by count and direction."""
    return {(n.demand.variable, n.demand.sense): n.step for n in needs_of(cell, 6, POLICY, secret=secret)}


def test_a_search_must_move_as_far_as_any_count_like_it_would() -> None:
    """The steps are the same for all small counts, so that the search tells nothing of which one it is."""
    assert steps(unit(1, 60)) == steps(unit(4, 60)) == {(6, 1): 5, (6, -1): 4}
    assert steps(unit(60, 2)) == {(6, 1): 2, (6, -1): 2, (7, 1): 5, (7, -1): 4}
    assert steps(unit(12, 60), secret=False) == {(6, 1): 1}


@pytest.mark.parametrize(("others", "asked"), [(4, True), (5, False)])
def test_five_others_are_not_few(others: int, asked: bool) -> None:
    assert any(count == "others" for count, _, _ in wanted(unit(60, others))) is asked


def test_five_yes_are_not_few() -> None:
    assert wanted(unit(5, 60)) == {("events", 1, 7), ("events", -1, 3)}


def test_the_register_leaves_room_above_a_count_or_none() -> None:
    assert wanted(unit(20, 9, register=20)) == {("events", -1, 18)}
    assert wanted(unit(20, 9, register=21)) == {("events", 1, 21), ("events", -1, 18)}


@pytest.mark.parametrize(
    ("events", "others", "few"),
    [(4, 60, True), (5, 60, False), (60, 4, True), (60, 5, False), (10, 19, True), (10, 20, False)],
)
def test_few_in_a_cell_that_is_never_shown(events: int, others: int, few: bool) -> None:
    assert bool(wanted(unit(events, others, publish=False))) is few


def test_few_cases_that_are_never_shown() -> None:
    assert wanted(unit(9, 0, publish=False, cases=True, threshold=10)) == {
        ("events", 1, 10),
        ("events", -1, 1),
    }
    assert wanted(unit(10, 0, publish=False, cases=True, threshold=10)) == set()
