"""Which interval a proportion gets and where its limits lie, against scipy's distributions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mapping.estimate.design_based import intervals
from mapping.estimate.design_based.limits import LABELS, Limits, Shares, choose_limits
from mapping.estimate.design_based.reliability import Verdict, proportion_verdict, value_verdict


def one(
    p: float = 0.3,
    deff: float = 2.0,
    n: float = 200,
    df: float = 20,
    expected: float = 1.5,
    positive: float | None = None,
    rows: float | None = None,
) -> Shares:
    srs = p * (1 - p) / (n - 1) if n > 1 else np.nan
    values = (
        p,
        deff * srs,
        srs,
        n,
        p * n if positive is None else positive,
        df,
        n + 10 if rows is None else rows,
    )
    return Shares(*(np.array([float(value)]) for value in (*values, expected)))


def limits(shares: Shares, interval: str = "auto", level: float = 0.95) -> Limits:
    return choose_limits(shares, level, interval, None)


def label(found: Limits) -> str:
    return LABELS[int(found.label[0])]


def beta_limits(p: float, size: float, level: float = 0.95) -> tuple[float, float]:
    tail = (1 - level) / 2
    return (
        stats.beta.ppf(tail, p * size, (1 - p) * size + 1),
        stats.beta.ppf(1 - tail, p * size + 1, (1 - p) * size),
    )


def corrected(n: float, df: float, deff: float, level: float = 0.95) -> float:
    """The effective size of Korn and Graubard, with the t of df exchanged for that of n − 1; never above n."""
    q = (1 + level) / 2
    return min(n, n / deff * min(1.0, (stats.t.ppf(q, n - 1) / stats.t.ppf(q, df)) ** 2))


def test_ten_effective_events_take_the_logit_and_fewer_korn_and_graubard() -> None:
    # n/deff = 100 effective respondents, so a tenth makes ten events
    for p, wanted in ((0.1, "logit"), (0.0999, "beta"), (0.9001, "beta"), (0.89, "logit"), (0.5, "logit")):
        assert label(limits(one(p))) == wanted, p
    assert label(limits(one(0.05), "logit")) == "logit"
    # a design effect below 1 does not make more events than were seen: 9.5 of 95
    assert label(limits(one(0.1, deff=0.5, n=95))) == "beta"


def test_few_events_use_the_larger_of_their_own_and_the_expected_design_effect() -> None:
    for deff, expected, widened in (
        (2.0, 1.5, False),
        (1.2, 3.0, True),
        (2.0, 2.0005, False),
        (2.0, 2.1, True),
    ):
        found = limits(one(0.04, deff, expected=expected))
        wanted = beta_limits(0.04, corrected(200, 20, max(deff, expected)))
        assert (found.low[0], found.high[0]) == pytest.approx(wanted)
        assert bool(found.widened[0]) == widened
        assert found.width[0] == pytest.approx(wanted[1] - wanted[0])
    assert not limits(one(0.04, 0.6, expected=1.0)).widened[0]
    assert limits(one(0.04, 0.6, expected=1.02)).widened[0]
    assert not limits(one(0.4, 1.2, expected=3.0)).widened[0]


def test_the_width_is_that_of_korn_and_graubard_whatever_the_interval() -> None:
    found = limits(one(0.3, 2.0, expected=5.0))
    low, high = beta_limits(0.3, corrected(200, 20, 2.0))
    assert found.width[0] == pytest.approx(high - low)
    assert (found.low[0], found.high[0]) == pytest.approx(
        tuple(
            float(x[0]) for x in intervals.logit(*[np.array([v]) for v in (0.3, 2 * 0.21 / 199, 20.0)], 0.95)
        )
    )


def test_more_degrees_of_freedom_than_respondents_do_not_enlarge_the_sample() -> None:
    found = limits(one(0.02, 1.0, n=60, df=500, expected=1.0))
    assert (found.low[0], found.high[0]) == pytest.approx(beta_limits(0.02, 60))
    found = limits(one(0.04, 0.9, df=2, expected=0.9))
    assert corrected(200, 2, 0.9) < 100
    assert (found.low[0], found.high[0]) == pytest.approx(beta_limits(0.04, corrected(200, 2, 0.9)))
    found = limits(one(0.02, 1.5, n=60, df=500, expected=1.0))
    assert (found.low[0], found.high[0]) == pytest.approx(beta_limits(0.02, 40))


def test_two_respondents_have_limits_and_one_between_the_ends_has_none() -> None:
    two = limits(one(0.5, 1.0, n=2, df=1, expected=1.0))
    assert np.isfinite([two.low[0], two.high[0]]).all()
    assert label(two) == "beta"
    alone = limits(one(0.5, 1.0, n=1, df=1, expected=1.0, positive=0.5))
    assert np.isnan(alone.low[0]) and np.isnan(alone.high[0])


@pytest.mark.parametrize("changed", ["variance", "df", "missing"])
def test_without_variance_or_degrees_of_freedom_the_expected_design_effect_stands_in(changed: str) -> None:
    shares = one(0.3, 0.4, expected=2.5)
    shares = {
        "variance": replace(shares, variance=np.zeros(1)),
        "df": replace(shares, df=np.zeros(1)),
        "missing": replace(shares, variance=np.array([np.nan])),
    }[changed]
    found = limits(shares)
    assert (label(found), found.deff[0], found.n_eff[0]) == ("assumed", 2.5, pytest.approx(80))
    assert (found.low[0], found.high[0]) == pytest.approx(beta_limits(0.3, 80))
    assert not found.widened[0]
    lower = limits(replace(shares, expected=np.array([0.7])))
    assert lower.deff[0] == 1.0


def test_a_known_variance_above_the_expected_one_is_kept_without_degrees_of_freedom() -> None:
    assert limits(replace(one(0.3, 4.0, expected=2.5), df=np.zeros(1))).deff[0] == pytest.approx(4.0)


def test_the_ends_are_one_sided_on_the_expected_effective_size() -> None:
    for positive, p in ((0.0, 0.0), (200.0, 1.0)):
        found = limits(replace(one(p, expected=2.0, positive=positive), variance=np.zeros(1)), level=0.9)
        far = 0.05 ** (1 / 100)
        assert label(found) == "exact"
        assert (found.low[0], found.high[0]) == pytest.approx((0.0, 1 - far) if p == 0 else (far, 1.0))
        assert (found.deff[0], found.n_eff[0]) == (2.0, 100.0)


def test_one_respondent_at_the_end_has_the_widest_exact_interval() -> None:
    found = limits(replace(one(0.0, n=1, df=0, expected=1.0, positive=0), variance=np.zeros(1)))
    assert (found.low[0], found.high[0]) == pytest.approx((0.0, 0.975))


def test_a_census_has_no_width_and_no_design_effect() -> None:
    for p, positive in ((0.3, 60.0), (0.0, 0.0)):
        found = limits(one(p, 0.0, expected=0.0, positive=positive))
        assert (label(found), found.low[0], found.high[0], found.deff[0]) == ("census", p, p, 0.0)
        assert np.isnan(found.n_eff[0])


def test_nobody_has_no_interval() -> None:
    empty = limits(one(np.nan, n=0, df=0, positive=0))
    assert label(empty) == "none"
    assert np.isnan([empty.low[0], empty.high[0], empty.deff[0], empty.n_eff[0]]).all()


def test_explicit_methods_are_those_of_the_formulas() -> None:
    shares = one(0.3, 2.0)
    p, v, df = shares.p, shares.variance, shares.df
    made = {
        "wald": intervals.wald(p, v, df, 0.9),
        "logit": intervals.logit(p, v, df, 0.9),
        "asin": intervals.arcsine(p, v, df, 0.9),
        "wilson": intervals.wilson(p, v, df, 0.9),
        "beta": intervals.korn_graubard(p, v, df, shares.rows, 0.9),
    }
    for name, (low, high) in made.items():
        found = limits(shares, name, 0.9)
        assert (label(found), found.low[0], found.high[0]) == (name, low[0], high[0])
    given = choose_limits(shares, 0.95, "likelihood", (np.array([0.1]), np.array([0.7])))
    assert (given.low[0], given.high[0]) == (0.1, 0.7)


@pytest.mark.parametrize("lost", [(np.nan, 0.7), (0.1, np.nan)])
def test_a_likelihood_that_loses_a_limit_gives_way_to_korn_and_graubard(lost: tuple[float, float]) -> None:
    found = choose_limits(one(0.3, 2.0), 0.95, "likelihood", (np.array([lost[0]]), np.array([lost[1]])))
    assert label(found) == "beta"
    assert (found.low[0], found.high[0]) == pytest.approx(beta_limits(0.3, corrected(200, 20, 2.0)))


def test_intervals_equal_their_textbook_forms() -> None:
    p, v, df, level = np.array([0.2]), np.array([0.002]), np.array([7.0]), 0.9
    t = stats.t.ppf(0.95, 7)
    se = np.sqrt(0.002)
    assert np.concatenate(intervals.wald(p, v, df, level)) == pytest.approx([0.2 - t * se, 0.2 + t * se])
    centre, half = np.log(0.2 / 0.8), t * se / 0.16
    assert np.concatenate(intervals.logit(p, v, df, level)) == pytest.approx(
        [1 / (1 + np.exp(-(centre + sign * half))) for sign in (-1, 1)]
    )
    angle, turn = np.arcsin(np.sqrt(0.2)), t * np.sqrt(0.002 / (4 * 0.16))
    assert np.concatenate(intervals.arcsine(p, v, df, level)) == pytest.approx(
        [np.sin(angle - turn) ** 2, np.sin(angle + turn) ** 2]
    )
    n = 0.16 / 0.002
    # roots of (x − p)² = t² x(1 − x)/n, which is what Wilson's limits solve
    for limit in np.concatenate(intervals.wilson(p, v, df, level)):
        assert (limit - 0.2) ** 2 == pytest.approx(t**2 * limit * (1 - limit) / n)
    assert intervals.wilson(p, v, df, level)[0] < 0.2 < intervals.wilson(p, v, df, level)[1]
    size = n * (stats.t.ppf(0.95, 29) / t) ** 2
    assert np.concatenate(intervals.korn_graubard(p, v, df, np.array([30.0]), level)) == pytest.approx(
        beta_limits(0.2, size, 0.9)
    )


def test_the_arcsine_interval_stops_at_the_ends() -> None:
    wide = np.array([0.05])
    assert intervals.arcsine(np.array([0.1]), wide, np.array([3.0]), 0.95)[0] == 0.0
    assert intervals.arcsine(np.array([0.9]), wide, np.array([3.0]), 0.95)[1] == 1.0
    # past 0, but not past twice the angle: it turns around, as in R
    low = intervals.arcsine(np.array([0.1]), np.array([0.01]), np.array([30.0]), 0.95)[0]
    angle, turn = np.arcsin(np.sqrt(0.1)), stats.t.ppf(0.975, 30) * np.sqrt(0.01 / 0.36)
    assert angle < turn < 2 * angle
    assert low == pytest.approx(np.sin(turn - angle) ** 2)


def test_clopper_and_pearson_at_the_ends_and_between() -> None:
    low, high = intervals.clopper_pearson(np.array([0.0, 5.0, 5.0]), np.array([5.0, 5.0, 12.0]), 0.95)
    assert (low[0], high[1]) == (0.0, 1.0)
    assert (high[0], low[1]) == pytest.approx((1 - 0.025 ** (1 / 5), 0.025 ** (1 / 5)))
    assert (low[2], high[2]) == pytest.approx(beta_limits(5 / 12, 12))


def test_no_degrees_of_freedom_have_no_quantile() -> None:
    found = intervals.t_quantile(np.array([0.0, -1.0, 1.0, 5.0, 1.0]), 0.9)
    assert np.isnan(found[:2]).all()
    np.testing.assert_allclose(found[2:], stats.t.ppf(0.95, [1, 5, 1]))


def verdict(
    p: float, n: float, size: float, width: float, df: float = 20, positive: float | None = None
) -> list[str]:
    made = Verdict(1)
    counted = p * n if positive is None else positive
    proportion_verdict(made, *(np.array([v], float) for v in (p, n, counted, size, width, df)))
    return [made.reliability[0], made.reason[0]]


def test_the_nchs_limits_are_met_exactly() -> None:
    few, size = "fewer than 30 respondents", "fewer than 30 effective respondents"
    assert verdict(0.5, 30, 30, 0.2) == ["reliable", ""]
    assert verdict(0.5, 29, 30, 0.2) == ["unreliable", few]
    assert verdict(0.5, 30, 29.9, 0.2) == ["unreliable", size]
    assert verdict(0.5, 29, 29, 0.2) == ["unreliable", few]
    assert verdict(0.5, 100, 90, 0.3) == ["unreliable", "interval 30 points wide or more"]
    assert verdict(0.1, 100, 90, 0.3) == ["unreliable", "interval 30 points wide or more"]
    assert verdict(0.5, 1, 30, 0.2) == ["unreliable", few]
    assert verdict(0.5, 100, 90, 0.2999) == ["reliable", ""]
    assert verdict(0.125, 100, 90, 0.1625) == [
        "uncertain",
        "interval wider than the estimate",
    ]  # 130 % exactly
    assert verdict(0.125, 100, 90, 0.1626) == ["unreliable", "interval wider than 130 % of the estimate"]
    assert verdict(0.125, 100, 90, 0.125) == ["reliable", ""]
    assert verdict(0.03125, 1000, 900, 0.05) == ["reliable", ""]
    assert verdict(0.875, 100, 90, 0.1625) == ["reliable", ""]
    assert verdict(0.875, 100, 90, 0.1626) == ["uncertain", "interval wider than 130 % of the complement"]
    assert verdict(0.5, 100, 90, 0.1, df=8) == ["reliable", ""]
    assert verdict(0.5, 100, 90, 0.1, df=7) == ["uncertain", "fewer than 8 degrees of freedom"]
    assert verdict(0.0, 100, 90, 0.1) == ["uncertain", "no events"]
    assert verdict(1.0, 100, 90, 0.1) == ["uncertain", "only events"]
    assert verdict(1 / 100, 100, 90, 0.1, positive=1) == [
        "unreliable",
        "interval wider than 130 % of the estimate",
    ]


def test_nobody_gets_no_verdict_of_the_standards() -> None:
    assert verdict(np.nan, 0, np.nan, np.nan, df=0, positive=0) == ["reliable", ""]
    made = Verdict(1)
    value_verdict(made, *(np.array([v], float) for v in (5, 9, 0, 0)))
    assert [made.reliability[0], made.reason[0]] == ["reliable", ""]


def test_means_are_held_to_thirty_respondents_thirty_per_cent_and_eight_degrees_of_freedom() -> None:
    def of(estimate: float, se: float, n: float, df: float) -> tuple[str, str]:
        made = Verdict(1)
        value_verdict(made, *(np.array([v], float) for v in (estimate, se, n, df)))
        return made.reliability[0], made.reason[0]

    assert of(-10, 3, 30, 8) == ("reliable", "")
    assert of(-10, 3.01, 30, 8) == ("unreliable", "standard error above 30 % of the estimate")
    assert of(10, 1, 29, 8) == ("unreliable", "fewer than 30 respondents")
    assert of(10, 1, 30, 7) == ("uncertain", "fewer than 8 degrees of freedom")
    assert of(10, 4, 1, 1)[1].count(";") == 2


def test_later_findings_never_lift_earlier_ones_and_reasons_keep_their_order() -> None:
    made = Verdict(3)
    made.note(np.array([True, False, True]), "first", 2)
    made.note(np.array([True, True, False]), "second", 1)
    made.note(np.array([False, True, False]), "third")
    assert list(made.reliability) == ["unreliable", "uncertain", "unreliable"]
    assert list(made.reason) == ["first; second", "second; third", "first"]
