"""The codebook as a whole: what is in it, and what it refuses to take in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mapping.codebook import load, questions
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


def test_classes_and_levels_are_those_of_the_reference_list(shared: Path) -> None:
    reference = pd.read_csv(shared / "domain" / "indicators.csv").set_index("indicator_id")
    for id_, indicator in load().items():
        if id_ in reference.index:
            row = reference.loc[id_]
            assert (indicator.sensitivity, indicator.finest) == (
                row["sensitivity_class"],
                row["geo_limit"],
            ), id_
            assert indicator.core == (row["core"] == "yes"), id_


def test_every_indicator_speaks_both_languages() -> None:
    for indicator in load().values():
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
    with pytest.raises(ValueError, match="S99"):
        load(options={"S99": "both"})


def test_a_workspace_adds_an_indicator_with_one_file(tmp_path: Path) -> None:
    more = """tag = "background"
[items.n_sleep]
question = { sv = "Sover du bra?", en = "Do you sleep well?" }
[items.n_sleep.answers]
yes = { sv = ["Ja"], en = ["Yes"] }
no = { sv = ["Nej"], en = ["No"] }
"""
    write(tmp_path, "X01", "n_sleep == no", 2, "district", more)

    assert load(tmp_path)["X01"].exposure is False
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
        ("X01", "weather", 'side = "case"', "unknown reason 'weather'"),
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
    more = '[items.n_partner]\nquestion = { sv = "?" }\n[items.n_partner.answers]\nyes = { sv = ["Ja"] }'

    with pytest.raises(SettingsError, match="'n_partner' exists already"):
        load(write(tmp_path, "X01", "S04", more=more))
