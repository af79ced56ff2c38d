"""Attacks on single printed numbers, by whoever knows something besides, and by whoever has our program."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import pytest

from mapping.disclosure import Status, protect, read_policy
from mapping.disclosure.grants import granted
from mapping.disclosure.printing import base_class, lattice, print_limits, print_share, to_figure
from mapping.disclosure.units import Estimate, Unit, gather_units

POLICY = read_policy()


def wilson(k: int, n: int) -> tuple[float, float]:
    """Both limits in per cent."""
    z, p = NormalDist().inv_cdf(0.975), k / n
    centre, wide = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return 100 * (centre - wide) / (1 + z * z / n), 100 * (centre + wide) / (1 + z * z / n)


def pairs(most: int = 400) -> Any:
    """Every count with every base that may be shown."""
    return ((k, n) for n in range(POLICY.base_n, most) for k in range(5, n - 4))


def unit(kit: Any, k: int, n: int, area: str = "A1", **more: Any) -> Unit:
    """The unit of one cell."""
    (made,) = gather_units([kit.table([kit.cell(area, n, k, **more)])], POLICY).values()
    return made


def test_a_share_with_its_base_does_not_give_the_count_of_a_large_base(kit: Any) -> None:
    """Whole per cent and a class of bases: many counts fit, with one decimal and the base only one."""
    k, n = 37, 260
    exact = [c for c in range(n + 1) if round(100 * c / n, 1) == round(100 * k / n, 1)]
    assert exact == [k]

    figure = to_figure(unit(kit, k, n), unit(kit, k, n).estimates[0], POLICY)
    low, high = (int(part) for part in figure.base.split("–"))
    assert (
        len(
            {c for m in range(low, high + 1) for c in range(m + 1) if lattice(100 * c / m, 0) == figure.share}
        )
        > 30
    )


def test_limits_give_back_count_and_base_and_the_gate_counts_on_it(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits beside a share belong to one count of one base, rounded as they are: so the gate grants the count."""

    def printed(k: int, n: int) -> Any:
        low, high = (limit / 100 for limit in wilson(k, n))
        estimate = Estimate("pupils", k / n, low, high, "reliable")
        return print_share(k / n, 0), print_limits(estimate, 0), base_class(n, POLICY)

    assert [pair for pair in pairs(200) if printed(*pair) == printed(9, 41)] == [(9, 41)]

    cells = [kit.cell("d1", 60, 2), kit.cell("d2", 41, 9), kit.cell("d3", 60, 25), kit.cell("A1", 161, 36)]
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in (1, 2, 3)]))
    assert not scene.attacker(scene.protect()).finds(kit.key("d1"))

    monkeypatch.setattr(
        "mapping.disclosure.grants.gives_back_the_count", lambda base, decimals, policy: False
    )
    monkeypatch.setattr("mapping.disclosure.grants._prints", lambda unit, estimates, decimals: lambda k: None)
    assert scene.attacker(scene.protect()).range(kit.key("d1")) == (2, 2)


def test_limits_tell_nothing_finer_than_the_share_they_stand_beside() -> None:
    """Two shares that print alike, with margins alike, have limits alike."""
    one, two = (
        Estimate("pupils", share, share - 0.0431, share + 0.0431, "reliable") for share in (0.1452, 0.1548)
    )
    naive = {(math.floor(100 * e.low), math.ceil(100 * e.high)) for e in (one, two)}
    assert len(naive) == 2
    assert print_limits(one, 0)[1] - lattice(14.52, 0) == print_limits(two, 0)[1] - lattice(15.48, 0)


def test_bounds_of_the_unsure_do_not_refine_the_share(kit: Any) -> None:
    """If all who are unsure meant no: made of the printed share, two counts that print alike still do."""
    told = set()
    naive = set()
    for events in range(88, 91):
        one = unit(kit, events, 600, area="M", n_unsure=64)
        figure = to_figure(one, one.estimates[0], POLICY)
        told.add((figure.share, figure.bounds))
        naive.add((lattice(100 * events / 600, 0), lattice(100 * events / 664, 1)))
    assert len({share for share, _ in told}) == len(told)
    assert len({share for share, _ in naive}) < len(naive)


