"""Charts: intervals in alphabetical order, girls and boys apart, change with gaps and breaks."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from mapping import codebook
from mapping.concepts.district import Districts
from mapping.concepts.indicator import Indicator
from mapping.disclosure import Change, Figure, ProtectedRelease, Status
from mapping.disclosure.protected import _SEAL
from mapping.errors import SealError
from mapping.publish.chart_axis import Scale
from mapping.publish.chart_change import _apart
from mapping.publish.chart_forms import municipal_figure
from mapping.publish.charts import draw_change, draw_forms, draw_places
from mapping.publish.palette import ACCENT, ACCENT_SECOND
from mapping.publish.picture import Picture

LINK = f'stroke="{ACCENT}" stroke-width="{round(0.7 * 1000 * 2.54 / 72)}"'  # 0.7 points


def words(picture: Picture) -> list[str]:
    """The texts of a picture in the order they stand in its file."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", picture.svg.decode())


def heights(picture: Picture, names: tuple[str, ...]) -> dict[str, float]:
    """How far down on the page each name stands."""
    svg = picture.svg.decode()
    return {name: float(re.findall(rf' y="([\d.]+)"[^>]*>{name}<', svg)[0]) for name in names}


def over_time(release: ProtectedRelease, **shares: float | Status) -> ProtectedRelease:
    """The release with one municipal figure for each wave."""
    figures = []
    for wave, share in shares.items():
        known = isinstance(share, float)
        numbers = (share, share - 2, share + 2) if known else (None, None, None)
        status = Status.SHOWN if known else share
        figures.append(
            Figure("k", wave[1:], "S04", "municipality", "0199", "all", "pupils", status, *numbers)  # type: ignore[arg-type]
        )
    return replace(release, figures=tuple(figures), seal=_SEAL)


def change(release: ProtectedRelease, indicator: Indicator, **options: object) -> Picture:
    wanted = {"waves": ["2022", "2024", "2026"], "language": "sv"} | options
    return draw_change(release, [indicator], **wanted)  # type: ignore[arg-type]


