"""The plan in detail: every goal year by year, and for each responsible unit what it answers for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mapping.disclosure.protected import Figure, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, cell, column, group, heading, paragraph, section, table
from mapping.publish.chapters.plan import DONE, aim, unit_name, value, verdict
from mapping.publish.context import in_language
from mapping.publish.goals import is_late
from mapping.publish.plan import Activity, Goal, Plan
from mapping.publish.view import View

__all__ = ["activity_table", "plan_in_detail"]

_WAVES = 3  # years side by side; earlier ones are in the open data


def _printed(view: View, goal: Goal, wave: str) -> Figure | None:
    """What was printed of a goal's indicator for a wave; of this wave, what this report prints."""
    if wave == view.context.wave.id:
        return view.figure(goal.indicator, goal.group)
    target = "cases" if goal.measure == "count" else "pupils"
    wanted = {"indicator": goal.indicator, "level": "municipality", "group": goal.group, "target": target}
    return view.release.series([wave], **wanted)[0]


def _since(view: View, goal: Goal) -> str:
    """How a goal's figure moved since its baseline: the key of the verdict; empty where that cannot be told."""
    now, then = (_printed(view, goal, wave) for wave in (view.context.wave.id, goal.baseline))
    if goal.baseline >= view.context.wave.id or goal.measure == "count":
        return ""
    if any(goal.baseline < start <= view.context.wave.id for start in view.breaks.get(goal.indicator, ())):
        return "break"
    known = next(
        (
            change.verdict
            for change in view.release.changes
            if (change.indicator, change.level, change.group, change.wave_earlier, change.wave_later)
            == (goal.indicator, "municipality", goal.group, goal.baseline, view.context.wave.id)
        ),
        "",
    )
    if known or now is None or then is None or {now.status, then.status} != {Status.SHOWN}:
        return known
    if not sentences.clearly_different(now, then):
        return "unclear"
    return "up" if (now.share or 0.0) > (then.share or 0.0) else "down"


def _years(view: View, plan: Plan) -> Block:
    """Every goal year by year, and whether it moved since the year it is held against."""
    texts = view.texts
    goals = [goal for goal in plan.goals if goal.indicator != DONE]
    waves = [wave.id for wave in view.context.waves][-_WAVES:]
    rows = []
    for goal in goals:
        text, lang = in_language(goal.text, view.language)
        moved = _since(view, goal)
        rows.append(
            [
                cell(text, lang=lang),
                *(view.cell(_printed(view, goal, wave)) for wave in waves),
                cell(goal.baseline or texts("word.not_applicable")),
                cell(texts(f"change_verdict.{moved}") if moved else texts("word.not_applicable")),
            ]
        )
    return table(
        texts("plan.years_caption"),
        [
            column(texts("plan.goal"), width="wide"),
            *(column(wave, "figure") for wave in waves),
            column(texts("plan.baseline")),
            column(texts("plan.moved")),
        ],
        rows,
        texts("plan.years_note"),
    )


def _goals(view: View, plan: Plan, goals: list[Goal], unit: str) -> Block:
    texts = view.texts
    rows = []
    for goal in goals:
        text, lang = in_language(goal.text, view.language)
        judged = cell(texts(f"plan.{verdict(view, goal, plan)}"))
        rows.append([cell(text, lang=lang), cell(aim(view, goal)), value(view, goal, plan), judged])
    return table(
        texts("plan.unit_goals_caption", unit=unit),
        [
            column(texts("plan.goal"), width="wide"),
            column(texts("plan.aim")),
            column(texts("plan.now"), "figure"),
            column(texts("plan.verdict")),
        ],
        rows,
    )


def _activity_row(view: View, activity: Activity) -> list[Block]:
    texts = view.texts
    text, lang = in_language(activity.text, view.language)
    stands = texts(f"activity_status.{activity.status}")
    return [
        cell(text, lang=lang),
        cell(activity.goal),
        cell(texts.date(activity.due) if activity.due else texts("word.not_applicable")),
        cell(texts("plan.late", status=stands) if is_late(activity, view.context.date) else stands),
    ]


def activity_table(view: View, activities: Sequence[Activity], caption: str) -> Block:
    """What is to be done, for which goal, by when, and where it stands."""
    texts = view.texts
    return table(
        caption,
        [
            column(texts("plan.activity"), width="wide"),
            column(texts("plan.goal_id")),
            column(texts("plan.due")),
            column(texts("plan.status")),
        ],
        [_activity_row(view, activity) for activity in activities],
    )


def _by_unit(view: View, plan: Plan) -> Iterator[Block]:
    """For each unit, in alphabetical order, the goals it answers for and its activities."""
    units = {goal.unit for goal in plan.goals} | {activity.unit for activity in plan.activities}
    for unit in sorted(units, key=view.texts.sort_key):
        name = unit_name(view, unit)["text"]
        goals = [goal for goal in plan.goals if goal.unit == unit]
        activities = [activity for activity in plan.activities if activity.unit == unit]
        caption = view.texts("plan.unit_activities_caption", unit=name)
        tables = [_goals(view, plan, goals, name), activity_table(view, activities, caption)]
        yield group([heading(name), *tables])


def plan_in_detail(view: View, plan: Plan, letter: str = "C") -> Block:
    """Goals year by year, then unit by unit; `letter` names the annex."""
    return section(
        "plan-detail",
        view.texts("section.plan_detail", letter=letter),
        [paragraph(view.texts("plan.detail_intro")), _years(view, plan), *_by_unit(view, plan)],
        new_page=True,
    )
