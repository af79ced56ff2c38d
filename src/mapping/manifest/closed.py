"""Waves that `mapping forget` has closed: nothing new of them can be released."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mapping.errors import BuildError
from mapping.manifest.files import private_folder, write_whole

__all__ = ["Closed", "closed_waves", "mark_forgotten"]


@dataclass(frozen=True, slots=True)
class Closed:
    """Waves that are not released anew: those `forgotten`, and those `bound` to them by a pool that was printed."""

    forgotten: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()

    def __contains__(self, wave: object) -> bool:
        return wave in self.forgotten or wave in self.bound

    def refuse(self, waves: Iterable[str]) -> None:
        """Stop where one of `waves` is closed.

        Raises
        ------
        BuildError
            Naming the wave.
        """
        if shut := next((wave for wave in waves if wave in self), None):
            raise BuildError(
                f"wave {shut} is closed by `mapping forget`: without the counts behind what was printed nothing new "
                "of it can be checked. What stands in reports/ stays."
            )


def _closed(workspace: Path) -> Path:
    return workspace / "data" / "processed" / "forgotten.json"


def closed_waves(workspace: Path) -> Closed:
    """The waves that `mapping forget` has closed.

    Raises
    ------
    BuildError
        If the note of them cannot be read: without it a forgotten wave could come back unprotected.
    """
    try:
        content = json.loads(_closed(workspace).read_text(encoding="utf-8"))
        return Closed(frozenset(content["forgotten"]), frozenset(content["bound"]))
    except FileNotFoundError:
        return Closed()
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError(
            f"{_closed(workspace)}: the note of forgotten waves is damaged. Restore it from a backup."
        ) from error


def mark_forgotten(workspace: Path, wave: str, bound: Iterable[str]) -> None:
    """Note that `wave` is forgotten, and that the waves in `bound` are closed with it."""
    known = closed_waves(workspace)
    content = {"forgotten": sorted({*known.forgotten, wave}), "bound": sorted({*known.bound, *bound})}
    private_folder(workspace)
    write_whole(_closed(workspace), json.dumps({"schema": 1, **content}, indent=1).encode())
