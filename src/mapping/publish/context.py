"""What a report tells besides its figures: who publishes, what was asked of whom, what places are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mapping.concepts.case_facts import CaseFacts
from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.concepts.municipality import Municipality, Publication
from mapping.concepts.wave import Wave
from mapping.publish.county import County
from mapping.publish.plan import Plan
from mapping.texts import Texts

__all__ = ["MISSION", "Context", "in_language"]

# the three maps of the mission: theme -> its indicators, the leading one first
MISSION: Final[Mapping[str, tuple[str, ...]]] = {
    "control": ("S04", "S15"),
    "marriage": ("S07", "S24"),
    "removal": ("S22",),
}


def in_language(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """A text and the language it is in: the one asked for, or else the first there is."""
    found = language if language in texts else next(iter(texts), language)
    return texts.get(found, ""), found


@dataclass(frozen=True, slots=True, repr=False)
class Context:
    """Facts that are not sensitive, read from sidecars and the codebook.

    `waves` are in order and the last one is the release's; `version` is the program's; `sequence` numbers the
    releases of the municipality. `case_facts` follow from printed case counts and public populations alone.
    """

    municipality: Municipality
    publication: Publication
    waves: tuple[Wave, ...]
    indicators: Mapping[str, Indicator]
    districts: Districts | None = None
    plan: Plan | None = None
    county: County | None = None
    case_facts: CaseFacts = field(default_factory=CaseFacts)
    version: str = ""
    sequence: int = 1
    notes: tuple[str, ...] = field(default=())

    @property
    def wave(self) -> Wave:
        """The wave that the release is about."""
        return self.waves[-1]

    @property
    def date(self) -> str:
        """The last day the figures speak of, as ISO text: the end of the fieldwork, or the wave's year."""
        last = self.wave.fieldwork[1] or self.wave.fieldwork[0]
        return last or f"{self.wave.id[:4]}-12-31"

    @property
    def of_honour(self) -> bool:
        """Whether this is about honour-based violence: a workspace may publish measures of its own instead."""
        mission = {id_ for ids in MISSION.values() for id_ in ids}
        return not mission.isdisjoint(self.publication.indicators)

    @property
    def other(self) -> str:
        """What the names of texts end with where the subject is another one."""
        return "" if self.of_honour else "_other"

    def name(self, indicator: str, language: str) -> str:
        """What an indicator is called; its id where the codebook has no name."""
        entry = self.indicators.get(indicator)
        return (in_language(entry.name, language)[0] if entry else "") or indicator

    def finding(self, indicator: str, language: str) -> str:
        """The words that follow "About 1 in 8 pupils"."""
        return in_language(self.indicators[indicator].finding, language)[0]

    def place_names(self, level: str, indicator: str, language: str = "sv") -> dict[str, str]:
        """Names by code of the places of a level; publication areas are those of the indicator's class."""
        if level == "municipality":
            return {self.municipality.code: self.municipality.name}
        if self.districts is None:
            return {}
        if level == "district":
            return self.districts.names()
        return self.districts.names(self.indicators[indicator].sensitivity, language)

    def division(self, level: str, indicator: str) -> tuple[tuple[str, ...], ...]:
        """How the places of a level divide the districts: equal for indicators that share their places."""
        if self.districts is None or level != "area":
            return ((level,),)
        table = self.districts.areas[self.indicators[indicator].sensitivity]
        return tuple(sorted(tuple(sorted(codes)) for _, codes in table.groupby("area")["code"]))

    def grades(self, texts: Texts) -> list[str]:
        """The grades of the wave in words; empty where one of them has no word."""
        group = self.wave.groups.get("grade")
        levels = list(group.labels) if group else []
        known = [level for level in levels if f"grade.{level}" in texts]
        return [texts(f"grade.{level}") for level in known] if len(known) == len(levels) else []

    def population(self, texts: Texts, *, definite: bool = False) -> str:
        """Whom the shares are about, in words: ``elever i årskurs 9 och gymnasiets år 2``."""
        pupils = texts("population.the_pupils" if definite else "population.pupils")
        grades = self.grades(texts)
        if not grades:
            return pupils
        return texts("population.in_grades", pupils=pupils, grades=texts.listing(grades))

    def grade_words(self, texts: Texts) -> str:
        """``årskursen`` or ``årskurserna``."""
        return texts("population.grade", count=1 if len(self.grades(texts)) == 1 else 2)

    def school_year(self, texts: Texts) -> str:
        """``läsåret 2025/26``; empty where the fieldwork's dates are not known."""
        day = self.wave.fieldwork[0]
        if len(day) < 7:
            return ""
        year, month = int(day[:4]), int(day[5:7])
        first = year if month >= 8 else year - 1
        return texts("population.school_year", first=str(first), last=f"{(first + 1) % 100:02d}")
