"""Scales, grid lines and marks that the charts share. Every axis of shares begins at zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from mapping.disclosure.protected import Figure
from mapping.publish.palette import ACCENT, ACCENT_SECOND, FAINT, PAPER, QUIET
from mapping.publish.picture import Sheet
from mapping.publish.typeface import wrap
from mapping.texts import Texts

__all__ = ["LABEL", "MARKS", "SMALL", "Scale", "draw_grid", "draw_interval", "draw_mark", "highest", "notes"]

LABEL: Final = 7.8  # points: names and values
SMALL: Final = 7.0  # points: axis labels and notes
_RADIUS: Final = 0.085  # centimetres

# shape and colour of each group in turn: told apart without colour
MARKS: Final = (("circle", ACCENT), ("square", ACCENT_SECOND), ("circle", QUIET))


@dataclass(frozen=True, slots=True)
class Scale:
    """Shares from zero to `top` per cent laid out between two places on the page, with a tick every `step`."""

    start: float
    end: float
    top: float
    step: float

    @classmethod
    def covering(cls, highest: float, start: float, end: float, *, ticks: int = 6) -> Scale:
        """The scale that covers shares up to `highest` with at most `ticks` round steps."""
        step = next(step for step in (1, 2, 5, 10, 20, 25) if highest <= step * ticks or step == 25)
        return cls(start, end, min(max(step * np.ceil(highest / step), step), 100.0), step)

    def __call__(self, share: float) -> float:
        return self.start + (self.end - self.start) * min(share, self.top) / self.top

    @property
    def ticks(self) -> list[float]:
        """The round shares that are marked."""
        return [float(tick) for tick in np.arange(0, self.top + self.step / 2, self.step)]


def notes(text: Texts, figures: Iterable[Figure | None], width: float) -> list[str]:
    """How the marks are read, in lines."""
    said = [text("picture.interval_note")]
    if any(figure is not None and figure.uncertain for figure in figures):
        said.append(text("picture.uncertain_note"))
    return wrap(" ".join(said), width, SMALL)


def highest(figures: Iterable[Figure | None]) -> float:
    """The highest number that any of the figures shows, at least one per cent."""
    shown = [number for f in figures if f is not None for number in (f.share, f.high) if number is not None]
    return max([*shown, 1.0])


def draw_grid(sheet: Sheet, scale: Scale, top: float, bottom: float, text: Texts, *, last: str = "") -> None:
    """Vertical lines at the ticks with their shares below."""
    for tick in scale.ticks:
        x = scale(tick)
        sheet.shape(
            shapely.LineString([(x, top), (x, bottom)]), edge=QUIET if tick == 0 else FAINT, width=0.6
        )
        sheet.text(x, bottom + 0.32, text.number(tick), SMALL, colour=QUIET, align="center")
    if last:
        sheet.text(scale.start, bottom + 0.68, last, SMALL, colour=QUIET)


def draw_mark(sheet: Sheet, x: float, y: float, kind: str, colour: str, *, hollow: bool = False) -> None:
    """A dot or a square; hollow where the share is uncertain."""
    r = _RADIUS
    shape = shapely.Point(x, y).buffer(r) if kind == "circle" else shapely.box(x - r, y - r, x + r, y + r)
    sheet.shape(shape, fill=PAPER if hollow else colour, edge=colour, width=1.1)


def draw_interval(
    sheet: Sheet, scale: Scale, y: float, figure: Figure, mark: Sequence[str] = MARKS[0]
) -> None:  # fmt: skip
    """A share as a mark on the line where it probably lies."""
    kind, colour = mark
    if figure.low is not None and figure.high is not None:
        line = shapely.LineString([(scale(figure.low), y), (scale(figure.high), y)])
        sheet.shape(line, edge=colour, width=1.6)
    if figure.share is not None:
        draw_mark(sheet, scale(figure.share), y, kind, colour, hollow=figure.uncertain)
