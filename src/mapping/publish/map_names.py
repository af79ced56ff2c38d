"""A map of names alone: which place is which, for maps too narrow to name them all. It shows no figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import shapely

from mapping.concepts.district import Districts
from mapping.publish.map_ground import Ground, lay_out
from mapping.publish.map_labels import LABEL_SIZE, Label, place_labels
from mapping.publish.map_layer import draw_places_of
from mapping.publish.map_legend import draw_scale_bar
from mapping.publish.map_places import Place, State
from mapping.publish.picture import Picture, Sheet
from mapping.publish.picture_frame import Frame
from mapping.publish.picture_words import Wording
from mapping.publish.typeface import text_width
from mapping.texts import Texts

__all__ = ["draw_names"]

_WIDTH: Final = 11.0  # centimetres: wide enough for names to hang over their borders
_WIDER, _MANY = 16.0, 40  # with more places than this
_NEUTRAL: Final = 2  # the class of exceedance without a symbol and nearly without colour
_ROW, _GAP = 0.36, 0.5  # centimetres from line to line of the list, and between its columns


def draw_names(
    name: str, districts: Districts, level: str, sensitivity: int, texts: Texts, *,
    synthetic: bool, heading: bool = False, wording: Wording | None = None,
) -> Picture:  # fmt: skip
    """The places of `level` with their names; a place too small for its own has a number, explained below the map.

    Parameters
    ----------
    name : str
        What tells the picture from others on the same page.
    heading : bool
        Whether title and source stand in the picture.
    """
    named = districts.names(None if level == "district" else sensitivity, texts.language)
    title = texts(f"figures.names.{level}")
    width = _WIDTH if len(named) <= _MANY else _WIDER
    source = wording.source if wording else ""
    frame = Frame.of(texts, width, title, "", source, synthetic=synthetic, heading=heading)
    ground = lay_out(districts, level=level, sensitivity=sensitivity, width=frame.inner)
    places = tuple(Place(code, called, State.SHOWN, _NEUTRAL) for code, called in named.items())
    labels, numbers = _labels(ground, named, texts)
    listed = [f"{number}\u2002{named[code]}" for code, number in numbers.items()]
    sheet = _draw(frame, ground, places, labels, listed, texts)
    alt = texts("figures.names_alt", title=title, names=texts.listing(texts.in_order(named.values())))
    return sheet.picture(name, title, alt)


def _labels(ground: Ground, named: Mapping[str, str], texts: Texts) -> tuple[list[Label], dict[str, str]]:
    """Where names and numbers stand, and the numbers, in the alphabetical order of their places."""
    page = shapely.box(0, -0.1, ground.width, ground.height + 0.1)
    known = {code: called for code, called in named.items() if code in ground.shapes}
    labels, numbers = place_labels(known, ground.shapes, page, {}), dict[str, str]()
    silent = known.keys() - {label.code for label in labels}
    for _ in range(2):  # the second time without those that have no room for a number either
        order = sorted(silent, key=lambda code: (texts.sort_key(known[code]), code))
        numbers = {code: str(number) for number, code in enumerate(order, 1)}
        labels = place_labels(known, ground.shapes, page, numbers)
        silent &= {label.code for label in labels}
    return labels, {code: number for code, number in numbers.items() if code in silent}


def _draw(
    frame: Frame, ground: Ground, places: tuple[Place, ...], labels: Sequence[Label], listed: Sequence[str],
    texts: Texts,
) -> Sheet:  # fmt: skip
    widest = max((text_width(line, LABEL_SIZE) for line in listed), default=1.0)
    columns = max(1, int((frame.inner + _GAP) // (widest + _GAP)))
    rows = -(-len(listed) // columns)
    bar = frame.top + ground.height + 0.3
    sheet = frame.sheet(bar + 0.2 + (_ROW * rows + 0.2 if listed else 0.0))
    sheet.place(draw_places_of(ground, places, "exceedance", tuple(labels)), frame.margin, frame.top)
    draw_scale_bar(sheet, ground, frame.margin, bar, texts)
    for number, line in enumerate(listed):
        column, row = divmod(number, rows)
        sheet.text(frame.margin + column * (widest + _GAP), bar + 0.6 + _ROW * row, line, LABEL_SIZE)
    return sheet
