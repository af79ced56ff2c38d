"""The gate as a whole: what it refuses, what it shows, and that what it withholds is gone."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from types import MappingProxyType, ModuleType

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import Figure, ProtectedRelease, Status, protect, read_policy
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import gather_units
from mapping.errors import DisclosureError

NUMBERS = ("share", "low", "high", "unsure", "bounds", "count")


@pytest.fixture(scope="module")
def release(town: EstimateTable) -> ProtectedRelease:
    return protect([town], read_policy(), key=b"secret")


def test_what_a_rule_withholds_is_withheld_for_both_targets(
    release: ProtectedRelease, town: EstimateTable
) -> None:
    units = gather_units([town], read_policy())
    by_rule = {key for key, unit in units.items() if unit.publish and reasons(unit, read_policy())}
    assert by_rule
    for figure in release:
        assert figure.key not in by_rule or figure.status is Status.WITHHELD


def test_more_is_withheld_than_the_rules_ask(release: ProtectedRelease, town: EstimateTable) -> None:
    units = gather_units([town], read_policy())
    by_rule = {key for key, unit in units.items() if unit.publish and reasons(unit, read_policy())}
    assert by_rule < {f.key for f in release.figures if f.status is Status.WITHHELD}


def test_totals_of_the_municipality_are_the_last_to_go(release: ProtectedRelease) -> None:
    headlines = release.select(level="municipality", group="all")
    assert {f.status for f in headlines} == {Status.SHOWN}


def test_a_withheld_figure_has_no_number_and_no_base(release: ProtectedRelease) -> None:
    for figure in release:
        if figure.status is Status.WITHHELD:
            assert [getattr(figure, name) for name in NUMBERS] == [None] * len(NUMBERS)
            assert (figure.base, figure.uncertain, figure.decimals) == ("", False, 0)


def test_cells_that_are_not_to_be_published_have_no_figure(release: ProtectedRelease) -> None:
    assert not [f for f in release if f.area == "elsewhere" or f.group == "rest"]


def reachable(thing: object) -> Iterable[object]:
    """Everything that can be got at from an object."""
    seen: set[int] = set()
    queue = [thing]
    while queue:
        here = queue.pop()
        if id(here) in seen or isinstance(here, type | ModuleType) or callable(here):
            continue
        seen.add(id(here))
        yield here
        queue += gc.get_referents(here)


def test_no_withheld_count_can_be_reached_from_the_release(tabulate: Callable, pupils: Callable) -> None:
    """One district's true counts are made improbable numbers; nothing the release refers to holds them."""
    table = tabulate(pupils(2))
    hidden = table.frame["key"].eq("2026|S04|district|d00|all")
    frame = table.frame.assign(largest_school=table.frame["largest_school"].mask(hidden, 0.987654321))
    frame["se"] = frame["se"].mask(hidden, 0.123456789)
    frame["estimate"] = frame["estimate"].mask(hidden, 0.135792468)
    release = protect([EstimateTable.from_frame(frame, table.relations)], read_policy(), key=b"s")

    found = [value for value in reachable(release) if isinstance(value, float)]

    assert release.one(key="2026|S04|district|d00|all", target="pupils").status is Status.WITHHELD  # type: ignore[union-attr]
    assert found
    assert not {0.987654321, 0.123456789, 0.135792468} & set(found)
    assert not [thing for thing in reachable(release) if isinstance(thing, pd.DataFrame | EstimateTable)]


def test_the_policy_inside_is_what_may_be_read(release: ProtectedRelease) -> None:
    assert isinstance(release.policy, MappingProxyType)
    assert release.policy["small_count"] == 4
    assert "cost" not in release.policy


def test_the_same_input_and_key_give_the_same_release(town: EstimateTable, release: ProtectedRelease) -> None:
    assert protect([town], read_policy(), key=b"secret") == release


def test_the_order_of_rows_changes_nothing(town: EstimateTable, release: ProtectedRelease) -> None:
    mixed = EstimateTable.from_frame(
        town.frame.sample(frac=1, random_state=4), tuple(reversed(town.relations)), response=town.response
    )
    assert repr(protect([mixed], read_policy(), key=b"secret")) == repr(release)


def test_figures_stand_from_the_whole_to_its_parts_by_their_codes(release: ProtectedRelease) -> None:
    places = [(f.indicator, f.level, f.group, f.area, f.target) for f in release]
    assert [place[1:] for place in places if place[0] == "S04"] == [
        *(
            ("municipality", group, "M", target)
            for group in ("all", "boy", "girl")
            for target in ("pupils", "risk")
        ),
        *(("area", "all", f"a{i}", target) for i in range(4) for target in ("pupils", "risk")),
        *(("district", "all", f"d{i:02d}", target) for i in range(12) for target in ("pupils", "risk")),
    ]
    assert [place[0] for place in places] == sorted(place[0] for place in places)


