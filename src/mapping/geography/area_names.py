"""What to call a publication area: by the district, by the larger area it fills, or by its largest member."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

__all__ = ["Places"]

LONGEST = 30  # characters that fit beside a bar or in a table's first column


@dataclass(frozen=True, slots=True)
class Places:
    """Names, larger areas and register pupils of all districts, by code."""

    names: Mapping[str, str]
    parents: Mapping[str, str]
    pupils: Mapping[str, int]

    def _joined(self, names: list[str]) -> str:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"

    def _largest(self, members: Collection[str]) -> str:
        return self.names[min(members, key=lambda code: (-self.pupils[code], code))]

    def _whole_parents(self, members: Collection[str]) -> list[str]:
        """The larger areas that `members` fill exactly, if they do and no district bears the same name."""
        parents = {self.parents[code] for code in members}
        filled = {code for code, parent in self.parents.items() if parent in parents}
        if "" in parents or filled != set(members) or parents & set(self.names.values()):
            return []
        return sorted(parents)

    def name(self, members: Collection[str]) -> str:
        """The name of the area made of the districts `members`.

        One district keeps its name; a filled larger area gives its own; two or three are listed where
        that stays short; others are called after the district with most pupils.
        """
        if len(members) == 1:
            return self.names[next(iter(members))]
        if len(members) == len(self.names):
            return "Hela kommunen"
        parents = self._whole_parents(members)
        if parents and len(joined := self._joined(parents)) <= LONGEST:
            return joined
        listed = self._joined(sorted(self.names[code] for code in members))
        if len(members) == 2 or (len(members) == 3 and len(listed) <= LONGEST):
            return listed
        return f"{self._largest(members)} m.fl. ({len(members)})"
