"""What indicators must be to one another: no circles, none laxer than what it reveals, who contains whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mapping.codebook.rules import Answer, Not, Part, Several, Tree
from mapping.errors import SettingsError

if TYPE_CHECKING:
    from mapping.codebook.loader import Entry

__all__ = ["check", "contained_in", "entails"]

LEVELS = ("district", "area", "municipality", "county")


def _circle(entries: Mapping[str, Entry]) -> list[str]:
    """The ids of a circle of rules, or nothing."""
    done: set[str] = set()

    def walk(id_: str, path: list[str]) -> list[str]:
        if id_ in path:
            return [*path[path.index(id_) :], id_]
        if id_ in done:
            return []
        for part in entries[id_].parts:
            if found := walk(part, [*path, id_]):
                return found
        done.add(id_)
        return []

    return next((found for id_ in entries if (found := walk(id_, []))), [])


def entails(first: Tree, second: Tree, entries: Mapping[str, Entry]) -> bool:
    """Whether everyone who is a yes by `first` is surely a yes by `second`; sound, not complete.

    Decided from the form of the rules alone: codes within codes, parts of an "and", alternatives of an "or".
    """
    first, second = _plain(first, entries), _plain(second, entries)
    if first == second:
        return True
    if isinstance(first, Answer) and isinstance(second, Answer):
        return first.column == second.column and first.codes <= second.codes
    if isinstance(first, Not) and isinstance(second, Not):
        return entails(second.part, first.part, entries)
    if isinstance(first, Several) and first.needed == 1:
        return all(entails(part, second, entries) for part in first.parts)
    if isinstance(second, Several) and second.needed is None:
        return all(entails(first, part, entries) for part in second.parts)
    every = isinstance(first, Several) and first.needed is None
    some = isinstance(second, Several) and second.needed == 1
    return (every and any(entails(part, second, entries) for part in first.parts)) or (  # type: ignore[union-attr]
        some and any(entails(first, part, entries) for part in second.parts)  # type: ignore[union-attr]
    )


def _plain(tree: Tree, entries: Mapping[str, Entry]) -> Tree:
    """The tree with an indicator replaced by its rule, and "not these codes" by the codes that remain."""
    while isinstance(tree, Part) and (rule := entries[tree.id].tree) is not None:
        tree = rule
    if isinstance(tree, Not):
        inner = _plain(tree.part, entries)
        if isinstance(inner, Not):
            return _plain(inner.part, entries)
        if isinstance(inner, Answer) and (codes := _codes(inner.column, entries)):
            return Answer(inner.column, codes - inner.codes)
        return Not(inner)
    return tree


def _codes(column: str, entries: Mapping[str, Entry]) -> frozenset[str]:
    return next(
        (frozenset(entry.codes[column]) for entry in entries.values() if column in entry.codes), frozenset()
    )


def _reveals(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[tuple[Entry, str]]:
    """The indicators that `entry` gives away, and how."""
    for part in entry.parts:
        yield entries[part], "it is a part of its rule"
    for id_ in entry.subset_of:
        yield entries[id_], "who is a yes here is a yes there"
    if entry.tree is None:
        return
    for other in entries.values():
        if other.id == entry.id or other.tree is None or _is_union(entry.tree, other.tree, entries):
            continue
        if entails(entry.tree, other.tree, entries):
            yield other, "who is a yes here is a yes there"
        elif entails(Not(entry.tree), other.tree, entries):
            yield other, "who is a no here is a yes there"


def _is_union(tree: Tree, other: Tree, entries: Mapping[str, Entry]) -> bool:
    """Whether `other` is a wider "or": it may be strict because of another part, and to be in it tells nothing new."""
    tree, other = _plain(tree, entries), _plain(other, entries)
    return isinstance(other, Several) and other.needed is not None and not other.boxes and tree != other


def check(entries: Mapping[str, Entry], own: frozenset[str] = frozenset()) -> None:
    """Refuse circles, unknown containers, and an indicator laxer in class or level than one it reveals.

    `own` are the indicators of a workspace: they answer to those of the codebook, never the other way round.

    Raises
    ------
    SettingsError
        Naming the file of the indicator and the one it reveals.
    """
    if circle := _circle(entries):
        raise SettingsError(f"{circle[0]}.toml: the rules go in a circle: {' → '.join(circle)}.")
    for entry in entries.values():
        if unknown := [id_ for id_ in entry.subset_of if id_ not in entries]:
            raise SettingsError(f"{entry.id}.toml: 'subset_of' names '{unknown[0]}', which does not exist.")
    for entry in entries.values():
        for other, why in _reveals(entry, entries):
            if entry.id in own or other.id not in own:
                _refuse_laxer(entry, other, why)


def _refuse_laxer(entry: Entry, other: Entry, why: str) -> None:
    if entry.sensitivity < other.sensitivity:
        raise SettingsError(
            f"{entry.id}.toml: sensitivity is {entry.sensitivity}, but it reveals {other.id} "
            f"of class {other.sensitivity} ({why}). Set it to {other.sensitivity} or higher."
        )
    if LEVELS.index(entry.finest) < LEVELS.index(other.finest):
        raise SettingsError(
            f"{entry.id}.toml: finest level is '{entry.finest}', but it reveals {other.id}, which is "
            f"shown by {other.finest} or coarser ({why}). Set it to '{other.finest}' or coarser."
        )


def contained_in(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries with `subset_of` completed: stated, or following from the rules."""
    completed = {}
    for entry in entries.values():
        containers = set(entry.subset_of)
        if entry.tree is not None:
            containers |= {
                other.id
                for other in entries.values()
                if other.id != entry.id
                and other.tree is not None
                and entails(entry.tree, other.tree, entries)
            }
        completed[entry.id] = replace(entry, subset_of=tuple(sorted(containers)))
    return completed
