"""The policy: a workspace can make it stricter and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise

import pytest

from mapping.disclosure import read_policy
from mapping.disclosure.policy import stricter_parts
from mapping.errors import SettingsError


def test_the_defaults_are_those_of_the_design() -> None:
    policy = read_policy()
    assert policy.base_n == 30
    assert [policy.threshold(c) for c in (1, 2, 3, 4)] == [5, 5, 5, 10]
    assert [policy.threshold(c, cases=True) for c in (2, 3, 4)] == [10, 10, 20]
    assert policy.none_known_limits == (1, 2, 5, 10)
    assert (policy.min_schools, policy.largest_school) == (2, 0.80)


def test_every_number_of_the_policy_has_a_comment_above_it() -> None:
    lines = files("mapping.disclosure").joinpath("policy.toml").read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if re.match(r"\w+ = ", line) and not before.startswith(("#", "[")):
            assert re.match(r"\w+ = ", before), line  # a list of its own under one comment


@pytest.mark.parametrize(
    "laxer",
    [
        {"base_n": 29},
        {"small_count": 3},
        {"small_count_class4": 8},
        {"case_small_count": 8},
        {"case_small_count_class4": 18},
        {"none_known_limits": [1, 2, 5, 10, 20]},
        {"min_schools": 1},
        {"largest_school": 0.81},
        {"largest_school": 0.0},
        {"one_decimal_from": 999},
        {"lattice_from": 199},
        {"base_classes": [30, 40, 50, 100, 200, 500, 1000]},
        {"base_classes": [50, 100]},
        {"change_q": 0.11},
    ],
)
def test_a_laxer_policy_is_refused(laxer: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="laxer than the default"):
        read_policy(laxer)


@pytest.mark.parametrize(
    ("stricter", "name", "value"),
    [
        ({"base_n": 31}, "base_n", 31),
        ({"small_count": 5}, "small_count", 5),
        ({"none_known_limits": [5]}, "none_known_limits", (5,)),
        ({"largest_school": 0.5}, "largest_school", 0.5),
        ({"base_classes": [30, 100]}, "base_classes", (30, 100)),
    ],
)
def test_a_stricter_policy_is_taken(stricter: dict[str, object], name: str, value: object) -> None:
    assert getattr(read_policy(stricter), name) == value


def test_the_default_itself_is_accepted() -> None:
    assert read_policy({"base_n": 30, "small_count": 4}) == read_policy()


def test_a_stricter_threshold_holds_for_more_sensitive_classes_and_cases_too() -> None:
    policy = read_policy({"small_count": 25})
    assert [
        policy.threshold(2),
        policy.threshold(4),
        policy.threshold(2, cases=True),
        policy.threshold(4, cases=True),
    ] == [26] * 4


@pytest.mark.parametrize(
    "wrong", [{"small": 5}, {"cost": {}}, {"finest": {}}, {"base_n": "40"}, {"base_n": True}]
)
def test_an_unknown_key_or_a_wrong_kind_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="policy"):
        read_policy(wrong)


def test_of_a_printed_policy_only_what_is_stricter_is_believed() -> None:
    assert stricter_parts({"base_n": 10, "small_count": 6, "none_known_limits": None, "else": 1}) == {
        "small_count": 6
    }


def test_below_a_stricter_policy_lies_the_default_with_the_same_levels() -> None:
    levels = {"S04": "area"}
    assert read_policy({"base_n": 31}).with_levels(levels).default_below() == read_policy().with_levels(
        levels
    )
    assert read_policy({"small_count": 6, "largest_school": 0.5}).default_below() == read_policy()


def test_below_the_default_and_below_what_is_laxer_somewhere_lies_nothing() -> None:
    assert read_policy().default_below() is None
    assert read_policy().with_levels({"S04": "area"}).default_below() is None
    assert replace(read_policy(), base_n=40, small_count=3).default_below() is None


def test_what_may_be_printed_of_a_policy_are_its_thresholds_and_the_finest_levels() -> None:
    shown = read_policy().with_levels({"S04": "area"}).public()
    assert shown["small_count"] == 4
    assert shown["finest"] == {"1": "district", "2": "district", "3": "district", "4": "area"}
    assert {"cost", "levels"}.isdisjoint(shown)


@pytest.mark.parametrize("wrong", [5, "15", [1.0, 2.0], [True], None])
def test_a_list_of_whole_numbers_is_a_list_of_whole_numbers(wrong: object) -> None:
    with pytest.raises(SettingsError, match="must be written like the default"):
        read_policy({"none_known_limits": wrong})


def test_a_list_in_any_order_is_the_same_list() -> None:
    assert read_policy({"none_known_limits": (5, 1)}).none_known_limits == (1, 5)
