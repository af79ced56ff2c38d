"""Reading the indicators: one file each, compiled and checked against one another."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapping.codebook.checks import check, contained_in
from mapping.codebook.derived import categories_in, overlaps
from mapping.codebook.entry import FINEST, Entry
from mapping.codebook.questions import HOME, read_fields, read_questions, table, texts
from mapping.codebook.rules import Rule, RuleError, parse, parse_ratio
from mapping.concepts.indicator import Indicator
from mapping.concepts.question import Question
from mapping.concepts.settings import Section, read_settings
from mapping.errors import SettingsError

__all__ = ["case_fields", "load", "questions"]

SIDES = ("survey", "case")
RATIO = "ratio"
CLASSES = 6  # of a map's colours
UNITS = {"survey": ("pupil",), "case": ("case", "person", "child", "activity", RATIO)}


def questions(extra: Path | None = None) -> dict[str, Question]:
    """The questions of the codebook by item, with those of a workspace's own indicators (`extra`)."""
    return read_questions(extra)


def case_fields() -> dict[str, Question]:
    """The fields of a case extract that rules may name, written as questions: their codes and typical labels."""
    return read_fields()


def _paths(extra: Path | None) -> Iterator[Path]:
    yield from sorted((HOME / "indicators").glob("*.toml"))
    if extra is not None:
        yield from sorted(extra.glob("*.toml"))


def _side(path: Path) -> str:
    """The side of an indicator, before its file is read in earnest; a file that is not TOML is refused then."""
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("side", SIDES[0]))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""


@dataclass(frozen=True, slots=True)
class _Compiler:
    """What rules may name, by side: questions or fields, and other indicators."""

    known: Mapping[str, Mapping[str, Question]]
    sides: Mapping[str, str]

    def _rule(self, section: Section, key: str, text: str, side: str, own: str) -> Rule:
        ids = frozenset(id_ for id_, where in self.sides.items() if where == side and id_ != own)
        try:
            return parse(text, self.known[side], ids)
        except RuleError as error:
            raise section.error(f"{key}: {error}") from error

    def compile(self, section: Section, rule: str, base: str, side: str, own: str) -> dict[str, Any]:
        """The fields of an entry that follow from its rule and base; `own` may not stand in them."""
        found = self._rule(section, "rule", rule, side, own)
        about = self._rule(section, "base", base, side, own) if base else None
        items = tuple(dict.fromkeys((*found.items, *(about.items if about else ()))))
        asked = {name: q for name, q in self.known[side].items() if not set(items).isdisjoint(q.columns())}
        codes = {column: answers for q in asked.values() for column, answers in q.columns().items()}
        return {
            "rule": rule,
            "base": base,
            "items": items,
            "parts": tuple(dict.fromkeys((*found.parts, *(about.parts if about else ())))),
            "tree": found.tree,
            "base_tree": about.tree if about else None,
            "codes": {column: codes[column] for column in items},
            "questions": asked,
        }

    def ratio(self, section: Section, rule: str, own: str) -> dict[str, Any]:
        """The fields of an entry that joins two indicators, of whatever side."""
        try:
            parts = parse_ratio(rule, frozenset(self.sides) - {own})
        except RuleError as error:
            raise section.error(f"rule: {error}") from error
        return {"rule": rule, "items": (), "parts": parts}


def _variant(
    section: Section, options: Mapping[str, str], id_: str
) -> tuple[str, dict[str, str], dict[str, str]]:
    """The rule and definition of the variant chosen, and the choice; or the only ones there are."""
    definition = section.table("definition")
    default = section.get("variant", str, "")
    if not default:
        if id_ in options:
            raise section.error(f"this indicator has no variants, but '{options[id_]}' was chosen.")
        return section.get("rule", str), texts(definition), {}
    rules, chosen = section.table("rule"), options.get(id_, default)
    if chosen not in rules:
        raise section.error(f"there is no variant '{chosen}'; choose one of {', '.join(rules.names())}.")
    return rules.get(chosen, str), texts(table(definition, chosen)), {"variant": chosen}


