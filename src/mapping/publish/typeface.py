"""The typeface of pictures: where it lies, how wide its words are, and how they break into lines."""

from __future__ import annotations

import functools
from importlib.metadata import distribution
from typing import Final

import typst
from PIL import ImageFont

__all__ = ["FAMILY", "POINT", "fonts", "text_width", "wrap"]

POINT: Final = 2.54 / 72  # centimetres in a typographic point
FAMILY: Final = "DejaVu Sans"
_FILES: Final = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_EM: Final = 1000  # the size in which widths are measured


def _folder() -> str:
    """Where matplotlib keeps the fonts that it brings; it need not be loaded for that."""
    return str(distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf"))


@functools.cache
def fonts() -> typst.Fonts:
    """The fonts that typst and matplotlib bring, and none of the machine's: the same page everywhere."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[_folder()])


@functools.cache
def _face(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(f"{_folder()}/{_FILES[bold]}", _EM, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=8192)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width in centimetres of one line of text set in `size` points."""
    return _face(bold).getlength(text) / _EM * size * POINT


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """`text` in lines no wider than `width` centimetres, broken at ordinary spaces only."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
