"""Exact counts by key: what the auditor of the analyst's own house may compare with, and nobody else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mapping.concepts.estimate_table import EstimateTable

__all__ = ["Counts", "truth_of"]


class Counts(NamedTuple):
    """The counts of a cell and what decides how far they must stay open."""

    n: int
    events: int
    cases: bool = False
    sensitivity: int = 2
    register: int | None = None

    def __repr__(self) -> str:
        return "Counts(unprotected)"


def truth_of(tables: Sequence[EstimateTable]) -> Mapping[str, Counts]:
    """The counts of every cell in `tables`, latent ones included."""
    return {str(row.key): _counts(row) for table in tables for row in table.frame.itertuples(index=False)}


def _counts(row: Any) -> Counts:
    cases, n = row.target == "cases", int(row.n)
    register = None if cases or math.isnan(float(row.register)) else max(int(row.register), n)
    return Counts(n, int(row.events), cases, int(row.sensitivity), register)
