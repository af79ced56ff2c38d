"""The facts around a release, and the municipality's plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mapping.errors import SettingsError
from mapping.publish import Context, read_plan
from mapping.publish.context import in_language
from mapping.texts import load

PLAN = """
schema = 1
title = "Plan 2024–2027"
[[goals]]
id = "M1"
text = { sv = "Fler väljer fritt" }
indicator = "S04"
direction = "down"
target = 10
year = "2027"
[[activities]]
goal = "M1"
text = { sv = "Utbildning" }
status = "under way"
"""


def _plan(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_is_read_with_its_defaults(tmp_path: Path) -> None:
    plan = read_plan(_plan(tmp_path, PLAN))
    assert (plan.goals[0].group, plan.goals[0].target, plan.goals[0].unit) == ("all", 10.0, "")
    assert plan.activities[0].status == "under way"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('direction = "down"', 'direction = "sideways"', "choose one of 'down', 'up'"),
        ("target = 10", "target = 110", "a share in per cent, from 0 to 100"),
        ('goal = "M1"', 'goal = "M2"', "belongs to the goal 'M2', which is not there. Goals: M1."),
        ('status = "under way"', 'status = "soon"', "choose one of"),
        ('year = "2027"', 'year = "2027"\nyaer = "2028"', "unknown key 'yaer'"),
    ],
)
def test_a_plan_that_says_something_impossible_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        read_plan(_plan(tmp_path, PLAN.replace(old, new)))


def test_the_example_plan_is_read(shared: Path) -> None:
    plan = read_plan(shared / "workspace" / "data" / "raw" / "2026" / "plan.toml")
    assert plan.goals[0].indicator == "S04"


def test_a_text_falls_back_on_the_language_there_is() -> None:
    assert in_language({"sv": "hej", "en": "hello"}, "en") == ("hello", "en")
    assert in_language({"sv": "hej"}, "en") == ("hej", "sv")
    assert in_language({}, "en") == ("", "en")


def test_the_population_is_said_by_grade_and_school_year(context: Context) -> None:
    assert context.population(load("sv")) == "elever i årskurs\u00a09"
    assert context.population(load("en"), definite=True) == "pupils in grade\u00a09"
    assert context.school_year(load("sv")) == "läsåret 2025/26"


def test_grades_without_a_word_are_left_unsaid(context: Context) -> None:
    group = replace(context.wave.groups["grade"], labels={"9": ("9",), "senior": ("12",)})
    other = replace(context, waves=(replace(context.wave, groups={"grade": group}),))
    assert other.population(load("en")) == "pupils"


@pytest.mark.parametrize(
    ("day", "year"), [("2025-10-01", "2025/26"), ("2026-02-02", "2025/26"), ("1999-09-01", "1999/00")]
)
def test_the_school_year_begins_in_august(context: Context, day: str, year: str) -> None:
    other = replace(context, waves=(replace(context.wave, fieldwork=(day, day)),))
    assert other.school_year(load("sv")) == f"läsåret {year}"


def test_the_date_is_that_of_the_fieldwork_and_never_today(context: Context) -> None:
    assert context.date == "2026-03-13"
    undated = replace(context, waves=(replace(context.wave, fieldwork=("", "")),))
    assert undated.date == "2026-12-31"


def test_areas_are_named_by_the_class_of_the_indicator(context: Context) -> None:
    assert context.place_names("municipality", "S04") == {"0199": "Exempelköping"}
    assert context.place_names("area", "S07") == {"A0": "Söder", "A1": "Mitten", "A2": "Norr"}
    assert context.place_names("district", "S04")["01"] == "Ängby"
    assert replace(context, districts=None).place_names("area", "S07") == {}
