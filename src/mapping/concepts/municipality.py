"""The municipality and what it has declared it will publish (municipality.toml, publication.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mapping.concepts.settings import read_settings

__all__ = ["LEVELS", "Municipality", "Publication", "read_municipality", "read_publication"]

# from finest to coarsest; "area" is a publication area: districts merged from register counts alone
LEVELS = ("district", "area", "municipality")


@dataclass(frozen=True, slots=True)
class Municipality:
    """Who publishes, in which languages, and whom a reader can turn to."""

    code: str
    name: str
    publisher: str
    languages: tuple[str, ...]
    synthetic: bool
    geography: str
    help: Mapping[str, str] = field(default_factory=dict)
    legal: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    accessibility: Mapping[str, str] = field(default_factory=dict)  # whom to ask for another form: `contact`


@dataclass(frozen=True, slots=True)
class Publication:
    """What will be published, declared before the data are read."""

    indicators: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    levels: tuple[str, ...]
    area_min_population: Mapping[int, int]
    pool_waves: int
    maps: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)  # the variant of an indicator that has several
    approved: Mapping[str, str] = field(default_factory=dict)  # by wave, who approved what is shown


def read_municipality(path: Path) -> Municipality:
    """The municipality described by `path` (municipality.toml)."""
    top = read_settings(path)
    help_, legal, policy = top.section("help"), top.section("legal"), top.section("policy")
    reach = top.section("accessibility")
    municipality = Municipality(
        code=top.get("code", str),
        name=top.get("name", str),
        publisher=top.get("publisher", str),
        languages=top.texts("languages", ("sv", "en")),
        synthetic=top.get("synthetic", bool, False),
        geography=top.get("geography", str, ""),
        help={key: help_.get(key, str) for key in help_.names()} if help_ else {},
        legal={key: legal.get(key, str) for key in legal.names()} if legal else {},
        policy={key: policy.get(key, object) for key in policy.names()} if policy else {},
        accessibility={"contact": reach.get("contact", str)} if reach else {},
    )
    if reach:
        reach.done()
    if unknown := set(municipality.languages) - {"sv", "en"}:
        raise top.error(f"'languages' holds {sorted(unknown)[0]!r}; this version writes 'sv' and 'en'.")
    top.done()
    return municipality


def read_publication(path: Path) -> Publication:
    """The publication plan described by `path` (publication.toml)."""
    top = read_settings(path)
    groups = top.get("groups", list, [])
    if not all(isinstance(group, list) and all(isinstance(name, str) for name in group) for group in groups):
        raise top.error("'groups' must be a list of lists of group names, for instance [[\"sex\"]].")
    levels = top.texts("levels", ("municipality", "area", "district"))
    if unknown := [level for level in levels if level not in LEVELS]:
        raise top.error(f"'levels' holds {unknown[0]!r}; choose among {', '.join(LEVELS)}.")
    options, approved = top.section("options"), top.section("approved")
    minimum = top.get("area_min_population", dict, {"2": 150, "3": 150, "4": 600})
    if not all(key in {"1", "2", "3", "4"} and isinstance(n, int) and n > 0 for key, n in minimum.items()):
        raise top.error(
            '\'area_min_population\' gives a number of register pupils for each class "1" to "4".'
        )
    publication = Publication(
        indicators=top.texts("indicators"),
        groups=tuple(tuple(group) for group in groups),
        levels=levels,
        area_min_population={int(key): n for key, n in minimum.items()},
        pool_waves=top.get("pool_waves", int, 1),
        maps=top.texts("maps", ()),
        options={id_: options.get(id_, str) for id_ in options.names()} if options else {},
        approved={wave: approved.get(wave, str) for wave in approved.names()} if approved else {},
    )
    top.done()
    return publication
