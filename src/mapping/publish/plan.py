"""The municipality's plan: goals with an indicator to follow, and activities (plan.toml)."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mapping.concepts.settings import Section, read_settings

__all__ = ["ACTIVITIES", "Activity", "Goal", "Plan", "read_plan"]

ACTIVITIES = ("planned", "under way", "done", "stopped")  # where an activity can stand
MEASURES = ("share", "count")
GROUPS = ("all", "girl", "boy")


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal that an indicator can follow; `target` is in per cent, or a number of cases where `measure` is "count"."""

    id: str
    text: Mapping[str, str]
    indicator: str
    group: str
    direction: str
    baseline: str
    target: float
    year: str
    unit: str
    measure: str = "share"


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that is to be done for a goal."""

    goal: str
    text: Mapping[str, str]
    unit: str
    status: str
    due: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan's title, goals and activities, as written."""

    title: str
    goals: tuple[Goal, ...]
    activities: tuple[Activity, ...]


def _text(section: Section) -> Mapping[str, str]:
    text = section.table("text")
    languages = text.names()
    return {language: text.get(language, str) for language in languages}


def _goal(section: Section) -> Goal:
    goal = Goal(
        id=section.get("id", str),
        text=_text(section),
        indicator=section.get("indicator", str),
        group=section.get("group", str, "all", choices=GROUPS),
        direction=section.get("direction", str, choices=("down", "up")),
        baseline=section.get("baseline", str, ""),
        target=section.get("target", float),
        year=section.get("year", str),
        unit=section.get("unit", str, ""),
        measure=section.get("measure", str, "share", choices=MEASURES),
    )
    if goal.measure == "share" and not 0 <= goal.target <= 100:
        raise section.error(f"'target' is {goal.target}; it is a share in per cent, from 0 to 100.")
    if goal.target < 0:
        raise section.error(f"'target' is {goal.target}; a number of cases is at least 0.")
    if not (goal.year.isdigit() and len(goal.year) == 4):
        raise section.error(
            f"'year' is {goal.year!r}; write the year by which the goal is to be met, as \"2027\"."
        )
    section.done()
    return goal


def _activity(section: Section) -> Activity:
    activity = Activity(
        goal=section.get("goal", str),
        text=_text(section),
        unit=section.get("unit", str, ""),
        status=section.get("status", str, choices=ACTIVITIES),
        due=section.get("due", str, ""),
    )
    if activity.due:
        try:
            dt.date.fromisoformat(activity.due)
        except ValueError as error:
            raise section.error(f"'due' is {activity.due!r}; write a day such as \"2026-12-31\".") from error
    section.done()
    return activity


def read_plan(path: Path, known: Collection[str] = ()) -> Plan:
    """The plan described by `path` (plan.toml).

    Parameters
    ----------
    path : Path
        The file.
    known : collection of str
        The indicators there are; empty: goals may follow any.

    Raises
    ------
    SettingsError
        If a key is missing or unknown, a goal stands twice or follows an indicator that is not there, or an activity
        names a goal that is not there.
    """
    top = read_settings(path)
    plan = Plan(
        title=top.get("title", str),
        goals=tuple(_goal(section) for section in top.sections("goals")),
        activities=tuple(_activity(section) for section in top.sections("activities")),
    )
    top.done()
    goals = [goal.id for goal in plan.goals]
    for goal in plan.goals:
        if goals.count(goal.id) > 1:
            raise top.error(f"two goals are called '{goal.id}'. Give each its own id.")
        if known and goal.indicator not in known:
            near = difflib.get_close_matches(goal.indicator, sorted(known), n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " `mapping codebook` lists them."
            raise top.error(f"the goal '{goal.id}' follows '{goal.indicator}', which is no indicator.{hint}")
    for number, activity in enumerate(plan.activities, 1):
        if activity.goal not in goals:
            raise top.error(
                f"activity {number} belongs to the goal '{activity.goal}', which is not there. "
                f"Goals: {', '.join(goals)}."
            )
    return plan
