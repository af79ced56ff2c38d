"""An estimate table refuses what disclosure control could not reason about."""

from __future__ import annotations

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable, Relation, row_key


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {"wave": "2026", "indicator": "S04", "level": "district", "area": ["a", "b"], "n": [40, 50]}
    )


def test_missing_columns_take_their_defaults_and_keys_are_made() -> None:
    table = EstimateTable.from_frame(rows())
    assert list(table.frame["key"]) == [row_key("2026", "S04", "district", a) for a in ("a", "b")]
    assert table.frame["publish"].all()


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown columns"):
        EstimateTable.from_frame(rows().assign(school="x"))


def test_a_row_may_stand_once_for_each_target() -> None:
    twice = pd.concat([rows(), rows()])
    with pytest.raises(ValueError, match="stands twice"):
        EstimateTable.from_frame(twice)


def test_a_relation_must_name_rows_that_are_there() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        EstimateTable.from_frame(rows(), [Relation.sum_of("nowhere", [])])


def test_a_table_shows_no_number_when_printed() -> None:
    assert repr(EstimateTable.from_frame(rows())) == "EstimateTable(2 rows, unprotected)"
