"""Where a goal of the plan stands: met, not met, or cannot be told. The interval decides, never the point."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass

from mapping.disclosure.protected import Figure, Status
from mapping.publish.plan import ACTIVITIES, Activity, Goal, Plan

__all__ = ["Standing", "goal_verdict", "is_late", "standing", "status_counts"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the activities of a goal, or of the plan, stand: how many are `done` of all that were not stopped."""

    done: int
    of: int


def goal_verdict(goal: Goal, figure: Figure | None, day: str = "") -> str:
    """Whether a goal is met: "met", "not_met", "not_yet" (its year has not come), "unclear", "withheld" or "not_asked".

    Parameters
    ----------
    goal : Goal
        What is to be reached.
    figure : Figure or None
        What is printed of its indicator.
    day : str
        The day the figure speaks of, as ISO text; empty: the goal's year has come.
    """
    if figure is None or figure.status is Status.NOT_ASKED:
        return "not_asked"
    limits = _limits(figure, goal)
    if limits is None:
        return "withheld"
    low, high = limits
    down = goal.direction == "down"
    if (high <= goal.target) if down else (low >= goal.target):
        return "met"
    if (low > goal.target) if down else (high < goal.target):
        return "not_yet" if day and day[:4] < goal.year else "not_met"
    return "unclear"


def _limits(figure: Figure, goal: Goal) -> tuple[float, float] | None:
    """Between what a figure lies. A printed count of cases is one of those that chance could have brought."""
    if figure.status is Status.WITHHELD:
        return None
    if goal.measure == "count":
        return None if figure.count is None else _chance(figure.count)
    if figure.low is None or figure.high is None:
        return None
    return figure.low, figure.high


@functools.cache
def _chance(count: int) -> tuple[float, float]:
    from mapping.estimate.cases.rates import case_rates  # heavy

    row = case_rates([count], [10_000]).iloc[0]
    return float(row["ci_low"]), float(row["ci_high"])


def standing(plan: Plan, goal: Goal | None = None) -> Standing:
    """How many activities are done, of all of the plan or of one goal."""
    chosen = [a for a in plan.activities if goal is None or a.goal == goal.id]
    kept = [a for a in chosen if a.status != "stopped"]
    return Standing(sum(a.status == "done" for a in kept), len(kept))


def status_counts(activities: tuple[Activity, ...], day: str) -> dict[str, dict[str, int]]:
    """For each responsible unit, how many activities stand where, and how many are late on a day (`late`)."""
    units = {activity.unit: Counter[str]() for activity in activities}
    for activity in activities:
        units[activity.unit][activity.status] += 1
        units[activity.unit]["late"] += is_late(activity, day)
    return {unit: {key: found[key] for key in (*ACTIVITIES, "late")} for unit, found in units.items()}


def is_late(activity: Activity, day: str) -> bool:
    """Whether an activity should have been done before `day` (ISO text)."""
    return activity.status in {"planned", "under way"} and bool(activity.due) and activity.due < day
