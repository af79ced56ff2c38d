"""geography.toml: where the polygons and the register pupils lie, and which columns say what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mapping.concepts.settings import Section, read_settings

__all__ = ["Crosswalk", "GeographySettings", "Parents", "PopulationFile", "read_geography"]

# how registers write sex and grade; `labels` in geography.toml adds to these
SEX = {
    "girl": ("girl", "girls", "flicka", "flickor", "tjej", "tjejer", "kvinna", "kvinnor", "female", "f", "k"),
    "boy": ("boy", "boys", "pojke", "pojkar", "kille", "killar", "man", "män", "male", "m", "p"),
}
GRADE = {"9": ("9", "årskurs 9", "åk 9"), "gy2": ("gy2", "gy 2", "gymnasiet år 2", "gymnasiet 2")}


@dataclass(frozen=True, slots=True)
class PopulationFile:
    """A table of register pupils, and how it writes sex and grade (lower-cased label to level).

    `counts` are the columns of pupils: one, or several bands of age that are added up.
    """

    path: Path
    columns: Mapping[str, str]
    counts: tuple[str, ...]
    levels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Parents:
    """The larger areas where the polygons do not carry them: a table, or the first characters of the code (NYKO).

    `dissolve` makes the larger areas the districts: polygons and pupils of their parts are joined.
    """

    path: Path | None
    columns: Mapping[str, str]
    digits: int
    dissolve: bool


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """A table from the codes of another edition, or another division, to the districts."""

    former: str
    path: Path
    columns: Mapping[str, str]


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
    population: PopulationFile | None = None
    parents: Parents | None = None
    crosswalks: tuple[Crosswalk, ...] = ()

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
        },
        counts=columns.texts("n"),
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


def _parents(section: Section, folder: Path, column: str) -> Parents:
    file, digits = section.get("file", str, ""), section.get("digits", int, 0)
    columns = section.table("columns") if file else None
    parents = Parents(
        path=folder / file if file else None,
        columns={key: columns.get(key, str) for key in ("code", "parent")} if columns else {},
        digits=digits,
        dissolve=section.get("dissolve", bool, False),
    )
    if sum(map(bool, (file, digits, column))) != 1 or digits < 0:
        raise section.error(
            "say once what the larger areas are: 'parent' (a column of the polygons), or under [parents] either "
            "'file' with 'columns', or 'digits' (how many characters of the code)."
        )
    if columns:
        columns.done()
    section.done()
    return parents


def _crosswalk(section: Section, folder: Path) -> Crosswalk:
    columns = section.table("columns")
    crosswalk = Crosswalk(
        former=section.get("from", str),
        path=folder / section.get("file", str),
        columns={key: columns.get(key, str) for key in ("from", "to")},
    )
    columns.done()
    section.done()
    return crosswalk


def read_geography(path: Path) -> GeographySettings:
    """The geography described by `path` (geography.toml)."""
    top = read_settings(path)
    population, parents = top.section("population"), top.section("parents")
    parent = top.get("parent", str, "")
    settings = GeographySettings(
        id=path.parent.name,
        file=path.parent / top.get("file", str),
        code=top.get("code", str),
        edition=top.get("edition", str),
        layer=top.get("layer", str, ""),
        name=top.get("name", str, ""),
        parent=parent,
        crs=top.get("crs", str, ""),
        encoding=top.get("encoding", str, ""),
        case=top.get("case", str, "keep", choices=("keep", "lower")),
        municipality=top.texts("municipality", ()),
        population=_population(population, path.parent) if population else None,
        parents=_parents(parents, path.parent, parent) if parents else None,
        crosswalks=tuple(_crosswalk(section, path.parent) for section in top.sections("crosswalks")),
    )
    top.done()
    return settings
