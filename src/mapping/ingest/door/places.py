"""Places where one person can be found: e-mail, street addresses, postcodes, positions."""

from __future__ import annotations

import re

__all__ = ["has_address", "has_email", "has_position", "is_postcode"]

_EMAIL = re.compile(r"[\w.+%'-]{1,64}\s?@\s?(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_STREET = re.compile(
    r"\b(?!(?:riks|läns?|lands|motor|grus|huvud|bil|cykel|gång|bi|skogs|europa|sido|små|skol)väg)"
    r"(?:[\w:é-]{2,40}?(?:gatan|gata|vägen|väg|gränden|gränd|stigen"
    r"|allén|allé|torget|torg|backen|liden|esplanaden|kajen)"
    r"|(?-i:[A-ZÅÄÖ])[\w:é]{1,30} (?:gatan?|väg(?:en)?|gränd(?:en)?|torg(?:et)?|backen?|plats|allén?))"
    r"\s{1,2}\d{1,4}(?:\s?[A-Ha-h]\b)?"
    r"(?!\s?(?:gång|dag|ggr|år|tim|min|sek|km|m\b|meter|%|procent|st\b|x\b|kr|veck|månad|[-–]\s?\d|[.,:]\d|\d))",
    re.IGNORECASE,
)
# one of these stands in every street, so that most texts need no closer look
_ROADS = (
    *(
        "gat",
        "väg",
        "gränd",
        "stig",
        "allé",
        "torg",
        "back",
        "lide",
        "esplanad",
        "kajen",
        "plats",
        "box",
        "c/o",
    ),
    *("street", " st", "road", " rd", "ave", "lane", "drive", "close", "court", "crescent"),
)
_ENGLISH = re.compile(
    r"\b\d{1,4}[a-zA-Z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Crescent)\b"
)
_BOX = re.compile(r"\b(?:box|postbox|po box)\s\d{1,6}\b,?\s*\d{3}\s?\d{2}\b|\bc/o\s+\w", re.IGNORECASE)
_POST = re.compile(
    r"(?<![\d.,:])(?:SE?-?\s?)?[1-9]\d{2}\s\d{2}\s{1,2}(?:[A-ZÅÄÖ][a-zåäöé]{2,}|[A-ZÅÄÖ]{3,})"
    r"|(?<![\d.,:-])SE?-[1-9]\d{2}\s?\d{2}(?!\d)"
)
_POSTCODE = re.compile(r"(?:SE?-?\s?)?[1-9]\d{2} \d{2}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}")

_DEGREES = re.compile(r"(?<![\d.,])([+-]?\d{1,3})[.,](\d{3,})\s*[,; ]\s*([+-]?\d{1,3})[.,](\d{3,})(?!\d)")
_METRES = re.compile(
    r"(?<![\d.])(?:6[1-9]|7[0-7])\d{5}(?:[.,]\d+)?\s?[,; ]\s?[1-9]\d{5}(?:[.,]\d+)?(?!\d)"
    r"|(?<![\d.])[1-9]\d{5}(?:[.,]\d+)?\s?[,; ]\s?(?:6[1-9]|7[0-7])\d{5}(?:[.,]\d+)?(?!\d)"
)
# N 6640123 E 700456, X=6640123 Y=1650456, N59 45.520 E18 42.198
_NAMED = re.compile(
    r"\b[NX]\s?[=:]?\s?(?:6[1-9]|7[0-7])\d{5}(?:[.,]\d+)?[,; ]+[EYÖ]\s?[=:]?\s?1?[1-9]\d{5}(?!\d)"
    r"|\bN\s?\d{2}[ °]\s?\d{1,2}[.,]\d{2,}['′]?[,; ]+[EÖ]\s?\d{1,3}[ °]\s?\d{1,2}[.,]\d{2,}"
    r"|\b\d{2} \d{1,2}[.,]\d{2,}['′]?\s?N\b[,; ]+\d{1,3} \d{1,2}[.,]\d{2,}['′]?\s?[EÖ]\b"
)
_LINKS = re.compile(
    r"\b(?:POINT|MULTIPOINT|LINESTRING|POLYGON)\s?(?:Z|M|ZM)?\s?\(|SRID=\d"
    r"|google\.[a-z.]{2,6}/maps|maps\.google|maps\.app\.goo|goo\.gl/maps|openstreetmap\.org|maps\.apple|bing\.com/maps"
    r"|hitta\.se/|eniro\.se/|\bgeo:-?\d|\"type\"\s?:\s?\"Point\"|///[a-zåäö]+\.[a-zåäö]+\.[a-zåäö]+"
    r"|\blat(?:itude?|itud)?[\"']?\s?[:=]\s?-?\d+[.,]\d{2}"
    r"|\d\s?°\s?\d{1,2}\s?['′’]|\b\d{1,2}[.,]\d{3,}\s?°",
    re.IGNORECASE,
)
_PLUS_CODE = re.compile(
    r"\b[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,3}\b"
    r"|\b[23456789CFGHJMPQRVWX]{4}\+[23456789CFGHJMPQRVWX]{2,3},? [A-ZÅÄÖ]"
)


def has_email(text: str) -> bool:
    """Whether an e-mail address stands in `text`."""
    return "@" in text and _EMAIL.search(text) is not None


def has_address(text: str) -> bool:
    """Whether a street with its number, a box or a postcode with its place stands in `text`."""
    low = text.casefold()
    if any(word in low for word in _ROADS) and any(s.search(text) for s in (_STREET, _BOX, _ENGLISH)):
        return True
    return _POST.search(text) is not None


def is_postcode(text: str) -> bool:
    """Whether `text` is a postcode and nothing else, written with its space."""
    return _POSTCODE.fullmatch(text) is not None


def _is_pair(match: re.Match[str]) -> bool:
    """Whether two decimals are a latitude and a longitude, in either order, of Sweden or anywhere to four places."""
    first, second = abs(int(match[1])), abs(int(match[3]))
    if min(len(match[2]), len(match[4])) >= 4:
        return first <= 180 and second <= 180 and min(first, second) <= 90
    low, high = sorted((first, second))
    return 55 <= high <= 69 and 10 <= low <= 24


def has_position(text: str) -> bool:
    """Whether a point on the map stands in `text`: degrees, metres of SWEREF 99, WKT, or a link to a map."""
    if any(sign in text for sign in "(/°:=") and _LINKS.search(text):
        return True
    if "+" in text and _PLUS_CODE.search(text):
        return True
    if _METRES.search(text) or _NAMED.search(text):
        return True
    return any(map(_is_pair, _DEGREES.finditer(text)))
