"""What moved since the wave before: shares of answers, silence, labels, questions, and the file itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.concepts.wave import Item
from mapping.ingest.quality.cells import Cell, cells
from mapping.ingest.quality.subject import Subject

__all__ = ["AnswerDrift", "LabelDrift", "SilenceDrift", "answers_moved", "labels_moved", "silence_moved"]

SILENT = (UNSURE, DECLINED, SKIPPED)
CLEAR = 3.0  # standard errors of a difference from which it is marked
LEAST = 3.0  # percentage points below which no difference is marked


@dataclass(frozen=True, slots=True)
class AnswerDrift:
    """The share of one answer among all valid ones, before and now, in per cent; None where it is not told."""

    item: str
    answer: str
    before: float | None
    now: float | None
    marked: bool


@dataclass(frozen=True, slots=True)
class SilenceDrift:
    """The share without a valid answer, before and now, in per cent; None where it is not told."""

    item: str
    before: float | None
    now: float | None
    marked: bool


@dataclass(frozen=True, slots=True)
class LabelDrift:
    """What came and went in one question: labels of answers, or the question itself (then `whole`)."""

    item: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    whole: bool = False


def _valid(subject: Subject, column: str) -> dict[str, int]:
    found = subject.responses.frame[column]
    counts = found[~found.isin(SILENT)].value_counts()
    return {str(answer): int(n) for answer, n in counts.items()}


def _shared(before: Subject, now: Subject) -> list[str]:
    """The item columns that both waves have, in today's order."""
    columns = [c for item, asked in now.responses.wave.items.items() for c in _columns(item, asked)]
    return [c for c in columns if c in now.responses.frame and c in before.responses.frame]


def _columns(item: str, asked: Item) -> list[str]:
    return [item] if asked.variable else [f"{item}_{box}" for box in asked.offered]


def _apart(one: tuple[float, int], other: tuple[float, int]) -> bool:
    """Whether two shares (in per cent, of so many) differ by more than chance and by more than a little."""
    (p, n), (q, m) = one, other
    error = sqrt(p * (100 - p) / max(n, 1) + q * (100 - q) / max(m, 1))
    return abs(p - q) > max(CLEAR * error, LEAST)


def answers_moved(before: Subject, now: Subject) -> list[AnswerDrift]:
    """The share of each answer to each question that both waves asked."""
    rows = []
    for column in _shared(before, now):
        counts = _valid(before, column), _valid(now, column)
        answers = list(dict.fromkeys([*counts[1], *counts[0]]))
        totals = sum(counts[0].values()), sum(counts[1].values())
        then, today = (cells({answer: part.get(answer, 0) for answer in answers}) for part in counts)
        for answer in sorted(answers):
            if answer == "no":  # the other half of "yes"
                continue
            shares = then[answer].share(totals[0]), today[answer].share(totals[1])
            marked = None not in shares and _apart(
                (shares[0] or 0.0, totals[0]), (shares[1] or 0.0, totals[1])
            )
            rows.append(AnswerDrift(column, answer, shares[0], shares[1], marked))
    return rows


def _silence(subject: Subject, column: str) -> tuple[Cell, int]:
    found = subject.responses.frame[column]
    reasons = found.where(found.isin(SILENT), "answered").value_counts()
    counts = {kind: int(reasons.get(kind, 0)) for kind in ("answered", *SILENT)}
    if not cells(counts, keep=(UNSURE,))["answered"].told:  # then the table of missing answers hides it
        return Cell(None), len(found)
    return Cell(len(found) - counts["answered"]), len(found)


def silence_moved(before: Subject, now: Subject) -> list[SilenceDrift]:
    """The share without a valid answer to each question that both waves asked; of a multiple response, of all boxes."""
    rows, seen = [], set()
    of = {c: item for item, asked in now.responses.wave.items.items() for c in _columns(item, asked)}
    for column in _shared(before, now):
        if of[column] in seen:
            continue
        seen.add(of[column])
        (then, m), (today, n) = _silence(before, column), _silence(now, column)
        shares = then.share(m), today.share(n)
        marked = None not in shares and _apart((shares[0] or 0.0, m), (shares[1] or 0.0, n))
        rows.append(SilenceDrift(of[column], shares[0], shares[1], marked))
    return rows


def _labels(item: Item) -> set[str]:
    shown = [label for labels in item.values.values() for label in labels]
    return {str(label) for label in (*shown, *item.offered)}


def labels_moved(before: Subject, now: Subject) -> Iterator[LabelDrift]:
    """Questions and labels that wave.toml names now and did not before, or the other way round."""
    then: Mapping[str, Item] = before.responses.wave.items
    today: Mapping[str, Item] = now.responses.wave.items
    for item in sorted({*then, *today}):
        if item in then and item in today:
            old, new = _labels(then[item]), _labels(today[item])
            if old != new:
                yield LabelDrift(item, tuple(sorted(new - old)), tuple(sorted(old - new)))
        else:
            yield LabelDrift(
                item, (item,) if item in today else (), (item,) if item in then else (), whole=True
            )
