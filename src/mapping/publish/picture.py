"""A page measured in centimetres, and the bytes of the picture drawn on it: the same bytes every time.

Text stays text in the SVG, so that it can be read aloud, searched, copied and audited; its font is DejaVu Sans, and
Verdana, drawn to the same widths, where that is missing. Ids are kept only where something refers to them, and differ
between pictures, so that several can stand in one page.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mapping.publish.palette import INK, PAPER

__all__ = ["CM", "Picture", "Sheet", "text_width", "wrap"]

CM: Final = 1 / 2.54  # inches in a centimetre
POINT: Final = 2.54 / 72  # centimetres in a typographic point
_FONT: Final = "DejaVu Sans"
_DPI: Final = 250
_COLOURS: Final = 128
_SETTINGS: Final = {"svg.fonttype": "none", "path.simplify": False, "font.family": _FONT}


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A finished picture: its bytes in both forms, what it says in words, and its size in centimetres."""

    name: str
    svg: bytes
    png: bytes
    alt: str
    title: str
    width: float
    height: float

    def __repr__(self) -> str:
        return f"Picture({self.name!r}, {self.width:.1f} x {self.height:.1f} cm)"


@functools.cache
def _properties(bold: bool) -> FontProperties:
    return FontProperties(family=_FONT, weight="bold" if bold else "normal")


@functools.lru_cache(maxsize=8192)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width in centimetres of one line of text set in `size` points."""
    font = get_font(findfont(_properties(bold)))
    font.set_size(100, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / 100 * size * POINT


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """`text` in lines no wider than `width` centimetres, broken at ordinary spaces only."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


class Sheet:
    """A white page of `width` by `height` centimetres; x runs to the right and y down from the top left corner."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width * CM, height * CM), facecolor=PAPER)
        self._canvas = FigureCanvasAgg(self.figure)
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, width), ylim=(height, 0))
        self._axes.set_axis_off()
        self._haloed: list[tuple[Text, str]] = []
        self._depth = 0

    def text(
        self, x: float, y: float, text: str, size: float, *,
        colour: str = INK, bold: bool = False, align: str = "left", halo: str = "",
    ) -> None:  # fmt: skip
        """One line of text with its baseline at `y`; `halo` is the colour of a rim that keeps it readable on a map."""
        artist = self._axes.text(
            x, y, _printable(text), fontsize=size, color=colour, fontproperties=_properties(bold).copy(),
            ha=align, va="baseline", zorder=self._next(), parse_math=False,
        )  # fmt: skip
        artist.set_fontsize(size)
        if halo:
            self._haloed.append((artist, halo))

    def lines(
        self, x: float, y: float, lines: Iterable[str], size: float, *,
        colour: str = INK, bold: bool = False, leading: float = 1.35,
    ) -> float:  # fmt: skip
        """Lines of text under each other, the first one's top at `y`; returns where the next block may begin."""
        step = size * POINT * leading
        for number, line in enumerate(lines):
            self.text(x, y + step * number + size * POINT, line, size, colour=colour, bold=bold)
            last = number
        return y + step * (last + 1)

    def shape(
        self, geometry: shapely.Geometry, *, fill: str = "none", edge: str = "none", width: float = 0.5
    ) -> None:  # fmt: skip
        """A polygon or line on the page, with its edge `width` points wide."""
        self._patch(_path(geometry), fill=fill, edge=edge, width=width, round_caps=False)

    def strokes(self, segments: np.ndarray, *, colour: str, width: float, round_caps: bool = False) -> None:
        """Straight strokes, an array of shape (n, 2, 2), as one path."""
        if len(segments) == 0:
            return
        codes = np.tile([Path.MOVETO, Path.LINETO], len(segments)).astype(Path.code_type)
        path = Path(np.round(segments.reshape(-1, 2), 3), codes)
        self._patch(path, fill="none", edge=colour, width=width, round_caps=round_caps)

    def _patch(self, path: Path, *, fill: str, edge: str, width: float, round_caps: bool) -> None:
        patch = PathPatch(
            path,
            facecolor=fill,
            edgecolor=edge,
            linewidth=width if edge != "none" else 0,
            joinstyle="round",
            capstyle="round" if round_caps else "butt",
            snap=False if round_caps else None,  # snapping to pixels would lose the dots
            clip_on=False,
            zorder=self._next(),
        )
        self._axes.add_artist(patch)  # the page has its limits already: nothing to measure

    def _next(self) -> int:
        self._depth += 1  # what is drawn later lies on top
        return self._depth

    def picture(self, name: str, title: str, alt: str) -> Picture:
        """The finished picture."""
        svg, png = self._svg(name, title, alt), self._png(title, alt)
        return Picture(name, svg, png, alt, title, self.width, self.height)

    def _png(self, title: str, alt: str) -> bytes:
        for artist, halo in self._haloed:
            artist.set_path_effects([withStroke(linewidth=_HALO, foreground=halo)])
        with mpl.rc_context(_SETTINGS):
            self.figure.set_dpi(_DPI)
            self._canvas.draw()
        pixels = Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        # a palette makes the file a third as large; flat colours keep their shade
        few = pixels.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        palette = np.array(few.getpalette())
        few.putpalette(np.where(palette >= 253, 255, palette).tolist())  # paper stays white
        words = PngInfo()
        words.add_itxt("Title", title)
        words.add_itxt("Description", alt)
        out = io.BytesIO()
        few.save(out, format="png", dpi=(_DPI, _DPI), pnginfo=words)
        return out.getvalue()

    def _svg(self, name: str, title: str, alt: str) -> bytes:
        for number, (artist, halo) in enumerate(self._haloed):
            artist.set_path_effects([])
            artist.set_gid(f"halo{halo}-{number}")
        out = io.StringIO()
        no_metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
            self.figure.savefig(out, format="svg", metadata=no_metadata)
        return _tidy(out.getvalue(), name, title, alt).encode("utf-8")


