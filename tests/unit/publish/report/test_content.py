"""The content of a report: what it says, in which order, and what it never says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mapping.disclosure import ProtectedRelease, Status
from mapping.disclosure.protected import _SEAL
from mapping.errors import BuildError, SealError
from mapping.publish import Context
from mapping.publish.content import content
from mapping.publish.maps import draw_map
from mapping.publish.pictures import draw
from mapping.publish.view import View
from mapping.texts import load

Content = dict[str, Any]


def plain(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text)


def words(value: object) -> Iterator[str]:
    """Every text in the content, in order."""
    if isinstance(value, str):
        yield plain(value)
    elif isinstance(value, dict):
        for part in value.values():
            yield from words(part)
    elif isinstance(value, list):
        for part in value:
            yield from words(part)


def parts(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [*made["sections"], *made["closing"], *made["annexes"]]


def chapter(made: Content, name: str) -> str:
    return " ".join(words(next(part for part in parts(made) if part["id"] == name)))


@pytest.fixture(scope="module")
def swedish(whole_release: ProtectedRelease, context: Context) -> Content:
    pictures = draw(View(whole_release, context, load("sv")))
    return content(whole_release, context, "sv", pictures)


@pytest.fixture(scope="module")
def english(whole_release: ProtectedRelease, context: Context) -> Content:
    return content(whole_release, context, "en")


def test_only_what_the_gate_made_can_be_told(context: Context) -> None:
    with pytest.raises(SealError):
        content(object(), context, "sv")  # type: ignore[arg-type]


def test_the_content_is_plain_data(swedish: Content) -> None:
    assert json.loads(json.dumps(swedish)) == swedish


def test_the_headline_names_population_and_finding(swedish: Content, english: Content) -> None:
    assert (
        plain(swedish["lead"]["text"])
        == "Omkring 14 procent av eleverna i årskurs 9 får inte fritt välja partner"
    )
    assert (
        plain(english["lead"]["text"])
        == "About 14 per cent of pupils in grade 9 may not freely choose a partner"
    )
    assert plain(swedish["lead"]["detail"]).startswith("14 procent; troligen mellan 11 och 1")


def test_chapters_stand_in_their_order(swedish: Content) -> None:
    order = [part["id"] for part in parts(swedish)]
    assert order == [
        "summary", "forms", "control", "marriage", "removal", "change", "cases", "plan", "limits", "help", "privacy",
        "definitions", "figures", "plan-detail", "made",
    ]  # fmt: skip


def test_both_languages_have_the_same_chapters_and_rows(
    swedish: Content, whole_release: ProtectedRelease, context: Context
) -> None:
    pictures = draw(View(whole_release, context, load("en")))
    english = content(whole_release, context, "en", pictures)

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(part) for key, part in value.items()}
        return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__

    assert shape(parts(english)) == shape(parts(swedish))


def test_the_first_page_says_early_that_most_report_none(swedish: Content) -> None:
    first = chapter(swedish, "summary")
    assert "De flesta elever uppger inget" in first
    assert "1 180 av 1 320 elever svarade (89 procent). En skola deltog inte" in first
    assert "svarade ”vet inte”" in first
    assert "Gäller elever i årskurs 9 läsåret 2025/26." in first


def test_most_report_none_is_not_said_when_a_limit_reaches_half(
    whole_release: ProtectedRelease, context: Context
) -> None:
    figures = tuple(
        replace(figure, share=48.0, low=44.0, high=52.0, bounds=None)
        if figure.status is Status.SHOWN
        else figure
        for figure in whole_release
    )
    made = content(replace(whole_release, figures=figures, seal=_SEAL), context, "sv")
    assert "De flesta elever" not in chapter(made, "summary")


def test_shares_are_this_year_s_pupils_and_not_the_underlying_risk(
    whole_release: ProtectedRelease, context: Context
) -> None:
    view = View(whole_release, context, load("sv"))
    figure, risk = view.figure("S04"), whole_release.one(key="2026|S04|municipality|0199|all", target="risk")
    assert figure is not None
    assert figure.target == "pupils"
    assert risk is not None
    assert risk.low != figure.low


def test_a_map_pair_names_the_places_that_are_clearly_above(swedish: Content) -> None:
    assert "Med stor säkerhet över kommunens nivå: Centrum." in chapter(swedish, "control")
    assert "Den högra gäller den underliggande risken" in chapter(swedish, "control")


def test_a_measure_without_a_map_says_so_in_words(
    whole_release, without_districts: Context, swedish: Content
) -> None:
    made = content(whole_release, without_districts, "sv")
    assert [b for part in parts(made) for b in part["blocks"] if b["kind"] == "pictures"] == []
    assert "Redovisas inte, för att ingen enskild ska kunna kännas igen." in chapter(swedish, "marriage")


def test_changes_name_the_smallest_detectable_and_breaks(swedish: Content) -> None:
    change = chapter(swedish, "change")
    assert (
        "inom felmarginalen. En förändring mindre än 4,2 procentenheter hade inte kunnat upptäckas." in change
    )
    assert "Får inte umgås med motsatt kön: frågan formulerades om 2026: åren kan inte jämföras." in change
    assert "Bland 3 jämförelser" in change


def test_cases_stand_beside_the_survey_and_are_not_called_prevalence(swedish: Content) -> None:
    cases = chapter(swedish, "cases")
    assert "Socialtjänsten fick kännedom om 41 ärenden om hedersrelaterat våld under 2025." in cases
    assert "Antalet visar vad som upptäcks, inte hur vanligt det är." in cases
    assert "både hedersrelaterat våld och våld i nära relation under 2025 redovisas inte" in cases


def test_a_goal_is_followed_up_in_the_language_it_was_written_in(english: Content) -> None:
    plan = next(part for part in parts(english) if part["id"] == "plan")
    goals = next(block for block in plan["blocks"][0]["blocks"] if block["kind"] == "table")
    assert goals["rows"][0][0] == {"text": "Fler ska fritt få välja partner", "interval": "", "lang": "sv"}
    assert goals["rows"][0][-1]["text"] == "Cannot be told"


def test_a_question_not_asked_is_said_to_be_so(swedish: Content) -> None:
    assert "Frågan ställdes inte" in chapter(swedish, "figures")


def test_help_falls_back_on_national_contacts_that_the_municipality_has_not_confirmed(
    swedish: Content,
) -> None:
    said = chapter(swedish, "help")
    assert "Ring 112." in said
    assert "Bris 116 111" in said
    assert "020-50 50 50" in said
    assert "har inte bekräftats av kommunen" in said


def test_only_a_report_that_is_audited_says_so(
    whole_release: ProtectedRelease, context: Context, swedish: Content
) -> None:
    audited = content(whole_release, context, "sv", audited=True)
    assert "försökte ett program räkna ut det som inte redovisas" in chapter(audited, "privacy")
    assert "försökte ett program" not in chapter(swedish, "privacy")


def test_places_stand_in_alphabetical_order_never_by_value(swedish: Content) -> None:
    figures = next(part for part in parts(swedish) if part["id"] == "figures")
    tables = [block for block in figures["blocks"] if block["kind"] == "table"]
    districts = next(t for t in tables if t["columns"][0]["label"] == "Stadsdel")
    names = [row[0]["text"] for row in districts["rows"]]
    assert names == ["Berga", "Centrum", "Dalen", "Ekudden", "Furuvik", "Granby", "Hagen", "Åkerby", "Ängby"]


def test_no_withheld_figure_has_a_number_anywhere(whole_release: ProtectedRelease, swedish: Content) -> None:
    withheld = [figure for figure in whole_release if figure.status is Status.WITHHELD]
    assert withheld
    assert all(figure.share is None and figure.count is None for figure in withheld)
    figures = next(part for part in parts(swedish) if part["id"] == "figures")
    municipal = next(block for block in figures["blocks"] if block["kind"] == "table")
    rare = next(row for row in municipal["rows"] if row[0]["text"].startswith("Gift eller förlovad"))
    assert [cell["text"] for cell in rare[1:]] == ["Redovisas inte"] * 3 + ["–", "–"]
    assert {cell["interval"] for cell in rare} == {""}


def test_words_never_rank_places_or_blame_anyone(swedish: Content, english: Content) -> None:
    said = " ".join([*words(swedish), *words(english)]).lower()
    for word in (
        "värst",
        "problemområde",
        "förövare",
        "hotspot",
        "worst",
        "perpetrator",
        "topplista",
        "drabbad",
    ):
        assert word not in said


def test_every_picture_in_the_content_has_an_alternative_text(swedish: Content) -> None:
    def found(value: object) -> Iterator[dict[str, str]]:
        if isinstance(value, dict):
            if value.get("kind") == "pictures":
                yield from value["items"]
            for part in value.values():
                yield from found(part)
        elif isinstance(value, list):
            for part in value:
                yield from found(part)

    pictures = list(found(swedish))
    assert len(pictures) >= 5
    assert all(len(picture["alt"]) > 40 and picture["title"] for picture in pictures)


def test_a_single_wave_says_that_change_can_be_seen_next_time(
    whole_release: ProtectedRelease, context: Context
) -> None:
    first = replace(whole_release, changes=(), seal=_SEAL)
    made = content(first, replace(context, waves=context.waves[-1:]), "sv")
    assert "den första mätningen" in chapter(made, "change")


def test_nearly_everything_withheld_still_reads(whole_release: ProtectedRelease, context: Context) -> None:
    nothing = dict.fromkeys(("share", "low", "high", "count", "unsure", "bounds"))
    figures = tuple(replace(f, status=Status.WITHHELD, base="", **nothing) for f in whole_release)
    bare = replace(whole_release, changes=(), model=(), figures=figures, seal=_SEAL)
    made = content(bare, context, "sv")
    assert made["lead"]["text"].startswith("De flesta siffror i den här rapporten kan inte redovisas")
    assert re.search(r"\d+ procent \(troligen", " ".join(words(made))) is None


def test_cases_are_never_drawn_on_a_map(context: Context, whole_release: ProtectedRelease) -> None:
    wanted = replace(context.publication, maps=("K01", "K02"))
    view = View(whole_release, replace(context, publication=wanted), load("sv"))

    assert not any(id_.startswith("K") for ids in view.themes.values() for id_ in ids)
    with pytest.raises(BuildError, match="K01 counts cases: what is detected is never drawn on a map"):
        draw_map(
            whole_release,
            context.districts,
            context.indicators["K01"],
            wave="2026",
            language="sv",
            kind="estimate",
        )
