"""How figures are printed, and what print is taken to give away."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import Figure, Status, protect, read_policy
from mapping.disclosure.grants import granted
from mapping.disclosure.printing import decimals_of, lattice, print_limits, to_figure
from mapping.disclosure.units import Estimate, Unit, gather_units

POLICY = read_policy()


def unit(n: int, events: int, level: str = "municipality", group: str = "girl", **other: object) -> Unit:
    share = events / n
    wide = 1.5 * math.sqrt(share * (1 - share) / n)
    estimates = tuple(
        Estimate(t, share, share - wide * w, share + wide * w, "reliable")
        for t, w in (("pupils", 1), ("risk", 1.4))
    )
    made = Unit(
        "k", "2026", "S04", level, "M", group, False, True, 3, 5, n, events, None, 5, 0.3, 40, estimates
    )  # fmt: skip
    return replace(made, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [(12.5, 0, 13), (12.4999, 0, 12), (0.05, 1, 0.1), (0.35, 1, 0.4), (99.95, 1, 100.0)],
)
def test_shares_are_rounded_half_up(value: float, decimals: int, printed: float) -> None:
    assert lattice(value, decimals) == pytest.approx(printed)


def test_limits_lie_around_the_printed_share_and_hold_the_exact_ones() -> None:
    """16.8 (14.9 to 18.9): around 17 with half a step more, 14.6 to 19.6, outward."""
    estimate = Estimate("pupils", 0.168, 0.149, 0.189, "reliable")
    assert print_limits(estimate, 0) == (14.0, 20.0)


def test_limits_beside_a_share_with_a_decimal_are_rounded_outward_and_no_more() -> None:
    assert print_limits(Estimate("pupils", 0.16823, 0.14931, 0.18902, "reliable"), 1) == (14.9, 19.0)


def test_limits_tell_next_to_nothing_that_the_share_does_not() -> None:
    """Over all counts that print 13 per cent of 1,200, the limits change at most once."""
    shown = [to_figure(unit(1200, k), unit(1200, k).estimates[0], POLICY) for k in range(140, 180)]
    same = {(f.low, f.high) for f in shown if f.share == 13.0}
    assert len(same) <= 2


def test_limits_stay_within_0_and_100() -> None:
    assert print_limits(Estimate("pupils", 0.01, 0.0, 0.02, "reliable"), 0) == (0.0, 3.0)
    assert print_limits(Estimate("pupils", 0.99, 0.98, 1.0, "reliable"), 0) == (97.0, 100.0)


@pytest.mark.parametrize(
    ("n", "level", "group", "decimals"),
    [
        (999, "municipality", "all", 0),
        (1000, "municipality", "all", 1),
        (1000, "municipality", "girl", 0),
        (1000, "area", "all", 0),
    ],
)
def test_only_large_totals_of_the_municipality_have_a_decimal(
    n: int, level: str, group: str, decimals: int
) -> None:
    cell = unit(n, n // 8, level, group)
    assert to_figure(cell, cell.estimates[0], POLICY).decimals == decimals


def test_a_share_that_is_not_nothing_is_not_printed_as_0() -> None:
    cell = unit(1500, 6)
    figure = to_figure(cell, cell.estimates[0], POLICY)
    assert (figure.share, figure.decimals) == (0.4, 1)


@pytest.mark.parametrize(
    ("n", "base"),
    [(30, "30–49"), (49, "30–49"), (50, "50–99"), (199, "100–199"), (999, "500–999"), (4000, "1000+")],
)
def test_the_base_is_a_class(n: int, base: str) -> None:
    cell = unit(n, n // 4)
    assert to_figure(cell, cell.estimates[0], POLICY).base == base


@pytest.mark.parametrize(("high", "limit"), [(0.004, 1), (0.01, 1), (0.0101, 2), (0.03, 5), (0.1, 10)])
def test_none_known_has_an_upper_limit_from_the_list(high: float, limit: int) -> None:
    cell = unit(300, 0, estimates=(Estimate("pupils", 0.0, 0.0, high, "reliable"),))
    figure = to_figure(cell, cell.estimates[0], POLICY)
    assert (figure.status, figure.share, figure.low, figure.high) == (Status.NONE_KNOWN, 0.0, 0.0, limit)


def test_unsure_answers_are_told_for_the_total_alone() -> None:
    """400 yes or no and 40 unsure: 9 per cent unsure; 25 per cent of 400 is 23 to 32 per cent of 440."""
    total, girls = unit(400, 100, group="all"), unit(400, 100)
    figure = to_figure(total, total.estimates[0], POLICY)
    assert (figure.unsure, figure.bounds) == (9.0, (23.0, 32.0))
    assert to_figure(girls, girls.estimates[0], POLICY).unsure is None


def test_many_unsure_answers_are_told_to_the_nearest_per_cent() -> None:
    """200 yes or no and 100 unsure: 33.3 per cent; 24 per cent of 200 is 16 to 49.3 per cent of 300."""
    cell = unit(200, 48, group="all", n_unsure=100)
    figure = to_figure(cell, cell.estimates[0], POLICY)
    assert (figure.unsure, figure.bounds) == (33.0, (16.0, 49.0))


@pytest.mark.parametrize(("n_unsure", "told"), [(4, False), (5, True)])
def test_few_unsure_answers_are_not_told(n_unsure: int, told: bool) -> None:
    cell = unit(400, 100, group="all", n_unsure=n_unsure)
    assert (to_figure(cell, cell.estimates[0], POLICY).unsure is not None) is told


def test_an_unreliable_target_beside_a_reliable_one_is_flagged() -> None:
    good, bad = unit(100, 20, "district", "all").estimates
    cell = unit(100, 20, "district", "all", estimates=(good, replace(bad, reliability="unreliable")))
    figures = [to_figure(cell, e, POLICY) for e in cell.estimates]
    assert [(f.status, f.uncertain) for f in figures] == [(Status.SHOWN, False), (Status.SHOWN, True)]


def test_a_target_without_limits_beside_one_with_limits_is_withheld() -> None:
    good, bad = unit(100, 20, "district", "all").estimates
    cell = unit(100, 20, "district", "all", estimates=(good, replace(bad, low=math.nan)))
    assert [to_figure(cell, e, POLICY).status for e in cell.estimates] == [Status.SHOWN, Status.WITHHELD]


def test_cases_are_printed_as_a_count_and_a_rate() -> None:
    cell = unit(41, 41, group="all", cases=True, estimates=(Estimate("cases", 12.34, 9.0, 16.0, ""),))
    figure = to_figure(cell, cell.estimates[0], POLICY)
    assert (figure.count, figure.share, figure.base, figure.low) == (41, 12.3, "", None)


@pytest.mark.parametrize("n", [30, 60, 120, 199])
def test_a_share_on_a_base_below_200_is_taken_to_be_the_count(n: int) -> None:
    assert granted(unit(n, n // 4), POLICY) == (n // 4, n // 4)


def test_a_share_in_whole_per_cent_on_a_large_base_leaves_counts_that_print_the_same() -> None:
    cell = unit(1200, 156)
    low, high = granted(cell, POLICY)
    assert low <= 156 <= high
    assert 4 <= high - low <= 11  # 12 counts print 13 per cent; limits and two targets take a few
    for k in (low, high):
        assert lattice(100 * k / 1200, 0) == 13.0


def test_two_shares_of_one_cell_leave_fewer_counts_than_one() -> None:
    """The targets' shares are 13.0 and 13.4 per cent: a count more or less rounds them at different places."""
    cell = unit(1200, 156)
    pupils, risk = cell.estimates
    other = replace(risk, share=risk.share + 0.004, low=risk.low + 0.004, high=risk.high + 0.004)
    one, two = granted(cell, POLICY), granted(replace(cell, estimates=(pupils, other)), POLICY)
    assert one[0] <= two[0] and two[1] < one[1]


