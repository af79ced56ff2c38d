"""Removal abroad as a flow: how many were in each state, and how many moved between them. One step for the eye each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from mapping.disclosure.protected import Figure, ProtectedRelease, Status, require_sealed
from mapping.publish.palette import ACCENT, FAINT, INK, PAPER, QUIET
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import Wording
from mapping.publish.typeface import wrap
from mapping.texts import Texts, load

__all__ = ["MOVES", "STATES", "draw_flow"]

STATES: Final = ("risk", "abroad", "returned")
# each move with the boxes it joins; None: from outside
MOVES: Final = {
    "new_risk": (None, "risk"),
    "new_abroad": (None, "abroad"),
    "risk_abroad": ("risk", "abroad"),
    "abroad_returned": ("abroad", "returned"),
}
_BOX: Final = (3.7, 2.35)  # centimetres: width, height of a state
_ARROW: Final = 2.3  # between two states
_IN: Final = 1.35  # above the states, where persons become known
_NUMBER, _NAME, _SMALL = 15.0, 8.2, 7.2  # points
_HEAD: Final = 0.17
_LEAST: Final = 2  # numbers that are shown: a flow of a single one is no flow


def draw_flow(
    release: ProtectedRelease,
    *,
    period: str,
    wave: str,
    language: str,
    wording: Wording | None = None,
    heading: bool = True,
    width: float = 16.0,
) -> Picture | None:
    """The states of persons at risk or taken abroad, and the moves between them; None where (almost) all is withheld.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    require_sealed(release)
    text, said = load(language), wording or Wording()
    figures = {
        figure.indicator.removeprefix("K08").removeprefix("."): figure
        for figure in release.select(wave=wave, level="municipality", group="all", target="cases")
        if figure.indicator.split(".")[0] == "K08"
    }
    wanted = [*(f"was_{state}" for state in STATES), *STATES, *MOVES]
    if sum(name in figures and figures[name].status is Status.SHOWN for name in wanted) < _LEAST:
        return None
    title = said.title or text("flow.title")
    subtitle = text("flow.subtitle", period=period)
    frame = Frame.of(text, width, title, subtitle, said.source, synthetic=release.synthetic, heading=heading)
    sheet = _draw(frame, figures, text)
    return sheet.picture(f"removal-flow-{wave}-{language}", title, _alt(text, figures, period))


def _number(text: Texts, figure: Figure | None) -> str:
    """A count as printed; nobody known is 0; nothing where it is withheld."""
    if figure is None or figure.status in (Status.WITHHELD, Status.NOT_ASKED) or figure.count is None:
        return ""
    return text.number(figure.count)


def _draw(frame: Frame, figures: Mapping[str, Figure], text: Texts) -> Sheet:
    note = wrap(text("flow.note"), frame.inner, _SMALL)
    bottom = frame.top + _IN + _BOX[1] + 0.45
    sheet = frame.sheet(bottom + 0.36 * len(note) + 0.1)
    left = frame.margin + (frame.inner - 3 * _BOX[0] - 2 * _ARROW) / 2
    top = frame.top + _IN
    at = {state: left + number * (_BOX[0] + _ARROW) for number, state in enumerate(STATES)}
    for state, x in at.items():
        _box(sheet, text, figures, state, x, top)
    for move, (start, end) in MOVES.items():
        number = _number(text, figures.get(move))
        middle = at[end] + _BOX[0] / 2
        if start is None:
            _arrow(sheet, (middle, top - 0.62), (middle, top - 0.06), known=bool(number))
            words = text(f"flow.{move}", count=number) if number else text(f"flow.{move}_withheld")
            sheet.text(middle, top - 0.78, words, _SMALL, align="center", colour=INK if number else QUIET)
            continue
        y = top + _BOX[1] / 2
        _arrow(sheet, (at[start] + _BOX[0] + 0.1, y), (at[end] - 0.08, y), known=bool(number))
        x = (at[start] + _BOX[0] + at[end]) / 2
        sheet.text(x, y - 0.18, number or text("flow.not_shown"), _NAME if number else _SMALL,
                   bold=bool(number), align="center", colour=INK if number else QUIET)  # fmt: skip
        for line, part in enumerate(wrap(text(f"flow.{move}"), _ARROW - 0.3, _SMALL)):
            sheet.text(x, y + 0.36 + 0.32 * line, part, _SMALL, align="center", colour=QUIET)
    for number_, line_ in enumerate(note):
        sheet.text(frame.margin, bottom + 0.3 + 0.36 * number_, line_, _SMALL, colour=QUIET)
    return sheet


def _box(
    sheet: Sheet, text: Texts, figures: Mapping[str, Figure], state: str, x: float, y: float
) -> None:  # fmt: skip
    """A state with its number; a dashed edge and words where the number is not shown."""
    width, height = _BOX
    number, end = _number(text, figures.get(f"was_{state}")), _number(text, figures.get(state))
    edge = shapely.box(x, y, x + width, y + height)
    sheet.shape(edge, fill=PAPER if number else "#f6f7f8", edge=ACCENT if number else FAINT, width=1.4)
    if not number:
        sheet.strokes(_dashes(x, y, width, height), colour=QUIET, width=0.9)
    middle = x + width / 2
    sheet.text(middle, y + 0.48, text(f"flow.{state}"), _NAME, bold=True, align="center")
    if number:
        sheet.text(middle, y + 1.27, number, _NUMBER, bold=True, align="center", colour=ACCENT)
    else:
        sheet.text(middle, y + 1.2, text("flow.not_shown"), _NAME, align="center", colour=QUIET)
    last = text("flow.at_end", count=end) if end else text("flow.at_end_withheld")
    for line, part in enumerate(wrap(last, width - 0.3, _SMALL)):
        sheet.text(middle, y + 1.72 + 0.32 * line, part, _SMALL, align="center", colour=QUIET)


def _dashes(x: float, y: float, width: float, height: float) -> np.ndarray:
    """The edge of a box in short strokes."""
    ring = shapely.box(x, y, x + width, y + height).exterior
    starts = np.arange(0, ring.length - 0.1, 0.3)
    ends = [[ring.interpolate(s).coords[0], ring.interpolate(s + 0.15).coords[0]] for s in starts]
    return np.asarray(ends, dtype=float)


def _arrow(
    sheet: Sheet, start: tuple[float, float], end: tuple[float, float], *, known: bool
) -> None:  # fmt: skip
    """A line with a head; its width says nothing, so that a withheld number is not drawn either."""
    colour = ACCENT if known else QUIET
    away = np.subtract(end, start) / np.hypot(*np.subtract(end, start))
    side = np.array([-away[1], away[0]])
    foot = np.asarray(end) - 1.6 * _HEAD * away
    sheet.strokes(np.array([[start, foot]], dtype=float), colour=colour, width=1.5)
    sheet.shape(shapely.Polygon([end, foot + _HEAD * side, foot - _HEAD * side]), fill=colour)


def _alt(text: Texts, figures: Mapping[str, Figure], period: str) -> str:
    """The picture in words: every box and arrow, and what is not shown."""
    said = [text("flow.alt", period=period)]
    for state in STATES:
        for name, key in ((f"was_{state}", f"alt_was_{state}"), (state, f"alt_end_{state}")):
            number = _number(text, figures.get(name)) or text("flow.not_shown")
            said.append(text(f"flow.{key}", count=number))
    for move in MOVES:
        number = _number(text, figures.get(move)) or text("flow.not_shown")
        said.append(text(f"flow.alt_{move}", count=number))
    return " ".join(said)
