"""The engine on systems small enough to see through: what is withheld, what is shown again, what cannot be met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mapping.disclosure.engine.attack import Attacker, Demand
from mapping.disclosure.engine.suppression import complete
from mapping.disclosure.engine.system import Cell, Row, System
from mapping.disclosure.engine.work import Need, Work


def cell(name: str, count: int, cost: float = 1.0, *, most: float = 100) -> Cell:
    return Cell(name, (count,), ((0.0, most),), ((float(count), float(count)),), cost=cost)


def total(cells: Sequence[Cell], **costs: float) -> System:
    """The first cell is the sum of the others."""
    return System(cells, [Row(((0, 0, -1.0), *((i, 0, 1.0) for i in range(1, len(cells)))), 0.0, 0.0)])


def flags(system: System, *names: str) -> np.ndarray:
    return np.array([c.name in names for c in system.cells])


def names(system: System, withheld: np.ndarray) -> set[str]:
    return {c.name for c, w in zip(system.cells, withheld, strict=True) if w}


def test_the_cheapest_partner_is_withheld() -> None:
    system = total([cell("T", 40, 100), cell("a", 3), cell("b", 20, 5), cell("c", 17, 4)])
    pattern = complete(system, flags(system, "a"), [Need(Demand(1, 1, 5), 5)], blind=False)
    assert names(system, pattern.withheld) == {"a", "c"}


def test_a_partner_that_cannot_give_enough_is_passed_over() -> None:
    """a must get from 3 to 5: d has only 1 to give."""
    system = total([cell("T", 24, 100), cell("a", 3), cell("b", 20, 5), cell("d", 1, 0.1)])
    pattern = complete(system, flags(system, "a"), [Need(Demand(1, 1, 5), 5)], blind=False)
    assert "b" in names(system, pattern.withheld)
    assert "d" not in names(system, pattern.withheld)  # shown again: it is not needed


def test_two_blanks_that_protect_each_other_need_no_third() -> None:
    system = total([cell("T", 25), cell("a", 3), cell("b", 2), cell("c", 20)])
    needs = [Need(Demand(i, s, t), 5) for i in (1, 2) for s, t in ((1, 5), (-1, 0))]
    pattern = complete(system, flags(system, "a", "b"), needs, blind=False)
    assert names(system, pattern.withheld) == {"a", "b"}


def test_what_is_out_already_is_never_taken_back() -> None:
    system = total([cell("T", 40, np.inf), cell("a", 3), cell("b", 20, np.inf), cell("c", 17, 50)])
    pattern = complete(system, flags(system, "a"), [Need(Demand(1, 1, 5), 5)], blind=False)
    assert names(system, pattern.withheld) == {"a", "c"}
    assert pattern.unreachable == []


def test_a_demand_that_nothing_meets_is_named_and_met_as_far_as_can_be() -> None:
    """b and the total are out: of the 3 and 1 left nobody can have more than 4."""
    system = total([cell("T", 24, np.inf), cell("a", 3), cell("b", 20, np.inf), cell("c", 1, 50)])
    pattern = complete(system, flags(system, "a"), [Need(Demand(1, 1, 5), 5)], blind=False)
    assert pattern.unreachable == [Demand(1, 1, 5)]
    assert names(system, pattern.withheld) == {"a", "c"}


def test_a_witness_is_made_of_whole_numbers() -> None:
    """2 a + 2 b = 7 + c with c shown as 1: halves would do, whole numbers give a + b = 4."""
    cells = [cell("a", 3), cell("b", 1), cell("c", 1)]
    system = System(cells, [Row(((0, 0, 2.0), (1, 0, 2.0), (2, 0, -1.0)), 7.0, 7.0)])
    table = Attacker(system, flags(system, "a", "b")).table(0, 1)
    assert table.tolist() == [4.0, 0.0, 1.0]


def alone(*, blind: bool) -> Work:
    """b was withheld although nobody asked: alone under the total it follows exactly."""
    system = total([cell("T", 40, 100), cell("a", 13, 3), cell("b", 20, 5), cell("c", 7, 4)])
    work = Work(system, flags(system), [], blind=blind)
    work.withhold([2])
    return work


def test_a_blank_that_cannot_move_gets_a_partner_where_counts_are_not_looked_at() -> None:
    work = alone(blind=True)
    work.loosen()
    assert names(work.system, work.withheld) == {"a", "b"}


def test_a_blank_that_cannot_move_protects_nothing_and_is_shown() -> None:
    work = alone(blind=False)
    work.loosen()
    assert names(work.system, work.withheld) == set()


def test_without_work_left_only_what_no_witness_needs_is_shown_again() -> None:
    system = total([cell("T", 40, 100), cell("a", 3), cell("b", 20, 5), cell("c", 17, 4)])
    work = Work(system, flags(system, "a"), [Need(Demand(1, 1, 5), 2)], blind=False)
    work.withhold([0, 2])  # T, b
    work.known.keep(np.array([40.0, 5, 18, 17]), work.withheld)
    work.withhold([3])
    work.prune([0, 3, 2], steps=0)
    assert names(system, work.withheld) == {"a", "b"}


def test_where_work_is_long_cells_that_many_needs_would_miss_come_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """b could be shown for c's sake, but that takes a question; c can be shown without one."""
    system = total([cell("T", 40, 100), cell("a", 3), cell("b", 20, 5), cell("c", 17, 4)])
    work = Work(system, flags(system, "a"), [Need(Demand(1, 1, 5), 2)], blind=False)
    work.withhold([2, 3])
    work.known.keep(np.array([40.0, 5, 18, 17]), work.withheld)
    monkeypatch.setattr("mapping.disclosure.engine.work._ONE_START", -1)
    monkeypatch.setattr("mapping.disclosure.engine.work._MANY", 0)
    work.prune([2, 3], steps=1000)
    assert names(system, work.withheld) == {"a", "b"}


