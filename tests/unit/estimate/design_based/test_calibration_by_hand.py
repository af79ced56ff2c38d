"""Calibrated and trimmed weights from the equations that define them, and every way in which margins cannot be met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import calibrate, mean, total, trim
from mapping.estimate.design_based.auxiliaries import as_terms, read_basis, read_residuals

DESIGN = SurveyDesign(psu="school", weights="w")


def pupils(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({"school": np.arange(n) // 4, "w": rng.uniform(2, 9, n).round(1)})
    frame["sex"], frame["grade"] = rng.choice(["f", "m"], n), rng.choice([7, 8, 9], n)
    frame["size"], frame["y"] = rng.integers(1, 9, n).astype(float), rng.integers(0, 6, n).astype(float)
    return frame


def targets(frame: pd.DataFrame) -> dict[Any, Any]:
    w = frame["w"]
    sex, grade = (
        w.groupby(frame["sex"]).sum() * [1.1, 0.95],
        w.groupby(frame["grade"]).sum() * [0.9, 1.2, 1.0],
    )
    return {
        "sex": dict(sex / sex.sum() * 220),
        "grade": dict(grade / grade.sum() * 220),
        "size": float((w * frame["size"]).sum() * 220 / w.sum() * 1.03),
    }


def auxiliaries(frame: pd.DataFrame, margins: dict[Any, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Columns of full rank, and their totals."""
    columns = [(frame["sex"] == level, margins["sex"][level]) for level in ("f", "m")]
    columns += [(frame["grade"] == level, margins["grade"][level]) for level in (8, 9)]
    columns += [(frame["size"], margins["size"])]
    return np.column_stack([x for x, _ in columns]).astype(float), np.array([t for _, t in columns])


@pytest.mark.parametrize(
    ("method", "bounds"),
    [
        ("linear", None),
        ("linear", (0.8, 1.3)),
        ("raking", None),
        ("raking", (0.85, 1.4)),
        ("logit", (0.5, 2.5)),
    ],
)
def test_factors_solve_the_calibration_equations(method: str, bounds: tuple[float, float] | None) -> None:
    frame = pupils()
    margins = targets(frame)
    x, t = auxiliaries(frame, margins)
    w = frame["w"].to_numpy()

    def factor(u: np.ndarray) -> np.ndarray:
        if method == "logit":
            low, high = bounds or (0.0, 0.0)
            a = (high - low) / ((1 - low) * (high - 1))
            e = np.exp(a * u)
            return np.asarray((low * (high - 1) + high * (1 - low) * e) / (high - 1 + (1 - low) * e))
        plain = 1 + u if method == "linear" else np.exp(u)
        return np.asarray(np.clip(plain, *(bounds or (-np.inf, np.inf))))

    solved = optimize.root(lambda at: (w * factor(x @ at)) @ x / t - 1, np.zeros(5), tol=1e-13)
    weighted, design = calibrate(frame, DESIGN, margins, method=method, bounds=bounds)
    np.testing.assert_allclose(weighted["w_calibrated"], w * factor(x @ solved.x), rtol=1e-6)
    np.testing.assert_allclose(weighted["w_calibrated"].to_numpy() @ x, t, rtol=1e-9)
    assert (design.weights, len(design.calibration)) == ("w_calibrated", 1)


def test_raking_of_levels_is_proportional_fitting() -> None:
    frame = pupils()
    margins = {name: wanted for name, wanted in targets(frame).items() if name != "size"}
    w = frame["w"].to_numpy().copy()
    for _ in range(400):
        for name, totals in margins.items():
            for level, wanted in totals.items():
                rows = (frame[name] == level).to_numpy()
                w[rows] *= wanted / w[rows].sum()
    weighted, design = calibrate(frame, DESIGN, margins)
    np.testing.assert_allclose(weighted["w_calibrated"], w, rtol=1e-10)
    assert design.calibration[0].unweighted
    assert not calibrate(frame, DESIGN, margins, method="linear")[1].calibration[0].unweighted
    assert not calibrate(frame, DESIGN, margins, bounds=(0.5, 2))[1].calibration[0].unweighted


