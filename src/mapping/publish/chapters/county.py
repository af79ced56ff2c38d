"""The county: what its municipalities have published, together; never one beside another."""

from __future__ import annotations

from mapping.disclosure.protected import Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, cell, column, paragraph, section, table
from mapping.publish.county import County, Summed, cases_together, shares_together
from mapping.publish.view import View

__all__ = ["county_together"]


def _case_value(view: View, found: Summed) -> Block:
    """A sum of printed counts: at least so many where a municipality cannot report its own."""
    texts = view.texts
    if found.count is None:
        return cell(texts("status.withheld"))
    key = "county.at_least" if found.silent else "county.exactly"
    return cell(texts(key, count=found.count))


def _share_value(view: View, found: Summed) -> Block:
    if found.share is None or found.low is None or found.high is None:
        return cell(view.texts("status.withheld"))
    return cell(
        view.texts.number(round(found.share)), view.texts.interval(*sentences.outward(found.low, found.high))
    )


def county_together(view: View, county: County, letter: str) -> Block:
    """Figures of the county's municipalities together, and how many of them cannot report each."""
    texts, own = view.texts, view.context.municipality.code
    municipalities = 1 + len(county.neighbours)
    rows = []
    for id_ in (*view.survey, *view.cases):
        figure = view.figure(id_)
        if view.context.indicators[id_].category_of and id_ in view.cases:
            continue
        if figure is None or figure.status is Status.NOT_ASKED:
            continue
        others = [neighbour.figures.get(id_) for neighbour in county.neighbours]
        if figure.target == "cases":
            found = cases_together([figure, *others])
            value = _case_value(view, found)
        else:
            codes = [own, *(neighbour.code for neighbour in county.neighbours)]
            weights = [county.pupils.get(code, 0) for code in codes]
            found = shares_together(list(zip([figure, *others], weights, strict=True)))
            value = _share_value(view, found)
        told = texts("county.of", count=found.reported, of=municipalities)
        rows.append([cell(view.name(id_)), value, cell(told)])
    return section(
        "county",
        texts("section.county", letter=letter),
        [
            paragraph(texts("county.intro", county=county.name, count=municipalities)),
            table(
                texts("county.caption", county=county.name),
                [
                    column(texts("forms.indicator"), width="wide"),
                    column(texts("county.together"), "figure"),
                    column(texts("county.reporting"), "right"),
                ],
                rows,
                texts("county.note"),
                dense=True,
            ),
        ],
        new_page=True,
    )
