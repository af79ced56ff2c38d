"""Cases by place as an estimate table: every count with the relations that disclosure control must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.indicator import Sum
from mapping.concepts.responses import ELSEWHERE, CaseCounts
from mapping.estimate.cases.removal import flow_relations
from mapping.estimate.plan import CellPlan
from mapping.estimate.relations import MUNICIPALITY, hierarchy, subsets, sums_in

__all__ = ["case_table", "pooled_cases"]

COUNTY = "county"  # an indicator so rare that the municipality's own year is never shown


def case_table(
    counts: CaseCounts, plans: Sequence[CellPlan], municipality: str, sums: Sequence[Sum] = ()
) -> EstimateTable:
    """Cases, persons or children by place; the count is the row's `n`.

    Parameters
    ----------
    counts : CaseCounts
        What was counted. Indicators that the extract does not give are passed over.
    plans : sequence of CellPlan
        The levels of each indicator.
    municipality : str
        The municipality's code.
    sums : sequence of Sum
        What indicators add up to by their rules: K01 and K02 are their union and their overlap together.
    """
    pieces, relations = [], []
    for plan in plans:
        cases = counts.frame.loc[counts.frame["indicator"].eq(plan.indicator.id)]
        if cases.empty and plan.indicator.id not in counts.totals:
            continue
        pieces.append(_rows(cases, plan, municipality, pooled="+" in counts.wave.id))
        relations += hierarchy(counts.wave.id, plan, municipality, {})
    if not pieces:
        return EstimateTable.from_frame(
            pd.DataFrame(columns=["wave", "indicator", "level", "area", "group", "target"])
        )
    rows = pd.concat(pieces, ignore_index=True)
    rows = rows.assign(wave=counts.wave.id, group="all", target="cases", events=rows["n"])
    table = EstimateTable.from_frame(rows)
    relations = [Relation(r.terms, r.sense, ("events",)) for r in relations]
    keys = set(table.frame["key"])
    relations += [*subsets(keys, plans), *_overlaps(keys), *sums_in(table.frame, sums), *flow_relations(keys)]
    return EstimateTable.from_frame(table.frame, list(dict.fromkeys(relations)))


def _rows(cases: pd.DataFrame, plan: CellPlan, municipality: str, *, pooled: bool) -> pd.DataFrame:
    """The rows of one indicator: the municipality, then its places."""
    shown = pooled or plan.indicator.finest != COUNTY
    rows = [{"level": MUNICIPALITY, "area": municipality, "n": int(cases["n"].sum()), "publish": shown}]
    for place in plan.places:
        placed = cases.assign(place=place.column(cases["area"]))
        by_place = placed.groupby("place", observed=False)["n"].sum()
        rows += [
            {"level": place.level, "area": str(a), "n": int(n), "publish": a != ELSEWHERE}
            for a, n in by_place.items()
        ]
    frame = pd.DataFrame(rows).assign(indicator=plan.indicator.id, sensitivity=plan.indicator.sensitivity)
    if plan.latent_below:
        frame["publish"] &= frame["level"].eq(MUNICIPALITY)
    return frame


def _overlaps(keys: set[str]) -> list[Relation]:
    """The overlap of two indicators lies within each of them."""
    found = []
    for key in sorted(keys):
        wave, id_, *rest = key.split("|")
        wholes = (row_key(wave, part, *rest) for part in id_.split("+")) if "+" in id_ else ()
        found += [Relation.within(key, whole) for whole in wholes if whole in keys]
    return found


def pooled_cases(counts: Sequence[CaseCounts]) -> CaseCounts:
    """The counts of several waves together: each year's cases and persons, added up.

    An indicator that one of the waves could not count is left out.
    """
    common = set.intersection(*(set(one.totals) for one in counts))
    rows = pd.concat([one.frame for one in counts], ignore_index=True)
    rows = rows[rows["indicator"].isin(common)]
    frame = rows.groupby(["indicator", "area", "sex"])["n"].sum().reset_index()
    wave = replace(counts[-1].wave, id="+".join(one.wave.id for one in counts))
    totals = {id_: sum(one.totals[id_] for one in counts) for id_ in sorted(common)}
    return CaseCounts(wave, frame, totals=totals)
