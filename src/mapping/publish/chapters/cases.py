"""The survey beside social services' cases."""

from __future__ import annotations

from mapping.disclosure.protected import Figure, Status
from mapping.publish.blocks import Block, bullets, cell, column, paragraph, section, table
from mapping.publish.view import View

__all__ = ["case_extracts"]


def _period(view: View) -> str:
    """When the cases came to be known: ``under 2025``."""
    texts, cases = view.texts, view.context.wave.cases
    if cases is None:
        return texts("cases.year", year=view.context.wave.id)
    first, last = cases.period
    if first[:4] == last[:4] and first[5:] == "01-01" and last[5:] == "12-31":
        return texts("cases.year", year=first[:4])
    return texts("cases.between", first=texts.date(first), last=texts.date(last))


def _case_sentence(view: View, figure: Figure, period: str) -> str:
    texts = view.texts
    name = view.context.finding(figure.indicator, view.language)
    if figure.status is Status.SHOWN and figure.count is not None:
        return texts("cases.count", count=figure.count, name=name, period=period)
    key = "none_known" if figure.status is Status.NONE_KNOWN else "withheld"
    return texts(f"cases.{key}", name=name, period=period)


def case_extracts(view: View) -> Block:
    """The survey beside the cases of social services: two sources that measure different things."""
    texts, period = view.texts, _period(view)
    figures = [figure for id_ in view.cases if (figure := view.figure(id_)) is not None]
    if not figures:
        return section("cases", texts("cases.heading"), [paragraph(texts("cases.no_extract"))])
    survey, source = [id_ for _, id_ in view.leading], texts("cases.from_survey")
    rows = [
        [
            cell(view.name(id_)),
            cell(source),
            view.cell(view.figure(id_)),
            cell(texts("cases.per_cent")),
        ]
        for id_ in survey
    ]
    rows += [
        [
            cell(view.name(f.indicator)),
            cell(texts("cases.from_services")),
            view.cell(f),
            cell(texts("cases.cases")),
        ]
        for f in figures
    ]
    return section(
        "cases",
        texts("cases.heading"),
        [
            paragraph(texts("cases.intro")),
            bullets(_case_sentence(view, figure, period) for figure in figures),
            table(
                texts("cases.caption", wave=view.context.wave.id, period=period),
                [
                    column(texts("forms.indicator"), width="wide"),
                    column(texts("cases.source")),
                    column(texts("cases.value"), "figure"),
                    column(texts("cases.shows")),
                ],
                rows,
            ),
            paragraph(texts("cases.detection")),
        ],
    )
