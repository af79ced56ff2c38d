"""Weights that let the respondents stand for the register of pupils."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mapping.errors import InputError
from mapping.ingest.raw import numbers, rows_in_words

__all__ = ["frame_weights", "given_weights"]

EXTREME = 1000.0  # a weight so many times the median one is a slip of the keyboard


def given_weights(values: pd.Series, file: str, column: str) -> pd.Series:
    """The weights of the file as numbers.

    Raises
    ------
    InputError
        If a weight is missing, zero, negative, infinite, absurdly large, or written with both decimal signs.
    """
    weights = numbers(values)
    problems = {
        "missing or not a number": ~np.isfinite(weights),
        "zero or negative": np.isfinite(weights) & (weights <= 0),
    }
    usable = weights[np.isfinite(weights) & (weights > 0)]
    if len(usable):
        problems[f"more than {EXTREME:g} times the middle one"] = np.isfinite(weights) & (
            weights > EXTREME * np.median(usable)
        )
    if not pd.api.types.is_numeric_dtype(values):
        texts = values.astype(object).map(str)
        comma, point = texts.str.contains(",").to_numpy(), texts.str.contains(".", regex=False).to_numpy()
        if comma.any() and point.any():
            rare = comma if comma.sum() <= point.sum() else point
            problems["written with another decimal sign than the rest"] = rare
    found = [f"{what} in data {rows_in_words(mask)}" for what, mask in problems.items() if mask.any()]
    if found:
        raise InputError(
            f"{file}: column '{column}' holds weights that are {'; '.join(found)}. Correct them at the source; "
            "a respondent without a weight must be left out of the file."
        )
    return pd.Series(weights, index=values.index)


def _start(respondents: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Registered over answered pupils of the respondent's school and grade; her school's where the grade is unknown."""
    registered = frame.groupby(["psu", "grade"])["registered"].sum()
    answered = respondents.groupby(["psu", "grade"])["psu"].size()
    share = (registered / answered).rename("start")
    own = respondents[["psu", "grade"]].join(share, on=["psu", "grade"])["start"]
    whole = frame.groupby("psu")["registered"].sum() / respondents.groupby("psu")["psu"].size()
    start = own.where(own > 0, respondents["psu"].map(whole))
    return start.where(start > 0, 1.0).astype(float)


def _cells(respondents: pd.DataFrame, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series, list[str]]:
    """The post-stratum of each respondent ("" where she has none of her own) and the total of each.

    Grade by sex; where a cell of the register has no respondent, or a cell of respondents no register, the sexes of
    that grade are joined; where a whole grade has none, grades are.
    """
    totals = frame.groupby(["grade", "sex"])["registered"].sum()
    totals = totals[totals > 0]
    found = set(zip(respondents["grade"], respondents["sex"], strict=True))
    grades = set(totals.index.get_level_values("grade"))
    notes = []
    lost = {grade for grade in grades if not (respondents["grade"] == grade).any()}
    if lost:
        notes.append("A grade of the register has no respondents: weights stand for all grades together.")
        return pd.Series("all", index=respondents.index), pd.Series({"all": float(totals.sum())}), notes
    table = totals.reset_index()
    joined = {
        grade for grade, sex in zip(table["grade"], table["sex"], strict=True) if (grade, sex) not in found
    }
    if joined:
        notes.append(
            "A sex has no respondents in a grade: weights of that grade stand for its sexes together."
        )

    def name(rows: pd.DataFrame) -> pd.Series:
        whole = rows["grade"].isin(joined)
        return rows["grade"].where(whole, rows["grade"].str.cat(rows["sex"], sep="*"))

    target = table.groupby(name(table))["registered"].sum().astype(float)
    names = name(respondents)
    return names.where(names.isin(target.index), ""), target, notes


def frame_weights(respondents: pd.DataFrame, frame: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """Weights that add up to the register, and notes on cells that had to be joined.

    Parameters
    ----------
    respondents : DataFrame
        ``psu``, ``grade``, ``sex`` of each respondent.
    frame : DataFrame
        As `read_frame` returns it.

    Notes
    -----
    Post-stratification (Holt & Smith 1979): the starting weight, registered over answered pupils of the school and
    grade, is scaled within each cell of grade × sex so that the weights of the cell add up to its register count. A
    school that did not take part is carried by the others in its cells. A respondent whose cell the register does not
    know (another sex, grade unknown) weighs as the average respondent of the grade, or of all, and the cells of the
    grade give up the same total, so that the whole still equals the register.
    """
    start, (cell, totals, notes) = _start(respondents, frame), _cells(respondents, frame)
    scaled = start * cell.map(totals) / start.groupby(cell).transform("sum")
    stray = cell == ""
    if not stray.any():
        return scaled, notes
    grade, total = (
        respondents["grade"].where(~stray | respondents["grade"].isin(frame["grade"])),
        frame["registered"].sum(),
    )
    unknown = float(grade.isna().mean())
    average = frame.groupby("grade")["registered"].sum() * (1 - unknown) / grade.value_counts()
    kept = (1 - unknown) * (1 - grade.map(stray.groupby(grade).mean()))
    notes.append(
        "Respondents whose grade and sex the register does not list weigh as the average of their grade."
    )
    return (scaled * kept).where(~stray, grade.map(average).fillna(total / len(respondents))), notes
