"""What a case extract counts: each indicator in its own unit, the overlap of sources, and what it cannot give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from mapping.concepts.case_file import FIELDS
from mapping.concepts.indicator import Indicator
from mapping.concepts.responses import CaseCounts, CaseRecords
from mapping.estimate.cases.removal import STEPS
from mapping.estimate.cases.sources import overlap_of
from mapping.estimate.cases.units import returns, units_of

__all__ = ["count_cases"]

Evaluate = Callable[[pd.DataFrame], pd.DataFrame]  # the codebook's rules, on one frame of units
Lacking = Callable[[pd.DataFrame], Mapping[str, tuple[str, ...]]]  # by indicator, the columns a frame lacks

COUNTED = ("case", "person", "child")
BACK = "new_intake"  # the field that follows persons beyond the period
COLUMNS = ["indicator", "area", "sex", "n"]
KEYS_OF = {"case": ("case",), "person": ("person",), "child": ("person", "birth_year")}
MADE_FROM = {
    "closed": "closed",
    "adult": "birth_year",
    "young": "birth_year",
    "witnessed": "child_link",
    "survey_ages": "birth_year",
    "woman": "sex",
}


def count_cases(
    records: CaseRecords, indicators: Mapping[str, Indicator], evaluate: Evaluate, lacking: Lacking
) -> CaseCounts:
    """The counts of every indicator that the extract can give, and why it cannot give the others.

    Parameters
    ----------
    records : CaseRecords
        What intake read.
    indicators : mapping
        The codebook; those of cases are counted.
    evaluate, lacking : callable
        The codebook's rules applied to a frame of units, and the columns such a frame lacks by indicator.

    Notes
    -----
    A case counts once however many events and reasons it has; a person once however many cases. A unit whose rule is
    undecided, because a cell is empty, is not counted.
    """
    frames = {
        unit: units_of(records, unit) if _told_apart(records, unit) else pd.DataFrame() for unit in COUNTED
    }
    frames[BACK] = returns(records)
    wanted = {i.id: i for i in indicators.values() if i.side == "case" and i.unit in COUNTED}
    pieces, refused = [], {}
    known: dict[str, set[str]] = {}
    values = {
        unit: evaluate(frame) if len(frame.columns) else pd.DataFrame() for unit, frame in frames.items()
    }
    short = {unit: lacking(frame) for unit, frame in frames.items()}
    for id_, indicator in wanted.items():
        unit = BACK if BACK in indicator.items and BACK not in frames["person"] else indicator.unit
        if id_ in values[unit]:
            yes = frames[unit][values[unit][id_].eq("yes").to_numpy()]
            known[id_] = set(yes.index)
            pieces.append(yes.groupby(["area", "sex"]).size().rename("n").reset_index().assign(indicator=id_))
        else:
            refused[id_] = _why(records, indicator, unit, short[unit].get(id_, ()))
    frame = pd.concat(pieces, ignore_index=True)[COLUMNS] if pieces else pd.DataFrame(columns=COLUMNS)
    frame = frame.sort_values(COLUMNS[:3], ignore_index=True)
    totals = {
        id_: int(frame.loc[frame["indicator"].eq(id_), "n"].sum()) for id_ in wanted if id_ not in refused
    }
    return CaseCounts(
        records.wave,
        frame,
        records.notes,
        totals,
        refused,
        records,
        records.population,
        overlap_of(records, indicators, evaluate, known),
    )


def _told_apart(records: CaseRecords, unit: str) -> bool:
    """Whether the extract has the keys that tell the units apart; children are linked, named, or known by their age."""
    known = set(records.wave.cases.columns) if records.wave.cases else set[str]()
    if unit == "child":
        return "child" in known or ("person" in known and bool({"child_link", "birth_year"} & known))
    return unit in known


def _columns(indicator: Indicator, missing: Iterable[str]) -> list[str]:
    """The roles of [cases] columns behind the columns of a rule."""
    roles = []
    for column in missing:
        role = next((f for f in FIELDS if column == f or column.startswith(f"{f}_")), column)
        roles.append(MADE_FROM.get(role) or _followed_from(role))
    return list(dict.fromkeys(roles))


def _followed_from(role: str) -> str:
    """The role behind what is made from states and days of a removal; others are their own."""
    step = STEPS.get(role.removeprefix("days_"), role)
    return "removal_state" if role.startswith(("removal_was_", "removal_move_")) else step


def _why(records: CaseRecords, indicator: Indicator, unit: str, missing: tuple[str, ...]) -> str:
    """Why an extract cannot give an indicator, and what would help."""
    cases = records.wave.cases
    if cases is None:
        return ""
    start, settings = (
        f"{cases.path}: {indicator.id} cannot be counted",
        f"wave.toml of {records.wave.id} [cases]",
    )
    if unit == BACK:
        return (
            f"{start}: it follows persons for 12 months after closing. Name the columns 'person' and 'closed', and "
            f"with 'days' in {settings} the days that the extract holds, more than a year."
        )
    roles = _columns(indicator, missing)
    if told := [records.lacking[role] for role in roles if role in records.lacking]:
        return f"{start}. {told[0]}."
    if not _told_apart(records, indicator.unit):
        keys = ("person", "child_link") if "witnessed" in indicator.items else KEYS_OF[indicator.unit]
        roles = list(dict.fromkeys([*(role for role in keys if role not in cases.columns), *roles]))
    stated = [column.removeprefix("reason_") for column in missing if column.startswith("reason_")]
    if roles == ["reason"] or (stated and "reason" in cases.columns and not roles[1:]):
        return f"{start}: no text is listed for the reason '{stated[0]}'. Add it to 'reasons' of {settings}."
    roles = [role for role in roles if role not in cases.columns] or roles
    shown = " and ".join(f"'{role}'" for role in roles)
    return f"{start}: it has no column for {shown}. Ask for it, and name it under 'columns' of {settings}."
