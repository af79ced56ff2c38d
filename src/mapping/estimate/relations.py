"""What adds up among the cells of a table: areas, sexes, parts of indicators, waves and pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.indicator import Sum
from mapping.concepts.responses import ELSEWHERE
from mapping.estimate.plan import CellPlan

__all__ = ["MUNICIPALITY", "hierarchy", "pool_relations", "subsets", "sums_in"]

MUNICIPALITY = "municipality"


def hierarchy(
    wave: str, plan: CellPlan, municipality: str, groups: Mapping[str, Sequence[str]]
) -> list[Relation]:
    """What adds up for one indicator: areas to the municipality, districts to areas, sexes to all."""
    id_ = plan.indicator.id
    relations = []

    def key(level: str, area: str, group: str = "all") -> str:
        return row_key(wave, id_, level, area, group)

    if plan.places:
        top = plan.places[0]
        relations.append(
            Relation.sum_of(
                key(MUNICIPALITY, municipality), [key(top.level, c) for c in (*top.codes, ELSEWHERE)]
            )
        )
        for whole, part in zip(plan.places, plan.places[1:], strict=False):
            for code in whole.codes:
                members = [d for d in part.codes if whole.of_district[d] == code]
                relations.append(
                    Relation.sum_of(key(whole.level, code), [key(part.level, d) for d in members])
                )
            relations.append(Relation.sum_of(key(whole.level, ELSEWHERE), [key(part.level, ELSEWHERE)]))
    return relations + [
        Relation.sum_of(
            key(MUNICIPALITY, municipality), [key(MUNICIPALITY, municipality, g) for g in groups[name]]
        )
        for name in plan.groups
        if name in groups
    ]


def subsets(keys: set[str], plans: Sequence[CellPlan]) -> list[Relation]:
    """Whoever is a yes in a part is a yes in the indicators that contain it, cell by cell."""
    relations = []
    containers = {plan.indicator.id: plan.indicator.subset_of for plan in plans}
    for key in sorted(keys):
        wave, id_, *rest = key.split("|")
        for whole in containers.get(id_, ()):
            other = "|".join((wave, whole, *rest))
            if other in keys:
                relations.append(Relation.within(key, other))
    return relations


def sums_in(frame: pd.DataFrame, sums: Sequence[Sum]) -> list[Relation]:
    """What the rules of the codebook make add up, cell by cell.

    Where the answers fill the bound everywhere, it counts as equal inside the house, since a reader may guess so; what
    readers are told is the rule, which does not depend on the answers.
    """
    events = frame.drop_duplicates("key").set_index("key")["events"]
    relations = []
    for terms, sense in sums:
        cells = []
        for key in sorted(events.index):
            wave, id_, *rest = key.split("|")
            cell = tuple(("|".join((wave, other, *rest)), float(sign)) for other, sign in terms)
            if id_ == terms[0][0] and all(name in events.index for name, _ in cell):
                cells.append(cell)
        equal = all(sum(sign * events[name] for name, sign in cell) == 0 for cell in cells)
        relations += [Relation(cell, "=" if equal else sense, ("events",), told=sense) for cell in cells]
    return relations


def pool_relations(pool: EstimateTable, waves: Sequence[EstimateTable]) -> list[Relation]:
    """A pooled cell is the sum of the same cell in each of its waves."""
    known = {key for table in waves for key in table.frame["key"]}
    relations = []
    for key in sorted(set(pool.frame["key"])):
        wave, *rest = key.split("|")
        parts = ["|".join((single, *rest)) for single in wave.split("+")]
        if all(part in known for part in parts):
            relations.append(Relation.sum_of(key, parts))
    return relations
