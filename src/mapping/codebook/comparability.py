"""Whether two waves measured the same: worked out from what they asked, never assumed.

Two waves can be compared for an indicator only if its rule, the questions and boxes asked, the answers offered, the
time asked about and the pupils surveyed are the same. A composite carries what breaks in its parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import numpy as np

from mapping.codebook.entry import Entry
from mapping.concepts.indicator import Indicator
from mapping.concepts.question import Question
from mapping.concepts.wave import Item, Label, Wave

__all__ = ["comparability"]

Reason = Mapping[str, str]

LEAP = np.timedelta64(1, "D")  # a leap year is a day longer
_LISTED = "a label of the codebook"  # what all labels that items.toml lists for an answer stand for
_NUMBERED = re.compile(r"^\d+\s*[.):=]\s+")  # "1. Ja"
_WORDS = re.compile(r"\w+|[<>≤≥+%]")
_YEARS = re.compile(
    r"\b(?:(?:läsåret|läsår|kalenderåret|året|år|school year|year)\s+)?"
    r"(?:19|20)\d\d(?:\s*[-–/]\s*(?:(?:19|20)\d\d|\d\d)\b)?"
)

NOT_ASKED = {
    "sv": "{question} ställdes inte {wave}.",
    "en": "{question} was not asked in {wave}.",
}
OTHER_BOXES = {
    "sv": "{question} hade andra rutor att kryssa {later} än {earlier}.",
    "en": "{question} had other boxes to tick in {later} than in {earlier}.",
}
OTHER_ANSWERS = {
    "sv": "{question} hade andra svarsalternativ {later} än {earlier}.",
    "en": "{question} had other answers to choose from in {later} than in {earlier}.",
}
OTHER_PERIOD = {
    "sv": "{question} gällde en annan tid {later} än {earlier}.",
    "en": "{question} was about another period in {later} than in {earlier}.",
}
OTHER_RULE = {
    "sv": "Regeln är en annan {later} än {earlier}.",
    "en": "The rule is another in {later} than in {earlier}.",
}
OTHER_PUPILS = {
    "sv": "Undersökningen gällde andra elever {later} än {earlier}.",
    "en": "The survey was about other pupils in {later} than in {earlier}.",
}
OTHER_CASES = {
    "sv": "Ärendena räknades på ett annat sätt {later} än {earlier}.",
    "en": "Cases were counted in another way in {later} than in {earlier}.",
}
THE_QUESTION = {"sv": "Frågan", "en": "The question"}
QUOTED = {"sv": "Frågan ”{text}”", "en": "The question “{text}”"}


def _words(text: str) -> str:
    """A text as it is compared: letters, digits and signs of size, without case, numbering or punctuation."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(_WORDS.findall(_NUMBERED.sub("", shown.strip()).casefold()))


def _number(label: Label) -> float | None:
    if not isinstance(label, str):
        return float(label)
    text = label.strip().replace(",", ".")
    return float(text) if re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text) else None


def _labels(labels: Iterable[Label], listed: Mapping[str, tuple[str, ...]]) -> frozenset[str | float]:
    """What an answer was called: codes as numbers, labels of the codebook as one, other texts as their words."""
    known = {_words(text) for texts in listed.values() for text in texts}
    found: set[str | float] = set()
    for label in labels:
        number, words = _number(label), _words(str(label))
        found.add(_LISTED if words in known else words if number is None else number)
    return frozenset(found)


def _same_labels(one: frozenset[str | float], other: frozenset[str | float]) -> bool:
    """A bare code says no more than the answer it is mapped to: it goes with any label of the codebook."""
    bare = [all(isinstance(label, float) for label in labels) for labels in (one, other)]
    return one == other or (any(bare) and frozenset({_LISTED}) in (one, other))


def _same_answers(question: Question, before: Item, now: Item, equal: bool) -> bool:
    if set(before.values) != set(now.values):
        return False
    return equal or all(
        _same_labels(
            _labels(before.values[answer], question.answers.get(answer, {})),
            _labels(now.values[answer], question.answers.get(answer, {})),
        )
        for answer in now.values
    )


