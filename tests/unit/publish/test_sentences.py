"""Every sentence of the report, from the numbers it is made of."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mapping.disclosure.protected import Change, Figure, ModelFigure, Status
from mapping.publish import change_sentences, sentences
from mapping.publish.goals import goal_verdict
from mapping.publish.plan import Goal
from mapping.texts import Texts, load

SV, EN = load("sv"), load("en")


def plain(text: str) -> str:
    """The text with ordinary spaces, so that the expected sentence can be read."""
    return re.sub(r"[\u00a0\u202f]", " ", text)


def figure(
    share: float | None = 13.0,
    low: float | None = 11.0,
    high: float | None = 15.0,
    *,
    group: str = "all",
    status: Status = Status.SHOWN,
    decimals: int = 0,
    area: str = "0199",
    unsure: float | None = None,
    bounds: tuple[float, float] | None = None,
    count: int | None = None,
    target: str = "pupils",
    wave: str = "2026",
) -> Figure:
    numbers = (share, low, high) if status in {Status.SHOWN, Status.NONE_KNOWN} else (None, None, None)
    return Figure(
        "key", wave, "S04", "municipality", area, group, target, status, *numbers, decimals=decimals,
        unsure=unsure, bounds=bounds, count=count,
    )  # fmt: skip


def change(verdict: str, earlier: float | None = 11.0, later: float | None = 13.0) -> Change:
    moved = None if earlier is None or later is None else later - earlier
    smallest = None if verdict == "break" else 4.0
    return Change(
        "S04", "municipality", "0199", "all", "2024", "2026", earlier, later, moved, -1, 5, smallest, verdict
    )


def head(made: Figure, texts: Texts) -> tuple[str, str]:
    populations = {
        "sv": ("elever i årskurs 9", "eleverna i årskurs 9", "får inte fritt välja partner"),
        "en": ("pupils in grade 9", "pupils in grade 9", "may not freely choose a partner"),
    }
    lead, detail = sentences.headline(made, *populations[texts.language], texts)
    return plain(lead), plain(detail)


def test_the_headline_is_a_plain_fraction_with_its_interval() -> None:
    assert head(figure(), SV) == (
        "Omkring 1 av 8 elever i årskurs 9 får inte fritt välja partner",
        "13 procent; troligen mellan 11 och 15.",
    )
    assert head(figure(), EN) == (
        "About 1 in 8 pupils in grade 9 may not freely choose a partner",
        "13 per cent; probably between 11 and 15.",
    )


def test_the_headline_is_a_percentage_where_no_plain_fraction_says_it() -> None:
    assert head(figure(42.0, 37.0, 47.0), SV)[0] == (
        "Omkring 42 procent av eleverna i årskurs 9 får inte fritt välja partner"
    )


def test_the_headline_has_whole_per_cent_and_limits_outward() -> None:
    assert head(figure(13.4, 11.8, 15.1, decimals=1), SV)[1] == "13 procent; troligen mellan 11 och 16."


def test_a_small_share_keeps_its_decimal() -> None:
    assert head(figure(1.4, 0.9, 2.1, decimals=1), SV)[1] == "1,4 procent; troligen mellan 0,9 och 2,1."


@pytest.mark.parametrize(
    ("share", "low", "high", "fraction"),
    [
        (12.5, 11, 14, 8),
        (33.0, 30, 36, 3),
        (13.0, 12.6, 13.4, None),  # 12.5 lies outside the interval
        (41.0, 30, 52, None),  # 1 in 3 lies inside, but is another number
        (29.0, 20, 40, None),
        (2.0, 1, 3, 50),
        (0.4, 0, 2, None),  # 1 in 100 is the smallest fraction, and more than twice as much
        (50.0, 45, 55, None),
    ],
)
def test_a_plain_fraction_lies_in_the_interval_and_near_the_share(
    share: float, low: float, high: float, fraction: int | None
) -> None:
    assert sentences.plain_fraction(share, low, high) == fraction


def test_a_plain_fraction_is_always_within_the_limits() -> None:
    for tenths in range(1, 1000):
        share = tenths / 10
        n = sentences.plain_fraction(share, share - 0.3, share + 0.3)
        assert n is None or share - 0.3 <= 100 / n <= share + 0.3


def test_girls_and_boys_are_compared_when_they_differ_by_more_than_the_uncertainty() -> None:
    girls, boys = figure(17, 14, 20, group="girl"), figure(9, 7, 12, group="boy")
    assert (
        plain(sentences.sexes(girls, boys, SV)) == "Flickor uppger detta oftare än pojkar: 17 mot 9 procent."
    )
    assert (
        plain(sentences.sexes(girls, boys, EN))
        == "Girls report this more often than boys: 17 against 9 per cent."
    )


def test_boys_come_first_where_they_report_more() -> None:
    girls, boys = figure(9, 7, 12, group="girl"), figure(17, 14, 20, group="boy")
    assert (
        plain(sentences.sexes(girls, boys, SV)) == "Pojkar uppger detta oftare än flickor: 17 mot 9 procent."
    )


def test_a_difference_within_the_uncertainty_is_not_a_difference() -> None:
    girls, boys = figure(14, 11, 17, group="girl"), figure(12, 9, 15, group="boy")
    assert (
        sentences.sexes(girls, boys, SV) == "Skillnaden mellan flickor och pojkar är mindre än osäkerheten."
    )
    assert (
        sentences.sexes(girls, boys, EN)
        == "The difference between girls and boys is smaller than the uncertainty."
    )


def test_the_difference_of_two_shares_is_judged_by_both_intervals() -> None:
    # 17 − 13 = 4 < sqrt((17 − 14)² + (16 − 13)²) = 4.24: not clear
    assert not sentences.clearly_different(figure(17, 14, 20), figure(13, 10, 16))
    # 18 − 13 = 5 > 4.24: clear, though the intervals overlap
    assert sentences.clearly_different(figure(13, 10, 16), figure(18, 15, 21))


def test_an_uneven_interval_counts_by_the_limit_that_faces_the_other_share() -> None:
    # 18 − 13 = 5: sqrt((18 − 12)² + (16 − 13)²) = 6.7, but with limits 17 and 16 sqrt(1 + 9) = 3.2
    assert not sentences.clearly_different(figure(18, 12, 19), figure(13, 12, 16))
    assert sentences.clearly_different(figure(18, 17, 26), figure(13, 3, 16))


def test_the_sexes_are_not_compared_where_one_is_withheld() -> None:
    assert sentences.sexes(figure(group="girl"), figure(group="boy", status=Status.WITHHELD), SV) == ""
    assert sentences.sexes(None, figure(group="boy"), SV) == ""


def test_those_who_did_not_know_are_neither_yes_nor_no() -> None:
    made = figure(unsure=7.0, bounds=(12.0, 19.0))
    assert plain(sentences.unsure(made, SV)) == (
        "7 procent svarade ”vet inte”. De räknas varken som ja eller nej; "
        "beroende på vad de menar ligger andelen mellan 12 och 19 procent."
    )
    assert plain(sentences.unsure(made, EN)) == (
        "7 per cent answered “don't know”. They count as neither yes nor no; "
        "depending on what they mean the share lies between 12 and 19 per cent."
    )
    assert sentences.unsure(figure(), SV) == ""


def test_a_withheld_figure_says_so_and_never_why() -> None:
    made = figure(status=Status.WITHHELD)
    assert sentences.share(made, SV) == "Redovisas inte, för att ingen enskild ska kunna kännas igen."
    assert sentences.value(made, SV) == "Redovisas inte"
    assert sentences.value(made, EN) == "Not shown"
    assert sentences.interval(made, SV) == ""


def test_none_known_says_what_cannot_be_ruled_out() -> None:
    made = figure(0.0, 0.0, 2.0, status=Status.NONE_KNOWN)
    assert (
        plain(sentences.share(made, SV))
        == "Ingen känd. Det utesluter inte att upp till 2 procent är utsatta."
    )
    assert (
        plain(sentences.share(made, EN)) == "None known. Up to 2 per cent being exposed cannot be ruled out."
    )
    assert plain(sentences.value(made, SV)) == "Ingen känd (högst 2 %)"


def test_a_question_never_asked_is_not_a_share_of_zero() -> None:
    made = figure(status=Status.NOT_ASKED, wave="2024")
    assert sentences.share(made, SV) == "Frågan ställdes inte 2024."
    assert sentences.share(made, EN) == "The question was not asked in 2024."
    assert sentences.value(made, SV) == "Frågan ställdes inte"


def test_a_shown_figure_of_the_municipality_names_its_interval() -> None:
    assert plain(sentences.share(figure(13.4, 11.8, 15.1, decimals=1), SV)) == (
        "I hela kommunen: 13,4 procent (troligen mellan 11,8 och 15,1)."
    )


def test_a_table_holds_value_and_interval_in_the_manner_of_the_language() -> None:
    made = figure(13.4, 11.8, 15.1, decimals=1)
    assert (sentences.value(made, SV), sentences.interval(made, SV)) == ("13,4", "11,8–15,1")
    assert (sentences.value(made, EN), sentences.interval(made, EN)) == ("13.4", "11.8–15.1")
    assert sentences.value(None, SV) == "–"
    assert plain(sentences.value(figure(None, None, None, target="cases", count=1041), SV)) == "1 041"


def test_a_change_names_both_shares_and_the_smallest_that_could_be_seen() -> None:
    assert plain(change_sentences.change(change("unclear"), SV)) == (
        "Andelen har ökat från 11 till 13 procent, men förändringen är inom felmarginalen. "
        "En förändring mindre än 4 procentenheter hade inte kunnat upptäckas."
    )
    assert plain(change_sentences.change(change("unclear"), EN)) == (
        "The share went from 11 to 13 per cent, within the margin of error. "
        "A change of less than 4 percentage points could not have been detected."
    )


def test_a_clear_change_says_so() -> None:
    assert plain(change_sentences.change(change("up", 11, 17), SV)) == (
        "Andelen har ökat från 11 till 17 procent, mer än felmarginalen."
    )
    assert plain(change_sentences.change(change("down", 17, 11), SV)) == (
        "Andelen har minskat från 17 till 11 procent, mer än felmarginalen."
    )


def test_an_unmoved_share_is_said_once() -> None:
    assert plain(change_sentences.change(change("unclear", 13, 13), SV)).startswith(
        "Andelen är 13 procent båda åren"
    )


def test_a_decrease_within_the_margin_is_not_an_increase() -> None:
    assert "minskat från 13 till 11,5 procent" in plain(
        change_sentences.change(change("unclear", 13, 11.5), SV)
    ).replace("13,0", "13")


def test_a_break_in_the_series_gives_its_reason_and_no_numbers() -> None:
    made = change("break", None, None)
    assert (
        change_sentences.change(made, SV, "Frågan formulerades om.")
        == "Frågan formulerades om 2026: åren kan inte jämföras."
    )
    assert change_sentences.change(made, EN, "The question was reworded.") == (
        "The question was reworded in 2026: the years cannot be compared."
    )
    assert (
        change_sentences.change(made, SV) == "Frågan är inte densamma 2024 och 2026: åren kan inte jämföras."
    )


def test_a_reason_that_names_the_year_does_not_name_it_twice() -> None:
    made = change("break", None, None)
    assert change_sentences.change(made, SV, "Frågan formulerades om 2026.") == (
        "Frågan formulerades om 2026: åren kan inte jämföras."
    )


def test_a_change_beyond_its_margin_that_is_not_clear_among_many_may_be_chance() -> None:
    made = replace(change("unclear", 13.7, 11.7), low=-3.7, high=-0.2)
    assert change_sentences.change_verdict(made) == "chance"
    assert plain(change_sentences.change(made, SV)) == (
        "Andelen har minskat från 13,7 till 11,7 procent, men bland så många jämförelser kan det vara en slump."
    )
    assert change_sentences.change_verdict(change("unclear")) == "unclear"
    assert change_sentences.change_verdict(change("up", 11, 17)) == "up"


def test_a_table_of_changes_signs_the_difference_and_keeps_one_number_of_decimals() -> None:
    made = replace(change("unclear", 11.0, 13.0), low=-1.0, high=4.5)
    assert change_sentences.change_numbers(made, SV) == ("11,0", "13,0", "+2,0", ("−1,0", "4,5"), "4,0")
    assert change_sentences.change_numbers(change("break", None, None), SV)[0] == "–"


def test_many_comparisons_come_with_the_number_expected_by_chance() -> None:
    assert change_sentences.chance(40, SV).startswith(
        "Bland 40 jämförelser väntas ungefär två se ut som förändringar av en slump"
    )
    assert change_sentences.chance(20, SV).startswith(
        "Bland 20 jämförelser väntas ungefär en se ut som en förändring av en slump"
    )
    assert change_sentences.chance(300, EN).startswith("Among 300 comparisons about 15 are expected")
    assert change_sentences.chance(4, SV).startswith("Bland 4 jämförelser kan någon")


def test_who_answered_tells_of_schools_that_did_not() -> None:
    counts = {"answered": 2134, "registered": 2601, "schools": 20, "schools_answered": 19}
    assert plain(sentences.who_answered(counts, "årskursen", SV)) == (
        "2 134 av 2 601 elever svarade (82 procent). En skola deltog inte; "
        "resultaten är viktade så att de svarar mot alla elever i årskursen."
    )
    counts["schools_answered"] = 17
    assert "Tre skolor deltog inte" in sentences.who_answered(counts, "årskursen", SV)
    counts["schools_answered"] = 20
    assert "Alla 20 skolor deltog" in sentences.who_answered(counts, "årskursen", SV)


def test_who_answered_makes_do_without_a_register() -> None:
    assert plain(sentences.who_answered({"answered": 8500}, "årskursen", SV)) == "8 500 elever svarade."
    assert sentences.who_answered({}, "årskursen", SV) == ""


def model(area: str, exceedance: int) -> ModelFigure:
    return ModelFigure("2026", "S04", "district", area, exceedance, 10, 5, 15)


NAMES = {"1": "Öjaby", "2": "Ängby", "3": "Berga", "4": "Tallåsen", "5": "Hagen"}


def test_places_are_named_in_alphabetical_order_and_never_ranked() -> None:
    models = [model("1", 4), model("2", 4), model("3", 4), model("4", 2), model("5", 0)]
    assert sentences.places(models, [], NAMES, "district", SV) == [
        "Med stor säkerhet över kommunens nivå: Berga, Ängby och Öjaby.",
        "Med stor säkerhet under kommunens nivå: Hagen.",
        "En stadsdel går inte att skilja från kommunens nivå.",
    ]


def test_places_that_are_withheld_are_counted_but_not_explained() -> None:
    figures = [figure(area=area, status=Status.WITHHELD) for area in ("4", "5")]
    assert sentences.places([model("1", 2)], figures, NAMES, "area", SV) == [
        "Inget område går att skilja från kommunens nivå.",
        "Två områden redovisas inte, för att ingen enskild ska kunna kännas igen.",
    ]
    assert sentences.places([], figures, NAMES, "area", SV) == [
        "Ingen siffra under kommunens nivå redovisas, för att ingen enskild ska kunna kännas igen."
    ]


@pytest.mark.parametrize(
    ("direction", "low", "high", "verdict"),
    [
        ("down", 6, 10, "met"),
        ("down", 9, 12, "unclear"),
        ("down", 10.1, 13, "not_met"),
        ("up", 10, 14, "met"),
        ("up", 8, 11, "unclear"),
        ("up", 6, 9.9, "not_met"),
    ],
)
def test_a_goal_is_judged_by_the_whole_interval(
    direction: str, low: float, high: float, verdict: str
) -> None:
    goal = Goal("M1", {"sv": "x"}, "S04", "all", direction, "2024", 10.0, "2027", "")
    assert goal_verdict(goal, figure((low + high) / 2, low, high)) == verdict


def test_a_goal_on_a_withheld_figure_is_not_judged() -> None:
    goal = Goal("M1", {"sv": "x"}, "S04", "all", "down", "2024", 10.0, "2027", "")
    assert goal_verdict(goal, figure(status=Status.WITHHELD)) == "withheld"
    assert goal_verdict(goal, None) == "not_asked"
    assert goal_verdict(goal, figure(status=Status.NOT_ASKED)) == "not_asked"


def test_every_target_is_named() -> None:
    assert plain(sentences.target("pupils", "elever i årskurs 9 läsåret 2025/26", SV)) == (
        "Gäller elever i årskurs 9 läsåret 2025/26."
    )
    assert sentences.target("risk", "", SV) == "Gäller den underliggande risken i området."
