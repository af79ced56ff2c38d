"""Everything public about the cells of a release and of the releases before it, gathered from written files alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.auditing.written import PrintedCell, Written, read_written, written_beside
from mapping.disclosure.certify.public_world import Print, PublicCell, as_print
from mapping.disclosure.ledger.entries import Entry, read_ledger
from mapping.disclosure.policy import Policy, read_policy, stricter_parts

__all__ = ["PublicPrint", "read_public"]

_GRAVEST = 4


@dataclass(frozen=True, slots=True)
class PublicPrint:
    """The cells and relations of a release and of all before it.

    `more` are the relations that the release itself does not state. `outdated`: by number of release, what is added to
    the names of its wave's cells because they were counted anew since.
    """

    cells: tuple[PublicCell, ...]
    relations: tuple[Relation, ...]
    more: tuple[Relation, ...]
    outdated: Mapping[int, str]


def read_public(
    folder: Path, reports: Path, classes: Mapping[str, int], at_most: Mapping[str, int], *, same: bool = True
) -> PublicPrint:
    """What is public once the release in `folder` is, with the releases of lower number in `reports`.

    Parameters
    ----------
    classes : mapping
        The sensitivity class of each indicator, as the codebook says it.
    at_most : mapping
        Public totals of pupils by "wave|level|area".
    same : bool
        Whether an earlier release of a wave that printed the same figures is taken to be made from the same data.
    """
    release = read_written(folder)
    number = release.sequence or 1
    entries = [e for e in read_ledger(reports / "ledger" / "ledger.jsonl") if e.sequence < number]
    asked = (cell for cell in release.cells if cell.status != "not_asked")
    figures = {f"{cell.key} {cell.target}": _values(cell) for cell in asked}
    entries.append(Entry(number, release.wave, figures))
    names = _Names(entries, same=same)
    prints: dict[str, list[tuple[Print, bool]]] = {}
    cases: set[str] = set()
    for entry in entries:
        for name, values in entry.figures.items():
            if values["status"] == "not_asked":
                continue
            key, target = name.rsplit(" ", 1)
            cases |= {key.split("|")[1]} if target == "cases" else set()
            rows = prints.setdefault(names(key, entry.sequence), [])
            if (row := (as_print(values, target), entry.sequence == number)) not in rows:
                rows.append(row)
    relations = _relations(release, written_beside(release, reports), entries, names)
    keys = {key for relation in relations for key, _ in relation.terms} | set(prints)
    policies = read_policy(), read_policy(stricter_parts(release.policy))
    cells = tuple(
        _cell(key, prints.get(key, []), key.split("|")[1] in cases, policies, classes, at_most)
        for key in sorted(keys)
    )
    stated = set(release.relations)
    return PublicPrint(cells, relations, tuple(r for r in relations if r not in stated), names.outdated)


class _Names:
    """What a cell is called: a wave that was counted anew since a release printed it has other cells than it has now.

    A release is taken to hold the same cells as the last one of its wave if all that both print is the same.
    """

    def __init__(self, entries: Sequence[Entry], *, same: bool) -> None:
        self._entries = entries
        last = {entry.wave: entry for entry in entries}
        self.outdated = {
            entry.sequence: f"@{entry.sequence}"
            for entry in entries
            if entry is not last[entry.wave] and not (same and _agree(entry, last[entry.wave]))
        }

    def __call__(self, key: str, number: int) -> str:
        """The name of `key` as release `number` used it."""
        return key + "".join(self._suffix(wave, number) for wave in key.split("|", 1)[0].split("+"))

    def _suffix(self, wave: str, number: int) -> str:
        then = [e.sequence for e in self._entries if e.wave == wave and e.sequence <= number]
        return self.outdated.get(then[-1], "") if then else ""


def _agree(one: Entry, other: Entry) -> bool:
    """Whether all that both print is the same."""
    return all(
        as_print(other.figures[name]) == as_print(values)
        for name, values in one.figures.items()
        if name in other.figures
    )


def _relations(
    release: Written, beside: Sequence[Written], entries: Sequence[Entry], names: _Names
) -> tuple[Relation, ...]:
    """Those of the release first, then those of the releases before it by number.

    Of a release that another of its wave has replaced, the files are gone: the relations of the later one are taken.
    """
    stated = {other.wave: other.relations for other in beside} | {release.wave: release.relations}
    found = dict.fromkeys(release.relations)
    for entry in entries:
        for relation in stated.get(entry.wave, ()):
            terms = tuple((names(key, entry.sequence), value) for key, value in relation.terms)
            found.setdefault(replace(relation, terms=terms))
    return tuple(found)


def _cell(
    key: str,
    prints: Sequence[tuple[Print, bool]],
    cases: bool,
    policies: tuple[Policy, Policy],
    classes: Mapping[str, int],
    at_most: Mapping[str, int],
) -> PublicCell:
    """Earlier releases were printed under the default policy at least; today's may be stricter."""
    wave, indicator, level, area, _ = key.split("|")
    default, today = (policy.threshold(classes.get(indicator, _GRAVEST), cases=cases) for policy in policies)
    printed_now = any(now and row.shown for row, now in prints)
    return PublicCell(
        key=key,
        cases=cases,
        threshold=today,
        least=today if printed_now else default,
        at_most=None if cases else at_most.get("|".join((wave, level, area))),
        prints=tuple(row for row, _ in prints),
    )


def _values(cell: PrintedCell) -> dict[str, Any]:
    """A row of figures.csv as the ledger keeps it."""
    return {"status": cell.status, "decimals": cell.decimals, "base": cell.base, **cell.numbers}
