"""The p-table: moments and support, by hand and by law."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.disclosure import p_table
from mapping.errors import SettingsError

GRID = [
    (1, 0.5, 1),
    (2, 1.0, 1),
    (3, 2.0, 1),
    (3, 2.0, 3),
    (4, 3.0, 2),
    (5, 1.5, 1),
    (5, 3.0, 3),
    (9, 12.0, 5),
]


def possible(count: int, maximum: int, smallest: int) -> np.ndarray:
    v = np.arange(-maximum, maximum + 1)
    return (v == 0) if count == 0 else (count + v == 0) | (count + v >= smallest)


@pytest.mark.parametrize(("maximum", "variance", "smallest"), GRID)
def test_each_row_is_unbiased_and_has_the_stated_variance_where_it_can(
    maximum: int, variance: float, smallest: int
) -> None:
    """Two points around 0 give the least variance, -low · high; the outermost ones the greatest."""
    table, v = p_table(maximum, variance, smallest=smallest), np.arange(-maximum, maximum + 1)
    for count, row in enumerate(table):
        support = v[possible(count, maximum, smallest)]
        least = -support[support <= 0].max() * support[support >= 0].min()
        most = -support.min() * support.max()
        assert np.all(row >= 0)
        assert row.sum() == pytest.approx(1, abs=1e-12)
        assert row @ v == pytest.approx(0, abs=1e-9)
        assert row @ v**2 == pytest.approx(min(max(variance, least), most), abs=1e-9)


@pytest.mark.parametrize(("maximum", "variance", "smallest"), GRID)
def test_nothing_negative_or_below_the_smallest_count_is_printed(
    maximum: int, variance: float, smallest: int
) -> None:
    for count, row in enumerate(p_table(maximum, variance, smallest=smallest)):
        assert not row[~possible(count, maximum, smallest)].any()


def test_zero_stays_zero_and_large_counts_are_treated_alike() -> None:
    table = p_table(3, 2.0, smallest=2)

    assert table.shape == (6, 7)
    assert table[0].tolist() == [0, 0, 0, 1, 0, 0, 0]
    np.testing.assert_allclose(table[-1], table[-1][::-1], atol=1e-12)


def test_the_row_of_one_person_by_hand() -> None:
    """Deviations -1, 0, 1 with mean 0 and variance 1/2: p(1) = p(-1) = 1/4."""
    np.testing.assert_allclose(p_table(1, 0.5)[1], [0.25, 0.5, 0.25], atol=1e-10)


def test_where_one_and_two_may_not_be_printed_a_single_person_becomes_nobody_or_three() -> None:
    """Of 0 and 3 alone the mean is 1 if 3 has a third; the variance, 2, is more than asked, and the least there is."""
    np.testing.assert_allclose(p_table(2, 1.0, smallest=3)[1], [0, 2 / 3, 0, 0, 1 / 3], atol=1e-12)


def test_at_the_greatest_variance_all_deviations_are_equally_likely() -> None:
    np.testing.assert_allclose(p_table(3, 4.0)[-1], np.full(7, 1 / 7), atol=1e-9)


@pytest.mark.parametrize(("maximum", "variance", "smallest"), [(3, 2.0, 1), (4, 3.0, 2)])
def test_no_other_table_with_these_moments_has_more_entropy(
    maximum: int, variance: float, smallest: int
) -> None:
    """Along every direction that keeps sum, mean and variance the entropy is level: p is its maximum."""
    v = np.arange(-maximum, maximum + 1)
    for row in p_table(maximum, variance, smallest=smallest)[2:]:
        inside = row > 0
        p, moments = row[inside], np.vander(v[inside], 3).T
        directions = np.linalg.svd(moments)[2][3:]
        assert np.abs(directions @ np.log(p)).max(initial=0.0) < 1e-7


@pytest.mark.parametrize(
    ("maximum", "variance", "smallest"),
    [(0, 1.0, 1), (3, 0.0, 1), (3, 4.1, 1), (3, -1.0, 1), (2, 1.0, 4), (3, 2.0, 0)],
)
def test_impossible_tables_are_refused(maximum: int, variance: float, smallest: int) -> None:
    with pytest.raises(SettingsError):
        p_table(maximum, variance, smallest=smallest)
