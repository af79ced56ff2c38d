"""What was published before: printed figures from the ledger, and the exact counts behind them from owner-only state.

The state lies beside the data (`data/processed/<wave>/released.json`, readable by its owner alone). It is needed
because a printed share does not say whether a count has moved by one person since.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.disclosure.counts import Counts
from mapping.disclosure.grants import granted
from mapping.disclosure.ledger.entries import Entry, add, append, following, read_ledger
from mapping.disclosure.policy import Policy
from mapping.disclosure.protected import ProtectedRelease, Status
from mapping.disclosure.public import from_public, written_relations
from mapping.disclosure.rules import reasons
from mapping.disclosure.units import Unit, gather_relations, gather_units
from mapping.errors import DisclosureError
from mapping.manifest import LEDGER, LEDGER_COPY, closed_waves, mend_ledger, write_whole

__all__ = [
    "TOLD",
    "EarlierRelease",
    "Remembered",
    "Role",
    "counts_kept",
    "enter",
    "enter_told",
    "forget_counts",
    "keep_counts",
    "pooled_with",
    "printed_waves",
    "read_earlier",
]

_COMPACT: Mapping[str, Any] = MappingProxyType(
    {"ensure_ascii": False, "separators": (",", ":"), "sort_keys": True}
)
_FIELDS = ("wave", "indicator", "level", "area", "group", "cases", "publish", "sensitivity", "threshold", "n", "events",
           "register")  # fmt: skip


TOLD = "~told"  # what was said outside the reports stands in the ledger under this name instead of a wave's


class Role(enum.Enum):
    """What an earlier release made of a cell."""

    SHOWN = "shown"
    BLANK = "blank"  # withheld so that others could not be worked out, or as unreliable
    SECRET = "secret"  # noqa: S105 - withheld by a rule
    LATENT = "latent"  # not for that release to show


@dataclass(frozen=True, slots=True, repr=False)
class Remembered:
    """A cell of an earlier release with its counts; `grant` is what its print tells of its events."""

    unit: Unit
    role: Role
    grant: tuple[int, int]


@dataclass(frozen=True, slots=True, repr=False)
class EarlierRelease:
    """One release of the ledger: what it printed, and the counts behind it by key."""

    wave: str
    sequence: int
    figures: Entry
    units: Mapping[str, Remembered]
    relations: tuple[Relation, ...] = ()


def read_earlier(workspace: Path) -> tuple[EarlierRelease, ...]:
    """Every release in the workspace's ledger with its owner-only counts, oldest first.

    A ledger that was cut short or deleted is made whole from the owner's copy first; one that does not know a release
    that stands under `reports/` is refused.

    Of a forgotten wave only the print is left. It protects nothing by itself; that nothing new is told of its
    respondents rests on the wave, and every wave printed in a pool with it, being closed (`manifest.closed_waves`).

    Raises
    ------
    DisclosureError
        If the ledger is broken, is not the one that was kept, or lists a release whose counts are gone.
    """
    mend_ledger(workspace)
    entries = read_ledger(workspace / LEDGER)
    _refuse_unlisted(workspace, entries)
    return tuple(_remembered(workspace, entry) for entry in entries)


def enter(workspace: Path, release: ProtectedRelease) -> Entry:
    """Add `release` to the workspace's ledger, and to the owner's copy of it, by which a deletion is undone."""
    entry = append(workspace / LEDGER, release)
    write_whole(workspace / LEDGER_COPY, (workspace / LEDGER).read_bytes())
    return entry


def enter_told(workspace: Path, name: str, told: Mapping[str, Any], remembered: Remembered) -> Entry:
    """Add to the ledger, under `TOLD`, what was said of one cell, and keep the counts behind it."""
    entry = following(read_ledger(workspace / LEDGER), TOLD, {name: told})
    path = _path(workspace, TOLD)
    state = _state(path) if path.exists() else {}
    unit = remembered.unit
    record = {field: getattr(unit, field) for field in _FIELDS}
    record |= {"role": Role.SHOWN.value, "grant": [unit.events, unit.events]}
    state[str(entry.sequence)] = {"ledger": entry.digest(), "units": {unit.key: record}, "relations": []}
    write_whole(path, json.dumps(state, **_COMPACT).encode())
    add(workspace / LEDGER, entry)
    write_whole(workspace / LEDGER_COPY, (workspace / LEDGER).read_bytes())
    return entry


def _refuse_unlisted(workspace: Path, entries: Sequence[Entry]) -> None:
    """Stop where a release stands under `reports/` whose row the ledger does not have."""
    for path in sorted((workspace / "reports").glob("[!.]*/release.json")):
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            wave, number = str(about["wave"]), int(about["sequence"])
        except (ValueError, LookupError, TypeError):
            continue  # no release of ours: it is made anew, and nothing is told by it
        if number > len(entries) or entries[number - 1].wave != wave:
            raise DisclosureError(
                f"reports/{path.parent.name} holds release {number}, and ledger.jsonl has no such row: it was cut "
                "short, rolled back or made on another machine. Restore reports/ledger and data/processed/ as they "
                "were when that release was made."
            )


def keep_counts(
    workspace: Path, entry: Entry, tables: Sequence[EstimateTable], policy: Policy, release: ProtectedRelease
) -> Path:
    """Write the counts behind a release into the owner-only state of its wave, whole or not at all.

    What it holds of a release in the ledger is left alone: identical print needs no new memory. What it holds of one
    that never came out is replaced.
    """
    path = _path(workspace, entry.wave)
    state = _state(path) if path.exists() else {}
    out = {e.sequence for e in read_ledger(workspace / LEDGER) if e.wave == entry.wave}
    state = {number: kept for number, kept in state.items() if int(number) in out}
    if str(entry.sequence) in state:
        return path
    state[str(entry.sequence)] = {
        "ledger": entry.digest(),
        "units": dict(_records(gather_units(tables, policy).values(), policy, release)),
        "relations": written_relations(gather_relations(tables)),
    }
    write_whole(path, json.dumps(state, **_COMPACT).encode())
    return path


def _path(workspace: Path, wave: str) -> Path:
    return workspace / "data" / "processed" / wave / "released.json"


def _records(
    units: Iterable[Unit], policy: Policy, release: ProtectedRelease
) -> Iterable[tuple[str, dict[str, Any]]]:
    shown = {f.key for f in release.figures if f.status in (Status.SHOWN, Status.NONE_KNOWN)}
    for unit in units:
        role = _role(unit, policy, unit.key in shown)
        low, high = granted(unit, policy) if role is Role.SHOWN else (0, 0)
        record = {name: getattr(unit, name) for name in _FIELDS}
        yield unit.key, record | {"role": role.value, "grant": [low, high]}


def _role(unit: Unit, policy: Policy, shown: bool) -> Role:
    if shown:
        return Role.SHOWN
    if not unit.publish:
        return Role.LATENT
    return Role.BLANK if reasons(unit, policy) in ((), ("reliability",)) else Role.SECRET


def printed_waves(workspace: Path) -> tuple[str, ...]:
    """The waves that the ledger lists, in order."""
    return tuple(sorted({entry.wave for entry in read_ledger(workspace / LEDGER)}))


def _pooled(key: str) -> list[str]:
    """The waves that a cell is about."""
    return key.split("|", 1)[0].split("+")


def pooled_with(workspace: Path, wave: str) -> tuple[str, ...]:
    """The other waves that stand in a printed pool with `wave`: its counts would follow from theirs."""
    keys = {key for entry in read_ledger(workspace / LEDGER) for key in entry.figures}
    pools = [waves for waves in map(_pooled, keys) if wave in waves]
    return tuple(sorted({other for waves in pools for other in waves if other != wave}))


def forget_counts(workspace: Path, wave: str) -> list[str]:
    """Take every cell of `wave`, pools included, out of the counts kept with other waves; returns which these were."""
    touched = []
    for path in sorted((workspace / "data" / "processed").glob("*/released.json")):
        state = _state(path)
        if any(wave in _pooled(key) for kept in state.values() for key in kept["units"]):
            kept = {number: _without(kept, wave) for number, kept in state.items()}
            write_whole(path, json.dumps(kept, **_COMPACT).encode())
            touched.append(path.parent.name)
    return touched


def _without(kept: Mapping[str, Any], wave: str) -> dict[str, Any]:
    units = {key: record for key, record in kept["units"].items() if wave not in _pooled(key)}
    relations = [
        relation
        for relation in kept["relations"]
        if not any(wave in _pooled(key) for key, _ in relation["terms"])
    ]
    return {**kept, "units": units, "relations": relations}


def _state(path: Path) -> dict[str, Any]:
    """The counts kept with a wave, by number of release.

    Raises
    ------
    DisclosureError
        If the file cannot be read, or is of an older program that did not bind it to the ledger.
    """
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        sound = all({"ledger", "units", "relations"} <= kept.keys() for kept in state.values())
    except (ValueError, AttributeError):
        sound = False
    if not sound:
        raise DisclosureError(
            f"data/processed/{path.parent.name}/{path.name}: the counts behind what was printed are damaged, or were "
            "written by an older version of this program. Restore the file from your backup. If the wave was never "
            "published, delete reports/ and data/processed/ (all but .key) and run `mapping rebuild`."
        )
    return dict(state)


def _remembered(workspace: Path, entry: Entry) -> EarlierRelease:
    path = _path(workspace, entry.wave)
    if entry.wave in closed_waves(workspace).forgotten:
        return EarlierRelease(entry.wave, entry.sequence, entry, {})
    try:
        state = _state(path)[str(entry.sequence)]
    except (FileNotFoundError, KeyError) as error:
        raise DisclosureError(
            f"the ledger lists release {entry.sequence} (wave {entry.wave}), but {path.name} in data/processed/"
            f"{entry.wave}/ does not hold the counts behind it, so that nothing new can be checked against it. "
            "Restore that file from your backup."
        ) from error
    if state["ledger"] != entry.digest():
        raise DisclosureError(
            f"ledger.jsonl: line {entry.sequence} is not what release {entry.sequence} (wave {entry.wave}) printed. "
            "The ledger of what has been published was changed. Restore it from your backup."
        )
    units = {key: _unit(key, record) for key, record in state["units"].items()}
    return EarlierRelease(entry.wave, entry.sequence, entry, units, from_public(state["relations"]))


def _unit(key: str, record: Mapping[str, Any]) -> Remembered:
    unit = Unit(
        key=key,
        **{name: record[name] for name in _FIELDS},
        n_schools=0,
        largest_school=0.0,
        n_unsure=0,
        estimates=(),
    )
    low, high = record["grant"]
    return Remembered(unit, Role(record["role"]), (int(low), int(high)))


def counts_kept(workspace: Path, wave: str) -> dict[str, Counts]:
    """The counts behind the last release of a wave, from the owner-only state; empty where there is none."""
    if not (path := _path(workspace, wave)).exists():
        return {}
    state = _state(path)
    last = state[max(state, key=int)]
    return {
        key: Counts(*(record[name] for name in ("n", "events", "cases", "sensitivity", "register")))
        for key, record in last["units"].items()
    }
