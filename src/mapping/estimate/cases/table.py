"""Cases by place as an estimate table: every count with the relations that disclosure control must know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pandas as pd

from mapping.concepts.case_file import SERVICES
from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.indicator import Sum
from mapping.concepts.responses import ELSEWHERE, CaseCounts
from mapping.estimate.cases.removal import flow_relations, flow_rests
from mapping.estimate.plan import CellPlan
from mapping.estimate.relations import MUNICIPALITY, hierarchy, subsets, sums_in

__all__ = ["TOGETHER", "case_table", "pooled_cases"]

TOGETHER = "together"  # the group of all sources that share keys
AT_MOST = "at_most"  # all sources added up; never shown
EARLIER = "earlier"  # the earlier years added up; never shown
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
    The union of two indicators that are published themselves is told of the municipality alone. Other sources and
    earlier years are groups of the municipality's row: "2018", "helpline", and ``TOGETHER`` for all
    sources that share keys.
    """
    pieces, relations = [], []
    plans = _unions_in_the_whole(plans)
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
    rests, flow = flow_rests(table.frame, flow_relations(keys))
    relations += [*subsets(keys, plans), *_overlaps(keys), *sums_in(table.frame, sums), *flow]
    frame = pd.concat([table.frame, rests], ignore_index=True) if len(rests) else table.frame
    return EstimateTable.from_frame(frame, list(dict.fromkeys(relations)))


def _unions_in_the_whole(plans: Sequence[CellPlan]) -> list[CellPlan]:
    """The union of two published indicators is told of the municipality alone.

    Of a place it would give away, beside both, how few cases have both; one of the three would have to go.
    """
    ids = {plan.indicator.id for plan in plans}
    parts = [plan.indicator.id.split("or") for plan in plans]
    return [
        replace(plan, latent_below=True) if len(own) > 1 and ids.issuperset(own) else plan
        for plan, own in zip(plans, parts, strict=True)
    ]


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
    """The rows of other sources and of earlier years, and what they are parts of."""
    id_ = plan.indicator.id

    def key(group: str) -> str:
        return row_key(counts.wave.id, id_, MUNICIPALITY, municipality, group)

    groups, relations = _sources(counts, plan, key)
    if len(counts.series):
        past = counts.series[counts.series["measure"].eq(id_) & counts.series["value"].notna()]
        past = past[past["label"].str.fullmatch(r"\d{4}") & ~past["label"].isin(list(years))]
        earlier = {str(label): int(n) for label, n in zip(past["label"], past["value"], strict=True)}
        if earlier:
            groups |= {**earlier, EARLIER: sum(earlier.values())}
            relations.append(Relation.sum_of(key(EARLIER), [key(year) for year in earlier]))
    if not groups:
        return [], []
    rows = pd.DataFrame({"group": list(groups), "n": list(groups.values())})
    hidden = rows["group"].isin([AT_MOST, EARLIER]) | (plan.indicator.finest == COUNTY)
    rows = rows.assign(level=MUNICIPALITY, area=municipality, publish=~hidden)
    return [rows.assign(indicator=id_, sensitivity=plan.indicator.sensitivity)], relations


def _sources(
    counts: CaseCounts, plan: CellPlan, key: Callable[[str], str]
) -> tuple[dict[str, int], list[Relation]]:
    """How many other sources know: each is within those that share keys together, and all are at most their sum."""
    if counts.overlap.empty or plan.indicator.finest != MUNICIPALITY:
        return {}, []
    known = counts.overlap[counts.overlap["indicator"].eq(plan.indicator.id)]
    others = known[known["source"].ne(SERVICES)]
    if others.empty:
        return {}, []
    groups = {str(source): int(n) for source, n in zip(others["source"], others["n"], strict=True)}
    linked = [str(source) for source in others.loc[others["linked"], "source"]]
    own = "all"
    relations = []
    if linked:
        own, groups[TOGETHER] = TOGETHER, int(known["together"].iloc[0])
        relations = [Relation.within(key(group), key(TOGETHER)) for group in ("all", *linked)]
        parts = ((key(TOGETHER), 1.0), *((key(group), -1.0) for group in ("all", *linked)))
        relations.append(Relation(parts, "<="))
    apart = [group for group in groups if group not in (*linked, TOGETHER)]
    if apart:
        groups[AT_MOST] = int(known["high"].iloc[0])
        relations.append(Relation.sum_of(key(AT_MOST), [key(own), *(key(group) for group in apart)]))
    return groups, relations


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
