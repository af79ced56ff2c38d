"""The legend of a map: every state in words, the scale as a row of steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from mapping.disclosure.protected import Figure
from mapping.publish import hatching
from mapping.publish.map_ground import Ground, scale_bar
from mapping.publish.map_places import Kind, State
from mapping.publish.palette import (
    BORDER,
    EXCEEDANCE,
    INK,
    NO_PUPILS,
    PAPER,
    PATTERN,
    QUIET,
    SEQUENTIAL,
    class_of,
    ink_on,
)
from mapping.publish.picture import Layer, Sheet
from mapping.publish.typeface import POINT, text_width, wrap
from mapping.texts import Texts

__all__ = [
    "LEGEND_SIZE",
    "SYMBOLS",
    "Entry",
    "classes_of",
    "draw_entries",
    "draw_scale",
    "draw_scale_bar",
    "fill_of",
    "fill_pattern",
    "height_of",
    "states_told",
]

LEGEND_SIZE: Final = 7.3  # points
SYMBOLS: Final = ("▼", "▽", "", "△", "▲")  # what the colours of exceedance say, without colour
SCALE_HEIGHT: Final = 1.32  # centimetres
_ROW, _LINE = 0.44, 0.32
_SWATCH: Final = (0.56, 0.3)
# how each state is drawn, and how wide its strokes are (points)
_PATTERNS: Final[Mapping[State, tuple[Callable[[shapely.Geometry], np.ndarray], float]]] = {
    State.UNCERTAIN: (hatching.dots, 1.05),
    State.WITHHELD: (hatching.lines, 0.45),
    State.NOT_ASKED: (hatching.crosses, 0.5),
    State.NONE_KNOWN: (hatching.rings, 0.5),
    State.NO_PUPILS: (hatching.dashes, 0.5),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend: a state, or a class of exceedance, in words."""

    words: str
    state: State
    step: int | None = None


def fill_of(state: State, step: int | None, colours: Sequence[str]) -> str:
    """The colour of a place; only what is shown has one of its class."""
    if step is not None:
        return colours[step]
    return NO_PUPILS if state is State.NO_PUPILS else PAPER


def fill_pattern(
    sheet: Layer, state: State, fill: str, shape: shapely.Geometry, *, corner: tuple[float, float] = (0.0, 0.0)
) -> None:  # fmt: skip
    """The pattern of a state, drawn inside `shape`, so that no state is told by colour alone.

    Its grid begins at `corner`: at that of the page for places, so that it runs on from one to the next.
    """
    if state not in _PATTERNS:
        return
    pattern, width = _PATTERNS[state]
    at = np.array(corner)
    strokes = pattern(shapely.transform(shape, lambda xy: xy - at)) + at
    colour = ink_on(fill) if state is State.UNCERTAIN else PATTERN
    sheet.strokes(strokes, colour=colour, width=width, round_caps=state is State.UNCERTAIN)


def classes_of(kind: Kind, text: Texts) -> list[Entry]:
    """The five classes of a map that compares, from far above to far below; the scale tells those of shares."""
    if kind == "estimate":
        return []
    return [Entry(text(f"map.{kind}.{step}"), State.SHOWN, step) for step in (4, 3, 2, 1, 0)]


def states_told(found: Collection[State], kind: Kind, text: Texts) -> list[Entry]:
    """The states a legend tells of: dots and lines, whether they occur or not, and those that occur."""
    told = {*found, State.UNCERTAIN, State.WITHHELD} - {State.SHOWN}
    if kind != "estimate":
        told -= {State.UNCERTAIN}
    return [Entry(text(f"map.state.{state.value}"), state) for state in State if state in told]


def draw_scale_bar(sheet: Sheet, ground: Ground, x: float, y: float, text: Texts) -> None:
    """A round distance, and how long it is."""
    metres = scale_bar(ground)
    end = x + metres / ground.metres_per_cm
    bar = shapely.LineString([(x, y - 0.08), (x, y), (end, y), (end, y - 0.08)])
    sheet.shape(bar, edge=QUIET, width=0.7)
    if metres >= 1000:
        words = text("map.distance", km=text.number(metres / 1000))
    else:
        words = text("map.distance_short", m=text.number(metres))
    sheet.text(end + 0.12, y + 0.02, words, 7.0, colour=QUIET)


def height_of(entries: Sequence[Entry], width: float) -> float:
    """The height of the entries, set in a column of `width` centimetres."""
    return sum(_ROW + _LINE * (len(_lines(entry, width)) - 1) for entry in entries)


def draw_entries(
    sheet: Sheet, x: float, y: float, width: float, entries: Sequence[Entry], colours: Sequence[str]
) -> float:  # fmt: skip
    """The entries one below the other; returns where the next block may begin."""
    for entry in entries:
        swatch = shapely.box(x, y, x + _SWATCH[0], y + _SWATCH[1])
        fill = fill_of(entry.state, entry.step, colours)
        sheet.shape(swatch, fill=fill)
        fill_pattern(sheet, entry.state, fill, swatch, corner=(x, y))
        sheet.shape(swatch, edge=BORDER, width=0.5)
        if colours is EXCEEDANCE and entry.step is not None:
            middle = x + _SWATCH[0] / 2
            sheet.text(middle, y + 0.235, SYMBOLS[entry.step], 6.5, colour=ink_on(fill), align="center")
        lines = _lines(entry, width)
        sheet.lines(x + _SWATCH[0] + 0.2, y - 0.01, lines, LEGEND_SIZE, leading=_LINE / (LEGEND_SIZE * POINT))
        y += _ROW + _LINE * (len(lines) - 1)
    return y


def draw_scale(
    sheet: Sheet, x: float, y: float, width: float, limits: Sequence[int], whole: Figure | None, text: Texts
) -> float:  # fmt: skip
    """The classes as a row of steps with their limits between them, and the municipality's share above them."""
    step = min(1.2, width / len(limits))
    top = y + 0.52
    sheet.text(x, top - 0.2, text("map.scale"), LEGEND_SIZE, colour=QUIET)
    for number, colour in enumerate(SEQUENTIAL):
        left = x + number * step
        sheet.shape(shapely.box(left, top, left + step, top + 0.3), fill=colour, edge=BORDER, width=0.5)
        align = "center" if number else "left"
        sheet.text(left, top + 0.6, text.number(limits[number]), LEGEND_SIZE, align=align)
    if whole is not None and whole.share is not None:
        words = text("picture.municipality", share=text.percent(whole.share, whole.decimals))
        taken = text_width(text("map.scale"), LEGEND_SIZE)
        _mark_whole(sheet, x, top, step, limits, whole.share, words, taken)
    return y + SCALE_HEIGHT


def _mark_whole(
    sheet: Sheet, x: float, top: float, step: float, limits: Sequence[int], share: float, words: str,
    taken: float,
) -> None:  # fmt: skip
    """A mark above the scale where the municipality lies."""
    number = class_of(share, tuple(limits))
    upper = limits[number + 1] if number + 1 < len(limits) else max(2 * limits[number], 100)
    at = x + step * (number + (share - limits[number]) / (upper - limits[number]))
    left = x + taken + 0.3 + text_width(words, LEGEND_SIZE) / 2
    sheet.text(max(at, left), top - 0.2, words, LEGEND_SIZE, align="center")
    sheet.shape(shapely.LineString([(at, top - 0.13), (at, top + 0.3)]), edge=INK, width=1.2)


def _lines(entry: Entry, width: float) -> list[str]:
    return wrap(entry.words, width - _SWATCH[0] - 0.2, LEGEND_SIZE)
