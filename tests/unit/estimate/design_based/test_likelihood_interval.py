"""The likelihood interval against values that R survey 4.1 gives for a small survey, made here and there alike.

R: ``svyciprop(~I(y == 1), design, method = "likelihood", na.rm = TRUE)`` of `svydesign(~psu, weights = ~w)` (or with
all weights 2, or post-stratified by h to 100 and 140), in all rows or in those of one g.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import calibrate, mean, prevalence
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.profile import _first_step, _mean_weight, _spline, _working_spread
from mapping.estimate.design_based.variables import read_indicator


def survey() -> pd.DataFrame:
    """60 rows: answers missing in some, weights of 1 to 8.3."""
    at = np.arange(1, 61)
    y = (at * 13 % 7 < 2).astype(float)
    y[at % 9 == 4] = np.nan
    return pd.DataFrame(
        {
            "g": np.repeat(["a", "b"], [26, 34]),
            "psu": np.repeat(np.arange(15), 4),
            "h": ["x", "y"] * 30,
            "w": np.round(1 + (at * 37 % 23) / 3, 3),
            "y": y,
            "one": ((at == 8) | (at == 40)).astype(float),
        }
    )


R = {
    ("all", "y", None): (0.134676326729, 0.40078093557),
    ("all", "y", "a"): (0.0621340154761, 0.466710594005),
    ("zero", "y", None): (0.153545689222, 0.417910476089),
    ("zero", "y", "b"): (0.107403816033, 0.531157579987),
    ("post", "y", None): (0.146247167921, 0.381618394728),
    ("post", "y", "b"): (0.112281995175, 0.494383391381),
    ("equal", "y", None): (0.153290374969, 0.399820008608),
    ("all", "one", None): (0.00451173113911, 0.137237487067),
    ("all", "one", "a"): (0.00114500972453, 0.31211330456),
    ("zero", "one", None): (0.00489583428719, 0.145454581673),
    ("zero", "one", "b"): (0.000610612071742, 0.121266957367),
    ("post", "one", None): (0.00579848388425, 0.158112150841),
    ("post", "one", "b"): (0.00059883841323, 0.146102730604),
    ("equal", "one", None): (0.00463927052933, 0.106558405117),
}


def design_of(kind: str) -> tuple[pd.DataFrame, SurveyDesign]:
    frame, design = survey(), SurveyDesign(psu="psu", weights="w")
    if kind == "zero":
        frame.loc[[2, 10, 49], "w"] = 0.0
    if kind == "equal":
        frame["w"] = 2.0
    if kind == "post":
        return calibrate(frame, design, {"h": {"x": 100, "y": 140}}, method="poststratify")
    return frame, design


@pytest.mark.parametrize(("kind", "name", "g"), R)
def test_the_likelihood_interval_is_that_of_r(kind: str, name: str, g: str | None) -> None:
    frame, design = design_of(kind)
    table = prevalence(frame, design, name, "g" if g else [], interval="likelihood")
    row = table.loc[table["g"].eq(g)].iloc[0] if g else table.iloc[0]

    assert row["interval"] == "likelihood"
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(R[kind, name, g], rel=1e-7)


def test_a_variance_that_is_only_rounding_has_no_profile() -> None:
    """Three schools that answer alike, with weights in proportion: their variance is 0, but for 2e-17."""
    within = [0.9, 0.2, 0.1, 2.5, 2.7, 1.9, 2.2, 1.7]
    frame = pd.DataFrame(
        {
            "psu": np.repeat([1, 2, 3], 8),
            "w": np.outer([5.3, 3.4, 4.4], within).ravel(),
            "y": np.tile([0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], 3),
        }
    )
    design = SurveyDesign(psu="psu", weights="w")

    assert 0 < mean(frame, design, "y").iloc[0]["se"] < 1e-15
    row = prevalence(frame, design, "y", interval="likelihood").iloc[0]

    assert row["interval"] != "likelihood"
    assert 0 <= row["ci_low"] < row["estimate"] < row["ci_high"] <= 1


def test_a_fit_that_runs_away_has_no_profile() -> None:
    assert np.isnan(_working_spread(0.5, 800.0, 3.0))
    assert 0.24 < _working_spread(0.5, 0.3, 30.0) <= 0.25


@pytest.mark.parametrize(
    ("w", "y", "limits"),
    [
        (
            [1.652, 0.622, 1.095, 1.18, 0.698, 1.428],
            [1, 0, 0, 1, 0, 0],
            (0.001786165837553, 0.991059761762932),
        ),
        (
            [0.172, 1.677, 0.239, 3.349, 0.594, 0.63, 0.302, 0.339],
            [1, 0, 1, 1, 1, 1, 1, 1],
            (0.0289226353009, 0.9999766615777),
        ),
    ],
)
def test_a_profile_that_reaches_beyond_a_logit_of_30_is_that_of_r(
    w: list[float], y: list[int], limits: tuple[float, float]
) -> None:
    frame = pd.DataFrame({"psu": np.arange(len(y)) // 2, "w": w, "y": y})
    row = prevalence(frame, SurveyDesign(psu="psu", weights="w"), "y", interval="likelihood").iloc[0]

    assert row["interval"] == "likelihood"
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(limits, rel=1e-7)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_the_likelihood_interval_does_not_know_the_unit_of_the_weights(scale: float) -> None:
    frame = survey()
    other = frame.assign(w=frame["w"] * scale)
    one, two = (
        prevalence(f, SurveyDesign(psu="psu", weights="w"), ["y", "one"], "g", interval="likelihood")
        for f in (frame, other)
    )
    np.testing.assert_allclose(one[["ci_low", "ci_high"]], two[["ci_low", "ci_high"]], rtol=1e-9)


def test_a_domain_of_nobody_and_rows_of_no_domain_leave_the_others_as_they_were() -> None:
    frame = survey()
    part = frame["g"].where(frame["psu"] < 11)
    frame["part"], frame["some"] = pd.Categorical(part, ["nobody", "a", "b"]), frame["psu"] < 11
    design = SurveyDesign(psu="psu", weights="w")
    table = prevalence(frame, design, "y", "part", interval="likelihood").set_index("part")
    crossed = prevalence(frame, design, "y", ["some", "g"], interval="likelihood").set_index(["some", "g"])

    assert table.loc["nobody", "interval"] == "none"
    for level in ("a", "b"):
        pd.testing.assert_series_equal(table.loc[level], crossed.loc[(True, level)], check_names=False)


@pytest.mark.parametrize(
    ("n", "events", "w", "wanted"),
    [
        (10, 3, 0.003, 0.2100360928535545),
        (3, 1, 0.5, 0.2222222229845867),
        (40, 2, 2.0, 0.04750007415262874),
        (100, 1, 1.0, 0.009900160238524447),
    ],
)
def test_the_working_weight_is_that_which_the_fit_of_r_leaves_behind(
    n: int, events: int, w: float, wanted: float
) -> None:
    """R: ``fit$weights / w`` of ``glm(y ~ 1, weights = w, family = quasibinomial())``."""
    p = events / n
    start = (2 * p - 1) * (np.log(2 * w + 1) + (w + 1) / (w + 0.5))

    assert _working_spread(p, start, n * w) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        (3, [-3, -2.34, -0.7475, -0.0275]),
        (4, [-3, -2.3244825396825, -0.7859703703704, -0.0412021164021, 0.3410666666667]),
        (5, [-3, -2.3559746031746, -0.6635777777778, 0.0067904761905, -0.0179428571429, 1.164673015873]),
        (6, [-3, -2.3610528472906, -0.6438413936143, 0.0145295086298, -0.0758348400657, 1.2299284527641]),
    ],
)
def test_the_spline_is_that_of_forsythe_malcolm_and_moler(size: int, wanted: list[float]) -> None:
    """R: ``splinefun(x, y, method = "fmm")(at)``."""
    x, y = np.array([0, 1, 3, 4.5, 5, 8]), np.array([-3, -1.5, 0, 0.4, 1.9, 2.2])
    at = np.array([0, 0.4, 1.7, 2.9, 4.2, 4.8])

    np.testing.assert_allclose(_spline(x[:size], y[:size], at[at <= x[size - 1]]), wanted, rtol=0, atol=1e-12)


def test_the_first_step_of_the_fit_by_its_formula() -> None:
    frame = pd.DataFrame({"g": [*"aabbb"], "w": [1.0, 3.0, 2.0, 0.0, 5.0], "y": [1.0, 0.0, 1.0, 0.0, np.nan]})
    plan = make_plan(frame, SurveyDesign(weights="w"), "g", margins=False)
    top, bottom = 0.0, 0.0
    for w, y in ((1 / 2, 1), (3 / 2, 0)):
        mu, eta = (w * y + 0.5) / (w + 1), np.log((w * y + 0.5) / (w * (1 - y) + 0.5))
        spread = w * mu * (1 - mu)
        top, bottom = top + spread * (eta + (y - mu) / (mu * (1 - mu))), bottom + spread
    found = _first_step(plan, read_indicator(frame, "y"), _mean_weight(plan))
    # the only answer with a weight in b weighs 6/7 of the mean weight 7/3
    lone = np.log(2 * 6 / 7 + 1) + (6 / 7 + 1) / (6 / 7 + 0.5)
    np.testing.assert_allclose(found, [top / bottom, lone])
