"""The door: nothing that identifies a person comes in, in whatever column, label or title it stands.

Every column of a file is looked through, those that nobody named too. A hit stops the intake. Messages hold the
column and the number of rows, never the value.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.errors import PrivacyError
from mapping.ingest.raw import RawTable, factorized, normal

__all__ = ["guard", "is_personal_number"]

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


def _bare_numbers(values: Iterable[str]) -> set[str]:
    """The values of a column of plain numbers that are personal numbers, or none if that is chance.

    One in ten numbers that begin like a date passes the checksum by chance (a running number, a time stamp); of
    personal numbers all do. Nine digits are ten whose leading zero got lost.
    """
    plausible, hits = 0, set()
    for value in values:
        digits = value.removesuffix(".0").zfill(10)
        match = _PERSONAL.fullmatch(digits)
        if match and _is_date(match["date"]):
            plausible += 1
            if _has_checksum(digits[-10:]):
                hits.add(value)
    return hits if hits and len(hits) >= plausible / 2 else set()


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


def _hits(texts: list[str]) -> dict[str, set[str]]:
    """By kind of identifier, the distinct texts that hold one."""
    bare = {text for text in texts if _BARE.fullmatch(text)}
    longer = [text for text in texts if len(text) >= 5]
    if bare and len(bare) >= 0.9 * sum(bool(text.strip()) for text in texts):
        mobile = {text for text in bare if _PHONE.fullmatch(text)}
        return {
            CHECKS[0][0]: _bare_numbers(bare),
            "phone numbers": mobile if len(mobile) > len(bare) / 2 else set(),
        }
    return {kind: {text for text in longer if check(text)} for kind, check in CHECKS}


def _in_column(column: pd.Series) -> list[str]:
    places, texts = _texts(column)
    found = []
    for kind, hits in _hits(texts).items():
        if hits:
            hit = np.array([*(text in hits for text in texts), False])
            rows = int(hit[places].sum())
            found.append(f"{kind} ({rows} {'row' if rows == 1 else 'rows'})")
    return found


def _named_like_a_person(name: str) -> bool:
    return re.sub(r"[\W_]", "", normal(name)) in IDENTIFYING


def guard(table: RawTable) -> None:
    """Refuse a table that holds anything by which a person could be identified.

    Raises
    ------
    PrivacyError
        Naming the columns, what they hold and in how many rows; never the values.
    """
    found = []
    for name in table.frame.columns:
        reasons = _in_column(table.frame[name])
        if not reasons and _named_like_a_person(name):
            reasons.append("names, contact details, places or days of birth, to judge by its name")
        words = [table.titles.get(name, ""), *map(str, table.labels.get(name, {}).values())]
        if any(check(word) for word in words for _, check in CHECKS):
            reasons.append("an identifier in its label or value labels")
        shown = name
        if any(check(name) for _, check in CHECKS):
            shown, reasons = "…", [*reasons, "an identifier in its very name"]
        if reasons:
            found.append(f"column '{shown}' holds {', '.join(reasons)}")
    if found:
        raise PrivacyError(
            f"{table.name}: {'; '.join(found)}. Nothing was read in. "
            "Remove this from the file at its source, and ask for the file again."
        )
