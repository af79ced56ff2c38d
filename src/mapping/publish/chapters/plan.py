"""The plan for the board: whether its goals are met, and how far each responsible unit has come."""

from __future__ import annotations

from mapping.publish.blocks import Block, cell, column, group, paragraph, section, table
from mapping.publish.context import in_language
from mapping.publish.goals import goal_verdict, standing, status_counts
from mapping.publish.plan import ACTIVITIES, Goal, Plan
from mapping.publish.view import View

__all__ = ["aim", "measured_by", "plan_follow_up", "unit_name", "value", "verdict"]

DONE = "K17"  # a goal may follow the share of activities that are done


def measured_by(view: View, goal: Goal) -> str:
    """The indicator and the group that a goal follows: ``Partnerval begränsat, flickor``."""
    name = view.name(goal.indicator)
    survey = goal.measure == "share" and goal.indicator != DONE
    return f"{name}, {view.texts(f'group_small.{goal.group}')}" if survey else name


def aim(view: View, goal: Goal) -> str:
    """What is to be reached, and when."""
    decimals = 0 if float(goal.target).is_integer() else 1
    key = "plan.count" if goal.measure == "count" else "plan.aim"
    return view.texts(
        f"{key}_{goal.direction}", target=view.texts.number(goal.target, decimals), year=goal.year
    )


def value(view: View, goal: Goal, plan: Plan) -> Block:
    """Where a goal stands now, with the interval."""
    if goal.indicator == DONE:
        found = standing(plan)
        return cell(view.texts("plan.done_of", count=found.done, of=found.of))
    return view.cell(view.figure(goal.indicator, goal.group))


def verdict(view: View, goal: Goal, plan: Plan) -> str:
    """The key of the verdict on a goal; activities are counted, not estimated, and have no interval."""
    if goal.indicator != DONE:
        return goal_verdict(goal, view.figure(goal.indicator, goal.group), view.context.date)
    found = standing(plan)
    if not found.of:
        return "not_asked"
    share = 100 * found.done / found.of
    met = share <= goal.target if goal.direction == "down" else share >= goal.target
    return "met" if met else "not_yet" if view.context.date[:4] < goal.year else "not_met"


def unit_name(view: View, unit: str) -> Block:
    """A responsible unit, in the language the municipality wrote it in."""
    return cell(unit, lang="sv") if unit else cell(view.texts("plan.no_unit"))


def _goal_row(view: View, goal: Goal, plan: Plan) -> list[Block]:
    text, lang = in_language(goal.text, view.language)
    return [
        cell(text, lang=lang),
        cell(measured_by(view, goal)),
        cell(aim(view, goal)),
        value(view, goal, plan),
        cell(view.texts(f"plan.{verdict(view, goal, plan)}")),
    ]


def _summed(view: View, plan: Plan) -> str:
    """How many goals are met, and of how many that cannot be told; nothing for a single one."""
    texts, found = view.texts, [verdict(view, goal, plan) for goal in plan.goals]
    if len(found) < 2:
        return ""
    met = found.count("met")
    untold = sum(key not in {"met", "not_met", "not_yet"} for key in found)
    said = [
        texts(
            "plan.goals_met" if met else "plan.goals_none",
            count=met,
            spelled=texts.spelled(met),
            of=len(found),
        )
    ]
    if untold:
        said.append(texts("plan.goals_open", count=untold))
    return " ".join(said)


def _units(view: View, plan: Plan) -> Block:
    """How many activities of each responsible unit stand where; in alphabetical order."""
    texts, counts = view.texts, status_counts(plan.activities, view.context.date)
    columns = [key for key in (*ACTIVITIES, "late") if any(found[key] for found in counts.values())]
    return table(
        texts("plan.units_caption", date=texts.date(view.context.date)),
        [
            column(texts("plan.unit"), width="wide"),
            *(column(texts(f"activity_status.{key}"), "right") for key in columns),
        ],
        [
            [unit_name(view, unit), *(cell(texts.number(counts[unit][key])) for key in columns)]
            for unit in sorted(counts, key=texts.sort_key)
        ],
        texts("plan.units_note"),
    )


def plan_follow_up(view: View, plan: Plan) -> Block:
    """Goals judged by intervals, and how many activities each unit has finished."""
    texts = view.texts
    return section(
        "plan",
        texts("plan.heading"),
        [
            group(
                [
                    paragraph(f"{texts('plan.intro', title=plan.title)} {_summed(view, plan)}".strip()),
                    table(
                        texts("plan.goals_caption"),
                        [
                            column(texts("plan.goal"), width="wide"),
                            column(texts("plan.measured_by"), width="name"),
                            column(texts("plan.aim")),
                            column(texts("plan.now"), "figure"),
                            column(texts("plan.verdict")),
                        ],
                        [_goal_row(view, goal, plan) for goal in plan.goals],
                        texts("plan.goals_note"),
                    ),
                ]
            ),
            _units(view, plan),
        ],
    )
