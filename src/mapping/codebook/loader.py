"""Reading the indicators: one file each, compiled and checked against one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mapping.codebook.checks import check, contained_in
from mapping.codebook.questions import HOME, read_questions, table, texts
from mapping.codebook.rules import RuleError, Tree, parse
from mapping.concepts.indicator import Indicator
from mapping.concepts.question import Question
from mapping.concepts.settings import Section, read_settings

__all__ = ["CASE_REASONS", "Entry", "load", "questions"]

FINEST = ("district", "area", "municipality", "county")
# what a case extract's rules may name: the keys of [cases.reasons] in wave.toml
CASE_REASONS = ("hrv", "ipv", "removal", "marriage")


@dataclass(frozen=True, slots=True)
class Entry(Indicator):
    """An indicator with its compiled rule, the questions it stands on, and the answer codes its items may hold."""

    tree: Tree | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)


def questions(extra: Path | None = None) -> dict[str, Question]:
    """The questions of the codebook by item, with those of a workspace's own indicators (`extra`)."""
    return read_questions(extra)


def _paths(extra: Path | None) -> Iterator[Path]:
    yield from sorted((HOME / "indicators").glob("*.toml"))
    if extra is not None:
        yield from sorted(extra.glob("*.toml"))


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


def _compile(
    section: Section, id_: str, side: str, rule: str, known: Mapping[str, Question], ids: frozenset[str]
) -> dict[str, Any]:
    if side == "case":
        reasons = [word for word in rule.split() if word != "and"]
        if not reasons or (unknown := [reason for reason in reasons if reason not in CASE_REASONS]):
            raise section.error(f"rule: unknown reason '{unknown[0]}'; known: {', '.join(CASE_REASONS)}.")
        return {"items": (), "parts": ()}
    try:
        parsed = parse(rule, known, ids - {id_})
    except RuleError as error:
        raise section.error(f"rule: {error}") from error
    codes = {column: answers for q in known.values() for column, answers in q.columns().items()}
    used = {column: codes[column] for column in parsed.items}
    asked = {name: q for name, q in known.items() if not used.keys().isdisjoint(q.columns())}
    return {
        "items": parsed.items,
        "parts": parsed.parts,
        "tree": parsed.tree,
        "codes": used,
        "questions": asked,
    }


def _entry(
    section: Section,
    path: Path,
    known: Mapping[str, Question],
    ids: frozenset[str],
    options: Mapping[str, str],
) -> Entry:
    id_ = section.get("id", str)
    if id_ != path.stem:
        raise section.error(f"the id is '{id_}' but the file is called '{path.name}'. Make them the same.")
    side = section.get("side", str, "survey", choices=("survey", "case"))
    rule, definition, chosen = _variant(section, options, id_)
    section.get("items", dict, {})  # questions of its own, read by `read_questions`
    entry = Entry(
        id=id_,
        side=side,
        name=texts(section.table("name")),
        definition=definition,
        finding=texts(section.table("finding")),
        construct=section.get("construct", str, ""),
        tier=section.get("tier", str, ""),
        rule=rule,
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
        **_compile(section, id_, side, rule, known, ids),
    )
    section.done()
    return entry


def load(extra: Path | None = None, *, options: Mapping[str, str] | None = None) -> dict[str, Indicator]:
    """The indicators of the codebook by id, compiled, checked, each with the indicators it is contained in.

    Parameters
    ----------
    extra : Path, optional
        A folder with indicators of a workspace's own, in the same format (``indicators/*.toml``). They may
        bring questions along as ``[items.<name>]``.
    options : mapping, optional
        The variant of an indicator that has several, by id: ``{"S03": "both"}``.

    Raises
    ------
    SettingsError
        If a file is incomplete, a rule cannot be read or names something unknown, rules go in a circle, an id
        stands twice, or an indicator is laxer in class or level than one it reveals.
    """
    known, paths = read_questions(extra), list(_paths(extra))
    ids = frozenset(path.stem for path in paths)
    entries: dict[str, Entry] = {}
    for path in paths:
        section = read_settings(path)
        entry = _entry(section, path, known, ids, options or {})
        if entry.id in entries:
            raise section.error(f"there is an indicator '{entry.id}' already. Choose another id.")
        entries[entry.id] = entry
    for chosen in options or {}:
        if chosen not in entries:
            raise ValueError(f"options: there is no indicator {chosen!r}")
    check(entries, frozenset(path.stem for path in paths if path.parent == extra))
    return dict(contained_in(entries))
