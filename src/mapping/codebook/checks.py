"""What indicators must be to one another: no circles, none laxer than what it reveals, who contains whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mapping.codebook.entry import FINEST, Entry
from mapping.codebook.rules import Answer, Not, Part, Several, Tree, leaves
from mapping.errors import SettingsError

__all__ = ["check", "contained_in", "entails"]


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
    if isinstance(first, Several) and isinstance(second, Several) and _counts_to(first, second):
        return True
    every = isinstance(first, Several) and first.needed is None
    some = isinstance(second, Several) and second.needed == 1 and second.answered <= 1
    return (every and any(entails(part, second, entries) for part in first.parts)) or (  # type: ignore[union-attr]
        some and any(entails(first, part, entries) for part in second.parts)  # type: ignore[union-attr]
    )


def _counts_to(first: Several, second: Several) -> bool:
    """Whether so many parts of `first` are among those of `second` that its count suffices there too."""
    others = len(set(first.parts) - set(second.parts))
    enough, wanted = (len(set(s.parts)) if s.needed is None else s.needed for s in (first, second))
    decided = max(enough, first.answered)
    return enough - others >= wanted and decided - others >= second.answered


def _plain(tree: Tree, entries: Mapping[str, Entry]) -> Tree:
    """The tree with an indicator replaced by its rule, and "not these codes" by the codes that remain."""
    while isinstance(tree, Part) and (rule := entries[tree.id].holds) is not None:
        tree = rule
    if isinstance(tree, Not):
        inner = _plain(tree.part, entries)
        if isinstance(inner, Not):
            return _plain(inner.part, entries)
        if isinstance(inner, Answer) and (codes := _others(inner, entries)):
            return Answer(inner.column, codes)
        return Not(inner)
    return tree


def _others(answer: Answer, entries: Mapping[str, Entry]) -> frozenset[str]:
    """The codes that surely are none of `answer`: a coarser one that may stand for them is left out."""
    entry = next((entry for entry in entries.values() if answer.column in entry.codes), None)
    if entry is None:
        return frozenset()
    question = entry.questions.get(answer.column)
    covers = question.covers if question else {}
    return frozenset(
        code
        for code in entry.codes[answer.column]
        if code not in answer.codes and answer.codes.isdisjoint(covers.get(code, ()))
    )


def _reveals(entry: Entry, entries: Mapping[str, Entry]) -> Iterator[tuple[Entry, str]]:
    """The indicators that `entry` gives away, and how.

    A ratio is printed only beside both its parts and gives away nothing more. The base of a rule gives away that
    so many belong to it, never fewer than a prevalence may stand on: its level counts (`check`), its class does not.
    """
    for id_ in entry.subset_of:
        yield entries[id_], "who is a yes here is a yes there"
    if entry.tree is None:
        return
    for leaf in leaves(entry.tree):
        if isinstance(leaf, Part):
            yield entries[leaf.id], "it is a part of its rule"
    for other in entries.values():
        if other.id == entry.id or other.unit != entry.unit or other.holds is None:
            continue
        if _is_union(entry.tree, other.holds, entries):
            continue
        if entails(entry.tree, other.holds, entries):
            yield other, "who is a yes here is a yes there"
        elif entails(Not(entry.tree), other.holds, entries):
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
            raise SettingsError(f"{_file(entry)}: 'subset_of' names '{unknown[0]}', which does not exist.")
    for entry in entries.values():
        for other, why in _reveals(entry, entries):
            if entry.id in own or other.id not in own:
                _refuse_laxer(entry, other, why)
                _refuse_finer(entry, other, why)
        for id_ in entry.parts:
            _refuse_finer(entry, entries[id_], "it stands on it")


def _refuse_laxer(entry: Entry, other: Entry, why: str) -> None:
    if entry.sensitivity < other.sensitivity:
        raise SettingsError(
            f"{_file(entry)}: sensitivity is {entry.sensitivity}, but it reveals {other.id} "
            f"of class {other.sensitivity} ({why}). Set it to {other.sensitivity} or higher."
        )


def _refuse_finer(entry: Entry, other: Entry, why: str) -> None:
    if FINEST.index(entry.finest) < FINEST.index(other.finest):
        raise SettingsError(
            f"{_file(entry)}: finest level is '{entry.finest}', but it reveals {other.id}, which is "
            f"shown by {other.finest} or coarser ({why}). Set it to '{other.finest}' or coarser."
        )


def _file(entry: Entry) -> str:
    """The file of an indicator, and which of its categories."""
    if not entry.category_of:
        return f"{entry.id}.toml"
    return f"{entry.category_of}.toml, category '{entry.id.removeprefix(f'{entry.category_of}.')}'"


def contained_in(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries with `subset_of` completed: stated, or following from the rules.

    Only what counts the same things: a person behind two cases is not one of them.
    """
    completed = {}
    for entry in entries.values():
        containers = set(entry.subset_of)
        for other in entries.values():
            if other.id != entry.id and other.unit == entry.unit and entry.holds and other.holds:
                containers |= {other.id} if entails(entry.holds, other.holds, entries) else set()
        completed[entry.id] = replace(entry, subset_of=tuple(sorted(containers)))
    return completed
