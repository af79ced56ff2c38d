"""A map of names alone: which place is which, for maps too narrow to name them all. It shows no figure."""

from __future__ import annotations

from mapping.concepts.district import Districts
from mapping.publish.map_ground import lay_out
from mapping.publish.map_layer import draw_places_of
from mapping.publish.map_places import Place, State
from mapping.publish.picture import Picture
from mapping.publish.picture_frame import Frame
from mapping.texts import Texts

__all__ = ["draw_names"]

_WIDTH = 11.0  # centimetres: wide enough for names to hang over their borders
_NEUTRAL = 2  # the class of exceedance without a symbol and nearly without colour


def draw_names(
    name: str, districts: Districts, level: str, sensitivity: int, texts: Texts, *, synthetic: bool
) -> Picture:
    """The places of `level` with their names; `name` tells the picture from others on the same page."""
    named = districts.names(None if level == "district" else sensitivity, texts.language)
    places = tuple(Place(code, called, State.SHOWN, _NEUTRAL) for code, called in named.items())
    title = texts(f"figures.names.{level}")
    frame = Frame.of(texts, _WIDTH, title, "", "", synthetic=synthetic, heading=False)
    ground = lay_out(districts, level=level, sensitivity=sensitivity, width=frame.inner)
    sheet = frame.sheet(frame.top + ground.height + 0.1)
    sheet.place(draw_places_of(ground, places, "exceedance"), frame.margin, frame.top)
    alt = texts("figures.names_alt", title=title, names=texts.listing(texts.in_order(named.values())))
    return sheet.picture(name, title, alt)
