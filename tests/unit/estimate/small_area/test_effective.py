"""Effective counts: the correlation by hand, and that differences between areas are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import effective_counts

AREA, SCHOOL = np.repeat(np.arange(20), 3), np.tile([0, 1, 2], 20)


def test_the_correlation_is_that_of_the_analysis_of_variance() -> None:
    # one area, schools 0 of 2 and 2 of 2: between 2·(½)²·2 / 1 = 1, within 0 / 2 = 0, so the correlation is 1
    found = effective_counts([0, 2], [2, 2], area=[0, 0], school=["a", "b"])
    assert found.correlation == 1
    assert found.trials.tolist() == [2]
    assert found.events.tolist() == [1]


def test_areas_that_differ_are_not_schools_that_differ() -> None:
    generator = np.random.default_rng(3)
    level = np.repeat(np.linspace(0.02, 0.4, 20), 3)
    found = effective_counts(generator.binomial(40, level), np.full(60, 40), area=AREA, school=SCHOOL)
    assert found.correlation < 0.02
    assert found.told


def test_schools_that_differ_are_found_over_repeated_surveys() -> None:
    """Ground (4): correlation 0.05 by beta-distributed schools, 60 surveys; Monte Carlo error about 0.003."""
    generator = np.random.default_rng(4)
    found = []
    for _ in range(60):
        level = generator.beta(0.1 * 19, 0.9 * 19, size=60)
        found.append(
            effective_counts(
                generator.binomial(40, level), np.full(60, 40), area=AREA, school=SCHOOL
            ).correlation
        )
    assert np.mean(found) == pytest.approx(0.05, abs=0.01)


def test_rows_of_the_same_school_and_area_are_one_school() -> None:
    split = effective_counts([1, 1, 5], [10, 20, 30], area=[0, 0, 0], school=["a", "a", "b"])
    whole = effective_counts([2, 5], [30, 30], area=[0, 0], school=["a", "b"])
    assert split.correlation == whole.correlation


def test_one_school_to_an_area_is_said() -> None:
    found = effective_counts([2, 5], [30, 30], area=[0, 1], school=["a", "b"])
    assert not found.told
    assert "0.005, 0.02, 0.05" in found.notes[0]
    assert found.trials == pytest.approx([30 / (1 + 29 * 0.02)] * 2)


def test_a_stated_correlation_is_used() -> None:
    found = effective_counts([2, 5, 0], [30, 30, 0], area=[0, 1, 2], school=["a", "b", "c"], correlation=0.0)
    assert found.trials.tolist() == [30, 30, 0]


@pytest.mark.parametrize("correlation", [-0.1, 1.5])
def test_an_impossible_correlation_is_refused(correlation: float) -> None:
    with pytest.raises(EstimationError, match="between 0 and 1"):
        effective_counts([2], [30], area=[0], school=["a"], correlation=correlation)


def test_schools_must_be_named_for_every_row() -> None:
    with pytest.raises(EstimationError, match="each of the 2 rows"):
        effective_counts([2, 1], [30, 20], area=[0, 1], school=["a"])
