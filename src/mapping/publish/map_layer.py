"""The places of a map with their colours, patterns, borders and names: everything that no language changes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from mapping.publish.map_ground import Ground
from mapping.publish.map_labels import LABEL_SIZE, Label, place_labels
from mapping.publish.map_legend import SYMBOLS, fill_of, fill_pattern
from mapping.publish.map_places import Kind, Place
from mapping.publish.palette import BORDER, EXCEEDANCE, INK, PAPER, SEQUENTIAL, ink_on
from mapping.publish.picture import Layer

__all__ = ["colours_of", "draw_places_of"]

_ROOMY: Final = 10.0  # centimetres: on narrower maps no name hangs over its border
_MANY: Final = 500  # places: among more, borders are thin
_MOSTLY, _WHOLLY = 0.7, 0.99  # how much of a name lies on its own place


def colours_of(kind: Kind) -> Sequence[str]:
    """The colours of the classes."""
    return SEQUENTIAL if kind == "estimate" else EXCEEDANCE


@functools.lru_cache(maxsize=64)
def draw_places_of(
    ground: Ground, places: tuple[Place, ...], kind: Kind, labels: tuple[Label, ...] | None = None
) -> Layer:
    """Fills, patterns and thin borders cut out under the names, borders, names. Kept, for languages share it.

    The names stand where they have room, or as `labels` say.
    """
    layer, shapes = Layer(), ground.shapes
    shown = [place for place in places if place.code in shapes]
    fills = {place.code: fill_of(place.state, place.step, colours_of(kind)) for place in shown}
    labels = tuple(_labels(ground, shown, kind)) if labels is None else labels
    boxes = np.array([label.box for label in labels], dtype=object)
    near, thin = shapely.STRtree(boxes), 0.45 if len(shown) <= _MANY else 0.15
    for place in shown:
        shape = shapes[place.code]
        layer.shape(shape, fill=fills[place.code], edge=BORDER, width=thin)
        bare = shape.difference(shapely.union_all(boxes[near.query(shape)]))
        fill_pattern(layer, place.state, fills[place.code], bare)
    if not ground.within.is_empty:
        layer.shape(ground.within.difference(shapely.union_all(boxes)), edge=BORDER, width=0.25)
        layer.shape(ground.between, edge=INK, width=0.9)
    for label in labels:
        _write(layer, label, fills[label.code])
    return layer


def _labels(ground: Ground, places: Sequence[Place], kind: Kind) -> list[Label]:
    symbols = {place.code: _symbol(place, kind) for place in places}
    names = {place.code: f"{symbols[place.code]}\u00a0{place.name}".lstrip("\u00a0") for place in places}
    names = {code: called for code, called in names.items() if called}
    page = shapely.box(0, -0.1, ground.width, ground.height + 0.1)
    return place_labels(
        names, ground.shapes, page, symbols, overhang=ground.width >= _ROOMY and not ground.apart
    )


def _symbol(place: Place, kind: Kind) -> str:
    return SYMBOLS[place.step] if kind != "estimate" and place.step is not None else ""


def _write(layer: Layer, label: Label, fill: str) -> None:
    """A name in the ink of its place; where it hangs over the border, a rim keeps it readable."""
    ground = fill if label.own > _MOSTLY else PAPER
    halo = "" if label.own > _WHOLLY else ground
    for line, baseline in zip(label.lines, label.baselines, strict=True):
        layer.text(label.x, baseline, line, LABEL_SIZE, colour=ink_on(ground), align="center", halo=halo)
