"""What was seen of one column so far: rows by kind of identifier, never the values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mapping.ingest.door.abroad import foreign_numbers
from mapping.ingest.door.births import Days
from mapping.ingest.door.fold import folded
from mapping.ingest.door.handles import has_handle
from mapping.ingest.door.names import has_full_name, is_given_name
from mapping.ingest.door.numbers import (
    has_device,
    has_network,
    has_phone,
    is_mobile,
    is_personal_number,
    personal_numbers,
)
from mapping.ingest.door.places import has_address, has_email, has_position, is_postcode
from mapping.ingest.door.positions import Axis
from mapping.ingest.door.values import Values

__all__ = ["BIRTHS", "PERSONAL", "POSITIONS", "Tally", "kinds_in"]

PERSONAL, BIRTHS, POSITIONS = "Swedish personal numbers", "dates of birth", "positions"
PHONES, NAMES, POSTCODES = "phone numbers", "names", "postcodes"
ABROAD = "personal numbers of other countries"
# how to recognise each kind, and whether it takes six digits at least
CHECKS: tuple[tuple[str, Callable[[str], bool], bool], ...] = (
    (PERSONAL, is_personal_number, True),
    (ABROAD, lambda text: any(foreign_numbers(text)), True),
    ("e-mail addresses", has_email, False),
    (PHONES, has_phone, True),
    ("addresses", has_address, False),
    (POSITIONS, has_position, False),
    ("network addresses", has_network, False),
    ("device addresses", has_device, False),
    (NAMES, has_full_name, False),
    ("accounts on social media", has_handle, False),
)
_SIX = re.compile(r"\d(?:\D{0,3}\d){5}")
_DECIMAL = re.compile(r"[+-]?\d*[.,]\d+(?:[eE][+-]?\d+)?|[+-]?\d{1,6}")
_LONG = re.compile(r"\d{9}|\d{6}[A-Za-z]{1,2}\d{2,3}")
_HALVES = re.compile(r"(?:\d{6}|\d{8})[.,]\d{4}")
_NUMBER = re.compile(r"\d{1,7}[.,]\d+|\d{6,7}")
_BARE = re.compile(r"\d{7,15}(?:[.,]0+)?|\d{1,3}(?:[ ,.']\d{3}){2,4}|\d[.,]\d{6,}[eE]\+?(?:09|10|11|9)")
_GIVEN = re.compile(r"[^\W\d_]{2,}(?:[ ,-]{1,2}[^\W\d_]+\.?){0,3}")
# a random key: a hash in sixteen hexadecimal signs or more, or a GUID
_RANDOM = re.compile(
    r"(?=[0-9-]*[a-f])(?:[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE
)
FEW = 12


def _kinds(text: str) -> list[str]:
    long = _SIX.search(text) is not None
    return [kind for kind, check, digits in CHECKS if (long or not digits) and check(text)]


def kinds_in(text: str) -> list[str]:
    """The kinds of identifier that stand anywhere in `text`.

    >>> kinds_in("skriv till elev@skola.se")
    ['e-mail addresses']
    """
    return [] if len(text) < 5 or _DECIMAL.fullmatch(text) else _kinds(folded(text))


def _digits(text: str) -> str:
    """The digits of a plain number, however a spreadsheet wrote it."""
    if "e" in text.casefold():
        return f"{float(text.replace(',', '.')):.0f}"
    return re.sub(r"\D", "", re.sub(r"[.,]0+$", "", text) if len(re.findall(r"[.,]", text)) == 1 else text)


@dataclass(slots=True, repr=False)
class _Numbers:
    """Distinct numbers that begin like a date of birth, those of them whose checksum holds, and their rows."""

    dated: int = 0
    valid: int = 0
    rows: int = 0

    def look(self, valid: bool, n: int) -> None:
        self.dated += 1
        self.valid += valid
        self.rows += n * valid

    def are_personal(self) -> bool:
        """Whether they are personal numbers: of those all pass, of any others one in ten by chance."""
        chance = self.dated / 10 + 3 * (0.09 * self.dated) ** 0.5 + 3
        return self.valid > 0 and (self.valid >= self.dated / 2 or self.valid > chance)


@dataclass(slots=True, repr=False)
class _Keys:
    """Random keys, and the rows of those in which a personal number happens to stand, one in ten thousand or so."""

    seen: int = 0
    valid: int = 0
    rows: int = 0

    def look(self, text: str, n: int) -> None:
        valid = _LONG.search(text) is not None and any(personal_numbers(text))
        self.seen += 1
        self.valid += valid
        self.rows += n * valid

    def hold_personal(self) -> bool:
        """Whether more of them hold one than chance brings."""
        return self.valid > min(3 + self.seen / 1000, self.seen / 50)


@dataclass(slots=True, repr=False)
class Tally:
    """Rows of one column by what stands in them."""

    rows: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    bare: int = 0  # plain numbers
    mobile: int = 0
    numbers: _Numbers = field(default_factory=_Numbers)
    shorter: _Numbers = field(
        default_factory=_Numbers
    )  # of seven or eight digits: two or three zeros were lost
    abroad: _Numbers = field(default_factory=_Numbers)
    keys: _Keys = field(default_factory=_Keys)
    postcodes: int = 0
    given: int = 0
    given_seen: int = 0
    days: Days = field(default_factory=Days)
    axis: Axis = field(default_factory=Axis)
    codes: bool = True  # whole numbers below 100 and nothing else
    seen: set[int] = field(default_factory=set)  # hashes of texts, while they are few
    digits: bool = False

    def look(self, values: Values) -> None:
        """Count some rows of the column."""
        self.filled += values.filled
        self.bare += values.bare
        self.codes &= values.codes or not values.filled
        self.axis.look(values.numbers)
        decimals: list[tuple[float, int]] = []
        for text, n in zip(values.texts, values.times, strict=True):
            self._text(text, n)
            if not len(values.numbers):
                self.bare += n * (_BARE.fullmatch(text) is not None)
                if _NUMBER.fullmatch(text):
                    decimals.append((float(text.replace(",", ".")), n))
        if decimals:
            self.axis.look(
                np.array([v for v, _ in decimals]), np.array([n for _, n in decimals], dtype=float)
            )

    def _text(self, text: str, n: int) -> None:
        if len(self.seen) <= FEW:
            self.seen.add(hash(text))
            self.digits |= any(map(str.isdigit, text)) and not (text.isdigit() and len(text) < 3)
        if _DECIMAL.fullmatch(text) and not _BARE.fullmatch(text):
            self._decimal(text, n)
        elif _RANDOM.fullmatch(text):
            self.keys.look(text, n)
        elif text.isascii() and text.isalnum() and not text.isalpha():
            self._key(text, n)
        else:
            self._plain(folded(text), n)

    def _key(self, text: str, n: int) -> None:
        """Digits, perhaps with letters, and no sign between them."""
        if text.isdigit():
            self.days.look(text, n)
            if 7 <= len(text) <= 15:
                self._bare(text, n)
        elif len(text) >= 9 and _LONG.search(text):
            numbers = personal_numbers(text)
            for valid in foreign_numbers(text):
                self.abroad.look(valid, n)
            self.rows.update({PERSONAL: n} if not numbers and is_personal_number(text) else {})
            self.rows.update({PHONES: n} if not numbers and has_phone(text) else {})
            for valid in numbers:
                self.numbers.look(valid, n)

    def _plain(self, text: str, n: int) -> None:
        self.days.look(text, n)
        if _BARE.fullmatch(text):
            self._bare(_digits(text), n)
            return
        self.postcodes += n * is_postcode(text)
        if _GIVEN.fullmatch(text) and is_given_name(text):
            self.given += n
            self.given_seen += 1
        if len(text) >= 5:
            self._kinds(text, n)

    def _decimal(self, text: str, n: int) -> None:
        """A number too short to identify, but perhaps a day (060421), or a personal number with a stop in it."""
        if len(text) in (5, 6) and text.isdigit():
            self.days.look(text.zfill(6), n)
        if _HALVES.fullmatch(text) and (numbers := personal_numbers(text.replace(",", "."))):
            self.numbers.look(any(numbers), n)

    def _kinds(self, text: str, n: int) -> None:
        """Texts that hold an identifier; a text that is hardly more than a number goes by the share of them all."""
        found = _kinds(text)
        alone = " " not in text or not any(map(str.isalpha, text))
        if alone and (numbers := personal_numbers(text)):
            self.numbers.look(any(numbers), n)
            found = [kind for kind in found if kind != PERSONAL]
        if alone and (numbers := foreign_numbers(text)):
            self.abroad.look(any(numbers), n)
            found = [kind for kind in found if kind != ABROAD]
        self.rows.update(dict.fromkeys(found, n))

    def _bare(self, digits: str, n: int) -> None:
        self.mobile += n * is_mobile(digits)
        if len(digits) in (10, 11) and (numbers := foreign_numbers(digits.zfill(11))):
            self.abroad.look(any(numbers), n)
        whole = digits.zfill(10) if len(digits) < 11 else digits
        if len(digits) <= 12 and (numbers := personal_numbers(whole)):
            (self.shorter if len(digits) < 9 else self.numbers).look(any(numbers), n)

    def found(self) -> Counter[str]:
        """Rows by kind of identifier."""
        found = Counter(self.rows)
        if self.numbers.are_personal():
            found[PERSONAL] += self.numbers.rows
        if self.abroad.valid >= 3 and self.abroad.valid >= self.abroad.dated / 2:
            found[ABROAD] += self.abroad.rows
        if self.keys.hold_personal():
            found[PERSONAL] += self.keys.rows
        if self.shorter.valid >= 5 and self.shorter.valid >= 0.8 * self.shorter.dated:
            found[PERSONAL] += self.shorter.rows
        if self.mobile and (self.bare < 0.9 * self.filled or self.mobile > self.bare / 2):
            found[PHONES] += self.mobile
        if self.postcodes >= 0.8 * self.filled > 0:
            found[POSTCODES] += self.postcodes
        if self.given_seen >= 3 and self.given >= 0.3 * self.filled:
            found[NAMES] = max(self.given, found[NAMES])
        return found

    @property
    def harmless(self) -> bool:
        """Whether it holds only codes, or the few answers of a question, whatever it is called."""
        few = len(self.seen) <= FEW and not self.digits and self.filled >= 20 * len(self.seen)
        return (self.codes and self.filled > 0) or few or not self.filled