def test_a_share_with_a_decimal_is_taken_to_be_the_count() -> None:
    assert granted(unit(5000, 650, group="all"), POLICY) == (650, 650)


def test_bounds_of_the_unsure_are_made_of_the_printed_share() -> None:
    """All counts that print 25 per cent of 400 print the same bounds."""
    told = {
        to_figure(cell, cell.estimates[0], POLICY).bounds
        for k in range(90, 112)
        if to_figure(cell := unit(400, k, group="all"), cell.estimates[0], POLICY).share == 25.0
    }
    assert len(told) == 1


def changed(tabulate: Callable, pupils: Callable, wide: float, **row: object) -> EstimateTable:
    """Two waves of about 860 answers, the later one with 60 more who say yes (or no, if `wide` is negative)."""
    before, after = pupils(3, wave="2024"), pupils(1)
    fewer = wide < 0
    turned = after.index[after["S04"] == float(fewer)][:60]
    after.loc[turned, "S04"] = 1.0 - float(fewer)
    one, two = tabulate(before), tabulate(after)
    keys = [f"{wave}|S04|municipality|M|all" for wave in ("2024", "2026")]
    shares = [
        t.frame.set_index("key").loc[k, "estimate"].iloc[0] for t, k in zip((one, two), keys, strict=True)
    ]
    difference = shares[1] - shares[0]
    change = {
        "key_earlier": keys[0],
        "key_later": keys[1],
        "wave_earlier": "2024",
        "wave_later": "2026",
        "indicator": "S04",
        "level": "municipality",
        "area": "M",
        "group": "all",
        "difference": difference,
        "ci_low": difference - abs(wide),
        "ci_high": difference + abs(wide),
        "smallest_detectable": 0.0371,
        "q": 0.02,
        "comparable": True,
    }
    frame = pd.concat([one.frame, two.frame], ignore_index=True)
    return EstimateTable.from_frame(
        frame, (*one.relations, *two.relations), changes=pd.DataFrame([change | row])
    )