@pytest.mark.parametrize(("method", "bounds"), [("linear", None), ("raking", None), ("logit", (0.4, 3.0))])
def test_the_variance_is_that_of_weighted_residuals(method: str, bounds: tuple[float, float] | None) -> None:
    frame = pupils()
    margins = targets(frame)
    x, _ = auxiliaries(frame, margins)
    weighted, design = calibrate(frame, DESIGN, margins, method=method, bounds=bounds)
    w, v, y = weighted["w_calibrated"].to_numpy(), frame["w"].to_numpy(), frame["y"].to_numpy()
    for kind, table in (("total", total), ("mean", mean)):
        u = y if kind == "total" else (y - (w * y).sum() / w.sum()) / w.sum()
        beta = np.linalg.solve(x.T @ (v[:, None] * x), x.T @ (v * u))
        z = np.bincount(frame["school"], w * (u - x @ beta))
        row = table(weighted, design, "y").iloc[0]
        assert row["se"] ** 2 == pytest.approx(10 / 9 * ((z - z.mean()) ** 2).sum())


def test_raked_residuals_take_ten_rounds_of_unweighted_projections() -> None:
    frame = pupils()
    margins = {name: wanted for name, wanted in targets(frame).items() if name != "size"}
    weighted, design = calibrate(frame, DESIGN, margins)
    w = weighted["w_calibrated"].to_numpy()
    residual = frame["y"].copy()
    for _ in range(10):
        for name in ("sex", "grade"):
            residual = residual - residual.groupby(frame[name]).transform("mean")
    z = np.bincount(frame["school"], w * residual)
    row = total(weighted, design, "y").iloc[0]
    assert row["se"] ** 2 == pytest.approx(10 / 9 * ((z - z.mean()) ** 2).sum(), rel=1e-10)


def test_calibrations_act_one_after_the_other() -> None:
    frame = pupils()
    margins = targets(frame)
    once, first = calibrate(frame, DESIGN, {"sex": margins["sex"]}, method="poststratify")
    twice, second = calibrate(once, first, {"size": margins["size"]}, method="linear")
    assert second.weights == "w_calibrated_calibrated"
    g = twice[second.weights] / once["w_calibrated"]
    size, v = frame["size"].to_numpy(), once["w_calibrated"].to_numpy()
    slope = (margins["size"] - (v * size).sum()) / (v * size**2).sum()
    np.testing.assert_allclose(g, 1 + slope * size)
    w, u = twice[second.weights].to_numpy(), frame["y"].to_numpy().copy()
    for level in ("f", "m"):
        rows = (frame["sex"] == level).to_numpy()
        u[rows] -= (frame["w"] * u)[rows].sum() / frame["w"][rows].sum() * (once["w_calibrated"] / w)[rows]
    # the first calibration's residuals, on its own weights; then the second's
    score = w * frame["y"].to_numpy()
    for x, base, after in (
        (np.column_stack([frame["sex"] == "f", frame["sex"] == "m"]).astype(float), frame["w"].to_numpy(), v),
        (size[:, None], v, w),
    ):
        beta = np.linalg.solve(x.T @ (base[:, None] * x), x.T @ (base / after * score))
        score = score - after * (x @ beta)
    z = np.bincount(frame["school"], score)
    assert total(twice, second, "y").loc[0, "se"] ** 2 == pytest.approx(10 / 9 * ((z - z.mean()) ** 2).sum())


def test_weights_without_a_column_begin_at_one() -> None:
    frame = pd.DataFrame({"sex": ["f", "f", "m", "m"], "y": [1.0, 2.0, 3.0, 5.0]})
    weighted, design = calibrate(frame, SurveyDesign(), {"sex": {"f": 10, "m": 6}}, method="poststratify")
    assert (design.weights, weighted["weight_calibrated"].tolist()) == ("weight_calibrated", [5, 5, 3, 3])
    # residuals ∓ ½·5 and ∓ 1·3 about the means of the sexes
    assert total(weighted, design, "y").loc[0, "se"] ** 2 == pytest.approx(4 / 3 * (2 * 6.25 + 2 * 9))
    again, _ = calibrate(weighted.assign(weight_calibrated_calibrated=0), design, {"sex": {"f": 1, "m": 1}})
    assert "weight_calibrated_calibrated_calibrated" in again


