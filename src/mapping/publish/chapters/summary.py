"""The first page: what was found, how sure it is, who answered."""

from __future__ import annotations

from mapping.disclosure.protected import Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, cards, heading, paragraph, pictures, section
from mapping.publish.view import View

__all__ = ["lead", "summary"]


def lead(view: View) -> dict[str, str]:
    """The one headline and the sentence under it."""
    texts, context = view.texts, view.context
    figure = view.headline
    if figure is None:
        return {"text": texts("headline.nothing"), "detail": texts("headline.nothing_detail")}
    text, detail = sentences.headline(
        figure,
        context.population(texts),
        context.population(texts, definite=True),
        context.finding(figure.indicator, view.language),
        texts,
    )
    return {"text": text, "detail": detail}


def _most_report_none(view: View) -> str:
    """That most pupils report none, if the figures say so for every question."""
    figures = [figure for id_ in view.survey if (figure := view.figure(id_)) is not None]
    shown = [figure for figure in figures if figure.status is Status.SHOWN]
    highest = [figure.bounds[1] if figure.bounds else figure.high for figure in shown]
    return (
        view.texts("summary.most")
        if shown and all(high is not None and high < 50 for high in highest)
        else ""
    )


def _who_is_meant(view: View) -> str:
    """The key of the sentence that no group and no place is to blame."""
    return "summary.many_groups" if view.of_honour else "summary.no_trait"


def _card(view: View, theme: str, indicator: str) -> Block:
    texts, figure = view.texts, view.figure(indicator)
    label = view.name(indicator) if theme == "other" else texts(f"key.{theme}")
    card = {
        "label": label,
        "text": view.context.finding(indicator, view.language),
        "interval": "",
        "value": "",
    }
    if figure is None or figure.status in {Status.WITHHELD, Status.NOT_ASKED}:
        return card | {"value": sentences.value(figure, texts), "shown": False}
    if figure.status is Status.NONE_KNOWN:
        limit = texts.percent(figure.high or 0, figure.decimals)
        return card | {
            "value": texts("key.none"),
            "interval": texts("key.at_most", high=limit),
            "shown": True,
        }
    share, interval = sentences.key_figure(figure, texts)
    return card | {"value": share, "interval": texts("summary.likely", interval=interval), "shown": True}


def summary(view: View) -> Block:
    """Headline's page: most report none; three key figures; who answered; those who did not know."""
    texts, figure = view.texts, view.headline
    counts = view.release.response.get(view.context.wave.id, {})
    who = sentences.who_answered(counts, view.context.grade_words(texts), texts)
    unsure = sentences.unsure(figure, texts) if figure is not None else ""
    about = (
        texts("unsure.about", indicator=view.name(figure.indicator)) if figure is not None and unsure else ""
    )
    return section(
        "summary",
        texts("section.summary"),
        [
            pictures([view.pictures.get("dots")], titles=[texts("summary.dots")]),
            paragraph(
                " ".join(part for part in (_most_report_none(view), texts(_who_is_meant(view))) if part)
            ),
            cards(_card(view, theme, id_) for theme, id_ in view.leading),
            paragraph(sentences.target("pupils", view.population(), texts), "note"),
            *([heading(texts("summary.who_heading")), paragraph(who)] if who else []),
            *([heading(texts("summary.unsure_heading")), paragraph(f"{about} {unsure}")] if unsure else []),
            heading(texts("summary.read_heading")),
            paragraph(texts("summary.read")),
        ],
    )
