"""Random small tables in the exchange format, suppressed, and attacked by trying out all tables there are.

Ground: a law. The enumeration shares no code with the search or the auditor. ``DISCLOSURE_TABLES=10000`` tries
more than the few of an ordinary run; every machine tries the same ones. The cheapest pattern depends on the counts
that it hides, so that two worlds that differ in those alone may be two patterns: docs/replay.md measures what that
tells. `test_small_releases` holds the gate to more.
"""

from __future__ import annotations

import os
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mapping.disclosure import SuppressionPattern, audit, suppress

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


def table_of(inner: list[int]) -> pd.DataFrame:
    values = with_margins(np.array(inner).reshape(ROWS, COLUMNS)).ravel()
    inside = ["T" not in name for name in NAMES]
    return pd.DataFrame(
        {
            "cell": NAMES,
            "value": values,
            "primary": [int(1 <= v < THRESHOLD) for v in values],
            "hi": [MOST if own else ROWS * COLUMNS * MOST for own in inside],
        }
    )


tables = st.lists(st.integers(0, MOST), min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS).map(table_of)


def tried(part: int) -> settings:
    """So many of all tables, the same ones everywhere, and the first fault as it is found."""
    return settings(
        max_examples=max(5, TABLES // part), deadline=None, derandomize=True, database=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip


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


@tried(1)
@given(tables)
def test_no_table_gives_a_small_count_away(worlds: np.ndarray, cells: pd.DataFrame) -> None:
    assert faults(worlds, cells) == []


@tried(4)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_relations_changes_no_pattern(cells: pd.DataFrame, random: Random) -> None:
    order = random.sample(range(len(cells)), len(cells))
    relations = random.sample(RELATIONS["relations"], len(RELATIONS["relations"]))
    pattern = suppress(cells, RELATIONS)
    mixed = suppress(cells.iloc[order], {**RELATIONS, "relations": relations})
    assert set(mixed.withheld) == set(pattern.withheld)
    assert (mixed.cost, mixed.lower_bound) == (pattern.cost, pattern.lower_bound)


@tried(4)
@given(tables, st.integers(0, len(NAMES) - 1))
def test_one_more_primary_cell_is_withheld_and_makes_nothing_cheaper(cells: pd.DataFrame, more: int) -> None:
    """The cheapest pattern with one more primary cell need not hold the cheapest without it."""
    stricter = cells.assign(primary=cells["primary"].where(cells.index != more, 1))
    one, two = suppress(cells, RELATIONS), suppress(stricter, RELATIONS)
    assert set(stricter.loc[stricter["primary"].eq(1), "cell"]) <= set(two.withheld)
    assert two.lower_bound >= one.lower_bound - 1e-6


@tried(4)
@given(tables, st.lists(st.booleans(), min_size=len(NAMES), max_size=len(NAMES)), st.sampled_from([0, 1]))
def test_the_auditor_finds_the_intervals_that_all_tables_together_have(
    worlds: np.ndarray, cells: pd.DataFrame, flags: list[bool], known_min: int
) -> None:
    shown = np.array(flags)
    published = cells.assign(value=cells["value"].where(shown))[["cell", "value", "hi"]]
    left = consistent(worlds, cells, shown, known_min)
    verdict = audit(published, RELATIONS, known_min=known_min)
    assert verdict.contradiction == (len(left) == 0)
    for at in np.flatnonzero(~shown) if len(left) else ():
        assert verdict.intervals[NAMES[at]] == (left[:, at].min(), left[:, at].max())


def test_all_tables_find_what_the_primary_cells_alone_leave_open(
    worlds: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = table_of([1, 5, 6, 4, 5, 0])
    assert faults(worlds, cells) == []
    only = SuppressionPattern(tuple(cells.loc[cells["primary"].eq(1), "cell"]), 1.0, 1.0)
    monkeypatch.setitem(globals(), "suppress", lambda *_: only)
    assert faults(worlds, cells) == [
        f"r0|c0 is {what} (blanks at least {known_min})"
        for known_min in (0, 1)
        for what in ("pinned", "seen to be small")
    ]
