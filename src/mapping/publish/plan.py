"""The municipality's plan: goals with an indicator to follow, and activities (plan.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mapping.concepts.settings import Section, read_settings

__all__ = ["Activity", "Goal", "Plan", "read_plan"]

STATUSES = ("planned", "under way", "done", "stopped")


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal that an indicator can follow; `target` is in per cent."""

    id: str
    text: Mapping[str, str]
    indicator: str
    group: str
    direction: str
    baseline: str
    target: float
    year: str
    unit: str


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
        group=section.get("group", str, "all"),
        direction=section.get("direction", str, choices=("down", "up")),
        baseline=section.get("baseline", str, ""),
        target=section.get("target", float),
        year=section.get("year", str),
        unit=section.get("unit", str, ""),
    )
    if not 0 <= goal.target <= 100:
        raise section.error(f"'target' is {goal.target}; it is a share in per cent, from 0 to 100.")
    section.done()
    return goal


def _activity(section: Section) -> Activity:
    activity = Activity(
        goal=section.get("goal", str),
        text=_text(section),
        unit=section.get("unit", str, ""),
        status=section.get("status", str, choices=STATUSES),
        due=section.get("due", str, ""),
    )
    section.done()
    return activity


def read_plan(path: Path) -> Plan:
    """The plan described by `path` (plan.toml).

    Raises
    ------
    SettingsError
        If a key is missing or unknown, or an activity names a goal that is not there.
    """
    top = read_settings(path)
    plan = Plan(
        title=top.get("title", str),
        goals=tuple(_goal(section) for section in top.sections("goals")),
        activities=tuple(_activity(section) for section in top.sections("activities")),
    )
    top.done()
    known = [goal.id for goal in plan.goals]
    for number, activity in enumerate(plan.activities, 1):
        if activity.goal not in known:
            raise top.error(
                f"activity {number} belongs to the goal '{activity.goal}', which is not there. "
                f"Goals: {', '.join(known)}."
            )
    return plan