_HALO: Final = 1.8  # points
_HALOED = re.compile(r'<g id="halo(#[0-9a-f]{6})-\d+">\s*(?:<!--.*?-->\s*)?<text style="', re.DOTALL)


_SUPERFLUOUS = re.compile(
    r"(?:<!--.*?-->|<metadata>.*?</metadata>|<\?xml.*?\?>|<!DOCTYPE.*?>|<defs>\s*<style.*?</style>\s*</defs>)\s*"
    r"| transform=\"rotate\(-0 [^)]*\)\"",
    re.DOTALL,
)


def _tidy(svg: str, name: str, title: str, alt: str) -> str:
    """The SVG with its words for those who do not see it, halos, a fallback font, and nothing superfluous."""
    svg = _HALOED.sub(
        rf'<g><text style="paint-order: stroke; stroke: \1; stroke-width: {_HALO}px; stroke-linejoin: round; ',
        svg,
    )
    svg = _SUPERFLUOUS.sub("", svg)
    svg = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), svg)
    svg = svg.replace(f"'{_FONT}'", f"'{_FONT}', Verdana, sans-serif")
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg))
    kept = {one for pair in used for one in pair if one}
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in kept else "", svg)
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    words = f'<title id="t{mark}">{escape(title)}</title>\n<desc id="d{mark}">{escape(alt)}</desc>\n'
    root = f'<svg role="img" aria-labelledby="t{mark} d{mark}" stroke-linejoin="round" '
    svg = svg.replace("<svg ", root, 1)
    return re.sub(r"(<svg [^>]*>\n?)", lambda found: found[1] + words, svg, count=1)


def _printable(text: str) -> str:
    return text.replace("\u2060", "")  # a word joiner has no place on paper


def _path(geometry: shapely.Geometry) -> Path:
    """Every ring or line of a geometry as one path; holes stay holes."""
    parts = [line for part in shapely.get_parts(geometry) for line in _rings(part)]
    return Path.make_compound_path(*(Path(np.round(shapely.get_coordinates(line), 3)) for line in parts))


def _rings(part: shapely.Geometry) -> Sequence[shapely.Geometry]:
    if part.geom_type == "Polygon":
        oriented = shapely.orient_polygons(part)
        return [oriented.exterior, *oriented.interiors]
    return [part]
