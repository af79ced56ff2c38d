"""Control, forced marriage, removal abroad: for each measure what is known, where, and how surely."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.disclosure.protected import Figure, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, bullets, group, heading, paragraph, pictures, section
from mapping.publish.map_places import Subject
from mapping.publish.view import View

__all__ = ["themes"]


def _known(view: View, indicator: str) -> Iterator[str]:
    """What is known of the whole municipality, and of girls and boys."""
    texts, figure = view.texts, view.figure(indicator)
    if figure is None:
        return
    if figure.status is Status.SHOWN:  # else the name is the heading
        yield f"{view.name(indicator)}."
    yield sentences.share(figure, texts)
    if "+" in figure.wave:
        yield texts("population.pooled_sentence", waves=sentences.wave_name(figure.wave, texts))
    yield sentences.sexes(view.figure(indicator, "girl"), view.figure(indicator, "boy"), texts)


def _title(view: View, indicator: str) -> str:
    """The finding, or where there is none the measure's name."""
    figure = view.figure(indicator)
    if figure is None or figure.status is not Status.SHOWN:
        return view.name(indicator)
    share, _ = sentences.key_figure(figure, view.texts)
    return view.texts("theme.title", share=share, finding=view.context.finding(indicator, view.language))


def _pair(view: View, subject: Subject, level: str) -> Iterator[Block]:
    """The two maps side by side and what they say in words."""
    texts, id_ = view.texts, subject.indicator.id
    maps = [view.pictures.get(f"{id_}/{kind}") for kind in ("estimate", "exceedance")]
    figures = subject.figures(view.release, level)
    names = view.context.place_names(level, id_, view.language)
    models = view.models(subject, level)
    said = sentences.places(models, figures, names, level, texts) or _counted(view, figures, level)
    years = sentences.wave_name(subject.wave, texts)
    labels = [texts("theme.map_estimate", waves=years), texts("theme.map_exceedance")]
    yield pictures(maps, said, titles=labels) or bullets(said)


def _counted(view: View, figures: tuple[Figure, ...], level: str) -> list[str]:
    withheld = sum(figure.status is Status.WITHHELD for figure in figures)
    key = f"place.withheld.{level}"
    return [view.texts(key, count=withheld, spelled=view.texts.spelled(withheld))] if withheld else []


def _measure(view: View, indicator: str) -> Iterator[Block]:
    yield heading(_title(view, indicator))
    yield paragraph(" ".join(sentence for sentence in _known(view, indicator) if sentence))
    found, figure = view.subject(indicator), view.figure(indicator)
    if found is not None:
        yield from _pair(view, *found)
    elif figure is not None and figure.status is Status.SHOWN and view.context.districts is not None:
        yield paragraph(view.texts("place.all_withheld" if view.has_places(indicator) else "place.no_map"))


def themes(view: View) -> Iterator[Block]:
    """One chapter for each theme; one with maps begins a page."""
    for theme in view.themes:
        blocks = [paragraph(view.texts(f"theme.{theme}"))]
        for number, indicators in enumerate(view.ladders(theme).values(), 1):
            key = view.pictures.get(f"{theme}/key/{number}")
            note = view.texts("theme.targets") if view.release.model and number == 1 else ""
            first, *others = ([*_measure(view, id_)] for id_ in indicators)
            blocks += [group([pictures([key], note=note), *first]), *map(group, others)]
        title = view.texts(f"section.{theme}" if view.of_honour else "section.maps")
        mapped = any(name.startswith(f"{theme}/key/") for name in view.pictures)
        yield section(theme, title, blocks, new_page=mapped)
