"""Removal abroad as services see it: a flow between states, how soon each step was taken, and the survey beside it."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.disclosure.protected import Figure, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, bullets, cell, column, paragraph, pictures, section, table
from mapping.publish.view import View

__all__ = ["case_period", "has_flow", "known", "removal_cases"]

TOTAL, FOLLOW_UP, BAN = "K08", "K09", "K10"
STEPS = ("report", "school", "services", "police", "insurance", "ministry", "ban")
CLASSES = ("week", "later", "not")
SURVEY = ("S22.threatened", "S22.taken", "S22.returned")


def case_period(view: View, wave: str = "") -> str:
    """When the cases of a wave, or of pooled ones, came to be known: ``under 2025``, ``under 2023 och 2025``."""
    texts, names = view.texts, (wave or view.context.wave.id).split("+")
    waves = [one for one in view.context.waves if one.id in names and one.cases is not None]
    periods = [one.cases.period for one in waves if one.cases is not None]
    if not periods:
        return texts("cases.year", year=texts.listing(names))
    if all(first == f"{last[:4]}-01-01" and last[5:] == "12-31" for first, last in periods):
        return texts("cases.year", year=texts.listing([first[:4] for first, _ in periods]))
    return texts("cases.between", first=texts.date(periods[0][0]), last=texts.date(periods[-1][1]))


def has_flow(view: View) -> bool:
    """Whether a flow chart can be drawn; else the chapter tells why there is none."""
    return "removal/flow" in view.pictures


def _count(figure: Figure | None) -> int | None:
    return figure.count if figure is not None and figure.status is Status.SHOWN else None


def known(view: View) -> str:
    """How many persons services learned of, or that it is not shown."""
    texts, figure = view.texts, view.figure(TOTAL)
    if figure is None:
        return ""
    period = case_period(view, figure.wave)
    if (count := _count(figure)) is not None:
        return texts("removal.known", count=count, period=period)
    key = "none_known" if figure.status is Status.NONE_KNOWN else "withheld"
    return texts(f"removal.{key}", period=period)


def _soon(view: View, counts: dict[str, int | None]) -> str:
    """Where the median lies, from the printed counts; nothing where one of them is not shown."""
    if any(count is None for count in counts.values()):
        return view.texts("word.not_applicable")
    total = sum(count or 0 for count in counts.values())
    below = 0
    for name, count in counts.items():
        below += count or 0
        if total and 2 * below >= total:
            return view.texts(f"removal.median_{name}")
    return view.texts("word.not_applicable")


def _steps(view: View) -> Block:
    """How soon after the first day away each step was taken, in the order of the routine."""
    texts, rows, told = view.texts, [], False
    for step in STEPS:
        figures = {name: view.figure(f"{TOTAL}.{step}_{name}") for name in CLASSES}
        if all(figure is None for figure in figures.values()):
            continue
        counts = {
            name: 0 if figure is not None and figure.status is Status.NONE_KNOWN else _count(figure)
            for name, figure in figures.items()
        }
        cells = [view.cell(figure) for figure in figures.values()]
        rows.append([cell(texts(f"removal.step_{step}")), *cells, cell(_soon(view, counts))])
        told |= any(counts.values())
    if rows and not told:
        return paragraph(texts("removal.steps_withheld"))
    columns = [
        column(texts("removal.step"), width="wide"),
        *(column(texts(f"removal.class_{name}"), "right") for name in CLASSES),
        column(texts("removal.median")),
    ]
    if all(row[-1]["text"] == texts("word.not_applicable") for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return table(texts("removal.steps_caption"), columns, rows, texts("removal.steps_note"))


def _survey(view: View) -> Iterator[str]:
    """What pupils themselves say: at least so many, for those still abroad cannot answer."""
    texts = view.texts
    figures = [(id_, figure) for id_ in ("S22", *SURVEY) if (figure := view.figure(id_)) is not None]
    for id_, figure in figures:
        if figure.status is Status.SHOWN:
            finding = view.context.finding(id_, view.language)
            share = sentences.value(figure, texts)
            yield texts(
                "removal.survey", share=share, interval=sentences.interval(figure, texts), finding=finding
            )
    if figures:
        yield texts("removal.lower_bound")


def _others(view: View) -> Iterator[str]:
    """Pupils to be followed up, who are no measure of removal; travel bans."""
    for id_ in (FOLLOW_UP, f"{BAN}.applied", f"{BAN}.decided"):
        figure = view.figure(id_)
        if figure is None:
            continue
        key = id_.replace(".", "_")
        if (count := _count(figure)) is not None:
            yield view.texts(f"removal.{key}", count=count)
        elif figure.status is Status.WITHHELD:
            yield view.texts("removal.other_withheld", name=view.name(id_))
    yield view.texts("removal.follow_up")


def removal_cases(view: View) -> Block:
    """What services know of removal abroad, and what the survey says beside it."""
    texts, drawn = view.texts, has_flow(view)
    return section(
        "removal-cases",
        texts("removal.heading"),
        [
            paragraph(known(view)),
            paragraph(texts("removal.intro")),
            pictures([view.pictures.get("removal/flow")]),
            {} if drawn else paragraph(texts("removal.flow_withheld")),
            _steps(view),
            bullets([*_survey(view), *_others(view)]),
        ],
    )
