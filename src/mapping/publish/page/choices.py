"""What a reader of the page can choose: measures, waves and groups, with the printed figures of each choice."""

from __future__ import annotations

from collections.abc import Mapping
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
    whole: Figure
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
    printed: dict[tuple[str, str, str], dict[str, dict[str, Figure]]] = {}
    for figure in (*view.release.history, *view.release):
        if figure.target == "pupils":
            levels = printed.setdefault((figure.indicator, figure.wave, figure.group), {})
            levels.setdefault(figure.level, {})[figure.area] = figure
    waves = sorted({wave for _, wave, _ in printed}, key=lambda wave: ("+" not in wave, wave), reverse=True)
    return [
        _choice(
            view.release,
            view.context,
            Subject(view.context.indicators[id_], wave, group),
            levels,
            view.language,
        )
        for id_ in view.survey
        for wave in waves
        for group in GROUPS
        if "municipality" in (levels := printed.get((id_, wave, group), {}))
    ]


def _choice(
    release: ProtectedRelease, context: Context, subject: Subject, levels: Mapping[str, Mapping[str, Figure]],
    language: str,
) -> Choice:  # fmt: skip
    whole = next(iter(levels["municipality"].values()))
    level = map_level(release, subject) if context.districts is not None and len(levels) > 1 else None
    if level is None or context.districts is None:
        return Choice(subject, whole, "", (), {}, {})
    places = places_of(release, context.districts, subject, level, "estimate", language)
    id_, wave = subject.indicator.id, subject.wave
    models = (
        m for m in release.model if (m.wave, m.indicator, m.level, subject.group) == (wave, id_, level, "all")
    )
    return Choice(subject, whole, level, places, levels[level], {made.area: made for made in models})
