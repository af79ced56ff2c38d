"""Means, totals, ratios and what a proportion's interval rests on: sparse corners and design effects by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import calibrate, mean, prevalence, ratio, total
from mapping.estimate.design_based.expected import assumed_deff, assumed_icc, expected_deff, pooled_deff
from mapping.estimate.design_based.linear import estimate, stack
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.prevalence import shares
from mapping.estimate.design_based.tables import Design, describe
from mapping.estimate.design_based.tally import Answers
from mapping.estimate.design_based.variables import read_indicator

SCHOOLS = SurveyDesign(psu="school", weights="w")


@pytest.fixture
def pupils() -> pd.DataFrame:
    """Five schools in two strata; domain c has nobody, d one pupil, e one answer that does not vary."""
    return pd.DataFrame(
        {
            "school": [1, 1, 2, 2, 3, 3, 4, 5, 5, 1, 2],
            "w": [1.0, 2.0, 1.5, 1.0, 3.0, 2.0, 1.0, 2.5, 1.0, 2.0, 1.0],
            "y": [4.0, 2.0, 7.0, np.nan, 1.0, 3.0, 5.0, 0.0, 6.0, 2.0, 2.0],
            "x": [1.0, 2.0, 3.0, 1.0, 0.0, 2.0, 4.0, 0.0, 0.0, 1.0, 1.0],
            "g": pd.Categorical([*"aaaaaab", "d", "d", "e", "e"], [*"abcde"]),
        }
    )


def test_design_effects_are_against_simple_random_sampling_with_replacement(pupils: pd.DataFrame) -> None:
    known = pupils.dropna(subset="y")
    w, y, x = known["w"].to_numpy(), known["y"].to_numpy(), known["x"].to_numpy()
    n, centre, slope = w.size, (w * y).sum() / w.sum(), (w * y).sum() / (w * x).sum()
    simple = {
        "mean": (w * (y - centre) ** 2).sum() / w.sum() / (n - 1),
        "total": w.sum() * (w * (y - centre) ** 2).sum() / (n - 1),
        "ratio": w.sum() * (w * (y - slope * x) ** 2).sum() / (w * x).sum() ** 2 / (n - 1),
    }
    rows = {
        "mean": mean(pupils, SCHOOLS, "y").iloc[0],
        "total": total(pupils, SCHOOLS, "y").iloc[0],
        "ratio": ratio(pupils, SCHOOLS, "y", "x").iloc[0],
    }
    for kind, row in rows.items():
        assert row["deff"] == pytest.approx(row["se"] ** 2 / simple[kind]), kind
        assert row["n_eff"] == pytest.approx(n / row["deff"])
        half = stats.t.ppf(0.975, 4) * row["se"]
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(
            (row["estimate"] - half, row["estimate"] + half)
        )


def test_the_total_of_an_indicator_has_the_design_effect_of_a_value(pupils: pd.DataFrame) -> None:
    some = pupils.assign(yes=(pupils["y"] > 2).astype(float))
    w, y = some["w"].to_numpy(), some["yes"].to_numpy()
    row = total(some, SCHOOLS, "yes").iloc[0]
    p = (w * y).sum() / w.sum()
    assert row["deff"] == pytest.approx(row["se"] ** 2 / (w.sum() ** 2 * p * (1 - p) / 10))


def test_domains_without_a_variance_say_so_and_assume_one(pupils: pd.DataFrame) -> None:
    table = mean(pupils, SCHOOLS, "y", "g").set_index("g")
    b, c, d, e = (table.loc[name] for name in "bcde")
    assert (c["interval"], c["reliability"], c["reason"]) == ("none", "unreliable", "no respondents")
    assert np.isnan(c[["estimate", "se", "ci_low", "deff", "n_eff"]].astype(float)).all()
    assert (b["interval"], b["estimate"]) == ("none", 5.0)
    assert b["reason"] == (
        "no degrees of freedom: the variance is assumed, not estimated; one respondent: no interval; "
        "fewer than 30 respondents; fewer than 8 degrees of freedom"
    )
    # two pupils of one school, weights 2.5 and 1, values 0 and 6: the variance comes from the assumed design effect
    p, simple = 6 / 3.5, (2.5 * (6 / 3.5) ** 2 + (6 - 6 / 3.5) ** 2) / 3.5
    kish = 2 * 7.25 / 3.5**2
    deff = max(d["se"] ** 2 / simple, kish * (1 + float(assumed_icc(np.array([2 / 4]))[0])))
    half = stats.t.ppf(0.975, 1) * np.sqrt(deff * simple)
    assert (d["interval"], d["estimate"]) == ("assumed", pytest.approx(p))
    assert d["deff"] == pytest.approx(deff)
    assert (d["ci_low"], d["ci_high"]) == pytest.approx((p - half, p + half))
    assert d["reliability"] == "unreliable"
    assert (e["interval"], e["se"], e["ci_low"], e["ci_high"]) == ("wald", 0.0, 2.0, 2.0)
    assert e["reason"].startswith("no variation: the design effect is undefined; fewer than 30")


def test_verdicts_of_means_without_an_interval_are_unreliable_by_themselves() -> None:
    # enough respondents and degrees of freedom that no other rule would say so
    many = pd.DataFrame({"school": range(60), "y": 1.0, "x": 0.0, "w": 1.0})
    row = ratio(many, SCHOOLS, "y", "x").iloc[0]
    assert (row["reliability"], row["interval"]) == ("unreliable", "none")
    assert row["reason"] == "the denominator is 0"
    same = mean(many, SCHOOLS, "y").iloc[0]
    assert (same["reliability"], same["reason"]) == (
        "reliable",
        "no variation: the design effect is undefined",
    )
    one = mean(many.assign(school=1), replace(SCHOOLS, lonely_psu="adjust"), "y").iloc[0]
    assert one["reliability"] == "unreliable"
    nobody = mean(many.assign(y=np.nan), SCHOOLS, "y").iloc[0]
    assert (nobody["reliability"], nobody["reason"]) == ("unreliable", "no respondents")


def test_a_level_is_strictly_between_0_and_1() -> None:
    frame = pd.DataFrame({"y": [0.0, 1.0, 1.0]})
    for level in (0.0, 1.0, 1.5, -0.1):
        with pytest.raises(ValueError, match="level"):
            prevalence(frame, SurveyDesign(), "y", level=level)
        with pytest.raises(ValueError, match="level"):
            mean(frame, SurveyDesign(), "y", level=level)


def test_ratios_of_calibrated_designs_vary_as_the_residuals_of_their_scores() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "school": np.repeat(np.arange(12), 5),
            "w": rng.uniform(1, 3, 60).round(2),
            "sex": rng.choice(["a", "b"], 60),
        }
    )
    frame["y"], frame["x"] = rng.integers(0, 9, 60).astype(float), rng.integers(1, 5, 60).astype(float)
    frame.loc[::7, "y"] = np.nan
    weighted, design = calibrate(frame, SCHOOLS, {"sex": {"a": 90, "b": 60}}, method="poststratify")
    w, v = weighted[design.weights].to_numpy(), frame["w"].to_numpy()
    answered = frame["y"].notna().to_numpy()

    def variance(score: np.ndarray) -> float:
        residual = score.copy()
        for level in ("a", "b"):
            rows = (frame["sex"] == level).to_numpy()
            residual[rows] -= (v * score)[rows].sum() / v[rows].sum()
        sums = np.bincount(frame["school"], w * residual)
        return float(12 / 11 * ((sums - sums.mean()) ** 2).sum())

    y, x = frame["y"].fillna(0).to_numpy(), np.where(answered, frame["x"], 0.0)
    bottom = (w * x).sum()
    row = ratio(weighted, design, "y", "x").iloc[0]
    assert row["se"] ** 2 == pytest.approx(variance((y - (w * y).sum() / bottom * x) / bottom))
    row = mean(weighted, design, "y").iloc[0]
    weight = (w * answered).sum()
    assert row["se"] ** 2 == pytest.approx(variance((y - (w * y).sum() / weight * answered) / weight))
    assert total(weighted, design, "y").loc[0, "se"] ** 2 == pytest.approx(variance(y))


def design_of(**values: list[float]) -> Design:
    standard = {"n_psu": [4.0], "df": [3.0], "rows": [40.0], "unsampled": [1.0], "unsampled_later": [0.0]}
    parts = {name: np.array(value) for name, value in {**standard, "multiplier": [4 / 3], **values}.items()}
    return Design(later_df=(), **parts)


def test_the_expected_design_effect_of_two_stages() -> None:
    answers = Answers(np.array([40.0]), np.array([10.0]), np.array([80.0]), np.array([1.25]))
    for first, second in ((1.0, 0.0), (0.5, 0.75), (0.0, 0.4)):
        design = design_of(unsampled=[first], unsampled_later=[second])
        found = expected_deff(design, answers, np.array([0.1]))[0]
        assert found == pytest.approx(1.25 * (first * (1 + 9 * 0.1) + (1 - first) * second * 0.9))
    fewer = Answers(np.array([2.0]), np.array([1.0]), np.array([2.0]), np.array([1.0]))
    assert expected_deff(design_of(), fewer, np.array([0.1]))[0] == 1.0
    assert expected_deff(design_of(n_psu=[0.0]), answers, np.array([0.1]))[0] == pytest.approx(1.25 * 4.9)
    assert assumed_deff(design_of(), answers)[0] == pytest.approx(
        1.25 * (1 + 9 * float(assumed_icc(np.array([11 / 42]))[0]))
    )


def test_the_assumed_correlation_does_not_end_at_the_ends() -> None:
    def at(p: float) -> float:
        return float(0.05 * np.exp(-(special.ndtri(p) ** 2)) / (4 * p * (1 - p)))

    found = assumed_icc(np.array([0.0, 1e-7, 1e-6, 1.0]))
    np.testing.assert_allclose(found, [at(1e-6), at(1e-6), at(1e-6), at(1 - 1e-6)], rtol=1e-6)


@pytest.mark.parametrize("n_schools", [3, 8])
def test_the_pooled_design_effect_in_loops(n_schools: int) -> None:
    rng = np.random.default_rng(n_schools)
    n = 7 * n_schools * 6
    frame = pd.DataFrame(
        {
            "h": np.repeat(np.arange(7), n_schools * 6),
            "school": np.repeat(np.arange(7 * n_schools), 6),
            "g": np.repeat(np.arange(7), n_schools * 6).clip(0, 5),
            "w": rng.uniform(1, 4, n).round(2),
            "N": n_schools * 3.0,
        }
    )
    frame.loc[frame["g"] == 4, "N"] = n_schools  # taken whole
    frame.loc[(frame["g"] == 3) & (frame["school"] % n_schools > 0), "g"] = 2  # one school only
    level = rng.beta(2, 3, 7 * n_schools)[frame["school"]]
    frame["y"], frame["rare"] = ((rng.random(n) < p).astype(float) for p in (level, 0.02))
    frame.loc[frame["g"] == 5, "y"] = 0.0
    frame.loc[rng.random(n) < 0.2, "y"] = np.nan
    plan = make_plan(frame, SurveyDesign("h", "school", "w", "N"), "g", margins=True)
    several = [estimate(plan, read_indicator(frame, name)) for name in ("y", "rare")]
    design = describe(plan)
    wanted: list[float] = []
    for linear in several:
        a = linear.answers
        assumed = assumed_icc((a.n_positive + 1) / (a.n + 2))
        icc = assumed.copy()
        for domains in (range(6), range(6, 7)):
            top = bottom = free = 0.0
            for d in domains:
                m, u = design.n_psu[d], design.unsampled[d]
                free += m - 1
                if m < 2 or u <= 0 or a.n_positive[d] in (0, a.n[d]):
                    continue
                v = linear.variances[0][d] / u
                v *= max(1.0, m / (m - 1) / design.multiplier[d])
                s = linear.srs_variance[d] * a.kish[d]
                top += a.n[d] ** 2 * (v - s)
                bottom += a.n[d] ** 2 * s * max(a.n[d] / m - 1, 0)
            pooled = min(max(top / bottom, 0.0), 1.0) if bottom else 0.0
            for d in domains:
                icc[d] = pooled if free >= 20 and bottom else max(pooled, assumed[d])
        wanted += expected_deff(design, a, icc).tolist()
    found = pooled_deff(plan, stack(several), design.tile(2))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_twenty_schools_more_than_domains_are_believed_and_nineteen_are_not() -> None:
    for n_schools, believed in ((20, False), (21, True)):
        frame = pd.DataFrame(
            {"school": np.repeat(np.arange(n_schools), 4), "y": [1.0, 0.0, 0.0, 0.0] * n_schools}
        )
        plan = make_plan(frame, SurveyDesign(psu="school"), (), margins=False)
        found = pooled_deff(plan, estimate(plan, read_indicator(frame, "y")), describe(plan))[0]
        n = 4 * n_schools
        floor = 1 + 3 * float(assumed_icc(np.array([(n_schools + 1) / (n + 2)]))[0])
        assert found == pytest.approx(1.0 if believed else floor)


def test_no_domain_has_no_design_effect() -> None:
    frame = pd.DataFrame({"g": [None, None], "y": [0.0, 1.0]})
    plan = make_plan(frame, SurveyDesign(), "g", margins=False)
    assert pooled_deff(plan, estimate(plan, read_indicator(frame, "y")), describe(plan)).size == 0


def stages(whole: bool) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    return pd.DataFrame(
        {
            "school": np.repeat(np.arange(6), 10),
            "pupil": np.arange(60),
            "N": 6 if whole else 20,
            "M": 30,
            "y": (rng.random(60) < np.repeat([0.1, 0.2, 0.3, 0.4, 0.6, 0.7], 10)).astype(float),
            "g": np.where(np.arange(60) > 49, "one", "rest"),
        }
    )


STAGES = SurveyDesign(psu=["school", "pupil"], fpc=["N", "M"], lonely_psu="adjust")


def test_auto_takes_satterthwaites_degrees_of_freedom_over_the_stages() -> None:
    frame = stages(False)
    plan = make_plan(frame, STAGES, (), margins=False)
    linear, design = estimate(plan, read_indicator(frame, "y")), describe(plan)
    v1, v2 = linear.variances[:, 0]
    assert (design.df.tolist(), design.later_df[0].tolist()) == ([5], [54])
    wanted = (v1 + v2) ** 2 / (v1**2 / 5 + v2**2 / 54)
    assert shares(plan, linear, design, "auto").df[0] == pytest.approx(wanted)
    assert shares(plan, linear, design, "wald").df[0] == 5
    row, wald = (prevalence(frame, STAGES, "y", interval=name).iloc[0] for name in ("auto", "logit"))
    assert (row["df"], wald["df"]) == (5, 5)
    assert row["ci_low"] > wald["ci_low"]


def test_schools_taken_whole_leave_the_degrees_of_freedom_to_the_pupils() -> None:
    frame = stages(True)
    plan = make_plan(frame, STAGES, "g", margins=True)
    linear, design = estimate(plan, read_indicator(frame, "y")), describe(plan)
    assert shares(plan, linear, design, "auto").df.tolist() == pytest.approx([9, 45, 54])


def test_without_units_at_the_second_stage_the_design_counts() -> None:
    frame = stages(False).assign(M=1, pupil=0)  # one class in every school, taken whole
    plan = make_plan(frame, STAGES, (), margins=False)
    linear, design = estimate(plan, read_indicator(frame, "y")), describe(plan)
    assert design.later_df[0].tolist() == [0]
    assert shares(plan, linear, design, "auto").df.tolist() == [5]


def test_verdicts_of_proportions_without_a_variance_are_unreliable_by_themselves() -> None:
    frame = pd.DataFrame({"school": np.repeat(np.arange(2), 4000), "y": [1.0, 0.0] * 4000})
    one = prevalence(frame.assign(school=1), SurveyDesign(psu="school", lonely_psu="adjust"), "y").iloc[0]
    assert one["reason"].startswith("one PSU: the variance between PSUs is assumed")
    assert one["reliability"] == "unreliable"
    two = prevalence(frame, SurveyDesign(psu="school"), "y").iloc[0]
    assert (two["n_psu"], two["interval"]) == (2, "assumed")
    assert two["reason"].startswith("no degrees of freedom: the variance is assumed")
    assert two["reliability"] == "unreliable"
    nobody = prevalence(frame.assign(y=np.nan), SurveyDesign(psu="school"), "y").iloc[0]
    assert (nobody["reliability"], nobody["reason"]) == ("unreliable", "no respondents")


def test_a_variance_that_is_a_rounding_is_none() -> None:
    # the same mean in every school, but sums of weights that differ in the last digit
    frame = pd.DataFrame(
        {"school": np.repeat(np.arange(30), 10), "y": [1.0, 0.0] * 150, "w": np.repeat(0.1, 300)}
    )
    frame["w"] *= 1 + np.repeat(np.arange(30), 10) / 7
    row = prevalence(frame, SCHOOLS, "y").iloc[0]
    assert row["interval"] == "assumed"
    assert row["ci_high"] - row["ci_low"] > 0.1
