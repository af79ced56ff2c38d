"""The pictures of a report: drawn once for the page, and once to stand alone with title and source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from mapping.publish.map_places import Kind
from mapping.publish.maps import draw_map
from mapping.publish.picture import Picture
from mapping.publish.picture_words import Wording
from mapping.publish.view import View

__all__ = ["draw"]

_PAIR_WIDTH, _ALONE_WIDTH = 7.6, 12.0  # centimetres


def _wording(view: View) -> Wording:
    texts, wave = view.texts, view.context.wave
    return Wording(
        population=view.context.population(texts),
        source=texts("title.source", survey=wave.survey, publisher=view.context.municipality.publisher),
    )


def _maps(view: View, *, alone: bool) -> Iterator[tuple[str, Picture]]:
    """The map pairs of all themes; the exceedance map where the public model says something."""
    districts = view.context.districts
    for id_ in (id_ for ids in view.themes.values() for id_ in ids):
        found = view.subject(id_)
        if found is None or districts is None:
            continue
        subject, level = found
        for kind in get_args(Kind):
            if kind == "exceedance" and not view.models(subject, level):
                continue
            yield f"{id_}/{kind}", draw_map(
                view.release, districts, subject.indicator, wave=subject.wave, language=view.language, kind=kind,
                level=level, wording=_wording(view), heading=alone, width=_ALONE_WIDTH if alone else _PAIR_WIDTH,
            )  # fmt: skip


def draw(view: View, *, alone: bool = False) -> dict[str, Picture]:
    """The pictures by slot; `alone` gives those that carry their own title, subtitle and source."""
    return dict(_maps(view, alone=alone))
