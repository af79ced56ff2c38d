"""Replicate weights as factors per PSU."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError, LonelyPSUError
from mapping.estimate.design_based import (
    calibrate,
    chi2,
    contrast,
    covariance,
    mean,
    prevalence,
    quantile,
    ratio,
    replicates,
    total,
)
from mapping.estimate.design_based.hadamard import hadamard
from mapping.estimate.design_based.replication import Replicates, as_replicates


@pytest.fixture
def pupils() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 600
    psu = rng.integers(0, 24, n)
    return pd.DataFrame(
        {
            "stratum": psu // 4,
            "psu": psu,
            "w": rng.uniform(1, 3, n),
            "sex": rng.choice(["girl", "boy"], n),
            "y": (rng.random(n) < np.random.default_rng(0).uniform(0.1, 0.5, 24)[psu]).astype(float),
            "x": rng.normal(10, 2, n),
        }
    )


DESIGN = SurveyDesign("stratum", "psu", "w")


@pytest.mark.parametrize("order", range(1, 40))
def test_hadamard_matrices_are_orthogonal_with_a_first_row_and_column_of_ones(order: int) -> None:
    matrix = hadamard(order)
    assert matrix.shape[0] > order
    np.testing.assert_array_equal(matrix @ matrix.T, matrix.shape[0] * np.eye(matrix.shape[0]))
    assert (matrix[0] == 1).all() and (matrix[:, 0] == 1).all()


@pytest.mark.parametrize("kind", ["jkn", "brr", "fay"])
def test_totals_have_the_linearised_variance(pupils: pd.DataFrame, kind: str) -> None:
    pupils["pair"] = pupils["psu"] // 2
    strata = SurveyDesign("stratum" if kind == "jkn" else "pair", "psu", "w")
    made = replicates(pupils, strata, kind)
    for by in ((), "sex"):
        one, two = (total(pupils, design, ["y", "x"], by)["se"] for design in (strata, made))
        np.testing.assert_allclose(one, two, rtol=1e-9)


def test_jk1_gives_the_linearised_variance_of_totals(pupils: pd.DataFrame) -> None:
    design = SurveyDesign(psu="psu", weights="w")
    one, two = (total(pupils, d, "x", "sex")["se"] for d in (design, replicates(pupils, design, "jk1")))
    np.testing.assert_allclose(one, two, rtol=1e-9)


@pytest.mark.parametrize(("kind", "strata"), [("jk1", None), ("jkn", "stratum")])
def test_a_sampling_fraction_shrinks_the_jackknife_as_it_does_linearisation(
    pupils: pd.DataFrame, kind: str, strata: str | None
) -> None:
    pupils["N"] = 40 if strata is None else 5
    design = SurveyDesign(strata, "psu", "w", "N")
    one, two = (total(pupils, d, "x")["se"] for d in (design, replicates(pupils, design, kind)))
    np.testing.assert_allclose(one, two, rtol=1e-9)


def test_the_bootstrap_agrees_with_linearisation_within_its_noise(pupils: pd.DataFrame) -> None:
    # 2,000 replicates: the standard error has a relative Monte-Carlo error of 1/√4000 ≈ 1.6 %; 5 σ = 8 %
    for fpc in (None, "N"):
        design = SurveyDesign("stratum", "psu", "w", fpc)
        frame = pupils.assign(N=6)
        made = replicates(frame, design, n=2000, rng=np.random.default_rng(1))
        one, two = (total(frame, d, ["y", "x"])["se"] for d in (design, made))
        np.testing.assert_allclose(one, two, rtol=0.08)


def test_the_bootstrap_draws_one_psu_fewer_than_there_are(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, n=50, rng=np.random.default_rng(1)).repweights
    factors = made.factors.reshape(6, 4, 50)
    np.testing.assert_allclose(factors.sum(axis=1), 4.0)  # four thirds times three draws
    assert set(np.round(np.unique(factors), 9)) <= {0.0, *np.round(4 / 3 * np.arange(1, 4), 9)}


def test_the_same_generator_gives_the_same_replicates_and_is_recorded(pupils: pd.DataFrame) -> None:
    one, two = (replicates(pupils, DESIGN, n=20, rng=np.random.default_rng(7)).repweights for _ in range(2))
    np.testing.assert_array_equal(one.factors, two.factors)
    assert one.generator["bit_generator"] == "PCG64"
    again = np.random.default_rng()
    again.bit_generator.state = one.generator
    np.testing.assert_array_equal(replicates(pupils, DESIGN, n=20, rng=again).repweights.factors, one.factors)


def test_factors_follow_their_psu_whatever_the_order_of_rows(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, n=30, rng=np.random.default_rng(7))
    shuffled = pupils.sample(frac=1, random_state=np.random.default_rng(1))
    pd.testing.assert_frame_equal(
        prevalence(pupils, made, "y", "sex"), prevalence(shuffled, made, "y", "sex")
    )


def test_factors_are_found_by_label_in_a_part_of_the_frame(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, "jkn")
    part = pupils[pupils["stratum"] > 2]
    inside = prevalence(pupils.assign(part=pupils["stratum"] > 2), made, "y", "part").set_index("part")
    assert prevalence(part, made, "y").loc[0, "se"] == pytest.approx(inside.loc[True, "se"])


def test_a_psu_without_factors_is_an_error(pupils: pd.DataFrame) -> None:
    made = replicates(pupils[pupils["psu"] != 5], DESIGN, "jkn")
    with pytest.raises(EstimationError, match="1 PSUs have no replicate factors"):
        prevalence(pupils, made, "y")


def test_replicates_of_calibrated_designs_are_calibrated_each(pupils: pd.DataFrame) -> None:
    margins = {"sex": {"girl": 700, "boy": 500}}
    frame, design = calibrate(pupils, replicates(pupils, DESIGN, "jkn"), margins)
    row = total(frame.assign(girl=(frame["sex"] == "girl").astype(float)), design, "girl").iloc[0]
    assert row["estimate"] == pytest.approx(700)
    assert row["se"] < 1e-6
    later, other = calibrate(pupils, DESIGN, margins)
    after = replicates(later, other, "jkn")
    pd.testing.assert_frame_equal(prevalence(frame, design, "y", "sex"), prevalence(later, after, "y", "sex"))


def test_replicates_cannot_be_calibrated_to_numeric_totals(pupils: pd.DataFrame) -> None:
    frame, design = calibrate(pupils, replicates(pupils, DESIGN, "jkn"), {"x": 12000.0}, method="linear")
    with pytest.raises(EstimationError, match="margins of levels only"):
        prevalence(frame, design, "y")


def test_means_and_ratios_agree_nearly_with_linearisation(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, "jkn")
    for function, arguments in ((mean, ("y",)), (ratio, ("y", "x"))):
        one, two = (function(pupils, d, *arguments, "sex")["se"] for d in (DESIGN, made))  # type: ignore[operator]
        np.testing.assert_allclose(one, two, rtol=0.02)


def test_covariances_contrasts_tests_and_quantiles_work_with_replicates(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, "jkn")
    np.testing.assert_allclose(
        covariance(pupils, made, ["y", "x"]), covariance(pupils, DESIGN, ["y", "x"]), rtol=0.1, atol=1e-5
    )
    one, two = (contrast(pupils, d, "y", {"d": [1, -1]}, "sex")["se"].iloc[0] for d in (DESIGN, made))
    assert one == pytest.approx(two, rel=0.05)
    assert chi2(pupils, made, "y", "sex").p_value == pytest.approx(
        chi2(pupils, DESIGN, "y", "sex").p_value, rel=0.1
    )
    limits = [quantile(pupils, d, "x", 0.5)[["ci_low", "ci_high"]].to_numpy() for d in (DESIGN, made)]
    np.testing.assert_allclose(*limits, rtol=0.02)


def test_given_columns_equal_the_factors_they_were_made_from(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, "jkn")
    factors, psu = made.repweights.factors, np.unique(pupils["psu"], return_inverse=True)[1]
    columns = pd.DataFrame(pupils["w"].to_numpy()[:, None] * factors[psu]).add_prefix("r")
    frame = pd.concat([pupils, columns], axis=1)
    given = SurveyDesign(
        weights="w",
        repweights={"columns": list(columns), "scale": 1.0, "rscales": made.repweights.rscales, "mse": False},
    )
    one, two = (prevalence(frame, d, "y", "sex") for d in (made, given))
    np.testing.assert_allclose(one["se"], two["se"], rtol=1e-12)
    assert (two["df"] == 18).all()  # rank of the replicate weights − 1 = PSUs − strata


def test_half_samples_of_larger_strata_are_made_of_pairs(pupils: pd.DataFrame) -> None:
    made = replicates(pupils, DESIGN, "brr").repweights
    assert set(np.unique(made.factors)) == {0.0, 2.0}
    fay = replicates(pupils, DESIGN, "fay", rho=0.5).repweights
    assert set(np.unique(fay.factors)) == {0.5, 1.5}


def test_lonely_strata_follow_the_rule_of_the_design(pupils: pd.DataFrame) -> None:
    lonely = pupils[(pupils["stratum"] > 0) | (pupils["psu"] == 0)]
    with pytest.raises(LonelyPSUError, match="single PSU: 0"):
        replicates(lonely, DESIGN, "jkn")
    counts = {}
    for rule in ("certainty", "adjust", "average"):
        made = replicates(lonely, SurveyDesign("stratum", "psu", "w", lonely_psu=rule), "jkn").repweights
        counts[rule] = (made.factors.shape[1], made.scale)
    assert counts == {"certainty": (20, 1.0), "adjust": (21, 1.0), "average": (20, 21 / 20)}


@pytest.mark.parametrize(
    ("kind", "design", "message"),
    [
        ("rao-wu", DESIGN, "pass a numpy.random.Generator"),
        ("jk1", DESIGN, "this one has 6"),
        ("brr", SurveyDesign("odd", "psu", "w"), "even number of PSUs"),
        ("jkn", SurveyDesign("psu", "psu", "w", lonely_psu="certainty"), "nothing to leave out"),
    ],
)
def test_what_a_kind_cannot_do_is_an_error(
    pupils: pd.DataFrame, kind: str, design: SurveyDesign, message: str
) -> None:
    with pytest.raises(EstimationError, match=message):
        replicates(pupils.assign(odd=pupils["psu"] // 3), design, kind)


def test_an_unknown_kind_is_an_error(pupils: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="rao-wu, jk1"):
        replicates(pupils, DESIGN, "jackknife")


def test_replicates_need_columns_and_a_scale(pupils: pd.DataFrame) -> None:
    with pytest.raises(EstimationError, match="need columns and a scale"):
        as_replicates({"columns": ["r1"]})
    with pytest.raises(EstimationError, match="lacks 1 replicate weights, such as 'r1'"):
        prevalence(pupils, SurveyDesign(repweights=Replicates(1.0, columns=("r1",))), "y")
    with pytest.raises(EstimationError, match="missing in some rows"):
        prevalence(pupils.assign(r1=np.nan), SurveyDesign(repweights=Replicates(1.0, columns=("r1",))), "y")


def test_a_replicate_without_the_domain_does_not_count() -> None:
    # the domain lives in one PSU: the replicate that leaves it out has no estimate
    frame = pd.DataFrame({"psu": [1, 1, 2, 2, 3, 3], "d": [1, 1, 2, 2, 2, 2], "y": [1, 0, 1, 0, 0, 0]})
    made = replicates(frame, SurveyDesign(psu="psu"), "jk1")
    assert mean(frame, made, "y", "d").loc[0, "se"] == 0
