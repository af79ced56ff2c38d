"""What adds up between indicators because of their rules: disclosure control must know it, since every reader does."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import cast

from mapping.codebook.checks import entails
from mapping.codebook.entry import Entry
from mapping.codebook.rules import Answer, Not, Part, Several, Tree
from mapping.concepts.indicator import Indicator, Sum
from mapping.concepts.question import NONE_BOX

__all__ = ["opposites", "sums"]


def sums(indicators: Mapping[str, Indicator], chosen: Collection[str]) -> tuple[Sum, ...]:
    """What the yeses of the `chosen` indicators add up to, in every cell, whatever the answers are.

    Returns
    -------
    tuple of Sum
        Categories of which nobody has two (once, repeated) are together at most their indicator; and of two groups
        joined by "or", both groups are together the joined one and the overlap (inclusion and exclusion).
    """
    entries = {id_: cast(Entry, indicator) for id_, indicator in indicators.items()}
    return (*_exclusive(entries, chosen), *_joined(entries, chosen))


def _exclusive(entries: Mapping[str, Entry], chosen: Collection[str]) -> Iterator[Sum]:
    """Each set of categories of which nobody has two; an indicator may be split in several ways (sex, age)."""
    wholes = dict.fromkeys(entries[id_].category_of for id_ in chosen if entries[id_].category_of)
    for whole in wholes:
        if whole not in chosen:
            continue
        parts = [
            id_
            for id_ in sorted(chosen)
            if entries[id_].category_of == whole and whole in entries[id_].subset_of
        ]
        found: dict[tuple[str, ...], None] = {}
        for first in parts:
            apart = [first]
            for id_ in parts:
                if id_ != first and all(_apart(entries[id_], entries[other], entries) for other in apart):
                    apart.append(id_)
            found[tuple(sorted(apart))] = None
        for together in found:
            if len(together) > 1:
                yield (*((id_, 1) for id_ in together), (whole, -1)), "<="


def _apart(one: Entry, other: Entry, entries: Mapping[str, Entry]) -> bool:
    """Whether nobody is a yes in both: something one asks for rules out something the other asks for."""
    if one.holds is None or other.holds is None:
        return False
    return any(
        entails(first, Not(second), entries) or entails(second, Not(first), entries)
        for first in _asked_for(one.holds, entries)
        for second in _asked_for(other.holds, entries)
    )


def _asked_for(tree: Tree, entries: Mapping[str, Entry]) -> Iterator[Tree]:
    """What must all be true for a yes: the rule itself, and the parts of an "and", however deep."""
    yield tree
    if isinstance(tree, Part) and (holds := entries[tree.id].holds) is not None:
        yield from _asked_for(holds, entries)
    elif isinstance(tree, Several) and tree.needed is None:
        for part in tree.parts:
            yield from _asked_for(part, entries)


def _joined(entries: Mapping[str, Entry], chosen: Collection[str]) -> Iterator[Sum]:
    for id_ in sorted(chosen):
        tree = entries[id_].holds
        if not isinstance(tree, Several) or tree.needed != 1 or len(tree.parts) != 2:
            continue
        groups = [part.id for part in tree.parts if isinstance(part, Part)]
        both = next(
            (name for name in (f"{'+'.join(groups)}", f"{'+'.join(groups[::-1])}") if name in chosen), ""
        )
        if len(groups) == 2 and both and set(groups) <= set(chosen):
            yield ((groups[0], 1), (groups[1], 1), (id_, -1), (both, -1)), "="


def opposites(indicators: Mapping[str, Indicator], chosen: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of `chosen` indicators of which one is a yes where the other is a no: the same figure twice."""
    entries = {id_: cast(Entry, indicators[id_]) for id_ in sorted(chosen)}
    every = {id_: cast(Entry, indicator) for id_, indicator in indicators.items()}
    pairs = (
        (one, other) for one, other in itertools.combinations(entries.values(), 2) if one.unit == other.unit
    )
    return tuple((one.id, other.id) for one, other in pairs if _turned(one, other, every))


def _turned(one: Entry, other: Entry, entries: Mapping[str, Entry]) -> bool:
    for first, second in ((one, other), (other, one)):
        boxes = isinstance(second.tree, Several) and second.tree.boxes
        none = isinstance(first.tree, Answer) and first.tree.column.endswith(f"_{NONE_BOX}")
        if boxes and none and first.category_of == second.id:
            return True
    if one.holds is None or other.holds is None:
        return False
    return entails(Not(one.holds), other.holds, entries) and entails(one.holds, Not(other.holds), entries)
