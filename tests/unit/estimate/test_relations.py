"""What the codebook's rules make add up becomes a relation in every cell that holds all its parts."""

from __future__ import annotations

import pandas as pd
import pytest

from mapping.estimate.relations import sums_in

SUM = ((("S19.once", 1), ("S19.repeated", 1), ("S19", -1)), "<=")


def cells(*areas: tuple[str, int, int, int]) -> pd.DataFrame:
    rows = [
        {"key": f"2026|{id_}|district|{area}|all", "events": n}
        for area, *counts in areas
        for id_, n in zip(("S19.once", "S19.repeated", "S19"), counts, strict=True)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("whole", "sense"), [(5, "="), (6, "<=")])
def test_parts_that_fill_their_whole_everywhere_count_as_equal_and_readers_are_told_the_rule(
    whole: int, sense: str
) -> None:
    found = sums_in(cells(("a", 3, 2, 5), ("b", 1, 4, whole)), [SUM])
    assert [relation.told for relation in found] == ["<=", "<="]
    assert [relation.sense for relation in found] == [sense, sense]
    assert [relation.counts for relation in found] == [("events",)] * 2
    assert dict(found[0].terms)["2026|S19|district|a|all"] == -1.0


def test_a_cell_without_one_of_the_parts_has_no_relation() -> None:
    frame = cells(("a", 3, 2, 5), ("b", 1, 4, 5))
    frame = frame[frame["key"] != "2026|S19|district|b|all"]
    assert len(sums_in(frame, [SUM])) == 1
