"""A page measured in centimetres, and the bytes of the picture drawn on it: the same bytes every time.

The picture is an SVG. Text stays text in it, so that it can be read aloud, searched, copied and audited; its font is
DejaVu Sans, and Verdana, drawn to the same widths, where that is missing. The PNG is that SVG in pixels, made only when
it is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import shapely

from mapping.publish.palette import INK, PAPER
from mapping.publish.pixels import in_pixels
from mapping.publish.typeface import FAMILY, POINT

__all__ = ["Layer", "Picture", "Sheet", "in_pixels_of"]

_UNIT: Final = 1000  # a hundredth of a millimetre: in it every number of the file is whole
_HALO: Final = 1.8  # points
_AT_ONCE: Final = 4  # pictures made into pixels at a time
_ANCHORS: Final = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A finished picture, what it says in words, and its size in centimetres."""

    name: str
    svg: bytes
    alt: str
    title: str
    width: float
    height: float

    def __repr__(self) -> str:
        return f"Picture({self.name!r}, {self.width:.1f} x {self.height:.1f} cm)"

    def _repr_html_(self) -> str:
        """How a notebook shows it: as a drawing whose words can be read aloud."""
        return self.svg.decode("utf-8")

    @property
    def png(self) -> bytes:
        """The picture in pixels, made anew each time it is asked for."""
        return in_pixels(self.svg, self.width, self.height, title=self.title, alt=self.alt)


def in_pixels_of(pictures: Iterable[Picture]) -> dict[str, bytes]:
    """The PNG of each picture by name; several are made at once, for typst lets go of the interpreter."""
    made = {picture.name: picture for picture in pictures}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(made, pool.map(lambda picture: picture.png, made.values()), strict=True))


class Layer:
    """Things drawn one on top of the other; x runs to the right and y down from the layer's own corner."""

    def __init__(self) -> None:
        self._drawn: list[str] = []

    def text(
        self, x: float, y: float, text: str, size: float, *,
        colour: str = INK, bold: bool = False, align: str = "left", halo: str = "",
    ) -> None:  # fmt: skip
        """One line of text with its baseline at `y`; `halo` is the colour of a rim that keeps it readable on a map."""
        rim = (
            f' paint-order="stroke" stroke="{halo}" stroke-width="{_points(_HALO)}" stroke-linejoin="round"'
            if halo
            else ""
        )
        weight = ' font-weight="bold"' if bold else ""
        self._drawn.append(
            f'<text x="{_units(x)}" y="{_units(y)}" font-size="{_points(size)}" fill="{colour}"'
            f"{_ANCHORS[align]}{weight}{rim}>{escape(_printable(text))}</text>"
        )

    def lines(
        self, x: float, y: float, lines: Iterable[str], size: float, *,
        colour: str = INK, bold: bool = False, leading: float = 1.35,
    ) -> None:  # fmt: skip
        """Lines of text under each other, the first one's top at `y`."""
        step = size * POINT * leading
        for number, line in enumerate(lines):
            self.text(x, y + step * number + size * POINT, line, size, colour=colour, bold=bold)

    def shape(
        self, geometry: shapely.Geometry, *, fill: str = "none", edge: str = "none", width: float = 0.5
    ) -> None:  # fmt: skip
        """A polygon or line on the page, with its edge `width` points wide."""
        stroke = f' stroke="{edge}" stroke-width="{_points(width)}"' if edge != "none" else ""
        self._drawn.append(f'<path fill="{fill}"{stroke} d="{_outline(geometry)}"/>')

    def strokes(self, segments: np.ndarray, *, colour: str, width: float, round_caps: bool = False) -> None:
        """Straight strokes, an array of shape (n, 2, 2), as one path."""
        if len(segments) == 0:
            return
        ends = _rounded(segments)
        moves = np.concatenate([ends[:, 0], ends[:, 1] - ends[:, 0]], axis=1).tolist()
        path = "".join(f"M{x} {y}l{dx} {dy}" for x, y, dx, dy in moves)
        caps = ' stroke-linecap="round"' if round_caps else ""
        self._drawn.append(
            f'<path fill="none" stroke="{colour}" stroke-width="{_points(width)}"{caps} d="{path}"/>'
        )

    def place(self, layer: Layer, x: float, y: float) -> None:
        """Everything of another layer, with its corner at `x` and `y`."""
        self._drawn.append(f'<g transform="translate({_units(x)} {_units(y)})">')
        self._drawn += [*layer._drawn, "</g>"]


class Sheet(Layer):
    """A white page of `width` by `height` centimetres."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height

    def picture(self, name: str, title: str, alt: str) -> Picture:
        """The finished picture. Ids come from its name, so that several pictures can stand in one page."""
        mark = hashlib.sha256(name.encode()).hexdigest()[:8]
        size = f"{_units(self.width)} {_units(self.height)}"
        svg = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:.2f}cm" height="{self.height:.2f}cm"'
            f' viewBox="0 0 {size}" role="img" aria-labelledby="t{mark} d{mark}" fill-rule="evenodd"'
            f' stroke-linejoin="round" font-family="{FAMILY}, Verdana, sans-serif">',
            f'<title id="t{mark}">{escape(title)}</title>',
            f'<desc id="d{mark}">{escape(alt)}</desc>',
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            *self._drawn,
            "</svg>\n",
        ]
        return Picture(name, "\n".join(svg).encode("utf-8"), alt, title, self.width, self.height)


def _units(length: float) -> int:
    return round(length * _UNIT)


def _points(size: float) -> int:
    return _units(size * POINT)


def _rounded(coordinates: np.ndarray) -> np.ndarray:
    return np.asarray(np.rint(coordinates * _UNIT), dtype=np.int64)


def _printable(text: str) -> str:
    return text.replace("\u2060", "")  # a word joiner has no place on paper


def _outline(geometry: shapely.Geometry) -> str:
    """Every ring or line of a geometry as one path of steps from point to point; holes stay holes."""
    parts = shapely.get_parts(geometry)
    solid = shapely.get_dimensions(parts) == 2
    rings = [f"{_steps(ring)}z" for ring in shapely.get_rings(parts[solid])]
    return "".join([*rings, *(_steps(line) for line in parts[~solid])])


def _steps(line: shapely.Geometry) -> str:
    points = _rounded(shapely.get_coordinates(line))
    steps = np.diff(points, axis=0)
    moves = " ".join(map(str, steps[steps.any(axis=1)].ravel().tolist()))
    return f"M{points[0, 0]} {points[0, 1]}l{moves}" if moves else ""
