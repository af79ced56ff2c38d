"""How far each share of the municipality could lie from the truth for reasons no interval tells: for the analyst."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mapping.concepts.indicator import Indicator
from mapping.estimate.design_based import bounds, nonresponse, refusals
from mapping.estimate.tables import Sample, numeric_answers

__all__ = ["what_if"]

ODDS = (0.5, 2.0)  # those who gave no answer against those who did


def what_if(sample: Sample, response: pd.DataFrame, indicators: Sequence[Indicator]) -> pd.DataFrame:
    """Each share (target *pupils*) under other assumptions on those who were unsure, silent, or in refusing schools.

    Parameters
    ----------
    response : DataFrame
        Registered and answered pupils by school (``psu``), grade and sex; empty where there is no frame.

    Returns
    -------
    DataFrame
        ``indicator``, ``assumption``, ``estimate``, ``low``, ``high`` (shares 0 to 1). Assumptions: "unsure" – all of
        them meant no, or yes; "silent" – the odds of those who declined or skipped are half, or twice, those of the
        others; "refused" – the schools that took no part are like the school at the 10th, or 90th, percentile.
    """
    ids = [i.id for i in indicators if i.id in sample.answers]
    design, frame = sample.designs["pupils"], pd.concat([sample.frame, sample.answers[ids]], axis=1)
    if not ids:
        return pd.DataFrame(columns=["indicator", "assumption", "estimate", "low", "high"])
    unsure = bounds(frame, design, ids).rename(columns={"lowest": "low", "highest": "high"})
    pieces = [unsure.assign(assumption="unsure")]
    half, twice = (
        rows.set_index("indicator")["estimate"]
        for _, rows in nonresponse(frame, design, ids, odds_ratios=ODDS).groupby("odds_ratio")
    )
    silent = unsure.assign(assumption="silent")
    pieces.append(silent.assign(low=silent["indicator"].map(half), high=silent["indicator"].map(twice)))
    if refused := _refused(response):
        numbers = pd.concat([sample.frame, numeric_answers(sample.answers[ids])], axis=1)
        found = refusals(
            numbers, design, ids, refused=refused, population=float(response["registered"].sum())
        )
        pieces.append(found.assign(assumption="refused"))
    table = pd.concat(pieces, ignore_index=True)
    return table[["indicator", "assumption", "estimate", "low", "high"]]


def _refused(response: pd.DataFrame) -> float:
    """Registered pupils of the schools from which nobody answered."""
    if response.empty:
        return 0.0
    by_school = response.groupby("psu")[["registered", "answered"]].sum()
    return float(by_school.loc[by_school["answered"].eq(0), "registered"].sum())
