"""Counts over time: breaks, gaps, part-years and revisions kept apart; trends said only where counts compare."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from mapping.concepts.case_file import CaseBreak
from mapping.errors import EstimationError
from mapping.estimate.cases.periods import in_long_form

__all__ = ["JUMP", "CaseSeries", "case_series", "events_over_time"]

JUMP = 0.5  # a step by half or more of the level before asks for a marker, if chance does not explain it
CHANCE = 3.0  # standard errors of the difference of two Poisson counts
CHANGE = ("chang", "not comparable", "ändra", "jämför", "ny rutin", "new routine", "omlagd")
COVERAGE = 0.05  # a change of the share that answered, from which counts do not compare


@dataclass(frozen=True, slots=True)
class CaseSeries:
    """A series of counts, ready to be drawn and described.

    `points` has a row per measure and period, in order: ``measure``, ``label``, ``start``, ``end``, ``value``
    (missing: a gap), ``months`` that were counted, ``per_month``, ``part`` (fewer months than the period has),
    ``coverage`` (share that answered), ``bound`` ("lower" where not all answered: never scaled up), ``segment``
    (compares with the other points of the segment, and with no others) and ``run`` (joined by one line).
    `revisions` holds earlier vintages: ``measure``, ``label``, ``vintage``, ``value``, and the ``latest`` value.
    `breaks` are those stated and those the table itself shows, `asks` steps that no marker explains;
    `notes` say what is remarkable.
    """

    points: pd.DataFrame
    breaks: tuple[CaseBreak, ...] = ()
    revisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    asks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def trends(self, level: float = 0.95) -> pd.DataFrame:
        """How the last point of each segment lies to its first: said within a segment only, with no word on causes.

        Returns
        -------
        DataFrame
            ``measure``, ``segment``, ``first``, ``last`` (labels), ``per_month_first``, ``per_month_last``, ``ratio``
            with exact limits ``ci_low``, ``ci_high`` (of two Poisson counts, given their sum), and ``direction``:
            "higher", "lower" or "cannot be told". A segment of one point has no trend.
        """
        rows = []
        counted = self.points[self.points["value"].notna()]
        for (measure, segment), part in counted.groupby(["measure", "segment"], sort=False):
            if len(part) > 1:
                rows.append({"measure": measure, "segment": segment, **_trend(part, level)})
        return pd.DataFrame(rows)


def _trend(part: pd.DataFrame, level: float) -> dict[str, object]:
    first, last = part.iloc[0], part.iloc[-1]
    y1, y2 = first["value"], last["value"]
    exposure = first["months"] / last["months"]
    tail = (1 - level) / 2
    low = beta.ppf(tail, y2, y1 + 1) if y2 > 0 else 0.0
    high = beta.ppf(1 - tail, y2 + 1, y1) if y1 > 0 else 1.0
    low, high = exposure * low / (1 - low), exposure * high / (1 - high) if high < 1 else np.inf
    return {
        "first": first["label"],
        "last": last["label"],
        "per_month_first": first["per_month"],
        "per_month_last": last["per_month"],
        "ratio": exposure * y2 / y1 if y1 else np.nan,
        "ci_low": low,
        "ci_high": high,
        "direction": "higher" if low > 1 else "lower" if high < 1 else "cannot be told",
    }


def case_series(
    frame: pd.DataFrame,
    *,
    breaks: Sequence[CaseBreak] = (),
    jump: float = JUMP,
    averages: Mapping[str, float] = MappingProxyType({}),
) -> CaseSeries:
    """A published table of counts over time as a series.

    Parameters
    ----------
    frame : DataFrame
        One row per period: ``year`` with or without ``month`` or ``quarter``, or ``period`` ("2025", "2025-04",
        "2025Q2"), in English or Swedish, and a column per measure; or ``measure`` and ``value``. Optional:
        ``months_open`` (months counted, of a part-year), ``vintage`` (when published: the latest counts, earlier ones
        are kept), ``answered`` and ``of`` (who reported, of how many), ``definition``, ``note``, and
        ``printed_<measure>_per_month`` to be held against the counts. An empty cell is a gap, never 0.
    breaks : sequence of CaseBreak
        The markers that are stated.
    jump : float
        From which step (share of the level before) a marker is asked for.
    averages : mapping of str to float
        By measure, the average a month over all periods as it was printed, to be held against the counts.

    Raises
    ------
    EstimationError
        If periods cannot be told, or a period stands twice without vintages.

    Examples
    --------
    >>> found = case_series(pd.DataFrame({"year": [2021, 2022, 2024], "cases": [40, 44, 39]}))
    >>> found.points["run"].tolist()
    [0, 0, 1]
    """
    rows, notes = in_long_form(frame)
    rows, revisions = _latest(rows)
    breaks = (*breaks, *_shown_by(rows))
    points = pd.concat(
        [_ordered(part, breaks) for _, part in rows.groupby("measure", sort=False)], ignore_index=True
    )
    notes += [*_printed(points), *_averages(points, averages), *_said(points, breaks)]
    if len(revisions):
        notes += [
            f"{r['measure']} {r['label']}: {r['value']:g} as published {r['vintage']}, {r['latest']:g} in the latest; "
            "both are kept."
            for r in revisions.to_dict("records")
        ]
    kept = ["measure", "label", "start", "end", "value", "months", "per_month", "part", "coverage", "bound", "segment",
            "run"]  # fmt: skip
    return CaseSeries(points[kept], tuple(breaks), revisions, tuple(_jumps(points, jump)), tuple(notes))


def _latest(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The latest vintage of each value, and the earlier ones beside it."""
    ordered = rows.sort_values("vintage", kind="stable")
    last = ordered.groupby(["measure", "start", "end"], sort=False)["value"].transform("last")
    old = ordered.duplicated(["measure", "start", "end"], keep="last")
    if (same := ordered.duplicated(["measure", "start", "end", "vintage"])).any():
        label = ordered.loc[same, "label"].iloc[0]
        raise EstimationError(
            f"the period {label} stands twice. Say in a column 'vintage' when each value was published, or remove one."
        )
    earlier = ordered.assign(latest=last)[old & ordered["value"].notna()]
    changed = earlier[earlier["value"] != earlier["latest"]]
    kept = ordered[~old].sort_index()
    return kept, changed[["measure", "label", "vintage", "value", "latest"]].reset_index(drop=True)


