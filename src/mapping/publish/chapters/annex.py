"""The annexes: how everything is measured, and every figure, place by place in alphabetical order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mapping.publish import sentences
from mapping.publish.blocks import Block, cell, column, heading, paragraph, pictures, section, table
from mapping.publish.chapters.closing import uncertainty
from mapping.publish.context import in_language
from mapping.publish.view import View

__all__ = ["definitions", "figures"]

_ACROSS = 4  # measures side by side in a table of places


def definitions(view: View) -> Block:
    """What counts as a yes, over what time, and what to bear in mind."""
    texts = view.texts
    rows = []
    for id_ in (*view.survey, *view.cases):
        entry = view.context.indicators[id_]
        if entry.side == "case" and entry.category_of:
            continue  # a part of a count is told by its name
        said = [in_language(t, view.language) for t in (entry.definition, entry.period, entry.caveat)]
        rows.append([cell(view.name(id_)), *(cell(text, lang=lang if text else "") for text, lang in said)])
    uncertain = uncertainty(view)
    return section(
        "definitions",
        texts("section.definitions"),
        [
            table(
                texts("definitions.caption"),
                [
                    column(texts("definitions.indicator"), width="name"),
                    column(texts("definitions.measured"), width="wide"),
                    column(texts("definitions.period")),
                    column(texts("definitions.caveat"), width="wide"),
                ],
                rows,
                dense=True,
            ),
            heading(uncertain["heading"]),
            *uncertain["blocks"],
        ],
        new_page=True,
    )


def _municipal(view: View) -> Block:
    """Every measure for the whole municipality, girls and boys apart, with its base."""
    texts, rows = view.texts, []
    groups = ("girl", "boy", "all") if view.has_sexes else ("all",)
    nothing = texts("word.not_applicable")
    for id_ in view.survey:
        whole = view.figure(id_)
        if whole is not None:
            unsure = nothing if whole.unsure is None else texts.number(whole.unsure)
            shares = [view.cell(view.figure(id_, group)) for group in groups]
            rows.append([cell(view.name(id_)), *shares, cell(whole.base or nothing), cell(unsure)])
    return table(
        texts("figures.municipal_caption", municipality=view.context.municipality.name),
        [
            column(texts("forms.indicator"), width="wide"),
            *(column(texts(f"group.{group}"), "figure") for group in groups),
            column(texts("forms.base"), "right"),
            column(texts("figures.unsure"), "right"),
        ],
        rows,
        dense=True,
    )


def _tables(view: View, level: str) -> Iterator[Block]:
    """For each division of the municipality: which place is which, then tables with up to four measures each."""
    divisions = view.divisions(level)
    for number, ids in enumerate(divisions, 1):
        caption, title = view.texts(f"figures.caption.{level}"), view.texts(f"figures.names.{level}")
        if len(divisions) > 1:
            caption, title = (
                view.texts("figures.division", caption=c, number=number) for c in (caption, title)
            )
        yield pictures([view.pictures.get(f"{level}/names/{number}")], titles=[title])
        parts = [ids[start : start + _ACROSS] for start in range(0, len(ids), _ACROSS)]
        for part, indicators in enumerate(parts, 1):
            told = view.texts("figures.part", caption=caption, part=part, parts=len(parts))
            yield _place_table(view, level, indicators, told if len(parts) > 1 else caption)


def _place_table(view: View, level: str, indicators: Sequence[str], caption: str) -> Block:
    texts = view.texts
    names = {id_: view.context.place_names(level, id_, view.language) for id_ in indicators}
    found = {
        id_: {names[id_].get(code, code): figure for code, figure in view.place_figures(id_, level).items()}
        for id_ in indicators
    }
    waves = {id_: next(iter(figures.values())).wave for id_, figures in found.items()}
    return table(
        caption,
        [
            column(texts(f"level.{level}"), width="name"),
            *(column(_label(view, id_, waves[id_]), "figure", "even") for id_ in indicators),
        ],
        [
            [cell(name), *(view.cell(found[id_].get(name)) for id_ in indicators)]
            for name in sorted(names[indicators[0]].values(), key=texts.sort_key)
        ],
        dense=True,
    )


def _label(view: View, indicator: str, wave: str) -> str:
    name = view.name(indicator)
    return f"{name} ({sentences.wave_name(wave, view.texts)})" if "+" in wave else name


def figures(view: View) -> Block:
    """All figures of this wave that are shown, and where a figure is not shown, that it is not."""
    texts = view.texts
    blocks = [paragraph(f"{texts('figures.intro')} {texts('figures.more')}"), _municipal(view)]
    for level in ("area", "district"):
        made = list(_tables(view, level))
        if made:
            blocks += [heading(texts(f"figures.heading.{level}")), *made]
        if len(view.divisions(level)) > 1:
            blocks.append(paragraph(texts("figures.divisions"), "note"))
    return section("figures", texts("section.figures"), [*blocks, *_over_time(view)], new_page=True)


def _over_time(view: View) -> Iterator[Block]:
    """The maps of each measure in every wave, and where its share has moved since the wave before, if it has."""
    mapped = [id_ for ids in view.themes.values() for id_ in ids]
    shown = [picture for id_ in mapped if (picture := view.pictures.get(f"{id_}/waves")) is not None]
    if shown:
        yield heading(view.texts("figures.heading.waves"))
        yield paragraph(view.texts("figures.waves"))
        yield from (pictures([picture]) for picture in shown)
    moved = [
        (picture, f"{view.name(id_)}. {picture.title}")
        for id_ in mapped
        if (picture := view.pictures.get(f"{id_}/change")) is not None
    ]
    for start in range(0, len(moved), 2):
        beside = moved[start : start + 2]
        yield pictures([picture for picture, _ in beside], titles=[title for _, title in beside])
