"""Published aggregates that are no series: breakdowns by group, and surveys of who knows of how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.errors import EstimationError
from mapping.estimate.cases.periods import number_of, renamed
from mapping.estimate.cases.series import CaseSeries, case_series

__all__ = ["Published", "breakdown", "count_range", "coverage", "published", "recorded_from"]

WHOLE = ("total", "totalt", "all", "alla", "summa")
DIMENSION, LEVEL = ("dimension", "grupp", "group"), ("level", "nivå", "category", "kategori")
QUANTITY = ("quantity", "storhet", "uppgift")


@dataclass(frozen=True, slots=True)
class Published:
    """A published table with what follows from its counts; `notes` say where it contradicts itself, or is a bound."""

    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def _half_up(percent: float) -> float:
    return float(np.floor(percent + 0.5))


def _column(table: pd.DataFrame, names: Sequence[str]) -> str:
    return next((str(c) for c in table if str(c).strip().casefold() in names), "")


def published(frame: pd.DataFrame) -> CaseSeries | Published:
    """A published table of case counts, understood by its columns: a series, a breakdown, or a survey of services.

    Raises
    ------
    EstimationError
        If the columns fit none of the three; see `case_series`, `breakdown` and `coverage`.
    """
    if _column(frame, DIMENSION) and _column(frame, LEVEL):
        return breakdown(frame)
    if _column(frame, QUANTITY):
        return coverage(frame)
    return case_series(frame)


def breakdown(frame: pd.DataFrame) -> Published:
    """Counts by group, each dimension held against the total.

    Parameters
    ----------
    frame : DataFrame
        ``dimension``, ``level``, one column of counts, and ``printed_pct`` where percentages were printed. The row of
        the dimension "total" is what shares are of.

    Returns
    -------
    Published
        ``dimension``, ``level``, ``n``, ``pct`` (of the total, unknown included), ``rounded`` (half up), ``printed``,
        ``agrees``, and by dimension ``exhausts`` (its levels add up to the total) and ``rest`` (what it leaves out).
    """
    dimension, level = _column(frame, DIMENSION), _column(frame, LEVEL)
    printed = next((str(c) for c in frame if "pct" in str(c) or "procent" in str(c)), "")
    counts = next((str(c) for c in frame if str(c) not in (dimension, level, printed)), "")
    table = pd.DataFrame(
        {
            "dimension": frame[dimension].astype(str),
            "level": frame[level].astype(str),
            "n": [number_of(v) for v in frame[counts]],
            "printed": [number_of(v) for v in frame[printed]] if printed else np.nan,
        }
    )
    whole = table["dimension"].str.casefold().isin(WHOLE)
    if whole.sum() != 1:
        raise EstimationError("a breakdown needs one row 'total' that shares are of. Add it, or keep one.")
    total = float(table.loc[whole, "n"].iloc[0])
    table["pct"] = 100 * table["n"] / total
    table["rounded"] = np.floor(table["pct"] + 0.5)
    table["agrees"] = table["printed"].isna() | table["rounded"].eq(table["printed"])
    sums = table.groupby("dimension")["n"].transform("sum")
    table["exhausts"], table["rest"] = sums.eq(total), total - sums
    return Published(table, tuple(_told(table[~whole], total)))


def _told(table: pd.DataFrame, total: float) -> list[str]:
    notes = [
        f"{row['dimension']} {row['level']}: {row['printed']:g} % is printed, the counts give {row['pct']:.1f} %. "
        "The counts are kept."
        for row in table[~table["agrees"]].to_dict("records")
    ]
    for name, part in table.groupby("dimension", sort=False):
        rest = part["rest"].iloc[0]
        if rest > 0:
            notes.append(
                f"{name}: its levels hold {total - rest:g} of {total:g}; the others are not in the table."
            )
        if rest < 0:
            notes.append(
                f"{name}: its levels hold {-rest:g} more than the total {total:g}: they overlap, or the total is wrong."
            )
    return notes


def coverage(frame: pd.DataFrame) -> Published:
    """A survey of services: how many answered, how many of them know of cases, and counts that are lower bounds.

    Parameters
    ----------
    frame : DataFrame
        ``quantity`` and ``value``, and ``survey`` where there are several. ``…_total`` and ``…_answered`` say how many
        were asked and answered; ``know_of_…`` are of those who answered; all others are counts.

    Returns
    -------
    Published
        ``survey``, ``quantity``, ``value``, ``of``, ``pct`` and ``bound`` ("lower" for counts where some did not
        answer). No count is ever scaled up to those who did not answer.
    """
    table = renamed(frame).rename(columns={_column(frame, QUANTITY): "quantity"})
    table = table.assign(value=[number_of(v) for v in table["value"]])
    if "survey" not in table:
        table["survey"] = ""
    rows: list[dict[str, object]] = []
    notes: list[str] = []
    for survey, part in table.groupby("survey", sort=False):
        value = dict(zip(part["quantity"].astype(str), part["value"], strict=True))
        asked = next((v for q, v in value.items() if q.endswith(("_total", "_asked"))), np.nan)
        answered = next((v for q, v in value.items() if q.endswith("_answered")), np.nan)
        silent = asked - answered
        for quantity, n in value.items():
            rows.append(
                {"survey": survey, "quantity": quantity, "value": n, **_of(quantity, n, asked, answered)}
            )
        if silent > 0:
            notes.append(
                f"{survey}: {silent:g} of {asked:g} did not answer; counts are lower bounds and are not scaled up."
            )
        if np.isnan(asked):
            notes.append(
                f"{survey}: how many were asked is not stated; the share that answered is not known."
            )
    made = pd.DataFrame(rows)
    return Published(made, tuple(notes))


def _of(quantity: str, n: float, asked: float, answered: float) -> dict[str, object]:
    if quantity.endswith(("_total", "_asked")):
        return {"of": np.nan, "pct": np.nan, "bound": ""}
    if quantity.endswith("_answered"):
        return {"of": asked, "pct": 100 * n / asked, "bound": ""}
    if quantity.startswith(("know_", "känner_")):
        return {"of": answered, "pct": 100 * n / answered, "bound": ""}
    return {"of": np.nan, "pct": np.nan, "bound": "" if answered == asked else "lower"}


def count_range(percent: float, n: int) -> tuple[int, int]:
    """The counts of `n` that print as `percent` (whole, half up).

    Examples
    --------
    >>> count_range(86, 199)
    (171, 172)

    Raises
    ------
    EstimationError
        If no count does.
    """
    fitting = [k for k in range(n + 1) if _half_up(100 * k / n) == percent]
    if not fitting:
        raise EstimationError(f"no count of {n} prints as {percent:g} %. One of the two is wrong.")
    return fitting[0], fitting[-1]


def recorded_from(count: float, per_period: Mapping[str, float], printed: float) -> str:
    """From which period on a category seems to have been recorded, if its printed share is not of all periods.

    Parameters
    ----------
    count : float
        How many the category has.
    per_period : mapping
        The whole of each period, in order.
    printed : float
        The printed per cent.

    Returns
    -------
    str
        The first period whose sum with all later ones gives the printed share: the first of all where the share is of
        everything, "" where none does.

    Examples
    --------
    >>> recorded_from(232, {"2014": 1317, "2017": 3840}, 6)
    '2017'
    """
    periods = list(per_period)
    for place, period in enumerate(periods):
        if _half_up(100 * count / sum(per_period[p] for p in periods[place:])) == printed:
            return period
    return ""