def _shown_by(rows: pd.DataFrame) -> Iterable[CaseBreak]:
    """Breaks that the table itself shows: another definition, or another share that answered."""
    found: dict[tuple[dt.date, str], CaseBreak] = {}
    for measure, part in rows.sort_values("start").groupby("measure", sort=False):
        for before, now in itertools.pairwise(part.to_dict("records")):
            start = now["start"]
            if before["definition"] != now["definition"] and "" not in (
                before["definition"],
                now["definition"],
            ):
                found[start, "definition"] = _break(start, "definition", "")
            shift = abs(now["coverage"] - before["coverage"])
            if shift > COVERAGE or np.isnan(now["coverage"]) != np.isnan(before["coverage"]):
                found[start, "coverage"] = _break(start, "coverage", str(measure))
    return found.values()


def _break(start: dt.date, kind: str, indicator: str) -> CaseBreak:
    reasons = {
        "definition": {"sv": "Definitionen ändrades.", "en": "The definition changed."},
        "coverage": {"sv": "Andra eller fler har svarat.", "en": "Others, or more, have answered."},
    }
    return CaseBreak(start, kind, reasons[kind], indicator)


def _ordered(part: pd.DataFrame, breaks: Iterable[CaseBreak]) -> pd.DataFrame:
    """The points of one measure in time, with the segment and the run of each."""
    part = part.sort_values("start").reset_index(drop=True)
    own = [b.start for b in breaks if b.indicator in ("", part["measure"].iloc[0])]
    points = part.to_dict("records")
    steps = [(False, False), *(_step(before, now, own) for before, now in itertools.pairwise(points))]
    segments = np.cumsum([broke for broke, _ in steps])
    return part.assign(
        segment=segments,
        run=np.cumsum([broke or hole for broke, hole in steps]),
        per_month=part["value"] / part["months"],
        part=part["months"] < part["full"] - 0.05,
        bound=np.where(part["coverage"] < 1, "lower", ""),
    )


