"""Suppression of tables in the exchange format: small cases worked by hand, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.disclosure import Requirement, audit, suppress
from mapping.errors import InputError, SettingsError


def table(rows: list[list[int]], threshold: int = 5) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A two-way table with its margins."""
    inner = np.array(rows)
    full = np.block([[inner, inner.sum(1, keepdims=True)], [inner.sum(0), inner.sum()]])
    names = [[f"r{i}" for i in range(len(inner))] + ["T"], [f"c{j}" for j in range(inner.shape[1])] + ["T"]]
    cells = pd.DataFrame(
        [
            (f"{r}|{c}", full[i, j], int(1 <= full[i, j] < threshold))
            for i, r in enumerate(names[0])
            for j, c in enumerate(names[1])
        ],
        columns=["cell", "value", "primary"],
    )
    across = [[[f"{r}|T", -1], *([f"{r}|{c}", 1] for c in names[1][:-1])] for r in names[0]]
    down = [[[f"T|{c}", -1], *([f"{r}|{c}", 1] for r in names[0][:-1])] for c in names[1]]
    return cells, {"relations": [{"terms": terms} for terms in (*across, *down)], "threshold": threshold}


def published(cells: pd.DataFrame, withheld: tuple[str, ...]) -> pd.DataFrame:
    return cells[["cell", "value"]].assign(value=cells["value"].where(~cells["cell"].isin(withheld)))


def test_one_small_cell_needs_a_rectangle() -> None:
    """3 with 12, 9 and 20: the cheapest rectangle is 3 + 6 + 7 + 8 = 24."""
    cells, relations = table([[3, 6, 40], [7, 8, 50], [60, 70, 80]])
    pattern = suppress(cells, relations)
    assert set(pattern.withheld) == {"r0|c0", "r0|c1", "r1|c0", "r1|c1"}
    assert pattern.cost == 24


def test_a_zero_is_blanked_only_where_that_saves_many() -> None:
    cells, relations = table([[6, 3, 2, 1], [6, 1, 1, 9], [0, 0, 3, 3]])
    out = published(cells, suppress(cells, relations).withheld)
    assert out["value"].eq(0).sum() == 2


def test_a_blanked_zero_does_not_help_those_who_take_blanks_to_be_at_least_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mapping.disclosure.tables.suppress._ZERO", 0.0)
    cells, relations = table([[6, 3, 2, 1], [6, 1, 1, 9], [0, 0, 3, 3]])
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()

    pattern = suppress(cells, relations | {"ub": 200})

    out = published(cells, pattern.withheld)
    assert out["value"].eq(0).any()
    assert cells["value"].eq(0).sum() > out["value"].eq(0).sum()
    for known_min in (0, 1):
        assert audit(out, relations | {"sensitive": primary}, known_min=known_min, reach_at_least=5).safe


def test_what_is_out_already_is_not_withheld_and_an_old_blank_is() -> None:
    cells, relations = table([[3, 6, 40], [7, 8, 50], [60, 70, 80]])
    status = {"r0|c1": "published_earlier", "r2|c2": "suppressed_earlier"}
    pattern = suppress(cells.assign(status=cells["cell"].map(status)), relations)
    assert "r0|c1" not in pattern.withheld
    assert "r2|c2" in pattern.withheld
    assert audit(published(cells, pattern.withheld), relations).safe


def test_a_latent_cell_is_no_part_of_the_answer() -> None:
    cells, relations = table([[3, 6, 40], [7, 8, 50], [60, 70, 80]])
    pattern = suppress(cells.assign(status=cells["cell"].map({"r0|c1": "latent"})), relations)
    assert "r0|c1" not in pattern.withheld
    assert audit(published(cells, (*pattern.withheld, "r0|c1")), relations).safe


def test_the_cost_can_be_the_number_of_cells() -> None:
    cells, relations = table([[3, 60, 40], [7, 80, 50], [60, 70, 80]])
    assert suppress(cells, relations, {"cost": "cells"}).cost == 4


def test_of_patterns_that_cost_the_same_the_order_of_rows_chooses_none() -> None:
    """Either column of fives protects the 2 as cheaply as the other."""
    cells, relations = table([[5, 0, 5], [5, 2, 5]])
    forward = suppress(cells, relations)
    rows = relations["relations"]
    for shift in range(1, len(cells)):
        turned = [*rows[shift % len(rows) :], *rows[: shift % len(rows)]]
        terms = [{"terms": row["terms"][::-1]} for row in turned]
        mixed = suppress(cells.iloc[np.roll(range(len(cells)), shift)], relations | {"relations": terms})
        assert (set(mixed.withheld), mixed.cost) == (set(forward.withheld), forward.cost)


def test_a_key_may_change_the_choice_but_not_the_safety() -> None:
    rng = np.random.default_rng(1)
    cells, relations = table(rng.integers(0, 30, (5, 6)).tolist())
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()
    for key in ("a", "b", "c"):
        pattern = suppress(cells, relations, Requirement(key=key))
        out = published(cells, pattern.withheld)
        assert audit(out, relations | {"sensitive": primary}, reach_at_least=5).safe


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"requirement": "some"}, "requirement"),
        ({"cost": "gold"}, "cost"),
        ({"known_min": 2}, "known_min"),
        ({"treshold": 5}, "unknown key 'treshold'"),
    ],
)
def test_an_impossible_policy_is_refused(policy: dict[str, Any], message: str) -> None:
    cells, relations = table([[3, 6], [7, 8]])
    with pytest.raises(SettingsError, match=message):
        suppress(cells, relations, policy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.drop(columns="value"), "column 'value'"),
        (lambda c: c.assign(value=c["value"].where(c["cell"].ne("r0|c0"))), "a value is missing"),
        (lambda c: c.assign(value=c["value"] + c["cell"].eq("r0|c0")), "do not satisfy the relations"),
        (lambda c: pd.concat([c, c.head(1)]), "stands twice"),
        (lambda c: c[c["cell"].ne("r0|c0")], "has no row"),
        (lambda c: c.assign(status="gone"), "unknown status"),
        (lambda c: c.assign(value=c["value"].astype(str) + "x"), "no number"),
    ],
)
def test_cells_that_cannot_be_used_are_refused(change: Any, message: str) -> None:
    cells, relations = table([[3, 6], [7, 8]])
    with pytest.raises(InputError, match=message):
        suppress(change(cells), relations)
