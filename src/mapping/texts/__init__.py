"""Every word a reader meets, in Swedish and English, and the way numbers and dates are written in each.

A text lives in `<language>.toml` and is asked for by its place ("headline.percent"). Both languages hold
the same keys with the same named places (a test compares them); a missing key stops the build.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from mapping.errors import BuildError

__all__ = ["LANGUAGES", "NARROW", "NO_BREAK", "Texts", "load"]

LANGUAGES: Final = ("sv", "en")
NO_BREAK: Final = "\u00a0"
NARROW: Final = "\u202f"  # narrow no-break space: in Swedish thousands and before the per cent sign
_LOCALES: Final = {"sv": "sv_SE", "en": "en_GB"}
_OWN_LETTERS: Final = {"sv": {"å": "{1", "ä": "{2", "æ": "{2", "ö": "{3", "ø": "{3"}, "en": {}}  # after z
_DIGITS = re.compile(r"(\d+)")
# a number stays on one line with what it counts
_KEPT_TOGETHER = re.compile(
    r"(?<=\d) (?=procent|per cent|percentage|av \d|in \d)"
    r"|(?<=\d (?:av|in)) (?=\d)|(?<=årskurs) (?=\d)|(?<=grade) (?=\d)"
)


@dataclass(frozen=True, slots=True, repr=False)
class Texts:
    """The texts of one language. Call it with a key and the values of its named places."""

    language: str
    table: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """The text at `key` with its places filled.

        Whole numbers are written in the manner of the language; shares are handed over already written. Where
        the text has the forms ``one`` and ``other``, the value ``count`` chooses.
        """
        found = self._find(key)
        if isinstance(found, Mapping) and "other" in found:
            found = found["one"] if values.get("count") == 1 and "one" in found else found["other"]
        if not isinstance(found, str):
            raise BuildError(
                f"texts/{self.language}.toml: '{key}' is not a text. Ask for one of its entries."
            )
        written = {name: self._written(key, value) for name, value in values.items()}
        try:
            text = found.format(**written)
        except KeyError as error:
            raise BuildError(
                f"texts/{self.language}.toml: '{key}' has a place {error} that got no value."
            ) from error
        return _KEPT_TOGETHER.sub(NO_BREAK, text)

    def __contains__(self, key: str) -> bool:
        found: Any = self.table
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return False
            found = found[part]
        return True

    def __repr__(self) -> str:
        return f"Texts({self.language!r})"

    @property
    def _file(self) -> str:
        return f"texts/{self.language}.toml"

    def _find(self, key: str) -> Any:
        found: Any = self.table
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise BuildError(f"{self._file} has no '{key}'. Add it to every language.")
            found = found[part]
        return found

    def _written(self, key: str, value: object) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return self.number(value)
        raise BuildError(
            f"'{key}' was handed a {type(value).__name__}; write shares and dates as text first."
        )

    def number(self, value: float, decimals: int = 0) -> str:
        """A number as it is written: ``2 134`` or ``2,134``; ``11,2`` or ``11.2``.

        Examples
        --------
        >>> load("en").number(2134), load("en").number(11.25, 1)
        ('2,134', '11.2')
        """
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        written = str(format_decimal(value, format=pattern, locale=_LOCALES[self.language]))
        return written.replace(NO_BREAK, NARROW).replace("-", "\u2212")

    def percent(self, value: float, decimals: int = 0) -> str:
        """A share with its sign, for tables and key figures: ``13 %`` or ``13%``."""
        return self.number(value, decimals) + (f"{NARROW}%" if self.language == "sv" else "%")

    def interval(self, low: float, high: float, decimals: int = 0) -> str:
        """An interval with an en dash: ``11–15``."""
        return f"{self.number(low, decimals)}–{self.number(high, decimals)}"

    def spelled(self, value: int) -> str:
        """A whole number from two to twelve in words with a capital letter, larger ones in digits."""
        words = self._find("number.words")
        return str(words[value - 2]).capitalize() if 2 <= value <= 12 else self.number(value)

    def date(self, day: str | dt.date) -> str:
        """A day in full: ``13 mars 2026``; ISO text is accepted."""
        when = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return str(format_date(when, "long", locale=_LOCALES[self.language])).replace(" ", NO_BREAK)

    def listing(self, items: Iterable[str]) -> str:
        """Items in running text: ``a, b och c``."""
        return str(format_list(list(items), locale=_LOCALES[self.language]))

    def sort_key(self, name: str) -> tuple[tuple[int, int, str], ...]:
        """The key that puts names in alphabetical order: å, ä, ö last in Swedish; 2 before 10.

        Examples
        --------
        >>> sorted(["Öja", "Område 10", "Ås", "Område 2", "Älv"], key=load("sv").sort_key)
        ['Område 2', 'Område 10', 'Ås', 'Älv', 'Öja']
        """
        own = _OWN_LETTERS[self.language]
        folded = "".join(
            own.get(letter) or _base_letter(letter)
            for letter in unicodedata.normalize("NFC", name).casefold()
        )
        return tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in _DIGITS.split(folded) if part
        )

    def in_order(self, names: Iterable[str]) -> list[str]:
        """`names` in alphabetical order, each once."""
        return sorted(set(names), key=self.sort_key)


def _base_letter(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c)) or letter


@functools.cache
def load(language: str) -> Texts:
    """The texts of `language`.

    Raises
    ------
    BuildError
        If there is no such language.
    """
    if language not in LANGUAGES:
        raise BuildError(f"there are no texts in {language!r}. Languages: {', '.join(LANGUAGES)}.")
    table: dict[str, Any] = {}
    for part in ("", "pictures_", "quality_", "codebook_"):
        name = f"{part}{language}.toml"
        table |= tomllib.loads(resources.files(__name__).joinpath(name).read_text(encoding="utf-8"))
    return Texts(language, table)
