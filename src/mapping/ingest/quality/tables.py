"""The figures of a quality report, protected as they are made from the answers: none holds a small count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.concepts.responses import DECLINED, ELSEWHERE, SKIPPED, UNKNOWN, UNSURE
from mapping.ingest.quality.cells import FEW, Cell, cells, rates
from mapping.ingest.quality.subject import Names, Subject

__all__ = [
    "Group",
    "ItemRow",
    "Schools",
    "UnsureRow",
    "Weights",
    "districts_of",
    "items_of",
    "response_by",
    "schools_of",
    "unknown_groups",
    "unsure_of",
    "weights_of",
]

KINDS = ("answered", UNSURE, DECLINED, SKIPPED)
EDGES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.1, 1.333, 2.0, 4.0, np.inf)  # of a weight, as a multiple of the mean


@dataclass(frozen=True, slots=True)
class Group:
    """One level of a group: pupils on the register, respondents, and the share that answered."""

    name: str
    registered: int
    answered: Cell
    rate: float | None


@dataclass(frozen=True, slots=True)
class Schools:
    """How response is spread over schools: quarters of them, never a school."""

    n: int
    silent: Cell
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One question: how many answered it, and why others did not."""

    item: str
    text: str
    n: int
    parts: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class UnsureRow:
    """One indicator: who is unsure, of those who are yes, no or unsure."""

    indicator: str
    name: str
    share: float | None
    few: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights before or after calibration, as multiples of their mean."""

    bars: tuple[tuple[float, float, Cell], ...]
    effect: float  # Kish
    low: float
    high: float


def response_by(subject: Subject, column: str) -> list[Group]:
    """Response by the levels of one column of the register (grade, sex, area); empty without a frame."""
    table = subject.responses.response
    if column not in table:
        return []
    sums = table.groupby(column)[["registered", "answered"]].sum().astype(int)
    pairs = {str(level): (int(a), int(r)) for level, r, a in sums.itertuples(name=None)}
    answered = cells({level: a for level, (a, _) in pairs.items()})
    known = rates({level: pair for level, pair in pairs.items() if pair[1] >= pair[0]})
    rows = []
    for level, (_, registered) in pairs.items():
        rate = known.get(level)
        # a count beside the register gives the rate back: both are told, or neither
        cell = answered[level] if rate is not None or not registered else Cell(None, answered[level].few)
        rows.append(Group(level, registered, cell, rate if cell.told else None))
    return _two_open(rows)


def _two_open(rows: list[Group]) -> list[Group]:
    """The rows, where a single one that is left out would follow from the total: the smallest told one joins it."""
    closed = [row for row in rows if not row.answered.told]
    told = sorted(
        (row for row in rows if row.answered.told), key=lambda row: (row.answered.count == 0, row.registered)
    )
    if len(closed) != 1 or not told:
        return rows
    other = told[0]
    return [Group(r.name, r.registered, Cell(None), None) if r is other else r for r in rows]


def schools_of(subject: Subject) -> Schools | None:
    """The spread of response over schools; quartiles only where a quarter is a few schools at least."""
    table = subject.responses.response
    if "psu" not in table:
        return None
    sums = table.groupby("psu")[["registered", "answered"]].sum()
    sums = sums[sums["registered"] > 0]
    silent = int((sums["answered"] == 0).sum())
    rate = 100 * sums.loc[sums["answered"] > 0, "answered"] / sums.loc[sums["answered"] > 0, "registered"]
    quartiles = None
    if len(rate) >= 4 * FEW // 2:
        low, middle, high = np.round(np.quantile(rate, [0.25, 0.5, 0.75]))
        quartiles = float(low), float(middle), float(high)
    return Schools(len(sums), cells({"silent": silent, "other": len(sums) - silent})["silent"], quartiles)


def items_of(subject: Subject, names: Names) -> list[ItemRow]:
    """Who answered each question; of a multiple response its first box, for they are answered together."""
    frame, rows = subject.responses.frame, []
    for item, asked in subject.responses.wave.items.items():
        columns = [item] if asked.variable else [f"{item}_{box}" for box in asked.offered]
        column = next((name for name in columns if name in frame), None)
        if column is None:
            continue
        reasons = frame[column].where(frame[column].isin(KINDS[1:]), "answered").value_counts()
        # the share that is unsure is told by indicator as well: it must not be what hides another
        parts = cells({kind: int(reasons.get(kind, 0)) for kind in KINDS}, keep=(UNSURE,))
        rows.append(ItemRow(item, names.questions.get(item, ""), len(frame), parts))
    return rows


def unsure_of(subject: Subject, names: Names) -> list[UnsureRow]:
    """The share of each indicator that is unsure, the largest first; parts and overlaps are those of their wholes."""
    rows = []
    for id_ in map(str, subject.answers):
        if "." in id_ or "+" in id_:
            continue
        found = subject.answers[id_]
        unsure, base = int((found == UNSURE).sum()), int(found.isin(["yes", "no", UNSURE]).sum())
        cell = cells({"unsure": unsure, "sure": base - unsure})["unsure"]
        if base >= 2 * FEW:
            rows.append(UnsureRow(str(id_), names.indicators.get(str(id_), ""), cell.share(base), cell.few))
    return sorted(rows, key=lambda row: (row.share is None, -(row.share or 0.0), row.indicator))


def weights_of(weights: pd.Series) -> Weights:
    """The spread of some weights; no single one stands out of it."""
    relative = weights / weights.mean()
    counts = np.histogram(relative, EDGES)[0]
    shown = cells({str(number): int(n) for number, n in enumerate(counts)})
    low, high = np.quantile(relative, [0.05, 0.95])
    effect = float(len(weights) * (weights**2).sum() / weights.sum() ** 2)
    bars = zip(EDGES, EDGES[1:], shown.values(), strict=False)
    return Weights(tuple(bars), effect, float(low), float(high))


def districts_of(subject: Subject, names: Names) -> list[tuple[str, Cell, int | None]]:
    """Respondents of each district beside its register pupils; those from elsewhere and unknown last."""
    wave = subject.responses.wave
    if wave.area.kind == "none":
        return []
    found = subject.responses.frame["area"].value_counts()
    codes = [*sorted(names.districts or set(found.index) - {ELSEWHERE}), ELSEWHERE]
    untold = {row.name for row in response_by(subject, "area") if not row.answered.told} & set(codes)
    shown = cells({code: int(found.get(code, 0)) for code in codes}, hide=untold)
    return [(names.districts.get(code, (code, None))[0], cell, names.districts.get(code, ("", None))[1])
            for code, cell in shown.items()]  # fmt: skip


def unknown_groups(subject: Subject) -> dict[str, Cell]:
    """How many gave no level of each group."""
    frame = subject.responses.frame
    missing = {
        name: int((frame[name] == UNKNOWN).sum()) for name in subject.responses.wave.groups if name in frame
    }
    return {name: cells({"unknown": n, "known": len(frame) - n})["unknown"] for name, n in missing.items()}