def test_a_change_is_made_of_the_printed_shares(tabulate: Callable, pupils: Callable) -> None:
    release = protect([changed(tabulate, pupils, 0.022)], POLICY, key=b"s")
    (change,) = release.changes
    earlier = release.one(key="2024|S04|municipality|M|all", target="pupils")
    later = release.one(key="2026|S04|municipality|M|all", target="pupils")
    assert earlier and later and earlier.share is not None and later.share is not None
    assert (change.share_earlier, change.share_later) == (earlier.share, later.share)
    difference = later.share - earlier.share
    assert change.difference == difference
    # 2.2 points on either side and one for the rounding of two shares, outward to whole points
    assert (change.low, change.high) == (difference - 4, difference + 4)
    assert change.smallest_detectable == 4.0


@pytest.mark.parametrize(
    ("wide", "row", "verdict"),
    [
        (0.02, {}, "up"),
        (-0.02, {}, "down"),
        (0.02, {"q": 0.10}, "unclear"),
        (0.02, {"q": float("nan")}, "unclear"),
        (0.12, {}, "unclear"),
    ],
)
def test_a_change_is_called_one_only_if_it_is_clear(
    tabulate: Callable, pupils: Callable, wide: float, row: dict[str, float], verdict: str
) -> None:
    (change,) = protect([changed(tabulate, pupils, wide, **row)], POLICY, key=b"s").changes
    assert change.low is not None and change.high is not None
    assert change.verdict == verdict
    assert (change.low > 0 or change.high < 0) or verdict == "unclear"


def test_a_break_has_no_numbers(tabulate: Callable, pupils: Callable) -> None:
    (change,) = protect([changed(tabulate, pupils, 0.02, comparable=False)], POLICY, key=b"s").changes
    assert (change.verdict, change.difference, change.share_later) == ("break", None, None)


def test_a_change_from_a_withheld_figure_is_not_told(
    town: EstimateTable, tabulate: Callable, pupils: Callable
) -> None:
    units = gather_units([town], POLICY)
    hidden = min((u for u in units.values() if u.publish), key=lambda u: u.events)
    row = {"key_later": hidden.key, "key_earlier": hidden.key.replace("2026", "2024")}
    assert protect([changed(tabulate, pupils, 0.02, **row)], POLICY, key=b"s").changes == ()
    row = {"key_earlier": hidden.key}
    assert protect([changed(tabulate, pupils, 0.02, **row)], POLICY, key=b"s").changes == ()


def estimate(share: float, low: float, high: float) -> Estimate:
    return Estimate("pupils", share, low, high, "reliable")


@pytest.mark.parametrize(
    ("share", "events", "decimals"),
    [(0.004, 4, 1), (0.006, 6, 0), (0.994, 994, 0), (0.996, 996, 1), (0.0, 0, 0), (0.004, 1, 1)],
)
def test_a_share_that_would_print_as_nobody_or_everybody_has_a_decimal(
    share: float, events: int, decimals: int
) -> None:
    cell = unit(1000, max(events, 1), "area", estimates=(estimate(share, share, share),))
    assert decimals_of(replace(cell, events=events), POLICY) == decimals


def test_limits_a_hair_beside_the_lattice_are_on_it() -> None:
    exact = print_limits(estimate(0.17, 0.155 - 1e-13, 0.185 + 1e-13), 0)
    assert exact == (15.0, 19.0)
    assert print_limits(estimate(0.17, 0.155 - 1e-9, 0.185 + 1e-9), 0) == (14.0, 20.0)


def test_limits_are_half_a_point_wider_and_no_more() -> None:
    """17 (15.6 to 18.4): 15.1 and 18.9."""
    assert print_limits(estimate(0.17, 0.156, 0.184), 0) == (15.0, 19.0)


def case_count(count: int, rate: float) -> Figure:
    cell = unit(max(count, 1), max(count, 1), cases=True)
    return to_figure(replace(cell, n=count, events=count), Estimate("cases", rate, rate, rate, ""), POLICY)


def test_cases_are_printed_as_their_count_and_a_rate_with_a_decimal() -> None:
    made = case_count(31, 12.3456)
    assert (made.status, made.count, made.share, made.decimals) == (Status.SHOWN, 31, 12.3, 1)
    assert (made.low, made.high, made.base) == (None, None, "")
    assert case_count(31, math.nan).share is None
    assert (case_count(0, 0.0).status, case_count(0, 0.0).count) == (Status.NONE_KNOWN, 0)
    assert case_count(1, 0.1).status is Status.SHOWN


def test_the_unsure_are_told_of_a_total_that_is_large_enough() -> None:
    """10 of 40 unsure beside 25 per cent of 30: 25 per cent unsure, 18.75 to 43.75 if all of them meant no or yes."""
    total = unit(30, 8, group="all", n_unsure=10, estimates=(estimate(0.25, 0.1, 0.4),))
    made = to_figure(total, total.estimates[0], POLICY)
    assert (made.share, made.unsure, made.bounds) == (25.0, 25.0, (19.0, 44.0))
    for silent in (
        replace(total, n=29), replace(total, n_unsure=4), replace(total, group="girl"), replace(total, level="area"),
    ):  # fmt: skip
        assert to_figure(silent, silent.estimates[0], POLICY).bounds is None
    assert to_figure(replace(total, n_unsure=5), total.estimates[0], POLICY).unsure == 14.0
