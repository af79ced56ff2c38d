"""Maps: what each place shows, what the picture says in words, and that nothing withheld stands in the file."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from xml.etree import ElementTree

import pandas as pd
import pytest

from mapping.concepts.district import Districts
from mapping.concepts.estimate_table import EstimateTable
from mapping.concepts.indicator import Indicator
from mapping.disclosure import ProtectedRelease, protect, read_policy
from mapping.disclosure.protected import _SEAL
from mapping.errors import BuildError, DisclosureError, SealError
from mapping.publish import map_ground, map_layer
from mapping.publish.map_places import State, Subject, map_level, places_of
from mapping.publish.maps import draw_map
from mapping.publish.palette import EXCEEDANCE, LADDERS, SEQUENTIAL, class_of
from mapping.publish.picture import Picture
from mapping.publish.picture_words import Wording

SVG = "{http://www.w3.org/2000/svg}"


def drawn(
    release: ProtectedRelease, districts: Districts, indicator: Indicator, kind: str, **options: object
) -> Picture:
    wanted = {"wave": "2026", "language": "sv", "level": "district"} | options
    return draw_map(release, districts, indicator, kind=kind, **wanted)  # type: ignore[arg-type]


def states(
    release: ProtectedRelease, districts: Districts, indicator: Indicator, kind: str
) -> dict[str, State]:
    places = places_of(release, districts, Subject(indicator, "2026"), "district", kind)  # type: ignore[arg-type]
    return {place.code: place.state for place in places}


def fills(picture: Picture) -> list[str]:
    return re.findall(r'<path fill="(#[0-9a-f]{6})"', picture.svg.decode())


@pytest.mark.parametrize("kind", ["estimate", "exceedance"])
def test_a_withheld_place_has_neither_number_nor_class(
    release: ProtectedRelease, squares: Districts, s04: Indicator, kind: str
) -> None:
    places = places_of(release, squares, Subject(s04, "2026"), "district", kind)  # type: ignore[arg-type]
    withheld = [place for place in places if place.state is State.WITHHELD]
    assert {place.code for place in withheld} == {"04", "05"}
    assert {(place.step, place.share) for place in withheld} == {(None, None)}


def test_the_states_of_places_are_told_apart(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    found = states(release, squares, s04, "estimate")
    assert found["03"] is State.SHOWN
    assert found["08"] is State.UNCERTAIN
    assert found["05"] is State.WITHHELD
    assert found["09"] is State.NO_PUPILS


def test_a_place_without_answers_but_with_pupils_looks_withheld(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    peopled = replace(squares, population=squares.population.assign(n=100))
    assert states(release, peopled, s04, "estimate")["09"] is State.WITHHELD


def test_a_place_without_register_counts_is_not_said_to_be_empty(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    assert (
        states(release, replace(squares, population=pd.DataFrame()), s04, "estimate")["09"] is State.WITHHELD
    )


def test_two_worlds_that_differ_in_a_withheld_cell_only_give_the_same_bytes(
    table: EstimateTable, release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    # one yes moves from the withheld square 05 to the withheld square 04: their sum, the area, is printed and stays
    frame = table.frame.copy()
    for area, change in (("04", 1), ("05", -1)):
        frame.loc[(frame["level"] == "district") & (frame["area"] == area), "events"] += change
    frame.loc[frame["area"].isin(["04", "05"]), "estimate"] = frame["events"] / frame["n"]
    other = protect(
        [EstimateTable.from_frame(frame, table.relations)],
        read_policy().with_levels({"S04": "district"}),
        synthetic=True,
        key=b"squares",
    )
    here = drawn(replace(release, model=(), seal=_SEAL), squares, s04, "estimate")
    there = drawn(other, squares, s04, "estimate")
    assert (here.svg, here.png, here.alt) == (there.svg, there.png, there.alt)


@pytest.mark.parametrize("kind", ["estimate", "exceedance"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_map_is_the_same_bytes_twice(
    release: ProtectedRelease, squares: Districts, s04: Indicator, kind: str, language: str
) -> None:
    first = drawn(release, squares, s04, kind, language=language)
    map_layer.draw_places_of.cache_clear()
    map_ground.fit.cache_clear()
    second = drawn(release, squares, s04, kind, language=language)
    assert (first.svg, first.png) == (second.svg, second.png)


def test_a_map_holds_no_date_and_no_name_of_a_program(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    picture = drawn(release, squares, s04, "estimate")
    for word in (b"atplotlib", b"metadata", b"date"):
        assert word not in picture.svg
    for word in (b"Software", b"atplotlib", b"tIME"):
        assert word not in picture.png


def test_text_stays_text_with_a_title_and_a_description(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    picture = drawn(release, squares, s04, "estimate")
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and description is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert (title.text, description.text) == (picture.title, picture.alt)
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {"Ängby", "Ekudden", "1\u00a0km" if "1\u00a0km" in words else "1 km"} <= words


def test_two_pictures_share_no_id(release: ProtectedRelease, squares: Districts, s04: Indicator) -> None:
    ids = [
        set(re.findall(r' id="([^"]+)"', drawn(release, squares, s04, kind).svg.decode()))
        for kind in ("estimate", "exceedance")
    ]
    assert ids[0] and ids[1] and ids[0].isdisjoint(ids[1])


def test_the_alt_text_of_shares_tells_range_uncertainty_and_how_many_are_withheld(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    alt = drawn(release, squares, s04, "estimate").alt.replace("\u202f", " ")
    assert "Andelen går från 3 % till 35 % i de 6 områden som redovisas." in alt
    assert "Osäker andel: Hagen." in alt
    assert "2 områden redovisas inte, för att ingen enskild ska kunna kännas igen." in alt
    assert "Ett område har inga elever i målgruppen." in alt
    assert "Hela kommunen: 15,5 %, troligen mellan 13,6 % och 17,4 %." in alt


def test_the_alt_text_of_exceedance_names_the_clear_exceptions(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    alt = drawn(release, squares, s04, "exceedance", language="en").alt
    assert "Very likely above the municipality's level: Centrum." in alt
    assert "Very likely below the municipality's level: Granby." in alt


@pytest.mark.parametrize("kind", ["estimate", "exceedance"])
def test_the_words_name_no_withheld_place_and_no_withheld_number(
    release: ProtectedRelease, squares: Districts, s04: Indicator, kind: str
) -> None:
    picture = drawn(release, squares, s04, kind)
    assert "Dalen" not in picture.alt and "Ekudden" not in picture.alt
    # the withheld squares have 17 of 150 and 3 of 140: 11 and 2 per cent
    assert not re.search(r"\b(11|2|17|150|140)\b(?!,4|[ \u00a0]områden)", picture.alt)


def test_the_title_of_exceedance_is_the_finding(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    assert (
        drawn(release, squares, s04, "exceedance").title.replace("\u00a0", " ")
        == "2 av 9 områden skiljer sig klart från kommunens nivå"
    )
    assert (
        drawn(release, squares, s04, "estimate").title == "16\u202f% av eleverna får inte fritt välja partner"
    )


def test_colours_are_those_of_the_classes_shown(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    # a legend shows each colour once; a place adds one more
    shown = pd.Series(fills(drawn(release, squares, s04, "estimate"))).value_counts()
    steps = [class_of(share, LADDERS["norm"]) for share in (13, 15, 35, 14, 3, 19)]
    assert [shown[colour] - 1 for colour in SEQUENTIAL] == [steps.count(step) for step in range(6)]


def test_exceedance_is_said_with_triangles_too(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    svg = drawn(release, squares, s04, "exceedance").svg.decode()
    assert "▲\u00a0Centrum" in svg and "▼\u00a0Granby" in svg and "▽\u00a0Ängby" in svg
    assert all(colour in fills(drawn(release, squares, s04, "exceedance")) for colour in EXCEEDANCE)


@pytest.mark.parametrize("kind", ["estimate", "exceedance"])
def test_synthetic_data_are_marked_even_without_a_heading(
    release: ProtectedRelease, squares: Districts, s04: Indicator, kind: str
) -> None:
    assert b"Syntetiska data / Synthetic data" in drawn(release, squares, s04, kind, heading=False).svg
    real = replace(release, synthetic=False, seal=_SEAL)
    assert b"Synthetic" not in drawn(real, squares, s04, kind, heading=False).svg


def test_the_maps_of_a_pair_have_the_same_size(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    pair = [drawn(release, squares, s04, kind) for kind in ("estimate", "exceedance")]
    assert (pair[0].width, pair[0].height) == (pair[1].width, pair[1].height)


def test_population_and_source_stand_in_the_picture(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    wording = Wording(population="Elever i årskurs 9", source="Källa: Ung i Exempelköping 2026.")
    svg = drawn(release, squares, s04, "estimate", wording=wording).svg.decode()
    assert "Elever i årskurs\u00a09" in svg or "Elever i årskurs 9" in svg
    assert "Källa: Ung i Exempelköping 2026." in svg


def test_every_sentence_of_the_subtitle_begins_with_a_capital(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    known = Wording(population="elever i årskurs 9")
    for kind in ("estimate", "exceedance"):
        svg = drawn(release, squares, s04, kind, wording=known, width=30.0).svg.decode()
        assert ". Elever i årskurs\u00a09." in svg
    bare = drawn(release, squares, s04, "estimate", wording=Wording(population="elever"), width=30.0)
    assert "nej, 2026. Gäller årets elever." in bare.svg.decode()


def test_languages_differ_in_words_only(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    paths = [
        re.findall(
            r"<path.*?/>", drawn(release, squares, s04, "estimate", legend=False, language=it).svg.decode()
        )
        for it in ("sv", "en")
    ]
    assert paths[0] == paths[1] and len(paths[0]) > 9


def test_a_map_finer_than_the_codebook_allows_is_refused(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    with pytest.raises(DisclosureError, match="S04 may be shown by area"):
        drawn(release, squares, replace(s04, finest="area"), "estimate", level="district")


def test_an_indicator_of_the_municipality_alone_has_no_map(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    assert map_level(release, Subject(replace(s04, finest="municipality"), "2026")) is None
    with pytest.raises(BuildError, match="no place is printed"):
        drawn(release, squares, replace(s04, finest="municipality"), "estimate", level=None)


def test_the_level_is_the_finest_that_prints_half_of_its_places(
    release: ProtectedRelease, s04: Indicator
) -> None:
    assert map_level(release, Subject(s04, "2026")) == "district"
    assert map_level(release, Subject(replace(s04, finest="area"), "2026")) == "area"
    one_area = replace(release, figures=tuple(f for f in release if f.area in {"0199", "A0"}), seal=_SEAL)
    assert map_level(one_area, Subject(replace(s04, finest="area"), "2026")) is None
    sparse = replace(
        release,
        figures=tuple(f for f in release if f.level != "district" or f.area in {"04", "05", "06"}),
        seal=_SEAL,
    )
    assert map_level(sparse, Subject(s04, "2026")) == "area"


def test_exceedance_of_one_sex_is_refused_because_the_model_speaks_of_all(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    with pytest.raises(DisclosureError, match="group 'all'"):
        drawn(release, squares, s04, "exceedance", group="girl")


def test_only_a_sealed_release_is_drawn(
    release: ProtectedRelease, squares: Districts, s04: Indicator
) -> None:
    look_alike = SimpleNamespace(
        figures=release.figures,
        model=release.model,
        synthetic=False,
        select=release.select,
        seal=release.seal,
    )
    with pytest.raises(SealError):
        drawn(look_alike, squares, s04, "estimate")  # type: ignore[arg-type]
