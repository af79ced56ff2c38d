"""Multiple responses, however they are written: a variable per box, a variable per choice, or all choices in a cell.

Somebody who ticked nothing, not even "none of these", skipped the question: an empty box is a "no" only beside a
ticked one. A box left open by somebody who ticked "don't know" is unsure, and none of these is ticked only by those
who ticked nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.concepts.question import NONE_BOX
from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.concepts.wave import Item, Label
from mapping.errors import InputError, SettingsError
from mapping.ingest.answers import (
    NO,
    SHOWN_FROM,
    SILENCE,
    Labels,
    Value,
    declared_missing,
    decoded,
    distinct,
    meanings_of,
    shown_values,
)
from mapping.ingest.raw import RawTable, as_number, normal, plain

__all__ = ["REASONS", "boxes_of"]

REASONS = (UNSURE, DECLINED, SKIPPED)  # strongest first
STATES = (*REASONS, "yes", "no", "")  # "": blank, which says nothing yet
_SKIPPED, _YES, _NO, _BLANK = (STATES.index(state) for state in (SKIPPED, "yes", "no", ""))
_EXTRA = (UNSURE, DECLINED)  # boxes that stand for a non-answer to the whole question

States = npt.NDArray[np.int8]


def boxes_of(
    table: RawTable, name: str, item: Item, silent: Mapping[str, Labels], settings: str
) -> tuple[dict[str, pd.Series], list[str]]:
    """The boxes of a multiple response: "yes" where ticked, "no" where left open, else the reason; and notes.

    Raises
    ------
    InputError
        If a value of its columns is not explained.
    """
    read = _chosen if item.choices else _ticked
    states, whole = read(table, name, item, silent, settings)
    offered = {box: states[box] for box in item.offered if box not in _EXTRA}
    both = _only_without_others(offered)
    blank = _SKIPPED if any((state == _NO).any() for state in states.values()) else _NO
    answered = np.logical_or.reduce([state == _YES for state in offered.values()])
    reason = np.minimum.reduce([whole, *(np.minimum(state, _SKIPPED) for state in states.values())])
    columns = {
        f"{name}_{box}": decoded(
            np.where(answered, _of_answered(state, offered, whole, blank), reason), STATES, table.frame.index
        )
        for box, state in offered.items()
    }
    return columns, _contradiction(name, both)


def _only_without_others(offered: dict[str, States]) -> int:
    """Take back "none of these" where another box is ticked; returns in how many rows it was."""
    if NONE_BOX not in offered or len(offered) == 1:
        return 0
    others = np.logical_or.reduce([state == _YES for box, state in offered.items() if box != NONE_BOX])
    both = int((others & (offered[NONE_BOX] == _YES)).sum())
    offered[NONE_BOX] = np.where(others, _NO, offered[NONE_BOX]).astype(np.int8)
    return both


def _of_answered(state: States, offered: Mapping[str, States], whole: States, blank: int) -> States:
    """A box of those who ticked any: what was left open is a no, unless they said that they do not know."""
    found = np.where(state == _BLANK, blank, state)
    if NONE_BOX in offered:
        found = np.where((offered[NONE_BOX] == _YES) & (found == _SKIPPED), _NO, found)
        if state is offered[NONE_BOX]:
            return found.astype(np.int8)
    return np.where((found == _NO) & (whole < _SKIPPED), whole, found).astype(np.int8)


def _contradiction(name: str, rows: int) -> list[str]:
    if not rows:
        return []
    some = f"{rows} respondents" if rows >= SHOWN_FROM else f"fewer than {SHOWN_FROM} respondents"
    return [f"Item '{name}': {some} ticked both 'none' and another box; the other box counts."]


def _ticked(
    table: RawTable, name: str, item: Item, silent: Mapping[str, Labels], settings: str
) -> tuple[dict[str, States], States]:
    """The state of each box that has a variable of its own, and the reason given for the question as a whole."""
    states = {box: _one(table, name, item, box, silent, settings) for box in item.variables}
    whole = np.full(len(table.frame), _SKIPPED, dtype=np.int8)
    for box in _EXTRA:
        if box in states:
            whole = np.minimum(whole, np.where(states[box] == _YES, STATES.index(box), _SKIPPED))
    return {box: state for box, state in states.items() if box not in _EXTRA}, whole.astype(np.int8)


def _one(
    table: RawTable, name: str, item: Item, box: str, silent: Mapping[str, Labels], settings: str
) -> States:
    variable = item.variables[box]
    column = table.column(variable, settings=settings, purpose=f"box '{box}' of item '{name}'")
    places, values = distinct(table, variable, column)
    checked = Labels.of(item.ticks(box))
    left_open: Iterable[Label] = item.unchecked or [_own(value) for value in values if _open(value, checked)]
    meanings = {"yes": checked, "no": Labels.of(left_open)}
    words = meanings_of(
        table, variable, values, meanings, silent, f"[items.{name}]", background=box in _EXTRA
    )
    return np.array([*map(STATES.index, words), _BLANK], dtype=np.int8)[places]


def _own(value: Value) -> Label:
    if value.labelled:
        return value.shown
    return value.number if value.number == value.number else str(value.raw)


def _open(value: Value, checked: Labels) -> bool:
    """Whether a value stands for a box left open without being called so: 0, a plain "no", or 2 beside a ticked 1."""
    if checked.match(value):
        return False
    if value.labelled:
        return not value.texts.isdisjoint(NO)
    return value.number in ({0.0, 2.0} if 1.0 in checked.numbers else {0.0}) or not value.texts.isdisjoint(NO)


def _chosen(
    table: RawTable, name: str, item: Item, silent: Mapping[str, Labels], settings: str
) -> tuple[dict[str, States], States]:
    """The state of each box where variables hold the boxes that were chosen, and the reason for not choosing."""
    means = {box: Labels.of(labels) for box, labels in item.boxes.items() if box not in _EXTRA}
    reasons = {
        reason: _with(labels, Labels.of(item.boxes.get(reason, ()))) for reason, labels in silent.items()
    }
    _refuse_contradiction(means, reasons, f"[items.{name}]")
    ticked = {box: np.zeros(len(table.frame), dtype=bool) for box in means}
    whole = np.full(len(table.frame), _SKIPPED, dtype=np.int8)
    for variable in item.choices:
        column = table.column(variable, settings=settings, purpose=f"item '{name}'")
        places, values = distinct(table, variable, column)
        said = _said(table, variable, values, item.separator, means, reasons, f"[items.{name}]")
        for box in means:
            ticked[box] |= np.array([*(box in words for words in said), False])[places]
        strongest = [
            min((REASONS.index(w) for w in words if w in REASONS), default=_SKIPPED) for words in said
        ]
        whole = np.minimum(whole, np.array([*strongest, _SKIPPED], dtype=np.int8)[places])
    return {box: np.where(tick, _YES, _BLANK).astype(np.int8) for box, tick in ticked.items()}, whole


def _refuse_contradiction(means: Mapping[str, Labels], reasons: Mapping[str, Labels], place: str) -> None:
    """Refuse a label that stands for two boxes, or for a box and for not answering."""
    silent = {reason: one.texts | SILENCE.get(reason, set()) for reason, one in reasons.items()}
    seen: dict[str | float, str] = {}
    for box, labels in means.items():
        stated: list[str | float] = [*sorted(labels.texts), *sorted(labels.numbers)]
        for label in stated:
            other = seen.setdefault(label, box)
            reason = next((reason for reason, texts in silent.items() if label in texts), "")
            if other != box or reason:
                raise SettingsError(
                    f"wave.toml: under {place} the label '{label}' stands for '{box}', but also for "
                    f"'{reason or other}'. It can only be one of them."
                )


def _with(one: Labels, other: Labels) -> Labels:
    return Labels(one.texts | other.texts, one.numbers | other.numbers)


def _said(
    table: RawTable,
    variable: str,
    values: list[Value],
    separator: str,
    means: Mapping[str, Labels],
    reasons: Mapping[str, Labels],
    place: str,
) -> list[frozenset[str]]:
    """The boxes, or reasons, that each distinct value of a variable says."""
    if not separator:
        return [frozenset({w}) for w in meanings_of(table, variable, values, means, reasons, place)]
    found, open_ = [], []
    for value in values:
        text = value.raw if isinstance(value.raw, str) else plain(value.number)
        ways = _ways(text, separator, {**means, **reasons})
        if not ways and declared_missing(table, variable, value):
            ways = {frozenset({SKIPPED})}
        if len(ways) > 1:
            raise InputError(
                f"{table.name}: column '{variable}': the labels under {place} can be cut at '{separator}' in "
                f"more than one way, in {value.rows} {'row' if value.rows == 1 else 'rows'}. Ask for a "
                "file with one column per box."
            )
        found.append(next(iter(ways), frozenset[str]()))
        if not ways:
            open_.append(value)
    if open_:
        raise InputError(
            f"{table.name}: column '{variable}' holds choices that wave.toml does not explain: {shown_values(open_)}. "
            f"Say under {place} which box each text between '{separator}' is, or list it as missing, unsure or "
            "declined under [file]."
        )
    return found


def _ways(text: str, separator: str, labels: Mapping[str, Labels]) -> set[frozenset[str]]:
    """Each way to read a cell as known labels between separators; a label may hold the separator itself."""
    pieces = [piece for piece in text.split(separator) if normal(piece)]
    ways: list[set[frozenset[str]]] = [{frozenset()}, *(set() for _ in pieces)]
    longest = max((t.count(normal(separator)) for one in labels.values() for t in one.texts), default=0) + 1
    for end in range(1, len(pieces) + 1):
        for start in range(max(0, end - longest), end):
            if ways[start] and (word := _word(separator.join(pieces[start:end]), labels)):
                ways[end] |= {before | {word} for before in ways[start]}
    return ways[-1]


def _word(text: str, labels: Mapping[str, Labels]) -> str:
    label, number = normal(text), as_number(text)
    return next((word for word, one in labels.items() if label in one.texts or number in one.numbers), "")
