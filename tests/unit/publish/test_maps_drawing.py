"""The craft of maps: colours told apart by everybody, patterns inside their shapes, names that do not touch."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.publish import hatching
from mapping.publish.map_ground import Ground, lay_out, scale_bar
from mapping.publish.map_labels import place_labels
from mapping.publish.palette import (
    EXCEEDANCE,
    LADDERS,
    PAPER,
    PATTERN,
    QUIET,
    SEQUENTIAL,
    SYNTHETIC,
    contrast,
    ink_on,
    ladder,
)
from mapping.publish.typeface import text_width, wrap

# Machado, Oliveira & Fernandes (2009), IEEE TVCG 15(6), table of severity 1.0, on linear RGB
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ @ np.ones(3)
SHAPE = shapely.Polygon([(0, 0), (3, 0), (3, 2), (1, 2)], [[(1, 0.5), (2, 0.5), (2, 1)]])


def lab(colour: str, blindness: str = "none") -> np.ndarray:
    """CIELAB of a colour as somebody with `blindness` sees it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    ratio = TO_XYZ @ np.clip(BLINDNESS[blindness] @ linear, 0, 1) / WHITE
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_neighbouring_classes_differ_in_contrast() -> None:
    assert min(contrast(a, b) for a, b in itertools.pairwise(SEQUENTIAL)) >= 1.4
    assert min(contrast(a, b) for a, b in itertools.pairwise(EXCEEDANCE)) >= 1.6


def test_classes_grow_darker_in_equal_steps() -> None:
    lightness = [lab(colour)[0] for colour in SEQUENTIAL]
    steps = -np.diff(lightness)
    assert steps.min() > 13 and steps.max() < 17


@pytest.mark.parametrize("blindness", list(BLINDNESS))
def test_classes_are_told_apart_whatever_colours_one_sees(blindness: str) -> None:
    # 10 units of CIELAB are seen at a glance between areas that do not touch
    for colours in (SEQUENTIAL, EXCEEDANCE):
        seen = [lab(colour, blindness) for colour in colours]
        assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) >= 10


def test_writing_and_dots_are_readable_on_every_class() -> None:
    assert min(contrast(ink_on(colour), colour) for colour in (*SEQUENTIAL, *EXCEEDANCE)) >= 3.9
    assert min(contrast(colour, PAPER) for colour in (QUIET, SYNTHETIC, PATTERN)) >= 4.5


def test_every_ladder_has_a_limit_for_each_colour_and_begins_at_zero() -> None:
    for limits in LADDERS.values():
        assert len(limits) == len(SEQUENTIAL)
        assert limits[0] == 0 and list(limits) == sorted(set(limits))


def test_classes_come_from_the_codebook_and_never_from_the_figures(s04: Indicator) -> None:
    assert ladder(s04) == LADDERS["norm"]
    assert ladder(replace(s04, tier="a tier of a workspace's own")) == LADDERS["norm"]
    assert ladder(replace(s04, classes=(0, 20, 30, 40, 50, 60))) == (0, 20, 30, 40, 50, 60)


@pytest.mark.parametrize(
    "pattern", [hatching.lines, hatching.dots, hatching.crosses, hatching.dashes, hatching.rings]
)
def test_a_pattern_stays_inside_its_shape(pattern: object) -> None:
    strokes = shapely.linestrings(pattern(SHAPE))  # type: ignore[operator]
    assert len(strokes) > 5
    assert shapely.covers(SHAPE.buffer(0.002), strokes).all()


def test_a_shape_too_small_for_a_grid_still_gets_its_dot() -> None:
    assert len(hatching.dots(shapely.box(0.011, 0.011, 0.05, 0.05))) == 1


def test_nothing_is_drawn_in_an_empty_shape() -> None:
    empty = shapely.Polygon()
    assert len(hatching.lines(empty)) == len(hatching.dots(empty)) == len(hatching.crosses(empty)) == 0


def test_names_do_not_touch_and_stay_on_the_page(squares: Districts) -> None:
    ground = lay_out(squares, level="district", sensitivity=3, width=3.0)
    names = dict(zip(ground.shapes, ["Norra Kungsängslyckan och Hamnen"] * 9, strict=True))
    page = shapely.box(-0.3, -0.3, 3.3, 3.3)
    labels = place_labels(names, ground.shapes, page, {})
    assert labels
    assert all(page.contains(label.box) for label in labels)
    assert not any(a.box.intersects(b.box) for a, b in itertools.combinations(labels, 2))


