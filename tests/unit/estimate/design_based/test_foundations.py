"""Codes, domains, sampling units and answers: what every estimate stands on, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.cells import lay_out, pair_rows
from mapping.estimate.design_based.codes import column, column_codes, compact, crossed, numbers, sums
from mapping.estimate.design_based.domains import read_domains
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.sample import read_sample
from mapping.estimate.design_based.tables import describe
from mapping.estimate.design_based.tally import tally
from mapping.estimate.design_based.variables import Variable, read_indicator, read_ratio, read_value


@pytest.mark.parametrize("far", [0, 1, 1000, 1100, 10**7])
def test_keys_become_codes_in_their_order_near_or_far(far: int) -> None:
    keys = np.array([7, 3 + far, 0, 3 + far, 7])
    codes, levels = compact(keys)
    assert levels.tolist() == sorted({0, 7, 3 + far})
    assert levels[codes].tolist() == keys.tolist()
    assert codes.dtype == levels.dtype == np.intp


def test_codes_without_gaps_are_left_as_they_are() -> None:
    keys = np.array([2, 0, 1])
    codes, levels = compact(keys)
    assert codes is keys
    assert levels.tolist() == [0, 1, 2]
    assert [part.size for part in compact(np.empty(0, np.intp))] == [0, 0]


def test_a_lookup_table_is_made_as_long_as_it_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    sorted_: list[int] = []
    unique = np.unique

    def watched(keys: Any, **options: Any) -> Any:
        sorted_.append(len(keys))
        return unique(keys, **options)

    monkeypatch.setattr(np, "unique", watched)
    compact(np.array([0, 4 * 3 + 1024 - 1, 5]))
    assert sorted_ == []
    compact(np.array([0, 4 * 3 + 1024, 5]))
    assert sorted_ == [3]


@pytest.mark.parametrize(
    ("values", "levels", "codes"),
    [
        ([5, 3, 5], [3, 5], [1, 0, 1]),
        ([-2, 10**9, -2], [-2, 10**9], [0, 1, 0]),
        ([-3, -1, -3], [-3, -1], [0, 1, 0]),
        (["b", None, "a"], ["a", "b"], [1, -1, 0]),
        ([2.5, np.nan, 1.0], [1.0, 2.5], [1, -1, 0]),
        (pd.Categorical(["y", None, "x"], ["y", "z", "x"]), ["y", "z", "x"], [0, -1, 2]),
        (pd.array([2, None, 1], "Int64"), [1, 2], [1, -1, 0]),
        ([True, False, True], [False, True], [1, 0, 1]),
    ],
)
def test_columns_become_codes_of_sorted_levels(values: Any, levels: list[Any], codes: list[int]) -> None:
    found, index = column_codes(pd.Series(values))
    assert (index.tolist(), found.tolist()) == (levels, codes)


def test_whole_numbers_close_together_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    factorized: list[int] = []
    factorize = pd.factorize

    def watched(values: Any, **options: Any) -> Any:
        factorized.append(len(values))
        return factorize(values, **options)

    monkeypatch.setattr(pd, "factorize", watched)
    assert column_codes(pd.Series([100, 107]))[1].tolist() == [100, 107]
    assert factorized == []
    assert column_codes(pd.Series([100, 108]))[1].tolist() == [100, 108]
    assert factorized == [2]


def test_crossings_number_the_first_column_slowest() -> None:
    a, b, c = np.array([0, 1, 1]), np.array([2, 0, 1]), np.array([0, 1, 0])
    assert crossed([(a, 2), (b, 3), (c, 2)]).tolist() == [4, 7, 8]


def test_sums_are_floats_of_the_size_asked_for() -> None:
    found = sums(np.array([0, 2, 2]), np.array([1, 2, 3]), 5)
    assert found.tolist() == [1.0, 0.0, 5.0, 0.0, 0.0]
    assert found.dtype == np.float64


def test_a_column_that_is_absent_doubled_or_infinite_is_named_and_counted() -> None:
    frame = pd.DataFrame([[1.0, 2.0, np.inf], [1.0, 2.0, 1.0]], columns=["a", "a", "b"])
    with pytest.raises(EstimationError, match=r"no column 'c'\. Its columns: a, a, b"):
        column(frame, "c")
    with pytest.raises(EstimationError, match="2 columns called 'a'"):
        column(frame, "a")
    with pytest.raises(EstimationError, match="'b' has 1 infinite"):
        numbers(frame, "b")


def test_an_indicator_says_how_many_values_are_neither() -> None:
    frame = pd.DataFrame({"y": [0.0, 1.0, 2.0, np.nan, 1.0, -1.0], "x": [1.0, 0.0, 3.0, 4.0, np.nan, 5.0]})
    with pytest.raises(EstimationError, match="has 2 values"):
        read_indicator(frame, "y")
    fine = read_indicator(frame.drop(index=[2, 5]), "y")
    assert (fine.ones.tolist() if fine.ones is not None else None, fine.missing.tolist()) == ([1, 3], [2])
    both = read_ratio(frame, "y", "x")
    assert (both.missing.tolist(), both.y.tolist()) == ([3, 4], [0, 1, 2, 0, 0, -1])
    assert both.x is not None and both.x.tolist() == [1, 0, 3, 0, 0, 5]


@pytest.mark.parametrize("missing", [[], [0], [0, 1], [0, 1, 2], [0, 1, 2, 3]])
def test_sums_over_answers_are_the_same_from_either_side(missing: list[int]) -> None:
    weights, codes = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 1, 1, 0])
    variable = Variable("y", np.array(missing, int), np.zeros(4))
    everyone = sums(codes, weights, 2)
    answered = [i for i in range(4) if i not in missing]
    wanted = [sum(weights[i] for i in answered if codes[i] == c) for c in (0, 1)]
    assert variable.answering(weights, codes, 2, everyone).tolist() == wanted
    assert variable.bottom(weights, codes, 2, everyone).tolist() == wanted
    assert variable.rows(4).tolist() == answered


def test_the_shorter_side_is_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    from mapping.estimate.design_based import variables

    rows: list[int] = []

    def watched(codes: Any, values: Any, size: int) -> Any:
        rows.append(len(codes))
        return sums(codes, values, size)

    monkeypatch.setattr(variables, "sums", watched)
    for missing in (0, 1, 3, 4, 5):
        variable = Variable("y", np.arange(missing), np.zeros(6))
        variable.answering(np.ones(6), np.zeros(6, int), 1, np.array([6.0]))
    assert rows == [1, 3, 2, 1]


def test_answers_are_counted_by_domain_and_at_the_ends_by_count() -> None:
    frame = pd.DataFrame(
        {"g": ["a", "a", "b", "b", "c"], "y": [1, 1, 0, 0, 1], "w": [1.0, 3.0, 2.0, 0.0, 0.0]}
    )
    found = tally(frame["w"].to_numpy(), read_domains(frame, "g", margins=True)).answers(
        read_indicator(frame, "y")
    )
    assert found.n.tolist() == [2, 1, 0, 3]
    assert found.n_positive.tolist() == [2, 0, 0, 2]
    assert found.weight.tolist() == [4, 2, 0, 6]
    np.testing.assert_allclose(found.kish, [2 * 10 / 16, 1, 1, 3 * 14 / 36])
    assert found.at_end.tolist() == [True, True, False, False]


def test_margins_follow_the_finest_crossing_in_the_order_of_the_columns() -> None:
    frame = pd.DataFrame({"a": ["x", "y", "x", None], "b": [1, 2, 2, 1]})
    domains = read_domains(frame, ["a", "b"], margins=True)
    labels = domains.labels(2)
    assert labels["a"].fillna("-").tolist() == ["x", "x", "y", "x", "y", "-", "-", "-"] * 2
    assert labels["b"].fillna(0).tolist() == [1, 2, 2, 0, 0, 1, 2, 0] * 2
    assert [crossing.of_cell[domains.cell].tolist() for crossing in domains.crossings] == [
        [0, 2, 1, -1],
        [0, 1, 0, -1],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
    ]
    assert (domains.size, domains.n_cells) == (8, 4)


def test_categories_cross_with_what_occurs_in_the_other_columns_only() -> None:
    frame = pd.DataFrame(
        {
            "c": pd.Categorical(["p", "p", "q"], ["q", "p", "r"]),
            "u": [1, 2, 2],
            "v": ["x", "y", "y"],
            "d": pd.Categorical(["k", "k", "k"], ["k", "l"]),
        }
    )
    labels = read_domains(frame, ["c", "u", "v", "d"], margins=False).labels()
    assert labels["c"].tolist() == [c for c in "qpr" for _ in range(4)]
    assert (
        labels[["u", "v", "d"]].astype(str).agg("".join, axis=1).tolist() == ["1xk", "1xl", "2yk", "2yl"] * 3
    )
    assert labels["c"].cat.categories.tolist() == ["q", "p", "r"]


def test_a_domain_column_cannot_be_called_like_a_column_of_the_tables() -> None:
    for name in ("indicator", "n", "n_pos", "n_psu", "df", "estimate", "se", "ci_low", "ci_high", "interval"):
        with pytest.raises(EstimationError, match=f"cannot be called '{name}'"):
            read_domains(pd.DataFrame({name: [1]}), name, margins=False)


FRAME = pd.DataFrame(
    {
        "h": [2, 1, 2, 1, 1, 2],
        "c": ["p", "q", "p", "q", "p", "s"],
        "N": [4, 5, 4, 5, 5, 4],
        "k": [1, 1, 2, 1, 1, 1],
        "M": [3, 1, 3, 1, 2, 7],
        "w": [1.0, 2.0, 3.0, 4.0, 5.0, 0.0],
        "g": ["a", "a", "a", "b", "b", "b"],
    }
)


def test_two_stages_are_read_stratum_by_stratum() -> None:
    first, second = read_sample(FRAME, SurveyDesign("h", ["c", "k"], "w", ["N", "M"])).stages
    assert first.unit.tolist() == [2, 1, 2, 1, 0, 3]
    assert first.stratum.tolist() == [0, 0, 1, 1]
    assert (first.first.tolist(), first.size.tolist(), first.example.tolist()) == ([0, 2], [2, 2], [1, 0])
    np.testing.assert_allclose(first.unsampled, [1 - 2 / 5, 1 - 2 / 4])
    np.testing.assert_allclose(first.scale, [0.6 * 2, 0.5 * 2])
    assert first.carried.tolist() == [1, 1]
    assert second.unit.tolist() == [2, 1, 3, 1, 0, 4]
    assert second.stratum.tolist() == [0, 1, 2, 2, 3]
    np.testing.assert_allclose(second.size, [1, 1, 2, 1])
    np.testing.assert_allclose(second.unsampled, [1 / 2, 0, 1 / 3, 6 / 7])
    np.testing.assert_allclose(second.carried, [0.4, 0.4, 0.5, 0.5])
    np.testing.assert_allclose(second.scale, [0.4 / 2, 0, 0.5 / 3 * 2, 0.5 * 6 / 7])
    assert second.take_all.tolist() == [False, True, False, False]


def test_what_the_design_says_of_each_domain() -> None:
    plan = make_plan(FRAME, SurveyDesign("h", ["c", "k"], "w", ["N", "M"], "adjust"), "g", margins=True)
    found = describe(plan)
    # the school s of stratum 2 has no weight: no unit, and no degree of freedom
    assert found.n_psu.tolist() == [2, 2, 3]
    assert found.df.tolist() == [0, 1, 1]
    assert found.rows.tolist() == [3, 3, 6]
    assert [values.tolist() for values in found.later_df] == [[1, 0, 1]]
    np.testing.assert_allclose(
        found.unsampled, [(0.6 + 0.5) / 2, (2 * 0.6 + 0.5) / 3, (2 * 0.6 + 2 * 0.5) / 4]
    )
    np.testing.assert_allclose(
        found.unsampled_later, [(0 + 2 / 3) / 3, (1 / 2 + 0 + 6 / 7) / 3, (1 / 2 + 0 + 2 / 3 + 6 / 7) / 5]
    )
    np.testing.assert_allclose(found.multiplier, 2.0)
    assert plan.df_of_design() == 1
    twice = found.tile(2)
    assert (twice.df.tolist(), twice.later_df[0].tolist()) == ([0, 1, 1] * 2, [1, 0, 1] * 2)
    single = describe(make_plan(FRAME, SurveyDesign("h", "c", "w"), (), margins=False))
    assert (single.unsampled.tolist(), single.unsampled_later.tolist(), single.later_df) == ([1.0], [0.0], ())


def test_a_stratum_of_one_school_has_multiplier_one() -> None:
    frame = pd.DataFrame({"h": [1, 2, 2, 2], "c": [1, 1, 2, 3]})
    found = describe(make_plan(frame, SurveyDesign("h", "c", lonely_psu="adjust"), (), margins=False))
    np.testing.assert_allclose(found.multiplier, (1 + 3 * 1.5) / 4)


def test_pairs_and_blocks_by_hand() -> None:
    sample = read_sample(FRAME, SurveyDesign("h", "c", "w"))
    domains = read_domains(FRAME, "g", margins=True)
    pairs = pair_rows(sample.stages[0], domains.cell, domains.n_cells, sample.weights)
    # stratum 1: units p (0) and q (1); stratum 2: p (2) and s (3)
    assert list(zip(pairs.unit.tolist(), pairs.cell.tolist(), pairs.weight.tolist(), strict=True)) == [
        (1, 0, 2.0),
        (0, 1, 5.0),
        (1, 1, 4.0),
        (2, 0, 4.0),
        (3, 1, 0.0),
    ]
    by_g, whole = (
        lay_out(pairs, sample.stages[0], crossing, everywhere=False) for crossing in domains.crossings
    )
    assert (whole.unit.tolist(), whole.block.tolist(), whole.length.tolist()) == (
        [0, 1, 2, 3],
        [0, 0, 1, 1],
        [2, 2],
    )
    assert whole.collect(pairs.weight).tolist() == [5, 6, 4, 0]
    assert by_g.merged is None and by_g.chosen is None
    assert (by_g.stratum.tolist(), by_g.block_domain.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])
    assert (by_g.block.tolist(), by_g.length.tolist()) == ([0, 1, 1, 2, 3], [1, 2, 1, 1])
    assert by_g.by_domain(by_g.collect(pairs.weight)).tolist() == [6, 9]
    full = lay_out(pairs, sample.stages[0], domains.crossings[0], everywhere=True)
    assert full.collect(pairs.weight).tolist() == [0, 2, 5, 4, 4, 0, 0, 0]
    assert full.length.tolist() == [2, 2, 2, 2]


def test_rows_outside_every_domain_leave_their_pairs_out() -> None:
    frame = FRAME.assign(g=["a", None, "a", "b", None, "b"])
    sample, domains = read_sample(frame, SurveyDesign("h", "c", "w")), read_domains(frame, "g", margins=False)
    pairs = pair_rows(sample.stages[0], domains.cell, domains.n_cells, sample.weights)
    layout = lay_out(pairs, sample.stages[0], domains.crossings[0], everywhere=False)
    assert layout.collect(pairs.weight).tolist() == [4, 4, 0]
    assert (layout.unit.tolist(), layout.domain.tolist()) == ([1, 2, 3], [1, 0, 1])


@pytest.mark.parametrize(
    ("change", "design", "said"),
    [
        ({"N": [4, 5, 4, 5, 5, 6]}, SurveyDesign("h", "c", fpc="N"), "differs within 1 strata"),
        ({"N": [1, 1, 1, 1, 1, 1]}, SurveyDesign("h", "c", fpc="N"), "below the number sampled in 2 strata"),
        ({"N": [4, 5, 4, 5, np.nan, np.nan]}, SurveyDesign("h", "c", fpc="N"), "missing in 2 rows"),
        ({"h": [2, None, 2, 1, 1, 2]}, SurveyDesign("h", "c"), "'h' is missing in 1 rows"),
        ({"w": [1, 1, np.nan, 1, 1, -1.0]}, SurveyDesign(weights="w"), "missing in 1 rows"),
        ({"w": [1, 1, -2, 1, 1, -1.0]}, SurveyDesign(weights="w"), "negative in 2 rows"),
        ({}, SurveyDesign("h", "c", fpc=["N", "M"]), "2 population counts for 1 stages"),
        ({}, SurveyDesign("h", None, fpc=["N", "M"]), "2 population counts for 0 stages"),
    ],
)
def test_a_design_that_cannot_be_read_is_refused_with_counts(
    change: dict[str, Any], design: SurveyDesign, said: str
) -> None:
    with pytest.raises(EstimationError, match=said):
        read_sample(FRAME.assign(**change), design)


def test_rows_without_units_are_units_stratum_by_stratum_and_may_have_a_count() -> None:
    (stage,) = read_sample(FRAME, SurveyDesign("h", fpc="N")).stages
    assert stage.unit.tolist() == [3, 0, 4, 1, 2, 5]
    np.testing.assert_allclose(stage.unsampled, [1 - 3 / 5, 1 - 3 / 4])


def test_a_population_count_may_equal_the_number_sampled() -> None:
    (stage,) = read_sample(FRAME.assign(N=2), SurveyDesign("h", "c", fpc="N")).stages
    assert (stage.unsampled.tolist(), stage.scale.tolist()) == ([0, 0], [0, 0])


def test_values_are_read_with_missing_as_zero() -> None:
    value = read_value(pd.DataFrame({"y": [1.5, np.nan]}), "y", total=True)
    assert (value.y.tolist(), value.missing.tolist(), value.total) == ([1.5, 0.0], [1], True)