def test_places_stand_in_alphabetical_order_and_never_by_share(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    picture = draw_places(release, squares, s04, wave="2026", language="sv")
    found = heights(
        picture, ("Berga", "Centrum", "Dalen", "Ekudden", "Furuvik", "Granby", "Hagen", "Åkerby", "Ängby")
    )
    assert list(found.values()) == sorted(found.values())


def test_a_withheld_place_has_words_and_no_mark(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    picture = draw_places(release, squares, s04, wave="2026", language="sv")
    assert words(picture).count("redovisas inte") == 2
    assert words(picture).count("inga elever") == 1
    # six shares are printed: one line and one mark each
    assert picture.svg.decode().count(f'stroke="{ACCENT}"') == 2 * 6


def test_the_municipality_is_a_line_across_all_places(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    assert "Kommunen 15,5\u202f%" in words(draw_places(release, squares, s04, wave="2026", language="sv"))


def test_the_alt_text_of_places_names_those_whose_line_misses_the_municipality(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    alt = draw_places(release, squares, s04, wave="2026", language="en").alt
    assert "The whole line lies above the municipality's share: Centrum." in alt
    assert "The whole line lies below the municipality's share: Granby." in alt
    assert "2 areas are not shown, so that no one can be recognised." in alt
    assert "Dalen" not in alt and "Ekudden" not in alt


def test_many_places_stand_in_several_columns(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    one = draw_places(release, squares, s04, wave="2026", language="sv")
    many = squares.frame.loc[squares.frame.index.repeat(8)].reset_index(drop=True)
    many["code"] = [f"{number:03d}" for number in range(72)]
    figures = [
        replace(f, area=code) for f in release for code in many["code"] if f.area == "03" or f.level[0] == "m"
    ]
    tall = draw_places(
        replace(release, figures=tuple(figures), seal=_SEAL),
        replace(squares, frame=many),
        s04,
        wave="2026",
        language="sv",
    )
    assert one.height < tall.height < 20


def test_girls_and_boys_have_marks_of_their_own(release: ProtectedRelease, s04: Indicator) -> None:
    picture = draw_forms(release, [s04], wave="2026", language="sv")
    assert {"Flickor", "Pojkar", "21\u202f% (17–25)", "10\u202f% (7–13)"} <= set(words(picture))
    svg = picture.svg.decode()
    assert svg.count(f'stroke="{ACCENT}"') == svg.count(f'stroke="{ACCENT_SECOND}"') == 3  # key, line, mark
    assert (
        "Begränsat val av partner: Flickor 21\u202f% (17–25); Pojkar 10\u202f% (7–13)."
        in picture.alt.replace("\u2060", "")
    )


def test_a_share_that_is_not_shown_is_said_in_words(release: ProtectedRelease, s04: Indicator) -> None:
    hidden = [
        replace(f, status=Status.WITHHELD, share=None, low=None, high=None) if f.group == "boy" else f
        for f in release
    ]
    none = [
        replace(f, status=Status.NONE_KNOWN, share=0.0, low=0.0, high=2.0) if f.group == "boy" else f
        for f in release
    ]
    assert "redovisas inte" in words(
        draw_forms(replace(release, figures=tuple(hidden), seal=_SEAL), [s04], wave="2026", language="sv")
    )
    said = words(
        draw_forms(replace(release, figures=tuple(none), seal=_SEAL), [s04], wave="2026", language="en")
    )
    assert "none known (at most 2%)" in said


def test_an_indicator_the_release_does_not_hold_is_not_drawn_as_zero(release: ProtectedRelease) -> None:
    picture = draw_forms(release, [codebook.load()["S22"]], wave="2026", language="sv")
    assert words(picture).count("redovisas inte") == 2


def test_pooled_waves_stand_in_where_the_wave_itself_is_withheld(release: ProtectedRelease) -> None:
    alone = over_time(release, w2026=Status.WITHHELD)
    pooled = replace(
        alone,
        figures=(*alone.figures, replace(over_time(release, w2024=9.0).figures[0], wave="2024+2026")),
        seal=_SEAL,
    )
    found = municipal_figure(pooled, "S04", "2026")
    assert found is not None and found.share == 9.0
    shown = over_time(release, w2026=8.0)
    found = municipal_figure(
        replace(shown, figures=(*pooled.figures[1:], *shown.figures), seal=_SEAL), "S04", "2026"
    )
    assert found is not None and found.share == 8.0


def test_a_wave_without_a_number_leaves_a_gap(release: ProtectedRelease, s04: Indicator) -> None:
    links = {
        status: change(over_time(release, w2022=10.0, w2024=status, w2026=12.0), s04).svg.decode().count(LINK)
        for status in (11.0, Status.WITHHELD, Status.NOT_ASKED)
    }
    assert links == {11.0: 2, Status.WITHHELD: 0, Status.NOT_ASKED: 0}


def test_not_asked_and_not_shown_are_two_things(release: ProtectedRelease, s04: Indicator) -> None:
    picture = change(over_time(release, w2022=Status.NOT_ASKED, w2024=Status.WITHHELD, w2026=12.0), s04)
    assert {"Frågan ställdes inte", "Redovisas inte, för att ingen enskild ska kunna kännas igen"} <= set(
        words(picture)
    )
    assert "2022: frågan ställdes inte. 2024: redovisas inte. 2026: 12\u202f%" in picture.alt


def test_a_break_stops_the_line_and_is_named(release: ProtectedRelease, s04: Indicator) -> None:
    known = over_time(release, w2022=10.0, w2024=11.0, w2026=12.0)
    picture = change(known, s04, breaks={"S04": ["2024"]})
    assert picture.svg.decode().count(LINK) == 1
    assert "ny fråga" in words(picture)
    assert "Från och med 2024 är frågan en annan" in picture.alt


def test_a_break_that_only_the_release_knows_of_is_drawn_too(
    release: ProtectedRelease, s04: Indicator
) -> None:
    broken = Change(
        "S04", "municipality", "0199", "all", "2024", "2026", 11.0, 12.0, None, None, None, None, "break"
    )
    known = replace(over_time(release, w2022=10.0, w2024=11.0, w2026=12.0), changes=(broken,), seal=_SEAL)
    assert "ny fråga" in words(change(known, s04))


@pytest.mark.parametrize(
    ("verdict", "title"),
    [
        ("up", "Har ökat sedan 2024: Begränsat val av partner"),
        ("down", "Har minskat sedan 2024: Begränsat val av partner"),
        ("unclear", "Ingen säker förändring sedan 2024"),
    ],
)
def test_the_title_of_a_change_is_its_verdict(
    release: ProtectedRelease, s04: Indicator, verdict: str, title: str
) -> None:
    moved = Change(
        "S04", "municipality", "0199", "all", "2024", "2026", 9.0, 12.0, 3.0, 0.5, 5.5, 2.0, verdict
    )
    assert (
        change(replace(over_time(release, w2024=9.0, w2026=12.0), changes=(moved,), seal=_SEAL), s04).title
        == title
    )


@pytest.mark.parametrize("language", ["sv", "en"])
def test_charts_are_the_same_bytes_twice(
    release: ProtectedRelease, squares: Districts, s04: Indicator, language: str
) -> None:
    def drawn() -> list[tuple[bytes, bytes]]:
        pictures = [
            draw_places(release, squares, s04, wave="2026", language=language),
            draw_forms(release, [s04], wave="2026", language=language),
            change(over_time(release, w2022=10.0, w2026=12.0), s04, language=language),
        ]
        return [(picture.svg, picture.png) for picture in pictures]

    assert drawn() == drawn()


def test_only_a_sealed_release_is_drawn(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    forged = SimpleNamespace(
        figures=release.figures, changes=(), synthetic=False, select=release.select, one=release.one
    )
    with pytest.raises(SealError):
        draw_places(forged, squares, s04, wave="2026", language="sv")  # type: ignore[arg-type]
    with pytest.raises(SealError):
        draw_forms(forged, [s04], wave="2026", language="sv")  # type: ignore[arg-type]
    with pytest.raises(SealError):
        change(forged, s04)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("highest", "top", "step"),
    [(1.0, 1, 1), (5.5, 6, 1), (13, 15, 5), (24, 25, 5), (42, 50, 10), (100, 100, 20)],
)
def test_an_axis_begins_at_zero_and_ends_at_a_round_share(highest: float, top: float, step: float) -> None:
    scale = Scale.covering(highest, 2.0, 12.0)
    assert (scale.top, scale.step) == (top, step)
    assert (scale(0.0), scale(scale.top)) == (2.0, 12.0)
    assert scale.ticks[0] == 0 and scale.ticks[-1] <= 100


def test_words_over_many_waves_do_not_touch_and_the_last_and_first_stand() -> None:
    middles, widths = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], [0.9] * 6
    kept = _apart(middles, widths)
    assert kept == [0, 5] or (kept[0], kept[-1]) == (0, 5)
    assert all(middles[b] - middles[a] >= 0.9 for a, b in itertools.pairwise(kept))
    assert _apart([0.0, 5.0], [0.9, 0.9]) == [0, 1]
    assert _apart([], []) == []
