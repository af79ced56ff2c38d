"""Strata with one school, by every rule, in the design and in domains: totals small enough to work by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import LonelyPSUError
from mapping.estimate.design_based import calibrate, covariance, mean, total
from mapping.estimate.design_based.plan import make_plan
from mapping.estimate.design_based.variables import read_value

RULES = ("adjust", "average", "certainty", "remove")


def sample(*schools: tuple[object, ...], columns: str) -> pd.DataFrame:
    return pd.DataFrame(schools, columns=columns.split())


def variance(frame: pd.DataFrame, design: SurveyDesign) -> float:
    return float(total(frame, design, "y").loc[0, "se"] ** 2)


def by_rule(rule: str, **options: object) -> SurveyDesign:
    return SurveyDesign("h", "c", lonely_psu=rule, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "wanted"), [("adjust", 18), ("average", 18), ("certainty", 9), ("remove", 9)]
)
def test_a_lonely_stratum_in_which_nobody_answered_has_no_part(rule: str, wanted: float) -> None:
    # stratum 1: 3/2·(2² + 1 + 1) = 9; adjust adds (6 − 12/4)² of stratum 2, average doubles
    frame = sample((1, 1, 4.0), (1, 2, 1.0), (1, 3, 1.0), (2, 1, 6.0), (3, 1, np.nan), columns="h c y")
    assert variance(frame, by_rule(rule)) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("rule", "wanted"), [("adjust", 2), ("average", np.nan), ("certainty", 0), ("remove", 0)]
)
def test_lonely_strata_have_only_one_another_where_all_are_lonely(rule: str, wanted: float) -> None:
    frame = sample((1, 1, 4.0), (2, 1, 6.0), (3, 1, np.nan), columns="h c y")
    assert variance(frame, by_rule(rule)) == pytest.approx(wanted, nan_ok=True)


def test_the_average_is_over_strata_with_an_answer() -> None:
    # one sound stratum, 2·(1 + 1) = 4, stands for the lonely one too; the strata 3 and 4 are silent
    rows = [(1, 1, 4.0), (1, 2, 2.0), (2, 1, 6.0), (3, 1, np.nan), (4, 1, np.nan), (4, 2, np.nan)]
    assert variance(sample(*rows, columns="h c y"), by_rule("average")) == pytest.approx(8)


def test_a_silent_lonely_stratum_is_no_error_and_a_lonely_answer_is_one() -> None:
    frame = sample((1, 1, 4.0), (1, 2, 2.0), (2, 1, np.nan), columns="h c y")
    assert variance(frame, by_rule("error")) == pytest.approx(4)
    with pytest.raises(LonelyPSUError, match="1 stratum has a single PSU: 2"):
        variance(frame.fillna(0.0), by_rule("error"))


IN_DOMAINS = [("adjust", 43.25), ("average", 50), ("certainty", 41), ("remove", 41)]


@pytest.mark.parametrize(("rule", "wanted"), IN_DOMAINS)
def test_a_stratum_with_one_school_in_the_domain(rule: str, wanted: float) -> None:
    # stratum 1: 2·(2² + 2²) = 16 about its mean, 2·(1.25² + 2.75²) = 18.25 about (4 + 6 + 1)/4;
    # stratum 2: 2·2·2.5² = 25, twice that for the average
    rows = [(1, 1, 4.0, "a"), (1, 2, 9.0, "b"), (2, 1, 6.0, "a"), (2, 2, 1.0, "a")]
    frame = sample(*rows, columns="h c y g")
    table = total(frame, by_rule(rule, lonely_in_domains=True), "y", "g").set_index("g")
    assert table.loc["a", "se"] ** 2 == pytest.approx(wanted)
    plain = total(frame, by_rule(rule), "y", "g").set_index("g")
    assert plain.loc["a", "se"] ** 2 == pytest.approx(41)


@pytest.mark.parametrize(("rule", "wanted"), IN_DOMAINS)
def test_a_stratum_with_one_school_that_answered(rule: str, wanted: float) -> None:
    rows = [(1, 1, 4.0), (1, 2, np.nan), (2, 1, 6.0), (2, 2, 1.0)]
    frame = sample(*rows, columns="h c y")
    assert variance(frame, by_rule(rule, lonely_in_domains=True)) == pytest.approx(wanted)
    assert variance(frame, by_rule(rule)) == pytest.approx(41)


@pytest.mark.parametrize(("rule", "wanted"), [("adjust", 21.625), ("average", 18.75), ("certainty", 20.5)])
def test_a_stratum_taken_whole_is_never_lonely_in_a_domain(rule: str, wanted: float) -> None:
    # half of the schools of strata 1 and 2 were sampled, all of stratum 3: it adds nothing itself, but is one of the
    # two sound strata of three, and its schools are in the centre: 16.5/6 = 2.75 as before
    rows = [(1, 1, 4.0, 4, "a"), (1, 2, 9.0, 4, "b"), (2, 1, 6.0, 4, "a"), (2, 2, 1.0, 4, "a")]
    frame = sample(*rows, (3, 1, 5.5, 2, "a"), (3, 2, 9.0, 2, "b"), columns="h c y N g")
    design = by_rule(rule, fpc="N", lonely_in_domains=True)
    found = total(frame, design, "y", "g").set_index("g").loc["a", "se"] ** 2
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize("rule", RULES)
def test_a_domain_of_one_lonely_school_and_one_of_nobody(rule: str) -> None:
    frame = sample((1, 1, 5.0, "a"), (2, 1, 3.0, "b"), (2, 2, 3.0, "b"), columns="h c y g")
    frame["g"] = pd.Categorical(frame["g"], ["a", "b", "nobody"])
    table = total(frame, by_rule(rule), "y", "g").set_index("g")
    assert table.loc["a", "se"] == pytest.approx(np.nan if rule == "average" else 0.0, nan_ok=True)
    assert table.loc["b", "se"] == 0
    assert table.loc["nobody", "reason"] == "no respondents"
    assert table.loc["nobody", ["estimate", "se", "ci_low", "deff"]].isna().all()


def classes() -> pd.DataFrame:
    """Four of eight schools: two classes of four, one of three, the only one, and one of two that is silent."""
    return sample(
        (1, 1, 8, 4, 4.0), (1, 2, 8, 4, 2.0), (2, 1, 8, 3, 6.0), (3, 1, 8, 1, 3.0), (4, 1, 8, 2, np.nan),
        columns="c k N M y",
    )  # fmt: skip


def two_stages(rule: str, **options: object) -> SurveyDesign:
    return SurveyDesign(None, ["c", "k"], None, ["N", "M"], lonely_psu=rule, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES)
def test_a_lonely_class_has_no_neighbours_to_be_measured_by(rule: str) -> None:
    # schools: ½·4/3·Σ(z − 15/4)² = 16.5; classes of school 1: ½·½·2·(1 + 1) = 1, for the average over the schools 1, 2
    # and 3, of which one is lonely, 3/2 of that
    assert variance(classes(), two_stages(rule)) == pytest.approx(18 if rule == "average" else 17.5)


@pytest.mark.parametrize("rule", RULES)
def test_a_school_with_one_class_that_answered(rule: str) -> None:
    frame = classes()
    frame.loc[1, "y"] = np.nan
    # schools 4, 6, 3, 0 about 13/4: 2/3·18.75 = 12.5; classes of school 1: ¼·2·(2² + 2²) = 4
    here = two_stages(rule, lonely_in_domains=True)
    # on average over school 3 alone, which was taken whole
    assert variance(frame, here) == pytest.approx(12.5 if rule == "average" else 16.5)
    assert variance(frame, two_stages(rule)) == pytest.approx(18.5 if rule == "average" else 16.5)


@pytest.mark.parametrize(("rule", "wanted"), [("adjust", 17.5), ("average", 18.5), ("certainty", 17.5)])
def test_covariances_count_every_class_of_the_design(rule: str, wanted: float) -> None:
    # the silent class of school 4 is a second lonely one among four
    matrix = covariance(classes(), two_stages(rule), "y", statistic="total")
    assert matrix.to_numpy().item() == pytest.approx(wanted)


@pytest.mark.parametrize(("rule", "wanted"), [("adjust", 9 + 12.96), ("average", 27), ("certainty", 9)])
def test_covariances_count_every_lonely_stratum(rule: str, wanted: float) -> None:
    # as in the first test, but all five schools are in the centre 12/5, from which both lonely strata are measured
    frame = sample((1, 1, 4.0), (1, 2, 1.0), (1, 3, 1.0), (2, 1, 6.0), (3, 1, np.nan), columns="h c y")
    matrix = covariance(frame, by_rule(rule), "y", statistic="total")
    assert matrix.to_numpy().item() == pytest.approx(wanted + (2.4**2 if rule == "adjust" else 0))


def test_a_calibrated_design_keeps_the_lonely_stratum_in_which_nobody_answered() -> None:
    # silent rows have residuals too: their school is measured from the centre of all three
    rows = [
        (1, 1, "f", 5.0),
        (1, 1, "m", 2.0),
        (1, 2, "f", 4.0),
        (1, 2, "m", 4.0),
        (2, 1, "f", None),
        (2, 1, "f", None),
    ]
    frame = sample(*rows, columns="h c sex y").astype({"y": float}).assign(w=[1.0, 2.0, 1.0, 1.0, 3.0, 1.0])
    base = SurveyDesign("h", "c", "w", lonely_psu="adjust")
    weighted, design = calibrate(frame, base, {"sex": {"f": 9.0, "m": 6.0}}, method="poststratify")
    y, w, v = frame["y"].fillna(0.0).to_numpy(), weighted[design.weights].to_numpy(), frame["w"].to_numpy()
    z = y.copy()
    for level in ("f", "m"):
        here = (frame["sex"] == level).to_numpy()
        z[here] -= (v * y)[here].sum() / v[here].sum()
    one, two, lonely = (w * z)[:2].sum(), (w * z)[2:4].sum(), (w * z)[4:].sum()
    wanted = (one - two) ** 2 + (lonely - (one + two + lonely) / 3) ** 2
    assert variance(weighted, design) == pytest.approx(wanted)


def test_a_mean_is_centred_about_nothing() -> None:
    # the scores of a mean sum to 0 over the domain, so that lonely strata are measured from 0
    frame = sample((1, 1, 1.0), (1, 2, 2.0), (2, 1, 9.0), columns="h c y")
    wanted = (2 * 2 * 0.5**2 + (9 - 4) ** 2) / 9
    assert mean(frame, by_rule("adjust"), "y").loc[0, "se"] ** 2 == pytest.approx(wanted)


@pytest.mark.parametrize("rule", RULES)
def test_covariances_are_those_that_the_variances_of_sums_demand(rule: str) -> None:
    """2 cov(a, b) = var(a + b) − var(a) − var(b), in a domain with schools outside it, strata alone and inflated."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"h": np.repeat([1, 2, 3], [12, 9, 3]), "c": np.arange(24) // 3, "g": 1.0})
    frame.loc[frame["c"].isin([1, 5]), "g"] = np.nan
    plan = make_plan(frame, by_rule(rule), "g", margins=False)
    blocks = plan.blocks(0, 0, read_value(frame, "g"))
    scores = rng.normal(size=(plan.layouts[0][0].unit.size, 2))

    matrix = blocks.covariance(scores)
    one, other, both = (blocks.variance(z)[0] for z in (*scores.T, scores.sum(axis=1)))

    assert np.diag(matrix) == pytest.approx([one, other])
    assert matrix[0, 1] == pytest.approx((both - one - other) / 2)
