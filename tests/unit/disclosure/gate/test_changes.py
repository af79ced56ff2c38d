"""Changes as printed: the difference of two printed shares, with limits around it that tell nothing finer."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import Change, Figure, Status, read_policy
from mapping.disclosure.gate.changes import to_changes

POLICY = read_policy()


def figure(wave: str, share: float | None, decimals: int = 0, target: str = "pupils") -> Figure:
    key = f"{wave}|S04|area|a|girl"
    status = Status.SHOWN if share is not None else Status.WITHHELD
    return Figure(key, wave, "S04", "area", "a", "girl", target, status, share=share, decimals=decimals)


def change(
    before: Figure, after: Figure, difference: float, low: float, high: float, **more: object
) -> tuple[Change, ...]:
    row = {
        "key_earlier": before.key, "key_later": after.key, "wave_earlier": "2024", "wave_later": "2026",
        "indicator": "S04", "level": "area", "area": "a", "group": "girl", "difference": difference, "ci_low": low,
        "ci_high": high, "smallest_detectable": 0.031, "q": 0.04, "comparable": True,
    } | more  # fmt: skip
    cell = {"wave": "2026", "indicator": "S04", "level": "area", "area": "a", "group": "girl"}
    table = EstimateTable.from_frame(pd.DataFrame([cell]), changes=pd.DataFrame([row]))
    return to_changes([table], [before, after], POLICY)


def only(*of: object, **more: object) -> Change:
    (made,) = change(*of, **more)  # type: ignore[arg-type]
    return made


BEFORE, AFTER = figure("2024", 12.0), figure("2026", 17.0)


def test_a_change_names_its_cell_its_waves_and_both_printed_shares() -> None:
    made = only(BEFORE, AFTER, 0.046, 0.013, 0.081)
    assert (made.indicator, made.level, made.area, made.group) == ("S04", "area", "a", "girl")
    assert (made.wave_earlier, made.wave_later) == ("2024", "2026")
    assert (made.share_earlier, made.share_later) == (12.0, 17.0)


def test_limits_lie_around_the_printed_difference_a_step_wider_and_outward() -> None:
    """4.6 (1.3 to 8.1) is printed as 5: limits 1.7 and 8.5, a point wider 0.7 and 9.5, outward 0 and 10."""
    made = only(BEFORE, AFTER, 0.046, 0.013, 0.081)
    assert (made.difference, made.low, made.high, made.smallest_detectable) == (5.0, 0.0, 10.0, 4.0)


def test_limits_of_shares_with_a_decimal_are_rounded_outward_and_no_more() -> None:
    """Such shares give back their counts, so that nothing finer is left to tell."""
    made = only(figure("2024", 12.3, 1), figure("2026", 17.1, 1), 0.0483, 0.01312, 0.08177)
    assert (made.difference, made.low, made.high, made.smallest_detectable) == (4.8, 1.3, 8.2, 3.1)
    made = only(
        figure("2024", 12.3, 1),
        figure("2026", 17.1, 1),
        0.0483,
        0.01312,
        0.08177,
        smallest_detectable=0.03107,
    )
    assert made.smallest_detectable == 3.2


def test_a_whole_share_and_one_with_a_decimal_differ_by_whole_points() -> None:
    """17.5 less 12 is 5.5, in whole points 6; 4.9 (2 to 8) around it is 3.1 to 9.1, a point wider 2.1 to 10.1."""
    made = only(BEFORE, figure("2026", 17.5, 1), 0.049, 0.02, 0.08)
    assert (made.difference, made.low, made.high) == (6.0, 2.0, 11.0)
    assert only(BEFORE, figure("2026", 17.4, 1), 0.049, 0.02, 0.08).difference == 5.0
    assert only(figure("2024", 17.5, 1), figure("2026", 12.0), -0.049, -0.08, -0.02).difference == -5.0


def test_limits_on_the_lattice_stay_where_they_are() -> None:
    """Two limits that are whole points but for what a float loses."""
    made = only(BEFORE, AFTER, 0.05, 0.02 - 1e-13, 0.08 + 1e-13, smallest_detectable=0.03 + 1e-13)
    assert (made.low, made.high, made.smallest_detectable) == (1.0, 9.0, 3.0)


def test_a_share_of_nobody_is_a_share() -> None:
    """Printed as 0 by rounding, not as "none known"."""
    made = only(figure("2024", 0.0), AFTER, 0.17, 0.13, 0.21)
    assert (made.share_earlier, made.difference) == (0.0, 17.0)
    made = only(BEFORE, figure("2026", 0.0), -0.12, -0.16, -0.08)
    assert (made.share_later, made.difference, made.verdict) == (0.0, -12.0, "down")


def test_what_could_not_be_detected_may_be_unknown() -> None:
    assert only(BEFORE, AFTER, 0.046, 0.013, 0.081, smallest_detectable=math.nan).smallest_detectable is None


@pytest.mark.parametrize(
    ("low", "high", "q", "verdict"),
    [
        (0.02, 0.08, 0.04, "up"),  # printed 1 to 9
        (0.01, 0.09, 0.04, "unclear"),  # printed 0 to 10
        (0.005, 0.09, 0.04, "unclear"),
        (0.02, 0.08, 0.0999, "up"),
        (0.02, 0.08, 0.10, "unclear"),
        (0.02, 0.08, math.nan, "unclear"),
    ],
)
def test_a_change_is_called_one_where_its_printed_limits_and_the_test_agree(
    low: float, high: float, q: float, verdict: str
) -> None:
    assert only(BEFORE, AFTER, 0.05, low, high, q=q).verdict == verdict
    mirrored = only(AFTER, BEFORE, -0.05, -high, -low, q=q)
    assert mirrored.verdict == ("down" if verdict == "up" else "unclear")


def test_a_break_in_the_series_is_named_without_numbers() -> None:
    made = only(BEFORE, AFTER, 0.05, 0.02, 0.08, comparable=False)
    assert made == Change("S04", "area", "a", "girl", "2024", "2026", *[None] * 6, "break")


@pytest.mark.parametrize("comparable", [True, False])
def test_nothing_is_said_of_a_change_from_or_to_a_blank(comparable: bool) -> None:
    for pair in ((figure("2024", None), AFTER), (BEFORE, figure("2026", None))):
        assert change(*pair, 0.05, 0.02, 0.08, comparable=comparable) == ()


def test_none_known_is_no_share_to_start_from() -> None:
    nobody = replace(BEFORE, status=Status.NONE_KNOWN, share=0.0, low=0.0, high=2.0)
    assert change(nobody, AFTER, 0.17, 0.13, 0.21) == ()


def test_a_change_belongs_to_one_target() -> None:
    risk = figure("2024", 9.0, target="risk"), figure("2026", 11.0, target="risk")
    assert only(*risk, 0.02, 0.01, 0.03, target="risk").share_earlier == 9.0
    assert change(*risk, 0.02, 0.01, 0.03) == ()
