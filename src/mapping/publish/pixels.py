"""A picture in pixels: its SVG set on a page of its own size, with few colours and its words inside."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import typst
from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from mapping.publish.typeface import fonts

__all__ = ["in_pixels"]

_DPI: Final = 220  # what word processors keep of a picture
_COLOURS: Final = 128
_PAGE: Final = """\
#set page(width: {width:.2f}cm, height: {height:.2f}cm, margin: 0pt)
#place(image(bytes(sys.inputs.svg), format: "svg", width: 100%))
"""


def in_pixels(svg: bytes, width: float, height: float, *, title: str, alt: str) -> bytes:
    """The PNG of an SVG of `width` by `height` centimetres; the same SVG gives the same bytes."""
    drawn = typst.compile(
        _PAGE.format(width=width, height=height).encode("utf-8"),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"svg": svg.decode("utf-8")},
        format="png",
        ppi=_DPI,
    )
    pixels = PngImageFile(io.BytesIO(drawn)).convert("RGB")
    # a palette makes the file a third as large; flat colours keep their shade
    few = pixels.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette())
    few.putpalette(np.where(palette >= 253, 255, palette).tolist())  # paper stays white
    words = PngInfo()
    words.add_itxt("Title", title)
    words.add_itxt("Description", alt)
    out = io.BytesIO()
    few.save(out, format="png", dpi=(_DPI, _DPI), pnginfo=words, compress_level=5)
    return out.getvalue()
