"""Two sources that know some of the same people: Chapman's estimate, and when it is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.cases.capture import LEAST, two_sources


def test_chapmans_estimate_and_sebers_variance_by_hand() -> None:
    # 61 · 46 / 16 − 1 = 174.375; variance 61 · 46 · 45 · 30 / (16² · 17) = 870.43
    found = two_sources(60, 45, 15)
    assert found.number == pytest.approx(174.375)
    assert found.se == pytest.approx(870.43**0.5, abs=1e-3)


def test_the_lower_limit_never_falls_below_those_known() -> None:
    found = two_sources(200, 9, 8)
    assert found.low > 200 + 9 - 8


def test_sources_that_know_the_same_people_find_nobody_more() -> None:
    found = two_sources(50, 50, 50)
    assert (found.number, found.low, found.high) == (50, 50, 50)


def test_too_few_in_both_are_refused() -> None:
    with pytest.raises(EstimationError, match="Pool years"):
        two_sources(60, 45, LEAST - 1)


@pytest.mark.parametrize("counts", [(5, 60, 8), (-1, 60, 0)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(EstimationError, match="both sources"):
        two_sources(*counts)


def test_limits_cover_where_the_assumptions_hold() -> None:
    # simulation: 1,000 towns of 300 people, of whom the sources know a third and a quarter
    rng, covered = np.random.default_rng(3), []
    for _ in range(1000):
        one, two = rng.random(300) < 0.33, rng.random(300) < 0.25
        found = two_sources(int(one.sum()), int(two.sum()), int((one & two).sum()))
        covered.append(found.low <= 300 <= found.high)
    assert 0.93 <= np.mean(covered) <= 0.98
