"""Several sources of one year: shared keys let each person count once; without them, the count has bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from mapping.concepts.case_file import SERVICES, CaseFile
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import CaseRecords
from mapping.estimate.cases.units import units_of

__all__ = ["OVERLAP_COLUMNS", "joined_bounds", "overlap_of"]

UNITS = ("case", "person")
OVERLAP_COLUMNS = ["indicator", "source", "n", "linked", "together", "low", "high"]


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
    services: Mapping[str, set[str]],
) -> pd.DataFrame:
    """How many each source knows, by indicator, and the bounds of how many there are in all.

    Parameters
    ----------
    records : CaseRecords
        What intake read.
    indicators : mapping
        The codebook.
    evaluate : callable
        Its rules, on one frame of units.
    services : mapping
        By indicator, the cases or persons that social services know.

    Returns
    -------
    DataFrame
        ``indicator``, ``source``, ``n``; ``linked``, whether its keys are those of social services, so that nobody
        counts twice; ``together``, how many those know in all; and the same ``low`` and ``high`` on all rows of an
        indicator. Empty where there is one source.
    """
    cases = records.wave.cases
    if cases is None or not (cases.sources or cases.aggregates):
        return pd.DataFrame(columns=OVERLAP_COLUMNS)
    others = {source.id: _known(records, source.id, indicators, evaluate) for source in cases.sources}
    known = {SERVICES: services, **others}
    pieces = [
        found
        for id_, indicator in indicators.items()
        if id_ in services and indicator.unit in UNITS and not indicator.category_of
        if len(found := _overlap(cases, id_, {s: ids[id_] for s, ids in known.items() if id_ in ids}))
    ]
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=OVERLAP_COLUMNS)


def _known(
    records: CaseRecords,
    origin: str,
    indicators: Mapping[str, Indicator],
    evaluate: Callable[[pd.DataFrame], pd.DataFrame],
) -> dict[str, set[str]]:
    """By indicator, the cases or persons that a source knows."""
    found: dict[str, set[str]] = {}
    for unit in UNITS:
        units = units_of(records, unit, origin)
        values = evaluate(units) if len(units) else pd.DataFrame()
        for id_ in map(str, values):
            if indicators[id_].unit == unit:
                found[id_] = set(units.index[values[id_].eq("yes").to_numpy()])
    return found


def _overlap(cases: CaseFile, id_: str, known: Mapping[str, set[str]]) -> pd.DataFrame:
    sums = {aggregate.id: aggregate.counts[id_] for aggregate in cases.aggregates if id_ in aggregate.counts}
    if len(known) + len(sums) < 2:
        return pd.DataFrame(columns=OVERLAP_COLUMNS)
    shared = {SERVICES, *(source.id for source in cases.sources if source.shared_keys)}
    together = set[str]().union(*(ids for origin, ids in known.items() if origin in shared))
    apart = {origin: len(ids) for origin, ids in known.items() if origin not in shared} | sums
    low, high = joined_bounds(apart, len(together))
    rows = [(o, len(ids), o in shared) for o, ids in known.items()] + [(o, n, False) for o, n in sums.items()]
    frame = pd.DataFrame(rows, columns=["source", "n", "linked"])
    return frame.assign(indicator=id_, low=low, high=high, together=len(together))[OVERLAP_COLUMNS]
