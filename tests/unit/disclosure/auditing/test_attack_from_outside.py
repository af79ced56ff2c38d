"""The reader's attack on releases of a few cells, at the edge of what they give away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from mapping.concepts.estimate_table import Relation
from mapping.disclosure import read_policy
from mapping.disclosure.auditing.attack_from_outside import _class, _determined, _reaches, leaks_to_a_reader
from mapping.disclosure.auditing.written import PrintedCell, Written
from mapping.disclosure.engine.programme import Programme

POLICY = read_policy()
FOLLOWS, SMALL = "is a sum or difference", "leaves only small counts"
Numbers = Mapping[str, float]


def cell(
    key: str, share: float | None = None, base: str = "", decimals: int = 0, **numbers: float
) -> PrintedCell:
    """A cell with a share, with a count of cases, or withheld."""
    told = numbers if share is None else {"share": share, **numbers}
    status = "shown" if told else "withheld"
    return PrintedCell(key, "2026", "S04", "area", key, "all", "pupils", status, told, decimals, base)


def release(*cells: PrintedCell, relations: tuple[Relation, ...] = ()) -> Written:
    return Written(Path("reports"), "2026", 1, {}, cells, relations)


def found(*releases: Written, lattice: bool = True) -> dict[str, set[str]]:
    """Why each cell leaks, by key."""
    leaks: dict[str, set[str]] = {}
    for key, why in leaks_to_a_reader(releases, POLICY, lattice=lattice):
        leaks.setdefault(key, set()).add(FOLLOWS if FOLLOWS in why else SMALL if SMALL in why else why)
    return leaks


SUM = Relation.sum_of("M", ["A", "B"])


@pytest.mark.parametrize(
    ("base", "limits"),
    [("100–199", (100, 199)), ("1000+", (1000, 10**6)), ("", (0, 10**6)), ("0–29", (0, 29))],
)
def test_a_class_of_bases_is_read_back(base: str, limits: tuple[int, int]) -> None:
    assert _class(base) == limits


def test_a_total_less_its_shown_part_is_the_other() -> None:
    cells = cell("M", 30.0, "50–99"), cell("A", 20.0, "30–49"), cell("B")
    assert found(release(*cells, relations=(SUM,)), lattice=False) == {"B": {FOLLOWS}}


@pytest.mark.parametrize(
    ("base", "decimals", "follows"),
    [("100–199", 0, True), ("150–250", 0, True), ("200–499", 0, False), ("200–499", 1, True)],
)
def test_a_share_gives_back_its_count_on_a_small_base_or_with_a_decimal(
    base: str, decimals: int, follows: bool
) -> None:
    for rough in ("M", "A"):
        cells = [cell(key, 30.0, *((base, decimals) if key == rough else ("50–99", 0))) for key in ("M", "A")]
        leaks = found(release(*cells, cell("B"), relations=(SUM,)), lattice=False)
        assert leaks == ({"B": {FOLLOWS}} if follows else {})


def test_counts_of_cases_and_none_known_are_exact() -> None:
    cells = cell("M", count=30.0), cell("A", count=12.0), cell("B")
    assert found(release(*cells, relations=(SUM,)), lattice=False) == {"B": {FOLLOWS}}
    nobody = PrintedCell(
        "A", "2026", "S04", "area", "A", "all", "pupils", "none_known", {"share": 0.0}, 0, "200–499"
    )
    cells = cell("M", 30.0, "50–99"), nobody, cell("B")
    assert found(release(*cells, relations=(SUM,)), lattice=False) == {"B": {FOLLOWS}}


def test_the_order_of_a_relation_does_not_matter() -> None:
    cells = cell("M", 30.0, "50–99"), cell("A", 20.0, "30–49"), cell("B")
    turned = Relation((("B", 1.0), ("A", 1.0), ("M", -1.0)))
    assert found(release(*cells, relations=(turned,)), lattice=False) == {"B": {FOLLOWS}}


def test_yes_that_are_the_same_follow_although_the_others_are_not_related() -> None:
    same = Relation((("A", 1.0), ("B", -1.0)), counts=("events",))
    assert found(release(cell("A", 30.0, "50–99"), cell("B"), relations=(same,)), lattice=False) == {
        "B": {FOLLOWS}
    }


def test_two_blanks_of_one_sum_do_not_follow_and_those_of_two_sums_do() -> None:
    cells = cell("M", 30.0, "50–99"), cell("A"), cell("B"), cell("a", 9.0, "30–49"), cell("b", 9.0, "30–49")
    assert found(release(*cells, relations=(SUM,)), lattice=False) == {}
    both = (SUM, Relation.sum_of("A", ["a", "b"]))
    assert found(release(*cells, relations=both), lattice=False) == {"A": {FOLLOWS}, "B": {FOLLOWS}}


def test_a_blank_follows_from_one_sum_although_another_leaves_two_open() -> None:
    relations = (SUM, Relation.sum_of("B", ["c", "d"]), Relation.sum_of("N", ["e", "f"]))
    cells = [cell(key, 30.0, "50–99") for key in ("M", "A", "N")] + [
        cell(key) for key in ("B", "c", "d", "e", "f")
    ]
    assert found(release(*cells, relations=relations), lattice=False) == {"B": {FOLLOWS}}


def test_a_margin_of_blanks_gives_back_what_two_margins_share() -> None:
    """Rows and columns of a square: all four cells blank stay open, three margins and one cell shown give the rest."""
    margins = (
        Relation.sum_of("R0", ["00", "01"]), Relation.sum_of("R1", ["10", "11"]),
        Relation.sum_of("C0", ["00", "10"]), Relation.sum_of("C1", ["01", "11"]),
    )  # fmt: skip
    shown = [cell(key, 30.0, "50–99") for key in ("R0", "R1", "C0", "C1")]
    inner = [cell(key) for key in ("00", "01", "10", "11")]
    assert found(release(*shown, *inner, relations=margins), lattice=False) == {}
    one = [cell("00", 10.0, "30–49"), *inner[1:]]
    assert set(found(release(*shown, *one, relations=margins), lattice=False)) == {"01", "10", "11"}


def test_a_part_is_no_difference_and_a_count_of_others_none_of_yes() -> None:
    cells = cell("A", 30.0, "50–99"), cell("B")
    assert found(release(*cells, relations=(Relation.within("B", "A"),)), lattice=False) == {}
    equal = Relation((("A", 1.0), ("B", -1.0)), counts=("complement",))
    assert found(release(*cells, relations=(equal,)), lattice=False) == {}


def test_a_blank_without_a_relation_is_safe() -> None:
    assert found(release(cell("A", 30.0, "50–99"), cell("B"), cell("C"), relations=(SUM,))) == {}


def test_what_another_release_shows_counts_and_its_blanks_are_its_own() -> None:
    old = release(cell("M", 30.0, "50–99"), cell("A", 30.0, "50–99"), cell("Z"), relations=(SUM,))
    assert found(release(cell("B")), old, lattice=False) == {"B": {FOLLOWS}}
    z = Relation.sum_of("M", ["A", "Z"])
    assert found(release(cell("B"), relations=(z,)), old, lattice=False) == {"B": {FOLLOWS}}


def test_of_two_prints_of_a_cell_the_release_that_is_judged_counts() -> None:
    old = release(cell("A", 30.0, "50–99"), cell("M", 30.0, "50–99"), relations=(SUM,))
    assert found(release(cell("A", 30.0, "200–499"), cell("B")), old, lattice=False) == {}


def test_unknowns_of_a_linear_system_are_told_apart() -> None:
    assert _determined(np.zeros((0, 2))).tolist() == [False, False]
    assert _determined(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]])).tolist() == [False, False, True]
    assert _determined(np.array([[1.0, 1.0], [1.0, -1.0], [3.0, 1.0]])).tolist() == [True, True]
    assert _determined(np.array([[1.0, 1.0], [2.0, 2.0]])).tolist() == [False, False]


@pytest.mark.parametrize(
    ("whole", "part", "leaks"),
    [
        # of 400 to whole per cent 2: at most 10; of 200 and 3: at least 5. Five are left
        (400, 200, False),
        (400, 202, True),
        (398, 200, True),
    ],
)
def test_intervals_of_shares_and_bases_must_leave_room_for_the_threshold(
    whole: int, part: int, leaks: bool
) -> None:
    cells = cell("M", 2.0, f"{whole}–{whole}"), cell("A", 3.0, f"{part}–{part}"), cell("B")
    assert found(release(*cells, relations=(SUM,))) == ({"B": {SMALL}} if leaks else {})


@pytest.mark.parametrize(("base", "leaks"), [("200–201", False), ("198–199", True)])
def test_a_part_must_leave_room_too(base: str, leaks: bool) -> None:
    """Of 200 to whole per cent 2: at most 5."""
    for relation in (Relation.within("B", "A"), Relation((("A", 1.0), ("B", -1.0)), ">=", ("events",))):
        leaks_ = found(release(cell("A", 2.0, base), cell("B"), relations=(relation,)))
        assert leaks_ == ({"B": {SMALL}} if leaks else {})


def test_what_holds_a_part_is_not_bounded_by_it() -> None:
    for relation in (Relation.within("A", "B"), Relation((("B", 1.0), ("A", -1.0)), ">=", ("events",))):
        assert found(release(cell("A", 0.4, "200–201"), cell("B"), relations=(relation,))) == {}


@pytest.mark.parametrize(
    ("share", "n", "leaks"), [(2.45, 200, False), (2.44, 200, True), (2.5, 196, True), (2.5, 197, False)]
)
def test_a_decimal_makes_the_interval_a_tenth_as_wide(share: float, n: int, leaks: bool) -> None:
    cells = cell("A", share, f"{n}–{n}", 1), cell("B")
    assert found(release(*cells, relations=(Relation.within("B", "A"),))) == ({"B": {SMALL}} if leaks else {})


def test_only_what_is_bounded_is_named() -> None:
    """Beside it a blank that nothing relates, and one of which only the others are related."""
    bounded = Relation((("A", 1.0), ("B", -1.0)), ">=", ("events",))
    others = Relation((("A", 1.0), ("D", -1.0)), ">=", ("complement",))
    cells = cell("A", 2.0, "198–199"), cell("B"), cell("C"), cell("D")
    assert found(release(*cells, relations=(bounded, others))) == {"B": {SMALL}}


def test_one_count_alone_reaches_what_the_rest_leaves_it() -> None:
    seven = Programme(
        csr_array(np.ones((1, 2))), np.zeros(1), np.array([7.0]), np.zeros(2), np.full(2, 100.0)
    )  # fmt: skip
    assert [_reaches(seven, 0, threshold) for threshold in (5.0, 7.0, 7.1)] == [True, True, False]
    nothing = Programme(
        csr_array(np.ones((1, 2))), np.array([8.0]), np.array([7.0]), np.zeros(2), np.full(2, 100.0)
    )
    assert _reaches(nothing, 0, 5.0)  # where nothing fits nothing is said


@pytest.mark.parametrize(("count", "leaks"), [(14, False), (13, True)])
def test_a_count_of_cases_leaves_room_or_does_not(count: int, leaks: bool) -> None:
    tie = Relation.sum_of("M", ["A", "B", "C"])
    cells = cell("M", share=9.9, count=count), cell("A", count=9.0), cell("B"), cell("C")
    assert found(release(*cells, relations=(tie,))) == ({"B": {SMALL}, "C": {SMALL}} if leaks else {})


def test_room_for_one_at_a_time_is_room() -> None:
    """Seven between two blanks, and two between two others."""
    ties = Relation.sum_of("M", ["A", "B"]), Relation.sum_of("N", ["C", "D"])
    cells = cell("M", count=7.0), cell("N", count=2.0), *(cell(key) for key in "ABCD")
    assert found(release(*cells, relations=ties)) == {"C": {SMALL}, "D": {SMALL}}


def test_the_others_of_a_cell_of_cases_are_not_fixed() -> None:
    tie = Relation((("M", 1.0), ("B", -1.0)), counts=("complement",))
    cells = cell("M", count=3.0), cell("B")
    within = Relation((("B", 1.0), ("X", -1.0)))
    assert found(release(*cells, relations=(tie, within))) == {}


def test_shares_that_contradict_each_other_say_nothing() -> None:
    """Weights make shares disagree with counts."""
    cells = cell("M", 2.0, "200–200"), cell("A", 50.0, "200–200"), cell("B")
    assert found(release(*cells, relations=(SUM,))) == {}


def test_with_the_counts_at_hand_the_intervals_are_not_asked() -> None:
    cells = cell("A", 2.0, "198–199"), cell("B")
    assert found(release(*cells, relations=(Relation.within("B", "A"),)), lattice=False) == {}
