"""How like a strange file's variables are to the questions of the codebook: scores from 0 to 100, with their doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from mapping.concepts.question import Question
from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.ingest.answers import DECLINED_WORDS, UNSURE_WORDS, Value, distinct
from mapping.ingest.raw import RawTable, normal

__all__ = ["Proposal", "Variable", "best_questions", "silence", "variables_of"]

SURE, MARGIN = 80.0, 8.0  # a proposal is sure from this score on, and so far above the second best
FEW = 12  # more distinct values than this are no answers to a question
SHOWN_FROM = 5
SKIPPED_WORDS = {
    "ej svar",
    "inget svar",
    "uppgift saknas",
    "saknas",
    "bortfall",
    "missing",
    "no answer",
    "not answered",
}
# our yes is a restriction; a question that asks what one may do has its yes and no the other way round
_MAY = re.compile(r"^(får|kan|tillåts|may|can|are you allowed)\b")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the file: its name, its text, its values."""

    name: str
    text: str
    values: tuple[Value, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, or the frequent values, that may be answers."""
        return tuple(v.shown for v in self.values if v.labelled or v.rows >= SHOWN_FROM)


@dataclass(frozen=True, slots=True)
class Proposal:
    """That `variable` asks what `item` asks (or is its box `box`)."""

    variable: Variable
    item: str
    box: str
    score: float
    answers: Mapping[str, tuple[str, ...]]
    doubts: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.doubts


def variables_of(table: RawTable) -> list[Variable]:
    """The variables of a file with their distinct values; those with many values keep none."""
    found = []
    for name in table.frame.columns:
        _, values = distinct(table, name, table.frame[name])
        known = {value.raw for value in values}
        labels = table.labels.get(name, {})
        unused = tuple(
            Value(raw, frozenset({normal(label)}), float("nan"), True, 0, label)
            for raw, label in labels.items()
            if raw not in known
        )
        few = tuple(values) + unused if len(values) <= FEW or labels else ()
        found.append(Variable(name, table.titles.get(name) or name, few))
    return found


def silence(label: str) -> str:
    """Which kind of non-answer a label is, "" where it is an answer."""
    text = normal(label)
    if text in UNSURE_WORDS:
        return UNSURE
    if text in DECLINED_WORDS:
        return DECLINED
    return SKIPPED if text in SKIPPED_WORDS else ""


def _alike(text: str, other: str) -> float:
    """Likeness of two texts, word order aside; a short text inside a long one is not yet the same question."""
    one, two = normal(text), normal(other)
    return float(0.5 * fuzz.token_set_ratio(one, two) + 0.5 * fuzz.token_sort_ratio(one, two))


def _answers(variable: Variable, question: Question) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Which labels of the variable mean which answer, and the labels nobody recognises."""
    typical = {
        normal(label): code
        for code, labels in question.answers.items()
        for row in labels.values()
        for label in row
    }
    found: dict[str, list[str]] = {}
    strange = []
    for label in variable.labels:
        if silence(label):
            continue
        if code := typical.get(normal(label)):
            found.setdefault(code, []).append(label)
        else:
            strange.append(label)
    return {code: tuple(labels) for code, labels in found.items()}, strange


def _stood_for(code: str, answers: Mapping[str, object], question: Question) -> bool:
    """Whether a coarser or finer answer that the file has stands for one that it lacks."""
    finer = question.covers.get(code, ())
    coarser = [coarse for coarse, codes in question.covers.items() if code in codes]
    return any(other in answers for other in (*finer, *coarser))


def _one(variable: Variable, question: Question) -> Proposal:
    texts = [*question.text.values(), question.id, question.id.removeprefix("n_").replace("_", " ")]
    likeness = max(_alike(part, text) for part in (variable.text, variable.name) for text in texts)
    answers, strange = _answers(variable, question)
    recognised = len(variable.labels) - len(strange) - sum(bool(silence(label)) for label in variable.labels)
    total = recognised + len(strange)
    score = 0.8 * likeness + 20 * (recognised / total if total else 0.0)
    doubts = []
    if strange:
        doubts.append("unexplained: " + ", ".join(strange[:6]))
    if lost := [
        code for code in question.answers if code not in answers and not _stood_for(code, answers, question)
    ]:
        doubts.append("no label for: " + ", ".join(lost))
    yes_no = set(question.answers) == {"yes", "no"}
    if yes_no and _MAY.match(normal(variable.text)):
        doubts.append("the question seems to be put the other way round: check which answer is 'yes'")
    return Proposal(variable, question.id, "", round(score, 1), answers, tuple(doubts))


def _boxes(variable: Variable, question: Question) -> list[Proposal]:
    """The boxes of a multiple response that a variable with at most two labels may be."""
    if len([label for label in variable.labels if not silence(label)]) > 2:
        return []
    stem = max((_within(variable.text, text) for text in question.text.values()), key=lambda found: found[0])
    found = []
    for box, labels in question.boxes.items():
        own = max(_alike(stem[1], label) for row in labels.values() for label in row)
        names = [f"{question.id}_{box}".removeprefix("n_").replace("_", " "), f"{question.id}_{box}"]
        named = max(_alike(part, name) for part in (variable.text, variable.name) for name in names)
        found.append(Proposal(variable, question.id, box, round(max((stem[0] + own) / 2, named), 1), {}, ()))
    return found


def _within(text: str, question: str) -> tuple[float, str]:
    """How well the question's text is found in a variable's, and what the variable's text says besides."""
    whole, part = normal(text), normal(question)
    at = fuzz.partial_ratio_alignment(part, whole)
    if at is None or len(whole) < len(part):
        return 0.0, whole
    return float(at.score), f"{whole[: at.dest_start]} {whole[at.dest_end :]}".strip(" -–:.?/|")


def best_questions(
    variables: list[Variable], questions: Mapping[str, Question], floor: float = 60.0
) -> list[Proposal]:
    """The best proposal for each question or box, most like first; a variable is proposed once.

    A proposal is in doubt if its score is low, another question comes close, or its labels are not all explained.
    """
    every: list[Proposal] = []
    for variable in variables:
        if not variable.values:
            continue
        own = [
            p for q in questions.values() for p in (_boxes(variable, q) if q.boxes else [_one(variable, q)])
        ]
        own.sort(key=lambda p: (-p.score, p.item, p.box))
        second = next((p.score for p in own[1:]), 0.0)
        every += [_doubted(proposal, own[0], second) for proposal in own[:3]]
    every.sort(key=lambda p: (-p.score, p.item, p.box, p.variable.name))
    taken_variables: set[str] = set()
    taken_items: set[tuple[str, str]] = set()
    chosen = []
    for proposal in every:
        place = (proposal.item, proposal.box)
        if proposal.score < floor or proposal.variable.name in taken_variables or place in taken_items:
            continue
        taken_variables.add(proposal.variable.name)
        taken_items.add(place)
        chosen.append(proposal)
    return chosen


def _doubted(proposal: Proposal, best: Proposal, second: float) -> Proposal:
    doubts = list(proposal.doubts)
    if proposal.score < SURE:
        doubts.insert(0, f"score below {SURE:g}")
    if proposal is not best:
        doubts.insert(0, f"more like {best.item} ({best.score:g})")
    elif proposal.score - second < MARGIN:
        doubts.insert(0, f"another question comes close ({second:g})")
    return Proposal(
        proposal.variable, proposal.item, proposal.box, proposal.score, proposal.answers, tuple(doubts)
    )
