"""The codebook as a whole: what is in it, and what it refuses to take in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mapping.codebook import categories, load, questions
from mapping.errors import SettingsError

CORE = [f"S{number:02d}" for number in (*range(1, 6), *range(7, 11), 13, *range(15, 20), *range(21, 26), 27)]

TEMPLATE = """schema = 1
id = "{id}"
name = {{ sv = "n", en = "n" }}
rule = "{rule}"
definition = {{ sv = "d", en = "d" }}
finding = {{ sv = "f", en = "f" }}
sensitivity = {sensitivity}
finest = "{finest}"
version = "1.0"
{more}
"""


def write(
    folder: Path, id_: str, rule: str, sensitivity: int = 4, finest: str = "municipality", more: str = ""
) -> Path:
    text = TEMPLATE.format(id=id_, rule=rule, sensitivity=sensitivity, finest=finest, more=more)
    (folder / f"{id_}.toml").write_text(text, encoding="utf-8")
    return folder


def test_all_core_survey_indicators_and_the_case_counts_are_there() -> None:
    indicators = load()

    assert sorted(i.id for i in indicators.values() if i.core and i.side == "survey") == CORE
    assert {"S11", "S12", "S26", "K01", "K02", "K01+K02"} <= set(indicators)


PERIODS = {  # the reference list's words for when, and the codebook's
    "now": "now",
    "ever": "ever",
    "ever, with last 12 months flag": "ever",
    "ever / last 12 months": "ever",
    "ever and last 12 months": "ever",
    "ever and last 24 months": "ever",
    "last 12 months": "the last 12 months",
    "current school year": "the current school year",
    "mixed": "mixed, as the parts",
    "year + survey year": "calendar year and year of the survey",
}


def test_all_indicators_of_the_reference_list_are_there_as_it_states_them(shared: Path) -> None:
    reference = pd.read_csv(shared / "domain" / "indicators.csv").fillna("").set_index("indicator_id")
    indicators = load()

    assert len(reference) == 46
    for id_, row in reference.iterrows():
        found = indicators[str(id_)]
        level = "district" if row["geo_limit"] == "any" else row["geo_limit"]
        assert (found.side, found.sensitivity, found.finest) == (
            row["side"],
            row["sensitivity_class"],
            level,
        ), id_
        assert (found.construct, found.tier) == (row["construct"], row["tier"]), id_
        assert found.core == (row["core"] == "yes"), id_
        assert found.applies_to == (("girl",) if row["applies_to"].startswith("girls") else ()), id_
        assert found.period["en"] == PERIODS.get(row["reference_period"], row["reference_period"]), id_
        assert bool(categories(indicators, str(id_))) or row["composite"] != "multi", id_
        assert found.source and found.version and found.denominator, id_
        assert found.caveat or not row["caveat"] or id_ in WITHOUT_CAVEAT, id_


# that S05 is part of S04 follows from the rules; where a question was first named is no caveat
WITHOUT_CAVEAT = {"S05", "S13"}


def test_the_questions_of_the_reference_list_are_those_the_rules_stand_on(shared: Path) -> None:
    reference = pd.read_csv(shared / "domain" / "indicators.csv").set_index("indicator_id")
    indicators = load()

    def columns(id_: str) -> set[str]:
        found = indicators[id_]
        return {id_, *found.items}.union(*map(columns, found.parts))

    for id_, row in reference[reference["side"] == "survey"].iterrows():
        reached = columns(str(id_))
        for item in str(row["items_needed"]).replace("S08-S13", "S08;S13").split(";"):
            prefix = item.removesuffix("*")
            assert any(name.startswith(prefix) if "*" in item else name == item for name in reached), (
                id_,
                item,
            )


def test_every_indicator_speaks_both_languages() -> None:
    for indicator in load().values():
        assert set(indicator.caveat) in (set(), {"sv", "en"})
        for texts in (
            indicator.name,
            indicator.definition,
            indicator.finding,
            indicator.denominator,
            indicator.period,
        ):
            assert set(texts) == {"sv", "en"} and all(texts.values()), indicator.id
        assert not indicator.finding["sv"].endswith("."), indicator.id


def test_who_is_contained_in_whom_follows_from_the_rules() -> None:
    indicators = load()

    assert "S04" in indicators["S05"].subset_of  # no say is one of the answers that limit
    assert {"S03", "S18"} <= set(indicators["S15"].subset_of)
    assert {"S16", "S18"} <= set(indicators["S17"].subset_of)
    assert indicators["S04"].subset_of == ()


def test_the_variant_of_an_index_is_chosen_and_printed_in_its_definition() -> None:
    either, both = load()["S03"], load(options={"S03": "both"})["S03"]

    assert (either.rule, both.rule) == ("S01 or S02", "S01 and S02")
    assert "minst ett" in either.definition["sv"] and "Både" in both.definition["sv"]
    assert either.options == {"variant": "any"}


def test_an_unknown_variant_or_indicator_is_refused() -> None:
    with pytest.raises(SettingsError, match="no variant 'half'"):
        load(options={"S03": "half"})
    with pytest.raises(SettingsError, match="has no variants"):
        load(options={"S04": "both"})
    with pytest.raises(SettingsError, match="S99"):
        load(options={"S99": "both"})


def test_a_workspace_adds_an_indicator_with_one_file(tmp_path: Path) -> None:
    more = """tag = "background"
