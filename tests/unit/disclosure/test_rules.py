"""Each primary rule at its boundaries."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mapping.disclosure import read_policy
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import Estimate, Unit

POLICY = read_policy()


def unit(
    n: int,
    events: int,
    level: str = "district",
    sensitivity: int = 3,
    *,
    cases: bool = False,
    **other: object,
) -> Unit:
    share = events / n if n else math.nan
    made = Unit(
        key="k",
        wave="2026",
        indicator="S04",
        level=level,
        area="d",
        group="all",
        cases=cases,
        publish=True,
        sensitivity=sensitivity,
        threshold=POLICY.threshold(sensitivity, cases=cases),
        n=n,
        events=events,
        register=None,
        n_schools=3,
        largest_school=0.5,
        n_unsure=0,
        estimates=(Estimate("pupils", share, share, share + 0.02, "reliable"),),
    )
    return replace(made, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(("n", "withheld"), [(0, True), (1, True), (29, True), (30, False)])
def test_a_prevalence_needs_thirty_respondents(n: int, withheld: bool) -> None:
    assert ("base" in reasons(unit(n, n // 2), POLICY)) is withheld


@pytest.mark.parametrize(
    ("events", "withheld"),
    [(0, False), (1, True), (4, True), (5, False), (95, False), (96, True), (99, True)],
)
def test_counts_of_one_to_four_and_their_complements_are_withheld(events: int, withheld: bool) -> None:
    assert ("small count" in reasons(unit(100, events), POLICY)) is withheld


@pytest.mark.parametrize(
    ("events", "withheld"), [(0, False), (1, True), (9, True), (10, False), (90, False), (91, True)]
)
def test_class_four_is_withheld_up_to_nine(events: int, withheld: bool) -> None:
    assert ("small count" in reasons(unit(100, events, "area", 4), POLICY)) is withheld


@pytest.mark.parametrize(
    ("level", "events", "high", "withheld"),
    [
        ("district", 0, 0.01, True),
        ("area", 0, 0.10, False),
        ("area", 0, 0.101, True),
        ("municipality", 0, 0.001, False),
        ("municipality", 100, 1.0, True),
        ("area", 100, 1.0, True),
    ],
)
def test_nobody_is_shown_with_a_limit_above_district_and_everybody_never(
    level: str, events: int, high: float, withheld: bool
) -> None:
    share = events / 100
    cell = unit(100, events, level, estimates=(Estimate("pupils", share, share, high, "reliable"),))
    assert ("extreme" in reasons(cell, POLICY)) is withheld


@pytest.mark.parametrize(
    ("level", "schools", "largest", "withheld"),
    [
        ("district", 1, 1.0, True),
        ("district", 1, 0.80, True),
        ("district", 2, 0.80, False),
        ("district", 2, 0.81, True),
        ("area", 1, 1.0, True),
        ("municipality", 1, 1.0, False),
    ],
)
def test_a_place_that_is_one_school_is_withheld(
    level: str, schools: int, largest: float, withheld: bool
) -> None:
    cell = unit(100, 20, level, n_schools=schools, largest_school=largest)
    assert ("dominance" in reasons(cell, POLICY)) is withheld


@pytest.mark.parametrize(
    ("level", "sensitivity", "count", "withheld"),
    [
        ("district", 3, 0, True),
        ("area", 3, 0, True),
        ("municipality", 3, 0, False),
        ("municipality", 3, 1, True),
        ("municipality", 3, 9, True),
        ("district", 3, 10, False),
        ("area", 4, 19, True),
        ("area", 4, 20, False),
    ],
)
def test_case_extracts_have_thresholds_of_their_own(
    level: str, sensitivity: int, count: int, withheld: bool
) -> None:
    cell = unit(count, count, level, sensitivity, cases=True)
    assert (reasons(cell, POLICY) == ("case extract",)) is withheld
    assert bool(reasons(cell, POLICY)) is withheld


@pytest.mark.parametrize(("level", "withheld"), [("district", True), ("area", True), ("municipality", False)])
def test_what_no_target_estimates_reliably_is_withheld_below_the_municipality(
    level: str, withheld: bool
) -> None:
    bad = Estimate("pupils", 0.2, 0.05, 0.6, "unreliable")
    good = Estimate("risk", 0.2, 0.1, 0.3, "uncertain")
    assert ("reliability" in reasons(unit(100, 20, level, estimates=(bad,)), POLICY)) is withheld
    assert "reliability" not in reasons(unit(100, 20, level, estimates=(bad, good)), POLICY)


def test_a_figure_without_limits_is_never_shown() -> None:
    cell = unit(100, 20, "municipality", estimates=(Estimate("pupils", 0.2, math.nan, math.nan, "reliable"),))
    assert reasons(cell, POLICY) == ("reliability",)
