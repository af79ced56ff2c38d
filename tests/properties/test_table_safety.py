"""Random small tables in the exchange format, suppressed, and attacked by trying out all tables there are.

Ground: a law. The enumeration shares no code with the search or the auditor. ``DISCLOSURE_TABLES=10000`` tries
more than the few of an ordinary run; every machine tries the same ones.
"""

from __future__ import annotations

import os
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.disclosure import audit, suppress

TABLES = int(os.environ.get("DISCLOSURE_TABLES", "40"))
ROWS, COLUMNS, MOST, THRESHOLD = 2, 3, 6, 3
LABELS = [("r0", "r1", "T"), ("c0", "c1", "c2", "T")]
NAMES = [f"{r}|{c}" for r, c in product(*LABELS)]
RELATIONS: dict[str, Any] = {
    "relations": [
        *({"terms": [[f"{r}|T", -1], *([f"{r}|{c}", 1] for c in LABELS[1][:-1])]} for r in LABELS[0]),
        *({"terms": [[f"T|{c}", -1], *([f"{r}|{c}", 1] for r in LABELS[0][:-1])]} for c in LABELS[1]),
    ],
    "threshold": THRESHOLD,
    "ub": ROWS * COLUMNS * MOST,
}


def with_margins(inner: np.ndarray) -> np.ndarray:
    rows = np.concatenate([inner, inner.sum(axis=-1, keepdims=True)], axis=-1)
    return np.concatenate([rows, rows.sum(axis=-2, keepdims=True)], axis=-2)


def all_tables() -> np.ndarray:
    """Every table with inner counts of 0 to MOST, one per row, margins included."""
    inner = np.array(np.meshgrid(*[np.arange(MOST + 1)] * (ROWS * COLUMNS))).reshape(ROWS * COLUMNS, -1).T
    return with_margins(inner.reshape(-1, ROWS, COLUMNS)).reshape(len(inner), -1).astype(np.int8)


@pytest.fixture(scope="module")
def worlds() -> np.ndarray:
    return all_tables()


def random_table(rng: np.random.Generator) -> pd.DataFrame:
    inner = rng.choice(MOST + 1, (ROWS, COLUMNS), p=rng.dirichlet(np.ones(MOST + 1)))
    values = with_margins(inner).ravel()
    inside = ["T" not in name for name in NAMES]
    return pd.DataFrame(
        {
            "cell": NAMES,
            "value": values,
            "primary": [int(1 <= v < THRESHOLD) for v in values],
            "hi": [MOST if own else ROWS * COLUMNS * MOST for own in inside],
        }
    )


def consistent(worlds: np.ndarray, cells: pd.DataFrame, shown: np.ndarray, known_min: int) -> np.ndarray:
    """The tables that agree with what is shown, for those who know every blank to be at least `known_min`."""
    left = worlds
    for at in np.flatnonzero(shown):
        left = left[left[:, at] == cells["value"].iloc[at]]
    return left[(left[:, ~shown] >= known_min).all(axis=1)]


def faults(worlds: np.ndarray, cells: pd.DataFrame) -> list[str]:
    pattern = suppress(cells, RELATIONS)
    shown = ~cells["cell"].isin(pattern.withheld).to_numpy()
    primary, value = cells["primary"].eq(1).to_numpy(), cells["value"].to_numpy()
    found = ["a primary cell is shown"] if (shown & primary).any() else []
    zeros_printed = bool((value[shown] == 0).any())
    for known_min in range(1 + zeros_printed):
        left = consistent(worlds, cells, shown, known_min)
        if not len(left):
            continue  # this attacker sees that she is mistaken
        low, high = left.min(axis=0), left.max(axis=0)
        for at in np.flatnonzero(~shown):
            open_ = cells["cell"].iloc[at] not in pattern.unreachable
            if low[at] == high[at] and open_:
                found.append(f"{NAMES[at]} is pinned (blanks at least {known_min})")
            if primary[at] and high[at] < THRESHOLD and open_:
                found.append(f"{NAMES[at]} is seen to be small (blanks at least {known_min})")
    if pattern.cost < pattern.lower_bound - 1e-6:
        found.append("it is cheaper than its bound")
    return found


@pytest.mark.parametrize("part", range(4))
def test_no_table_gives_a_small_count_away(worlds: np.ndarray, part: int) -> None:
    for seed in range(part, TABLES, 4):
        cells = random_table(np.random.default_rng([2026, seed]))
        assert faults(worlds, cells) == [], (seed, cells["value"].tolist())


@pytest.mark.parametrize("seed", range(max(4, TABLES // 20)))
def test_the_order_of_rows_and_one_more_primary_cell_show_nothing_more(seed: int) -> None:
    rng = np.random.default_rng([2027, seed])
    cells = random_table(rng)
    pattern = suppress(cells, RELATIONS)
    shuffled = cells.iloc[rng.permutation(len(cells))]
    assert set(suppress(shuffled, RELATIONS).withheld) == set(pattern.withheld)

    more = cells.copy()
    more.loc[rng.integers(len(more)), "primary"] = 1
    stricter = suppress(more, RELATIONS)
    assert set(more.loc[more["primary"].eq(1), "cell"]) <= set(stricter.withheld)
    assert stricter.lower_bound >= pattern.lower_bound - 1e-6


@pytest.mark.parametrize("part", range(2))
def test_the_auditor_finds_the_intervals_that_all_tables_together_have(worlds: np.ndarray, part: int) -> None:
    for seed in range(part, max(10, TABLES // 4), 2):
        rng = np.random.default_rng([2028, seed])
        cells = random_table(rng)
        shown = rng.random(len(cells)) < 0.55
        published = cells.assign(value=cells["value"].where(shown))[["cell", "value", "hi"]]
        for known_min in (0, 1):
            left = consistent(worlds, cells, shown, known_min)
            verdict = audit(published, RELATIONS, known_min=known_min)
            assert verdict.contradiction == (len(left) == 0)
            for at in np.flatnonzero(~shown) if len(left) else ():
                expected = (left[:, at].min(), left[:, at].max())
                assert verdict.intervals[NAMES[at]] == expected, (seed, known_min, NAMES[at])
