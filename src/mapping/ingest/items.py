"""The items of a wave: one column of answer codes per question, one per box of a multiple response."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mapping.concepts.responses import SKIPPED, UNKNOWN
from mapping.concepts.wave import Item, Wave
from mapping.ingest.answers import Labels, decoded, distinct, meanings_of, non_answers
from mapping.ingest.background import refuse_background
from mapping.ingest.boxes import REASONS, boxes_of
from mapping.ingest.coherence import doubts_about, refuse_incoherent
from mapping.ingest.raw import RawTable

__all__ = ["groups_of", "items_of"]


def _question(
    table: RawTable, name: str, item: Item, silent: Mapping[str, Labels], settings: str
) -> tuple[dict[str, pd.Series], list[str]]:
    """The answers to a question with one answer, and notes on what is odd about them."""
    column = table.column(item.variable, settings=settings, purpose=f"item '{name}'")
    meanings = {code: Labels.of(labels) for code, labels in item.values.items()}
    place = f"[items.{name}]"
    places, values = distinct(table, item.variable, column)
    refuse_incoherent(table, item.variable, values, meanings, silent, place)
    words = meanings_of(table, item.variable, values, meanings, silent, place)
    notes = doubts_about(table, name, item.variable, values, words, meanings)
    return {name: decoded(places, [*words, SKIPPED], column.index)}, notes


def items_of(table: RawTable, wave: Wave, settings: str) -> tuple[dict[str, pd.Series], list[str]]:
    """The item columns of a wave by name, and notes on those without any answer.

    A question that is empty for everyone was not asked: it has no column. One that everybody declined keeps it.
    """
    silent, columns, notes = non_answers(wave.file), {}, []
    for name, item in wave.items.items():
        found, told = (_question if item.variable else boxes_of)(table, name, item, silent, settings)
        answers = set().union(*(column.unique() for column in found.values()))
        if answers <= {SKIPPED}:
            notes.append(f"Item '{name}' is empty for everyone: counted as not asked.")
            continue
        if answers <= set(REASONS):
            notes.append(f"Item '{name}' has no valid answers: everybody was unsure, declined or skipped it.")
        columns.update(found)
        notes += told
    return columns, notes


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
        place = f"[groups.{name}]"
        places, values = distinct(table, group.column, raw)
        refuse_incoherent(table, group.column, values, meanings, left, place)
        words = meanings_of(table, group.column, values, meanings, left, place, background=True)
        levels = [UNKNOWN if word in REASONS and word not in meanings else word for word in words]
        columns[name] = decoded(places, [*levels, UNKNOWN], raw.index)
    return columns
