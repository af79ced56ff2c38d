"""Categories, bases, counts and case rules: what the 46 indicators need beyond a plain yes or no."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from mapping.codebook import categories, evaluate, load
from mapping.errors import SettingsError

INDICATORS = load()
RESTRICTIONS = ("n_oppsex", "n_leisure_sports", "n_school_sports", "n_clothes", "n_digital", "n_study")
TEMPLATE = """schema = 1
id = "X01"
name = {{ sv = "n", en = "n" }}
rule = "n_clothes == yes"
definition = {{ sv = "d", en = "d" }}
finding = {{ sv = "f", en = "f" }}
sensitivity = 2
finest = "district"
version = "1.0"
{more}
[[categories]]
id = "{id_}"
rule = "{rule}"
name = {{ sv = "c", en = "c" }}
finding = {{ sv = "f", en = "f" }}
{extra}
"""


def write(
    folder: Path, rule: str = "n_clothes == yes", id_: str = "a", more: str = "", extra: str = ""
) -> Path:
    text = TEMPLATE.format(rule=rule, id_=id_, more=more, extra=extra)
    (folder / "X01.toml").write_text(text, encoding="utf-8")
    return folder


def values(frame: dict[str, list[str]], *ids: str) -> list[list[str]]:
    found = evaluate(INDICATORS, pd.DataFrame(frame))
    return [found[id_].tolist() for id_ in ids]


def answered(*answers: str) -> dict[str, list[str]]:
    return {name: [answer] for name, answer in zip(RESTRICTIONS, answers, strict=True)}


@pytest.mark.parametrize(
    ("answers", "one", "three"),
    [
        (("yes", "yes", "yes", "no", "no", "no"), "yes", "yes"),
        (("yes", "no", "no", "no", "no", "no"), "yes", "no"),
        (
            ("yes", "yes", "no", "no", "unsure", "skipped"),
            "yes",
            "unsure",
        ),  # the open ones could make it three
        (("yes", "no", "no", "no", "unsure", "no"), "yes", "no"),
        (
            ("yes", "yes", "yes", "skipped", "unsure", "skipped"),
            "unsure",
            "unsure",
        ),  # fewer than four answered
        (("no", "no", "no", "no", "skipped", "skipped"), "skipped", "no"),
    ],
)
def test_a_number_of_restrictions_is_decided_once_four_are_answered(
    answers: tuple[str, ...], one: str, three: str
) -> None:
    assert values(answered(*answers), "S14", "S14.3") == [[one], [three]]


def test_the_distribution_is_nested() -> None:
    nested = ["S14", *(part.id for part in categories(INDICATORS, "S14"))]

    for wider, narrower in itertools.pairwise(nested):
        assert wider in INDICATORS[narrower].subset_of


def test_an_answer_too_coarse_to_tell_is_never_a_no() -> None:
    fine = evaluate(INDICATORS, pd.DataFrame({"n_viol_phys": ["once", "repeated", "never", "unsure"]}))
    coarse = evaluate(INDICATORS, pd.DataFrame({"n_viol_phys": ["yes", "never"]}))

    assert fine["S19.repeated"].tolist() == ["no", "yes", "no", "unsure"]
    assert coarse["S19"].tolist() == ["yes", "no"]
    assert "S19.repeated" not in coarse  # how often was not asked


def test_help_is_asked_about_among_the_exposed_alone() -> None:
    exposed = {"n_viol_fam_physical": ["yes", "no", "unsure"], "n_viol_reason_honour": ["yes"] * 3}
    calm = {name: ["no"] * 3 for name in ("n_wait_sex", "n_no_love", *RESTRICTIONS)} | {
        "n_partner": ["own"] * 3
    }
    found = values(
        {**exposed, **calm, "n_help_friend": ["yes"] * 3, "n_help_none": ["no"] * 3}, "S29", "S29.none"
    )

    assert found == [["yes", "", "unsure"], ["no", "", "unsure"]]


def test_a_question_that_is_not_about_someone_leaves_her_out() -> None:
    answers = {"n_lgbt_pressure": ["yes", "no", "not_mine", "unsure", "skipped"]}

    assert values(answers, "S28") == [["yes", "no", "", "unsure", "skipped"]]


def test_exclusive_groups_put_violence_before_norms() -> None:
    groups = [part.id for part in categories(INDICATORS, "S18")]
    frame = {name: ["no"] * 4 for name in ("n_no_love", *RESTRICTIONS)} | {"n_partner": ["none"] * 4}
    frame |= {"n_wait_sex": ["yes", "yes", "no", "no"], "n_viol_fam_physical": ["yes", "no", "yes", "no"]}
    found = evaluate(INDICATORS, pd.DataFrame(frame).assign(n_viol_reason_honour="yes"))

    assert found[groups].to_numpy().tolist() == [
        ["yes", "no", "no"], ["no", "yes", "no"], ["yes", "no", "no"], ["no", "no", "yes"],
    ]  # fmt: skip


def test_the_overlap_of_two_joined_groups_is_always_there(tmp_path: Path) -> None:
    assert {"S15+S16", "S25+S26", "S01+S02"} <= set(INDICATORS)
    overlap = INDICATORS["S25+S26"]
    assert (overlap.sensitivity, overlap.finest, overlap.subset_of) == (4, "area", ("S25", "S26"))

    own = load(write(tmp_path, rule="S11 or S12"))
    assert own["S11+S12"].parts == ("S11", "S12")


def test_case_rules_are_worked_out_over_the_rows_of_an_extract() -> None:
    rows = pd.DataFrame(
        {
            "reason_hrv": ["yes", "yes", "no"],
            "reason_ipv": ["no", "yes", "yes"],
            "support": ["decided", "none", "open"],
            "closed": ["yes", "yes", "yes"],
            "close_reason": ["goal_partly", "other", "goal_reached"],
            "adult": ["yes", "yes", "yes"],
        }
    )
    found = evaluate(INDICATORS, rows)

    assert found["K01+K02"].tolist() == ["no", "yes", "no"]
    assert found["K05"].tolist() == ["yes", "no", ""]  # support among the cases of K01
    assert found["K06"].tolist() == ["yes", "", ""]
    assert "K08.risk" not in found and "K15" not in found


def test_a_person_is_not_contained_in_a_case() -> None:
    assert INDICATORS["K03"].parts == ("K01",) and INDICATORS["K03"].subset_of == ()
    assert INDICATORS["K15"].parts == ("K03", "S16")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rule": "n_clothes == maybe"}, r"X01.toml \[categories 1\]: rule: .* no answer 'maybe'"),
        ({"id_": "A b"}, "'A b' is not a name for a category"),
        ({"extra": "colour = 1"}, "unknown key 'colour'"),
        ({"extra": "sensitivity = 1"}, "X01.toml, category 'a': sensitivity is 1, but it reveals S11"),
        ({"rule": "S16"}, "X01.toml, category 'a': sensitivity is 2, but it reveals S16"),
        ({"rule": "at_least(2, S11, S12, answered=3)"}, "between 1 and the number of parts"),
        ({"rule": "at_least(2, S11, S11)"}, "stands twice"),
        ({"more": 'base = "S16"'}, "finest level is 'district', but it reveals S16"),
        ({"more": 'caveat = { sv = "bara svenska" }'}, r"X01.toml \[caveat\]: the language 'en' is missing"),
        ({"more": 'caveat = { sv = "s", en = " " }'}, r"the text in 'en' is empty"),
        ({"more": 'caveat = { sv = "s", en = "e", de = "d" }'}, "unknown key 'de'"),
    ],
)
def test_a_faulty_category_or_text_is_refused_with_its_place(
    tmp_path: Path, given: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        load(write(tmp_path, **given))


def test_an_answer_covers_only_answers_there_are(tmp_path: Path) -> None:
    extra = """[items.n_x]
question = { sv = "?", en = "?" }
covers = { yes = ["often"] }
[items.n_x.answers]
yes = { sv = ["Ja"], en = ["Yes"] }
no = { sv = ["Nej"], en = ["No"] }
"""
    with pytest.raises(SettingsError, match="there is no answer 'often'"):
        load(write(tmp_path, extra=extra))
