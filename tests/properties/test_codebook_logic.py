"""Laws of the three-valued evaluation, on random answers."""

from __future__ import annotations

import itertools

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.codebook import evaluate, load, questions

INDICATORS = {id_: indicator for id_, indicator in load().items() if indicator.side == "survey"}
COLUMNS = {name: codes for q in questions().values() for name, codes in q.columns().items()}
SILENT = ("unsure", "declined", "skipped")


@st.composite
def respondents(draw: st.DrawFn) -> pd.DataFrame:
    """A handful of respondents with any answer or non-answer to every question."""
    n = draw(st.integers(1, 4))
    answer = {name: st.sampled_from([*codes, *SILENT]) for name, codes in COLUMNS.items()}
    rows = [{name: draw(choice) for name, choice in answer.items()} for _ in range(n)]
    return pd.DataFrame(rows).assign(sex=draw(st.sampled_from(["girl", "boy"])))


@settings(max_examples=40, deadline=None)
@given(respondents())
def test_whoever_is_a_yes_is_a_yes_in_every_indicator_that_contains_it(frame: pd.DataFrame) -> None:
    found = evaluate(INDICATORS, frame)

    for indicator in INDICATORS.values():
        for container in indicator.subset_of:
            if indicator.id in found and container in found and not INDICATORS[container].applies_to:
                assert (found.loc[found[indicator.id] == "yes", container] == "yes").all()


@settings(max_examples=40, deadline=None)
@given(respondents(), st.data())
def test_an_answer_that_comes_in_later_never_overturns_what_was_decided(
    frame: pd.DataFrame, data: st.DataObject
) -> None:
    """Kleene's logic is monotone: replacing a non-answer by an answer keeps every yes and every no."""
    before = evaluate(INDICATORS, frame)
    for name, codes in COLUMNS.items():
        silent = frame[name].isin(SILENT)
        frame = frame.assign(**{name: frame[name].mask(silent, data.draw(st.sampled_from(codes)))})
    after = evaluate(INDICATORS, frame)

    for name in set(before) & set(after):  # a coarse answer that comes in may end what hangs on a finer one
        decided = before[name].isin(["yes", "no"])
        assert after.loc[decided, name].tolist() == before.loc[decided, name].tolist()


@settings(max_examples=25, deadline=None)
@given(respondents())
def test_with_every_question_answered_everything_is_decided(frame: pd.DataFrame) -> None:
    for name, codes in COLUMNS.items():
        frame = frame.assign(**{name: frame[name].mask(frame[name].isin(SILENT), codes[0])})

    assert evaluate(INDICATORS, frame).isin(["yes", "no", ""]).all(axis=None)


@settings(max_examples=25, deadline=None)
@given(respondents())
def test_nobody_who_answered_nothing_is_a_no(frame: pd.DataFrame) -> None:
    for silent in SILENT:
        quiet = frame.assign(**dict.fromkeys(COLUMNS, silent))
        assert not evaluate(INDICATORS, quiet).isin(["yes", "no"]).any(axis=None)


def test_the_union_and_the_overlap_of_groups_add_up() -> None:
    """Over all combinations of the two groups: |S15| + |S16| = |S18| + |S15+S16| wherever both are decided."""
    rows = [
        {
            "n_wait_sex": a,
            "n_no_love": "no",
            "n_partner": b,
            "n_viol_fam_physical": c,
            "n_viol_reason_honour": d,
        }
        for a, b, c, d in itertools.product(["yes", "no"], ["own", "none"], ["yes", "no"], ["yes", "no"])
    ]
    rest = dict.fromkeys(
        ["n_oppsex", "n_clothes", "n_digital", "n_study", "n_leisure_sports", "n_school_sports"], "no"
    )
    found = evaluate(INDICATORS, pd.DataFrame(rows).assign(**rest)) == "yes"

    assert found["S15"].sum() + found["S16"].sum() == found["S18"].sum() + found["S15+S16"].sum()
