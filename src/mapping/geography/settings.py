"""geography.toml: where the polygons and the register pupils lie, and which columns say what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mapping.concepts.settings import Section, read_settings

__all__ = ["GeographySettings", "PopulationFile", "read_geography"]

# how registers write sex and grade; `labels` in geography.toml adds to these
SEX = {
    "girl": ("girl", "girls", "flicka", "flickor", "tjej", "tjejer", "kvinna", "kvinnor", "female", "f", "k"),
    "boy": ("boy", "boys", "pojke", "pojkar", "kille", "killar", "man", "män", "male", "m", "p"),
}
GRADE = {"9": ("9", "årskurs 9", "åk 9"), "gy2": ("gy2", "gy 2", "gymnasiet år 2", "gymnasiet 2")}


@dataclass(frozen=True, slots=True)
class PopulationFile:
    """A table of register pupils, and how it writes sex and grade (lower-cased label to level)."""

    path: Path
    columns: Mapping[str, str]
    levels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class GeographySettings:
    """What geography.toml says. An empty text means that the key is not there."""

    id: str
    file: Path
    code: str
    edition: str
    layer: str = ""
    name: str = ""
    parent: str = ""
    crs: str = ""
    encoding: str = ""
    case: str = ""
    municipality: tuple[str, ...] = ()
    population: PopulationFile | None = field(default=None)

    def tidy(self, code: str) -> str:
        """A code as it is compared: without blanks around it, in lower case where `case` says so."""
        code = code.strip()
        return code.lower() if self.case == "lower" else code


def _levels(section: Section | None, defaults: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    levels = section.names() if section else []
    said = {level: section.texts(level) for level in levels} if section else {}
    return {
        label.lower(): level
        for source in (defaults, said)
        for level, labels in source.items()
        for label in labels
    }


def _population(section: Section, folder: Path) -> PopulationFile:
    columns = section.table("columns")
    labels = section.section("labels")
    population = PopulationFile(
        path=folder / section.get("file", str),
        columns={
            "code": columns.get("code", str),
            "sex": columns.get("sex", str, ""),
            "grade": columns.get("grade", str, ""),
            "n": columns.get("n", str),
        },
        levels={
            "sex": _levels(labels.section("sex") if labels else None, SEX),
            "grade": _levels(labels.section("grade") if labels else None, GRADE),
        },
    )
    columns.done()
    if labels:
        labels.done()
    section.done()
    return population


def read_geography(path: Path) -> GeographySettings:
    """The geography described by `path` (geography.toml)."""
    top = read_settings(path)
    population = top.section("population")
    settings = GeographySettings(
        id=path.parent.name,
        file=path.parent / top.get("file", str),
        code=top.get("code", str),
        edition=top.get("edition", str),
        layer=top.get("layer", str, ""),
        name=top.get("name", str, ""),
        parent=top.get("parent", str, ""),
        crs=top.get("crs", str, ""),
        encoding=top.get("encoding", str, ""),
        case=top.get("case", str, "keep", choices=("keep", "lower")),
        municipality=top.texts("municipality", ()),
        population=_population(population, path.parent) if population else None,
    )
    top.done()
    return settings
