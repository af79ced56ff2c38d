"""The door: nothing that identifies a person comes in, in whatever column, label or title it stands.

Every column of a file is looked through, those that nobody named too. A hit stops the intake. Messages hold the
column and the number of rows, never the value.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import PrivacyError
from mapping.ingest.raw import RawTable, factorized, normal

__all__ = ["Door", "guard", "is_personal_number"]

# a column with one of these names holds identifiers whatever stands in it
IDENTIFYING = frozenset(
    """namn förnamn fornamn efternamn elevnamn elevensnamn fullständigtnamn name firstname lastname surname fullname
    epost epostadress mejl mejladress mail email emailaddress mobil mobilnr mobilnummer telefon telefonnr
    telefonnummer tel phone phonenumber mobile mobilephone adress gatuadress bostadsadress address homeaddress
    street postnummer postnr postadress postcode zipcode homepost plpost personnummer personnr persnr pnr pnummer
    samordningsnummer ssn nationalid upn dob mcdob födelsedatum fodelsedatum dateofbirth birthdate birthday
    ip ipadress ipaddress gps latitude longitude latitud longitud koordinater coordinates
    vårdnadshavare vardnadshavare kontaktperson""".split()  # noqa: SIM905
)
_PERSONAL = re.compile(
    r"(?<![\d.,])(?P<date>(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d|[6-9]\d))\s?[-+–−]?\s?(?P<last>\d{4})(?![\d,.]\d|\d)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_PHONE = re.compile(
    r"(?<![\d.,:/-])(?:(?:\+|00)46[\s-]?(?:\(0\))?|0)"
    r"(?:7[02369](?:[\s-]?\d){7}|\d{1,3}-\s?\d{2,3}(?:\s?\d{2,3}){1,2})(?![\d-])"
)
_ADDRESS = re.compile(
    r"\b[A-ZÅÄÖ][\wéü]*(?:gatan|vägen|gränden|gränd|stigen|allén|torget|backen)\s\d{1,3}\b|\b\d{3}\s\d{2}\s[A-ZÅÄÖ][a-zåäö]{2,}"
)
_POSITION = re.compile(r"(?<![\d.])\d{1,2}\.\d{4,}\s*[,;]\s*\d{1,2}\.\d{4,}(?!\d)")
_NETWORK = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_BARE = re.compile(r"\d{9,12}(?:\.0)?")


def _has_checksum(nine_and_check: str) -> bool:
    """Luhn's checksum over the ten digits of a personal number (Swedish Tax Agency, SKV 704)."""
    total = 0
    for position, digit in enumerate(map(int, nine_and_check)):
        value = digit * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_date(digits: str) -> bool:
    """Whether the digits are a day of birth; coordination numbers add 60 to the day."""
    day = int(digits[-2:]) - (60 if int(digits[-2:]) > 60 else 0)
    years = [int(digits[:4])] if len(digits) == 8 else [1900 + int(digits[:2]), 2000 + int(digits[:2])]
    for year in years:
        try:
            if dt.date(year, int(digits[-4:-2]), day) <= dt.date.today():
                return True
        except ValueError:
            continue
    return False


def is_personal_number(text: str) -> bool:
    """Whether a Swedish personal or coordination number stands anywhere in `text`: plausible date and checksum.

    >>> is_personal_number("ring 20060421-9980 efter tre"), is_personal_number("20060421-9981")
    (True, False)
    """
    return any(
        _is_date(match["date"]) and _has_checksum(match["date"][-6:] + match["last"])
        for match in _PERSONAL.finditer(text)
    )