def _entry(section: Section, compiler: _Compiler, options: Mapping[str, str]) -> Entry:
    id_, file = section.get("id", str), section.file
    if id_ != file.stem:
        raise section.error(f"the id is '{id_}' but the file is called '{file.name}'. Make them the same.")
    side = section.get("side", str, SIDES[0], choices=SIDES)
    unit = section.get("unit", str, UNITS[side][0], choices=UNITS[side])
    rule, definition, chosen = _variant(section, options, id_)
    base = section.get("base", str, "")
    compiled = (
        compiler.ratio(section, rule, id_)
        if unit == RATIO
        else compiler.compile(section, rule, base, side, id_)
    )
    section.get("items", dict, {})  # questions of its own, read by `read_questions`
    return Entry(
        id=id_,
        side=side,
        name=texts(section.table("name")),
        definition=definition,
        finding=texts(section.table("finding")),
        construct=section.get("construct", str, ""),
        tier=section.get("tier", str, ""),
        applies_to=section.texts("applies_to", ()),
        denominator=texts(table(section, "denominator")),
        period=texts(table(section, "period")),
        sensitivity=section.get("sensitivity", int, choices=(1, 2, 3, 4)),
        finest=section.get("finest", str, choices=FINEST),
        caveat=texts(table(section, "caveat")),
        source=section.get("source", str, ""),
        version=section.get("version", str),
        core=section.get("core", bool, False),
        pooled=section.get("pooled", bool, False),
        rare=section.get("rare", bool, False),
        exposure=section.get("tag", str, "exposure", choices=("exposure", "background")) == "exposure",
        subset_of=section.texts("subset_of", ()),
        options=chosen,
        unit=unit,
        classes=_classes(section),
        **compiled,
    )


def _classes(section: Section) -> tuple[int, ...]:
    """The limits of the six classes of its maps; none where those of its tier serve."""
    limits = tuple(section.get("classes", list, []))
    if not limits:
        return ()
    whole = all(type(limit) is int for limit in limits)
    if not whole or len(limits) != CLASSES or limits[0] != 0 or not _rising(limits) or limits[-1] >= 100:
        raise section.error(
            f"'classes' must be {CLASSES} whole numbers that begin with 0 and rise to less than 100: the lower "
            "limits, in per cent, of the classes of its maps. For instance classes = [0, 10, 20, 30, 40, 50]."
        )
    return limits


def _rising(limits: Sequence[int]) -> bool:
    return all(low < high for low, high in itertools.pairwise(limits))


def _entries(path: Path, compiler: _Compiler, options: Mapping[str, str]) -> Iterator[tuple[Section, Entry]]:
    """The indicator of a file, and its categories."""
    section = read_settings(path)
    entry = _entry(section, compiler, options)
    yield section, entry
    for part, category, rule, base in categories_in(section, entry, UNITS[entry.side]):
        compiled = compiler.compile(part, rule, base, entry.side, category["id"])
        yield part, _category(entry, category | compiled)
        part.done()
    section.done()


def _category(entry: Entry, changed: Mapping[str, Any]) -> Entry:
    kept = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return Entry(**{**kept, "subset_of": (), "options": {}, "core": False, **changed})


def load(extra: Path | None = None, *, options: Mapping[str, str] | None = None) -> dict[str, Indicator]:
    """The indicators of the codebook by id, compiled, checked, each with the indicators it is contained in.

    Parameters
    ----------
    extra : Path, optional
        A folder with indicators of a workspace's own, in the same format (``indicators/*.toml``). They may
        bring questions along as ``[items.<name>]``.
    options : mapping, optional
        The variant of an indicator that has several, by id: ``{"S03": "both"}``.

    Returns
    -------
    dict
        Besides the indicators of the files, their categories ("S14.3") and the overlap of each pair of groups
        that a composite joins with "or" ("S15+S16"): each a yes or no of its own.

    Raises
    ------
    SettingsError
        If a file is incomplete, a rule cannot be read or names something unknown, rules go in a circle, an id
        stands twice, or an indicator is laxer in class or level than one it reveals.
    """
    paths = list(_paths(extra))
    known = {"survey": read_questions(extra), "case": read_fields()}
    compiler = _Compiler(known, {path.stem: _side(path) for path in paths})
    entries: dict[str, Entry] = {}
    own: set[str] = set()
    for path in paths:
        for section, entry in _entries(path, compiler, options or {}):
            if entry.id in entries:
                raise section.error(f"there is an indicator '{entry.id}' already. Choose another id.")
            entries[entry.id] = entry
            own |= {entry.id} if path.parent == extra else set()
    for chosen in options or {}:
        if chosen not in entries:
            raise SettingsError(
                f"publication.toml [options]: there is no indicator '{chosen}' in the codebook. Correct its id."
            )
    found = overlaps(entries)
    own |= {id_ for id_, overlap in found.items() if not own.isdisjoint(overlap.parts)}
    entries |= found
    check(entries, frozenset(own))
    return dict(contained_in(entries))
