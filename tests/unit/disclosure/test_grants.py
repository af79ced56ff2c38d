"""What an attacker is granted of a shown cell, held against a definition of its own."""

from __future__ import annotations

import math

import pytest

from mapping.disclosure import read_policy
from mapping.disclosure.grants import _moved, gives_back_the_count, granted
from mapping.disclosure.units import Estimate, Unit

POLICY = read_policy()


def unit(n: int, events: int, *estimates: Estimate, cases: bool = False) -> Unit:
    return Unit(
        "k", "2026", "S04", "area", "a", "all", cases, True, 3, 5, n, events, None, 3, 0.4, 0, estimates
    )  # fmt: skip


def estimate(share: float, below: float, above: float, target: str = "pupils") -> Estimate:
    return Estimate(target, share, share - below, share + above, "reliable")


def printed(e: Estimate, share: float) -> tuple[int, int, int] | None:
    """Share and limits in whole per cent if the share were another: limits around the printed share, outward."""
    if not 0 < share < 1:
        return None
    grown = math.sqrt(share * (1 - share) / (e.share * (1 - e.share)))
    shown = math.floor(100 * share + 0.5 + 1e-9)
    low = shown - 100 * (e.share - e.low) * grown - 0.5
    high = shown + 100 * (e.high - e.share) * grown + 0.5
    return shown, max(0, math.floor(low + 1e-9)), min(100, math.ceil(high - 1e-9))


def expected(cell: Unit) -> tuple[int, int]:
    """All counts around the true one that print the same for every target, and unweighted."""

    def seen(k: int) -> object:
        return (
            math.floor(100 * k / cell.n + 0.5 + 1e-9),
            *(printed(e, e.share + (k - cell.events) / cell.n) for e in cell.estimates),
        )

    low = high = cell.events
    while low > 0 and seen(low - 1) == seen(cell.events):
        low -= 1
    while high < cell.n and seen(high + 1) == seen(cell.events):
        high += 1
    return low, high


@pytest.mark.parametrize("n", [200, 333, 480, 900, 2000])
@pytest.mark.parametrize("part", [0.06, 0.14, 0.37, 0.62, 0.91])
@pytest.mark.parametrize(("below", "above"), [(0.011, 0.019), (0.05, 0.083), (0.2, 0.3)])
def test_counts_that_print_the_same_are_granted(n: int, part: float, below: float, above: float) -> None:
    events = round(n * part)
    one = estimate(events / n + 0.004, below, above)
    two = estimate(events / n - 0.007, below * 1.6, above * 1.3, "risk")
    for estimates in ((one,), (two,), (one, two)):
        cell = unit(n, events, *estimates)
        assert granted(cell, POLICY) == expected(cell)


def test_more_than_one_count_prints_the_same_on_a_large_base() -> None:
    low, high = granted(unit(2000, 300, estimate(0.15, 0.02, 0.02)), POLICY)
    assert low < 300 < high


@pytest.mark.parametrize(("base", "decimals", "back"), [
    (1, 0, True), (29, 0, True), (30, 0, True), (199, 0, True), (200, 0, False), (1000, 0, False), (200, 1, True),
])  # fmt: skip
def test_small_bases_and_decimals_give_back_the_count(base: int, decimals: int, back: bool) -> None:
    assert gives_back_the_count(base, decimals, POLICY) is back


def test_nobody_and_cases_are_known_exactly() -> None:
    assert granted(unit(500, 0, estimate(0.0, 0.0, 0.01)), POLICY) == (0, 0)
    assert granted(unit(500, 500, cases=True), POLICY) == (500, 500)


def test_a_share_at_its_end_has_no_neighbour_beyond_it() -> None:
    """A weighted share so near to one that a count more would pass it."""
    cell = unit(300, 297, estimate(0.9985, 0.02, 0.001))
    low, high = granted(cell, POLICY)
    assert low <= 297 == high


def test_no_count_at_all_may_print_the_same_where_weights_lift_the_share() -> None:
    assert granted(unit(2000, 4, estimate(0.014, 0.004, 0.004)), POLICY)[0] == 0


def test_margins_grow_with_the_root_of_the_spread() -> None:
    made = _moved(Estimate("pupils", 0.2, 0.15, 0.28, "reliable"), 0.1)
    assert made is not None
    grown = math.sqrt(0.3 * 0.7 / (0.2 * 0.8))
    assert (made.share, made.low, made.high) == pytest.approx((0.3, 0.3 - 0.05 * grown, 0.3 + 0.08 * grown))


@pytest.mark.parametrize(
    ("share", "shift"), [(0.25, -0.25), (0.5, 0.5), (0.5, 0.75), (0.5, -0.75), (0.0, 0.1), (1.0, -0.1)]
)
def test_a_share_moves_to_neither_end_and_from_neither(share: float, shift: float) -> None:
    assert _moved(Estimate("pupils", share, 0.0, 1.0, "reliable"), shift) is None