@pytest.mark.parametrize(
    ("seed", "stricter"),
    [(1, {"small_count": 5}), (2, {"small_count": 6, "base_n": 35}), (2, {"insiders": 4})],
)
def test_a_stricter_policy_shows_nothing_that_the_default_withholds(
    pupils: Callable, tabulate: Callable, seed: int, stricter: dict[str, int]
) -> None:
    """Not even where another choice of cells, withheld for the sake of others, would do (seed 2, the second policy)."""
    table = tabulate(pupils(seed))
    default, strict = (
        {f.key for f in protect([table], policy, key=b"s") if f.status is Status.WITHHELD}
        for policy in (read_policy(), read_policy(stricter))
    )
    assert default <= strict


def test_an_indicator_finer_than_its_level_is_refused(town: EstimateTable) -> None:
    with pytest.raises(DisclosureError, match=r"S04 .* by district, .* finer than by area"):
        protect([town], read_policy().with_levels({"S04": "area"}))


def test_an_indicator_of_class_4_by_district_is_refused(town: EstimateTable) -> None:
    frame = town.frame.assign(sensitivity=4)
    with pytest.raises(DisclosureError, match="finer than by area"):
        protect([EstimateTable.from_frame(frame, town.relations)], read_policy())


def test_tables_that_contradict_each_other_are_refused(town: EstimateTable) -> None:
    frame = town.frame.copy()
    frame.loc[frame["key"].eq("2026|S04|district|d03|all"), ["n", "events"]] += 1
    with pytest.raises(DisclosureError, match="do not satisfy the relation"):
        protect([EstimateTable.from_frame(frame, town.relations)], read_policy())


def test_rows_of_one_cell_that_disagree_are_refused(town: EstimateTable) -> None:
    frame = town.frame.copy()
    frame.loc[0, "events"] += 1
    with pytest.raises(DisclosureError, match="disagree on 'events'"):
        protect([EstimateTable.from_frame(frame)], read_policy())


def test_impossible_counts_are_refused(town: EstimateTable) -> None:
    frame = town.frame.copy()
    frame.loc[0, "events"] = frame.loc[0, "n"] + 1
    with pytest.raises(DisclosureError, match="impossible counts"):
        protect([EstimateTable.from_frame(frame)], read_policy())


def test_an_indicator_a_wave_did_not_ask_says_so(town: EstimateTable) -> None:
    table = EstimateTable.from_frame(town.frame, town.relations, not_asked=[("2026", "S22")])
    figure = protect([table], read_policy(), key=b"s").one(indicator="S22")
    assert isinstance(figure, Figure)
    assert (figure.status, figure.level, figure.area, figure.share) == (
        Status.NOT_ASKED,
        "municipality",
        "M",
        None,
    )


def test_two_worlds_that_differ_in_withheld_cells_alone_give_the_same_release(
    pupils: Callable, tabulate: Callable
) -> None:
    """A yes and a no change places between two withheld districts of one area: all that is printed stays."""
    policy, compared = read_policy(), 0
    for seed in range(1, 13):
        here = pupils(seed)
        one = protect([tabulate(here)], policy, key=b"secret")
        units = gather_units([tabulate(here)], policy)
        for there in swapped(here, one):
            other_units = gather_units([tabulate(there)], policy)
            if any(reasons(units[k], policy) != reasons(other_units[k], policy) for k in units):
                continue  # another rule speaks: the blank stays, but it may be another kind of blank
            compared += 1
            assert protect([tabulate(there)], policy, key=b"secret").figures == one.figures
    assert compared >= 10


def swapped(here: pd.DataFrame, release: ProtectedRelease) -> Iterable[pd.DataFrame]:
    blank = {
        f.area for f in release.select(indicator="S04", level="district", target="pupils") if f.share is None
    }
    for first in sorted(blank):
        for second in sorted(blank):
            a, b = (int(d[1:]) for d in (first, second))
            if a == b or a // 3 != b // 3:
                continue
            yes = here[(here["place"] == first) & (here["S04"] == 1)]
            no = here[(here["place"] == second) & (here["S04"] == 0)]
            pairs = yes.reset_index().merge(no.reset_index(), on="sex", suffixes=("", "_"))
            if len(pairs):
                i, j = int(pairs["index"].iloc[0]), int(pairs["index_"].iloc[0])
                there = here.copy()
                there.loc[[i, j], "S04"] = [0.0, 1.0]
                yield there


def test_another_key_makes_other_choices(pupils: Callable, tabulate: Callable) -> None:
    """Prices are jittered by the workspace's secret: without it nobody can replay the search."""
    table = tabulate(pupils(1))
    seen = {
        frozenset(f.key for f in protect([table], read_policy(), key=key) if f.status is Status.WITHHELD)
        for key in (b"a", b"b", b"c", b"d", b"e", b"f")
    }
    assert len(seen) > 1
