"""Estimate tables: every planned cell with its counts, both targets, and the relations that tie the cells together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import DECLINED, ELSEWHERE, SKIPPED, UNSURE, CaseCounts
from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import prevalence
from mapping.estimate.plan import CellPlan, Place

__all__ = [
    "MUNICIPALITY",
    "REST",
    "Sample",
    "case_table",
    "join_tables",
    "numeric_answers",
    "pool_relations",
    "survey_table",
    "with_rest",
]

MUNICIPALITY = "municipality"
REST = "rest"  # every level of a group that is not printed (other, unknown): one latent row
TARGETS = ("pupils", "risk")


@dataclass(frozen=True, slots=True)
class Sample:
    """The answers of one wave, or of several pooled ones, ready for estimation.

    `frame` holds the design columns, ``area`` and groups; `answers` has the same index and one column per indicator
    ("yes", "no", "unsure", "declined", "skipped", ""). `designs` gives the design of each target.
    """

    wave: str
    frame: pd.DataFrame
    answers: pd.DataFrame
    designs: Mapping[str, SurveyDesign]


def numeric_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """1 for yes, 0 for no, missing for everything else."""
    values = {id_: answers[id_].map({"yes": 1.0, "no": 0.0}).astype(float) for id_ in answers}
    return pd.DataFrame(values, index=answers.index)


def _counts(frame: pd.DataFrame, answers: pd.Series, by: list[str]) -> pd.DataFrame:
    """Unsure, declined and skipped answers, and how the valid ones spread over schools, for each domain."""
    table = frame[by].assign(answer=answers.to_numpy())
    counts = pd.DataFrame(
        {
            name: table["answer"].eq(code).groupby([table[column] for column in by], observed=False).sum()
            for name, code in (("n_unsure", UNSURE), ("n_declined", DECLINED), ("n_skipped", SKIPPED))
        }
    )
    valid = frame.loc[answers.isin(["yes", "no"]).to_numpy(), [*by, "psu"]]
    schools = valid.groupby([*by, "psu"], observed=True).size().groupby(level=by, observed=True)
    counts["n_schools"] = schools.size().reindex(counts.index, fill_value=0)
    counts["largest_school"] = (schools.max() / schools.sum()).reindex(counts.index).fillna(0.0)
    return counts.reset_index()


def _rows(
    sample: Sample,
    frame: pd.DataFrame,
    indicators: Sequence[Indicator],
    level: str,
    by: list[str],
    group: str | None,
) -> pd.DataFrame:
    """The rows of all `indicators` at one level, for both targets; `by` names the place and group columns."""
    ids = [indicator.id for indicator in indicators]
    counts = pd.concat(
        [_counts(frame, sample.answers[id_], by).assign(indicator=id_) for id_ in ids], ignore_index=True
    )
    made = []
    for target in TARGETS:
        rows = prevalence(frame, sample.designs[target], ids, by=by).merge(
            counts, on=["indicator", *by], how="left", validate="one_to_one"
        )
        made.append(rows.assign(target=target))
    rows = pd.concat(made, ignore_index=True).rename(columns={"n_pos": "events"})
    rows["area"] = rows["place"].astype(str)
    rows["group"] = rows[group].astype(str) if group else "all"
    rows["wave"], rows["level"] = sample.wave, level
    rows["sensitivity"] = rows["indicator"].map({i.id: i.sensitivity for i in indicators})
    rows["publish"] = rows["area"].ne(ELSEWHERE) & rows["group"].ne(REST)
    return rows.drop(columns=[*by])


def _register(
    rows: pd.DataFrame, population: pd.DataFrame, plans: Sequence[CellPlan], waves: int
) -> pd.Series:
    """Register pupils of each place where known and not contradicted by the answers, once for each pooled wave.

    None for the municipality, whose pupils include those who live elsewhere.
    """
    by_code = population.groupby("code")["n"].sum() if len(population) else pd.Series(dtype=float)
    known: dict[tuple[str, str, str], float] = {}
    for plan in plans:
        for place in plan.places:
            pupils = by_code.groupby(by_code.index.map(place.of_district)).sum() * waves
            known |= {(plan.indicator.id, place.level, str(code)): float(n) for code, n in pupils.items()}
    names = rows[["indicator", "level", "area"]].itertuples(index=False, name=None)
    register = pd.Series([known.get(name, np.nan) for name in names], index=rows.index, dtype=float)
    return register.where(register >= rows["n"])


def _place_rows(sample: Sample, frame: pd.DataFrame, plans: Sequence[CellPlan]) -> Iterable[pd.DataFrame]:
    """Rows below the municipality: one call per level and set of places, for all indicators that share it."""
    shared: dict[tuple[str, tuple[str, ...]], tuple[Place, list[Indicator]]] = {}
    for plan in plans:
        for place in plan.places:
            shared.setdefault((place.level, place.codes), (place, []))[1].append(plan.indicator)
    for place, indicators in shared.values():
        placed = frame.assign(place=place.column(frame["area"]))
        yield _rows(sample, placed, indicators, place.level, ["place"], None)


def with_rest(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """The frame with the levels of `group` that are printed, and all others as one."""
    printed = [level for level in ("girl", "boy") if group == "sex"] or sorted(
        set(frame[group]) - {"unknown", "other"}
    )
    level = frame[group].where(frame[group].isin(printed), REST)
    return frame.assign(**{group: pd.Categorical(level, categories=[*printed, REST])})


def _hierarchy(
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


def _subsets(keys: set[str], plans: Sequence[CellPlan]) -> list[Relation]:
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


def survey_table(
    sample: Sample, plans: Sequence[CellPlan], municipality: str, population: pd.DataFrame
) -> EstimateTable:
    """Direct estimates of every planned cell for both targets.

    Parameters
    ----------
    sample : Sample
        The answers of the wave (or of pooled waves).
    plans : sequence of CellPlan
        Indicators the sample did not ask are passed over; the caller reports them.
    municipality : str
        The municipality's code, the area of municipal rows.
    population : DataFrame
        Register pupils: ``code``, ``sex``, ``grade``, ``n``; may be empty.
    """
    plans = [plan for plan in plans if plan.indicator.id in sample.answers]
    if not plans:
        return EstimateTable.from_frame(
            pd.DataFrame(columns=["wave", "indicator", "level", "area", "group", "target"])
        )
    indicators = [plan.indicator for plan in plans]
    frame = pd.concat([sample.frame, numeric_answers(sample.answers[[i.id for i in indicators]])], axis=1)
    frame["place"] = pd.Categorical([municipality] * len(frame), categories=[municipality])
    pieces = [_rows(sample, frame, indicators, MUNICIPALITY, ["place"], None)]
    levels: dict[str, list[str]] = {}
    for group in sorted({name for plan in plans for name in plan.groups if name in frame}):
        split = with_rest(frame, group)
        levels[group] = list(split[group].cat.categories)
        chosen = [plan.indicator for plan in plans if group in plan.groups]
        pieces.append(_rows(sample, split, chosen, MUNICIPALITY, ["place", group], group))
    pieces += list(_place_rows(sample, frame, plans))
    rows = pd.concat(pieces, ignore_index=True)
    latent = {plan.indicator.id for plan in plans if plan.latent_below}
    rows["publish"] &= rows["level"].eq(MUNICIPALITY) | ~rows["indicator"].isin(latent)
    rows["register"] = _register(rows, population, plans, sample.wave.count("+") + 1)
    table = EstimateTable.from_frame(rows)
    relations = [r for plan in plans for r in _hierarchy(sample.wave, plan, municipality, levels)]
    relations += _subsets(set(table.frame["key"]), plans)
    return EstimateTable.from_frame(table.frame, relations)


def case_table(counts: CaseCounts, plans: Sequence[CellPlan], municipality: str) -> EstimateTable:
    """Cases by place; the count is the row's `n`."""
    pieces, relations = [], []
    for plan in plans:
        id_ = plan.indicator.id
        cases = counts.frame.loc[counts.frame["indicator"].eq(id_)]
        if cases.empty and id_ not in counts.totals:
            continue
        rows = [{"level": MUNICIPALITY, "area": municipality, "n": int(cases["n"].sum())}]
        for place in plan.places:
            placed = cases.assign(place=place.column(cases["area"]))
            by_place = placed.groupby("place", observed=False)["n"].sum()
            rows += [{"level": place.level, "area": str(a), "n": int(n)} for a, n in by_place.items()]
        pieces.append(pd.DataFrame(rows).assign(indicator=id_, sensitivity=plan.indicator.sensitivity))
        relations += _hierarchy(counts.wave.id, plan, municipality, {})
    if not pieces:
        return EstimateTable.from_frame(
            pd.DataFrame(columns=["wave", "indicator", "level", "area", "group", "target"])
        )
    rows_ = pd.concat(pieces, ignore_index=True)
    rows_ = rows_.assign(
        wave=counts.wave.id,
        group="all",
        target="cases",
        events=rows_["n"],
        publish=rows_["area"].ne(ELSEWHERE),
    )
    table = EstimateTable.from_frame(rows_)
    keys = set(table.frame["key"])
    relations = [Relation(r.terms, r.sense, ("events",)) for r in relations]
    for key in sorted(keys):
        wave, id_, *rest = key.split("|")
        if "+" in id_:
            relations += [
                Relation.within(key, other)
                for p in id_.split("+")
                if (other := "|".join((wave, p, *rest))) in keys
            ]
    return EstimateTable.from_frame(table.frame, relations)


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


def join_tables(tables: Sequence[EstimateTable], relations: Sequence[Relation] = ()) -> EstimateTable:
    """One table with the rows and relations of all `tables`, and `relations` among them."""
    frame = pd.concat([table.frame for table in tables if len(table.frame)], ignore_index=True)
    return EstimateTable.from_frame(
        frame,
        [*(relation for table in tables for relation in table.relations), *relations],
        not_asked=[pair for table in tables for pair in table.not_asked],
    )
