"""The pictures of a report: drawn once for the page, and once to stand alone with title and source."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.publish.charts import draw_change, draw_forms, draw_places
from mapping.publish.map_key import draw_key
from mapping.publish.map_names import draw_names
from mapping.publish.map_places import Kind, places_of
from mapping.publish.maps import draw_map
from mapping.publish.picture import Picture
from mapping.publish.picture_words import Wording
from mapping.publish.view import View

__all__ = ["draw"]

_PAIR_WIDTH, _ALONE_WIDTH = 5.4, 12.0  # centimetres


def _wording(view: View) -> Wording:
    texts, wave = view.texts, view.context.wave
    return Wording(
        population=view.context.population(texts),
        source=texts("title.source", survey=wave.survey, publisher=view.context.municipality.publisher),
    )


def _maps(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """The map pairs of all themes; the exceedance map where the public model says something."""
    release, districts, language, said = view.release, view.context.districts, view.language, _wording(view)
    for id_ in (id_ for ids in view.themes.values() for id_ in ids):
        found = view.subject(id_)
        if found is None or districts is None:
            continue
        subject, level = found
        entry, wave = subject.indicator, subject.wave
        kinds: tuple[Kind, ...] = ("estimate", "exceedance") if view.models(subject, level) else ("estimate",)
        for kind in kinds:
            yield f"{id_}/{kind}", draw_map(
                release, districts, entry, wave=wave, language=language, kind=kind, level=level, wording=said,
                heading=alone, legend=alone, width=_ALONE_WIDTH if alone else _PAIR_WIDTH,
            )  # fmt: skip
        if alone:
            yield (
                f"{id_}/places",
                draw_places(
                    release, districts, entry, wave=wave, language=language, level=level, wording=said
                ),
            )


def _keys(view: View) -> Iterator[tuple[str, Picture]]:
    """One key to the maps of each theme that share their classes."""
    districts, release = view.context.districts, view.release
    for theme in view.themes:
        for number, (limits, ids) in enumerate(view.ladders(theme).items(), 1):
            found = [made for id_ in ids if (made := view.subject(id_)) is not None]
            if not found or districts is None:
                continue
            places = (
                place
                for subject, level in found
                for place in places_of(release, districts, subject, level, "estimate", view.language)
            )
            name = theme if number == 1 else f"{theme}-{number}"
            yield (
                f"{theme}/key/{number}",
                draw_key(name, limits, {place.state for place in places}, view.texts),
            )


def _names(view: View) -> Iterator[tuple[str, Picture]]:
    """Which place is which, for each division of the municipality that the annex has tables of."""
    districts = view.context.districts
    if districts is None:
        return
    for level in ("area", "district"):
        for number, ids in enumerate(view.divisions(level), 1):
            sensitivity = view.context.indicators[ids[0]].sensitivity
            name = f"names-{level}-{number}-{view.language}"
            yield (
                f"{level}/names/{number}",
                draw_names(name, districts, level, sensitivity, view.texts, synthetic=view.release.synthetic),
            )


def _charts(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """Every form, girls and boys apart; and the leading measures over the waves."""
    release, language, said = view.release, view.language, _wording(view)
    entries = [view.context.indicators[id_] for id_ in view.asked]
    if entries:
        groups = ("girl", "boy") if view.has_sexes else ("all",)
        wave = view.context.wave.id
        yield (
            "forms",
            draw_forms(
                release, entries, wave=wave, language=language, groups=groups, wording=said, heading=alone
            ),
        )
    leading = [view.context.indicators[id_] for _, id_ in view.leading]
    if leading and len(view.waves) > 1:
        yield (
            "change",
            draw_change(
                release,
                leading,
                waves=view.waves,
                language=language,
                breaks=view.breaks,
                wording=said,
                heading=alone,
            ),
        )


def draw(view: View, *, alone: bool = False) -> dict[str, Picture]:
    """The pictures by slot; `alone` gives those that carry their own title, subtitle and source."""
    keys = {} if alone else {**dict(_keys(view)), **dict(_names(view))}
    return {**keys, **dict(_maps(view, alone=alone)), **dict(_charts(view, alone=alone))}