@pytest.mark.parametrize("width", [4.0, 5.4, 7.6, 9.0])
def test_on_a_narrow_map_a_name_stands_clear_of_every_border_or_is_left_out(
    squares: Districts, width: float
) -> None:
    ground = lay_out(squares, level="district", sensitivity=3, width=width)
    names = dict(
        zip(
            ground.shapes,
            ["Ö", "Berga", "Centrum", "Lövhult, Mossebo och Västeräng"] * 2 + ["▲"],
            strict=False,
        )
    )
    symbols = dict.fromkeys(names, "△")
    page = shapely.box(0, 0, ground.width, ground.height)
    labels = place_labels(names, ground.shapes, page, symbols, overhang=False)
    borders = shapely.boundary(np.array(list(ground.shapes.values())))
    assert {label.code for label in labels} == set(names)  # a symbol has room where a name has none
    assert all(ground.shapes[label.code].contains(label.box) for label in labels)
    assert min(shapely.distance(label.box, borders).min() for label in labels) > 0.04


def test_a_name_that_hangs_over_is_left_out_where_that_is_not_allowed() -> None:
    shapes, page = {"01": shapely.box(0, 0, 1, 1)}, shapely.box(-5, -5, 5, 5)
    assert [label.own < 1 for label in place_labels({"01": "Sjötullen"}, shapes, page, {})] == [True]
    assert place_labels({"01": "Sjötullen"}, shapes, page, {}, overhang=False) == []


def test_a_place_too_small_for_its_name_takes_the_brief_text() -> None:
    shapes = {"01": shapely.box(0, 0, 0.4, 0.4)}
    page = shapely.box(-5, -5, 5, 5)
    assert place_labels({"01": "A" * 60}, shapes, page, {}) == []
    assert place_labels({"01": "A" * 60}, shapes, page, {"01": "▲"})[0].lines == ("▲",)


def test_a_long_name_is_broken_at_spaces_and_hyphens() -> None:
    shapes = {"01": shapely.box(0, 0, 2, 2)}
    label = place_labels({"01": "Askim–Frölunda–Högsbo"}, shapes, shapely.box(-1, -1, 3, 3), {})[0]
    assert "".join(label.lines) == "Askim–Frölunda–Högsbo" and len(label.lines) > 1


def test_maps_of_the_same_places_share_one_ground(squares: Districts) -> None:
    def ground(districts: Districts, level: str = "district", width: float = 6.0) -> Ground:
        return lay_out(districts, level=level, sensitivity=3, width=width)

    moved = squares.frame.set_geometry(squares.frame.geometry.affine_transform([1, 0, 0, 2, 0, 0]))
    others = [ground(replace(squares, frame=moved)), ground(squares, "area"), ground(squares, width=5.0)]
    again = replace(squares, frame=squares.frame.copy())
    assert ground(again) is ground(squares) and ground(squares) not in others


def test_no_gap_opens_between_neighbours(squares: Districts) -> None:
    ground = lay_out(squares, level="district", sensitivity=3, width=6.0)
    whole = shapely.union_all(list(ground.shapes.values()))
    assert whole.area == pytest.approx(36.0) and not whole.interiors


def test_an_area_is_its_districts_and_only_inner_borders_are_thin(squares: Districts) -> None:
    ground = lay_out(squares, level="area", sensitivity=3, width=6.0)
    assert {code: shape.area for code, shape in ground.shapes.items()} == pytest.approx(
        {"A0": 12.0, "A1": 12.0, "A2": 12.0}
    )
    assert ground.between.length == pytest.approx(12.0)  # two lines across
    assert ground.within.length == pytest.approx(12.0)  # two in each of three rows, each two centimetres


@pytest.mark.parametrize(("width", "metres"), [(6.0, 1000.0), (60.0, 1000.0)])
def test_the_scale_bar_is_round_and_shorter_than_the_map(
    squares: Districts, width: float, metres: float
) -> None:
    ground = lay_out(squares, level="district", sensitivity=3, width=width)
    assert scale_bar(ground) == metres
    assert metres / ground.metres_per_cm < width / 3


def test_a_tall_municipality_is_drawn_narrower_and_centred(squares: Districts) -> None:
    frame = squares.frame.copy()
    frame["geometry"] = frame.geometry.affine_transform([1, 0, 0, 4, 0, 0])
    ground = lay_out(
        Districts("tall", "", frame, areas=squares.areas),
        level="district",
        sensitivity=3,
        width=8.0,
    )
    x0, _, x1, y1 = shapely.union_all(list(ground.shapes.values())).bounds
    assert y1 == pytest.approx(ground.height) and ground.height <= 1.15 * 8.0 + 1e-9
    assert x0 == pytest.approx(8.0 - x1)


def test_lines_are_no_wider_than_asked_for() -> None:
    words = "Begränsat val av partner: andel av elever som svarat ja eller nej, 2026."
    lines = wrap(words, 5.0, 7.5)
    assert " ".join(lines) == words and len(lines) > 1
    assert all(text_width(line, 7.5) <= 5.0 for line in lines)
