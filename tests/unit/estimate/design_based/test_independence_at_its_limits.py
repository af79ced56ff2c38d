"""Tests of independence with one degree of freedom, none, in any unit of the weights, and their tail by bisection."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import chi2
from mapping.estimate.design_based.independence import STATISTICS, _tail


def by_bisection(x: float, weights: list[float], ddf: int) -> float:
    """P(Σ λ χ²₁ − x χ²_ddf/ddf > 0): each square in a loop, derivatives written out."""
    terms = [*weights, *[-x / ddf] * ddf]

    def k(t: float) -> float:
        return sum(-0.5 * np.log(1 - 2 * t * term) for term in terms)

    def slope(t: float) -> float:
        return sum(term / (1 - 2 * t * term) for term in terms)

    low, high = 1 / (2 * min(terms)), 1 / (2 * max(terms))
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    t = (low + high) / 2
    curvature = sum(2 * term**2 / (1 - 2 * t * term) ** 2 for term in terms)
    w = np.sign(t) * np.sqrt(-2 * k(t))
    v = t * np.sqrt(curvature)
    return float(stats.norm.sf(w + np.log(v / w) / w))


@pytest.mark.parametrize("ddf", [1, 2, 7, 60])
@pytest.mark.parametrize("weights", [[1.5], [3.0, 1.0], [2.0, 0.3, 0.1, 0.001], [1e3, 5e2]])
@pytest.mark.parametrize("x", [1e-6, 0.02, 0.3, 1.3, 3.0, 9.0, 200.0, 1e5])
def test_the_saddlepoint_is_that_of_a_loop_with_bisection_in_any_unit(
    x: float, weights: list[float], ddf: int
) -> None:
    wanted = by_bisection(x, [w / weights[0] for w in weights], ddf)
    for unit in (1e-6, 1e-3, 1.0, 1e3, 1e6):
        found = _tail(x * unit, np.array(weights) / weights[0] * unit, float(ddf))
        assert found == pytest.approx(wanted, rel=1e-6, abs=1e-15), unit


def test_near_the_middle_the_saddlepoint_holds_down_to_a_ten_thousandth() -> None:
    for x in (2.98, 3.02):
        assert _tail(x, np.array([1.0, 2.0]), 40.0) == pytest.approx(
            by_bisection(x, [1.0, 2.0], 40), rel=1e-6
        )


@pytest.mark.parametrize("ddf", [1e6, 1e10, 1e15])
def test_endless_degrees_of_freedom_are_those_of_a_known_scale(ddf: float) -> None:
    for x in (0.5, 4.5, 20.0, 1e9):
        found = _tail(x, np.array([1.5, 1.5, 1.5]), ddf)
        assert found == pytest.approx(stats.chi2.sf(x / 1.5, 3), rel=0.03, abs=1e-12)
    # so far out that no bracket holds the saddlepoint, there is nothing left
    assert _tail(1e14, np.array([3.0, 1.0]), 1e15) == 0.0


def table(w: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(17)
    school = np.repeat(np.arange(12), 8)
    return pd.DataFrame(
        {
            "school": school,
            "w": rng.uniform(1, 4, 96) * w,
            "r": rng.choice(["x", "y", "z"], 96),
            "c": rng.choice(["p", "q"], 96),
        }
    )


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_unit_of_the_weights_changes_no_test(statistic: str) -> None:
    design = SurveyDesign(psu="school", weights="w")
    plain = chi2(table(), design, "r", "c", statistic=statistic)
    for unit in (1e-6, 1e6):
        other = chi2(table(unit), design, "r", "c", statistic=statistic)
        assert (other.statistic, other.p_value) == pytest.approx((plain.statistic, plain.p_value), rel=1e-8)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_a_singular_table_is_refused_in_any_unit(unit: float) -> None:
    # two schools and two residuals
    frame = table(unit)[:16]
    with pytest.raises(EstimationError, match="singular"):
        chi2(frame, SurveyDesign(psu="school", weights="w"), "r", "c", statistic="Wald")


def test_one_degree_of_freedom_is_enough() -> None:
    frame = pd.DataFrame({"school": [1] * 6 + [2] * 6, "r": [0, 0, 1, 1, 0, 1] * 2})
    frame["c"] = [0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1]
    found = chi2(frame, SurveyDesign(psu="school"), "r", "c")
    assert found.parameter == pytest.approx((1.0, 1.0))
    assert found.p_value == pytest.approx(stats.f.sf(found.statistic, 1, 1))


def test_variance_without_degrees_of_freedom_and_degrees_of_freedom_without_variance_are_refused() -> None:
    frame = pd.DataFrame({"h": [1] * 6 + [2] * 6, "r": [0, 0, 1, 1, 0, 1] * 2})
    frame["c"] = [0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1]
    lonely = SurveyDesign("h", "h", lonely_psu="adjust")
    alike = pd.DataFrame({"school": [1] * 4 + [2] * 4, "r": [0, 0, 1, 1] * 2, "c": [0, 1] * 4})
    for cases, design in ((frame, lonely), (alike, SurveyDesign(psu="school"))):
        with pytest.raises(EstimationError, match="no degrees of freedom, or every PSU is alike"):
            chi2(cases, design, "r", "c")