class _Comparison:
    """What differs between two waves, indicator by indicator."""

    def __init__(self, earlier: Wave, later: Wave) -> None:
        self.earlier, self.later = earlier, later

    def _say(self, kind: Reason, question: Reason | None = None, wave: str = "") -> Reason:
        words = {"earlier": self.earlier.id, "later": self.later.id, "wave": wave}
        return {
            language: sentence.format(**words, question=(question or THE_QUESTION)[language])
            for language, sentence in kind.items()
        }

    def population(self) -> Iterator[Reason]:
        """Whom the waves are about: counted where, described how, of which grades."""
        waves = self.earlier, self.later
        texts = {_words(_YEARS.sub(" ", wave.population.casefold())) for wave in waves if wave.population}
        grades = {frozenset(wave.groups["grade"].labels) for wave in waves if "grade" in wave.groups}
        if self.earlier.counts != self.later.counts or len(texts) > 1 or len(grades) > 1:
            yield self._say(OTHER_PUPILS)

    def rule(self) -> Reason:
        """That a rule is another."""
        return self._say(OTHER_RULE)

    def asked(self, entry: Entry) -> bool:
        """Whether any question the indicator itself stands on was asked in either wave."""
        if entry.side == "case":
            return bool(self._reasons(entry)) and None not in (self.earlier.cases, self.later.cases)
        return any(name in wave.items for wave in (self.earlier, self.later) for name in entry.questions)

    def questions(self, entry: Entry) -> Iterator[Reason]:
        """What differs in the questions an indicator itself stands on."""
        if entry.side == "case":
            yield from self._cases(entry)
            return
        for name, question in entry.questions.items():
            called = THE_QUESTION
            if len(entry.questions) > 1:
                called = {lang: QUOTED[lang].format(text=question.text[lang]) for lang in QUOTED}
            before, now = self.earlier.items.get(name), self.later.items.get(name)
            if before is not None and now is not None:
                yield from self._differences(entry, question, before, now, called)
            elif before is not now:
                yield self._say(NOT_ASKED, called, (self.earlier if before is None else self.later).id)

    @staticmethod
    def _reasons(entry: Entry) -> list[str]:
        return [column.removeprefix("reason_") for column in entry.items if column.startswith("reason_")]

    def _cases(self, entry: Entry) -> Iterator[Reason]:
        """What differs in how cases were counted: the unit, the length of the period, the texts of a reason."""
        before, now = self.earlier.cases, self.later.cases
        if before is None or now is None:
            return
        days = [np.datetime64(c.period[1], "D") - np.datetime64(c.period[0], "D") for c in (before, now)]
        same = before.unit == now.unit and bool(abs(days[0] - days[1]) <= LEAP)
        for reason in self._reasons(entry):
            listed = entry.questions["reason"].boxes[reason]
            texts = [_labels(c.reasons.get(reason, ()), listed) for c in (before, now)]
            same = same and texts[0] == texts[1]
        if not same:
            yield self._say(OTHER_CASES)

    def _differences(
        self, entry: Entry, question: Question, before: Item, now: Item, called: Reason
    ) -> Iterator[Reason]:
        if set(before.offered) != set(now.offered):
            yield self._say(OTHER_BOXES, called)
        if not _same_answers(question, before, now, question.id in self.later.file.equal):
            yield self._say(OTHER_ANSWERS, called)
        stated = {_words(text) for text in entry.period.values()} | {""}
        periods = [_words(item.period) for item in (before, now)]
        if len({"" if period in stated else period for period in periods}) > 1:
            yield self._say(OTHER_PERIOD, called)


def _family(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[Entry]:
    """The parts of an indicator, and theirs."""
    for id_ in entry.parts:
        yield entries[id_]
        yield from _family(entries[id_], entries)


def _within(part: Entry, reason: Reason) -> Reason:
    """A reason of a part, said of the whole."""
    return {
        language: f"{part.name[language]}: {sentence[0].lower()}{sentence[1:]}"
        for language, sentence in reason.items()
    }


def _measure(indicator: Indicator) -> tuple[object, ...]:
    return indicator.rule, indicator.base, indicator.applies_to


def comparability(
    earlier: Wave,
    later: Wave,
    indicators: Mapping[str, Indicator],
    *,
    before: Mapping[str, Indicator] | None = None,
) -> dict[str, tuple[Reason, ...]]:
    """Why two waves cannot be compared, for each indicator that breaks between them.

    Parameters
    ----------
    earlier, later : Wave
        Two waves, not necessarily next to each other.
    indicators : mapping
        What `load` returned.
    before : mapping, optional
        The indicators by which the earlier wave was worked out, where they were others: another variant of an
        index, or an older codebook.

    Returns
    -------
    dict
        By indicator id, sentences in Swedish and English. An indicator that is not here, and was asked, measures
        the same in both waves. Breaks that an analyst states in wave.toml (``[[breaks]]``) are not among them.

    Notes
    -----
    Labels that items.toml lists for one answer count as equal; others are compared without case and punctuation.
    Codes are compared as numbers; a code says no more than the answer it is mapped to, so it goes with any label of
    the codebook. A population is compared as far as both waves state it, with years left out.
    """
    entries = {id_: cast(Entry, indicator) for id_, indicator in indicators.items()}
    comparison = _Comparison(earlier, later)
    everyone = tuple(comparison.population())
    own = {id_: tuple(comparison.questions(entry)) for id_, entry in entries.items()}
    former = before or indicators
    changed = {
        id_ for id_, entry in entries.items() if id_ not in former or _measure(former[id_]) != _measure(entry)
    }
    found: dict[str, tuple[Reason, ...]] = {}
    for id_, entry in entries.items():
        parts = list(dict.fromkeys(part.id for part in _family(entry, entries)))
        if not any(comparison.asked(entries[each]) for each in (id_, *parts)):
            continue
        other_rule = [comparison.rule()] if id_ in changed else []
        within = [
            _within(entries[part], reason)
            for part in parts
            for reason in (*([comparison.rule()] if part in changed else []), *own[part])
        ]
        pupils = everyone if any(entries[each].side == "survey" for each in (id_, *parts)) else ()
        if reasons := (*pupils, *other_rule, *own[id_], *within):
            found[id_] = reasons
    return found
