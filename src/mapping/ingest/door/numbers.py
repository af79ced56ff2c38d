"""Numbers that belong to one person, telephone or device."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re

import phonenumbers
from personnummer import personnummer
from phonenumbers import PhoneNumberType

__all__ = ["has_device", "has_network", "has_phone", "is_mobile", "is_personal_number", "personal_numbers"]

# a date of birth and four more digits, however spaced; in coordination numbers the day is 60 higher
_GAP = r"[ .\-/_]{0,2}"
_PERSONAL = re.compile(
    rf"(?<![\d,])(?<!\d\.)(?P<century>(?:1\s?[89]|2\s?0)\s?)?(?P<y>\d\s?\d){_GAP}(?P<m>0\s?[1-9]|1\s?[0-2]){_GAP}"
    rf"(?P<d>[0-3]\s?\d|[6-9]\s?\d)\s{{0,2}}(?P<sign>[-+/.:,*_]?)\s{{0,2}}(?P<last>\d(?:\s?\d){{3}})(?!\d|[,.:/-]\d)"
)
# as a part of a longer key, R-20060421-9980-2026, or with the day first
_KEYED = re.compile(r"(?<!\d)((?:19|20)\d{6})[-+]?(\d{4})(?=-\d)")
_TURNED = re.compile(r"(?<![\d.,])(\d{2})[-./ ](\d{2})[-./ ]((?:19|20)\d{2})[-+/]?(\d{4})(?!\d)")
# stands in for a personal number until there is one: interim and school numbers such as 20060421-TF01 or 060421-T123,
# or is left of one that was masked: 20060421-XXXX
_INTERIM = re.compile(
    r"(?<![\d,.])(?P<date>(?:(?:19|20)\d{2}|\d{2})(?:0[1-9]|1[0-2])(?:[0-3]\d|[6-9]\d))[-+ ]?"
    r"(?:TF\d{2}|[TRSUWXJKLMNP]\d{3}|[X*#?•]{4})(?!\w)",
    re.IGNORECASE,
)
_OLDEST = 1880

_SEVEN = re.compile(r"(?:\+|00|\b0|\(0)(?:[\s()./-]{0,3}\d){6}")
# numbers that belong to an office or a helpline, not to a person
_PUBLIC = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.UAN,
    }
)
# within a random key such as 4f2a-0701740605-9c
_HEX_BEFORE, _HEX_AFTER = re.compile("[0-9a-f]-?$", re.IGNORECASE), re.compile("-?[0-9a-f]", re.IGNORECASE)
_MOBILE = re.compile(r"(?:0|46|0046)?7[02369]\d{7}")

_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])|(?<![\w.])(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}(?![\w.])",
    re.IGNORECASE,
)


def _squeezed(text: str | None) -> str:
    return re.sub(r"\D", "", text or "")


def _born(century: str, date: str) -> bool:
    """Whether the six digits are a day that lies behind us in the century given, or in any."""
    day = int(date[4:]) - (60 if int(date[4:]) > 60 else 0)
    for hundred in [century] if century else ["19", "20"]:
        try:
            born = dt.date(int(hundred + date[:2]), int(date[2:4]), day)
        except ValueError:
            continue
        if born.year >= _OLDEST and born <= dt.date.today():
            return True
    return False


def personal_numbers(text: str) -> list[bool]:
    """For everything in `text` that begins like a date of birth and is as long: whether its checksum holds too."""
    found = []
    for match in _PERSONAL.finditer(text):
        date = _squeezed(match["y"] + match["m"] + match["d"])
        if _born(_squeezed(match["century"]), date):
            found.append(_has_checksum(date + _squeezed(match["last"])))
    others = [(m[1], m[2]) for m in _KEYED.finditer(text)] if "-" in text else []
    others += [(m[3] + m[2] + m[1], m[4]) for m in _TURNED.finditer(text)]
    return found + [_has_checksum(day[2:] + last) for day, last in others if _born(day[:2], day[2:])]


def _has_checksum(ten: str) -> bool:
    """By the library; a plus tries the century before, in which 29 February may be a day."""
    return any(bool(personnummer.valid(f"{ten[:6]}{sign}{ten[6:]}")) for sign in "-+")


def is_personal_number(text: str) -> bool:
    """Whether a Swedish personal, coordination or interim number stands anywhere in `text`.

    >>> is_personal_number("ring 20060421-9980 efter tre"), is_personal_number("20060421-9981")
    (True, False)
    """
    if any(personal_numbers(text)):
        return True
    return any(_born(m["date"][:-6], m["date"][-6:]) for m in _INTERIM.finditer(text))


def has_phone(text: str) -> bool:
    """Whether a telephone number of somebody stands in `text`; freephone and service numbers are nobody's."""
    if not _SEVEN.search(text):
        return False
    return any(
        phonenumbers.number_type(match.number) not in _PUBLIC
        for match in phonenumbers.PhoneNumberMatcher(text, "SE")
        if not (_HEX_BEFORE.search(text[: match.start]) or _HEX_AFTER.match(text, match.end))
    )


def is_mobile(digits: str) -> bool:
    """Whether plain digits are a Swedish mobile number, with or without its leading zero or country code."""
    return _MOBILE.fullmatch(digits) is not None


def has_network(text: str) -> bool:
    """Whether an internet address of some machine stands in `text`; 1.2.3.4 numbers a paragraph."""
    four = _IPV4.finditer(text) if text.count(".") > 2 else ()
    six = _IPV6.finditer(text) if text.count(":") > 2 else ()
    for match in (*four, *six):
        try:
            address = ipaddress.ip_address(match.group())
        except ValueError:
            continue
        named = address.version == 6 or any(part >= 10 for part in address.packed)
        if named and not (address.is_loopback or address.is_unspecified):
            return True
    return False


def has_device(text: str) -> bool:
    """Whether the hardware address of a device stands in `text`; without any letter it is a time stamp."""
    if max(map(text.count, ":-")) < 5 and text.count(".") < 2:
        return False
    return any(re.search("[a-f]", match.group(), re.IGNORECASE) for match in _MAC.finditer(text))
