"""What adds up between indicators because of their rules, and which say the same thing turned round."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from mapping.codebook import evaluate, load, opposites, questions, sums

INDICATORS = load()
SURVEY = [id_ for id_, indicator in INDICATORS.items() if indicator.side == "survey"]


def named(found: object) -> set[frozenset[str]]:
    return {frozenset(id_ for id_, _ in terms) for terms, _ in found}  # type: ignore[attr-defined]


def test_categories_of_which_nobody_has_two_are_together_at_most_their_indicator() -> None:
    assert (("S19.once", 1), ("S19.repeated", 1), ("S19", -1)) in [t for t, _ in sums(INDICATORS, SURVEY)]


def test_counts_that_nest_and_boxes_that_overlap_add_up_to_nothing() -> None:
    chosen = [id_ for id_ in SURVEY if id_.split(".")[0] in {"S09", "S14"}]
    assert sums(INDICATORS, chosen) == ()


def test_two_groups_are_together_the_joined_one_and_the_overlap() -> None:
    found = sums(INDICATORS, ["S15", "S16", "S18", "S15+S16"])
    assert found == (((("S15", 1), ("S16", 1), ("S18", -1), ("S15+S16", -1)), "="),)


@pytest.mark.parametrize("left_out", ["S15", "S16", "S18", "S15+S16"])
def test_nothing_is_said_of_what_is_not_published(left_out: str) -> None:
    assert sums(INDICATORS, {"S15", "S16", "S18", "S15+S16"} - {left_out}) == ()


def test_every_sum_holds_for_any_answers() -> None:
    rng = np.random.default_rng(4)
    columns = {
        name: [code for code in codes if code not in q.covers]  # a coarse answer leaves the finer ones open
        for q in questions().values()
        for name, codes in q.columns().items()
    }
    silent = ["unsure", "declined", "skipped"]
    answers = {name: rng.choice([*codes, *silent], 4_000) for name, codes in columns.items()}
    frame = pd.DataFrame({**answers, "sex": rng.choice(["girl", "boy"], 4_000)}, dtype="str")
    yes = evaluate(INDICATORS, frame).eq("yes")
    for terms, sense in sums(INDICATORS, SURVEY):
        total = sum(sign * yes[id_].astype(int) for id_, sign in terms)
        assert (total == 0).all() if sense == "=" else (total <= 0).all(), terms


@pytest.mark.parametrize("pair", [("S06", "S06.none"), ("S18", "S18.other"), ("S29", "S29.none")])
def test_who_is_in_none_of_the_categories_is_the_indicator_turned_round(pair: tuple[str, str]) -> None:
    assert opposites(INDICATORS, pair) == (pair,)


def test_no_other_pair_of_the_codebook_is() -> None:
    plain = [id_ for id_ in SURVEY if not id_.endswith((".none", ".other"))]
    assert opposites(INDICATORS, plain) == ()
    assert all(len(set(pair)) == 2 for pair in itertools.islice(opposites(INDICATORS, SURVEY), 3))


def test_an_indicator_split_in_two_ways_adds_up_in_each() -> None:
    chosen = ["K03", "K03.woman", "K03.man", "K03.child", "K03.adult", "K03.hbtq"]
    found = {tuple(id_ for id_, _ in terms) for terms, _ in sums(load(), chosen)}
    assert found == {("K03.adult", "K03.child", "K03"), ("K03.man", "K03.woman", "K03")}
