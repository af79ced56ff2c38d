"""The detection ratio: refused unless both sides mean the same, and no surer than its two parts."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mapping.concepts.wave import Wave, read_wave
from mapping.errors import EstimationError, SettingsError
from mapping.estimate.cases.detection import (
    APART,
    REASONS,
    Estimated,
    Scope,
    comparable,
    detection_ratio,
    pooled,
    scopes,
)

YEAR = (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
KNOWN = Scope("person", "hrv", YEAR, frozenset({2009, 2010}), "resident")
SURVEY = replace(KNOWN, unit="pupil", period=(dt.date(2025, 3, 1), dt.date(2026, 2, 28)))
TENTH = Estimated.from_share(0.10, 0.08, 0.125, 2000)


def test_the_same_people_over_the_same_year_may_be_compared() -> None:
    assert comparable(KNOWN, SURVEY) == ()


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"unit": "case"}, "unit"),
        ({"unit": "event"}, "unit"),
        ({"definition": "hrv or ipv"}, "definition"),
        ({"definition": ""}, "definition"),
        ({"period": None}, "period"),
        ({"period": (dt.date(2024, 1, 1), dt.date(2025, 12, 31))}, "period"),
        ({"period": (dt.date(2024, 1, 1), dt.date(2024, 12, 31))}, "period"),
        ({"period": (dt.date(2025, 1, 1), dt.date(2025, 6, 30))}, "period"),
        ({"birth_years": frozenset({2010})}, "birth_years"),
        ({"birth_years": frozenset()}, "birth_years"),
        ({"residence": "enrolled"}, "residence"),
        ({"residence": ""}, "residence"),
    ],
)
def test_each_thing_that_differs_is_a_reason_of_its_own(other: dict[str, object], reason: str) -> None:
    assert comparable(replace(KNOWN, **other), SURVEY) == (reason,)


def test_two_unknowns_do_not_agree() -> None:
    nothing = Scope("", "", None, frozenset(), "")
    assert comparable(nothing, nothing) == REASONS


def test_periods_may_begin_a_quarter_apart_and_not_a_day_more() -> None:
    def begins(days: int) -> Scope:
        first = YEAR[0] + dt.timedelta(days=days)
        return replace(KNOWN, period=(first, first + dt.timedelta(days=364)))

    assert comparable(KNOWN, begins(APART)) == ()
    assert comparable(KNOWN, begins(APART + 1)) == ("period",)


def test_the_ratio_is_known_by_estimated() -> None:
    found = detection_ratio(25, TENTH)
    assert found.ratio == pytest.approx(25 / 200)
    assert found.exposed_per_known[0] == pytest.approx(8)
    assert found.usable


def test_both_errors_widen_the_limits() -> None:
    exact = Estimated(200, 200, 200, 2000)
    counted, whole = detection_ratio(25, exact), detection_ratio(25, TENTH)
    assert whole.low < counted.low < counted.ratio < counted.high < whole.high
    more = detection_ratio(250, Estimated.from_share(0.10, 0.08, 0.125, 20_000))
    assert more.ratio == whole.ratio
    assert whole.low < more.low < more.high < whole.high


def test_limits_by_hand_where_the_survey_is_exact() -> None:
    # mid-P limits of 5 of 1,000,000, Poisson by then: P(X > 5) + P(X = 5) / 2 = 0.025 and 0.975 at 1.832 and 11.082
    found = detection_ratio(5, Estimated(1e6, 1e6, 1e6, 10_000_000))
    assert (1e6 * found.low, 1e6 * found.high) == pytest.approx((1.832, 11.082), abs=0.001)


def test_nobody_known_is_not_a_ratio_of_nothing() -> None:
    found = detection_ratio(0, TENTH)
    assert found.ratio == found.low == 0 < found.high < 1
    assert found.exposed_per_known[0] == math.inf
    assert not found.usable


def test_more_known_than_estimated_is_told_as_it_is() -> None:
    assert detection_ratio(400, TENTH).low > 1


def test_a_survey_that_cannot_rule_out_nobody_gives_no_upper_limit() -> None:
    found = detection_ratio(25, Estimated.from_share(0.01, 0.0, 0.03, 2000))
    assert found.high == math.inf
    assert not found.usable


def test_years_are_pooled_as_sums_and_are_surer_together() -> None:
    one, two = detection_ratio(10, TENTH), pooled([(10, TENTH), (10, TENTH)])
    assert two.ratio == pytest.approx(one.ratio)
    assert one.low < two.low < two.high < one.high


def test_municipalities_of_unlike_size_weigh_by_size() -> None:
    small = Estimated.from_share(0.20, 0.15, 0.25, 100)
    assert pooled([(30, TENTH), (3, small)]).ratio == pytest.approx(33 / 220)


@pytest.mark.parametrize(("known", "says"), [(-1, "known"), (2.5, "known")])
def test_impossible_counts_are_refused(known: float, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        detection_ratio(known, TENTH)  # type: ignore[arg-type]


def test_impossible_estimates_are_refused() -> None:
    with pytest.raises(EstimationError, match="per cent"):
        Estimated.from_share(10, 8, 12, 100)
    with pytest.raises(EstimationError, match="population"):
        Estimated.from_share(0.1, 0.1, 0.1, 0)
    with pytest.raises(EstimationError, match="nobody"):
        detection_ratio(3, Estimated(0, 0, 1, 100))
    with pytest.raises(EstimationError, match="nothing to pool"):
        pooled([])


@pytest.mark.parametrize(("detected", "risk", "asked"), [(0.1, 0.05, 800), (0.6, 0.08, 900)])
def test_limits_cover_at_their_level_in_simple_samples(detected: float, risk: float, asked: int) -> None:
    # simulation: 400 municipalities of 2,500 pupils; Monte Carlo error 1.1 points around 95 %
    rng, covered = np.random.default_rng(8), []
    for _ in range(400):
        exposed = rng.binomial(2500, risk)
        known, yes = rng.binomial(exposed, detected), rng.hypergeometric(exposed, 2500 - exposed, asked)
        share = yes / asked
        se = math.sqrt(share * (1 - share) / asked * (1 - asked / 2500)) / (share * (1 - share))
        low, high = (1 / (1 + (1 / share - 1) * math.exp(-z * se)) for z in (-1.96, 1.96))
        found = detection_ratio(int(known), Estimated.from_share(share, low, high, 2500))
        covered.append(found.low <= detected <= found.high)
    assert 0.925 <= np.mean(covered) <= 0.985


SIDECAR = """
schema = 1
id = "2026"
survey = "Ung"
counts = "{counts}"
[file]
path = "ung.sav"
[cases]
path = "arenden.csv"
period = ["2025-01-01", "2025-12-31"]
unit = "{unit}"
columns = {{ {columns} }}
reasons = {{ hrv = ["Hedersrelaterat våld"] }}
{detection}
"""
WHOLE = {
    "counts": "resident",
    "unit": "case",
    "columns": 'case = "a", person = "b", opened = "c", reason = "d", birth_year = "e"',
    "detection": (
        '[detection]\nindicator = "S17"\nreason = "hrv"\n'
        'period = ["2025-03-01", "2026-02-28"]\nbirth_years = [2009, 2010]\n'
    ),
}


def stated(folder: Path, **other: str) -> Wave:
    path = folder / "2026" / "wave.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SIDECAR.format(**(WHOLE | other)), encoding="utf-8")
    return read_wave(path)


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        ({}, ()),
        ({"counts": "enrolled"}, ("residence",)),
        ({"columns": 'case = "a", opened = "c", reason = "d", birth_year = "e"'}, ("unit",)),
        ({"columns": 'case = "a", person = "b", opened = "c", reason = "d"'}, ("birth_years",)),
        ({"detection": ""}, ("definition", "period", "birth_years")),
        ({"detection": WHOLE["detection"].replace("hrv", "ipv")}, ("definition",)),
        ({"detection": WHOLE["detection"].replace("2025-03", "2020-03")}, ("period",)),
    ],
)
def test_what_the_sidecar_states_decides(
    tmp_path: Path, other: dict[str, str], reasons: tuple[str, ...]
) -> None:
    assert comparable(*scopes(stated(tmp_path, **other))) == reasons


def test_a_wave_without_cases_has_nothing_to_compare(tmp_path: Path) -> None:
    assert comparable(*scopes(replace(stated(tmp_path), cases=None))) == REASONS


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"2026-02-28"]', "]", "first and the last day"),
        ('"2026-02-28"', '"28 februari"', "must hold days"),
        ('"2026-02-28"', '"2024-02-28"', "ends before it begins"),
        ("[2009, 2010]", '["nio"]', "a list of years"),
        ('reason = "hrv"', 'reason = "hrv"\nsources = ["skola"]', "two sources"),
        ('reason = "hrv"', 'reason = "hrv"\nresaon = "ipv"', "unknown key 'resaon'"),
    ],
)
def test_a_sidecar_that_says_something_impossible_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        stated(tmp_path, detection=WHOLE["detection"].replace(old, new))
