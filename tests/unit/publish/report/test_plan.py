"""The plan followed up: goals judged by intervals, activities counted by unit, the year they are held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mapping.disclosure import Figure, ProtectedRelease
from mapping.disclosure.protected import Status
from mapping.errors import SettingsError
from mapping.publish import Context, read_plan
from mapping.publish.chapters.plan import plan_follow_up
from mapping.publish.chapters.plan_annex import plan_in_detail
from mapping.publish.goals import goal_verdict, is_late, status_counts
from mapping.publish.plan import Activity, Goal, Plan
from mapping.publish.view import View
from mapping.texts import load

GOAL = Goal("M1", {"sv": "Fritt val"}, "S04", "all", "down", "2024", 20.0, "2027", "Skolnämnden")
ACTIVITIES = (
    Activity("M1", {"sv": "Utbildning"}, "Skola", "under way", "2025-12-31"),
    Activity("M1", {"sv": "Samtalsgrupper"}, "Fritid", "done", "2025-12-31"),
    Activity("M2", {"sv": "Rutin vid oro"}, "Skola", "planned", "2026-12-31"),
    Activity("M2", {"sv": "Film"}, "", "stopped", ""),
)
PLAN = Plan(
    "Plan",
    (
        GOAL,
        replace(GOAL, id="M2", target=2.0, unit=""),
        replace(GOAL, id="M3", target=13.9),
        replace(GOAL, id="M4", indicator="S24"),
        replace(GOAL, id="M5", indicator="K01", measure="count", direction="up", target=20.0),
        replace(GOAL, id="M6", indicator="K17", direction="up", target=80.0),
        replace(GOAL, id="M7", indicator="S08"),
    ),
    ACTIVITIES,
)


def tables(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["kind"] == "table":
            yield block
        yield from tables(block.get("blocks", []))


def written(table: dict[str, Any]) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in table["rows"]]


@pytest.fixture
def view(whole_release: ProtectedRelease, context: Context) -> View:
    return View(whole_release, replace(context, plan=PLAN), load("sv"))


def counted(n: int) -> Figure:
    return Figure("k", "2026", "K01", "municipality", "0199", "all", "cases", Status.SHOWN, count=n)


def test_the_board_sees_each_goal_with_its_verdict(view: View) -> None:
    goals, _ = tables(plan_follow_up(view, PLAN)["blocks"])
    assert [row[-1] for row in written(goals)] == [
        "Nått", "Inte nått ännu", "Går inte att avgöra", "Redovisas inte", "Nått", "Inte nått ännu", "Nått",
    ]  # fmt: skip


def test_the_goals_are_summed_up_in_words(view: View) -> None:
    said = plan_follow_up(view, PLAN)["blocks"][0]["blocks"][0]["text"]
    assert said.endswith("Tre av 7 mål är nådda. Om 2 går det inte att säga.")


def test_a_goal_whose_year_has_come_is_not_met_rather_than_not_yet(view: View) -> None:
    plan = replace(PLAN, goals=(replace(PLAN.goals[1], year="2026"),))
    (goals, _) = tables(plan_follow_up(view, plan)["blocks"])
    assert written(goals)[0][-1] == "Inte nått"


@pytest.mark.parametrize(
    ("count", "direction", "target", "verdict"),
    # Garwood 1936: ten cases lie between 4.8 and 18.4
    [(10, "down", 19, "met"), (10, "down", 18, "unclear"), (10, "down", 4, "not_met"), (10, "up", 4, "met")],
)
def test_a_goal_in_cases_is_judged_by_what_chance_could_have_brought(
    count: int, direction: str, target: float, verdict: str
) -> None:
    goal = replace(GOAL, indicator="K01", measure="count", direction=direction, target=target)
    assert goal_verdict(goal, counted(count)) == verdict


def test_activities_are_counted_by_unit_and_late_ones_apart(view: View) -> None:
    _, units = tables(plan_follow_up(view, PLAN)["blocks"])
    assert [column["label"] for column in units["columns"]] == [
        "Ansvarig", "Planerad", "Pågår", "Klar", "Avbruten", "Varav försenade",
    ]  # fmt: skip
    assert written(units) == [
        ["Ingen enhet angiven", "0", "0", "0", "1", "0"],
        ["Fritid", "0", "0", "1", "0", "0"],
        ["Skola", "1", "1", "0", "0", "1"],
    ]


@pytest.mark.parametrize(
    ("status", "due", "late"),
    [
        ("planned", "2026-03-12", True),
        ("planned", "2026-03-13", False),
        ("done", "2020-01-01", False),
        ("stopped", "2020-01-01", False),
        ("under way", "", False),
    ],
)
def test_only_what_is_still_to_be_done_can_be_late(status: str, due: str, late: bool) -> None:
    activity = Activity("M1", {"sv": "x"}, "", status, due)
    assert is_late(activity, "2026-03-13") is late
    assert status_counts((activity,), "2026-03-13")[""]["late"] == late


def test_each_unit_sees_its_own_goals_and_activities(view: View) -> None:
    found = {table["caption"]: written(table) for table in tables(plan_in_detail(view, PLAN)["blocks"])}
    assert [row[0] for row in found["Insatser: Skola"]] == ["Utbildning", "Rutin vid oro"]
    assert found["Insatser: Skola"][0][-1] == "Pågår, försenad"
    assert "Mål: Skola" not in found
    assert len(found["Mål: Skolnämnden"]) == 6


def test_goals_stand_year_by_year_with_what_moved_since_the_baseline(view: View) -> None:
    years = next(iter(tables(plan_in_detail(view, PLAN)["blocks"])))
    assert [column["label"] for column in years["columns"]][1:3] == ["2024", "2026"]
    rows = {row[0]: row for row in written(years)}
    assert len(rows) == 1  # all goals of this test bear one text
    assert written(years)[0][1:] == ["13,1", "14,0", "2024", "Inom felmarginalen"]


def test_a_break_since_the_baseline_is_told_and_no_change(view: View) -> None:
    years = next(iter(tables(plan_in_detail(view, PLAN)["blocks"])))
    assert written(years)[-1][-1] == "Kan inte jämföras"


def test_a_goal_that_was_withheld_is_not_compared(view: View) -> None:
    years = next(iter(tables(plan_in_detail(view, PLAN)["blocks"])))
    assert written(years)[3][1:] == ["Redovisas inte", "Redovisas inte", "2024", "–"]


def test_both_languages_tell_the_same(view: View) -> None:
    english = replace(view, texts=load("en"))
    for made in (plan_follow_up, plan_in_detail):
        one, other = (list(tables(made(v, PLAN)["blocks"])) for v in (view, english))
        assert [len(table["rows"]) for table in one] == [len(table["rows"]) for table in other]


FILE = """
schema = 1
title = "Plan"
[[goals]]
id = "M1"
text = { sv = "Fler upptäcks" }
indicator = "K01"
measure = "count"
direction = "up"
target = 150
year = "2027"
[[activities]]
goal = "M1"
text = { sv = "Utbildning" }
status = "planned"
due = "2026-12-31"
"""


def read(folder: Path, text: str) -> Plan:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, ("K01", "S04"))


def test_a_goal_may_be_a_number_of_cases(tmp_path: Path) -> None:
    assert (read(tmp_path, FILE).goals[0].measure, read(tmp_path, FILE).goals[0].target) == ("count", 150.0)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('indicator = "K01"', 'indicator = "K10"', "no indicator. Did you mean 'K01'"),
        ("target = 150", "target = -1", "at least 0"),
        ('measure = "count"', 'measure = "rate"', "choose one of 'share', 'count'"),
        ('due = "2026-12-31"', 'due = "31/12"', "write a day"),
        ('year = "2027"', 'year = "soon"', "the year by which"),
        ('measure = "count"\n', "", "in per cent"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        read(tmp_path, FILE.replace(old, new))


def test_two_goals_of_one_name_are_refused(tmp_path: Path) -> None:
    goal = FILE[FILE.index("[[goals]]") : FILE.index("[[activities]]")]
    with pytest.raises(SettingsError, match="two goals are called 'M1'"):
        read(tmp_path, FILE.replace("[[activities]]", f"{goal}[[activities]]"))
