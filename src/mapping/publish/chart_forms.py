"""Measure by measure, girls and boys apart: shares with the lines where they probably lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mapping.concepts.indicator import Indicator
from mapping.disclosure.protected import Figure, ProtectedRelease, Status, require_sealed
from mapping.publish.chart_axis import (
    LABEL,
    MARKS,
    SMALL,
    Scale,
    draw_grid,
    draw_interval,
    draw_mark,
    highest,
    notes,
)
from mapping.publish.palette import QUIET
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import (
    Wording,
    figure_words,
    group_words,
    name_words,
    population_words,
    wave_words,
)
from mapping.publish.typeface import text_width, wrap
from mapping.texts import Texts, load

__all__ = ["draw_forms", "municipal_figure"]

_NAMES: Final = 5.2  # centimetres
_LINE: Final = 0.36
_GROUP, _BETWEEN = 0.38, 0.3  # one group's line, and the air between two measures


@dataclass(frozen=True, slots=True)
class _Row:
    indicator: Indicator
    name: Sequence[str]
    figures: Sequence[Figure | None]

    @property
    def height(self) -> float:
        return max(_GROUP * len(self.figures), _LINE * len(self.name)) + _BETWEEN


def municipal_figure(
    release: ProtectedRelease, indicator: str, wave: str, group: str = "all", target: str = "pupils"
) -> Figure | None:  # fmt: skip
    """The municipality's figure of a wave; of pooled waves that end with it where its own is not shown."""
    found = {
        figure.wave: figure
        for figure in release.select(indicator=indicator, level="municipality", group=group, target=target)
        if wave in figure.wave.split("+")
    }
    own = found.get(wave)
    if own is not None and own.status is not Status.WITHHELD:
        return own
    return next((figure for name, figure in sorted(found.items()) if "+" in name), own)


def draw_forms(
    release: ProtectedRelease,
    indicators: Sequence[Indicator],
    *,
    wave: str,
    language: str,
    groups: Sequence[str] = ("girl", "boy"),
    target: str = "pupils",
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture:
    """One block of lines for each indicator, in the order given, with one line for each group.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    rows = [
        _Row(
            indicator,
            wrap(name_words(text, indicator), _NAMES, LABEL),
            [municipal_figure(release, indicator.id, wave, group, target) for group in groups],
        )
        for indicator in indicators
    ]
    title = said.title or text("chart.forms_title" if len(groups) > 1 else "chart.forms_title_all")
    subtitle = text(
        "chart.forms_subtitle", wave=wave_words(text, wave), population=population_words(said),
        target=text(f"picture.target.{target}"),
    )  # fmt: skip
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    sheet = _draw(frame, rows, groups, text)
    return sheet.picture(f"forms-{wave}-{'-'.join(groups)}-{language}", title, _alt(text, rows, groups, wave))


def _draw(frame: Frame, rows: Sequence[_Row], groups: Sequence[str], text: Texts) -> Sheet:
    note = notes(text, (f for row in rows for f in row.figures), frame.inner)
    top = frame.top + (0.55 if len(groups) > 1 else 0.0)
    bottom = top + sum(row.height for row in rows)
    sheet = frame.sheet(bottom + 1.0 + 0.36 * len(note) + 0.1)
    values = [[_value(text, figure) for figure in row.figures] for row in rows]
    room = max((text_width(value, LABEL) for row in values for value, shown in row if shown), default=0) + 0.3
    right = frame.margin + frame.inner
    scale = Scale.covering(
        highest(f for row in rows for f in row.figures), frame.margin + _NAMES + 0.3, right - room
    )
    if len(groups) > 1:
        _draw_key(sheet, scale.start, frame.top + 0.2, groups, text)
    draw_grid(sheet, scale, top, bottom, text, last=text("picture.share_axis"))
    y = top
    for row, written in zip(rows, values, strict=True):
        _draw_row(sheet, scale, row, written, y, frame.margin, right)
        y += row.height
    for number, line in enumerate(note):
        sheet.text(frame.margin, bottom + 1.2 + 0.36 * number, line, SMALL, colour=QUIET)
    return sheet


def _draw_row(
    sheet: Sheet, scale: Scale, row: _Row, written: Sequence[tuple[str, bool]], y: float,
    left: float, right: float,
) -> None:  # fmt: skip
    middle = y + row.height / 2
    first = middle - _LINE * len(row.name) / 2
    for number, line in enumerate(row.name):
        sheet.text(left, first + _LINE * number + 0.27, line, LABEL)
    start = middle - _GROUP * len(row.figures) / 2
    for number, (figure, (value, shown)) in enumerate(zip(row.figures, written, strict=True)):
        at = start + _GROUP * (number + 0.5)
        if not shown or figure is None:
            draw_mark(sheet, scale.start + 0.2, at, MARKS[number][0], QUIET, hollow=True)
            sheet.text(scale.start + 0.42, at + 0.09, value, SMALL, colour=QUIET, halo="#ffffff")
            continue
        draw_interval(sheet, scale, at, figure, MARKS[number])
        sheet.text(right, at + 0.1, value, LABEL, align="right")


def _value(text: Texts, figure: Figure | None) -> tuple[str, bool]:
    """What stands for a figure, and whether it has a mark of its own."""
    if figure is None:
        return text("picture.withheld"), False
    return figure_words(text, figure), figure.share is not None


def _draw_key(sheet: Sheet, x: float, y: float, groups: Sequence[str], text: Texts) -> None:
    for number, group in enumerate(groups):
        words = group_words(text, group)
        draw_mark(sheet, x + 0.1, y, *MARKS[number])
        sheet.text(x + 0.3, y + 0.1, words, LABEL)
        x += 0.3 + text_width(words, LABEL) + 0.5


def _alt(text: Texts, rows: Sequence[_Row], groups: Sequence[str], wave: str) -> str:
    said = [text("chart.alt_forms", count=len(rows), wave=wave_words(text, wave))]
    for row in rows:
        parts = [
            text("chart.alt_form_part", group=group_words(text, group), value=_value(text, figure)[0])
            for group, figure in zip(groups, row.figures, strict=True)
        ]
        said.append(text("chart.alt_form", name=name_words(text, row.indicator), parts="; ".join(parts)))
    return " ".join(said)