def test_the_cheaper_of_two_ways_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first way is made to take b, the second c."""
    system = total([cell("T", 40, 100), cell("a", 3), cell("b", 20, 5), cell("c", 17, 4)])
    work = Work(system, flags(system, "a"), [Need(Demand(1, 1, 5), 2)], blind=False)
    tried = []

    def repair(needs: Sequence[int]) -> None:
        tried.append(len(tried))
        work.withhold([2 + tried[-1]])  # b, then c
        assert all(work.look(need) for need in needs)

    monkeypatch.setattr(work, "repair", repair)
    work._cheaper_start()
    assert tried == [0, 1]
    assert names(system, work.withheld) == {"a", "c"}


def test_counts_of_a_pair_are_withheld_together() -> None:
    """Districts d and e make an area: the events of d can only move if those of e do, and with them its base."""

    def pair(name: str, events: int, others: int, cost: float) -> Cell:
        n = float(events + others)
        return Cell(
            name,
            (events, others),
            ((0.0, 200.0), (0.0, 200.0)),
            ((float(events),) * 2, (float(others),) * 2),
            shown_total=(n, n),
            cost=cost,
        )

    cells = [pair("area", 12, 90, 100), pair("d", 2, 40, 1), pair("e", 10, 50, 1)]
    rows = [Row(((0, i, -1.0), (1, i, 1.0), (2, i, 1.0)), 0.0, 0.0) for i in (0, 1)]
    system = System(cells, rows)
    pattern = complete(system, flags(system, "d"), [Need(Demand(2, 1, 5), 5)], blind=False)
    assert names(system, pattern.withheld) == {"d", "e"}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 1, 2)])
def test_parts_that_nothing_connects_are_worked_on_apart(order: tuple[int, ...]) -> None:
    one = [cell("T", 10, 100), cell("a", 3), cell("b", 7, 2)]
    two = [cell("U", 10, 100), cell("c", 4), cell("d", 6, 2)]
    rows = [
        Row(((0, 0, -1.0), (1, 0, 1.0), (2, 0, 1.0)), 0, 0),
        Row(((3, 0, -1.0), (4, 0, 1.0), (5, 0, 1.0)), 0, 0),
    ]
    system = System([*one, *two], rows)
    assert len(list(system.parts())) == 2
    needs = [Need(Demand(i, 1, 5), 5) for i in (1, 4)]
    assert names(system, complete(system, flags(system, "a", "c"), needs, blind=False).withheld) == {
        "a",
        "b",
        "c",
        "d",
    }
