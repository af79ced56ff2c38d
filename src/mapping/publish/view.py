"""One report's view of a release: the figures it asks for, in the language it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mapping.disclosure.protected import Figure, ModelFigure, ProtectedRelease, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, cell
from mapping.publish.context import MISSION, Context
from mapping.publish.map_places import Subject, map_level
from mapping.publish.palette import ladder
from mapping.publish.picture import Picture
from mapping.publish.public_model import change_classes
from mapping.texts import Texts

__all__ = ["MISSION", "View"]

_TIERS: Final = ("norm", "control", "violence", "serious", "service")
_LEVELS: Final = ("area", "district")


@dataclass(frozen=True, slots=True)
class View:
    """The release, the facts around it, the language and the pictures drawn for it; whether an audit follows."""

    release: ProtectedRelease
    context: Context
    texts: Texts
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    audited: bool = False

    @property
    def language(self) -> str:
        """The language of the report."""
        return self.texts.language

    @property
    def waves(self) -> list[str]:
        """The single waves of which this release or an earlier one prints a municipal share, in order."""
        figures = (*self.release, *self.release.history)
        return sorted(
            {f.wave for f in figures if f.level == "municipality" and "+" not in f.wave and f.share}
        )

    @property
    def breaks(self) -> dict[str, set[str]]:
        """From which waves each indicator can no longer be compared with earlier ones."""
        found: dict[str, set[str]] = {}
        for wave in self.context.waves:
            for made in wave.breaks:
                found.setdefault(made.indicator, set()).add(made.start)
        return found

    @property
    def has_sexes(self) -> bool:
        """Whether girls and boys are told apart."""
        return any(figure.group in {"girl", "boy"} for figure in self.release)

    def name(self, indicator: str) -> str:
        """What an indicator is called."""
        return self.context.name(indicator, self.language)

    def figure(self, indicator: str, group: str = "all") -> Figure | None:
        """The municipality's figure of the release's wave; of pooled waves where the wave's own is not shown."""
        found = {
            figure.wave: figure
            for figure in self.release.select(indicator=indicator, level="municipality", group=group)
            if figure.target in {"pupils", "cases"} and self._of_this_wave(figure.wave)
        }
        single = found.get(self.context.wave.id)
        pooled = next((figure for wave, figure in sorted(found.items()) if "+" in wave), None)
        if single is None or (single.status is Status.WITHHELD and pooled is not None):
            return pooled or single
        return single

    def _of_this_wave(self, wave: str) -> bool:
        return self.context.wave.id in wave.split("+")

    @property
    def survey(self) -> list[str]:
        """The published indicators of the survey that this release says something about, norms first."""
        known = {figure.indicator for figure in self.release if self._of_this_wave(figure.wave)}
        chosen = [
            entry
            for id_ in self.context.publication.indicators
            if id_ in known and (entry := self.context.indicators[id_]).side == "survey"
        ]
        return [entry.id for entry in sorted(chosen, key=lambda entry: (_tier(entry.tier), entry.id))]

    @property
    def cases(self) -> list[str]:
        """The indicators of the case extract, in the order of the plan; the overlap last."""
        known = dict.fromkeys(figure.indicator for figure in self.release if figure.target == "cases")
        return sorted(known, key=lambda id_: ("+" in id_, id_))

    @property
    def themes(self) -> dict[str, list[str]]:
        """The indicators drawn on maps, by theme: those of the mission, then what the municipality adds."""
        survey = self.survey
        themes = {theme: [id_ for id_ in ids if id_ in survey] for theme, ids in MISSION.items()}
        taken = {id_ for ids in MISSION.values() for id_ in ids}
        themes["other"] = [id_ for id_ in self.context.publication.maps if id_ in survey and id_ not in taken]
        return {theme: ids for theme, ids in themes.items() if ids}

    def ladders(self, theme: str) -> dict[tuple[int, ...], list[str]]:
        """The indicators of a theme by the limits of their classes, in the order of the theme."""
        found: dict[tuple[int, ...], list[str]] = {}
        for id_ in self.themes[theme]:
            found.setdefault(ladder(self.context.indicators[id_]), []).append(id_)
        return found

    @property
    def asked(self) -> list[str]:
        """The survey's indicators that the release's wave asked about."""
        return [id_ for id_ in self.survey if (f := self.figure(id_)) and f.status is not Status.NOT_ASKED]

    @property
    def of_honour(self) -> bool:
        """Whether the report is about honour-based violence: a workspace may publish measures of its own instead."""
        return self.context.of_honour

    @property
    def leading(self) -> list[tuple[str, str]]:
        """Theme and indicator of the key figures, at most three."""
        themes = self.themes
        chosen = [(theme, ids[0]) for theme, ids in themes.items() if theme != "other"]
        spare = [id_ for id_ in (*themes.get("other", ()), *self.survey) if id_ not in dict(chosen).values()]
        return (chosen + [("other", id_) for id_ in dict.fromkeys(spare)])[:3]

    @property
    def headline(self) -> Figure | None:
        """The municipality's figure that the report opens with: the first that is shown."""
        ids = [*(id_ for _, id_ in self.leading), *self.survey]
        figures = (self.figure(id_) for id_ in ids)
        return next((f for f in figures if f is not None and f.status is Status.SHOWN), None)

    def subject(self, indicator: str) -> tuple[Subject, str] | None:
        """What a map of `indicator` is about, and the level it is drawn at; None where nothing can be drawn."""
        if self.context.districts is None:
            return None
        entry = self.context.indicators[indicator]
        waves = {f.wave for f in self.release.select(indicator=indicator) if f.level in _LEVELS}
        for wave in sorted((w for w in waves if self._of_this_wave(w)), key=lambda w: ("+" in w, w)):
            subject = Subject(entry, wave)
            if level := map_level(self.release, subject):
                return subject, level
        return None

    def mapped_waves(self, indicator: str) -> list[str]:
        """The single waves in which places are printed at the level of the indicator's maps; empty for pooled maps."""
        found = self.subject(indicator)
        if found is None or "+" in found[0].wave:
            return []
        subject, level = found
        return [
            wave
            for wave in self.waves
            if any(f.share is not None for f in replace(subject, wave=wave).figures(self.release, level))
        ]

    def moves(self, indicator: str) -> tuple[str, dict[str, int]]:
        """The wave before, and how each place has moved since then; nothing where no two places can be compared."""
        waves, found = self.mapped_waves(indicator), self.subject(indicator)
        if found is None or len(waves) < 2 or waves[-1] in self.breaks.get(indicator, ()):
            return "", {}
        subject, level = replace(found[0], target="risk"), found[1]
        before = replace(subject, wave=waves[-2]).figures(self.release, level)
        moved = change_classes(before, subject.figures(self.release, level), self.release.policy)
        return (waves[-2], moved) if len(moved) > 1 else ("", {})

    def has_places(self, indicator: str) -> bool:
        """Whether the release holds any cell of `indicator` below the municipality, shown or not."""
        return any(f.level in _LEVELS for f in self.release.select(indicator=indicator))

    def place_figures(self, indicator: str, level: str) -> dict[str, Figure]:
        """The figures of this year's pupils by place, of the wave that the maps show."""
        found = [
            figure
            for figure in self.release.select(indicator=indicator, level=level, group="all", target="pupils")
            if self._of_this_wave(figure.wave)
        ]
        waves = sorted({figure.wave for figure in found}, key=lambda wave: ("+" in wave, wave))
        subject = self.subject(indicator)
        wave = subject[0].wave if subject else next(iter(waves), "")
        return {figure.area: figure for figure in found if figure.wave == wave}

    def divisions(self, level: str) -> list[list[str]]:
        """The survey's indicators with figures at `level`, grouped by how they divide the municipality."""
        shared: dict[tuple[tuple[str, ...], ...], list[str]] = {}
        for id_ in self.survey:
            if self.place_figures(id_, level):
                shared.setdefault(self.context.division(level, id_), []).append(id_)
        return list(shared.values())

    def models(self, subject: Subject, level: str) -> tuple[ModelFigure, ...]:
        """What the public model says of the places of a map."""
        wanted = (subject.wave, subject.indicator.id, level)
        return tuple(m for m in self.release.model if (m.wave, m.indicator, m.level) == wanted)

    def cell(self, figure: Figure | None) -> Block:
        """A figure in a table, with its interval."""
        return cell(sentences.value(figure, self.texts), sentences.interval(figure, self.texts))

    def population(self) -> str:
        """Whom the shares are about, with the school year."""
        population, year = self.context.population(self.texts), self.context.school_year(self.texts)
        return self.texts("population.with_year", population=population, year=year) if year else population


def _tier(tier: str) -> int:
    return _TIERS.index(tier) if tier in _TIERS else len(_TIERS)
