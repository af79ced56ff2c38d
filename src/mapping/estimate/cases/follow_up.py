"""What stays with the analyst: pupils to be followed up one by one, days to each step, and two sources compared.

None of it is an indicator, and none of it leaves the owner-only folder.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from mapping.concepts.case_file import SERVICES
from mapping.concepts.responses import CaseCounts, CaseRecords
from mapping.errors import EstimationError
from mapping.estimate.cases.capture import ASSUMPTIONS, two_sources
from mapping.estimate.cases.removal import kept_days, observed_states, step_dates, step_days
from mapping.estimate.cases.units import units_of

__all__ = ["analyst_tables", "compared_sources", "unverified_stays"]

LONG = ("off_roll", "over_10_days")
KNOWN = "K03"
SHOWN = ["person", "area", "sex", "birth_year", "absence", "stay"]


def unverified_stays(records: CaseRecords) -> pd.DataFrame:
    """Pupils off the roll, or away for more than 10 school days, whose stay nobody has verified: one row each.

    A list for the school to work through, by pseudonym. Most have moved lawfully: it is no measure of removal.
    """
    units = units_of(records, "person")
    if not {"absence", "stay"} <= set(units):
        return pd.DataFrame(columns=SHOWN)
    chosen = units[units["absence"].isin(LONG) & units["stay"].eq("unverified")]
    return (
        chosen.rename_axis("person")
        .reset_index()
        .reindex(columns=SHOWN)
        .sort_values("person", ignore_index=True)
    )


def compared_sources(
    records: CaseRecords, evaluate: Callable[[pd.DataFrame], pd.DataFrame], sources: tuple[str, str]
) -> pd.DataFrame:
    """How many persons two sources know, how many both, and how many there may be in all; with what it assumes.

    Raises
    ------
    EstimationError
        If a source is not there, or its keys are not those of the main extract.
    """
    cases = records.wave.cases
    linked = {s.id for s in (cases, *cases.sources) if s.shared_keys} if cases else set()
    if unknown := [name for name in sources if name not in linked]:
        raise EstimationError(
            f"wave.toml of {records.wave.id} [detection]: 'sources' names '{unknown[0]}', which is no source that "
            "shares keys with the main extract. Correct it, or leave 'sources' out."
        )
    known = []
    for source in sources:
        units = units_of(records, "person", source)
        answers = evaluate(units) if len(units) else pd.DataFrame()
        known.append(set(units.index[answers[KNOWN].eq("yes").to_numpy()]) if KNOWN in answers else set())
    one, other = known
    row: dict[str, object] = {"first": len(one), "second": len(other), "both": len(one & other)}
    try:
        found = two_sources(len(one), len(other), len(one & other))
        row |= {"number": found.number, "low": found.low, "high": found.high, "reason": ""}
    except EstimationError as error:
        row |= {"number": None, "low": None, "high": None, "reason": str(error)}
    return pd.DataFrame([{**row, "assumes": ", ".join(ASSUMPTIONS)}])


def analyst_tables(
    counts: CaseCounts, evaluate: Callable[[pd.DataFrame], pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """By the name of a file: what an analyst may go on with; nothing where the extract holds nothing of it."""
    records = counts.records
    if records is None or records.wave.cases is None:
        return {}
    rows = records.frame[records.frame["origin"].eq(SERVICES)]
    found = {"follow-up": unverified_stays(records), "removal-steps": step_days(step_dates(rows))}
    last = pd.Timestamp(records.wave.cases.period[1]).date()
    stays = pd.DataFrame(
        [{"state": s, "median_days": kept_days(observed_states(rows), last, s)} for s in ("risk", "abroad")]
    )
    found["removal-durations"] = stays.dropna()
    said = records.wave.detection
    if said is not None and said.sources is not None:
        found["two-sources"] = compared_sources(records, evaluate, said.sources)
    return {name: table for name, table in found.items() if len(table)}
