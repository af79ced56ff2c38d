"""Change maps, small multiples, tiles and the map of names: they tell what is printed, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure import Figure, ProtectedRelease
from mapping.disclosure.protected import Status
from mapping.errors import BuildError
from mapping.publish.chart_dots import draw_dots, quantiles
from mapping.publish.map_names import draw_names
from mapping.publish.map_waves import draw_waves
from mapping.publish.maps import draw_map
from mapping.publish.palette import EXCEEDANCE
from mapping.publish.public_model import change_classes
from mapping.texts import load

POLICY = {"change_q": 0.10}


def figure(
    area: str, share: float | None, low: float | None, high: float | None, wave: str = "2026"
) -> Figure:
    status = Status.SHOWN if share is not None else Status.NONE_KNOWN if high is not None else Status.WITHHELD
    key = f"{wave}|S04|district|{area}|all"
    return Figure(key, wave, "S04", "district", area, "all", "risk", status, share, low, high)


def test_a_change_is_clear_only_beyond_the_uncertainty_of_both_waves() -> None:
    before = [figure(code, 10, 8, 12, "2024") for code in "abcd"]
    after = [
        figure("a", 30, 26, 34),
        figure("b", 11, 9, 13),
        figure("c", 2, 1, 4),
        figure("d", None, None, None),
    ]
    assert change_classes(before, after, POLICY) == {"a": 4, "b": 2, "c": 0}


def test_what_one_place_alone_would_call_a_change_is_probable_among_many() -> None:
    """A change of 1.9 standard errors: never clear among twenty places that stand still."""
    before = [figure(f"{number}", 10, 8, 12, "2024") for number in range(20)]
    error = np.hypot(2, 2) / 1.96
    moved = figure("0", 10 + 1.9 * error, 8 + 1.9 * error, 12 + 1.9 * error)
    after = [moved, *(figure(f"{number}", 10, 8, 12) for number in range(1, 20))]
    assert change_classes(before, after, POLICY)["0"] == 3
    assert change_classes(before[:1], after[:1], POLICY)["0"] == 4


def test_none_known_is_compared_by_the_limit_that_is_printed() -> None:
    before, after = [figure("a", 20, 16, 24, "2024")], [figure("a", None, None, 2)]
    assert change_classes(before, after, POLICY) == {"a": 0}
    assert change_classes(after, before, POLICY) == {"a": 4}


def test_a_place_that_one_wave_withholds_has_no_class() -> None:
    assert change_classes([figure("a", None, None, None)], [figure("a", 20, 16, 24)], POLICY) == {}


def test_tiles_show_each_place_once_in_its_colour(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    drawn = [
        draw_map(
            release, squares, s04, wave="2026", language="sv", kind="estimate", level="district", tiles=tiles
        )
        for tiles in (False, True)
    ]
    counts = [sorted(re.findall(r'<path fill="(#\w+)" stroke', picture.svg.decode())) for picture in drawn]
    assert counts[0] == counts[1]
    assert "sexhörning" in drawn[1].alt and "km" not in re.sub(r"<desc.*?</desc>", "", drawn[1].svg.decode())


def test_a_change_map_of_a_wave_with_itself_moves_nothing(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    drawn = draw_map(
        release, squares, s04, wave="2026", since="2026", language="en", kind="change", level="district"
    )
    svg = drawn.svg.decode()
    assert drawn.title == "No area has clearly changed since 2026"
    legend = {EXCEEDANCE[step]: 1 for step in (0, 1, 3, 4)}
    assert {colour: svg.count(f'fill="{colour}"') for colour in legend} == legend


def test_small_multiples_have_a_map_for_each_wave_and_one_scale(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    drawn = draw_waves(
        release, squares, s04, waves=["2024", "2026"], level="district", language="sv", breaks=["2026"]
    )
    svg = drawn.svg.decode()
    assert svg.count("Andel i procent") == 1
    assert "2026 (ny fråga)" in svg and "formulerades om" in svg
    assert re.findall(r"\b(2024|2026):", drawn.alt) == ["2024", "2026"]


def test_places_too_small_for_their_names_are_numbered_in_alphabetical_order(squares: Districts) -> None:
    small = [shapely.box(6000, 400 * n, 6400, 400 * n + 400) for n in range(2)]
    frame = gpd.GeoDataFrame(
        {"code": ["10", "11"], "name": ["Öster om Stora Långgatan", "Västra Långängsområdet"], "parent": ""},
        geometry=small, crs="EPSG:3006",
    )  # fmt: skip
    more = replace(squares, frame=pd.concat([squares.frame, frame], ignore_index=True))
    svg = draw_names("n", more, "district", 0, load("sv"), synthetic=False).svg.decode()
    assert re.findall(r">(\d)\u2002([^<]+)<", svg) == [
        ("1", "Västra Långängsområdet"), ("2", "Öster om Stora Långgatan")
    ]  # fmt: skip


def test_twenty_dots_lie_as_the_interval_says() -> None:
    dots = quantiles(13, 11, 15)
    assert len(dots) == 20 and (np.diff(dots) > 0).all()
    assert 11 < dots[1] < 13 < dots[-2] < 15
    assert np.median(dots) == pytest.approx(13, abs=0.2)
    skewed = quantiles(2, 1, 6)
    assert skewed[-1] - 2 > 2 - skewed[0] > 0


def test_the_dots_stand_on_the_printed_figure_and_on_nothing_else(
    release: ProtectedRelease, s04: Indicator
) -> None:
    drawn = draw_dots(release, s04, wave="2026", municipality="0199", language="en")
    whole = release.one(level="municipality", area="0199", group="all", target="pupils")
    assert whole is not None
    assert load("en").percent(whole.share or 0, whole.decimals) in drawn.title
    with pytest.raises(BuildError, match="not shown"):
        draw_dots(release, s04, wave="1999", municipality="0199", language="en")
