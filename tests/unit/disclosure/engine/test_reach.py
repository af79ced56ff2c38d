"""How far counts can go: against every table there is, on programmes small enough to write them all down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.sparse import csr_array

from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.reach import Target, witnesses


def tables(size: int, most: int) -> Iterator[tuple[int, ...]]:
    if not size:
        yield ()
        return
    for rest in tables(size - 1, most):
        yield from ((*rest, n) for n in range(most + 1))


@pytest.mark.parametrize("seed", range(12))
def test_counts_go_as_far_as_the_best_of_all_tables(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-1, 2, (3, 5)).astype(float)
    truth = rng.integers(0, 5, 5)
    sums = matrix @ truth
    part = Programme(csr_array(matrix), sums - 1, sums + 1, np.zeros(5), np.full(5, 4.0))
    all_tables = [t for t in tables(5, 4) if np.all(np.abs(matrix @ np.array(t) - sums) <= 1)]
    base = part.whole(np.ones(5))
    assert base is not None
    targets = [Target(v, sense, goal) for v in range(5) for sense, goal in ((1, 4), (-1, 0))]
    shown = [base, *witnesses(part, base, targets)]
    assert all(part.holds(table) for table in shown)
    for target in targets:
        best = max(target.sense * t[target.variable] for t in all_tables)
        assert target.sense * target.reached(shown) == best