def test_few_unsure_are_not_told(kit: Any) -> None:
    """Two pupils who did not know whether they were forced to marry."""
    one = unit(kit, 60, 300, area="M", n_unsure=2)
    assert lattice(100 * 2 / 302, 1) == 0.7  # as it would be told: one, two or three of 302
    assert to_figure(one, one.estimates[0], POLICY).unsure is None


def test_none_known_does_not_tell_how_many_were_asked(kit: Any) -> None:
    """The limit that nothing excludes is a function of the base: exact, it gives the base; from a list, it does not."""
    exact = {n: round(100 * (1 - 0.025 ** (1 / n)), 1) for n in range(60, 90)}
    assert len(set(exact.values())) >= 20
    told = set()
    for n in exact:
        one = unit(kit, 0, n, ci_low=0.0, ci_high=1 - 0.025 ** (1 / n))
        told.add(to_figure(one, one.estimates[0], POLICY).high)
    assert len(told) <= 2


def test_weights_and_design_effects_do_not_give_a_count_that_the_gate_counts_on_being_open(kit: Any) -> None:
    """Who knows the design effect reads the count off the limits: the gate grants it, and protects the rest."""
    n, k = 240, 47
    cells = [
        {**kit.cell("A1", n, k), "target": target, "ci_low": k / n - wide, "ci_high": k / n + wide}
        for target, wide in (("pupils", 0.0511), ("risk", 0.0707))
    ]
    (one,) = gather_units([kit.table(cells)], POLICY).values()

    def prints(count: int) -> Any:
        share = count / n
        grown = math.sqrt(share * (1 - share) / (k / n * (1 - k / n)))
        return [
            print_limits(Estimate("t", share, share - w * grown, share + w * grown, ""), 0)
            for w in (0.0511, 0.0707)
        ]

    read_off = [
        c for c in range(1, n) if (lattice(100 * c / n, 0), prints(c)) == (lattice(100 * k / n, 0), prints(k))
    ]
    low, high = granted(one, POLICY)
    assert set(range(low, high + 1)) <= set(read_off)
    assert len(read_off) <= 3


def test_twelve_indicators_on_one_small_base_give_the_base_and_the_gate_counts_on_it() -> None:
    """Twelve shares in whole per cent of 30 to 49 respondents: one base fits; so the gate grants all counts."""
    n, counts = 43, (5, 7, 8, 9, 11, 13, 16, 18, 20, 24, 29, 33)
    shares = [lattice(100 * k / n, 0) for k in counts]
    fit = [
        m for m in range(30, 50)
        if all(any(lattice(100 * k / m, 0) == share for k in range(m + 1)) for share in shares)
    ]  # fmt: skip
    assert fit == [n]
    made = Unit("k", "2026", "S04", "area", "A1", "all", False, True, 3, 5, n, 8, None, 4, 0.4, 0, ())
    assert granted(made, POLICY) == (8, 8)


# ---- who knows something -------------------------------------------------------------------------------------------


def test_the_only_respondent_of_a_cell_does_not_learn_of_another(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She knows her own cell, and the sum of hers and the other blank one."""
    cells = [kit.cell("d1", 1, 1), kit.cell("d2", 90, 2), kit.cell("d3", 95, 30), kit.cell("d4", 60, 20)]
    cells.append(kit.cell("A1", 246, 53) | {"n": 246})
    cells = [kit.cell("d1", 1, 1), kit.cell("d2", 60, 4), kit.cell("d3", 50, 20), kit.cell("d4", 60, 20)]
    cells.append(kit.cell("A1", 171, 45))
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in range(1, 5)]))
    assert not scene.attacker(scene.protect()).grant(kit.key("d1")).finds(kit.key("d2"))

    alone = replace(POLICY, insiders=0)
    assert scene.attacker(scene.protect(policy=alone)).grant(kit.key("d1")).finds(kit.key("d2"))


def test_three_respondents_who_pool_their_answers_do_not_learn_of_the_fourth(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four said yes. Three of them know of each other: were it printed, the fourth would be known."""
    scene, secret = kit.scene([kit.cell("A1", 60, 4)]), kit.key("A1")

    def left_over(release: Any) -> tuple[int, int]:
        attacker = scene.attacker(release)
        low, high = attacker.range(secret)
        return max(low, 3) - 3, high - 3

    low, high = left_over(scene.protect())
    assert low == 0
    assert high > 1
    monkeypatch.setattr("mapping.disclosure.gate.members.reasons", lambda unit, policy: ())
    assert left_over(scene.protect()) == (1, 1)


def test_three_respondents_who_pool_in_one_blank_do_not_uncover_another(kit: Any) -> None:
    """Two blanks of six together: whoever knows three in the one knows that there are at most three in the other."""
    cells = [kit.cell("d1", 60, 3), kit.cell("d2", 62, 3), kit.cell("d3", 60, 25), kit.cell("A1", 182, 31)]
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in range(1, 4)]))
    secret = kit.key("d2")

    def pooled(release: Any) -> Any:
        attacker = scene.attacker(release)
        attacker.knows[kit.key("d1"), 0] = (3.0, 500.0)
        return attacker

    assert not pooled(scene.protect()).finds(secret)
    assert pooled(scene.protect(policy=replace(POLICY, insiders=0))).finds(secret)


