"""Laws of perturbation, whatever the table: rounded counts add up and tell no more than the base; noise is unbiased."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.disclosure import audit, p_table, perturb, record_keys

Relations = dict[str, list[dict[str, Any]]]


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, Relations]:
    """A two-way table with its margins; many zeros and small counts."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    count = st.one_of(st.just(0), st.integers(0, 6), st.integers(0, 200))
    inner = np.array(draw(st.lists(count, min_size=rows * columns, max_size=rows * columns))).reshape(
        rows, columns
    )
    full = np.vstack([np.hstack([inner, inner.sum(1, keepdims=True)]), [[*inner.sum(0), inner.sum()]]])
    across, down = [*map(str, range(columns)), "T"], [*map(str, range(rows)), "T"]
    cells = pd.DataFrame({"cell": [f"{i}|{j}" for i in down for j in across], "value": full.ravel()})
    relations = [{"terms": [[f"{i}|{j}", 1 if j != "T" else -1] for j in across]} for i in down]
    relations += [{"terms": [[f"{i}|{j}", 1 if i != "T" else -1] for i in down]} for j in across]
    return cells, {"relations": relations}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.sampled_from([3, 5, 10]), st.binary(min_size=1, max_size=8))
def test_rounding_adds_up_and_leaves_every_count_an_interval_as_wide_as_the_base(
    table: tuple[pd.DataFrame, Relations], base: int, key: bytes
) -> None:
    cells, relations = table

    found = perturb(cells, relations, method="controlled_rounding", base=base, key=key)

    printed = found.cells.set_index("cell")["value"]
    assert all(sum(c * printed[cell] for cell, c in r["terms"]) == 0 for r in relations["relations"])
    assert (printed % base == 0).all()
    assert (printed.to_numpy() - cells["value"]).abs().max() <= found.maximum == base - 1
    assert audit(*found.statement(), truth=cells, min_width=base - 1).safe


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.floats(0.05, 1.0), st.data())
def test_every_row_of_a_p_table_is_unbiased_and_prints_nothing_that_is_forbidden(
    maximum: int, share: float, data: st.DataObject
) -> None:
    smallest = data.draw(st.integers(1, maximum + 1))
    table = p_table(maximum, share * maximum * (maximum + 1) / 3, smallest=smallest)
    v = np.arange(-maximum, maximum + 1)

    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(table @ v, 0, atol=1e-7)
    for count, row in enumerate(table):
        printed = (count + v)[row > 0]
        assert np.all((printed == 0) | (printed >= smallest))
        assert count > 0 or printed.tolist() == [0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=60), st.integers(1, 6))
def test_cells_with_the_same_people_are_printed_alike_in_every_table(places: list[int], maximum: int) -> None:
    """By place, and by place with places 0 and 1 under one name: the others are what they were."""
    people = pd.DataFrame({"who": range(len(places)), "cell": places})
    people["cell_key"] = record_keys(people["who"], b"secret")

    def printed(names: pd.Series) -> dict[str, int]:
        grouped = people.assign(cell=names.astype(str)).groupby("cell", as_index=False)
        cells = grouped.agg(value=("who", "size"), cell_key=("cell_key", "sum"))
        cells["cell_key"] %= 2**32
        found = perturb(cells, {}, method="cell_key", key=b"secret", maximum=maximum, variance=0.3).cells
        return dict(zip(found["cell"], found["value"], strict=True))

    fine, coarse = printed(people["cell"]), printed(people["cell"].clip(lower=1))

    assert all(coarse[place] == fine[place] for place in coarse if place != "1")
