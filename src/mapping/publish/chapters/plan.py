"""Whether the goals of the municipality's plan are met, and where its activities stand."""

from __future__ import annotations

from mapping.publish import sentences
from mapping.publish.blocks import Block, cell, column, group, paragraph, section, table
from mapping.publish.context import in_language
from mapping.publish.plan import Activity, Goal, Plan
from mapping.publish.view import View

__all__ = ["plan_follow_up"]


def _goal_row(view: View, goal: Goal) -> list[Block]:
    texts = view.texts
    figure = view.figure(goal.indicator, goal.group)
    text, lang = in_language(goal.text, view.language)
    whole = float(goal.target).is_integer()
    aim = texts(
        f"plan.aim_{goal.direction}", target=texts.number(goal.target, 0 if whole else 1), year=goal.year
    )
    return [
        cell(text, lang=lang),
        cell(f"{view.name(goal.indicator)}, {texts(f'group_small.{goal.group}')}"),
        cell(aim),
        view.cell(figure),
        cell(texts(f"plan.{sentences.goal_verdict(goal, figure)}")),
    ]


def _activity_row(view: View, activity: Activity) -> list[Block]:
    text, lang = in_language(activity.text, view.language)
    return [
        cell(text, lang=lang),
        cell(activity.unit, lang="sv"),
        cell(view.texts.date(activity.due) if activity.due else view.texts("word.not_applicable")),
        cell(view.texts(f"activity_status.{activity.status}")),
    ]


def plan_follow_up(view: View, plan: Plan) -> Block:
    """Goals judged by intervals, and where the activities stand."""
    texts = view.texts
    return section(
        "plan",
        texts("plan.heading"),
        [
            group(
                [
                    paragraph(texts("plan.intro", title=plan.title)),
                    table(
                        texts("plan.goals_caption"),
                        [
                            column(texts("plan.goal"), width="wide"),
                            column(texts("plan.measured_by"), width="name"),
                            column(texts("plan.aim")),
                            column(texts("plan.now"), "figure"),
                            column(texts("plan.verdict")),
                        ],
                        [_goal_row(view, goal) for goal in plan.goals],
                        texts("plan.goals_note"),
                    ),
                ]
            ),
            table(
                texts("plan.activities_caption"),
                [
                    column(texts("plan.activity"), width="wide"),
                    column(texts("plan.unit")),
                    column(texts("plan.due")),
                    column(texts("plan.status")),
                ],
                [_activity_row(view, activity) for activity in plan.activities],
            ),
        ],
    )
