"""The survey beside social services' cases."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.disclosure.protected import Figure, Status
from mapping.publish.blocks import Block, bullets, cell, column, paragraph, pictures, section, table
from mapping.publish.view import View

__all__ = ["case_extracts", "cases_by_year"]

ELSEWHERE = ("K04", "K08", "K09", "K10")  # told in other chapters
UNION = ("K01", "K02", "K01+K02", "K01orK02")
TOGETHER = "together"  # all sources that share keys, each person once
KEPT = (0, 1, 2, 4)  # the columns of the table where no rate can be made


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


def _counted(view: View) -> list[Figure]:
    """The figures of this chapter: what is counted itself, not its parts; removals have a chapter of their own."""
    wanted = (
        id_ for id_ in view.cases if id_ not in ELSEWHERE and not view.context.indicators[id_].category_of
    )
    return [figure for id_ in wanted if (figure := view.figure(id_)) is not None]


def _shows(view: View, id_: str) -> str:
    unit = view.context.indicators[id_].unit
    return view.texts(f"cases.{ {'person': 'persons', 'child': 'children'}.get(unit, 'cases') }")


def _rate(view: View, id_: str) -> Block:
    """The printed count per 10,000 of the population of its age, where that is known."""
    found, texts = view.context.case_facts.rates.get(id_), view.texts
    if found is None:
        return cell(texts("word.not_applicable"))
    rate, low, high = (texts.number(value, 1) for value in found)
    return cell(rate, f"{low}–{high}")


def _table(view: View, figures: list[Figure], period: str) -> Block:
    """The survey's leading measures, then each count with its rate."""
    texts, source, none = view.texts, view.texts("cases.from_survey"), cell(view.texts("word.not_applicable"))
    rows = [
        [cell(view.name(id_)), cell(source), view.cell(view.figure(id_)), none, cell(texts("cases.per_cent"))]
        for id_ in (id_ for _, id_ in view.leading)
    ]
    rows += [
        [
            cell(view.name(f.indicator)),
            cell(texts("cases.from_services")),
            view.cell(f),
            _rate(view, f.indicator),
            cell(_shows(view, f.indicator)),
        ]
        for f in figures
    ]
    columns = [
        column(texts("forms.indicator"), width="wide"),
        column(texts("cases.source")),
        column(texts("cases.value"), "figure"),
        column(texts("cases.per_people"), "figure"),
        column(texts("cases.shows")),
    ]
    if not view.context.case_facts.rates:
        columns, rows = [columns[n] for n in KEPT], [[row[n] for n in KEPT] for row in rows]
        return table(texts("cases.caption", wave=view.context.wave.id, period=period), columns, rows)
    note = texts("cases.rates_note", ages=texts("cases.rates_ages"))
    return table(texts("cases.caption", wave=view.context.wave.id, period=period), columns, rows, note)


def _sources(view: View) -> Iterator[str]:
    """What other sources know, and between which bounds the number of persons lies."""
    texts, cases = view.texts, view.context.wave.cases
    own = view.figure("K03")
    if cases is None or own is None or not (cases.sources or cases.aggregates):
        return
    named = {s.id: s.name.get(view.language, s.id) for s in cases.sources}
    named |= {a.id: a.name.get(view.language, a.id) for a in cases.aggregates}
    figures = {id_: figure for id_ in named if (figure := view.figure("K03", id_)) is not None}
    counts = {id_: figure.count if figure.status is Status.SHOWN else None for id_, figure in figures.items()}
    for id_, n in counts.items():
        hidden = texts("cases.source_withheld", source=_lower(named[id_]))
        yield hidden if n is None else texts("cases.source_knows", source=named[id_], count=n)
    linked = [source.id for source in cases.sources if source.shared_keys and source.id in counts]
    together = view.figure("K03", TOGETHER) if linked else own
    if together is None or together.count is None or together.status is not Status.SHOWN:
        return
    if linked:
        names = texts.listing([texts("cases.services"), *(_lower(named[id_]) for id_ in linked)])
        yield texts("cases.one_number", sources=names, count=together.count)
    apart = [n for id_, n in counts.items() if id_ not in linked]
    shown = [n for n in apart if n is not None]
    if apart and len(shown) == len(apart):
        low, high = max(together.count, *shown), together.count + sum(shown)
        yield texts("cases.bounds", low=low, high=high)


def _lower(name: str) -> str:
    """A name within a sentence; an abbreviation keeps its capitals."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _compared(view: View) -> Iterator[str]:
    """How the last year lies to the first since the last break: no word on causes."""
    for id_, found in view.context.case_facts.compared.items():
        key = {"higher": "higher", "lower": "lower"}.get(found.direction, "unclear")
        yield view.texts(
            f"cases.segment_{key}",
            name=view.context.finding(id_, view.language),
            first=str(found.first),
            last=str(found.last),
            count_first=found.count_first,
            count_last=found.count_last,
        )


def case_extracts(view: View) -> Block:
    """The survey beside the cases of social services: two sources that measure different things."""
    texts, period, cases = view.texts, _period(view), view.context.wave.cases
    figures = _counted(view)
    if not figures:
        return section("cases", texts("cases.heading"), [paragraph(texts("cases.no_extract"))])
    known = cases.how_known.get(view.language, "") if cases is not None else ""
    drawn = "cases/overlap" in view.pictures
    said = [f for f in figures if not (drawn and f.indicator in UNION)]
    return section(
        "cases",
        texts("cases.heading"),
        [
            paragraph(texts("cases.intro")),
            pictures([view.pictures.get("cases/overlap")]),
            bullets([*(_case_sentence(view, figure, period) for figure in said), *_sources(view)]),
            _table(view, figures, period),
            paragraph(
                " ".join(
                    [texts("cases.detection"), *([texts("cases.how_known", text=known)] if known else [])]
                )
            ),
        ],
    )


def cases_by_year(view: View, letter: str) -> Iterator[Block]:
    """For the annex named by `letter`: cases year by year, with breaks and gaps; nothing where no series is drawn."""
    drawn = view.pictures.get("cases/series")
    if drawn is not None:
        told = [pictures([drawn]), bullets(_compared(view))]
        yield section("cases-series", view.texts("section.cases_series", letter=letter), told, new_page=True)
