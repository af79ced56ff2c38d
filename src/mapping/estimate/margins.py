"""Margins of a register to calibrate to: sparse levels joined, respondents whom it does not know apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mapping.concepts.responses import ELSEWHERE

__all__ = ["Margins", "crossed_cells", "single_margins"]

FEW = 5  # respondents
GROWTH = (
    3.0  # a cell of few respondents is sparse if their weights would have to grow, or shrink, so many times
)


@dataclass(frozen=True, slots=True, repr=False)
class Margins:
    """What one calibration needs.

    `levels` has a row per respondent and a column per margin, `totals` the total of each level by margin. `stray` is
    the fixed weight of a respondent whose grade and sex the register does not know, missing for all others.
    """

    levels: pd.DataFrame
    totals: Mapping[str, Mapping[str, float]]
    stray: pd.Series
    notes: tuple[str, ...] = ()


def _register(register: pd.DataFrame) -> pd.DataFrame:
    """``grade``, ``sex``, ``registered`` of the register's cells that hold pupils."""
    totals = register.groupby(["grade", "sex"])["registered"].sum().astype(float)
    table: pd.DataFrame = totals[totals > 0].reset_index()
    return table


def _by_level(totals: pd.Series) -> dict[str, float]:
    return {str(level): float(total) for level, total in totals.items()}


def _sparse(cell: pd.Series, totals: pd.Series, start: pd.Series) -> pd.Series:
    """Which cells of the register have no respondents, or so few that their weights would have to change greatly."""
    n = cell.groupby(cell).size().reindex(totals.index, fill_value=0)
    growth = totals / start.groupby(cell).sum().reindex(totals.index)
    return (n == 0) | ((n < FEW) & ((growth > GROWTH) | (growth < 1 / GROWTH)))


def _averages(
    respondents: pd.DataFrame, stray: pd.Series, register: pd.DataFrame
) -> tuple[pd.Series, pd.Series]:
    """The weight of each stray, and by grade the share of its total that the others keep."""
    by_grade = register.groupby("grade")["registered"].sum()
    known = respondents["grade"].where(respondents["grade"].isin(by_grade.index))
    unknown = float(known.isna().mean())
    answered = known.value_counts().reindex(by_grade.index)
    kept = (1 - unknown) * (1 - stray.groupby(known).mean().reindex(by_grade.index).fillna(0.0))
    average = known.map(by_grade * (1 - unknown) / answered).fillna(by_grade.sum() / len(respondents))
    return average.where(stray), kept


_STRAYS = "Respondents whose grade and sex the register does not list weigh as the average of their grade."


def crossed_cells(respondents: pd.DataFrame, register: pd.DataFrame, start: pd.Series) -> Margins:
    """Grade by sex as one margin.

    Where a cell of the register has no respondent, or too few, the sexes of that grade are joined; where a whole grade
    has none, all grades are.
    """
    table, notes = _register(register), []
    if not set(table["grade"]) <= set(respondents["grade"]):
        note = "A grade of the register has no respondents: weights stand for all grades together."
        whole = pd.DataFrame({"cell": "all"}, index=respondents.index, dtype="str")
        return Margins(
            whole, {"cell": {"all": float(table["registered"].sum())}}, _none(respondents), (note,)
        )

    def name(rows: pd.DataFrame, joined: set[str]) -> pd.Series:
        cell = rows["grade"].str.cat(rows["sex"], sep="*")
        return rows["grade"].where(rows["grade"].isin(joined), cell)

    totals = table.set_index(name(table, set()))["registered"]
    sparse = _sparse(name(respondents, set()), totals, start)
    joined = set(table["grade"][sparse.to_numpy()])
    if joined:
        notes.append(
            "A sex has no respondents, or too few, in a grade: weights of that grade stand for its sexes together."
        )
    cells = name(respondents, joined)
    stray = ~cells.isin(name(table, joined))
    if stray.any():
        notes.append(_STRAYS)
    average, kept = _averages(respondents, stray, table)
    target = (table["registered"] * table["grade"].map(kept)).groupby(name(table, joined)).sum()
    return Margins(cells.to_frame("cell"), {"cell": _by_level(target)}, average, tuple(notes))


def single_margins(respondents: pd.DataFrame, register: pd.DataFrame, start: pd.Series) -> Margins:
    """Grade, sex and, where the frame knows it, home or district as a margin each; sparse levels joined and told."""
    table = _register(register)
    known = pd.MultiIndex.from_frame(table[["grade", "sex"]])
    stray = pd.Series(
        ~pd.MultiIndex.from_frame(respondents[["grade", "sex"]]).isin(known), index=respondents.index
    )
    average, kept = _averages(respondents, stray, table)
    table["registered"] *= table["grade"].map(kept)
    share = float(table["registered"].sum()) / float(register["registered"].sum())
    totals = {margin: table.groupby(margin)["registered"].sum() for margin in ("grade", "sex")}
    levels = respondents[["grade", "sex"]]
    if "area" in register:
        totals["area"] = register.groupby("area")["registered"].sum() * share
        levels = levels.assign(area=_places(respondents["area"], totals["area"]))
    notes = [_STRAYS] if stray.any() else []
    for margin in totals:
        levels[margin], totals[margin], note = _joined(
            margin, levels[margin], totals[margin], start.where(~stray)
        )
        notes += note
    return Margins(levels, {name: _by_level(total) for name, total in totals.items()}, average, tuple(notes))


def _places(area: pd.Series, totals: pd.Series) -> pd.Series:
    """The district of each respondent as the frame tells them apart: its own, or only here and elsewhere."""
    if set(totals.index) <= {"here", ELSEWHERE}:
        return area.where(area == ELSEWHERE, "here")
    return area


def _joined(
    margin: str, levels: pd.Series, totals: pd.Series, start: pd.Series
) -> tuple[pd.Series, pd.Series, list[str]]:
    """A margin whose sparse levels are joined with the one before them (or after, for the first)."""
    notes: list[str] = []
    respondents = start.notna()
    totals = totals.reindex(totals.index.union(sorted(set(levels[respondents])), sort=True), fill_value=0.0)
    while len(totals) > 1:
        sparse = _sparse(levels[respondents], totals[totals > 0], start[respondents])
        bad = [level for level in totals.index if not totals[level] or sparse.get(level, False)]
        if not bad:
            break
        place = list(totals.index).index(bad[0])
        whole = totals.index[place - 1] if place else totals.index[1]
        notes.append(
            f"Margin '{margin}': level '{bad[0]}' has too few respondents or pupils: joined with '{whole}'."
        )
        levels = levels.where(levels != bad[0], whole)
        totals[whole] += totals[bad[0]]
        totals = totals.drop(bad[0])
    return levels, totals, notes


def _none(respondents: pd.DataFrame) -> pd.Series:
    return pd.Series(float("nan"), index=respondents.index)
