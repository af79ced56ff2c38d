"""Dates of birth told from other dates: they lie years back, on every day of the week, all around the year."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field

from mapping.ingest.days import day_of

__all__ = ["EVENT", "Days"]

_LOOKS = re.compile(
    r"\d{11}|"
    r"\d{1,4}[-/.]?\d{1,2}[-/.]?\d{2,4}|\d{1,2}\.? ?[a-zåäö]{3,9}\.? \d{4}|\d{4}-\d\d-\d\d[T ].*",
    re.I,
)
# a column called after something that happens is a column of events
EVENT = re.compile(
    r"svar|inkom|öppn|oppn|start|slut|_end|beslut|begin|open|clos|record|submit|complet|finish|interv|enkät|enkat|import"
    r"|skapad|creat|updat|ändrad|modif|regist|händel|handel|event|incident|decom|aktual|inled|admit|discharge|timestamp",
    re.I,
)
_YOUNGEST, _OLDEST = 4.0, 100.0  # years
_FEWEST = 3  # different days
_WEEKENDS = 0.13  # offices open hardly any case then; two in seven are born then


_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SPSS, _DAY = dt.date(1582, 10, 14), 86_400  # SPSS counts seconds from there


def _otherwise(text: str) -> dt.date | None:
    """The day in the ways that only machines and Americans write it."""
    if match := _MONTH_FIRST.fullmatch(text):
        return day_of(f"{match[3]}-{match[1]}-{match[2]}")
    if len(text) == 11 and text.isdigit() and int(text) % _DAY == 0 and int(text) < 15_000_000_000:
        return _SPSS + dt.timedelta(seconds=int(text))
    return None


@dataclass(slots=True, repr=False)
class Days:
    """The days a column holds, by how many distinct values."""

    rows: int = 0
    seen: Counter[int] = field(default_factory=Counter)

    def look(self, text: str, n: int) -> None:
        """Count `text`, held by `n` rows, if it is a day."""
        if not _LOOKS.fullmatch(text):
            return
        day = day_of(text, short=True) or _otherwise(text)
        if day is not None and day.year >= 1900:
            self.rows += n
            self.seen[day.toordinal()] += 1

    def are_births(self, name: str, filled: int, events: Days | None) -> bool:
        """Whether nearly all of the column are days that pupils, or others, may be born on.

        `events` are the days of the file's earliest column of events: who has one was born before.
        """
        if EVENT.search(name) or len(self.seen) < _FEWEST or self.rows < 0.8 * filled:
            return False
        today, days = dt.date.today().toordinal(), sorted(self.seen)
        born = [day for day in days if _YOUNGEST <= (today - day) / 365.25 <= _OLDEST]
        if len(born) < 0.9 * len(days) or days[-1] - days[0] < 180:  # some weeks of fieldwork, years ago
            return False
        if events is not None and days[len(days) // 2] >= events.early:
            return False
        if len(days) < 30:
            return True
        weekends = sum(dt.date.fromordinal(day).weekday() >= 5 for day in days) / len(days)
        return len({dt.date.fromordinal(day).month for day in days}) >= 9 and weekends >= _WEEKENDS

    @property
    def early(self) -> int:
        """The day before which a quarter of them lie."""
        return sorted(self.seen)[len(self.seen) // 4]

    def are_events(self, name: str, filled: int) -> bool:
        """Whether the column is called after something that happens, and holds days."""
        return bool(EVENT.search(name)) and len(self.seen) >= _FEWEST and self.rows >= 0.8 * filled
