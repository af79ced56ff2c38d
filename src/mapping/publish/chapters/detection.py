"""Whom services reach: persons known beside the survey's estimate, divided only where both mean the same."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mapping.disclosure.protected import Figure, Status
from mapping.errors import EstimationError
from mapping.estimate.cases.detection import Estimated, Ratio, comparable, detection_ratio, scopes
from mapping.publish import sentences
from mapping.publish.blocks import Block, bullets, cell, column, heading, paragraph, section, table
from mapping.publish.chapters.removal import case_period, known, removal_cases
from mapping.publish.view import View

__all__ = ["detection", "has_detection", "reach"]

KNOWN, OF_AGE = "K03", "K03.survey_ages"
EXPOSED = ("S17", "S16", "S15", "S18")  # from the narrowest definition to the widest
TOLD = "S29"
# whom services reach: each part of those known, and the group of the survey beside it
PARTS = {"woman": "girl", "man": "boy", "child": "", "adult": "", "disability": "disability", "hbtq": "hbtq"}


def has_detection(view: View) -> bool:
    """Whether there is anything to hold against each other: persons known, or pupils who told someone."""
    return any(view.figure(id_) is not None for id_ in (KNOWN, OF_AGE, TOLD))


def _shown(figure: Figure | None) -> Figure | None:
    return figure if figure is not None and figure.status is Status.SHOWN else None


def _exposed(view: View, figure: Figure | None) -> Estimated | None:
    """How many pupils a printed share stands for, of the pupils that the report says are registered; of pooled waves
    all of them together."""
    if figure is None or figure.share is None or figure.low is None or figure.high is None:
        return None
    registered = [view.release.response.get(w, {}).get("registered", 0) for w in figure.wave.split("+")]
    if not all(registered):
        return None
    return Estimated.from_share(figure.share / 100, figure.low / 100, figure.high / 100, sum(registered))


def _refusals(view: View, wave: str) -> tuple[str, ...]:
    """What differs between services and survey in a wave, or in any of those pooled."""
    waves = [one for one in view.context.waves if one.id in wave.split("+")]
    return tuple(dict.fromkeys(reason for one in waves for reason in comparable(*scopes(one))))


def _ratio(view: View) -> Ratio | None:
    """The ratio of printed figures of the same years, where both mean the same and each is shown."""
    said = view.context.wave.detection
    figure = _shown(view.figure(said.indicator)) if said is not None else None
    if figure is None or _refusals(view, figure.wave):
        return None
    wanted = {"indicator": OF_AGE, "wave": figure.wave, "level": "municipality", "group": "all"}
    known, exposed = _shown(view.release.one(**wanted)), _exposed(view, figure)
    if known is None or known.count is None or exposed is None:
        return None
    try:
        found = detection_ratio(known.count, exposed)
    except EstimationError:
        return None
    return found if found.usable else None


def _reasons(view: View) -> list[str]:
    """Why there is no ratio, in words."""
    reasons = _refusals(view, view.context.wave.id)
    if not reasons:
        return [view.texts("detection.too_few")]
    return [view.texts(f"detection.differs_{reason}") for reason in reasons]


def _parts(view: View) -> Iterator[str]:
    """Both figures, side by side: persons known, and pupils exposed."""
    texts = view.texts
    for id_ in (OF_AGE, KNOWN):
        figure = view.figure(id_)
        if (shown := _shown(figure)) is not None and shown.count is not None:
            name, period = view.context.finding(id_, view.language), case_period(view, shown.wave)
            yield texts("cases.count", count=shown.count, name=name, period=period)
        elif figure is not None and figure.status is Status.WITHHELD:
            name = view.context.finding(id_, view.language)
            yield texts("cases.withheld", name=name, period=case_period(view))
    for id_ in EXPOSED:
        if (shown := _shown(view.figure(id_))) is not None:
            yield texts(
                "removal.survey",
                share=sentences.value(shown, texts),
                interval=sentences.interval(shown, texts),
                finding=view.context.finding(id_, view.language),
            )
            return


def _told(view: View) -> str:
    """How many of those exposed told somebody, and social services."""
    texts = view.texts
    ids = (TOLD, f"{TOLD}.social_services", f"{TOLD}.none")
    figures = [(id_, shown) for id_ in ids if (shown := _shown(view.figure(id_))) is not None]
    return " ".join(
        texts(
            "detection.told",
            share=sentences.value(shown, texts),
            interval=sentences.interval(shown, texts),
            finding=view.context.finding(id_, view.language),
        )
        for id_, shown in figures
    )


def detection(view: View) -> Block:
    """Whether services reach those who live with this: a ratio, or why there is none and what stands side by side."""
    texts, ratio = view.texts, _ratio(view)
    blocks: list[Block] = [paragraph(texts("detection.intro"))]
    if ratio is not None:
        _, low, high = ratio.exposed_per_known
        named = {"low": texts.number(math.floor(low)), "high": texts.number(math.ceil(high))}
        blocks += [paragraph(texts("detection.ratio", **named), "strong"), bullets(_parts(view))]
    else:
        said = " ".join([texts("detection.no_ratio"), *_reasons(view)])
        blocks += [bullets(_parts(view)), paragraph(said)]
    return section(
        "detection",
        texts("detection.heading"),
        [
            *blocks,
            paragraph(_told(view)),
            paragraph(texts("removal.elsewhere", known=known(view))) if known(view) else {},
            paragraph(texts("detection.caution"), "note"),
        ],
    )


def _around(value: float, *, up: bool) -> int:
    """A number of pupils outward to two figures: nothing finer is known of it."""
    step = 10 ** max(math.floor(math.log10(value)) - 1, 0) if value >= 1 else 1
    return int((math.ceil if up else math.floor)(value / step) * step)


def _definitions(view: View) -> Block:
    """How many pupils each definition stands for: what is counted decides more than chance does."""
    texts, rows = view.texts, []
    for id_ in EXPOSED:
        figure = _shown(view.figure(id_))
        found = _exposed(view, figure)
        if found is None or figure is None:
            continue
        years = len(figure.wave.split("+"))  # of pooled waves the average year
        low, high = (
            _around(number / years, up=up) for number, up in ((found.low, False), (found.high, True))
        )
        pupils = texts("detection.between", low=texts.number(low), high=texts.number(high))
        rows.append([cell(view.name(id_)), view.cell(figure), cell(pupils)])
    return table(
        texts("detection.definitions_caption"),
        [
            column(texts("forms.indicator"), width="wide"),
            column(texts("detection.per_cent"), "figure"),
            column(texts("detection.pupils"), "right"),
        ],
        rows,
        texts("detection.definitions_note"),
    )


def _equity(view: View) -> Block:
    """Whom services know, part by part, and how common it is in that part of the survey."""
    texts, rows = view.texts, []
    leading = next((id_ for id_ in EXPOSED if _shown(view.figure(id_)) is not None), "")
    for part, group in PARTS.items():
        known = view.figure(f"{KNOWN}.{part}")
        if known is None:
            continue
        beside = view.figure(leading, group) if leading and group else None
        rows.append([cell(texts(f"detection.part_{part}")), view.cell(known), view.cell(beside)])
    name = view.name(leading) if leading else texts("word.not_applicable")
    return table(
        texts("detection.equity_caption", period=case_period(view)),
        [
            column(texts("detection.part"), width="wide"),
            column(texts("detection.known"), "right"),
            column(texts("detection.exposed", name=name), "figure"),
        ],
        rows,
        texts("detection.equity_note"),
    )


def _receiver(view: View, id_: str) -> str:
    """Who was told, without the indicator's own name before it."""
    name = view.name(id_).removeprefix(f"{view.name(TOLD)}: ")
    return f"{name[:1].upper()}{name[1:]}"


