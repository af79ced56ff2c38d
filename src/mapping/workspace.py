"""The settings of a municipality's folder, read once and checked against one another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mapping import codebook, geography, ingest, manifest
from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.concepts.municipality import Municipality, Publication, read_municipality, read_publication
from mapping.concepts.wave import Break, Wave, read_wave
from mapping.errors import BuildError, SettingsError

__all__ = ["Workspace", "chosen_indicators", "district_codes", "open_workspace", "own_indicators"]

MOST_REASONS = 2  # of a break, in a report


@dataclass(frozen=True, slots=True)
class Workspace:
    """The settings of a workspace, read once."""

    folder: Path
    municipality: Municipality
    publication: Publication
    indicators: Mapping[str, Indicator]
    waves: tuple[Wave, ...]
    districts: Districts | None
    key: bytes
    extra: Path | None  # the folder of indicators of its own
    closed: manifest.Closed = field(default_factory=manifest.Closed)


def open_workspace(folder: Path) -> Workspace:
    """The settings of the workspace in `folder`, checked against each other."""
    ingest.refuse_in_settings(folder)
    municipality = read_municipality(folder / "municipality.toml")
    publication = read_publication(folder / "publication.toml")
    extra = own_indicators(folder)
    indicators = codebook.load(extra, options=publication.options)
    publication = replace(publication, indicators=chosen_indicators(publication, indicators))
    waves = tuple(read_wave(path / "wave.toml") for path in manifest.wave_folders(folder))
    if not waves:
        raise BuildError(
            f"{folder / 'data' / 'raw'} holds no wave. Put a file there and run `mapping new-wave FILE`."
        )
    waves = _with_breaks(waves, indicators)
    districts = None
    if municipality.geography:
        sidecar = folder / "data" / "raw" / "geography" / municipality.geography / "geography.toml"
        districts = geography.publication_areas(
            geography.read_districts(sidecar), publication.area_min_population
        )
        ingest.refuse_in_places(sidecar, [*districts.frame["name"], *districts.frame["parent"]])
    key = manifest.workspace_key(folder, synthetic=municipality.synthetic)
    closed = manifest.closed_waves(folder)
    return Workspace(folder, municipality, publication, indicators, waves, districts, key, extra, closed)


def chosen_indicators(publication: Publication, indicators: Mapping[str, Indicator]) -> tuple[str, ...]:
    """The indicators to publish, each once; "S14.*" stands for S14 and its categories."""
    wanted = [
        each
        for id_ in publication.indicators
        for each in _with_categories(id_.removesuffix(".*"), indicators, every=id_.endswith(".*"))
    ]
    chosen = tuple(dict.fromkeys(wanted))
    if unknown := [id_ for id_ in chosen if id_ not in indicators]:
        raise SettingsError(
            f"publication.toml: the indicator '{unknown[0]}' is in neither the codebook nor indicators/. "
            f"Correct it, or add indicators/{unknown[0]}.toml."
        )
    if twice := codebook.opposites(indicators, chosen):
        one, other = twice[0]
        raise SettingsError(
            f"publication.toml: '{other}' is '{one}' turned round, the same figure twice. Leave one of them out."
        )
    return chosen


def _with_categories(id_: str, indicators: Mapping[str, Indicator], *, every: bool) -> list[str]:
    """The indicator, and its categories but the one that only says who is in none of them."""
    if not every or id_ not in indicators:
        return [id_]
    found = [category.id for category in codebook.categories(indicators, id_)]
    turned = {other for pair in codebook.opposites(indicators, [id_, *found]) for other in pair} - {id_}
    return [id_, *(category for category in found if category not in turned)]


def _with_breaks(waves: Sequence[Wave], indicators: Mapping[str, Indicator]) -> tuple[Wave, ...]:
    """The waves with the breaks that follow from what they asked, besides those that their sidecars state."""
    found = list(waves[:1])
    for before, wave in itertools.pairwise(waves):
        stated = {made.indicator for made in wave.breaks if made.start == wave.id}
        breaks = [
            Break(
                id_,
                wave.id,
                {language: " ".join(r[language] for r in reasons[:MOST_REASONS]) for language in reasons[0]},
            )
            for id_, reasons in codebook.comparability(before, wave, indicators).items()
            if id_ not in stated
        ]
        found.append(replace(wave, breaks=(*wave.breaks, *breaks)))
    return tuple(found)


def district_codes(districts: Districts | None, wave: Wave) -> Mapping[str, str] | None:
    """The district of each code that the wave's files may hold; None where the wave knows no districts."""
    if districts is None or wave.area.kind == "none":
        return None
    of = wave.area.geography or districts.id
    if of not in districts.codes:
        raise SettingsError(
            f"wave.toml of {wave.id} [area]: its codes are of the geography '{of}', but the municipality publishes by "
            f"'{districts.id}'. Correct 'geography', or add [[crosswalks]] from = \"{of}\" to the geography.toml "
            f"of {districts.id}."
        )
    return districts.codes[of]


def own_indicators(folder: Path) -> Path | None:
    return extra if (extra := folder / "indicators").is_dir() else None
