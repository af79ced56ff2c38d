"""Intervals place by place, in alphabetical order: how sure each share is, and no ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import shapely

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, Status, require_sealed
from mapping.errors import BuildError
from mapping.publish.chart_axis import LABEL, SMALL, Scale, draw_grid, draw_interval, highest, notes
from mapping.publish.map_places import Subject, map_level, places_of
from mapping.publish.palette import INK, QUIET
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import (
    Wording,
    denominator_words,
    figure_words,
    listed,
    name_words,
    population_words,
    wave_words,
    whole_words,
)
from mapping.publish.typeface import text_width
from mapping.texts import Texts, load

__all__ = ["draw_places"]

_ROW: Final = 0.46  # centimetres
_NAMES: Final = (2.0, 5.0)  # the narrowest and widest column of names
_LONGEST: Final = 32  # rows in a column; more places stand in several columns


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    figure: Figure | None
    said: str  # what stands in place of a mark


def draw_places(
    release: ProtectedRelease,
    districts: Districts,
    indicator: Indicator,
    *,
    wave: str,
    language: str,
    level: str | None = None,
    group: str = "all",
    target: str = "pupils",
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture:
    """A dot on a line for each place, in alphabetical order, and the municipality's share as a line across all.

    Parameters and errors are those of `draw_map`. A withheld place has its name and the words "not shown".
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    subject = Subject(indicator, wave, group, target)
    level = level or map_level(release, subject)
    if level is None:
        raise BuildError(
            f"{indicator.id} {wave}: no place is printed, so there is no chart. Say so in words."
        )
    rows = _rows(release, districts, subject, level, text)
    whole = subject.whole(release)
    title = said.title or text("chart.places_title", name=name_words(text, indicator))
    frame = Frame.of(
        text,
        width,
        title,
        _subtitle(text, subject, said),
        said.source,
        synthetic=release.synthetic,
        heading=heading,
    )
    sheet = _draw(frame, rows, whole, text)
    return sheet.picture(
        f"places-{indicator.id}-{wave}-{level}-{group}-{language}", title, _alt(text, subject, rows, whole)
    )


def _rows(
    release: ProtectedRelease, districts: Districts, subject: Subject, level: str, text: Texts
) -> list[_Row]:  # fmt: skip
    figures = {figure.area: figure for figure in subject.figures(release, level)}
    rows = []
    for place in places_of(release, districts, subject, level, "estimate", text.language):
        figure = figures.get(place.code)
        if place.share is not None:
            rows.append(_Row(place.name, figure, ""))
        elif figure is not None and figure.status is Status.NONE_KNOWN:
            rows.append(_Row(place.name, None, figure_words(text, figure)))
        else:
            rows.append(_Row(place.name, None, text(f"picture.{place.state.value}")))
    return sorted(rows, key=lambda row: text.sort_key(row.name))


def _subtitle(text: Texts, subject: Subject, wording: Wording) -> str:
    return text(
        "chart.places_subtitle",
        denominator=denominator_words(text, subject.indicator),
        wave=wave_words(text, subject.wave),
        population=population_words(wording),
        target=text(f"picture.target.{subject.target}"),
    )


