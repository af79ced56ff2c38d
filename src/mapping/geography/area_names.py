"""What to call a publication area: by the district, by the larger area it fills, or by its largest member."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["LANGUAGES", "Places"]

LANGUAGES: Final = ("sv", "en")
LONGEST: Final = 30  # characters that fit beside a bar or in a table's first column
# the words between and around names, in the order of `LANGUAGES`
_AND: Final = (" och ", " and ")
_OTHERS: Final = ("m.fl.", "and others")
_WHOLE: Final = ("Hela kommunen", "The whole municipality")


@dataclass(frozen=True, slots=True)
class Places:
    """Names, larger areas and register pupils of all districts, by code.

    Names of places are what they are; only the words between them are in a language.
    """

    names: Mapping[str, str]
    parents: Mapping[str, str]
    pupils: Mapping[str, int]

    def _largest(self, members: Collection[str]) -> str:
        return self.names[min(members, key=lambda code: (-self.pupils[code], code))]

    def _whole_parents(self, members: Collection[str]) -> list[str]:
        """The larger areas that `members` fill exactly, if they do and no district bears the same name."""
        parents = {self.parents[code] for code in members}
        filled = {code for code, parent in self.parents.items() if parent in parents}
        if "" in parents or filled != set(members) or parents & set(self.names.values()):
            return []
        return sorted(parents)

    def name(self, members: Collection[str], language: str = "sv") -> str:
        """The name of the area made of the districts `members`.

        One district keeps its name; a filled larger area gives its own; two or three are listed where
        that stays short; others are called after the district with most pupils. What is short is decided in
        Swedish, so that an area is named in the same way in every language.
        """
        spoken = LANGUAGES.index(language)
        if len(members) == 1:
            return self.names[next(iter(members))]
        if len(members) == len(self.names):
            return _WHOLE[spoken]
        parents = self._whole_parents(members)
        if parents and len(_joined(parents, 0)) <= LONGEST:
            return _joined(parents, spoken)
        listed = sorted(self.names[code] for code in members)
        if len(members) == 2 or (len(members) == 3 and len(_joined(listed, 0)) <= LONGEST):
            return _joined(listed, spoken)
        return f"{self._largest(members)} {_OTHERS[spoken]} ({len(members)})"


def _joined(names: list[str], spoken: int) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{_AND[spoken]}{names[-1]}"
