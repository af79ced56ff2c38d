"""The indicators of each respondent: rules applied to whole columns, three-valued throughout.

A value is a small number; the undecided ones are ordered by the strength of their reason, so that the
strongest reason among several undecided parts is their maximum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.codebook.entry import Entry
from mapping.codebook.rules import Answer, Not, Part, Several, Tree
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.errors import SettingsError

__all__ = ["evaluate", "not_asked_columns"]

Values = npt.NDArray[np.int8]
Covers = Mapping[str, tuple[str, ...]]

NO, YES, IS_SKIPPED, IS_DECLINED, IS_UNSURE, NOT_APPLICABLE = range(6)
WORDS = np.array(["no", "yes", SKIPPED, DECLINED, UNSURE, ""], dtype=object)
REASONS = {SKIPPED: IS_SKIPPED, DECLINED: IS_DECLINED, UNSURE: IS_UNSURE, "": NOT_APPLICABLE}


def _answers(frame: pd.DataFrame, answer: Answer, known: tuple[str, ...], covers: Covers) -> Values:
    """The three-valued answer of each respondent in one item column."""
    column = answer.column
    places, found = pd.factorize(frame[column].astype(object))
    meaning = []
    for value in found:
        if value not in known and value not in REASONS:
            raise SettingsError(
                f"The item '{column}' holds the answer '{value}', which the codebook does not know. "
                f"Its answers are {', '.join(known)}. Correct [items] in wave.toml."
            )
        meaning.append(REASONS[value] if value in REASONS else _means(value, answer.codes, covers))
    return np.array([*meaning, IS_SKIPPED], dtype=np.int8)[places]


def _means(value: str, codes: frozenset[str], covers: Covers) -> int:
    """What an answer is to a rule that asks for `codes`; one too coarse to tell leaves it open."""
    stands_for = covers.get(value, (value,))
    if value in codes or codes.issuperset(stands_for):
        return YES
    return NO if codes.isdisjoint(stands_for) else IS_SKIPPED


def _several(parts: list[Values], needed: int | None, answered: int = 0) -> Values:
    """Yes where enough parts are yes, no where enough never can be, else the strongest reason."""
    table = np.stack(parts)
    undecided = (table >= IS_SKIPPED) & (table <= IS_UNSURE)
    yes, open_ = (table == YES).sum(axis=0), undecided.sum(axis=0)
    enough = len(parts) if needed is None else needed
    reason = np.where(undecided, table, 0).max(axis=0)
    never = yes + open_ < enough
    result = np.where(never, np.where((table == NO).any(axis=0), NO, NOT_APPLICABLE), reason)
    result = np.where(yes >= enough, YES, result)
    few = (table <= YES).sum(axis=0) < answered
    return np.where(few, np.where(open_ > 0, reason, NOT_APPLICABLE), result).astype(np.int8)


def _swapped(part: Values) -> Values:
    return np.array([YES, NO, IS_SKIPPED, IS_DECLINED, IS_UNSURE, NOT_APPLICABLE], dtype=np.int8)[part]


def _within(base: Values, part: Values) -> Values:
    """The values of those who belong to the base; outside it the rule does not apply, and doubt stays doubt."""
    outside = np.where(base == NO, NOT_APPLICABLE, base)
    return np.where(base == YES, part, outside).astype(np.int8)


class _Evaluation:
    """The values of all indicators on one frame, each worked out once."""

    def __init__(self, entries: Mapping[str, Entry], frame: pd.DataFrame) -> None:
        self.entries, self.frame = entries, frame
        self._values: dict[str, Values] = {}
        asked = {q.id: q for entry in entries.values() for q in entry.questions.values() if q.covers}
        self.covers: dict[str, Covers] = {name: q.covers for name, q in asked.items()}
        self._held = {name: set(frame[name].dropna()) for name in asked if name in frame}

    def _splits(self, answer: Answer) -> bool:
        """Whether the wave holds an answer so coarse that the rule cuts through what it may stand for."""
        covers = self.covers.get(answer.column, {})
        held = self._held.get(answer.column, set())
        return any(_means(value, answer.codes, covers) == IS_SKIPPED for value in held & set(covers))

    def can(self, tree: Tree) -> tuple[bool, bool]:
        """Whether a yes, and whether a no, can be decided from the columns there are."""
        if isinstance(tree, Answer):
            asked = tree.column in self.frame and not self._splits(tree)
            return asked, asked
        if isinstance(tree, Part):
            entry = self.entries[tree.id]
            if entry.tree is None or not self.reaches(entry):
                return False, False
            return self.can(entry.tree)
        if isinstance(tree, Not):
            yes, no = self.can(tree.part)
            return no, yes
        parts = self._offered(tree)
        needed = len(parts) if tree.needed is None else tree.needed
        able = [self.can(part) for part in parts]
        if sum(yes or no for yes, no in able) < tree.answered:
            return False, False
        return (
            bool(parts) and sum(yes for yes, _ in able) >= needed,
            bool(parts) and sum(no for _, no in able) > len(parts) - needed,
        )

    def reaches(self, entry: Entry) -> bool:
        """Whether those it applies to can be told: a question for girls needs their sex, a base its own questions."""
        if entry.base_tree is not None and not self.can(entry.base_tree)[0]:
            return False
        return not entry.applies_to or "sex" in self.frame

    def _offered(self, tree: Several) -> tuple[Tree, ...]:
        """The parts of a rule; of a set of boxes only those that the wave offered."""
        if not tree.boxes:
            return tree.parts
        return tuple(part for part in tree.parts if isinstance(part, Answer) and part.column in self.frame)

    def asked(self, entry: Entry) -> bool:
        return entry.tree is not None and self.reaches(entry) and all(self.can(entry.tree))

    def of(self, entry: Entry) -> Values:
        """The values of one indicator."""
        if entry.id not in self._values:
            values = self._tree(entry.tree, entry)
            if entry.base_tree is not None:
                values = _within(self._tree(entry.base_tree, entry), values)
            if entry.applies_to:
                outside = ~self.frame["sex"].isin(entry.applies_to).to_numpy()
                values = np.where(outside, NOT_APPLICABLE, values).astype(np.int8)
            self._values[entry.id] = values
        return self._values[entry.id]

    def _tree(self, tree: Tree | None, entry: Entry) -> Values:
        if isinstance(tree, Answer) and tree.column in self.frame:
            return _answers(self.frame, tree, entry.codes[tree.column], self.covers.get(tree.column, {}))
        if isinstance(tree, Part):
            part = self.entries[tree.id]
            return (
                self.of(part) if self.reaches(part) else np.full(len(self.frame), IS_SKIPPED, dtype=np.int8)
            )
        if isinstance(tree, Not):
            return _swapped(self._tree(tree.part, entry))
        if isinstance(tree, Several) and (parts := self._offered(tree)):
            return _several([self._tree(part, entry) for part in parts], tree.needed, tree.answered)
        return np.full(len(self.frame), IS_SKIPPED, dtype=np.int8)


def _entries(indicators: Mapping[str, Indicator]) -> dict[str, Entry]:
    if stray := [i.id for i in indicators.values() if not isinstance(i, Entry)]:
        raise TypeError(f"indicator {stray[0]!r} was not made by codebook.load")
    entries = {id_: cast(Entry, indicator) for id_, indicator in indicators.items()}
    for entry in entries.values():
        if lost := [part for part in entry.parts if part not in entries]:
            raise ValueError(f"{entry.id} needs {lost[0]}: evaluate all of the codebook, then choose columns")
    return entries


def evaluate(indicators: Mapping[str, Indicator], frame: pd.DataFrame) -> pd.DataFrame:
    """The indicators of each respondent: one column per survey indicator that the wave asked.

    Parameters
    ----------
    indicators : mapping
        What `load` returned. Parts of composites must be among them.
    frame : DataFrame
        One row per respondent with item columns, as in `Responses.frame`.

    Returns
    -------
    DataFrame
        Indexed as `frame`; "yes", "no", "unsure", "declined", "skipped", or "" where the indicator does not
        apply. An indicator has no column where the items at hand could never decide a yes, or never a no: it
        was not asked.

    Notes
    -----
    Composites follow Kleene's strong three-valued logic (Kleene 1952, §64): an "and" is no as soon as one
    part is no, an "or" is yes as soon as one part is yes; what remains open takes the strongest reason among
    its open parts (unsure, then declined, then skipped). A part the wave did not ask is open for everyone. A rule
    with a base is "" outside it, and open for those of whom it is open whether they belong to it.
    """
    work = _Evaluation(_entries(indicators), frame)
    columns = {id_: WORDS[work.of(entry)] for id_, entry in work.entries.items() if work.asked(entry)}
    return pd.DataFrame(columns, index=frame.index, dtype="str")


def not_asked_columns(indicators: Mapping[str, Indicator], frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """By indicator, the item columns its rule stands on, parts included, that the frame lacks.

    An indicator whose columns differ between two waves is not the same measure in both.
    """
    entries = _entries(indicators)

    def columns(entry: Entry) -> set[str]:
        return set(entry.items).union(*(columns(entries[part]) for part in entry.parts))

    return {id_: tuple(sorted(columns(entry) - set(frame.columns))) for id_, entry in entries.items()}