def test_a_level_of_nobody_gets_weight_zero() -> None:
    frame = pd.DataFrame({"sex": ["f", "f", "m"], "w": [1.0, 2.0, 3.0], "y": 1.0})
    weighted, design = calibrate(
        frame, SurveyDesign(weights="w"), {"sex": {"f": 6, "m": 0}}, method="poststratify"
    )
    assert weighted["w_calibrated"].tolist() == [2, 4, 0]
    assert total(weighted, design, "y").loc[0, ["n", "estimate", "se"]].tolist() == [2, 6.0, 0.0]
    absent = {"sex": {"f": 3, "m": 3, "x": 0}}
    assert calibrate(frame, SurveyDesign(weights="w"), absent)[0]["w_calibrated"].tolist() == [1, 2, 3]


def test_trimming_by_hand() -> None:
    frame = pd.DataFrame({"w": [1.0, 2.0, 3.0, 10.0]})
    design = SurveyDesign(weights="w")
    once, after = trim(frame, design, upper=6.0, strict=False)
    assert (after.weights, once["w_trimmed"].tolist()) == (
        "w_trimmed",
        pytest.approx([7 / 3, 10 / 3, 13 / 3, 6]),
    )
    assert trim(frame, design, upper=4.2, strict=False)[0]["w_trimmed"].max() == pytest.approx(3 + 5.8 / 3)
    # strictly: 5.8 spread over three makes 2.93, 3.93, 4.93; then 0.733 over the two that are within; and so on
    strict = trim(frame, design, upper=4.2)[0]["w_trimmed"]
    assert strict.tolist() == pytest.approx([3.4, 4.2, 4.2, 4.2])
    raised = trim(frame, design, lower=2.0)[0]["w_trimmed"].tolist()
    assert raised == pytest.approx([2.0, 2.0, 2.5, 9.5])
    assert trim(frame, design, lower=1.0, upper=10.0)[0]["w_trimmed"].tolist() == [1, 2, 3, 10]
    assert trim(frame, design, upper=4.0)[0]["w_trimmed"].tolist() == pytest.approx([4.0] * 4)
    for limits in ({"upper": 3.9}, {"lower": 4.1}):
        with pytest.raises(EstimationError, match="cannot keep their sum"):
            trim(frame, design, **limits)
    with pytest.raises(EstimationError, match="no weights"):
        trim(frame, SurveyDesign())


FRAME = pd.DataFrame(
    {"a": ["x", "x", "y", None], "b": [1, 2, 1, 2], "s": [1.0, 2.0, np.nan, np.nan], "w": 1.0}
)


