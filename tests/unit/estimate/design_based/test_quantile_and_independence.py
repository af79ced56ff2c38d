"""Quantiles and tests of independence, worked by hand and at the boundaries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import chi2, quantile
from mapping.estimate.design_based.independence import STATISTICS


def at(values: list[float], prob: float, rule: str, weights: list[float] | None = None) -> float:
    frame = pd.DataFrame({"x": values, "w": weights or [1.0] * len(values)})
    return float(quantile(frame, SurveyDesign(weights="w"), "x", prob, qrule=rule).loc[0, "estimate"])


def test_the_three_rules_worked_by_hand() -> None:
    # of 1, 2, 3, 4 exactly half lie at or below 2
    assert at([4, 2, 1, 3], 0.5, "math") == 2
    assert at([4, 2, 1, 3], 0.5, "school") == 2.5
    assert at([4, 2, 1, 3], 0.5, "hf7") == 2.5
    # 30 per cent: two of four lie at or below 2; between 1 (at 0) and 2 (at 1/3) in hf7
    assert at([4, 2, 1, 3], 0.3, "math") == at([4, 2, 1, 3], 0.3, "school") == 2
    assert at([4, 2, 1, 3], 0.3, "hf7") == pytest.approx(1.9)


def test_weights_count_as_copies() -> None:
    assert at([1, 2, 3], 0.5, "math", [5, 1, 1]) == at([1] * 5 + [2, 3], 0.5, "math") == 1


def test_unweighted_hf7_is_the_quantile_of_numpy() -> None:
    values = np.random.default_rng(1).normal(size=37)
    for prob in (0.05, 0.25, 0.5, 0.93):
        assert at(list(values), prob, "hf7") == pytest.approx(np.quantile(values, prob))


def test_a_single_value_is_its_own_quantile() -> None:
    frame = pd.DataFrame({"x": [7.0], "y": [1]})
    for rule in ("math", "school", "hf7"):
        row = quantile(frame, SurveyDesign(lonely_psu="adjust"), "x", 0.5, qrule=rule).iloc[0]
        assert row["estimate"] == 7.0
        assert "no degrees of freedom" in row["reason"]


def test_quantiles_of_domains_equal_quantiles_of_the_parts() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"x": rng.normal(size=80), "d": pd.Categorical(rng.choice(["a", "b"], 80), ["a", "b", "c"])}
    )
    table = quantile(frame, SurveyDesign(), "x", [0.25, 0.5], "d")
    assert table["prob"].tolist() == [0.25] * 3 + [0.5] * 3
    for _, row in table.iterrows():
        if row["d"] == "c":
            assert row["reason"] == "no respondents"
        else:
            part = frame[frame["d"] == row["d"]]
            assert row["estimate"] == quantile(part, SurveyDesign(), "x", row["prob"]).loc[0, "estimate"]


def test_a_limit_beyond_the_data_is_missing_with_a_reason() -> None:
    row = quantile(pd.DataFrame({"x": [1.0, 2.0, 3.0]}), SurveyDesign(), "x", 0.5).iloc[0]
    assert np.isnan(row["ci_low"]) and "beyond the data" in row["reason"]


def test_weights_of_zero_and_missing_values_do_not_count() -> None:
    assert at([1, 2, 3, 99], 0.5, "math", [1, 1, 1, 0]) == 2
    assert at([1, 2, 3, np.nan], 0.5, "math") == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"qrule": "hf3"}, "math, school, hf7"),
        ({"interval": "score"}, "mean, beta"),
        ({"probs": 1.0}, "between 0 and 1"),
    ],
)
def test_what_a_quantile_cannot_be(options: dict[str, object], message: str) -> None:
    arguments = {"probs": 0.5} | options
    with pytest.raises(ValueError, match=message):
        quantile(pd.DataFrame({"x": [1.0]}), SurveyDesign(), "x", **arguments)  # type: ignore[arg-type]


def table(n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"r": rng.choice(["x", "y", "z"], n), "c": rng.choice([0, 1], n), "psu": rng.integers(0, 30, n)}
    )


def test_without_clusters_the_test_is_nearly_pearsons() -> None:
    frame = table()
    pearson = stats.chi2_contingency(pd.crosstab(frame["r"], frame["c"]), correction=False)
    result = chi2(frame, SurveyDesign(), "r", "c", statistic="Chisq")
    assert result.statistic == pytest.approx(pearson.statistic)
    assert result.p_value == pytest.approx(pearson.pvalue, rel=0.05)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_rows_and_columns_may_change_places(statistic: str) -> None:
    frame = table()
    one = chi2(frame, SurveyDesign(psu="psu"), "r", "c", statistic=statistic)
    other = chi2(frame, SurveyDesign(psu="psu"), "c", "r", statistic=statistic)
    assert one.p_value == pytest.approx(other.p_value)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_under_independence_one_in_twenty_is_below_5_per_cent(statistic: str) -> None:
    # 300 tables, so a Monte-Carlo error of 1.3 points; 4 σ is 5 points
    p = [
        chi2(table(300, seed), SurveyDesign(psu="psu"), "r", "c", statistic=statistic).p_value
        for seed in range(300)
    ]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.05)


def test_missing_answers_are_left_out() -> None:
    frame = table()
    frame.loc[frame.index[:50], "r"] = None
    kept = frame.dropna()
    one, other = (chi2(f, SurveyDesign(), "r", "c", statistic="Wald").statistic for f in (frame, kept))
    assert one == pytest.approx(other, rel=0.01)


def test_what_cannot_be_tested_is_an_error() -> None:
    frame = table().assign(one=1)
    with pytest.raises(EstimationError, match="'one' has 1 level"):
        chi2(frame, SurveyDesign(), "one", "c")
    with pytest.raises(ValueError, match="F, Chisq"):
        chi2(frame, SurveyDesign(), "r", "c", statistic="G")
    frame["copy"] = frame["c"] + 2 * (frame["psu"] == 0)
    with pytest.raises(EstimationError, match="singular"):
        chi2(
            frame.assign(c2=frame["c"]),
            SurveyDesign(psu="c", lonely_psu="adjust"),
            "r",
            "c",
            statistic="Wald",
        )
