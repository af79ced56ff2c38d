"""The ledger: what every release printed, append-only, each line bound to the one before by its SHA-256.

It holds printed values alone, so it may lie with the reports. A line that is changed or taken out breaks the chain;
one that is cut off the end shows in the sequence number that each release carries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapping.disclosure.protected import Figure, ProtectedRelease
from mapping.errors import DisclosureError
from mapping.manifest import write_whole

__all__ = ["Entry", "add", "append", "following", "next_entry", "read_ledger"]

_START = "0" * 64
PUBLIC = 0o644
_PRINTED = ("status", "share", "low", "high", "decimals", "base", "count", "unsure", "bounds")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the release's number and wave, its printed values by "key target", and the line before."""

    sequence: int
    wave: str
    figures: Mapping[str, Mapping[str, Any]]
    previous: str = _START

    def line(self) -> str:
        """The line as written."""
        content = {
            "sequence": self.sequence,
            "wave": self.wave,
            "figures": {name: dict(values) for name, values in sorted(self.figures.items())},
            "previous": self.previous,
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """The SHA-256 of the line, which binds the next one to it."""
        return hashlib.sha256(self.line().encode()).hexdigest()


def read_ledger(path: Path) -> tuple[Entry, ...]:
    """The entries of the ledger, oldest first; none where there is no ledger yet.

    Raises
    ------
    DisclosureError
        If a line cannot be read, the chain is broken, or numbers are missing.
    """
    if not path.exists():
        return ()
    entries: list[Entry] = []
    before = _START
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            content = json.loads(line)
            entry = Entry(content["sequence"], content["wave"], content["figures"], content["previous"])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise _broken(path, number, "cannot be read") from error
        if entry.previous != before or entry.sequence != number or entry.line() != line:
            raise _broken(path, number, "does not follow from the line before")
        entries.append(entry)
        before = entry.digest()
    return tuple(entries)


def next_entry(path: Path, release: ProtectedRelease) -> Entry:
    """The entry of `release`: the one it has already if its wave was last printed with these values, else a new one."""
    entries = read_ledger(path)
    printed = {f"{figure.key} {figure.target}": _printed(figure) for figure in release.figures}
    last = next((entry for entry in reversed(entries) if entry.wave == release.wave), None)
    if last is not None and last.figures == printed:
        return last
    return following(entries, release.wave, printed)


def following(entries: Sequence[Entry], wave: str, figures: Mapping[str, Mapping[str, Any]]) -> Entry:
    """The entry that comes after `entries`."""
    before = entries[-1].digest() if entries else _START
    return Entry(len(entries) + 1, wave, figures, before)


def append(path: Path, release: ProtectedRelease) -> Entry:
    """Add `release` to the ledger, whole or not at all; one that prints what was printed before adds nothing."""
    return add(path, next_entry(path, release))


def add(path: Path, entry: Entry) -> Entry:
    """Add `entry` to the ledger, whole or not at all, unless it is there."""
    entries = read_ledger(path)
    if entry.sequence <= len(entries):
        return entry
    write_whole(path, "".join(f"{e.line()}\n" for e in (*entries, entry)).encode(), PUBLIC)
    return entry


def _printed(figure: Figure) -> dict[str, Any]:
    """What a reader sees of a figure, without what is empty."""
    values = {name: getattr(figure, name) for name in _PRINTED} | {"status": figure.status.value}
    values["bounds"] = list(figure.bounds) if figure.bounds else None
    return {name: value for name, value in values.items() if value not in (None, "")}


def _broken(path: Path, number: int, what: str) -> DisclosureError:
    return DisclosureError(
        f"{path.name}: line {number} {what}. The ledger of what has been published was changed; nothing new can be "
        "published safely without it. Restore it from your backup or from the published copy."
    )
