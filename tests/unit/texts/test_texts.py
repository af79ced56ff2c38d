"""Texts: both languages say the same things, and numbers are written in the manner of each."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mapping.errors import BuildError
from mapping.texts import LANGUAGES, NARROW, NO_BREAK, load


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_all_languages_hold_the_same_keys() -> None:
    keys = {language: {key for key, _ in _flat(load(language).table)} for language in LANGUAGES}
    assert keys["sv"] - keys["en"] == set()
    assert keys["en"] - keys["sv"] == set()


def test_a_text_has_the_same_places_in_all_languages() -> None:
    swedish, english = dict(_flat(load("sv").table)), dict(_flat(load("en").table))
    different = [
        k for k, text in swedish.items() if isinstance(text, str) and _places(text) != _places(english[k])
    ]
    assert different == []


def test_no_text_is_empty_or_has_a_stray_space() -> None:
    for language in LANGUAGES:
        for key, text in _flat(load(language).table):
            for part in text if isinstance(text, list) else [text]:
                assert part.strip() == part != "", (language, key)


@pytest.mark.parametrize("word", ["värst", "problemområde", "förövare", "topplista", "rankning", "drabbad"])
def test_no_word_ranks_places_or_blames_people_in_swedish(word: str) -> None:
    assert [key for key, text in _flat(load("sv").table) if word in str(text).lower()] == []


@pytest.mark.parametrize("word", ["worst", "problem area", "perpetrator", "league", "ranking", "hotspot"])
def test_no_word_ranks_places_or_blames_people_in_english(word: str) -> None:
    assert [key for key, text in _flat(load("en").table) if word in str(text).lower()] == []


def test_numbers_are_written_in_the_manner_of_the_language() -> None:
    swedish, english = load("sv"), load("en")
    assert swedish.number(2134) == f"2{NARROW}134"
    assert english.number(2134) == "2,134"
    assert swedish.number(11.2, 1) == "11,2"
    assert swedish.percent(13) == f"13{NARROW}%"
    assert english.percent(13) == "13%"
    assert swedish.interval(11.2, 14.8, 1) == "11,2–14,8"
    assert swedish.number(-2.0, 0) == "\u22122"


def test_dates_and_lists_are_written_in_the_manner_of_the_language() -> None:
    assert load("sv").date("2026-03-13") == f"13{NO_BREAK}mars{NO_BREAK}2026"
    assert load("en").date("2026-03-13") == f"13{NO_BREAK}March{NO_BREAK}2026"
    assert load("sv").listing(["Berga", "Hagen", "Ås"]) == "Berga, Hagen och Ås"
    assert load("en").listing(["Berga"]) == "Berga"


def test_small_numbers_begin_a_sentence_in_words() -> None:
    assert load("sv").spelled(2) == "Två"
    assert load("sv").spelled(12) == "Tolv"
    assert load("sv").spelled(13) == "13"
    assert load("en").spelled(1) == "1"  # one has a text of its own, which knows its gender


def test_the_count_chooses_the_form() -> None:
    texts = load("sv")
    assert texts("who.missing_schools", count=1, spelled="") == "En skola deltog inte;"
    assert texts("who.missing_schools", count=3, spelled=texts.spelled(3)) == "Tre skolor deltog inte;"


def test_a_number_stays_on_the_line_with_what_it_counts() -> None:
    text = load("sv")("headline.detail", share="13", low="11", high="15")
    assert f"13{NO_BREAK}procent" in text
    fraction = load("en")("headline.fraction", n=8, population="pupils in grade 9", finding="may not choose")
    assert f"1{NO_BREAK}in{NO_BREAK}8" in fraction
    assert f"grade{NO_BREAK}9" in fraction


def test_swedish_letters_come_last_and_numbers_in_order() -> None:
    names = ["Öja", "Ås", "Älvsjö", "Zinkgruvan", "Område 10", "Område 2", "Édouard", "ekdal"]
    assert load("sv").in_order(names) == [
        "Édouard",
        "ekdal",
        "Område 2",
        "Område 10",
        "Zinkgruvan",
        "Ås",
        "Älvsjö",
        "Öja",
    ]
    assert load("en").in_order(["Öja", "Zinkgruvan", "Ås"]) == ["Ås", "Öja", "Zinkgruvan"]


def test_a_missing_key_or_value_stops_the_build() -> None:
    with pytest.raises(BuildError, match=r"sv\.toml has no 'headline\.nowhere'"):
        load("sv")("headline.nowhere")
    with pytest.raises(BuildError, match="'share'"):
        load("sv")("headline.percent", population="elever", finding="x")
    with pytest.raises(BuildError, match="write shares and dates as text"):
        load("sv")("headline.percent", share=13.4, population="elever", finding="x")
    with pytest.raises(BuildError, match="no texts in 'no'"):
        load("no")
