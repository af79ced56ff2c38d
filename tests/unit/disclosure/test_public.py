"""What public files say of relations: the rule, and nothing that only the answers of this wave make true."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.disclosure import (
    append,
    keep_counts,
    next_entry,
    protect,
    public_relations,
    read_earlier,
    read_policy,
)

IDS = ("S19.once", "S19.repeated", "S19")
POLICY = read_policy()


def table(sense: str) -> EstimateTable:
    """Once and repeated, and both together, for a municipality."""
    rows = pd.DataFrame({"indicator": IDS, "events": (30, 40, 70 if sense == "=" else 75), "n": 400})
    rows = rows.assign(wave="2026", level="municipality", area="M", group="all", target="pupils")
    keys = [f"2026|{id_}|municipality|M|all" for id_ in IDS]
    terms = tuple(zip(keys, (1.0, 1.0, -1.0), strict=True))
    return EstimateTable.from_frame(rows, [Relation(terms, sense, ("events",), told="<=")])


@pytest.mark.parametrize("sense", ["=", "<="])
def test_that_parts_happen_to_fill_their_whole_is_not_told(sense: str) -> None:
    assert [relation["sense"] for relation in public_relations([table(sense)])] == ["<="]


def test_the_house_remembers_that_the_parts_filled_their_whole(tmp_path: Path) -> None:
    ledger = tmp_path / "reports" / "ledger" / "ledger.jsonl"
    release = protect([table("=")], POLICY, key=b"secret")
    keep_counts(tmp_path, next_entry(ledger, release), [table("=")], POLICY, release)
    append(ledger, release)

    (earlier,) = read_earlier(tmp_path)

    assert [relation.sense for relation in earlier.relations] == ["="]
