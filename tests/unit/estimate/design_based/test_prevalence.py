"""Prevalence: worked by hand, at the boundaries, and refusing what it cannot read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError, LonelyPSUError
from mapping.estimate.design_based import mean, prevalence, ratio, total
from mapping.estimate.design_based.limits import INTERVALS


@pytest.fixture
def pupils() -> pd.DataFrame:
    """Four schools of two pupils; one pupil did not answer."""
    return pd.DataFrame(
        {
            "school": [1, 1, 2, 2, 3, 3, 4, 4],
            "weight": [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0],
            "y": [1, 0, 1, 1, 0, 0, 0, None],
            "sex": ["g", "b", "g", "b", "g", "b", "g", None],
        }
    )


SCHOOLS = SurveyDesign(psu="school", weights="weight")


def test_share_and_standard_error_worked_by_hand(pupils: pd.DataFrame) -> None:
    # Σw = 9, Σwy = 5, p = 5/9; school sums of w(y − p): −1/9, 16/9, −10/9, −5/9; their squares sum to 382/81,
    # so V = 4/3 · 382/81 / 81
    row = prevalence(pupils, SCHOOLS, "y").iloc[0]
    assert row["estimate"] == pytest.approx(5 / 9)
    assert row["se"] == pytest.approx(np.sqrt(4 / 3 * 382 / 81 / 81))
    assert (row["n"], row["n_pos"], row["n_psu"], row["df"]) == (7, 3, 4, 3)


def test_design_effect_and_effective_n_belong_together(pupils: pd.DataFrame) -> None:
    # simple random sampling with replacement: p(1 − p)/(n − 1) with n = 7
    row = prevalence(pupils, SCHOOLS, "y").iloc[0]
    assert row["deff"] == pytest.approx(row["se"] ** 2 / ((5 / 9) * (4 / 9) / 6))
    assert row["n_eff"] == pytest.approx(7 / row["deff"])


def test_a_pupil_with_weight_zero_does_not_count(pupils: pd.DataFrame) -> None:
    pupils.loc[0, "weight"] = 0.0
    row = prevalence(pupils, SCHOOLS, "y").iloc[0]
    assert (row["n"], row["n_pos"]) == (6, 2)
    assert row["estimate"] == pytest.approx(4 / 8)


def test_degrees_of_freedom_count_schools_that_did_not_answer(pupils: pd.DataFrame) -> None:
    pupils.loc[6, "y"] = None
    row = prevalence(pupils, SCHOOLS, "y").iloc[0]
    assert (row["n_psu"], row["df"]) == (4, 3)


def test_a_school_of_weight_zero_is_no_degree_of_freedom(pupils: pd.DataFrame) -> None:
    pupils.loc[[6, 7], "weight"] = 0.0
    assert prevalence(pupils, SCHOOLS, "y").loc[0, "df"] == 2


def test_missing_groups_are_in_the_margin_only(pupils: pd.DataFrame) -> None:
    pupils["y"] = pupils["y"].fillna(1.0)
    table = prevalence(pupils, SCHOOLS, "y", "sex", margins=True)
    assert table["sex"].tolist()[:2] == ["b", "g"]
    assert table["sex"].isna().tolist() == [False, False, True]
    assert table["n"].tolist() == [3, 4, 8]


def test_margins_equal_the_crossings_made_one_by_one(pupils: pd.DataFrame) -> None:
    pupils["grade"] = [9, 9, 9, 8, 8, 8, 9, 8]
    whole = prevalence(pupils, SCHOOLS, "y", ["sex", "grade"], margins=True)
    numbers = whole.columns[3:]
    for by in (["sex", "grade"], ["sex"], ["grade"], []):
        part = prevalence(pupils, SCHOOLS, "y", by)
        absent = [name for name in ("sex", "grade") if name not in by]
        chosen = whole[whole[by].notna().all(axis=1) & whole[absent].isna().all(axis=1)]
        pd.testing.assert_frame_equal(chosen[numbers].reset_index(drop=True), part[numbers])


def test_an_empty_district_is_a_row_with_a_reason(pupils: pd.DataFrame) -> None:
    pupils["district"] = pd.Categorical(["a", "b"] * 4, categories=["b", "empty", "a"])
    table = prevalence(pupils, SCHOOLS, "y", "district")
    assert table["district"].tolist() == ["b", "empty", "a"]
    empty = table.iloc[1]
    assert (empty["n"], empty["n_psu"], empty["interval"]) == (0, 0, "none")
    assert empty["reason"] == "no respondents"
    assert np.isnan(empty["estimate"])


def test_an_empty_district_appears_with_every_group_that_occurs(pupils: pd.DataFrame) -> None:
    pupils["district"] = pd.Categorical(["a"] * 8, categories=["a", "empty"])
    table = prevalence(pupils, SCHOOLS, "y", ["district", "sex"])
    assert table[["district", "sex"]].values.tolist() == [
        ["a", "b"],
        ["a", "g"],
        ["empty", "b"],
        ["empty", "g"],
    ]


def test_a_subset_is_a_boolean_column(pupils: pd.DataFrame) -> None:
    pupils["girl"] = pupils["sex"] == "g"
    girls = prevalence(pupils, SCHOOLS, "y", "girl").set_index("girl").loc[True]
    by_sex = prevalence(pupils, SCHOOLS, "y", "sex").set_index("sex").loc["g"]
    assert girls["se"] == by_sex["se"]


def test_domains_keep_the_whole_design(pupils: pd.DataFrame) -> None:
    # girls of schools 1 and 2 only: the two other schools still count in n/(n − 1)
    pupils["here"] = [True, False, True, False, False, False, False, False]
    row = prevalence(pupils, SCHOOLS, "y", "here").set_index("here").loc[True]
    pupils["only"] = np.where(pupils["here"], pupils["y"], np.nan)
    assert mean(pupils, SCHOOLS, "only").loc[0, "se"] == pytest.approx(row["se"])


@pytest.mark.parametrize("interval", INTERVALS)
def test_no_events_is_exactly_zero_to_clopper_pearson(interval: str) -> None:
    frame = pd.DataFrame({"school": np.repeat(np.arange(20), 5), "y": 0.0})
    row = prevalence(frame, SurveyDesign(psu="school"), "y", interval=interval).iloc[0]
    assert (row["estimate"], row["se"], row["ci_low"], row["interval"]) == (0.0, 0.0, 0.0, "exact")
    assert row["ci_high"] == pytest.approx(1 - 0.025 ** (1 / row["n_eff"]))
    assert row["n_eff"] <= 100


def test_only_events_mirrors_no_events() -> None:
    frame = pd.DataFrame({"school": np.repeat(np.arange(20), 5), "none": 0.0, "all": 1.0})
    none, every = prevalence(frame, SurveyDesign(psu="school"), ["none", "all"]).itertuples()
    assert (every.ci_low, every.ci_high) == (pytest.approx(1 - none.ci_high), 1.0)


def test_the_ends_are_found_by_counting_not_by_comparing_sums() -> None:
    # weights whose sum in another order differs in the last digit: Σwy/Σw is not exactly 1
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"psu": rng.integers(0, 9, 400), "w": rng.random(400) * 1e3, "y": 1.0})
    row = prevalence(frame, SurveyDesign(psu="psu", weights="w"), "y").iloc[0]
    assert (row["estimate"], row["ci_high"], row["interval"]) == (1.0, 1.0, "exact")


def test_a_single_school_gets_a_wide_interval_and_says_so() -> None:
    frame = pd.DataFrame({"school": 1, "y": [1.0] * 10 + [0.0] * 40})
    row = prevalence(frame, SurveyDesign(psu="school", lonely_psu="adjust"), "y").iloc[0]
    assert row["interval"] == "assumed"
    assert row["reason"].startswith("one PSU")
    assert row["deff"] > 1
    assert (
        row["ci_low"] < 0.11 and row["ci_high"] > 0.32
    )  # wider than the exact binomial .100 to .337 of n = 50
    assert row["reliability"] == "unreliable"


def test_the_whole_population_has_no_sampling_error() -> None:
    frame = pd.DataFrame(
        {"school": [1, 1, 2, 2], "pupil": range(4), "schools": 2, "pupils": 2, "y": [1, 0, 0, 0]}
    )
    design = SurveyDesign(psu=["school", "pupil"], fpc=["schools", "pupils"])
    row = prevalence(frame, design, "y").iloc[0]
    assert (row["se"], row["ci_low"], row["ci_high"], row["interval"]) == (0.0, 0.25, 0.25, "census")
    assert "no sampling error" in row["reason"]


def test_two_stages_worked_by_hand() -> None:
    # 2 of 4 schools, 2 of 4 pupils in each; w = 4. Shares ½ and 1, p = ¾; scores w(y − p)/16: school sums −1/8, 1/8.
    # Stage 1: (1 − ½)·2·(1/64 + 1/64) = 1/32. Stage 2, school 1: scores 1/16, −3/16, mean −1/16, squares 2/64;
    # (½)·(1 − ½)·2·2/64 = 1/64
    frame = pd.DataFrame({"s": [1, 1, 2, 2], "p": range(4), "N": 4, "M": 4, "w": 4.0, "y": [1, 0, 1, 1]})
    design = SurveyDesign(psu=["s", "p"], weights="w", fpc=["N", "M"])
    assert prevalence(frame, design, "y").loc[0, "se"] ** 2 == pytest.approx(1 / 32 + 1 / 64)


def test_few_events_take_korn_graubard_and_many_the_logit() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"school": np.repeat(np.arange(40), 10), "rare": 0.0, "common": 0.0})
    frame.loc[rng.choice(400, 4, replace=False), "rare"] = 1.0
    frame.loc[rng.choice(400, 120, replace=False), "common"] = 1.0
    table = prevalence(frame, SurveyDesign(psu="school"), ["rare", "common"])
    assert table["interval"].tolist() == ["beta", "logit"]


def test_few_events_learn_their_design_effect_from_all_domains() -> None:
    # in every district all events sit in one of five schools, but in district 0 there is one event only
    frame = pd.DataFrame(
        {"district": np.repeat(np.arange(10), 50), "school": np.repeat(np.arange(50), 10), "y": 0.0}
    )
    frame.loc[frame["school"] % 5 == 0, "y"] = 1.0
    frame.loc[(frame["district"] == 0) & (frame.index != 0), "y"] = 0.0
    row = prevalence(frame, SurveyDesign(psu="school"), "y", "district").iloc[0]
    plain = prevalence(frame, SurveyDesign(psu="school"), "y", "district", interval="beta").iloc[0]
    assert "widened to the design effect of all domains" in row["reason"]
    assert row["ci_high"] > plain["ci_high"]


def test_reliability_follows_the_nchs_standards() -> None:
    def verdict(n: int, events: int) -> tuple[str, str]:
        frame = pd.DataFrame({"y": [1.0] * events + [0.0] * (n - events)})
        row = prevalence(frame, SurveyDesign(), "y").iloc[0]
        return row["reliability"], row["reason"]

    assert verdict(29, 10) == ("unreliable", "fewer than 30 respondents; interval 30 points wide or more")
    assert verdict(400, 200) == ("reliable", "")
    assert verdict(40, 20) == ("unreliable", "interval 30 points wide or more")
    assert verdict(100, 4) == ("unreliable", "interval wider than 130 % of the estimate")
    assert verdict(100, 13) == ("uncertain", "interval wider than the estimate")
    assert verdict(300, 0) == ("uncertain", "no events")
    assert verdict(100, 96) == ("uncertain", "interval wider than 130 % of the complement")


def test_few_degrees_of_freedom_call_for_review() -> None:
    frame = pd.DataFrame({"school": np.arange(800) % 8, "y": np.random.default_rng(1).random(800) < 0.5})
    row = prevalence(frame, SurveyDesign(psu="school"), "y").iloc[0]
    assert (row["df"], row["reliability"]) == (7, "uncertain")
    nine = prevalence(frame.assign(school=np.arange(800) % 9), SurveyDesign(psu="school"), "y").iloc[0]
    assert (nine["df"], nine["reliability"]) == (8, "reliable")


def test_crossed_strata_are_strata(pupils: pd.DataFrame) -> None:
    pupils["region"], pupils["kind"] = [1, 1, 1, 1, 2, 2, 2, 2], "x"
    pupils["both"] = pupils["region"].astype(str) + "x"
    crossed = prevalence(pupils, SurveyDesign(["region", "kind"], "school", "weight"), "y")
    single = prevalence(pupils, SurveyDesign("both", "school", "weight"), "y")
    pd.testing.assert_frame_equal(crossed, single)


def test_school_codes_are_nested_in_strata(pupils: pd.DataFrame) -> None:
    pupils["region"] = [1, 1, 1, 1, 2, 2, 2, 2]
    again = pupils.assign(school=[1, 1, 2, 2, 1, 1, 2, 2])
    design = SurveyDesign("region", "school", "weight")
    pd.testing.assert_frame_equal(prevalence(pupils, design, "y"), prevalence(again, design, "y"))


def test_several_indicators_come_in_their_order(pupils: pd.DataFrame) -> None:
    pupils["no"] = 1 - pupils["y"]
    table = prevalence(pupils, SCHOOLS, ["no", "y"], "sex")
    assert table["indicator"].tolist() == ["no", "no", "y", "y"]
    one = prevalence(pupils, SCHOOLS, "y", "sex")
    pd.testing.assert_frame_equal(table.iloc[2:].reset_index(drop=True), one)


def test_booleans_and_nullable_numbers_are_indicators(pupils: pd.DataFrame) -> None:
    plain = prevalence(pupils, SCHOOLS, "y")
    for dtype in ("Float64", "Int64", "boolean"):
        other = prevalence(pupils.assign(y=pupils["y"].astype("Float64").astype(dtype)), SCHOOLS, "y")
        pd.testing.assert_frame_equal(plain, other)


def test_the_frame_is_left_as_it_was(pupils: pd.DataFrame) -> None:
    before = pupils.copy(deep=True)
    prevalence(pupils, SCHOOLS, "y", "sex", margins=True)
    pd.testing.assert_frame_equal(pupils, before)


@pytest.mark.parametrize(
    ("change", "design", "message"),
    [
        ({}, SurveyDesign(psu="skola"), "no column 'skola'"),
        ({"school": [1, 1, None, 2, 3, 3, 4, 4]}, SCHOOLS, "'school' is missing in 1 rows"),
        ({"weight": [1, 1, 1, 1, 1, 1, None, None]}, SCHOOLS, "Weight 'weight' is missing in 2 rows"),
        ({"weight": [1, 1, 1, 1, 1, 1, 1, -1]}, SCHOOLS, "negative in 1 rows"),
        ({"weight": ["a"] * 8}, SCHOOLS, "does not hold numbers"),
        ({"weight": [np.inf] + [1.0] * 7}, SCHOOLS, "1 infinite"),
        ({"y": [0, 1, 7, 7, 0, 0, 0, 0]}, SCHOOLS, "has 2 values that are not 0, 1 or missing"),
        ({"y": [0, 1, np.inf, 0, 0, 0, 0, 0]}, SCHOOLS, "has 1 values that are not 0, 1 or missing"),
        ({"N": 3}, SurveyDesign(psu="school", fpc="N"), "below the number sampled in 1 strata"),
        ({"N": [9] * 7 + [8]}, SurveyDesign(psu="school", fpc="N"), "differs within 1 strata"),
        ({"N": [None] + [9] * 7}, SurveyDesign(psu="school", fpc="N"), "'N' is missing in 1 rows"),
        ({"N": 9}, SurveyDesign(psu="school", fpc=["N", "N"]), "2 population counts for 1 stages"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(
    pupils: pd.DataFrame, change: dict[str, object], design: SurveyDesign, message: str
) -> None:
    with pytest.raises(EstimationError, match=message):
        prevalence(pupils.assign(**change), design, "y")


def test_errors_never_show_a_respondents_value(pupils: pd.DataFrame) -> None:
    pupils["y"] = pupils["y"].astype(object)
    pupils.loc[0, "y"] = "canary"
    with pytest.raises(EstimationError) as caught:
        prevalence(pupils, SCHOOLS, "y")
    assert "canary" not in str(caught.value)


def test_without_an_indicator_there_is_nothing_to_estimate(pupils: pd.DataFrame) -> None:
    for function in (prevalence, mean, total):
        with pytest.raises(EstimationError, match="No column"):
            function(pupils, SCHOOLS, [])


def test_an_empty_frame_is_an_error() -> None:
    with pytest.raises(EstimationError, match="no rows"):
        prevalence(pd.DataFrame({"y": []}), SurveyDesign(), "y")


def test_a_domain_column_cannot_take_the_name_of_a_result(pupils: pd.DataFrame) -> None:
    with pytest.raises(EstimationError, match="cannot be called 'n'"):
        prevalence(pupils.assign(n=1), SCHOOLS, "y", "n")


def test_a_column_that_stands_twice_is_an_error(pupils: pd.DataFrame) -> None:
    with pytest.raises(EstimationError, match="2 columns called 'y'"):
        prevalence(pd.concat([pupils, pupils[["y"]]], axis=1), SCHOOLS, "y")


def test_lonely_strata_are_named(pupils: pd.DataFrame) -> None:
    pupils["region"] = ["north"] * 6 + ["south"] * 2
    with pytest.raises(LonelyPSUError, match="1 stratum has a single PSU: south"):
        prevalence(pupils, SurveyDesign("region", "school", "weight"), "y")


def test_a_lonely_stratum_elsewhere_does_not_hinder(pupils: pd.DataFrame) -> None:
    pupils["region"] = ["north"] * 6 + ["south"] * 2
    pupils["district"] = pupils["region"].where(pupils["region"] == "north")
    row = prevalence(pupils, SurveyDesign("region", "school", "weight"), "y", "district").iloc[0]
    assert row["n_psu"] == 3


def test_a_stratum_taken_whole_is_never_lonely(pupils: pd.DataFrame) -> None:
    pupils["region"] = ["north"] * 6 + ["south"] * 2
    pupils["schools"] = [9] * 6 + [1] * 2
    row = prevalence(pupils, SurveyDesign("region", "school", "weight", "schools"), "y").iloc[0]
    assert row["se"] > 0


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_is_a_probability(pupils: pd.DataFrame, level: float) -> None:
    for function in (prevalence, mean, total):
        with pytest.raises(ValueError, match="between 0 and 1"):
            function(pupils, SCHOOLS, "y", level=level)


def test_an_unknown_interval_is_an_error(pupils: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="auto, wald"):
        prevalence(pupils, SCHOOLS, "y", interval="exact")


def test_a_higher_level_gives_a_wider_interval(pupils: pd.DataFrame) -> None:
    for interval in INTERVALS:
        narrow, wide = (
            prevalence(pupils, SCHOOLS, "y", level=v, interval=interval).iloc[0] for v in (0.8, 0.95)
        )
        assert wide["ci_low"] < narrow["ci_low"] < narrow["ci_high"] < wide["ci_high"]


def test_a_mean_of_zero_and_one_is_the_prevalence(pupils: pd.DataFrame) -> None:
    share, average = prevalence(pupils, SCHOOLS, "y", "sex"), mean(pupils, SCHOOLS, "y", "sex")
    for name in ("n", "n_pos", "df"):
        assert (share[name] == average[name]).all()
    np.testing.assert_allclose(share["estimate"], average["estimate"])
    np.testing.assert_allclose(share["se"], average["se"])


def test_totals_of_domains_add_up(pupils: pd.DataFrame) -> None:
    parts, whole = total(pupils, SCHOOLS, "y", "sex"), total(pupils, SCHOOLS, "y")
    assert parts["estimate"].sum() == pytest.approx(whole.loc[0, "estimate"]) == 5.0


def test_a_ratio_to_a_constant_is_a_mean(pupils: pd.DataFrame) -> None:
    pupils["one"] = 1.0
    one, other = ratio(pupils, SCHOOLS, "y", "one").iloc[0], mean(pupils, SCHOOLS, "y").iloc[0]
    assert one["indicator"] == "y/one"
    assert (one["estimate"], one["se"], one["deff"]) == pytest.approx(
        (other["estimate"], other["se"], other["deff"])
    )


def test_a_ratio_to_zero_says_why_it_is_missing(pupils: pd.DataFrame) -> None:
    row = ratio(pupils.assign(none=0.0), SCHOOLS, "y", "none").iloc[0]
    assert np.isnan(row["estimate"])
    assert "denominator is 0" in row["reason"]


def test_one_respondent_has_no_interval_for_a_mean() -> None:
    row = mean(pd.DataFrame({"y": [3.0]}), SurveyDesign(lonely_psu="adjust"), "y").iloc[0]
    assert row["estimate"] == 3.0
    assert np.isnan(row["ci_low"]) and "one respondent" in row["reason"]