def _step(
    before: dict[Hashable, Any], now: dict[Hashable, Any], breaks: Sequence[dt.date]
) -> tuple[bool, bool]:
    """Whether a break, and whether a hole, lies between two points; a period with a break inside compares with none."""
    within = any(p["start"] < start <= p["end"] for start in breaks for p in (before, now))
    broke = within or any(before["start"] < start <= now["start"] for start in breaks)
    hole = (now["start"] - before["end"]).days > 1 or np.isnan(before["value"]) or np.isnan(now["value"])
    return broke, bool(hole)


def _agrees(point: dict[Hashable, Any]) -> bool:
    """Whether a printed rate follows from the count; months of a part-year are themselves rounded."""
    slack = 0.05 if point["months"] % 1 else 0.0
    least, most = (np.floor(point["value"] / (point["months"] + s) + 0.5) for s in (slack, -slack))
    return bool(least <= point["printed"] <= most)


def _averages(points: pd.DataFrame, printed: Mapping[str, float]) -> Iterable[str]:
    """Averages over all periods that do not follow from the counts."""
    for measure, average in printed.items():
        counted = points[points["measure"].eq(measure) & points["value"].notna()]
        total, months = counted["value"].sum(), counted["months"].sum()
        if abs(total / months - average) > 0.5:
            yield (
                f"{measure}: the printed average of {average:g} a month does not follow from the counts: {total:g} in "
                f"{months:g} months are {total / months:.1f}. The counts are kept."
            )


def _printed(points: pd.DataFrame) -> Iterable[str]:
    """Rates printed beside the counts that do not follow from them."""
    for point in points.dropna(subset=["printed", "value"]).to_dict("records"):
        if not _agrees(point):
            yield (
                f"{point['measure']} {point['label']}: {point['printed']:g} per month is printed, the counts give "
                f"{point['per_month']:.1f}. The counts are kept."
            )


def _said(points: pd.DataFrame, breaks: Sequence[CaseBreak]) -> Iterable[str]:
    for point in points.drop_duplicates("label").to_dict("records"):
        marked = any(point["start"] <= b.start <= point["end"] for b in breaks)
        if not marked and any(word in point["note"].casefold() for word in CHANGE):
            yield f"{point['label']}: the table's own note speaks of a change. State it as a break: break_from = …"


def _jumps(points: pd.DataFrame, jump: float) -> Iterable[str]:
    for _, part in points[points["value"].notna()].groupby(["measure", "run"], sort=False):
        for before, now in itertools.pairwise(part.to_dict("records")):
            low, high = sorted((before["per_month"], now["per_month"]))
            times = now["months"] / before["months"]
            noise = CHANCE * np.sqrt(before["value"] * times**2 + now["value"])
            if high >= low * (1 + jump) and abs(now["value"] - before["value"] * times) > noise:
                yield (
                    f"{now['measure']}: the step from {before['label']} to {now['label']} ({before['value']:g} to "
                    f"{now['value']:g}) is larger than chance explains, and no break is stated. If a routine, a "
                    "system, a definition or the coverage changed, state break_from; otherwise the two are compared."
                )


def events_over_time(days: pd.Series, every: str = "month") -> pd.DataFrame:
    """Events counted by month, quarter or year: a table for `case_series`, with 0 where nothing was recorded.

    Parameters
    ----------
    days : Series of datetimes
        The day of each event, such as ``records.frame["opened"]``.
    every : str
        "month", "quarter" or "year".
    """
    known = {"month": "M", "quarter": "Q", "year": "Y"}
    if every not in known:
        raise EstimationError(f"'every' is 'month', 'quarter' or 'year', not {every!r}.")
    periods = days.dropna().dt.to_period(known[every])
    counts = periods.value_counts()
    whole = list(pd.period_range(periods.min(), periods.max(), freq=known[every])) if len(counts) else []
    return pd.DataFrame({"period": [str(p) for p in whole], "events": [int(counts.get(p, 0)) for p in whole]})