def _draw(frame: Frame, rows: Sequence[_Row], whole: Figure | None, text: Texts) -> Sheet:
    columns = -(-len(rows) // _LONGEST)
    each = -(-len(rows) // columns)
    note = notes(text, (row.figure for row in rows), frame.inner)
    top = frame.top + (0.4 if whole is not None else 0.0)
    bottom = top + each * _ROW
    sheet = frame.sheet(bottom + 1.0 + 0.36 * len(note) + 0.1)
    limit = highest([*(row.figure for row in rows), whole])
    step = (frame.inner + 0.5) / columns
    for number in range(columns):
        part = rows[number * each : (number + 1) * each]
        left = frame.margin + number * step
        _draw_column(
            sheet, part, whole, text, limit, left, left + step - 0.5, top, bottom, values=columns == 1
        )
    for number, line in enumerate(note):
        sheet.text(frame.margin, bottom + 1.2 + 0.36 * number, line, SMALL, colour=QUIET)
    return sheet


def _draw_column(
    sheet: Sheet, rows: Sequence[_Row], whole: Figure | None, text: Texts, limit: float,
    left: float, right: float, top: float, bottom: float, *, values: bool,
) -> None:  # fmt: skip
    """Names, lines and, where there is room, values, between `left` and `right`."""
    longest = max(text_width(row.name, LABEL) for row in rows)
    names = min(max(longest, _NAMES[0]), _NAMES[1], (right - left) * 0.45)
    written = [figure_words(text, row.figure) if row.figure else "" for row in rows]
    room = max(text_width(value, LABEL) for value in written) + 0.3 if values else 0.15
    scale = Scale.covering(limit, left + names + 0.3, right - room, ticks=6 if values else 4)
    draw_grid(sheet, scale, top, bottom, text, last=text("picture.share_axis"))
    if whole is not None and whole.share is not None:
        _draw_whole(sheet, scale, whole, text, top, bottom)
    for number, (row, value) in enumerate(zip(rows, written, strict=True)):
        y = top + (number + 0.5) * _ROW
        sheet.text(left, y + 0.1, _shortened(row.name, names), LABEL)
        if row.figure is None:
            sheet.text(scale.start + 0.12, y + 0.1, row.said, SMALL, colour=QUIET, halo="#ffffff")
            continue
        draw_interval(sheet, scale, y, row.figure)
        if values:
            sheet.text(right, y + 0.1, value, LABEL, align="right")


def _draw_whole(sheet: Sheet, scale: Scale, whole: Figure, text: Texts, top: float, bottom: float) -> None:
    """The municipality's share as a line from top to bottom."""
    share = whole.share or 0.0
    x = scale(share)
    sheet.shape(shapely.LineString([(x, top - 0.08), (x, bottom)]), edge=INK, width=1.0)
    words = text("picture.municipality", share=text.percent(share, whole.decimals))
    half = text_width(words, SMALL) / 2
    sheet.text(max(x, scale.start + half), top - 0.18, words, SMALL, align="center")


def _shortened(name: str, width: float) -> str:
    """A name that is too long for its column, with an ellipsis."""
    while text_width(name, LABEL) > width and len(name) > 4:
        name = name.rstrip("…")[:-1].rstrip(" -–") + "…"
    return name


def _alt(text: Texts, subject: Subject, rows: Sequence[_Row], whole: Figure | None) -> str:
    """What kind of picture it is, its range, the places whose whole line misses the municipality's share."""
    name, wave = name_words(text, subject.indicator), wave_words(text, subject.wave)
    said = [text("chart.alt_places", total=len(rows), name=name, wave=wave)]
    shown = [(f.share, f.decimals) for row in rows if (f := row.figure) is not None and f.share is not None]
    if shown:
        low, high = (text.percent(*limit) for limit in (min(shown), max(shown)))
        said.append(text("picture.alt_range", count=len(shown), low=low, high=high))
    said += _exceptions(text, rows, whole)
    withheld = sum(row.said == text("picture.withheld") for row in rows)
    if withheld:
        said.append(text("map.alt_state.withheld", count=withheld))
    return " ".join(sentence for sentence in (*said, whole_words(text, whole)) if sentence)


def _exceptions(text: Texts, rows: Sequence[_Row], whole: Figure | None) -> list[str]:
    if whole is None or whole.share is None:
        return []
    known = [(row.name, row.figure) for row in rows if row.figure is not None]
    above = [name for name, f in known if f.low is not None and f.low > whole.share]
    below = [name for name, f in known if f.high is not None and f.high < whole.share]
    said = [listed(text, "chart.alt_above", above), listed(text, "chart.alt_below", below)]
    if len(above) + len(below) < len(known):
        said.append(text("chart.alt_overlap" if above or below else "chart.alt_overlap_all"))
    return said
