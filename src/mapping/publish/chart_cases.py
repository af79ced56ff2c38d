"""Cases known to services: how two reasons overlap, and how counts ran over the years, with breaks and gaps drawn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from mapping.concepts.case_file import CaseBreak
from mapping.disclosure.protected import Figure, ProtectedRelease, Status, require_sealed
from mapping.publish.chart_axis import LABEL, SMALL
from mapping.publish.palette import ACCENT, ACCENT_SECOND, FAINT, INK, PAPER, QUIET
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import Wording
from mapping.publish.typeface import wrap
from mapping.texts import Texts, load

__all__ = ["Year", "draw_case_series", "draw_overlap"]

_BAR: Final = 0.95  # centimetres: height of the overlap's bar
_HEIGHT: Final = 4.0  # of the panel of a series
_LEFT, _RIGHT = 1.0, 0.45  # room for the axis, and for the last label
_STEPS: Final = (5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a series: its printed count, or None where it is withheld or nobody counted."""

    year: int
    count: int | None = None
    withheld: bool = False


def _count(release: ProtectedRelease, indicator: str, wave: str) -> int | None:
    figure: Figure | None = release.one(
        wave=wave, indicator=indicator, level="municipality", group="all", target="cases"
    )
    return figure.count if figure is not None and figure.status is Status.SHOWN else None


