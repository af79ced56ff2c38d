"""Suppression against proven optima, and an attack on every pattern by a separate auditor.

Ground: an oracle. `references.json` holds optima proven by a mixed-integer programme (requirement "plus_minus_1",
zeros not blanked, attacker's lower bound 0 or 1). A pattern of ours that costs the same must also be safe.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mapping.disclosure import audit, suppress

ATTACKERS = {0: "blank_may_be_zero", 1: "blank_known_at_least_1"}
PROVEN = {  # by the programme itself, where the reference ran out of time; its bounds and patterns are on both sides
    ("g07", "value", 1): 206.0,
    ("g07", "cells", 1): 24.0,
    ("g09", "value", 0): 3542.0,
    ("g09", "cells", 0): 168.0,
}
FAST = ("g01", "g02", "g03", "g04", "g05", "g06", "g07", "g08")


def folder(shared: Path, name: str) -> Path:
    return next((shared / "oracles" / "sdc").glob(f"{name}*"))


def published(cells: pd.DataFrame, withheld: tuple[str, ...]) -> pd.DataFrame:
    return cells.assign(value=cells["value"].where(~cells["cell"].isin(withheld)))[["cell", "value"]]


def reference(shared: Path, place: Path, cost: str, known_min: int) -> dict[str, Any]:
    references = json.loads((shared / "oracles" / "sdc" / "references.json").read_text(encoding="utf-8"))
    unit = "unit" if cost == "cells" else "value"
    found: dict[str, Any] = references[place.name].get(f"OPTIMUM_{unit}_{ATTACKERS[known_min]}", {})
    return found


@pytest.mark.parametrize("known_min", [0, 1])
@pytest.mark.parametrize("cost", ["value", "cells"])
@pytest.mark.parametrize("name", [*FAST, "g09"])
def test_the_pattern_costs_what_the_optimum_costs(shared: Path, name: str, cost: str, known_min: int) -> None:
    place = folder(shared, name)
    optimum = reference(shared, place, cost, known_min)
    policy = {"requirement": "plus_minus_1", "blank_zeros": False, "known_min": known_min, "cost": cost}

    pattern = suppress(place / "cells.csv", place / "relations.json", policy)

    if "infeasible" in optimum["status"]:
        assert pattern.unreachable  # zeros would have to be blanked
        return
    assert not pattern.unreachable
    assert pattern.cost == pattern.lower_bound  # proven by our own bound
    best = optimum["objective_incl_primary"]
    if optimum["status"] == "optimal":
        assert pattern.cost == pytest.approx(best)
    else:
        assert optimum["bound"] - 1e-6 <= pattern.cost <= best
        assert pattern.cost == PROVEN[name, cost, known_min]


@pytest.mark.parametrize("name", [*FAST, "g09"])
def test_no_cell_leaks_under_the_requirement_of_a_release(shared: Path, name: str) -> None:
    """Every primary cell can be at or above the threshold and something else, also for those who know of the zeros."""
    place = folder(shared, name)
    cells = pd.read_csv(place / "cells.csv")
    relations = json.loads((place / "relations.json").read_text(encoding="utf-8"))
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()

    pattern = suppress(cells, relations)

    out = published(cells, pattern.withheld)
    zeros_printed = bool(out["value"].eq(0).any())
    for known_min in (0, 1) if zeros_printed else (0,):
        verdict = audit(
            out,
            relations | {"sensitive": primary},
            known_min=known_min,
            reach_at_least=relations["threshold"],
        )
        assert verdict.safe, verdict.leaks
    assert audit(out, relations).safe  # the other blanks do not follow either
    assert set(primary) <= set(pattern.withheld)
    assert not pattern.unreachable


def test_the_optimum_for_a_weak_attacker_is_not_safe_for_a_release(shared: Path) -> None:
    """As the reference says of itself: it lets small cells be seen to be small."""
    place = folder(shared, "g08")
    cells = pd.read_csv(place / "cells.csv")
    relations = json.loads((place / "relations.json").read_text(encoding="utf-8"))
    pattern = pd.read_csv(place / "patterns.csv").set_index("cell")["OPTIMUM_value_lb0"]
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()

    verdict = audit(
        published(cells, tuple(pattern.index[pattern.eq(1)])),
        relations | {"sensitive": primary},
        known_min=1,
        reach_at_least=5,
    )

    assert verdict.leaks
