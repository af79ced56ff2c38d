"""The content of a report as plain data: the same for PDF and HTML, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mapping.disclosure.protected import ProtectedRelease, require_sealed
from mapping.publish.chapters.annex import definitions, figures
from mapping.publish.chapters.cases import case_extracts, cases_by_year
from mapping.publish.chapters.changes import changes
from mapping.publish.chapters.closing import colophon, help_page, limits, privacy
from mapping.publish.chapters.county import county_together
from mapping.publish.chapters.detection import detection, has_detection, reach
from mapping.publish.chapters.forms import forms
from mapping.publish.chapters.plan import plan_follow_up
from mapping.publish.chapters.plan_annex import plan_in_detail
from mapping.publish.chapters.summary import lead, summary
from mapping.publish.chapters.themes import themes
from mapping.publish.context import Context
from mapping.publish.picture import Picture
from mapping.publish.view import View
from mapping.texts import load

__all__ = ["content"]


def content(
    release: ProtectedRelease,
    context: Context,
    language: str,
    pictures: Mapping[str, Picture] | None = None,
    *,
    audited: bool = False,
) -> dict[str, Any]:
    """Everything a report says, in order.

    Parameters
    ----------
    release : ProtectedRelease
        The figures.
    context : Context
        Who publishes, what was asked, what places are called.
    language : {"sv", "en"}
        The report's language.
    pictures : mapping of Picture, optional
        By slot: "forms", "change", "<indicator>/estimate", "<indicator>/exceedance". A slot that is missing is
        left out.
    audited : bool
        Whether the report is put in place only if an audit of the written files finds nothing; it then says so.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    texts = load(language)
    view = View(require_sealed(release), context, texts, pictures or {}, audited)
    title = texts("title.report" if view.of_honour else "title.report_other")
    names = {"municipality": context.municipality.name, "wave": context.wave.id}
    chapters = [summary(view), forms(view), *themes(view), changes(view)]
    if view.cases or view.of_honour:
        chapters.append(case_extracts(view))
    chapters += [detection(view)] if has_detection(view) else []
    annexes = [definitions(view), figures(view)]
    annexes += cases_by_year(view, _letter(annexes))
    annexes += reach(view, _letter(annexes))
    if context.plan is not None and (context.plan.goals or context.plan.activities):
        chapters.append(plan_follow_up(view, context.plan))
        annexes.append(plan_in_detail(view, context.plan, _letter(annexes)))
    if context.county is not None:
        annexes.append(county_together(view, context.county, _letter(annexes)))
    chapters.append(limits(view))
    annexes.append(colophon(view))
    closing = [help_page(view), privacy(view)]
    return {
        "language": language,
        "title": title,
        "subtitle": texts("title.subtitle", **names),
        "document_title": f"{title}. {texts('title.subtitle', **names)}",
        "description": texts("title.description"),
        "survey": texts("title.survey_only", survey=context.wave.survey),
        "publisher": context.municipality.publisher,
        "date": context.date,
        "date_text": texts.date(context.date),
        "synthetic": texts("word.synthetic") if release.synthetic else "",
        "lead": lead(view),
        "words": {
            "page": texts("word.page", page="{page}", pages="{pages}"),
            "skip": texts("word.skip"),
            "contents": texts("word.contents"),
            "accessibility": texts("accessibility.link"),
        },
        "sections": chapters,
        "closing": closing,
        "annexes": annexes,
    }


def _letter(annexes: Sequence[Mapping[str, Any]]) -> str:
    """The letter of the next annex; removal abroad belongs to the one before it."""
    return "ABCDEFG"[sum(annex["id"] != "removal-cases" for annex in annexes)]
