"""Several sources of one year: shared keys let each person count once; without them, the count has bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from mapping.concepts.case_file import SERVICES
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import CaseRecords
from mapping.estimate.cases.units import units_of

__all__ = ["OVERLAP_COLUMNS", "joined_bounds", "overlap_of"]

OVERLAP_COLUMNS = ["indicator", "source", "n", "linked", "low", "high"]


def joined_bounds(counts: Mapping[str, int], linked: int | None = None) -> tuple[int, int]:
    """The fewest and the most there can be behind the counts of several sources.

    Parameters
    ----------
    counts : mapping
        By source, how many it knows.
    linked : int, optional
        How many the sources that share keys know together, each counted once; `counts` then holds the others.

    Examples
    --------
    >>> joined_bounds({"services": 40, "school": 12, "helpline": 9})
    (40, 61)
    >>> joined_bounds({"helpline": 9}, linked=46)
    (46, 55)
    """
    known = [*counts.values(), *([linked] if linked is not None else [])]
    return max(known, default=0), sum(known)


def overlap_of(
    records: CaseRecords,
    indicators: Mapping[str, Indicator],
    evaluate: Callable[[pd.DataFrame], pd.DataFrame],
    totals: Mapping[str, int],
) -> pd.DataFrame:
    """How many each source knows, by indicator, and the bounds of how many there are in all.

    Returns
    -------
    DataFrame
        ``indicator``, ``source``, ``n``; ``linked``, whether its keys are those of social services, so that nobody
        counts twice; and the same ``low`` and ``high`` on all rows of an indicator. Empty where there is one source.
    """
    cases = records.wave.cases
    if cases is None or not (cases.sources or cases.aggregates):
        return pd.DataFrame(columns=OVERLAP_COLUMNS)
    pieces = [
        found
        for id_, indicator in indicators.items()
        if indicator.side == "case" and id_ in totals and indicator.unit in {"case", "person"}
        if len(found := _overlap(records, indicator, evaluate))
    ]
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=OVERLAP_COLUMNS)


def _overlap(
    records: CaseRecords, indicator: Indicator, evaluate: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    cases = records.wave.cases
    known: dict[str, set[str]] = {}
    for origin in (SERVICES, *(source.id for source in cases.sources)) if cases else ():
        units = units_of(records, indicator.unit, origin)
        values = evaluate(units) if len(units) else pd.DataFrame()
        if indicator.id in values:
            known[origin] = set(units.index[values[indicator.id].eq("yes").to_numpy()])
    sums = (
        {a.id: a.counts[indicator.id] for a in cases.aggregates if indicator.id in a.counts} if cases else {}
    )
    if len(known) + len(sums) < 2:
        return pd.DataFrame(columns=OVERLAP_COLUMNS)
    shared = {SERVICES, *(s.id for s in cases.sources if s.shared_keys)} if cases else set()
    together = set().union(*(known[origin] for origin in known if origin in shared))
    apart = {origin: len(found) for origin, found in known.items() if origin not in shared} | sums
    low, high = joined_bounds(apart, len(together))
    rows = [(o, len(found), o in shared) for o, found in known.items()] + [
        (o, n, False) for o, n in sums.items()
    ]
    return pd.DataFrame(rows, columns=["source", "n", "linked"]).assign(
        indicator=indicator.id, low=np.int64(low), high=np.int64(high)
    )[OVERLAP_COLUMNS]
