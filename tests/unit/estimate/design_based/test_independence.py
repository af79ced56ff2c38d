"""Tests of independence and quantiles against textbook forms that need no survey software."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import chi2, contrast, covariance, mean, quantile
from mapping.estimate.design_based.independence import _tail
from mapping.estimate.design_based.intervals import t_quantile

TABLE = np.array([[12, 20, 9], [30, 14, 15]])


def people(table: np.ndarray) -> pd.DataFrame:
    rows, cols = np.indices(table.shape)
    return pd.DataFrame(
        {"r": np.repeat(rows.ravel(), table.ravel()), "c": np.repeat(cols.ravel(), table.ravel())}
    )


def test_a_simple_random_sample_gives_the_textbook_chi_squared() -> None:
    # V = (diag p − pp′)/(n − 1), so every design effect is n/(n − 1)
    x2, _, df, _ = stats.chi2_contingency(TABLE, correction=False)
    n = TABLE.sum()
    f = chi2(people(TABLE), SurveyDesign(), "r", "c")
    assert f.statistic == pytest.approx(x2 / (df * n / (n - 1)))
    assert f.parameter == pytest.approx((df, df * (n - 1)))
    assert f.p_value == pytest.approx(stats.f.sf(f.statistic, df, df * (n - 1)))
    first = chi2(people(TABLE), SurveyDesign(), "r", "c", statistic="Chisq")
    assert first.statistic == pytest.approx(x2)
    assert (first.parameter, first.p_value) == ((df,), pytest.approx(stats.chi2.sf(x2 * (n - 1) / n, df)))
    tail = chi2(people(TABLE), SurveyDesign(), "r", "c", statistic="saddlepoint")
    assert (tail.statistic, tail.parameter) == (pytest.approx(x2), ())
    assert tail.p_value == pytest.approx(f.p_value, rel=0.02)


def clustered() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    school = np.repeat(np.arange(14), 9)
    return pd.DataFrame(
        {
            "school": school,
            "w": rng.uniform(1, 4, school.size).round(1),
            "r": rng.choice(["x", "y", "z"], school.size),
            "c": np.where(rng.random(school.size) < rng.beta(2, 2, 14)[school], "p", "q"),
        }
    )


def shares_and_covariance(frame: pd.DataFrame, *, counts: bool) -> tuple[np.ndarray, np.ndarray]:
    """Cells with the column running fastest, from the scores of each school."""
    cells = np.column_stack([(frame["r"] == r) & (frame["c"] == c) for r in "xyz" for c in "pq"]).astype(
        float
    )
    w = frame["w"].to_numpy()
    p = (w[:, None] * cells).sum(axis=0) / w.sum()
    score = w[:, None] * (cells if counts else (cells - p) / w.sum())
    z = np.array([score[(frame["school"] == s).to_numpy()].sum(axis=0) for s in range(14)])
    z = z - z.mean(axis=0)
    return (p * w.sum() if counts else p), 14 / 13 * z.T @ z


def test_rao_and_scott_with_other_contrasts_than_ours() -> None:
    frame = clustered()
    p, v = shares_and_covariance(frame, counts=False)
    n, square = len(frame), p.reshape(3, 2)
    expected = np.outer(square.sum(axis=1), square.sum(axis=0))
    x2 = n * ((square - expected) ** 2 / expected).sum()
    # interactions orthogonal to both margins: their null space
    margins = np.vstack([np.kron(np.eye(3), np.ones((1, 2))), np.kron(np.ones((1, 3)), np.eye(2))])
    c = np.linalg.svd(margins)[2][4:].T
    weighted = c / p[:, None]
    delta = np.linalg.solve(c.T @ weighted / n, weighted.T @ v @ weighted)
    trace, numerator = np.trace(delta), np.trace(delta) ** 2 / np.trace(delta @ delta)
    design = SurveyDesign(psu="school", weights="w")
    f = chi2(frame, design, "r", "c")
    assert f.statistic == pytest.approx(x2 / trace)
    assert f.parameter == pytest.approx((numerator, 13 * numerator))
    first = chi2(frame, design, "r", "c", statistic="Chisq")
    assert (first.statistic, first.p_value) == pytest.approx((x2, stats.chi2.sf(x2 * 2 / trace, 2)))
    swapped = chi2(frame, design, "c", "r")
    assert (swapped.statistic, swapped.p_value) == pytest.approx((f.statistic, f.p_value))


def test_wald_with_a_numerical_gradient() -> None:
    frame = clustered()
    counts, v = shares_and_covariance(frame, counts=True)

    def residual(flat: np.ndarray) -> np.ndarray:
        square = flat.reshape(3, 2)
        expected = np.outer(square.sum(axis=1), square.sum(axis=0)) / square.sum()
        return np.asarray((square - expected)[1:, 1:].ravel())

    steps = np.eye(6) * 1e-4
    slope = np.column_stack([(residual(counts + h) - residual(counts - h)) / 2e-4 for h in steps])
    e = residual(counts)
    f = float(e @ np.linalg.solve(slope @ v @ slope.T, e)) / 2
    design = SurveyDesign(psu="school", weights="w")
    plain = chi2(frame, design, "r", "c", statistic="Wald")
    assert (plain.statistic, plain.p_value) == pytest.approx((f, stats.f.sf(f, 2, 13)), rel=1e-6)
    assert plain.parameter == (2.0, 13.0)
    adjusted = chi2(frame, design, "r", "c", statistic="adjWald")
    assert adjusted.parameter == (2.0, 12.0)
    assert adjusted.statistic == pytest.approx(f * 12 / 13, rel=1e-6)
    assert adjusted.p_value == pytest.approx(stats.f.sf(f * 12 / 13, 2, 12), rel=1e-6)


@pytest.mark.parametrize("x", [0.3, 2.0, 9.0, 40.0])
@pytest.mark.parametrize("ddf", [6.0, 60.0])
def test_the_saddlepoint_lies_near_the_exact_tail(x: float, ddf: float) -> None:
    even = np.full(3, 1.5)
    assert _tail(x, even, ddf) == pytest.approx(stats.f.sf(x / 4.5, 3, ddf), rel=0.05, abs=1e-6)
    # 3χ²₁ + χ²₁ against x·χ²/ddf, by drawing
    rng = np.random.default_rng(1)
    drawn = (
        3 * rng.chisquare(1, 200_000) + rng.chisquare(1, 200_000) > x * rng.chisquare(ddf, 200_000) / ddf
    ).mean()
    assert _tail(x, np.array([3.0, 1.0]), ddf) == pytest.approx(drawn, rel=0.12, abs=1e-3)


def test_the_tail_near_the_middle_falls_back_on_satterthwaite_and_ends_at_one() -> None:
    weights = np.array([1.0, 2.0])
    middle = 3.0  # where the saddlepoint is 0
    assert _tail(middle, weights, 40.0) == pytest.approx(stats.f.sf(1.0, 9 / 5, 40.0))
    assert _tail(0.0, weights, 40.0) == 1.0
    assert _tail(-1e-16, weights, 40.0) == 1.0
    assert _tail(middle * 1.02, weights, 40.0) == pytest.approx(_tail(middle, weights, 40.0), rel=0.1)
    # 2 degrees of freedom are 2 however they were rounded
    assert _tail(19.0, np.array([1.9]), 2 - 1e-14) == pytest.approx(_tail(19.0, np.array([1.9]), 2.0))


def test_levels_count_where_the_other_column_is_known_and_the_weight_above_0() -> None:
    frame = people(TABLE).assign(w=1.0)
    more = pd.DataFrame({"r": [5, 1, None], "c": [None, 7, 1], "w": [1.0, 0.0, 1.0]})
    longer = pd.concat([frame, more], ignore_index=True)
    plain, extended = (
        chi2(f, SurveyDesign(weights="w"), "r", "c", statistic="Chisq") for f in (frame, longer)
    )
    assert extended.parameter == plain.parameter == (2.0,)
    # R multiplies the shares by all rows of the frame, with an answer or without
    assert extended.statistic == pytest.approx(plain.statistic * 103 / 100)


@pytest.mark.parametrize(
    ("frame", "statistic", "said"),
    [
        (pd.DataFrame({"r": [1, 1, None], "c": [0, 1, 1]}), "F", "'r' has 1 level"),
        (pd.DataFrame({"r": [0, 1, None], "c": [0, 0, 1]}), "F", "'c' has 1 level"),
        (pd.DataFrame({"r": [1, 2, 3], "c": [1, 2, 3]}), "F", "Too many cells"),
        (pd.DataFrame({"r": [0, 0, 1, 1], "c": [0, 1, 0, 1], "school": 1}), "F", "no degrees of freedom"),
        (pd.DataFrame({"r": [1, 2, 3], "c": [1, 2, 3]}), "Wald", "singular"),
    ],
)
def test_what_cannot_be_tested_says_why(frame: pd.DataFrame, statistic: str, said: str) -> None:
    design = SurveyDesign(psu="school" if "school" in frame else None, lonely_psu="adjust")
    with pytest.raises(EstimationError, match=said):
        chi2(frame, design, "r", "c", statistic=statistic)


VALUES = pd.DataFrame(
    {"y": [5.0, 1.0, 3.0, 2.0, 4.0, 9.0], "w": [1.0, 2.0, 1.0, 1.0, 3.0, 0.0], "g": [*"aaabbb"]}
)


@pytest.mark.parametrize(
    ("qrule", "wanted"),
    # weights at or below 1, 2, 3, 4, 5: 2, 3, 4, 7, 8 of 8
    [
        ("math", {0.1: 1, 0.25: 1, 0.26: 2, 0.5: 3, 0.6: 4, 0.875: 4, 0.9: 5}),
        ("school", {0.1: 1.5, 0.25: 1.5, 0.26: 2, 0.5: 3.5, 0.6: 4, 0.875: 4.5, 0.9: 5}),
        ("hf7", {2 / 7: 2, 1 / 7: 1.5, 3 / 7: 3, 4 / 7: 4, 5.5 / 7: 4.5, 0.999999: 4.999998}),
    ],
)
def test_quantiles_by_hand(qrule: str, wanted: dict[float, float]) -> None:
    table = quantile(VALUES, SurveyDesign(weights="w"), "y", list(wanted), qrule=qrule)
    assert table["estimate"].tolist() == pytest.approx(list(wanted.values()), abs=1e-5)
    assert (table["n"] == 5).all()


def test_one_value_is_every_quantile() -> None:
    for qrule in ("math", "school", "hf7"):
        table = quantile(
            pd.DataFrame({"y": [7.0]}), SurveyDesign(lonely_psu="adjust"), "y", [0.1, 0.9], qrule=qrule
        )
        assert table["estimate"].tolist() == [7.0, 7.0]
        assert table["reason"].tolist() == ["no degrees of freedom: no interval"] * 2


def test_woodruff_limits_are_quantiles_at_the_limits_of_the_share() -> None:
    frame = pd.DataFrame({"y": np.arange(40.0)})
    row = quantile(frame, SurveyDesign(), "y", 0.5, level=0.9).iloc[0]
    half = stats.t.ppf(0.95, 39) * np.sqrt(0.25 / 39)
    # the smallest y with at least that share of forty at or below it
    low, high = (np.ceil((0.5 + sign * half) * 40) - 1 for sign in (-1, 1))
    assert (row["estimate"], row["ci_low"], row["ci_high"]) == (19.0, low, high)
    assert row["se"] == pytest.approx((high - low) / (2 * stats.t.ppf(0.95, 39)))
    assert (row["df"], row["n_psu"], row["reason"]) == (39, 40, "")


def test_limits_beyond_the_data_and_shares_without_variance_say_so() -> None:
    frame = pd.DataFrame({"y": np.arange(10.0), "N": 10})
    low, high = quantile(frame, SurveyDesign(), "y", [0.1, 0.9]).to_dict("records")
    assert np.isnan(low["ci_low"]) and low["ci_high"] == 3.0
    assert np.isnan(high["ci_high"]) and high["ci_low"] == 6.0
    assert low["reason"] == high["reason"] == "a limit lies beyond the data"
    top = quantile(frame, SurveyDesign(), "y", 0.95).iloc[0]
    assert (top["ci_low"], top["ci_high"]) == (9.0, 9.0)
    assert top["reason"] == "the sample shows no variance: the interval cannot be trusted"
    for interval in ("beta", "xlogit", "asin"):
        row = quantile(frame, SurveyDesign(fpc="N"), "y", 0.5, interval=interval).iloc[0]
        assert (row["ci_low"], row["ci_high"], row["se"]) == (4.0, 4.0, 0.0)
        assert row["reason"] == "the whole population was sampled: there is no sampling error"


def test_quantiles_count_the_schools_that_answered() -> None:
    frame = pd.DataFrame(
        {"school": [1, 1, 2, 2, 3, 3, 4], "y": [1.0, 2.0, 3.0, np.nan, 5.0, 6.0, np.nan], "g": "a"}
    )
    design = SurveyDesign(psu="school")
    row = quantile(frame, design, "y", 0.5, "g").iloc[0]
    assert (row["n"], row["n_psu"], row["df"]) == (5, 4, 2)
    with_n = quantile(frame.assign(g=[*"aaaabbb"]), design, "y", 0.5, "g", interval="beta")
    assert with_n["df"].tolist() == [1, 0]


def test_probabilities_lie_strictly_between_0_and_1() -> None:
    for prob in (0.0, 1.0):
        with pytest.raises(ValueError, match="strictly"):
            quantile(VALUES, SurveyDesign(), "y", [0.5, prob])


def test_contrasts_say_when_there_are_no_degrees_of_freedom_or_no_estimate() -> None:
    frame = pd.DataFrame(
        {"school": [1, 1, 2, 2, 3, 3], "y": [1.0, 2.0, 4.0, 3.0, 7.0, 9.0], "g": [*"ababab"]}
    )
    design = SurveyDesign(psu="school")
    v = covariance(frame, design, "y", "g").to_numpy()
    means = mean(frame, design, "y", "g")["estimate"].to_numpy()
    table = contrast(frame, design, "y", {"b − a": [-1, 1], "product": lambda m: m[0] * m[1]}, "g", level=0.8)
    se = np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1])
    t = float(t_quantile(np.array([2.0]), 0.8)[0])
    assert table["se"].tolist() == pytest.approx([se, np.sqrt(means[::-1] @ v @ means[::-1])])
    assert table["ci_low"].tolist() == pytest.approx((table["estimate"] - t * table["se"]).tolist())
    assert table["ci_high"].tolist() == pytest.approx((table["estimate"] + t * table["se"]).tolist())
    assert (table["df"].tolist(), table["reason"].tolist()) == ([2, 2], ["", ""])
    alone = contrast(
        frame.assign(school=1), SurveyDesign(psu="school", lonely_psu="remove"), "y", {"a": [1, 0]}, "g"
    )
    assert (alone.loc[0, "df"], alone.loc[0, "reason"]) == (0, "no degrees of freedom")
    assert np.isnan(alone.loc[0, "ci_low"])
    bad = contrast(frame, design, "y", {"log": lambda m: np.log(m[0] - m[0])}, "g")
    assert bad.loc[0, "reason"] == "an estimate is missing, 0 or infinite"


def test_covariances_of_two_stages_are_labelled_by_variable_and_domain() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "s": np.repeat(np.arange(5), 6),
            "k": np.arange(30),
            "N": 9,
            "M": 12,
            "x": rng.random(30),
            "y": rng.random(30),
        }
    )
    frame["g"] = rng.choice(["a", "b"], 30)
    design = SurveyDesign(psu=["s", "k"], fpc=["N", "M"])
    matrix = covariance(frame, design, ["x", "y"], "g")
    assert list(matrix.index) == list(matrix.columns) == [("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")]
    assert matrix.index.names == ["indicator", "g"]
    se = mean(frame, design, ["x", "y"], "g")["se"].to_numpy()
    np.testing.assert_allclose(np.diag(matrix), se**2)
    assert list(covariance(frame, design, ["x", "y"]).index) == ["x", "y"]
    with pytest.raises(EstimationError, match="has 1 coefficients for 2"):
        contrast(frame, design, ["x", "y"], {"c": [1]})


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
@pytest.mark.parametrize("statistic", ["F", "Wald", "adjWald"])
def test_a_stratum_in_which_nobody_answered_changes_nothing(rule: str, statistic: str) -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"h": np.repeat([1, 2, 3, 4], [30, 24, 24, 6]), "school": np.arange(84) // 6})
    frame["w"], frame["a"], frame["b"] = rng.uniform(1, 9, 84), rng.integers(0, 2, 84), rng.integers(0, 3, 84)
    silent = pd.DataFrame(
        {"h": [9, 9], "school": [99, 99], "w": [4.0, 7.0], "a": [np.nan, 1], "b": [1, np.nan]}
    )
    design = SurveyDesign("h", "school", "w", lonely_psu=rule)

    plain = chi2(frame, design, "a", "b", statistic=statistic)
    with_them = chi2(pd.concat([frame, silent]), design, "a", "b", statistic=statistic)

    assert (with_them.statistic, with_them.p_value) == pytest.approx(
        (plain.statistic, plain.p_value), rel=1e-12
    )
