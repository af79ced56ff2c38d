"""A sheet becomes an SVG of whole numbers and, when asked for, a PNG that shows the same."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from PIL import Image

from mapping.publish import picture as module
from mapping.publish.picture import Layer, Picture, Sheet

RING = shapely.Polygon([(1, 1), (5, 1), (5, 5), (1, 5)], [[(2, 2), (4, 2), (4, 4), (2, 4)]])


def page(*, wide: float = 6.0) -> Sheet:
    sheet = Sheet(wide, 6.0)
    sheet.shape(RING, fill="#25598c")
    return sheet


def made(sheet: Sheet, alt: str = "En ring.") -> Picture:
    return sheet.picture("ring", "Ring", alt)


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def at(shown: np.ndarray, x: float, y: float) -> str:
    return "#{:02x}{:02x}{:02x}".format(*shown[round(y / 2.54 * 220), round(x / 2.54 * 220)])


def test_the_png_shows_the_svg_at_220_dots_per_inch() -> None:
    shown = pixels(made(page()))
    assert abs(shown.shape[0] - 6 / 2.54 * 220) <= 1 and shown.shape[0] == shown.shape[1]
    assert at(shown, 1.5, 3) == "#25598c"
    assert at(shown, 3, 3) == at(shown, 0.5, 0.5) == "#ffffff"  # a hole is a hole


def test_the_png_carries_its_words() -> None:
    words = Image.open(io.BytesIO(made(page(), "En ring – blå.").png)).info
    assert (words["Title"], words["Description"]) == ("Ring", "En ring – blå.")


def test_no_pixel_is_drawn_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise AssertionError("pixels were made")

    monkeypatch.setattr(module, "in_pixels", refuse)
    picture = made(page())
    assert picture.svg
    with pytest.raises(AssertionError, match="pixels were made"):
        _ = picture.png


def test_a_shape_is_drawn_in_hundredths_of_a_millimetre_with_its_holes() -> None:
    path = re.findall(r' d="([^"]+)"', made(page()).svg.decode())[0]
    drawn = []
    for ring in path.rstrip("z").split("z"):
        start, _, steps = ring.removeprefix("M").partition("l")
        moves = np.array(steps.split(), dtype=int).reshape(-1, 2)
        drawn.append(np.vstack([np.array(start.split(), dtype=int), moves]).cumsum(axis=0) / 1000)
    shell, hole = (shapely.Polygon(points) for points in drawn)
    assert shell.difference(hole).equals(RING)


def test_steps_too_small_to_be_seen_are_not_drawn() -> None:
    sheet = Sheet(2, 2)
    sheet.shape(shapely.LineString([(0, 0), (0.0001, 0), (1, 0), (1.0001, 0.0001)]), edge="#000000")
    sheet.shape(shapely.LineString([(0, 0), (0.0001, 0)]), edge="#000000")
    assert re.findall(r' d="([^"]*)"', made(sheet).svg.decode()) == ["M0 0l1000 0", ""]


def test_words_are_escaped_and_cannot_become_markup() -> None:
    sheet = Sheet(2, 2)
    sheet.text(1, 1, "A & B <script>", 7)
    picture = sheet.picture("x", "Ö & <b>", "<desc>")
    root = ElementTree.fromstring(picture.svg)
    assert [element.text for element in root if element.tag.endswith(("title", "desc", "text"))] == [
        "Ö & <b>", "<desc>", "A & B <script>",
    ]  # fmt: skip


def test_a_layer_is_drawn_where_it_is_placed() -> None:
    layer = Layer()
    layer.shape(shapely.box(0, 0, 1, 1), fill="#995512")
    sheet = Sheet(6, 6)
    sheet.place(layer, 3, 4)
    sheet.place(layer, 0, 0)
    shown = pixels(made(sheet))
    assert at(shown, 3.5, 4.5) == at(shown, 0.5, 0.5) == "#995512"
    assert at(shown, 2.5, 4.5) == "#ffffff"


def test_a_notebook_shows_the_drawing_with_its_words() -> None:
    assert made(page(), alt="En ring.")._repr_html_().count("En ring.") == 1
