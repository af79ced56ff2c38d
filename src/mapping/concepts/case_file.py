"""A case extract as wave.toml describes it: its rows, columns and texts, what is not read, where series break."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mapping.concepts.settings import Section

__all__ = [
    "BREAK_KINDS",
    "DATES",
    "FIELDS",
    "ROLES",
    "SERVICES",
    "CaseAggregate",
    "CaseBreak",
    "CaseFile",
    "read_case_file",
]

SERVICES = "services"  # the id of the main extract: social services

# what a column may be: keys, background, days, and the fields of the codebook's cases.toml
KEYS = ("case", "person", "child", "child_link")
BACKGROUND = ("birth_year", "sex", "area", "register")
DATES = (
    "opened", "closed", "support_from", "support_to", "placement_from", "placement_to", "state_from",
    "absence_from", "reported", "step_school", "step_services", "step_police", "step_insurance", "step_ministry",
    "step_ban",
)  # fmt: skip
FIELDS = (
    "reason", "source", "support", "close_reason", "new_intake", "placement", "accompanying", "moved_to",
    "removal_state", "absence", "stay", "decision", "expression", "witnessed", "perpetrator", "perpetrators",
    "disability", "hbtq",
)  # fmt: skip
ROLES = (*KEYS, *BACKGROUND, *DATES, *FIELDS)

BREAK_KINDS = ("routine", "system", "definition", "coverage")


@dataclass(frozen=True, slots=True)
class CaseBreak:
    """From which day counts can no longer be compared with earlier ones, why, and which indicator (all of them: "")."""

    start: dt.date
    kind: str
    reason: Mapping[str, str]
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class CaseAggregate:
    """What another source reports as sums alone: by indicator, with no key to tell its cases from others."""

    id: str
    name: Mapping[str, str]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case extract: one row per case, person or event.

    `reasons` are the texts of each reason; `values` those of the codes of other fields, by field. `days` are the first
    and last day the extract holds, where it reaches beyond the period that is counted. `drop` names columns that
    identify persons and are taken out at the door, unread; `exclude` the texts, by column, of rows that are no events.
    `shared_keys`: persons carry the same keys as in the main extract, so that nobody counts twice. `how_known` says
    how cases come to be known there. `population` is a table of inhabitants by area and age, `series` one of earlier
    years. `sources` are further extracts, `aggregates` sources that report sums alone.
    """

    path: str
    period: tuple[str, str]
    unit: str
    columns: Mapping[str, str]
    reasons: Mapping[str, tuple[str, ...]]
    id: str = SERVICES
    name: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    days: tuple[str, str] | None = None
    drop: tuple[str, ...] = ()
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shared_keys: bool = False
    how_known: Mapping[str, str] = field(default_factory=dict)
    breaks: tuple[CaseBreak, ...] = ()
    population: str = ""
    series: str = ""
    sources: tuple[CaseFile, ...] = ()
    aggregates: tuple[CaseAggregate, ...] = ()

    @property
    def dates(self) -> tuple[str, ...]:
        """The roles of its columns that hold days."""
        return tuple(role for role in self.columns if role in DATES)


def _spoken(section: Section | None) -> dict[str, str]:
    return {} if section is None else {language: section.get(language, str) for language in section.names()}


def _day(section: Section, key: str) -> dt.date:
    text = section.get(key, str)
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise section.error(f"'{key}' must be a day such as 2025-07-01.") from error


def _days(section: Section, key: str) -> tuple[str, str]:
    days = section.texts(key)
    if len(days) != 2:
        raise section.error(f"'{key}' must hold the first and the last day.")
    return days[0], days[1]


def _break(section: Section) -> CaseBreak:
    found = CaseBreak(
        _day(section, "break_from"),
        section.get("kind", str, choices=BREAK_KINDS),
        _spoken(section.table("reason")),
        section.get("indicator", str, ""),
    )
    section.done()
    return found


def _aggregate(section: Section) -> CaseAggregate:
    counts = section.table("counts")
    found = CaseAggregate(
        _id(section), _spoken(section.table("name")), {id_: counts.get(id_, int) for id_ in counts.names()}
    )
    if bad := [id_ for id_, n in found.counts.items() if n < 0]:
        raise section.error(f"the count of {bad[0]} is negative. Correct it.")
    section.done()
    return found


def _id(section: Section) -> str:
    id_ = section.get("id", str)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", id_) or id_ == SERVICES:
        raise section.error(f"'id' is made of small letters, digits and _, and is not '{SERVICES}'.")
    return id_


def _listed(section: Section | None) -> dict[str, tuple[str, ...]]:
    return {} if section is None else {name: section.texts(name) for name in section.names()}


def _values(section: Section | None) -> dict[str, dict[str, tuple[str, ...]]]:
    if section is None:
        return {}
    known = [*FIELDS[1:], "register"]
    if unknown := [name for name in section.names() if name not in known]:
        raise section.error(f"'{unknown[0]}' is no field with codes; known are {', '.join(known)}.")
    return {name: _listed(section.table(name)) for name in section.names()}


def read_case_file(section: Section, main: CaseFile | None = None) -> CaseFile:
    """The extract that a section describes; a further source of `main` takes its period where it states none."""
    columns = section.table("columns")
    inner = main is None
    cases = CaseFile(
        path=section.get("path", str),
        period=_days(section, "period") if main is None or "period" in section else main.period,
        unit=section.get("unit", str, choices=("case", "person", "event")),
        columns={name: columns.get(name, str) for name in columns.names()},
        reasons=_listed(section.table("reasons")),
        id=SERVICES if inner else _id(section),
        name=_spoken(section.section("name")),
        values=_values(section.section("values")),
        days=_days(section, "days") if "days" in section else None,
        drop=section.texts("drop", ()),
        exclude=_listed(section.section("exclude")),
        shared_keys=inner or section.get("shared_keys", bool, False),
        how_known=_spoken(section.section("how_known")),
        breaks=tuple(_break(part) for part in section.sections("breaks")),
        population=section.get("population", str, "") if inner else "",
        series=section.get("series", str, "") if inner else "",
        aggregates=tuple(_aggregate(part) for part in section.sections("aggregates")) if inner else (),
    )
    sources = tuple(read_case_file(part, cases) for part in section.sections("sources")) if inner else ()
    section.done()
    names = [*(source.id for source in sources), *(aggregate.id for aggregate in cases.aggregates)]
    if twice := [name for name in names if names.count(name) > 1]:
        raise section.error(f"two sources have the id '{twice[0]}'. Give each its own.")
    return replace(cases, sources=sources)
