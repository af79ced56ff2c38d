"""Corners that tables rarely meet: empty domains, one unit, later stages without units, two waves in one sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import (
    bounds,
    calibrate,
    mean,
    nonresponse,
    prevalence,
    quantile,
    refusals,
    replicates,
    total,
)
from mapping.estimate.design_based.linear import Linear, estimate
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.prevalence import _interval_df
from mapping.estimate.design_based.quantile import _cumulated, _math, _school
from mapping.estimate.design_based.sample import read_sample
from mapping.estimate.design_based.tables import Design, describe
from mapping.estimate.design_based.tally import Answers
from mapping.estimate.design_based.variables import Variable, read_value

SCHOOLS = SurveyDesign(psu="school", weights="w")


def test_a_total_of_nobody_is_missing_and_light_weights_have_design_effects() -> None:
    frame = pd.DataFrame(
        {
            "school": [1, 1, 2, 3],
            "w": [0.1, 0.2, 0.1, 0.3],
            "y": [3.0, 0.0, 2.0, 5.0],
            "g": pd.Categorical([*"aaaa"], [*"ab"]),
        }
    )
    table = total(frame, SCHOOLS, "y", "g").set_index("g")
    assert table.loc["b", ["estimate", "se", "ci_low", "ci_high", "deff"]].isna().all()
    w, y = frame["w"].to_numpy(), frame["y"].to_numpy()
    z = np.array([0.3, 0.2, 1.5])
    variance = 1.5 * ((z - z.mean()) ** 2).sum()
    simple = w.sum() * (w * (y - (w * y).sum() / w.sum()) ** 2).sum() / 3
    assert table.loc["a", "se"] ** 2 == pytest.approx(variance)
    assert table.loc["a", "deff"] == pytest.approx(variance / simple)


def test_the_variance_of_a_total_of_an_indicator_is_that_of_its_values() -> None:
    frame = pd.DataFrame({"school": [1, 1, 2, 3], "w": [1.0, 2.0, 1.0, 3.0], "y": [1.0, 0.0, 1.0, 0.0]})
    plan = make_plan(frame, SCHOOLS, (), margins=False)
    value = replace(read_value(frame, "y"), total=True)
    ones = Variable("y", np.empty(0, int), np.empty(0), ones=np.array([0, 2]), total=True)
    one, two = estimate(plan, ones), estimate(plan, value)
    for name in ("estimate", "variance", "srs_variance"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name))


def test_a_domain_of_one_school_has_the_fraction_of_its_stratum() -> None:
    frame = pd.DataFrame({"h": [1, 1, 2, 2], "c": [1, 2, 1, 2], "N": [5, 5, 8, 8], "g": [*"abcc"]})
    found = describe(make_plan(frame, SurveyDesign("h", "c", fpc="N"), "g", margins=False))
    np.testing.assert_allclose(found.unsampled, [0.6, 0.6, 0.75])
    np.testing.assert_allclose(found.multiplier, 2.0)


def degrees(v: list[float], *df: float) -> float:
    ones = np.ones(1)
    first, *later = (np.array([value]) for value in df)
    design = Design(ones, first, ones, tuple(later), ones, ones, ones)
    answers = Answers(ones, ones, ones, ones)
    return float(_interval_df(design, Linear(answers, ones, np.array(v)[:, None], ones))[0])


def test_satterthwaites_degrees_of_freedom_by_hand() -> None:
    assert degrees([1.0, 2.0], 5, 1) == pytest.approx(9 / (1 / 5 + 4 / 1))
    assert degrees([1e-4, 2e-4], 5, 10) == pytest.approx(9 / (1 / 5 + 4 / 10))
    assert degrees([1.0, 2.0], 0, 4) == pytest.approx(9 / (1 + 4 / 4))
    assert degrees([0.0, 0.0], 5, 4) == 0
    assert degrees([np.nan, 1.0], 5, 4) == 0
    # where the last stage has no units to spare, the design counts, whatever the stage between has
    assert degrees([1.0, 2.0], 5, 0) == 5
    assert degrees([1.0, 2.0, 3.0], 5, 7, 0) == 5
    assert degrees([1.0, 2.0, 3.0], 5, 0, 7) == pytest.approx(36 / (1 / 5 + 4 + 9 / 7))


WAVES = pd.DataFrame(
    {
        "h": [1, 1, 1, 1, 1, 1, 2, 2, 2],
        "c": [1, 1, 2, 2, 2, 3, 1, 1, 2],
        "k": [1, 2, 1, 1, 2, 1, 1, 1, 1],
        "N": [4, 8, 4, 8, 8, 8, 5, 5, 5],
        "M": [2, 5, 3, 4, 4, 2, 3, 3, 6],
    }
)
WAVE = np.array([0, 1, 0, 1, 1, 1, 0, 1, 0])


def test_two_waves_share_their_schools_and_not_their_classes() -> None:
    first, second = read_sample(WAVES, SurveyDesign("h", ["c", "k"], None, ["N", "M"]), WAVE).stages
    # stratum 1: schools 1 and 2 of 4 in the first wave, 1, 2 and 3 of 8 in the second; stratum 2: 2 of 5, 1 of 5
    assert first.unit.tolist() == [0, 0, 1, 1, 1, 2, 3, 3, 4]
    assert first.size.tolist() == [3, 2]
    np.testing.assert_allclose(first.unsampled, [1 - 3 / 8, 1 - 1 / 5])
    # the classes of a school in one wave are a stratum of the second stage
    assert second.size.tolist() == [1, 1, 1, 2, 1, 1, 1, 1]
    assert second.stratum[second.unit].tolist() == [0, 1, 2, 3, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(
        second.unsampled, 1 - np.array([1 / 2, 1 / 5, 1 / 3, 2 / 4, 1 / 2, 1 / 3, 1 / 3, 1 / 6])
    )
    np.testing.assert_allclose(second.carried, [2 / 4, 3 / 8, 2 / 4, 3 / 8, 3 / 8, 2 / 5, 1 / 5, 2 / 5])


def test_classes_sampled_within_two_waves_go_on_being_nested() -> None:
    frame = WAVES.assign(p=range(9), P=[9] * 9)
    *_, third = read_sample(frame, SurveyDesign("h", ["c", "k", "p"], None, ["N", "M", "P"]), WAVE).stages
    assert third.stratum.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    np.testing.assert_allclose(third.carried[3], 3 / 8 * 2 / 4)
    np.testing.assert_allclose(third.unsampled, 8 / 9)


def test_a_single_missing_or_negative_weight_is_refused() -> None:
    for value, said in ((np.nan, "missing in 1 rows"), (-1.0, "negative in 1 rows")):
        with pytest.raises(EstimationError, match=said):
            read_sample(pd.DataFrame({"w": [1.0, value]}), SurveyDesign(weights="w"))
    with pytest.raises(EstimationError, match="missing in 1 rows"):
        read_sample(pd.DataFrame({"h": [1, None]}), SurveyDesign("h"))


def test_a_single_wrong_population_count_is_refused() -> None:
    design = SurveyDesign("h", "c", fpc="N")
    for counts, said in (
        ([3, 3, np.nan], "missing in 1 rows"),
        ([1, 1, 4], "below the number sampled in 1 strata"),
    ):
        with pytest.raises(EstimationError, match=said):
            read_sample(pd.DataFrame({"h": [1, 1, 2], "c": [1, 2, 1], "N": counts}), design)


def test_one_value_that_is_no_indicator_is_refused() -> None:
    with pytest.raises(EstimationError, match="has 1 values"):
        prevalence(pd.DataFrame({"y": [1.0, 0.0, 7.0]}), SurveyDesign(), "y")


def pupils() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 60
    frame = pd.DataFrame(
        {"school": np.repeat(np.arange(6), 10), "x": rng.gamma(3, 2, n), "sex": [*"fm"] * 30}
    )
    frame["x"] += np.repeat(rng.normal(0, 1.5, 6), 10)
    frame.loc[::4, "x"] = np.nan
    return frame


def test_quantiles_are_numbered_row_by_row() -> None:
    table = quantile(pupils(), SurveyDesign(psu="school"), "x", [0.25, 0.5], "sex")
    assert table.index.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", ["plain", "calibrated", "replicated"])
def test_korn_and_graubards_limits_of_a_quantile_count_the_rows_as_r_does(kind: str) -> None:
    # answers only; of a calibrated design all rows; interpolated, so that the limits are those of numpy
    frame, design = pupils(), SurveyDesign(psu="school")
    if kind == "calibrated":
        frame, design = calibrate(frame, design, {"sex": {"f": 30.0, "m": 30.0}}, method="poststratify")
    if kind == "replicated":
        design = replicates(frame, design, "jk1")
    values = frame["x"].dropna().to_numpy()
    middle = float(np.quantile(values, 0.4))
    below = frame.assign(below=(frame["x"] <= middle).where(frame["x"].notna()).astype(float))
    row = mean(below, design, "below").iloc[0]
    p, rows = row["estimate"], 60 if kind == "calibrated" else 45
    n = p * (1 - p) / row["se"] ** 2 * (stats.t.ppf(0.975, rows - 1) / stats.t.ppf(0.975, 5)) ** 2
    low, high = (
        special.betaincinv(n * p, n * (1 - p) + 1, 0.025),
        special.betaincinv(n * p + 1, n * (1 - p), 0.975),
    )
    found = quantile(frame, design, "x", 0.4, qrule="hf7", interval="beta").iloc[0]
    assert found["estimate"] == pytest.approx(middle)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(tuple(np.quantile(values, [low, high])))
    assert found["se"] == pytest.approx((found["ci_high"] - found["ci_low"]) / (2 * stats.t.ppf(0.975, 5)))


def test_schools_that_answer_alike_show_no_variance_whatever_the_rounding() -> None:
    within = [0.9, 0.2, 0.1, 2.5, 2.7, 1.9, 2.2, 1.7]
    frame = pd.DataFrame(
        {
            "school": np.repeat([1, 2, 3], 8),
            "w": np.outer([5.3, 3.4, 4.4], within).ravel(),
            "x": np.tile([4.0, 3.0, 1.0, 5.0, 2.0, 6.0, 0.5, 7.0], 3),
        }
    )
    below = frame.assign(below=(frame["x"] <= 2.0).astype(float))
    assert 0 < mean(below, SCHOOLS, "below").loc[0, "se"] < 1e-15
    row = quantile(frame, SCHOOLS, "x", 0.4).iloc[0]
    assert row["estimate"] == 2.0
    assert row["reason"] == "the sample shows no variance: the interval cannot be trusted"


def test_an_arcsine_limit_of_0_is_the_smallest_value() -> None:
    # one of six pupils lies at or below the quantile; half the interval reaches below the arcsine of 0
    frame = pd.DataFrame({"school": [1, 2, 3, 1, 2, 3], "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    row = quantile(frame, SurveyDesign(psu="school"), "x", 0.1, interval="asin").iloc[0]
    v = 1.5 * ((1 / 6 - 1 / 18) ** 2 + 2 * (1 / 18) ** 2)
    assert stats.t.ppf(0.975, 2) * np.sqrt(v / (4 * 5 / 36)) > 2 * np.arcsin(np.sqrt(1 / 6))
    assert (row["estimate"], row["ci_low"]) == (1.0, 1.0)


def test_reasons_of_quantiles() -> None:
    frame = pd.DataFrame({"school": [1, 1, 2, 3], "x": [1.0, 2.0, 3.0, 4.0], "N": 3})
    frame["g"] = pd.Categorical([*"abaa"], [*"abc"])
    table = quantile(frame, SurveyDesign(psu="school"), "x", 0.99, "g").set_index("g")["reason"]
    assert table["a"] == "the sample shows no variance: the interval cannot be trusted"
    assert table["b"] == "no degrees of freedom: no interval"
    assert table["c"] == "no respondents"
    census = quantile(frame, SurveyDesign(psu="school", fpc="N"), "x", 0.5, "g").set_index("g")
    assert census.loc["a", "reason"] == "the whole population was sampled: there is no sampling error"
    assert (census.loc["a", "ci_low"], census.loc["a", "ci_high"]) == (3.0, 3.0)
    assert census.loc["c", "reason"] == "no respondents"
    assert census.loc["b", "reason"] == (
        "no degrees of freedom: no interval; the whole population was sampled: there is no sampling error"
    )
    silent = frame.assign(x=frame["x"].where(frame["g"] == "a"))
    census = quantile(silent, SurveyDesign(psu="school", fpc="N"), "x", 0.5, "g").set_index("g")
    assert census.loc["b", "reason"] == "no respondents"


def test_reasons_of_quantiles_on_one_degree_of_freedom_and_with_replicates() -> None:
    frame = pd.DataFrame({"school": [1, 1, 2, 2], "x": [1.0, 2.0, 3.0, 5.0]})
    two = quantile(frame, SurveyDesign(psu="school"), "x", [0.5, 0.99])["reason"].tolist()
    flat = "the sample shows no variance: the interval cannot be trusted"
    assert two == ["a limit lies beyond the data", flat]
    # given replicate weights have their degrees of freedom whoever answers: nobody in b, one pupil in c
    frame = pd.DataFrame({"g": [*"aaabbbccc"], "x": [1.0, 2.0, 4.0] + [np.nan] * 5 + [7.0]})
    columns = pd.DataFrame(1.0 + np.eye(9)).add_prefix("r")
    design = SurveyDesign(repweights={"columns": list(columns), "scale": 1.0})
    table = quantile(pd.concat([frame, columns], axis=1), design, "x", 0.5, "g")
    assert table["df"].tolist() == [2, 2, 2]
    assert table["reason"].tolist() == ["a limit lies beyond the data", "no respondents", flat]


def test_all_of_the_weight_lies_at_or_below_the_largest_value() -> None:
    # added from the smallest these weights make 1 + 2⁻⁵², from the largest 1
    w = np.array([2.0**-64, 2.0**-64, 2.0**-53, 1.0])
    values, running, whole = _cumulated(np.array([4.0, 3.0, 2.0, 1.0]), w)
    assert running[-1] < whole
    for rule in (_math, _school):
        assert rule(np.array([4.0, 3.0, 2.0, 1.0]), w, 1.0) == values[-1] == 4.0


def words() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school": np.repeat(np.arange(5), 4),
            "threat": ["yes", "no", "no", "unsure"] * 5,
            "control": ["no", "declined", "yes", "no"] * 5,
        }
    )


def test_several_indicators_or_one_by_its_name() -> None:
    frame, design = words(), SurveyDesign(psu="school")
    for function in (bounds, nonresponse):
        one, both = function(frame, design, "threat"), function(frame, design, ["threat", "control"])
        assert set(one["indicator"]) == {"threat"}
        assert set(both["indicator"]) == {"threat", "control"}
        assert both.index.tolist() == list(range(len(both)))
    y = frame.assign(threat=(frame["threat"] == "yes").astype(float))
    assert refusals(y, design, "threat", refused=1, population=2)["indicator"].tolist() == ["threat"]


def test_a_school_with_a_single_answer_is_a_school() -> None:
    frame = pd.DataFrame({"c": [1, 2, 3, 4], "y": [0.0, 0.0, 1.0, np.nan]})
    row = refusals(frame, SurveyDesign(psu="c"), "y", refused=25, population=50).iloc[0]
    assert (row["low"], row["estimate"], row["high"]) == pytest.approx((1 / 6, 1 / 3, 1 / 6 + 0.5))


def test_one_pupil_has_a_verdict_without_an_interval() -> None:
    frame = pd.DataFrame({"school": [1, 2, 2], "y": [3.0, 1.0, 2.0], "g": [*"abb"]})
    row = mean(frame, SurveyDesign(psu="school"), "y", "g").iloc[0]
    assert (row["interval"], row["reliability"]) == ("none", "unreliable")
    assert "one respondent: no interval" in row["reason"]
    table = prevalence(frame.assign(y=[1.0, 0.0, 1.0]), SurveyDesign(psu="school"), "y", "g").set_index("g")
    assert table.loc["b", "reason"].startswith("one PSU: the variance between PSUs is assumed")


@pytest.mark.parametrize("schools", [1, 2])
def test_an_assumed_variance_is_unreliable_however_narrow_the_interval(schools: int) -> None:
    # nine of ten in every school: enough effective respondents, and by every other rule no more than uncertain
    frame = pd.DataFrame(
        {"school": np.repeat(np.arange(schools), 4000), "y": [0.0, *[1.0] * 9] * 400 * schools}
    )
    row = prevalence(frame, SurveyDesign(psu="school", lonely_psu="adjust"), "y").iloc[0]
    assert row["interval"] == "assumed"
    assert row["n_eff"] >= 30 and row["ci_high"] - row["ci_low"] < 0.3
    weaker = ["interval wider than 130 % of the complement", "fewer than 8 degrees of freedom"]
    assert row["reason"].split("; ")[1:] == weaker
    assert row["reliability"] == "unreliable"


def test_at_its_ends_a_prevalence_has_no_standard_error() -> None:
    frame = pd.DataFrame({"school": [1, 2, 3], "none": 0.0, "all": 1.0})
    table = prevalence(frame, SurveyDesign(psu="school"), ["none", "all"])
    assert table["se"].tolist() == [0.0, 0.0]
    assert table["estimate"].tolist() == [0.0, 1.0]


def test_a_mean_that_does_not_vary_has_no_design_effect() -> None:
    row = mean(
        pd.DataFrame({"school": [1, 2, 3], "friends": 2.0}), SurveyDesign(psu="school"), "friends"
    ).iloc[0]
    assert (row["indicator"], row["estimate"], row["se"]) == ("friends", 2.0, 0.0)
    assert np.isnan(row["deff"]) and np.isnan(row["n_eff"])
    assert row["reason"].startswith("no variation: the design effect is undefined")
    alike = pd.DataFrame({"school": [1, 1, 2, 2, 3, 3], "friends": [0.0, 2.0] * 3})
    row = mean(alike, SurveyDesign(psu="school"), "friends").iloc[0]
    assert (row["estimate"], row["se"]) == (1.0, 0.0)
    assert np.isnan(row["deff"]) and np.isnan(row["n_eff"])
