"""One respondent, one degree of freedom, one school more or less: where the formulas have their corners, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import change, contrast, mean, prevalence, replicates
from mapping.estimate.design_based.cells import lay_out, pair_rows
from mapping.estimate.design_based.codes import numbers
from mapping.estimate.design_based.domains import read_domains
from mapping.estimate.design_based.expected import assumed_icc
from mapping.estimate.design_based.hadamard import hadamard
from mapping.estimate.design_based.intervals import arcsine, clopper_pearson
from mapping.estimate.design_based.sample import read_sample

PSU = SurveyDesign(psu="school")


def test_columns_of_every_kind_become_floats_or_are_refused() -> None:
    own = np.array([0.5, np.nan])
    frame = pd.DataFrame(
        {"own": own, "whole": [2, 3], "nullable": pd.array([1, None], "Int64"), "text": [*"ab"]}
    )
    assert np.shares_memory(numbers(frame, "own"), frame["own"].to_numpy())
    assert (numbers(frame, "whole").dtype, numbers(frame, "whole").tolist()) == (np.float64, [2.0, 3.0])
    np.testing.assert_array_equal(numbers(frame, "nullable"), [1.0, np.nan])
    with pytest.raises(EstimationError, match="'text' does not hold numbers"):
        numbers(frame, "text")


def test_a_full_crossing_finds_every_cell_its_domain() -> None:
    frame = pd.DataFrame({"a": [*"xxxyyy"], "b": [1, 2, 3, 1, 2, 3]})
    domains = read_domains(frame, ["a", "b"], margins=True)
    assert [c.of_cell[domains.cell].tolist() for c in domains.crossings] == [
        [0, 1, 2, 3, 4, 5],
        [0, 0, 0, 1, 1, 1],
        [0, 1, 2, 0, 1, 2],
        [0] * 6,
    ]


def test_labels_keep_the_type_of_their_column_unless_one_is_summed_over() -> None:
    frame = pd.DataFrame({"b": [3, 1, 2], "c": [0.5, 0.5, 1.5]})
    plain = read_domains(frame, ["b", "c"], margins=False).labels()
    assert plain.dtypes.to_dict() == frame.dtypes.to_dict()
    summed = read_domains(frame, ["b", "c"], margins=True).labels()
    assert summed["b"].dtype == "Int64" and summed["b"].isna().sum() == 3
    assert summed["b"].dropna().tolist() == [1, 2, 3, 1, 2, 3]


def test_pairs_are_merged_unless_they_are_the_pairs_already_in_order() -> None:
    # cells (x, 1), (x, 2), (y, 1); by b the third stands between the first two
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": [1, 2, 1], "school": [1, 1, 2], "w": [1.0, 2.0, 4.0]})
    (stage,) = read_sample(frame, PSU).stages
    domains = read_domains(frame, ["a", "b"], margins=True)
    pairs = pair_rows(stage, domains.cell, domains.n_cells, frame["w"].to_numpy())
    by_b = lay_out(pairs, stage, domains.crossings[2], everywhere=False)
    assert (by_b.unit.tolist(), by_b.domain.tolist()) == ([0, 1, 0], [0, 0, 1])
    assert by_b.collect(pairs.weight).tolist() == [1, 4, 2]
    # two cells of one school in a domain, no cell of the other: as many places as pairs, yet not the same
    frame = pd.DataFrame({"k": [1, 1, None], "g": [*"aba"], "school": [1, 1, 2], "w": [1.0, 2.0, 4.0]})
    (stage,) = read_sample(frame, PSU).stages
    domains = read_domains(frame, ["k", "g"], margins=True)
    pairs = pair_rows(stage, domains.cell, domains.n_cells, frame["w"].to_numpy())
    by_k = lay_out(pairs, stage, domains.crossings[1], everywhere=True)
    assert (by_k.unit.tolist(), by_k.collect(pairs.weight).tolist()) == ([0, 1], [3, 0])


def schools(shares: list[list[int]], pupils: int = 10) -> pd.DataFrame:
    """Districts by the events of each of their schools."""
    rows = [
        (d, f"{d}.{s}", float(i < events))
        for d, district in enumerate(shares)
        for s, events in enumerate(district)
        for i in range(pupils)
    ]
    return pd.DataFrame(rows, columns=["district", "school", "y"])


def icc(positive: float, n: float) -> float:
    return float(assumed_icc(np.array([(positive + 1) / (n + 2)]))[0])


def pooled(parts: list[tuple[float, list[tuple[int, int]]]]) -> float:
    """ρ from domains, each by its PSUs − 1 over PSUs in the design and the (events, pupils) of its schools."""
    top = bottom = 0.0
    for multiplier, counts in parts:
        n, m = sum(k for _, k in counts), len(counts)
        p = sum(y for y, _ in counts) / n
        v = sum((y - p * k) ** 2 for y, k in counts) * max(multiplier, m / (m - 1))
        s = p * (1 - p) / (n - 1) * n**2
        top, bottom = top + v - s, bottom + s * max(n / m - 1, 0)
    return min(max(top / bottom, 0.0), 1.0)


def test_districts_of_two_schools_tell_of_the_correlation() -> None:
    frame = schools([[0, 0]] + [[8, 2]] * 20)
    rho = pooled([(42 / 41, [(8, 10), (2, 10)])] * 20)
    row = prevalence(frame, PSU, "y", "district").iloc[0]
    assert row["deff"] == pytest.approx(1 + 9 * rho)
    assert 0.1 < rho < 1


@pytest.mark.parametrize(("districts", "informed"), [(18, False), (19, True)])
def test_twenty_schools_more_than_districts_are_believed_and_lonely_ones_do_not_count(
    districts: int, informed: bool
) -> None:
    # every district of two schools is one of the twenty; the district of one school is none
    frame = schools([[0, 0]] + [[5, 5]] * districts + [[3]])
    row = prevalence(frame, PSU, "y", "district").iloc[0]
    assert row["deff"] == pytest.approx(1.0 if informed else 1 + 9 * icc(0, 20))


def test_districts_at_their_ends_teach_nothing() -> None:
    frame = schools([[0] * 30])
    assert prevalence(frame, PSU, "y")["deff"].tolist() == pytest.approx([1 + 9 * icc(0, 300)])


def test_little_is_learned_from_schools_of_one_or_two_pupils_but_it_is_learned() -> None:
    # 25 schools, one of them with two pupils: Σ n² s (b − 1) = 1 · 0.04
    few = pd.DataFrame({"district": 1, "school": [*range(25), 24], "y": [1.0] + [0.0] * 25})
    frame = pd.concat([few, schools([[0, 0]]).assign(district=2)], ignore_index=True)
    rho = pooled([(27 / 26, [(1, 1)] + [(0, 1)] * 23 + [(0, 2)])])
    assert prevalence(frame, PSU, "y", "district")["deff"].iloc[1] == pytest.approx(1 + 9 * rho)
    assert 2 * icc(0, 20) < rho < 1
    # the one event among the two of a school: no more alike than others, and 25 schools are believed
    apart = frame.assign(y=[0.0] * 25 + [1.0] + [0.0] * 20)
    assert prevalence(apart, PSU, "y", "district")["deff"].iloc[1] == 1.0
    # the two of one school both say yes or both no: 3 schools of 4 pupils, Σ n² s (b − 1) = 4/9
    few = pd.DataFrame({"district": 1, "school": [1, 2, 3, 3], "y": [1.0, 1.0, 0.0, 0.0]})
    frame = pd.concat([few, schools([[0, 0]]).assign(district=2)], ignore_index=True)
    assert pooled([(5 / 4, [(1, 1), (1, 1), (0, 2)])]) == 1.0
    assert prevalence(frame, PSU, "y", "district")["deff"].iloc[1] == pytest.approx(10.0)


def test_half_as_many_pupils_more_than_schools_weigh_a_half() -> None:
    counts = [(1, 1), (0, 2)] * 12
    rows = [(1, s, float(i < y)) for s, (y, k) in enumerate(counts) for i in range(k)]
    some = pd.DataFrame(rows, columns=["district", "school", "y"])
    frame = pd.concat([some, schools([[0, 0]]).assign(district=2)], ignore_index=True)
    ones = [(1, s, float(s % 2)) for s in range(24)]
    ones_too = pd.concat([frame, pd.DataFrame(ones, columns=frame.columns).assign(district=3)])
    ones_too["school"] = ones_too["district"].astype(str) + "." + ones_too["school"].astype(str)
    rho = pooled([(26 / 25, counts)])
    assert prevalence(frame, PSU, "y", "district")["deff"].iloc[1] == pytest.approx(1 + 9 * rho)
    # 24 schools of one pupil add their variance, and nothing to what it is held against
    n, deviations = 24, 24 * 0.25
    more = deviations * 24 / 23 - 0.25 / (n - 1) * n**2
    p = 1 / 3
    v = sum((y - p * k) ** 2 for y, k in counts) * 24 / 23
    s = p * (1 - p) / 35 * 36**2
    wanted = min(max((v - s + more) / (s * 0.5), 0.0), 1.0)
    assert prevalence(ones_too, PSU, "y", "district")["deff"].iloc[1] == pytest.approx(1 + 9 * wanted)


@pytest.mark.parametrize(
    ("more_than", "order"),
    [(1, 2), (2, 4), (3, 4), (4, 8), (7, 8), (8, 12), (12, 16), (15, 16), (16, 20), (20, 24), (24, 32), (28, 32),
     (32, 40), (35, 40), (40, 44), (44, 48), (48, 60), (63, 64), (64, 68), (96, 104), (115, 120)],
)  # fmt: skip
def test_hadamard_matrices_are_the_smallest_of_these_constructions(more_than: int, order: int) -> None:
    matrix = hadamard(more_than)
    assert (matrix.shape, matrix.dtype) == ((order, order), np.dtype(np.intp))
    np.testing.assert_array_equal(matrix @ matrix.T, order * np.eye(order, dtype=int))
    assert (matrix[0] == 1).all() and (matrix[:, 0] == 1).all()


def test_the_arcsine_interval_turns_around_no_further_than_its_estimate() -> None:
    df, level = np.array([30.0]), 0.95
    for p in (0.1, 0.9):
        near = np.arcsin(np.sqrt(min(p, 1 - p)))
        for turn in (1.9, 2.1, 2.9):
            variance = (turn * near / stats.t.ppf(0.975, 30)) ** 2 * 4 * p * (1 - p)
            low, high = arcsine(np.array([p]), np.array([variance]), df, level)
            back = np.sin((turn - 1) * near) ** 2 if turn < 2 else 0.0
            assert (low[0] if p < 0.5 else 1 - high[0]) == pytest.approx(back)


def test_half_an_event_has_limits_of_its_own() -> None:
    low, high = clopper_pearson(np.array([0.5, 8.5]), np.array([9.0, 9.0]), 0.95)
    assert low.tolist() == pytest.approx([stats.beta.ppf(0.025, 0.5, 9.5), stats.beta.ppf(0.025, 8.5, 1.5)])
    assert high.tolist() == pytest.approx([stats.beta.ppf(0.975, 1.5, 8.5), stats.beta.ppf(0.975, 9.5, 0.5)])


def test_contrasts_keep_their_names_and_one_degree_of_freedom_is_enough() -> None:
    frame = pd.DataFrame({"school": [1, 1, 2, 2], "y": [1.0, 2.0, 4.0, 3.0], "g": [*"abab"]})
    table = contrast(frame, PSU, "y", {"b − a": [-1, 1], "a": lambda m: m[0]}, "g")
    assert table["contrast"].tolist() == ["b − a", "a"]
    assert (table["df"].tolist(), table["reason"].tolist()) == ([1, 1], ["", ""])
    half = stats.t.ppf(0.975, 1) * table["se"]
    assert table["ci_high"].tolist() == pytest.approx((table["estimate"] + half).tolist())
    assert mean(frame, PSU, "y", "g")["estimate"].iloc[0] == pytest.approx(table["estimate"].iloc[1])


def test_half_samples_of_three_strata_are_four() -> None:
    frame = pd.DataFrame({"h": [1, 1, 2, 2, 3, 3], "school": [1, 2] * 3, "y": [0.0, 1.0, 1.0, 1.0, 0.0, 1.0]})
    design = replicates(frame, SurveyDesign("h", "school"), "brr")
    assert design.repweights.factors.shape == (6, 4)
    v = mean(frame, SurveyDesign("h", "school"), "y").loc[0, "se"]
    assert mean(frame, design, "y").loc[0, "se"] == pytest.approx(v)
    assert change(frame, frame, SurveyDesign("h", "school"), "y").loc[0, "difference"] == 0


@pytest.mark.parametrize("interval", ["auto", "likelihood"])
def test_an_item_that_nobody_answered_has_no_interval_and_says_so(interval: str) -> None:
    frame = pd.DataFrame({"school": [1, 2], "y": [np.nan, np.nan]})
    row = prevalence(frame, PSU, "y", interval=interval).iloc[0]
    assert np.isnan([row["ci_low"], row["ci_high"]]).all()
    assert row["reason"] == "no respondents"


def test_unequal_weights_are_no_correlation_within_schools() -> None:
    frame = schools([[0, 0]] + [[8, 2]] * 20).assign(w=lambda f: np.where(np.arange(len(f)) % 2, 1.0, 3.0))
    parts = []
    for _, part in frame[frame["district"] > 0].groupby("district"):
        w, y, n = part["w"], part["y"], len(part)
        p = (w * y).sum() / w.sum()
        z = (w * (y - p) / w.sum()).groupby(part["school"]).sum()
        k = n * (w**2).sum() / w.sum() ** 2
        parts.append(
            (n**2 * ((z**2).sum() * 2 - k * p * (1 - p) / (n - 1)), n**2 * k * p * (1 - p) / (n - 1) * 9)
        )
    rho = sum(top for top, _ in parts) / sum(bottom for _, bottom in parts)
    row = prevalence(frame, SurveyDesign(psu="school", weights="w"), "y", "district").iloc[0]
    assert row["deff"] == pytest.approx(1.25 * (1 + 9 * rho))
    assert 0.1 < rho < 1


def test_a_column_without_categories_has_no_rows() -> None:
    frame = pd.DataFrame({"school": [1, 2], "y": [0.0, 1.0], "g": pd.Categorical([None, None], [])})
    assert prevalence(frame, PSU, "y", "g").empty