def draw_overlap(
    release: ProtectedRelease,
    *,
    wave: str,
    period: str,
    language: str,
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture | None:
    """One bar of all cases: honour-related alone, both, partner violence alone; None where one of them is withheld.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    first, second, both = (_count(release, id_, wave) for id_ in ("K01", "K02", "K01+K02"))
    if first is None or second is None or both is None or not first + second:
        return None
    parts = {"first": first - both, "both": both, "second": second - both}
    title, subtitle = said.title or text("overlap.title"), text("overlap.subtitle", period=period)
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    note = wrap(text("overlap.note", union=sum(parts.values())), frame.inner, SMALL)
    sheet = frame.sheet(frame.top + 0.75 + _BAR + 0.75 + 0.34 * len(note))
    _bar(sheet, frame, text, parts)
    for number, line in enumerate(note):
        y = frame.top + 0.75 + _BAR + 0.75 + 0.34 * number
        sheet.text(frame.margin, y, line, SMALL, colour=QUIET)
    alt = text("overlap.alt", period=period, union=sum(parts.values()), **parts)
    return sheet.picture(f"cases-overlap-{wave}-{language}", title, alt)


def _bar(sheet: Sheet, frame: Frame, text: Texts, parts: Mapping[str, int]) -> None:
    """The three parts in proportion; brackets above and below say what each whole is."""
    total, top = sum(parts.values()), frame.top + 0.75
    fills = {"first": ACCENT, "both": INK, "second": ACCENT_SECOND}
    edges = np.cumsum([0, *parts.values()]) / total * frame.inner + frame.margin
    for number, (name, count) in enumerate(parts.items()):
        left, right = edges[number], edges[number + 1]
        sheet.shape(shapely.box(left, top, right, top + _BAR), fill=fills[name], edge=PAPER, width=1.2)
        if count and right - left > 0.75:
            sheet.text(
                (left + right) / 2,
                top + 0.6,
                text.number(count),
                11.0,
                bold=True,
                align="center",
                colour=PAPER,
            )
    _bracket(
        sheet, edges[0], edges[2], top - 0.1, -1, text("overlap.first", count=parts["first"] + parts["both"])
    )
    _bracket(
        sheet,
        edges[1],
        edges[3],
        top + _BAR + 0.1,
        1,
        text("overlap.second", count=parts["second"] + parts["both"]),
    )


def _bracket(sheet: Sheet, left: float, right: float, y: float, side: int, words: str) -> None:
    foot = y + side * 0.12
    sheet.strokes(
        np.array([[[left, y], [left, foot]], [[left, foot], [right, foot]], [[right, foot], [right, y]]]),
        colour=QUIET,
        width=0.8,
    )
    align, x = ("left", left) if side < 0 else ("right", right)
    sheet.text(x, foot - 0.12 if side < 0 else foot + 0.36, words, LABEL, align=align)


def draw_case_series(
    release: ProtectedRelease,
    years: Sequence[Year],
    breaks: Sequence[CaseBreak],
    *,
    indicator: str,
    name: str,
    wave: str,
    language: str,
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture | None:
    """A point for each year's printed count; lines join neighbours that compare, a break and a missing year part them.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    shown = [year for year in years if year.count is not None]
    if len(shown) < 2:
        return None
    title = said.title or text("series.title", name=name)
    subtitle = text("series.subtitle")
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    marks = [b for b in breaks if years[0].year < b.start.year <= years[-1].year]
    reasons = [text("series.break", year=str(b.start.year), reason=b.reason.get(language, "")) for b in marks]
    note = wrap(" ".join([*reasons, text("series.note")]), frame.inner, SMALL)
    sheet = frame.sheet(frame.top + _HEIGHT + 0.75 + 0.34 * len(note))
    _panel(sheet, frame, text, years, marks)
    for number, line in enumerate(note):
        sheet.text(frame.margin, frame.top + _HEIGHT + 0.85 + 0.34 * number, line, SMALL, colour=QUIET)
    return sheet.picture(f"cases-series-{indicator}-{wave}-{language}", title, _alt(text, years, marks, name))


def _panel(
    sheet: Sheet, frame: Frame, text: Texts, years: Sequence[Year], marks: Sequence[CaseBreak]
) -> None:
    span = range(years[0].year, years[-1].year + 1)
    left, right = frame.margin + _LEFT, frame.width - frame.margin - _RIGHT
    bottom, highest = frame.top + _HEIGHT, max(year.count or 0 for year in years)
    step = next(step for step in _STEPS if highest <= 4 * step or step == _STEPS[-1])
    top_value = step * max(int(np.ceil(highest / step)), 1)

    def across(year: float) -> float:
        return left + (right - left) * (year - span[0] + 0.5) / len(span)

    def down(count: float) -> float:
        return bottom - (_HEIGHT - 0.55) * count / top_value

    for tick in range(0, top_value + 1, step):
        sheet.strokes(np.array([[[left, down(tick)], [right, down(tick)]]]), colour=FAINT, width=0.6)
        sheet.text(left - 0.12, down(tick) + 0.09, text.number(tick), SMALL, align="right", colour=QUIET)
    for made in marks:
        x = across(made.start.year - 0.5 + (made.start.month - 1) / 12)
        ys = np.arange(frame.top + 0.35, bottom, 0.22)
        sheet.strokes(np.array([[[x, y], [x, y + 0.11]] for y in ys]), colour=QUIET, width=0.9)
        sheet.text(x, frame.top + 0.22, text("series.break_mark"), SMALL, align="center", colour=QUIET)
    known = {year.year: year for year in years}
    for before, now in itertools.pairwise(span):
        ends = [known[y].count if y in known else None for y in (before, now)]
        if None in ends or any(before < b.start.year <= now for b in marks):
            continue
        line = [[across(before), down(ends[0] or 0)], [across(now), down(ends[1] or 0)]]
        sheet.strokes(np.array([line]), colour=ACCENT, width=1.5, round_caps=True)
    for at in span:
        _point(sheet, text, known.get(at), at, across(at), down, bottom)


def _point(
    sheet: Sheet,
    text: Texts,
    year: Year | None,
    at: int,
    x: float,
    down: Callable[[float], float],
    bottom: float,
) -> None:
    sheet.text(x, bottom + 0.4, str(at), SMALL, align="center", colour=QUIET)
    if year is not None and year.count is not None:
        y = down(year.count)
        sheet.shape(shapely.Point(x, y).buffer(0.09), fill=ACCENT, edge=PAPER, width=0.6)
        sheet.text(x, y - 0.2, text.number(year.count), LABEL, align="center", bold=True, halo=PAPER)
        return
    words = text("series.withheld" if year is not None and year.withheld else "series.gap")
    sheet.text(x, bottom - 0.12, words, SMALL, align="center", colour=QUIET)


def _alt(text: Texts, years: Sequence[Year], marks: Sequence[CaseBreak], name: str) -> str:
    said = [text("series.alt", name=name)]
    for at in range(years[0].year, years[-1].year + 1):
        year = next((y for y in years if y.year == at), None)
        if any(b.start.year == at for b in marks):
            said.append(text("series.alt_break", year=str(at)))
        if year is not None and year.count is not None:
            said.append(text("series.alt_year", year=str(at), count=year.count))
        else:
            withheld = year is not None and year.withheld
            said.append(text("series.alt_withheld" if withheld else "series.alt_gap", year=str(at)))
    return " ".join(said)
