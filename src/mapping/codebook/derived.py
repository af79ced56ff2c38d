"""Indicators that follow from others: the categories a file states, and the overlaps of joined groups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mapping.codebook.entry import FINEST, Entry
from mapping.codebook.questions import table, texts
from mapping.codebook.rules import Not, Part, Several, Tree
from mapping.concepts.indicator import Indicator
from mapping.concepts.settings import Section

__all__ = ["categories", "categories_in", "overlaps"]

BOTH = {"sv": "Både ”{}” och ”{}”", "en": "Both “{}” and “{}”"}
AND = {"sv": "{} och {}", "en": "{} and {}"}
MIXED = {"sv": "blandat, enligt delarna", "en": "mixed, as the parts"}
OVERLAP = {
    "sv": "Grupperna överlappar: de som hör till båda räknas en gång när grupperna läggs samman.",
    "en": "The groups overlap: those in both count once where the groups are joined.",
}


def categories(indicators: Mapping[str, Indicator], id_: str) -> tuple[Indicator, ...]:
    """The categories of an indicator, in the order its file states them; none for a plain yes or no."""
    return tuple(indicator for indicator in indicators.values() if indicator.category_of == id_)


def _lower(text: str) -> str:
    """A name within a sentence: an initial capital goes, an abbreviation stays."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def categories_in(
    section: Section, entry: Entry, units: Sequence[str]
) -> Iterator[tuple[Section, dict[str, Any], str, str]]:
    """The [[categories]] of a file: what each says otherwise than its indicator, its rule and its base."""
    for part in section.sections("categories"):
        name, id_ = texts(part.table("name")), part.get("id", str)
        if not re.fullmatch(r"[a-z0-9_]+", id_):
            raise part.error(f"'{id_}' is not a name for a category: use small letters, digits and _.")
        full = {language: f"{entry.name[language]}: {_lower(text)}" for language, text in name.items()}
        changed = {
            "id": f"{entry.id}.{id_}",
            "category_of": entry.id,
            "name": full,
            "finding": texts(part.table("finding")),
            "definition": texts(table(part, "definition")) or {k: f"{v}." for k, v in full.items()},
            "sensitivity": part.get("sensitivity", int, entry.sensitivity, choices=(1, 2, 3, 4)),
            "finest": part.get("finest", str, entry.finest, choices=FINEST),
            "unit": part.get("unit", str, entry.unit, choices=units),
            "rare": part.get("rare", bool, entry.rare),
            "pooled": part.get("pooled", bool, entry.pooled),
        }
        yield part, changed, part.get("rule", str), part.get("base", str, entry.base)


def _joined(tree: Tree | None) -> Iterator[tuple[str, str]]:
    """The pairs of indicators that an "or" somewhere in a rule joins."""
    if isinstance(tree, Not):
        yield from _joined(tree.part)
    if not isinstance(tree, Several):
        return
    named = [part.id for part in tree.parts if isinstance(part, Part)]
    if tree.needed == 1 and len(tree.parts) == len(named) == 2:
        yield named[0], named[1]
    for part in tree.parts:
        yield from _joined(part)


def overlaps(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Those in both of two groups that a rule joins with "or", unless a file of that name says it already."""
    found: dict[str, Entry] = {}
    for entry in entries.values():
        for one, other in _joined(entry.tree):
            names = {f"{one}+{other}", f"{other}+{one}"}
            if names.isdisjoint(entries) and names.isdisjoint(found):
                found[f"{one}+{other}"] = _overlap(entries[one], entries[other], entry)
    return found


def _overlap(one: Entry, other: Entry, joined_in: Entry) -> Entry:
    return Entry(
        id=f"{one.id}+{other.id}",
        side=one.side,
        name={lang: BOTH[lang].format(one.name[lang], other.name[lang]) for lang in BOTH},
        definition={
            lang: BOTH[lang].format(one.name[lang], other.name[lang]) + f" ({one.id}, {other.id})."
            for lang in BOTH
        },
        finding={lang: AND[lang].format(one.finding[lang], other.finding[lang]) for lang in AND},
        construct=joined_in.construct,
        tier=joined_in.tier,
        rule=f"{one.id} and {other.id}",
        items=(),
        parts=(one.id, other.id),
        applies_to=one.applies_to or other.applies_to,
        denominator=joined_in.denominator,
        period=one.period if one.period == other.period else MIXED,
        sensitivity=max(one.sensitivity, other.sensitivity),
        finest=max(one.finest, other.finest, key=FINEST.index),
        caveat=OVERLAP,
        source=joined_in.source,
        version=joined_in.version,
        core=False,
        pooled=one.pooled or other.pooled,
        rare=True,
        exposure=one.exposure or other.exposure,
        unit=one.unit,
        tree=Several((Part(one.id), Part(other.id)), None),
    )
