"""Control, forced marriage, removal abroad: for each measure what is known, where, and how surely."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.disclosure.protected import Figure, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, bullets, heading, paragraph, pictures, section
from mapping.publish.map_places import Subject
from mapping.publish.view import View

__all__ = ["themes"]


def _known(view: View, indicator: str) -> Iterator[str]:
    """What is known of the whole municipality, girls and boys, and those who did not know."""
    texts, figure = view.texts, view.figure(indicator)
    if figure is None:
        return
    yield sentences.share(figure, texts)
    if "+" in figure.wave:
        yield texts("population.pooled_sentence", waves=sentences.wave_name(figure.wave, texts))
    yield sentences.sexes(view.figure(indicator, "girl"), view.figure(indicator, "boy"), texts)
    yield sentences.unsure(figure, texts)


def _pair(view: View, subject: Subject, level: str) -> Iterator[Block]:
    """The two maps side by side and what they say in words."""
    texts, id_ = view.texts, subject.indicator.id
    maps = [view.pictures.get(f"{id_}/{kind}") for kind in ("estimate", "exceedance")]
    figures = subject.figures(view.release, level)
    names = view.context.place_names(level, id_)
    models = view.models(subject, level)
    yield pictures(maps, note=_targets(view, subject, level, with_model=bool(models)))
    yield bullets(sentences.places(models, figures, names, level, texts) or _counted(view, figures, level))


def _counted(view: View, figures: tuple[Figure, ...], level: str) -> list[str]:
    withheld = sum(figure.status is Status.WITHHELD for figure in figures)
    key = f"place.withheld.{level}"
    return [view.texts(key, count=withheld, spelled=view.texts.spelled(withheld))] if withheld else []


def _targets(view: View, subject: Subject, level: str, *, with_model: bool) -> str:
    texts = view.texts
    population = view.context.population(texts)
    years = sentences.wave_name(subject.wave, texts)
    said = [texts(f"theme.left.{level}", population=f"{population}, {years}")]
    return " ".join([*said, texts("theme.right"), texts("place.model")] if with_model else said)


def _measure(view: View, indicator: str) -> Iterator[Block]:
    yield heading(view.name(indicator))
    yield paragraph(" ".join(sentence for sentence in _known(view, indicator) if sentence))
    found = view.subject(indicator)
    if found is not None:
        yield from _pair(view, *found)
    elif view.has_places(indicator):
        yield paragraph(view.texts("place.all_withheld"))
    elif view.context.districts is not None:
        yield paragraph(view.texts("place.no_map"))


def themes(view: View) -> Iterator[Block]:
    """One chapter for each theme; the first begins a page."""
    for number, (theme, indicators) in enumerate(view.themes.items()):
        blocks = [paragraph(view.texts(f"theme.{theme}"))]
        for id_ in indicators:
            blocks += _measure(view, id_)
        yield section(theme, view.texts(f"section.{theme}"), blocks, new_page=number == 0)
