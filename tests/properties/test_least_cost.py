"""The cheapest pattern of a small table, against all patterns there are.

Ground: a law. Every set of further cells is tried, and every table that agrees with what it leaves: no set that
protects may be cheaper than the answer, nor than the bound it comes with.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.disclosure import suppress

SIZE, MOST = 2, 6
NAMES = [f"{r}|{c}" for r, c in product(("r0", "r1", "T"), ("c0", "c1", "T"))]
RELATIONS: dict[str, Any] = {
    "relations": [
        *({"terms": [[f"{r}|T", -1], [f"{r}|c0", 1], [f"{r}|c1", 1]]} for r in ("r0", "r1", "T")),
        *({"terms": [[f"T|{c}", -1], [f"r0|{c}", 1], [f"r1|{c}", 1]]} for c in ("c0", "c1", "T")),
    ],
}


def with_margins(inner: np.ndarray) -> np.ndarray:
    rows = np.concatenate([inner, inner.sum(axis=-1, keepdims=True)], axis=-1)
    return np.concatenate([rows, rows.sum(axis=-2, keepdims=True)], axis=-2)


WORLDS = with_margins(
    np.array(list(product(range(MOST + 1), repeat=SIZE**2))).reshape(-1, SIZE, SIZE)
).reshape(-1, 9)


def protects(value: np.ndarray, primary: np.ndarray, withheld: np.ndarray, known_min: int) -> bool:
    """Whether every primary cell can be one more and, as far as it is known to be at least something, one less."""
    left = WORLDS[(WORLDS[:, ~withheld] == value[~withheld]).all(axis=1)]
    left = left[(left[:, withheld] >= known_min).all(axis=1)]
    for at in np.flatnonzero(primary):
        if left[:, at].max() < value[at] + 1:
            return False
        if value[at] - 1 >= known_min and left[:, at].min() > value[at] - 1:
            return False
    return True


def cheapest(value: np.ndarray, primary: np.ndarray, price: np.ndarray, known_min: int) -> float:
    """The cost of the cheapest pattern of all, without zeros; infinite where none protects."""
    candidates = np.flatnonzero(~primary & (value > 0))
    best = np.inf
    for chosen in product((False, True), repeat=len(candidates)):
        withheld = primary.copy()
        withheld[candidates[list(chosen)]] = True
        cost = float(price[withheld].sum())
        if cost < best and protects(value, primary, withheld, known_min):
            best = cost
    return best


@pytest.mark.parametrize("seed", range(12))
def test_no_pattern_is_cheaper_and_the_bound_is_one(seed: int) -> None:
    rng = np.random.default_rng([77, seed])
    inner = rng.choice(MOST, (SIZE, SIZE), p=[0.1, 0.2, 0.2, 0.2, 0.2, 0.1])
    value = with_margins(inner).ravel()
    primary = (value > 0) & (value < 3)
    hi = [MOST if "T" not in name else SIZE**2 * MOST for name in NAMES]
    cells = pd.DataFrame({"cell": NAMES, "value": value, "primary": primary.astype(int), "hi": hi})
    for known_min, cost in product((0, 1), ("value", "cells")):
        policy = {
            "requirement": "plus_minus_1",
            "blank_zeros": False,
            "known_min": known_min,
            "cost": cost,
            "threshold": 3,
        }
        price = value.astype(float) if cost == "value" else np.ones(9)
        expected = cheapest(value, primary, price, known_min)
        pattern = suppress(cells, RELATIONS, policy)
        if np.isinf(expected):
            assert pattern.unreachable
            continue
        assert pattern.unreachable == ()
        assert pattern.cost == expected
        assert pattern.lower_bound == pytest.approx(expected)
