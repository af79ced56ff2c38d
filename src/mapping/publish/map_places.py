"""What each place on a map shows: read from a protected release, never worked out from anything else."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Final, Literal

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, Status
from mapping.errors import DisclosureError
from mapping.publish.palette import class_of, ladder
from mapping.publish.public_model import change_classes

__all__ = ["Kind", "Place", "State", "Subject", "map_level", "places_of"]

Kind = Literal["estimate", "exceedance", "change"]

# the levels an indicator may be drawn at, by the finest one its codebook entry allows; finest first
_LEVELS: Final = {"district": ("district", "area"), "area": ("area",)}
_PRINTED: Final = (Status.SHOWN, Status.NONE_KNOWN)


class State(enum.Enum):
    """What a reader sees of a place."""

    SHOWN = "shown"
    UNCERTAIN = "uncertain"
    NONE_KNOWN = "none_known"
    WITHHELD = "withheld"
    NOT_ASKED = "not_asked"
    NO_PUPILS = "no_pupils"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture is about: one indicator of one wave, for one group and one target.

    `since` is the wave that a change is counted from.
    """

    indicator: Indicator
    wave: str
    group: str = "all"
    target: str = "pupils"
    since: str = ""

    def figures(self, release: ProtectedRelease, level: str) -> tuple[Figure, ...]:
        """The figures of all places of `level`, in this release or as an earlier one printed them."""
        wanted = {
            "indicator": self.indicator.id, "wave": self.wave, "level": level, "group": self.group,
            "target": self.target,
        }  # fmt: skip
        return release.select(**wanted) or release.before(**wanted)

    def whole(self, release: ProtectedRelease) -> Figure | None:
        """The municipality's figure, where it is shown."""
        found = [figure for figure in self.figures(release, "municipality") if figure.status is Status.SHOWN]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Place:
    """One place on the map. `step` is its class (None where it has no colour of its own)."""

    code: str
    name: str
    state: State
    step: int | None = None
    share: float | None = None
    decimals: int = 0


def map_level(release: ProtectedRelease, subject: Subject) -> str | None:
    """The level to draw a map at: the finest allowed one that prints at least half of its places.

    Where none does, the one that prints the largest part; None where nothing is printed below the municipality, or
    where the only publication area is the whole of it.
    """
    best, most = None, 0.0
    for level in _LEVELS.get(subject.indicator.finest, ()):
        figures = [f for f in subject.figures(release, level) if f.area != "elsewhere"]
        printed = sum(figure.status in _PRINTED for figure in figures)
        part = printed / len(figures) if len(figures) > 1 else 0.0
        if part >= 0.5:
            return level
        if part > most:
            best, most = level, part
    return best


def places_of(
    release: ProtectedRelease, districts: Districts, subject: Subject, level: str, kind: Kind, language: str = "sv"
) -> tuple[Place, ...]:  # fmt: skip
    """All places of `level`, with what the map shows of each, named in `language`.

    A place without any figure is drawn as withheld, unless the register says that no pupil belongs to it: that nobody
    answered is never told apart from what is hidden. A withheld place is lined in every kind of map.

    Raises
    ------
    DisclosureError
        If the codebook allows the indicator at a coarser level only.
    """
    indicator = subject.indicator
    if level not in _LEVELS.get(indicator.finest, ()):
        raise DisclosureError(
            f"{indicator.id} may be shown by {indicator.finest} at the finest, so no map by {level} is drawn. "
            "Ask for a coarser level."
        )
    names = districts.names(None if level == "district" else indicator.sensitivity, language)
    figures = {figure.area: figure for figure in subject.figures(release, level)}
    empty = _without_pupils(districts, level, indicator.sensitivity)
    classes = None if kind == "estimate" else _classes(release, subject, level, kind)
    limits = ladder(indicator)
    return tuple(
        _place(code, name, figures.get(code), code in empty, limits, classes) for code, name in names.items()
    )


def _place(
    code: str, name: str, figure: Figure | None, empty: bool, limits: tuple[int, ...],
    classes: dict[str, int] | None,
) -> Place:  # fmt: skip
    if figure is None or figure.status is Status.WITHHELD:
        return Place(code, name, State.NO_PUPILS if empty else State.WITHHELD)
    if figure.status is Status.NOT_ASKED:
        return Place(code, name, State.NOT_ASKED)
    if classes is not None:
        step = classes.get(code)
        return Place(code, name, State.WITHHELD if step is None else State.SHOWN, step)
    if figure.share is None:
        return Place(code, name, State.NONE_KNOWN)
    state = State.UNCERTAIN if figure.uncertain else State.SHOWN
    return Place(code, name, state, class_of(figure.share, limits), figure.share, figure.decimals)


def _classes(release: ProtectedRelease, subject: Subject, level: str, kind: Kind) -> dict[str, int]:
    """The class of each place: against the municipality's level, or against an earlier wave."""
    if kind == "change":
        before = replace(subject, wave=subject.since).figures(release, level)
        return change_classes(before, subject.figures(release, level), release.policy)
    return _exceedance(release, subject, level)


def _exceedance(release: ProtectedRelease, subject: Subject, level: str) -> dict[str, int]:
    if subject.group != "all":
        raise DisclosureError(
            "the public model speaks of all pupils: draw the exceedance map for group 'all'."
        )
    return {
        made.area: made.exceedance
        for made in release.model
        if (made.wave, made.indicator, made.level) == (subject.wave, subject.indicator.id, level)
    }


def _without_pupils(districts: Districts, level: str, sensitivity: int) -> set[str]:
    """Places where the register of pupils, a public count, says that there is none."""
    if districts.population.empty:
        return set()
    counts = districts.population.groupby("code", observed=True)["n"].sum(min_count=1)
    if level != "district":
        area_of = districts.areas[sensitivity].set_index("code")["area"]
        counts = counts.groupby(area_of.reindex(counts.index)).sum(min_count=1)
    return set(counts.index[counts == 0])