# ---- who has our program -------------------------------------------------------------------------------------------


def worlds(kit: Any) -> Any:
    """Three districts, of which the first has a small count; every world that has the same sums."""

    def made(first: int, second: int) -> Any:
        cells = [kit.cell("d1", 60, first, register=66.0), kit.cell("d2", 60, second, register=62.0)]
        cells += [kit.cell("d3", 60, 25, register=64.0), kit.cell("A1", 180, 25 + 18)]
        return kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in (1, 2, 3)]))

    return {first: made(first, 18 - first) for first in range(19)}


def pattern(scene: Any, key: bytes) -> frozenset[str]:
    return frozenset(f.key for f in scene.protect(key=key) if f.status is Status.WITHHELD)


def test_whoever_replays_our_program_does_not_learn_which_blank_was_first(kit: Any) -> None:
    """She keeps the worlds in which our program, with the key she guesses, prints just this pattern."""
    every, keys = worlds(kit), [bytes([number]) for number in range(12)]
    seen = {kit.key("d1"), kit.key("d2")}
    kept = {
        key: {first for first, world in every.items() if pattern(world, key) == seen}
        for key in keys
        if pattern(every[3], key) == seen
    }
    secret = min(kept, key=lambda key: max(kept[key]))  # the key that would serve her best
    guessing = set().union(*(worlds for key, worlds in kept.items() if key != secret))

    assert max(kept[secret]) < 5
    assert max(guessing) >= 5


def test_another_key_is_another_choice(kit: Any) -> None:
    every = worlds(kit)
    assert len({pattern(every[3], bytes([guess])) for guess in range(12)}) > 1


def test_the_order_of_printed_rows_does_not_follow_the_data(kit: Any) -> None:
    """A table that was sorted by its estimates: the place of the blank would tell between whom it lies."""
    counts = {"d1": 30, "d2": 20, "d3": 3, "d4": 12, "d5": 40}
    ranked = sorted(counts, key=counts.__getitem__)
    scene = kit.scene([kit.cell(code, 90, counts[code]) for code in ranked])
    assert ranked.index("d3") == 0  # as the table has it: fewest of all
    assert [f.area for f in scene.protect()] == sorted(counts)


def test_a_sum_over_shown_places_does_not_leave_the_blank_one(kit: Any) -> None:
    """Everything a sentence may add up is printed itself; the blank takes others with it."""
    cells = [kit.cell(f"d{i}", 45, k) for i, k in enumerate((12, 9, 2, 15), 1)]
    cells.append(kit.cell("A1", 180, 38))
    scene = kit.scene(cells, kit.total(kit.key("A1"), [kit.key(f"d{i}") for i in range(1, 5)]))
    release = scene.protect()
    blank = [f.key for f in release if f.status is Status.WITHHELD]
    assert len(blank) >= 2
    for few in itertools.combinations(blank, len(blank) - 1):
        attacker = scene.attacker(release)
        (rest,) = set(blank) - set(few)
        if rest != kit.key("d3"):
            assert not attacker.finds(kit.key("d3"))


def test_protect_is_the_only_way_in(kit: Any) -> None:
    """What the attacks above go through is what the pipeline calls."""
    scene = kit.scene([kit.cell("A1", 60, 3)])
    assert scene.protect() == protect([scene.table], POLICY, key=b"red")
