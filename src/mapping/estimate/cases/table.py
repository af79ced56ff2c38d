"""Cases by place as an estimate table: every count with the relations that disclosure control must know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pandas as pd

from mapping.concepts.case_file import SERVICES
from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.indicator import Sum
from mapping.concepts.responses import ELSEWHERE, CaseCounts
from mapping.estimate.cases.removal import flow_relations
from mapping.estimate.plan import CellPlan
from mapping.estimate.relations import MUNICIPALITY, hierarchy, subsets, sums_in

__all__ = ["TOGETHER", "case_table", "pooled_cases"]

TOGETHER = "together"  # the group of all sources that share keys
COUNTY = "county"  # an indicator so rare that the municipality's own year is never shown


def case_table(
    counts: CaseCounts,
    plans: Sequence[CellPlan],
    municipality: str,
    sums: Sequence[Sum] = (),
    *,
    years: Collection[str] = (),
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
    years : collection of str
        Years that the waves' own extracts count: an earlier series does not state them again.

    Notes
    -----
    Other sources and earlier years are groups of the municipality's row: "2018", "helpline", and ``TOGETHER`` for all
    sources that share keys.
    """
    pieces, relations = [], []
    for plan in plans:
        cases = counts.frame.loc[counts.frame["indicator"].eq(plan.indicator.id)]
        if cases.empty and plan.indicator.id not in counts.totals:
            continue
        pieces.append(_rows(cases, plan, municipality, pooled="+" in counts.wave.id))
        relations += hierarchy(counts.wave.id, plan, municipality, {})
        beside, ties = _beside(counts, plan, municipality, years)
        pieces, relations = [*pieces, *beside], [*relations, *ties]
    if not pieces:
        return EstimateTable.from_frame(
            pd.DataFrame(columns=["wave", "indicator", "level", "area", "group", "target"])
        )
    rows = pd.concat(pieces, ignore_index=True)
    rows = rows.assign(
        wave=counts.wave.id, group=rows["group"].fillna("all"), target="cases", events=rows["n"]
    )
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
    frame = pd.DataFrame(rows).assign(
        group="all", indicator=plan.indicator.id, sensitivity=plan.indicator.sensitivity
    )
    if plan.latent_below:
        frame["publish"] &= frame["level"].eq(MUNICIPALITY)
    return frame


def _beside(
    counts: CaseCounts, plan: CellPlan, municipality: str, years: Collection[str]
) -> tuple[list[pd.DataFrame], list[Relation]]:
    """The rows of other sources and of earlier years, and how the sources are tied to the municipality's own row."""
    id_ = plan.indicator.id
    groups: dict[str, int] = {}
    relations = []
    if len(counts.overlap) and plan.indicator.finest == MUNICIPALITY:
        known = counts.overlap[counts.overlap["indicator"].eq(id_) & counts.overlap["source"].ne(SERVICES)]
        groups |= dict(zip(known["source"], known["n"].astype(int), strict=True))
        linked = list(known.loc[known["linked"], "source"])
        if linked:
            groups[TOGETHER] = int(known["together"].iloc[0])
            relations = _ties(
                lambda group: row_key(counts.wave.id, id_, MUNICIPALITY, municipality, group), linked
            )
    if len(counts.series):
        past = counts.series[counts.series["measure"].eq(id_) & counts.series["value"].notna()]
        past = past[past["label"].str.fullmatch(r"\d{4}") & ~past["label"].isin(list(years))]
        groups |= dict(zip(past["label"], past["value"].astype(int), strict=True))
    if not groups:
        return [], []
    rows = pd.DataFrame({"group": list(groups), "n": list(groups.values())})
    shown = plan.indicator.finest != COUNTY
    return [
        rows.assign(
            level=MUNICIPALITY,
            area=municipality,
            publish=shown,
            indicator=id_,
            sensitivity=plan.indicator.sensitivity,
        )
    ], relations


def _ties(key: Callable[[str], str], linked: Sequence[str]) -> list[Relation]:
    """Each source is within those that share keys together, and these are at most all of them added up."""
    within = [Relation.within(key(group), key(TOGETHER)) for group in ("all", *linked)]
    parts = ((key(TOGETHER), 1.0), *((key(group), -1.0) for group in ("all", *linked)))
    return [*within, Relation(parts, "<=", ("events",))]


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
