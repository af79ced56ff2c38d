"""The places that the demo can build, read from city.toml and town.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

__all__ = ["Blob", "District", "Place", "School", "Skerries", "read_place"]

Point = Sequence[float]


@dataclass(frozen=True, slots=True)
class Blob:
    """An island or a lake: centre and radii in kilometres, turned by degrees."""

    centre: Point
    radii: Point
    turn: float


@dataclass(frozen=True, slots=True)
class Skerries:
    """Small islands strewn around a point."""

    around: Point
    spread: Point
    n: int


@dataclass(frozen=True, slots=True)
class District:
    """A district: code, names, centre in kilometres, register pupils of the surveyed grades."""

    code: str
    name: str
    parent: str
    at: Point
    pupils: int
    island: bool = False


@dataclass(frozen=True, slots=True)
class School:
    """A school with one surveyed grade."""

    code: str
    grade: str
    at: Point


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality to be built: what it is called, its shape, its districts and schools, what it publishes."""

    code: str
    name: str
    genitive: str
    geography: str
    origin: Point
    inland: Sequence[Point]
    coast: Sequence[Point]
    lakes: tuple[Blob, ...]
    islands: tuple[Blob, ...]
    skerries: tuple[Skerries, ...]
    districts: tuple[District, ...]
    schools: tuple[School, ...]
    silent: str
    pool_waves: int
    indicators: tuple[str, ...]
    cases: Mapping[str, int]


def _districts(code: str, groups: Sequence[Mapping[str, Any]]) -> tuple[District, ...]:
    members = [(group["parent"], member) for group in groups for member in group["members"]]
    return tuple(
        District(f"{code}{number:02d}", parent=parent, **member)
        for number, (parent, member) in enumerate(members, 1)
    )


def _schools(groups: Mapping[str, Any]) -> tuple[School, ...]:
    found = [
        (key.removeprefix("grade_"), at) for key in groups if key.startswith("grade_") for at in groups[key]
    ]
    return tuple(School(f"S{number:02d}", grade, at) for number, (grade, at) in enumerate(found, 1))


def read_place(size: str) -> Place:
    """The place of `size` ("city" or "town")."""
    values = tomllib.loads((resources.files(__package__) / f"{size}.toml").read_text(encoding="utf-8"))
    land = values["land"]
    return Place(
        code=values["code"],
        name=values["name"],
        genitive=values["genitive"],
        geography=values["geography"],
        origin=values["origin"],
        inland=land["inland"],
        coast=land.get("coast", []),
        lakes=tuple(Blob(**lake) for lake in land.get("lakes", [])),
        islands=tuple(Blob(**island) for island in land.get("islands", [])),
        skerries=tuple(Skerries(**group) for group in land.get("skerries", [])),
        districts=_districts(values["code"], values["districts"]),
        schools=_schools(values["schools"]),
        silent=values["schools"]["silent"],
        pool_waves=values["pool_waves"],
        indicators=tuple(values["indicators"]),
        cases=values["cases"],
    )
