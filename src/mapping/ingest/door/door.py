"""The door itself: every column of a file is looked through, those that nobody named too. A hit stops the intake.

Messages hold the column and the number of rows, never the value.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

import pandas as pd

from mapping.errors import PrivacyError
from mapping.ingest.door.fold import folded
from mapping.ingest.door.in_parts import InParts
from mapping.ingest.door.names import named_like_a_person
from mapping.ingest.door.positions import paired
from mapping.ingest.door.split import Split
from mapping.ingest.door.tally import BIRTHS, PERSONAL, POSITIONS, Tally, kinds_in
from mapping.ingest.door.values import values_of
from mapping.ingest.raw import RawTable

__all__ = ["Door", "guard"]


class Door:
    """Looks a file through part by part, every column of it, and refuses it at the end.

    >>> door = Door("f.csv")
    >>> door.look(pd.DataFrame({"v1": ["ja", "nej"]}))
    >>> door.close()
    """

    def __init__(self, file: str) -> None:
        name = PurePath(file).stem
        self.file = "the file" if kinds_in(name) else file
        self._columns: dict[str, Tally] = {}
        self._words: dict[str, list[str]] = {}
        self._split = Split()
        self._parts = InParts()
        self.read("the file's name", [name])

    def look(self, part: pd.DataFrame) -> None:
        """Look through some rows of the file."""
        values = {name: values_of(part[name]) for name in part.columns}
        for name, found in values.items():
            self._columns.setdefault(name, Tally()).look(found)
        self._split.look(part, values)
        self._parts.look(part)

    def read(self, column: str, words: Iterable[str]) -> None:
        """Look through what is written about a column: its label, the labels of its values."""
        found = [kind for word in words for kind in kinds_in(word)]
        if found:
            self._words.setdefault(column, []).extend(found)

    def close(self) -> None:
        """Refuse the file if anything in it could identify a person.

        Raises
        ------
        PrivacyError
            Naming the columns, what they hold and in how many rows; never the values.
        """
        found = self._found()
        if found:
            raise PrivacyError(
                f"{self.file}: {'; '.join(found)}. Nothing was read in. "
                "Remove this from the file at its source, and ask for the file again."
            )

    def _found(self) -> list[str]:
        """A clause for each column in which something was found."""
        split, parts = self._split.found(), self._parts.found()
        places = paired({name: (tally.axis, tally.filled) for name, tally in self._columns.items()})
        dated = [t.days for name, t in self._columns.items() if t.days.are_events(name, t.filled)]
        events = min(dated, key=lambda days: days.early, default=None)
        clauses = []
        for name in dict.fromkeys([*self._columns, *self._words]):
            tally = self._columns.get(name, Tally())
            reasons = [_rows(kind, n) for kind, n in tally.found().items()]
            if name in split:
                reasons.append(f"one half of {_rows(PERSONAL, split[name])}")
            if name in places:
                reasons.append(f"one half of {_rows(POSITIONS, tally.filled)}")
            if name in parts:
                reasons.append(f"one part of {_rows(BIRTHS, tally.filled)}")
            if not reasons and tally.days.are_births(name, tally.filled, events):
                reasons.append(_rows(BIRTHS, tally.days.rows))
            if not reasons and named_like_a_person(folded(name)) and not tally.harmless:
                reasons.append("names, contact details, places or days of birth, to judge by its name")
            clauses += self._clause(name, reasons)
        return clauses

    def _clause(self, name: str, reasons: list[str]) -> list[str]:
        known = name in self._columns
        if name in self._words:
            kinds = ", ".join(dict.fromkeys(self._words[name]))
            where = f"an identifier in its label or value labels ({kinds})"
            reasons = [*reasons, where if known else kinds]
        hidden = bool(kinds_in(name))
        if hidden:
            reasons = [*reasons, "an identifier in its very name"]
        shown = f"column '{'…' if hidden else name}'" if known else name
        return [f"{shown} holds {', '.join(reasons)}"] if reasons else []


def _rows(kind: str, n: int) -> str:
    return f"{kind} ({n} {'row' if n == 1 else 'rows'})"


def guard(table: RawTable) -> None:
    """Refuse a table that holds anything by which a person could be identified (see `Door`)."""
    door = Door(table.name)
    door.look(table.frame)
    for name in table.frame.columns:
        door.read(name, [table.titles.get(name, ""), *map(str, table.labels.get(name, {}).values())])
    door.close()
