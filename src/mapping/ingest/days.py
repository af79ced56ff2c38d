"""Days as people and systems write them."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from babel.dates import get_month_names

__all__ = ["day_of"]

_TIME = (
    r"(?:[T ,]+\d{1,2}(?:[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?)?\s*(?:[ap]m)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_SHAPES = tuple(
    re.compile(shape + _TIME, re.IGNORECASE)
    for shape in (
        r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})",
        r"(?P<y>(?:18|19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<d>\d{1,2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})",
        r"(?:\w{3,7}\s+)?(?:den )?(?P<d>\d{1,2})\.?[ -](?P<name>[a-zåäö]{3,9})\.?,?[ -](?P<y>\d{4})",
        r"(?P<name>[a-zåäö]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})",
    )
)
_SHORT = re.compile(r"(?P<y>\d{2})-?(?P<m>\d{2})-?(?P<d>\d{2})")


@cache
def _months() -> dict[str, int]:
    """The number of a month by the first letters of its Swedish or English name (CLDR)."""
    return {
        name.casefold()[:3]: number
        for locale in ("sv", "en")
        for number, name in get_month_names("wide", locale=locale).items()
    }


def day_of(text: str, *, short: bool = False) -> dt.date | None:
    """The day that `text` is, with or without a time of day; day before month; None where it is none.

    `short` also takes 250131 and 25-01-31, of the century that does not lie ahead.

    >>> day_of("2025-01-31T9:05"), day_of("3 januari 2025")
    (datetime.date(2025, 1, 31), datetime.date(2025, 1, 3))
    """
    text = text.strip().removesuffix(".0")
    if len(text) == 6 and text.isascii() and text.isdigit() and not _may_be_short(text):
        return None
    for shape in _SHAPES:
        if match := shape.fullmatch(text):
            found = match.groupdict()
            month = _months().get(found["name"].casefold()[:3], 0) if found.get("name") else int(found["m"])
            return _day(int(found["y"]), month, int(found["d"]))
    if short and (match := _SHORT.fullmatch(text)):
        today = dt.date.today()
        day = _day(2000 + int(match["y"]), int(match["m"]), int(match["d"]))
        late = day is None or day > today
        return _day(1900 + int(match["y"]), int(match["m"]), int(match["d"])) if late else day
    return None


def _may_be_short(text: str) -> bool:
    """Whether six digits hold a month and a day; most numbers do not, and are told so quickly."""
    return "00" < text[2:4] < "13" and "00" < text[4:] < "32"


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