classes = [0, 10, 20, 30, 40, 50]
[items.n_sleep]
question = { sv = "Sover du bra?", en = "Do you sleep well?" }
[items.n_sleep.answers]
yes = { sv = ["Ja"], en = ["Yes"] }
no = { sv = ["Nej"], en = ["No"] }
"""
    write(tmp_path, "X01", "n_sleep == no", 2, "district", more)

    assert load(tmp_path)["X01"].exposure is False
    assert load(tmp_path)["X01"].classes == (0, 10, 20, 30, 40, 50)
    assert "n_sleep" in questions(tmp_path)


@pytest.mark.parametrize(
    ("rule", "sensitivity", "finest", "message"),
    [
        ("S16 or S04", 3, "area", "sensitivity is 3, but it reveals S16"),
        ("S16 or S04", 4, "district", "finest level is 'district', but it reveals S16"),
        ("n_partner == none", 2, "area", "reveals S04|reveals S05"),
        ("n_partner == own", 1, "municipality", "who is a no here"),
        ("not S23", 4, "area", "reveals S23"),
        ("n_abroad == taken", 4, "district", "reveals S22"),
    ],
)
def test_an_indicator_laxer_than_what_it_reveals_is_refused(
    tmp_path: Path, rule: str, sensitivity: int, finest: str, message: str
) -> None:
    write(tmp_path, "X01", rule, sensitivity, finest)

    with pytest.raises(SettingsError, match=message):
        load(tmp_path)


def test_rules_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "X01", "X02 or S04")
    write(tmp_path, "X02", "X03 and S04")
    write(tmp_path, "X03", "not X01")

    with pytest.raises(SettingsError, match="circle: X01 → X02 → X03 → X01"):
        load(tmp_path)


def test_a_rule_that_stands_on_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no indicator 'X01'"):
        load(write(tmp_path, "X01", "X01 or S04"))


@pytest.mark.parametrize(
    ("id_", "rule", "more", "message"),
    [
        ("X01", "n_partner in (none, unsure)", "", "X01.toml: rule: 'unsure' is not an answer"),
        ("X01", "n_nowhere == yes", "", "no question 'n_nowhere'"),
        ("S04", "n_partner == none", "", "there is an indicator 'S04' already"),
        ("X01", "n_partner == none", 'colour = "red"', "unknown key 'colour'"),
        ("X01", "n_partner == none", 'subset_of = ["S99"]', "names 'S99'"),
        ("X01", "weather == yes", 'side = "case"', "no question 'weather'"),
        ("X01", "n_partner == none", 'side = "case"', "no question 'n_partner'"),
        ("X01", "reason_hrv == yes", "", "no question 'reason_hrv'"),
        ("X01", "K01", "", "no indicator 'K01'"),
        (
            "X01",
            "n_partner == none",
            'base = "n_partner in (own, unsure)"',
            "base: 'unsure' is not an answer",
        ),
        ("X01", "n_partner == none", 'unit = "person"', "'unit' is 'person'; choose one of 'pupil'"),
        ("X01", "K03 / S99", 'side = "case"\nunit = "ratio"', "no indicator 'S99'"),
        ("X01", "K03", 'side = "case"\nunit = "ratio"', "a ratio of two others"),
        ("X01", "K03 / S16", 'side = "case"\nunit = "case"', "not part of the language"),
        ("X01", "n_partner == nonee", "", "no answer 'nonee'"),
        ("X01", "n_partnr == none", "", "Did you mean 'n_partner'"),
        ("X01", "n_partner == none", "classes = [0, 10, 20]", "'classes' must be 6 whole numbers"),
        ("X01", "n_partner == none", "classes = [5, 10, 15, 20, 25, 30]", "begin with 0"),
        ("X01", "n_partner == none", "classes = [0, 10, 10, 20, 30, 40]", "rise to less than 100"),
        ("X01", "n_partner == none", "classes = [0, 10, 20.5, 30, 40, 50]", "whole numbers"),
    ],
)
def test_a_faulty_file_is_refused_by_name(
    tmp_path: Path, id_: str, rule: str, more: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        load(write(tmp_path, id_, rule, more=more))


def test_an_id_must_be_the_name_of_its_file(tmp_path: Path) -> None:
    write(tmp_path, "X01", "n_partner == none")
    (tmp_path / "X01.toml").rename(tmp_path / "X02.toml")

    with pytest.raises(SettingsError, match="the id is 'X01'"):
        load(tmp_path)


def test_a_question_of_the_codebook_cannot_be_redefined(tmp_path: Path) -> None:
    more = (
        '[items.n_partner]\nquestion = { sv = "?", en = "?" }\n'
        '[items.n_partner.answers]\nyes = { sv = ["Ja"], en = ["Yes"] }'
    )

    with pytest.raises(SettingsError, match="'n_partner' exists already"):
        load(write(tmp_path, "X01", "S04", more=more))
