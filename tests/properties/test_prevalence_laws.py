"""Laws that every table of prevalence obeys, on samples as awkward as a generator can make them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import mean, prevalence, total
from mapping.estimate.design_based.limits import INTERVALS

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "deff", "n_eff"]


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    """A few pupils in a few schools and strata: lonely strata, weights of 0, missing answers, empty districts."""
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rare = draw(st.sampled_from([0.0, 0.02, 0.2, 0.8, 1.0]))
    frame = pd.DataFrame(
        {
            "stratum": rng.integers(0, draw(st.integers(1, 4)), n),
            "psu": rng.integers(0, draw(st.integers(1, 8)), n),
            "weight": rng.choice([0.0, 1.0, 1.0, 2.5, 40.0], n),
            "y": np.where(
                rng.random(n) < draw(st.sampled_from([0.0, 0.3, 1.0])), np.nan, rng.random(n) < rare
            ),
            "sex": pd.Series(rng.choice(["girl", "boy", None], n), dtype="str"),
            "district": pd.Categorical(rng.choice(["a", "b"], n), categories=["a", "b", "empty"]),
        }
    )
    frame["schools"] = frame.groupby("stratum")["psu"].transform("nunique") + draw(st.integers(0, 3))
    school = frame.groupby(["stratum", "psu"])["weight"].transform("size")
    frame["pupils"] = school + draw(st.integers(0, 5))
    frame["pupil"] = np.arange(n)
    return frame


DESIGNS = [
    SurveyDesign(weights="weight", lonely_psu="adjust"),
    SurveyDesign(psu="psu", weights="weight", lonely_psu="adjust"),
    SurveyDesign("stratum", "psu", "weight", lonely_psu="adjust", lonely_in_domains=True),
    SurveyDesign("stratum", "psu", "weight", lonely_psu="average"),
    SurveyDesign("stratum", "psu", "weight", lonely_psu="certainty"),
    SurveyDesign("stratum", ["psu", "pupil"], "weight", ["schools", "pupils"], lonely_psu="adjust"),
    SurveyDesign("stratum", "psu", "weight", "schools", lonely_psu="average", lonely_in_domains=True),
]


@settings(max_examples=150, deadline=None)
@given(samples(), st.sampled_from(DESIGNS), st.sampled_from(INTERVALS), st.booleans())
def test_every_row_is_sane_or_says_why(
    frame: pd.DataFrame, design: SurveyDesign, interval: str, margins: bool
) -> None:
    table = prevalence(frame, design, "y", ["district", "sex"], margins=margins, interval=interval)
    assert (table["reason"] != "").where(table[NUMBERS].isna().any(axis=1), True).all()
    known = table[table["n"] > 0]
    assert known[["estimate", "ci_low", "ci_high"]].notna().all().all()
    if interval != "wald":  # Wald's limits leave [0, 1] and are not repaired
        assert (known["ci_low"] >= 0).all() and (known["ci_high"] <= 1).all()
    slack = 1e-9
    assert (known["ci_low"] <= known["estimate"] + slack).all()
    assert (known["ci_high"] >= known["estimate"] - slack).all()
    assert (known["reliability"].isin(["reliable", "uncertain", "unreliable"])).all()
    assert (known.loc[known["n_pos"] == 0, "ci_low"] == 0).all()
    assert (known.loc[known["n_pos"] == known["n"], "ci_high"] == 1).all()


@settings(max_examples=60, deadline=None)
@given(samples(), st.sampled_from(DESIGNS), st.floats(0.01, 1000))
def test_the_scale_of_weights_changes_no_share(
    frame: pd.DataFrame, design: SurveyDesign, factor: float
) -> None:
    one = prevalence(frame, design, "y", "district", margins=True)
    other = prevalence(frame.assign(weight=frame["weight"] * factor), design, "y", "district", margins=True)
    pd.testing.assert_frame_equal(one, other, rtol=1e-6, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(samples(), st.sampled_from(DESIGNS), st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_units_change_nothing(
    frame: pd.DataFrame, design: SurveyDesign, random: object
) -> None:
    rng = np.random.default_rng(random.randint(0, 2**31))  # type: ignore[attr-defined]
    shuffled = frame.sample(frac=1, random_state=rng)
    renamed = shuffled.assign(
        stratum="s" + (9 - shuffled["stratum"]).astype(str),
        psu=1000 - 7 * shuffled["psu"],
        pupil=-shuffled["pupil"],
    )
    one = prevalence(frame, design, "y", ["district", "sex"])
    other = prevalence(renamed, design, "y", ["district", "sex"])
    pd.testing.assert_frame_equal(one, other, rtol=1e-6, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(samples(), st.sampled_from(DESIGNS))
def test_means_and_totals_never_warn_and_give_reasons(frame: pd.DataFrame, design: SurveyDesign) -> None:
    for function in (mean, total):
        table = function(frame, design, ["y", "weight"], ["district", "sex"], margins=True)
        assert (table["reason"] != "").where(table[NUMBERS].isna().any(axis=1), True).all()


@settings(max_examples=60, deadline=None)
@given(samples(), st.sampled_from(DESIGNS))
def test_yes_and_no_mirror_each_other(frame: pd.DataFrame, design: SurveyDesign) -> None:
    frame = frame.assign(no=1 - frame["y"])
    yes = prevalence(frame, design, "y", "district")
    no = prevalence(frame, design, "no", "district")
    np.testing.assert_allclose(yes["ci_low"], 1 - no["ci_high"], atol=1e-7)
    np.testing.assert_allclose(yes["se"], no["se"], atol=1e-9)
