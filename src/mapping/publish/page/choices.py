"""What a reader of the page can choose: measures, waves and groups, with the printed figures of each choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mapping.disclosure.protected import Figure, ModelFigure, ProtectedRelease
from mapping.publish.context import Context
from mapping.publish.map_places import Place, Subject, map_level, places_of
from mapping.publish.view import View

__all__ = ["GROUPS", "Choice", "choices"]

GROUPS = ("all", "girl", "boy", "other")


@dataclass(frozen=True, slots=True)
class Choice:
    """One measure in one wave for one group: the municipality's figure, and those of its places by code.

    `level` is that of the places, and empty where nothing is printed below the municipality.
    """

    subject: Subject
    whole: Figure | None
    level: str
    places: tuple[Place, ...]
    figures: Mapping[str, Figure]
    models: Mapping[str, ModelFigure]

    @property
    def name(self) -> str:
        """What the page's program calls it."""
        return f"{self.subject.indicator.id}|{self.subject.wave}|{self.subject.group}"

    @property
    def division(self) -> tuple[str, int]:
        """The level, and the class of sensitivity that its publication areas are of (0 for districts)."""
        return self.level, self.subject.indicator.sensitivity if self.level == "area" else 0


def choices(view: View) -> list[Choice]:
    """Every choice that has a figure of this year's pupils, shown or not: by measure, the newest wave first."""
    return list(_choices(view))


def _choices(view: View) -> Iterator[Choice]:
    release, context = view.release, view.context
    printed = {
        (f.indicator, f.wave, f.group)
        for f in (*release, *release.history)
        if f.target == "pupils" and f.level == "municipality"
    }
    waves = sorted({wave for _, wave, _ in printed}, key=lambda wave: ("+" not in wave, wave), reverse=True)
    for id_ in view.survey:
        for wave in waves:
            for group in GROUPS:
                if (id_, wave, group) in printed:
                    yield _choice(release, context, Subject(context.indicators[id_], wave, group))


def _choice(release: ProtectedRelease, context: Context, subject: Subject) -> Choice:
    whole = next(iter(subject.figures(release, "municipality")), None)
    level = map_level(release, subject) if context.districts is not None else None
    if level is None or context.districts is None:
        return Choice(subject, whole, "", (), {}, {})
    places = places_of(release, context.districts, subject, level, "estimate")
    figures = {figure.area: figure for figure in subject.figures(release, level)}
    models = {
        m.area: m
        for m in release.model
        if (m.wave, m.indicator, m.level, subject.group) == (subject.wave, subject.indicator.id, level, "all")
    }
    return Choice(subject, whole, level, places, figures, models)