def _is_network(text: str) -> bool:
    """Whether it is an internet address of some machine, not the one that means "this machine"."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


CHECKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("Swedish personal numbers", is_personal_number),
    ("e-mail addresses", lambda text: "@" in text and bool(_EMAIL.search(text))),
    ("phone numbers", lambda text: bool(_PHONE.search(text))),
    ("addresses", lambda text: bool(_ADDRESS.search(text))),
    ("positions", lambda text: bool(_POSITION.search(text))),
    ("network addresses", lambda text: any(map(_is_network, _NETWORK.findall(text)))),
)


def _texts(column: pd.Series) -> tuple[npt.NDArray[np.intp], list[str]]:
    """The places and texts of the distinct values that could hold an identifier."""
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        large = np.isfinite(values) & (values >= 1e8) & (values < 1e13) & (values == np.floor(values))
        places, found = factorized(pd.Series(np.where(large, values, np.nan)))
        return places, [f"{value:.0f}" for value in found]
    places, found = factorized(column)
    return places, [str(value) for value in found]


@dataclass(slots=True)
class _Tally:
    """What was seen of one column so far: rows by kind of identifier, and how far it is a column of plain numbers."""

    rows: Counter[str] = field(default_factory=Counter)  # read as texts
    filled: int = 0
    bare: int = 0
    mobile: int = 0
    dated: int = 0  # plain numbers that begin like a date of birth
    valid: int = 0  # and whose checksum holds

    def look(self, column: pd.Series) -> None:
        places, texts = _texts(column)
        times = np.bincount(places[places >= 0], minlength=len(texts))
        for text, n in zip(texts, map(int, times), strict=True):
            if not text.strip():
                continue
            self.filled += n
            if _BARE.fullmatch(text):
                self._bare(text, n)
            elif len(text) >= 5:
                self.rows.update({kind: n for kind, check in CHECKS if check(text)})

    def _bare(self, text: str, n: int) -> None:
        digits = text.removesuffix(".0").zfill(10)  # nine digits are ten whose leading zero got lost
        self.bare += n
        self.mobile += n * bool(_PHONE.fullmatch(text))
        if (match := _PERSONAL.fullmatch(digits)) and _is_date(match["date"]):
            self.dated += n
            self.valid += n * _has_checksum(digits[-10:])

    def found(self) -> Counter[str]:
        """Rows by kind of identifier.

        In a column of plain numbers one in ten that begin like a date passes the checksum by chance (a running
        number, a time stamp); of personal numbers all do. Among texts a single one counts.
        """
        found = Counter(self.rows)
        numbers = self.bare and self.bare >= 0.9 * self.filled
        if self.valid and (not numbers or self.valid >= self.dated / 2):
            found[CHECKS[0][0]] += self.valid
        if self.mobile and (not numbers or self.mobile > self.bare / 2):
            found["phone numbers"] += self.mobile
        return found


def _named_like_a_person(name: str) -> bool:
    return re.sub(r"[\W_]", "", normal(name)) in IDENTIFYING


def _holds_identifier(text: str) -> bool:
    return any(check(text) for _, check in CHECKS)


class Door:
    """Looks a file through part by part, every column of it, and refuses it at the end.

    >>> door = Door("f.csv")
    >>> door.look(pd.DataFrame({"v1": ["ja", "nej"]}))
    >>> door.close()
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._columns: dict[str, _Tally] = {}
        self._words: dict[str, list[str]] = {}

    def look(self, part: pd.DataFrame) -> None:
        """Look through some rows of the file."""
        for name in part.columns:
            self._columns.setdefault(name, _Tally()).look(part[name])

    def read(self, column: str, words: Iterable[str]) -> None:
        """Look through what is written about a column: its label, the labels of its values."""
        if any(map(_holds_identifier, words)):
            self._words.setdefault(column, []).append("an identifier in its label or value labels")

    def close(self) -> None:
        """Refuse the file if anything in it could identify a person.

        Raises
        ------
        PrivacyError
            Naming the columns, what they hold and in how many rows; never the values.
        """
        found = []
        for name, tally in self._columns.items():
            reasons = [f"{kind} ({n} {'row' if n == 1 else 'rows'})" for kind, n in tally.found().items()]
            if not reasons and _named_like_a_person(name):
                reasons.append("names, contact details, places or days of birth, to judge by its name")
            reasons += self._words.get(name, [])
            shown = name
            if _holds_identifier(name):
                shown, reasons = "…", [*reasons, "an identifier in its very name"]
            if reasons:
                found.append(f"column '{shown}' holds {', '.join(reasons)}")
        if found:
            raise PrivacyError(
                f"{self.file}: {'; '.join(found)}. Nothing was read in. "
                "Remove this from the file at its source, and ask for the file again."
            )


def guard(table: RawTable) -> None:
    """Refuse a table that holds anything by which a person could be identified (see `Door`)."""
    door = Door(table.name)
    door.look(table.frame)
    for name in table.frame.columns:
        door.read(name, [table.titles.get(name, ""), *map(str, table.labels.get(name, {}).values())])
    door.close()
