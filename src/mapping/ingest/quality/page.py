"""The quality report as one page of HTML, without scripts or anything from a network."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2

from mapping import texts
from mapping.concepts.responses import ELSEWHERE, UNKNOWN
from mapping.ingest.quality import tables
from mapping.ingest.quality.cells import Cell
from mapping.ingest.quality.drift import answers_moved, labels_moved, silence_moved
from mapping.ingest.quality.subject import Names, Subject

__all__ = ["quality_page"]

START = "weight_start"
SHOWN = 12  # rows of a table of drift before the rest is folded away


def quality_page(now: Subject, before: Subject | None, names: Names) -> bytes:
    """The report of a wave, beside the one before it if there is one.

    Parameters
    ----------
    now, before : Subject
        The wave and the one before it, as they were taken in.
    names : Names
        How things are called, in the language of the page.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    source = resources.files(__name__.rpartition(".")[0]).joinpath("page.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(_content(now, before, names)).encode()


def _content(now: Subject, before: Subject | None, names: Names) -> dict[str, Any]:
    t = texts.load(names.language)
    frame, response = now.responses.frame, now.responses.response
    return {
        "t": t,
        "names": names,
        "wave": now.responses.wave,
        "n": len(frame),
        "total": _total(now),
        "groups": {column: tables.response_by(now, column) for column in ("grade", "sex", "area")},
        "unknown": {name: cell for name, cell in tables.unknown_groups(now).items() if cell.few or cell.count},
        "schools": tables.schools_of(now),
        "items": tables.items_of(now, names),
        "unsure": tables.unsure_of(now, names),
        "weights": tables.weights_of(frame["weight"]),
        "before_weights": tables.weights_of(frame[START]) if START in frame else None,
        "method": now.responses.wave.columns.calibrate or "poststratify",
        "weighted": "frame" if START in frame else "given" if now.responses.wave.columns.weights else "none",
        "has_frame": len(response) > 0,
        "districts": tables.districts_of(now, names),
        "notes": now.notes,
        "intake": now.intake,
        "before": before.wave if before else None,
        "drift": _drift(now, before),
        "level": lambda name: _level(name, t, names),
        "shown": lambda cell: _shown(cell, t),
        "percent": lambda value, decimals=0: t.percent(value, decimals) if value is not None else t("quality.hidden"),
        "SHOWN": SHOWN,
    }  # fmt: skip


def _drift(now: Subject, before: Subject | None) -> Mapping[str, Any]:
    if before is None:
        return {}
    answers = sorted(answers_moved(before, now), key=lambda row: not row.marked)
    silence = sorted(silence_moved(before, now), key=lambda row: not row.marked)
    return {"answers": answers, "silence": silence, "labels": list(labels_moved(before, now))}


def _total(now: Subject) -> tuple[int, float] | None:
    """Pupils on the register and the share of them that answered."""
    table = now.responses.response
    if not len(table) or not (registered := int(table["registered"].sum())):
        return None
    return registered, 100 * len(now.responses.frame) / registered


def _level(name: str, t: texts.Texts, names: Names) -> str:
    """A level of a group in words."""
    if name == UNKNOWN:
        return t("quality.unknown")
    if name in (ELSEWHERE, "here"):
        return t(f"quality.{name}")
    if name in names.districts:
        return names.districts[name][0]
    return next((t(f"{kind}.{name}") for kind in ("grade", "group") if f"{kind}.{name}" in t), name)


def _shown(cell: Cell, t: texts.Texts) -> str:
    """A count in words of the page."""
    if cell.count is not None:
        return t.number(cell.count)
    return t("quality.few") if cell.few else t("quality.hidden")
