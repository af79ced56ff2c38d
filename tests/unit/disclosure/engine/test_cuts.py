"""Cuts and moves on systems small enough to try out every pattern."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from mapping.disclosure.engine.attack import Attacker, Demand
from mapping.disclosure.engine.cuts import Separator
from mapping.disclosure.engine.kept import Kept
from mapping.disclosure.engine.least_cost import LeastCost
from mapping.disclosure.engine.moves import Moves
from mapping.disclosure.engine.system import Cell, Row, System


def square() -> System:
    """2 × 2 counts 3, 6 / 7, 8 with margins; the cost is the count."""
    counts = {"a": 3, "b": 6, "c": 7, "d": 8, "ab": 9, "cd": 15, "ac": 10, "bd": 14, "T": 24}
    at = {name: i for i, name in enumerate(counts)}
    sums = {"ab": "a b", "cd": "c d", "ac": "a c", "bd": "b d", "T": "ab cd"}
    rows = [
        Row(((at[total], 0, -1.0), *((at[p], 0, 1.0) for p in parts.split())), 0.0, 0.0)
        for total, parts in (*sums.items(), ("T", "ac bd"))
    ]
    cells = [Cell(n, (v,), ((0.0, 50.0),), ((float(v), float(v)),), cost=float(v)) for n, v in counts.items()]
    return System(cells, rows)


BLANK = np.array([True, *[False] * 8])  # "a"
DEMANDS = [Demand(0, 1, 5), Demand(0, -1, 0)]


def safe(system: System) -> Iterator[np.ndarray]:
    """Every pattern that blanks `a` and leaves it able to be 5 and 0."""
    for chosen in product((False, True), repeat=8):
        withheld = np.array([True, *chosen])
        attacker = Attacker(system, withheld)
        if all(demand.met(attacker.table(0, demand.sense)) for demand in DEMANDS):
            yield withheld


def test_every_safe_pattern_satisfies_every_cut() -> None:
    system = square()
    separator = Separator(system, BLANK)
    cuts = [cut for demand in DEMANDS for cut in separator.row_cuts(demand)]
    rng = np.random.default_rng(1)
    for _ in range(20):
        cuts += separator.cuts(DEMANDS, (rng.random(9) < 0.4).astype(float))
    assert len(cuts) > 10
    patterns = list(safe(system))
    assert patterns
    for cut in cuts:
        assert all(cut.met(pattern.astype(float)) for pattern in patterns)


def test_a_pattern_that_does_not_protect_violates_the_cut_made_for_it() -> None:
    separator = Separator(square(), BLANK)
    alone = BLANK.astype(float)
    cuts = separator.cuts(DEMANDS, alone)
    assert len(cuts) == 2
    assert not any(cut.met(alone) for cut in cuts)
    assert separator.cuts(DEMANDS, np.ones(9)) == []


def test_the_cheapest_of_all_safe_patterns_is_found_and_is_its_own_bound() -> None:
    system = square()
    best = min(float(system.cost[pattern].sum()) for pattern in safe(system))
    programme = LeastCost(system, BLANK, DEMANDS)

    def look(withheld: np.ndarray) -> list[int]:
        attacker = Attacker(system, withheld)
        return [i for i, d in enumerate(DEMANDS) if not d.met(attacker.table(0, d.sense))]

    pattern, cheapest = programme.pattern(look)
    assert cheapest
    assert system.cost[pattern].sum() == best == 24
    assert programme.bound(system.cost) == pytest.approx(best)


def test_the_bound_can_be_asked_for_at_other_costs() -> None:
    assert LeastCost(square(), BLANK, DEMANDS).bound(np.ones(9)) >= 3


def test_a_cell_without_which_a_cut_fails_is_not_shown_again() -> None:
    """Blank a, b, c, d: with b shown a follows from its row, and so for c."""
    programme = LeastCost(square(), BLANK, DEMANDS)
    needed = programme.needed(np.array([True] * 4 + [False] * 5))
    assert needed[1]
    assert needed[2]


def test_the_smallest_move_changes_no_more_than_it_must() -> None:
    system = square()
    known = system.knowledge(np.ones(9, dtype=bool))
    table = Moves(system, known).table(known, Demand(0, 1, 5))
    assert table is not None
    assert table[0] == 5
    assert np.allclose(system.matrix @ table, 0)
    assert np.abs(table - system.truth).sum() == 8  # two persons along a rectangle


def test_no_move_is_no_table() -> None:
    system = square()
    known = system.knowledge(BLANK)
    assert Moves(system, known).table(known, Demand(0, 1, 5)) is None


def test_the_cheapest_cells_that_let_a_count_move_are_bought() -> None:
    system, none = square(), np.zeros(9, dtype=bool)
    moves = Moves(system, system.knowledge(BLANK))
    assert moves.cells(BLANK, DEMANDS[0], 2, banned=none, free=none) == [1, 2, 3]
    corners = np.array([True] * 4 + [False] * 5)
    assert moves.cells(corners, DEMANDS[0], 2, banned=none, free=none) == []


def test_what_is_not_for_sale_is_not_bought_and_what_is_free_is_preferred() -> None:
    system, none = square(), np.zeros(9, dtype=bool)
    moves = Moves(system, system.knowledge(BLANK))
    without = moves.cells(BLANK, DEMANDS[0], 2, banned=np.arange(9) == 3, free=none)
    assert without is not None
    assert 3 not in without
    margins = np.isin(np.arange(9), [4, 6, 8])
    assert set(moves.cells(BLANK, DEMANDS[0], 2, banned=none, free=margins) or ()) >= {4, 6, 8}


def test_a_cell_in_far_more_relations_than_most_is_a_hub() -> None:
    def star(rays: int) -> Moves:
        """One total of several pairs; each cell of a pair stands in one relation."""
        cells = [Cell(str(i), (2.0,), ((0.0, 9.0),), ((2.0, 2.0),)) for i in range(1 + 2 * rays)]
        cells[0] = Cell("0", (4.0,), ((0.0, 9.0),), ((4.0, 4.0),))
        rows = [Row(((0, 0, -1.0), (2 * r + 1, 0, 1.0), (2 * r + 2, 0, 1.0)), 0.0, 0.0) for r in range(rays)]
        system = System(cells, rows)
        return Moves(system, system.knowledge(np.zeros(len(cells), dtype=bool)))

    assert not star(2).hubs.any()
    assert star(3).hubs.tolist() == [True] + [False] * 6
    assert len(set(star(2).tables().tolist())) == 1
    # without the hub each pair is a table of its own
    hub, *labels = star(3).tables().tolist()
    assert (hub, len(set(labels)), labels[::2]) == (-1, 3, labels[1::2])


def test_the_work_counts_every_question_and_no_clock() -> None:
    system, none = square(), np.zeros(9, dtype=bool)
    steps = []
    for _ in range(2):
        moves = Moves(system, system.knowledge(BLANK))
        before = moves.steps
        moves.cells(BLANK, DEMANDS[0], 2, banned=none, free=none)
        steps.append(moves.steps - before)
    assert steps[0] == steps[1] > 0


def test_a_programme_without_a_solution_gives_none_and_goes_on() -> None:
    system = square()
    known = system.knowledge(np.ones(9, dtype=bool))
    kept = Kept(system.matrix, known.row_low, known.row_high, known.low, known.high)
    kept.bound(np.full(9, 60.0), np.full(9, 60.0), known.row_low, known.row_high)
    assert kept.farthest(0, 1, np.inf) is None
    kept.bound(known.low, known.high, known.row_low, known.row_high)
    found = kept.farthest(0, 1, 5.0)
    assert found is not None
    assert found[0][0] == pytest.approx(5)
