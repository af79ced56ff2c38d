"""Estimate tables: every planned cell with its counts, both targets, and the relations that tie the cells together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.concepts.indicator import Indicator, Sum
from mapping.concepts.responses import DECLINED, ELSEWHERE, SKIPPED, UNSURE
from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import prevalence
from mapping.estimate.plan import CellPlan, Place
from mapping.estimate.relations import MUNICIPALITY, hierarchy, subsets, sums_in

__all__ = [
    "MUNICIPALITY",
    "REST",
    "Sample",
    "join_tables",
    "numeric_answers",
    "survey_table",
    "with_rest",
]

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


def survey_table(
    sample: Sample,
    plans: Sequence[CellPlan],
    municipality: str,
    population: pd.DataFrame,
    sums: Sequence[Sum] = (),
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
    sums : sequence
        What the yeses of some indicators add up to by their rules: ((indicator, sign), …) and "=" or "<=" 0.
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
    relations = [r for plan in plans for r in hierarchy(sample.wave, plan, municipality, levels)]
    relations += subsets(set(table.frame["key"]), plans)
    relations += sums_in(table.frame, sums)
    return EstimateTable.from_frame(table.frame, relations)


def join_tables(tables: Sequence[EstimateTable], relations: Sequence[Relation] = ()) -> EstimateTable:
    """One table with the rows and relations of all `tables`, and `relations` among them."""
    frame = pd.concat([table.frame for table in tables if len(table.frame)], ignore_index=True)
    return EstimateTable.from_frame(
        frame,
        [*(relation for table in tables for relation in table.relations), *relations],
        not_asked=[pair for table in tables for pair in table.not_asked],
    )
