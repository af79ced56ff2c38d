"""The items of a wave: one column of answer codes per question, one per box of a multiple response."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mapping.concepts.question import NONE_BOX
from mapping.concepts.responses import DECLINED, SKIPPED, UNKNOWN, UNSURE
from mapping.concepts.wave import Item, Label, Wave
from mapping.ingest.answers import NO, Labels, Value, distinct, explain, non_answers
from mapping.ingest.background import refuse_background
from mapping.ingest.raw import RawTable

__all__ = ["groups_of", "items_of"]

REASONS = (UNSURE, DECLINED, SKIPPED)  # strongest first


def _reason_first(*columns: pd.Series) -> pd.Series:
    """Row by row, the strongest reason for not answering among several columns."""
    rank = {reason: position for position, reason in enumerate(REASONS)}
    table = np.stack([column.map(rank).fillna(len(REASONS) - 1).to_numpy(dtype=int) for column in columns])
    return pd.Series(np.array(REASONS, dtype=object)[table.min(axis=0)], index=columns[0].index, dtype="str")


def _box(
    table: RawTable, name: str, item: Item, silent: Mapping[str, Labels], place: str, column: pd.Series
) -> pd.Series:
    """One box: "yes" where ticked, "no" where left open, else the reason for not knowing."""
    checked = Labels.of(item.checked)
    if not item.unchecked:
        _, values = distinct(table, name, column)
        empty: list[Label] = [
            value.shown if value.labelled else _own(value) for value in values if _open(value, checked)
        ]
    else:
        empty = list(item.unchecked)
    return explain(table, name, column, {"yes": checked, "no": Labels.of(empty)}, silent, place)


def _own(value: Value) -> Label:
    return value.number if value.number == value.number else str(value.raw)


def _open(value: Value, checked: Labels) -> bool:
    """Whether a value stands for a box left open without being called so: 0, a plain "no", or 2 beside a ticked 1."""
    if checked.match(value):
        return False
    if value.labelled:
        return not value.texts.isdisjoint(NO)
    return value.number in ({0.0, 2.0} if 1.0 in checked.numbers else {0.0}) or not value.texts.isdisjoint(NO)


def _boxes(
    table: RawTable, name: str, item: Item, silent: Mapping[str, Labels], settings: str
) -> dict[str, pd.Series]:
    """The boxes of a multiple response. Somebody who ticked nothing, not even "none of these", skipped it."""
    place = f"[items.{name}]"
    boxes = {
        box: _box(
            table,
            variable,
            item,
            silent,
            place,
            table.column(variable, settings=settings, purpose=f"box '{box}' of item '{name}'"),
        )
        for box, variable in item.variables.items()
    }
    ticked = {box: (column == "yes").to_numpy() for box, column in boxes.items()}
    offered = [box for box in boxes if box not in REASONS]
    answered = np.logical_or.reduce([ticked[box] for box in offered])
    reason = _reason_first(*boxes.values())
    for box in (UNSURE, DECLINED):
        if box in ticked:
            reason = reason.mask(ticked[box], box)
    return {
        f"{name}_{box}": pd.Series(
            np.where(answered, np.where(ticked[box], "yes", "no"), reason),
            index=table.frame.index,
            dtype="str",
        )
        for box in offered
    }


def items_of(table: RawTable, wave: Wave, settings: str) -> tuple[dict[str, pd.Series], list[str]]:
    """The item columns of a wave by name, and notes on those without any answer.

    A question that is empty for everyone was not asked: it has no column. One that everybody declined keeps it.
    """
    silent, columns, notes = non_answers(wave.file), {}, []
    for name, item in wave.items.items():
        if item.variables:
            found = _boxes(table, name, item, silent, settings)
        else:
            raw = table.column(item.variable, settings=settings, purpose=f"item '{name}'")
            meanings = {code: Labels.of(labels) for code, labels in item.values.items()}
            found = {name: explain(table, item.variable, raw, meanings, silent, f"[items.{name}]")}
        answers = set().union(*(column.unique() for column in found.values()))
        if answers <= {SKIPPED}:
            notes.append(f"Item '{name}' is empty for everyone: counted as not asked.")
            continue
        if answers <= set(REASONS):
            notes.append(f"Item '{name}' has no valid answers: everybody was unsure, declined or skipped it.")
        columns.update(found)
        if NONE_BOX in item.variables:
            notes += _contradictions(found, name)
    return columns, notes


def _contradictions(boxes: Mapping[str, pd.Series], name: str) -> list[str]:
    none = (boxes[f"{name}_{NONE_BOX}"] == "yes").to_numpy()
    others = [(column == "yes").to_numpy() for box, column in boxes.items() if box != f"{name}_{NONE_BOX}"]
    if others and (none & np.logical_or.reduce(others)).any():
        return [f"Item '{name}': some ticked both 'none' and another box; the other box counts."]
    return []


def groups_of(table: RawTable, wave: Wave, settings: str) -> dict[str, pd.Series]:
    """The group columns of a wave: the level of each respondent, or "unknown"."""
    silent, columns = non_answers(wave.file), {}
    for name, group in wave.groups.items():
        refuse_background(name, group, table)
        raw = table.column(group.column, settings=settings, purpose=f"group '{name}'")
        meanings = {level: Labels.of(labels) for level, labels in group.labels.items()}
        # here "does not want to answer" may be a level of its own, so what is a level is no non-answer
        taken = frozenset().union(*(labels.texts for labels in meanings.values()))
        codes = frozenset().union(*(labels.numbers for labels in meanings.values()))
        left = {
            reason: Labels(labels.texts - taken, labels.numbers - codes) for reason, labels in silent.items()
        }
        known = explain(table, group.column, raw, meanings, left, f"[groups.{name}]", background=True)
        columns[name] = known.mask(known.isin(REASONS), UNKNOWN)
    return columns
