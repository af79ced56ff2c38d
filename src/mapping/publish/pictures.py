"""The pictures of a report: drawn once for the page, and once to stand alone with title and source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mapping.concepts.district import Districts
from mapping.publish.chapters.removal import case_period
from mapping.publish.chart_cases import Year, draw_case_series, draw_overlap
from mapping.publish.chart_flow import draw_flow
from mapping.publish.charts import draw_change, draw_dots, draw_forms, draw_places
from mapping.publish.map_key import draw_key
from mapping.publish.map_names import draw_names
from mapping.publish.map_places import Kind, Subject, places_of
from mapping.publish.map_waves import draw_waves
from mapping.publish.maps import draw_map
from mapping.publish.picture import Picture
from mapping.publish.picture_words import Wording
from mapping.publish.view import View

__all__ = ["draw"]

_PAIR_WIDTH, _CHANGE_WIDTH, _ALONE_WIDTH = 5.4, 7.7, 12.0  # centimetres

_SAME = 2  # the class of a place whose share cannot be told apart from what it was


def _wording(view: View) -> Wording:
    texts, wave = view.texts, view.context.wave
    return Wording(
        population=view.context.population(texts),
        source=texts("title.source", survey=wave.survey, publisher=view.context.municipality.publisher),
    )


def _maps(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """The maps of all themes: a pair for each measure, and how it was before."""
    for id_ in (id_ for ids in view.themes.values() for id_ in ids):
        found = view.subject(id_)
        if found is not None and view.context.districts is not None:
            yield from _pair(view, view.context.districts, *found, alone=alone)
            yield from _over_time(view, view.context.districts, *found, alone=alone)


def _pair(
    view: View, districts: Districts, subject: Subject, level: str, *, alone: bool
) -> Iterator[tuple[str, Picture]]:
    """Estimate and exceedance, the latter where the public model says something; alone also as tiles and a chart."""
    id_, said, at = subject.indicator.id, _wording(view), _place(view, districts, subject, level)
    kinds: tuple[Kind, ...] = ("estimate", "exceedance") if view.models(subject, level) else ("estimate",)
    for kind in kinds:
        yield f"{id_}/{kind}", draw_map(
            view.release, **at, kind=kind, wording=said, heading=alone, legend=alone,
            width=_ALONE_WIDTH if alone else _PAIR_WIDTH,
        )  # fmt: skip
    if alone:
        yield (
            f"{id_}/tiles",
            draw_map(view.release, **at, kind="estimate", tiles=True, wording=said, width=_ALONE_WIDTH),
        )
        yield f"{id_}/places", draw_places(view.release, **at, wording=said)


def _over_time(
    view: View, districts: Districts, subject: Subject, level: str, *, alone: bool
) -> Iterator[tuple[str, Picture]]:
    """A small map for each wave, and the changes since the wave before."""
    id_, said, at = subject.indicator.id, _wording(view), _place(view, districts, subject, level)
    waves = view.mapped_waves(id_)
    if len(waves) > 1:
        known = {name: value for name, value in at.items() if name != "wave"}
        yield (
            f"{id_}/waves",
            draw_waves(
                view.release,
                **known,
                waves=waves,
                breaks=view.breaks.get(id_, ()),
                wording=said,
                heading=alone,
            ),
        )
    since, moved = view.moves(id_)
    if since and (alone or set(moved.values()) != {_SAME}):
        yield f"{id_}/change", draw_map(
            view.release, **at, kind="change", since=since, wording=said, heading=alone,
            width=_ALONE_WIDTH if alone else _CHANGE_WIDTH,
        )  # fmt: skip


def _place(view: View, districts: Districts, subject: Subject, level: str) -> dict[str, Any]:
    """What all maps of a measure share."""
    return {
        "districts": districts, "indicator": subject.indicator, "wave": subject.wave, "level": level,
        "language": view.language,
    }  # fmt: skip


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


def _names(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
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
                draw_names(
                    name, districts, level, sensitivity, view.texts, synthetic=view.release.synthetic,
                    heading=alone, wording=_wording(view),
                ),
            )  # fmt: skip


def _charts(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """Every form, girls and boys apart; and the leading measures over the waves."""
    release, language, said = view.release, view.language, _wording(view)
    headline = view.headline
    if headline is not None:
        yield (
            "dots",
            draw_dots(
                release, view.context.indicators[headline.indicator], wave=headline.wave,
                municipality=headline.area, language=language, wording=said, heading=alone,
            ),
        )  # fmt: skip
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


def _flow(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """Removal abroad between its states: of the wave, or where all of that is withheld of pooled waves."""
    waves = {f.wave for f in view.release if f.indicator.split(".")[0] == "K08"}
    own = [wave for wave in waves if view.context.wave.id in wave.split("+")]
    for wave in sorted(own, key=lambda name: ("+" in name, name)):
        made = draw_flow(
            view.release, period=case_period(view, wave), wave=wave, language=view.language,
            wording=_wording(view), heading=alone,
        )  # fmt: skip
        if made is not None:
            yield "removal/flow", made
            return


def _cases(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """How honour-related and partner violence overlap among cases, and the honour-related cases year by year."""
    cases, wave = view.context.wave.cases, view.context.wave.id
    if cases is None:
        return
    said: dict[str, Any] = {
        "wave": wave,
        "language": view.language,
        "wording": Wording(
            source=view.texts("cases.chart_source", publisher=view.context.municipality.publisher)
        ),
        "heading": alone,
    }
    overlap = draw_overlap(view.release, period=case_period(view), **said)
    if overlap is not None:
        yield "cases/overlap", overlap
    years = [Year(year, n, n is None) for year, n in view.context.case_facts.years.get("K01", {}).items()]
    made = (
        draw_case_series(view.release, years, cases.breaks, indicator="K01", name=view.name("K01"), **said)
        if years
        else None
    )
    if made is not None:
        yield "cases/series", made


def draw(view: View, *, alone: bool = False) -> dict[str, Picture]:
    """The pictures by slot; `alone` gives those that carry their own title, subtitle and source."""
    keys = {} if alone else dict(_keys(view))
    return {
        **keys,
        **dict(_names(view, alone=alone)),
        **dict(_maps(view, alone=alone)),
        **dict(_charts(view, alone=alone)),
        **dict(_cases(view, alone=alone)),
        **dict(_flow(view, alone=alone)),
    }
