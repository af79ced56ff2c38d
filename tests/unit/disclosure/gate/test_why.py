"""The preview: what it calls withheld is what the gate withholds, and the reasons are the rules'."""

from __future__ import annotations

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import Status, protect, read_policy, shown_by_level, why_withheld
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import gather_units


def test_it_withholds_what_the_gate_withholds_and_says_why(town: EstimateTable) -> None:
    policy = read_policy()
    why = why_withheld([town], policy, key=b"secret")
    release = protect([town], policy, key=b"secret")
    assert {key for key, reason in why.items() if reason} == {
        figure.key for figure in release if figure.status is Status.WITHHELD
    }
    units = gather_units([town], policy)
    for key, reason in why.items():
        if rules := reasons(units[key], policy):
            assert reason == ", ".join(rules)
    assert any("others" in reason for reason in why.values())


def test_levels_are_counted() -> None:
    why = {"2026|S04|area|a|all": "", "2026|S04|area|b|all": "base", "2026|S04|district|d|all": ""}
    assert {place: (shown, total) for place, shown, total in shown_by_level(why)} == {
        ("2026", "S04", "area"): (1, 2),
        ("2026", "S04", "district"): (1, 1),
    }
