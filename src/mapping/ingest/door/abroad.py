"""Personal numbers of neighbouring countries: Norway's and Finland's, told by their check digits."""

from __future__ import annotations

import datetime as dt
import re

__all__ = ["foreign_numbers"]

_NORWAY = re.compile(r"(?<![\d.,])(\d{6})[ -]?(\d{5})(?!\d|[.,]\d)")
_FIRST, _SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_FINLAND = re.compile(r"(?<!\w)(\d{6})[-+A-FU-Y](\d{3})([0-9A-FHJ-NPR-Y])(?!\w)", re.IGNORECASE)
_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def foreign_numbers(text: str) -> list[bool]:
    """For everything in `text` shaped as a Norwegian or Finnish personal number: whether its check digits hold.

    >>> foreign_numbers("henkilötunnus 010109A901U"), foreign_numbers("010109A901A")
    ([True], [False])
    """
    norway = [_norwegian(m[1] + m[2]) for m in _NORWAY.finditer(text) if _is_day(m[1])]
    finland = [
        _CHECK[int(m[1] + m[2]) % 31] == m[3].upper() for m in _FINLAND.finditer(text) if _is_day(m[1])
    ]
    return norway + finland


def _norwegian(digits: str) -> bool:
    """Whether both of its check digits hold, to the modulus 11."""
    sums = (sum(int(d) * w for d, w in zip(digits, weights, strict=False)) for weights in (_FIRST, _SECOND))
    return all(total % 11 == 0 for total in sums)


def _is_day(six: str) -> bool:
    """Whether six digits are a day, month and year; a D-number's day is 40 higher, a synthetic one's month 40 or 80."""
    day, month = int(six[:2]) % 40, int(six[2:4]) % 40
    try:
        dt.date(2000 + int(six[4:]) % 4, month, day)
    except ValueError:
        return False
    return True
