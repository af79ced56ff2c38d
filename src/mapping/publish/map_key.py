"""One key to several maps: the scale and the states on the left, the classes of exceedance on the right."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from mapping.publish.map_legend import (
    SCALE_HEIGHT,
    classes_of,
    draw_entries,
    draw_scale,
    height_of,
    states_told,
)
from mapping.publish.map_places import State
from mapping.publish.palette import EXCEEDANCE, SEQUENTIAL
from mapping.publish.picture import Picture, Sheet
from mapping.texts import Texts

__all__ = ["draw_key"]

_WIDTH: Final = 16.0  # centimetres
_RIGHT: Final = 8.6
_TOP: Final = 0.1


def draw_key(name: str, limits: Sequence[int], states: Collection[State], texts: Texts) -> Picture:
    """The key to the maps of indicators that share their classes, as a strip as wide as the page's text.

    Parameters
    ----------
    name : str
        What tells it from the keys of other chapters on the same page.
    limits : sequence of int
        The lower limits of the classes.
    states : collection of State
        The states that occur; dots and lines are explained whether they occur or not.
    """
    left, right = states_told(states, "estimate", texts), classes_of("exceedance", texts)
    column = _RIGHT - 0.4
    height = max(SCALE_HEIGHT + height_of(left, column), height_of(right, _WIDTH - _RIGHT))
    sheet = Sheet(_WIDTH, _TOP + height + 0.05)
    y = draw_scale(sheet, 0.0, _TOP, column, limits, None, texts)
    draw_entries(sheet, 0.0, y, column, left, SEQUENTIAL)
    draw_entries(sheet, _RIGHT, _TOP, _WIDTH - _RIGHT, right, EXCEEDANCE)
    alt = texts("theme.key_alt", words=" ".join(f"{entry.words}." for entry in (*left, *right)))
    return sheet.picture(f"key-{name}-{texts.language}", texts("theme.key"), alt)