@pytest.mark.parametrize(
    ("margins", "options", "said"),
    [
        ({"a": {"x": 1, "y": 1}}, {}, "'a' is missing in 1 rows"),
        ({("a", "b"): {("x", 1): 4}}, {}, "'a × b' is missing in 1 rows"),
        ({"s": 4.0}, {"method": "linear"}, "'s' is missing in 2 rows"),
        ({"b": {1: 4}}, {}, "levels without a total in 2 rows"),
        ({"b": {1: 4, 2: -1}}, {}, "negative or missing total"),
        ({"b": {1: 4, 2: np.nan}}, {}, "negative or missing total"),
        ({"b": {1: 4, 2: 4, 3: 1, 4: 2}}, {}, "2 levels with a total but no respondent"),
        ({"b": {1: 4, 2: 4}, "c": {0: 5, 1: 5}}, {}, "'b' 8, 'c' 10"),
        ({"b": {1: 4, 2: 4}}, {"method": "logit"}, "needs bounds"),
        ({"b": {1: 4, 2: 4}}, {"method": "logit", "bounds": (1.0, 2.0)}, "must enclose 1, not 1 to 2"),
        ({"b": {1: 4, 2: 4}}, {"method": "linear", "bounds": (0.5, 1.0)}, "must enclose 1, not 0.5 to 1"),
        ({"b": {1: 4, 2: 4}}, {"method": "linear", "bounds": (0.9, 1.1)}, "cannot be met: 'b'"),
        ({"b": {1: 4, 2: 4}, "c": {0: 4, 1: 4}}, {"method": "poststratify"}, "one margin of levels"),
        ({"n": 4.0}, {"method": "poststratify"}, "one margin of levels"),
        ({("b", "c"): 4.0}, {}, "needs a total for each crossing"),
        ({}, {}, "no margins"),
        ({"n": -9.0, "b": {1: 2, 2: 2}}, {"method": "linear"}, "makes 2 weights negative"),
        ({"b": {1: 3, 2: 1}, "e": {0: 1, 1: 3}}, {}, "cannot be met"),
    ],
)
def test_margins_that_cannot_be_met_say_why(margins: Any, options: Any, said: str) -> None:
    frame = FRAME.assign(c=[0, 1, 0, 1], n=[1.0, 2.0, 3.0, 6.0], e=[0, 1, 0, 1])
    with pytest.raises(EstimationError, match=said):
        calibrate(frame, SurveyDesign(weights="w"), margins, **options)


def test_margins_of_different_populations_are_told_apart_from_roundings() -> None:
    frame = FRAME.assign(c=[0, 1, 1, 0])
    for more, said in ((4, "stays off its totals"), (20, "same sum")):
        with pytest.raises(EstimationError, match=said):
            calibrate(frame, SurveyDesign(), {"b": {1: 4e6, 2: 4e6}, "c": {0: 4e6 + more, 1: 4e6}})


def test_auxiliaries_are_held_as_codes_and_each_wave_has_its_own() -> None:
    terms = as_terms({("a", "b"): {("x", 1): 1, ("x", 2): 2, ("y", 1): 3}, "s": 7})
    assert [(term.columns, term.totals) for term in terms] == [
        (("a", "b"), (1.0, 2.0, 3.0)),
        (("s",), (7.0,)),
    ]
    frame = FRAME[:3].assign(s=[1.0, 2.0, 5.0], w=[1.0, 2.0, 4.0])
    basis = read_basis(frame, terms)
    dense = np.array([[1, 0, 0, 1], [0, 1, 0, 2], [0, 0, 1, 5]])
    w = frame["w"].to_numpy()
    assert (basis.size, basis.slices) == (4, [slice(0, 3), slice(3, 4)])
    np.testing.assert_allclose(basis.totals(w), w @ dense)
    np.testing.assert_allclose(basis.predict(np.array([1.0, 10.0, 100.0, 0.5])), dense @ [1, 10, 100, 0.5])
    np.testing.assert_allclose(basis.cross(basis, w), dense.T @ (w[:, None] * dense))
    np.testing.assert_allclose(
        basis.grouped(np.array([1, 1, 0]), 2, w), [w[2] * dense[2], w[0] * dense[0] + w[1] * dense[1]]
    )
    waves = read_basis(frame, terms, np.array([0, 1, 1]))
    wide = np.array([[1, 0, 0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0, 0, 2], [0, 0, 0, 0, 0, 1, 0, 5]])
    np.testing.assert_allclose(waves.totals(w), w @ wide)


def test_rows_of_weight_zero_after_calibration_do_not_shrink() -> None:
    frame = pd.DataFrame({"sex": ["f", "f", "m"], "w": [1.0, 2.0, 3.0]})
    weighted, design = calibrate(
        frame, SurveyDesign(weights="w"), {"sex": {"f": 6, "m": 0}}, method="poststratify"
    )
    made = read_residuals(weighted, design.calibration)
    assert made.shrink[0].tolist() == [0.5, 0.5, 0.0]
    np.testing.assert_allclose(made.cross, [[3.0, 0.0], [0.0, 0.0]])