def _receivers(view: View) -> Block:
    """Whom exposed pupils told."""
    texts = view.texts
    ids = [id_ for id_ in view.context.indicators if id_.startswith(f"{TOLD}.")]
    figures = [(id_, figure) for id_ in ids if (figure := view.figure(id_)) is not None]
    rows = [[cell(_receiver(view, id_)), view.cell(figure)] for id_, figure in figures]
    return table(
        texts("detection.receivers_caption"),
        [column(texts("detection.receiver"), width="wide"), column(texts("detection.share"), "figure")],
        rows,
        texts("detection.receivers_note"),
    )


def reach(view: View, letter: str) -> Iterator[Block]:
    """For the annex named by `letter`: whom services know, whom pupils told, what hangs on the definition, and removal
    abroad as a flow. Nothing where none of it is published."""
    tables = {"equity": _equity(view), "help": _receivers(view), "definitions": _definitions(view)}
    if not has_detection(view):
        tables.pop("definitions")  # known persons are what the definitions are held against
    found = [(heading(view.texts(f"detection.{name}")), made) for name, made in tables.items() if made]
    if found:
        blocks = [block for pair in found for block in pair]
        yield section("reach", view.texts("section.reach", letter=letter), blocks, new_page=True)
    if view.figure("K08") is not None:
        yield removal_cases(view)
