"""From events to what is counted: each case, person or child once, with all that its events say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from mapping.concepts.case_file import FIELDS, SERVICES
from mapping.concepts.responses import SKIPPED, CaseRecords
from mapping.estimate.cases.removal import removal_fields

__all__ = ["ADULT", "person_keys", "returns", "tally", "units_of"]

ADULT, YOUNG = 18, 26  # ages reached in the year
OF_A_CASE = ("reason_hrv", "reason_ipv")  # what a case is about, it is about for everybody in it
# of several codes of a case or person the strongest counts, or the last one given; else the first (how it came in)
STRONGEST: Mapping[str, tuple[str, ...]] = {
    "support": ("decided", "open", "none"),
    "placement": ("protected", "other", "none"),
    "absence": ("off_roll", "over_10_days", "shorter"),
    "stay": ("unverified", "verified"),
    "perpetrators": ("several", "one"),
    **dict.fromkeys(("accompanying", "witnessed", "new_intake", "disability", "hbtq"), ("yes", "no")),
}
LAST = ("close_reason", "moved_to", "removal_state")
BACK_WITHIN = pd.DateOffset(years=1)


def _rank(values: pd.Series, order: tuple[str, ...], by: pd.Series) -> pd.Series:
    """The strongest of each unit's codes."""
    ranks = values.map({code: rank for rank, code in enumerate(order)})
    best = ranks.groupby(by, sort=False).min()
    return best.map(dict(enumerate(order))).fillna(SKIPPED).astype("str")


def _collapsed(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """One row per unit, ordered by its first event; place and sex are those of that event."""
    rows = rows.sort_values("opened", kind="stable") if "opened" in rows else rows
    if "state_from" in rows:
        rows = rows.assign(at=rows["state_from"].fillna(rows["opened"]))
    by, first = rows[key], rows.groupby(key, sort=False)
    made = {name: first[name].first() for name in ("area", "sex", "birth_year", "opened") if name in rows}
    for name in rows.columns:
        field = next((f for f in FIELDS if name == f or name.startswith(f"{f}_")), "")
        if (
            not field
            or name in made
            or name.endswith("_from")
            or (name.endswith("_to") and name != "moved_to")
        ):
            continue
        if name != field:
            made[name] = _rank(rows[name], ("yes", "no"), by)
        elif name in STRONGEST:
            made[name] = _rank(rows[name], STRONGEST[name], by)
        else:
            dated = (
                rows.sort_values("at", kind="stable") if name == "removal_state" and "at" in rows else rows
            )
            said = dated[name].where(dated[name] != SKIPPED).groupby(dated[key], sort=False)
            made[name] = (said.last() if name in LAST else said.first()).fillna(SKIPPED).astype("str")
    if "closed" in rows:
        made["closed_on"] = first["closed"].max()
    return pd.DataFrame(made)


def _derived(units: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """What follows from days and years of birth: closed in the period, adult, young."""
    made = {}
    if "closed_on" in units:
        made["closed"] = np.where(units["closed_on"] <= last, "yes", "no")
    if units["birth_year"].notna().any():
        age = last.year - units["birth_year"]
        for name, limit, older in (("adult", ADULT, "yes"), ("young", YOUNG, "no")):
            younger = "no" if older == "yes" else "yes"
            made[name] = np.where(age.isna(), SKIPPED, np.where(age >= limit, older, younger))
    return units.assign(
        **{name: pd.Series(values, index=units.index, dtype="str") for name, values in made.items()}
    )


def _own(rows: pd.DataFrame) -> pd.Series:
    """Rows about somebody in her own right: not a child that is only linked to a parent's case."""
    reasons = [name for name in rows if str(name).startswith("reason_")]
    stated = pd.Series((rows[reasons] == "yes").any(axis=1) if reasons else True, index=rows.index)
    return rows["linked"].eq("") | (stated & rows["linked"].ne(rows["case"]))


def _about(rows: pd.DataFrame, cases: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows with what their case (named in `column`) is about."""
    found = {name: rows[column].map(cases[name]) for name in OF_A_CASE if name in cases}
    own = {name: rows[name].mask(values.eq("yes"), "yes") for name, values in found.items()}
    return rows.assign(**own)


def person_keys(rows: pd.DataFrame) -> bool:
    """Whether the extract tells persons apart."""
    return bool(rows["person"].ne("").any())


def units_of(records: CaseRecords, unit: str, origin: str = SERVICES) -> pd.DataFrame:
    """Each case, person or child of the period once, indexed by pseudonym; empty where there are no such keys.

    Parameters
    ----------
    records : CaseRecords
        What intake read.
    unit : str
        "case", "person" or "child". A case about honour-related or partner violence is so for each person in it; what
        happened to a person (removal, marriage) is that person's alone. Children are those linked to a parent's case,
        who have experienced its violence, and persons known to be under 18.
    origin : str
        The source.

    Returns
    -------
    DataFrame
        The columns of the codebook's fields, ``area``, ``sex``, ``birth_year``, ``opened``, and what follows from days
        and years of birth: ``closed``, ``adult``, ``young``.
    """
    rows = records.frame[records.frame["origin"].eq(origin) & records.frame["within"]]
    if origin != SERVICES:
        elsewhere = [name for name in rows if name != "birth_year" and rows[name].isna().all()]
        rows = rows.drop(columns=elsewhere)  # what another source alone holds
    last = _last_day(records, origin)
    own = rows[_own(rows)]
    with_case = own[own["case"].ne("")]
    cases = _collapsed(with_case, "case")
    if unit == "case":
        return _derived(cases, last)
    if unit == "person":
        persons = own[own["person"].ne("")]
        found = _derived(_collapsed(_about(persons, cases, "case"), "person"), last)
        return _followed(found, records, origin)
    return _children(rows, own, cases, last, links=_links(records))


def _followed(persons: pd.DataFrame, records: CaseRecords, origin: str) -> pd.DataFrame:
    """The persons with how they moved between states of a removal, and whether the survey asked those of their age."""
    rows = records.frame[records.frame["origin"].eq(origin)]
    first, last = (dt.date.fromisoformat(day) for day in _period(records, origin))
    fields = removal_fields(rows, first, last).reindex(persons.index).fillna(SKIPPED).astype("str")
    made = persons.drop(columns=persons.columns.intersection(fields.columns)).join(fields)
    made["woman"] = made["sex"].map({"girl": "yes", "boy": "no"}).fillna(SKIPPED).astype("str")
    years = records.wave.detection.birth_years if records.wave.detection else ()
    if years and persons["birth_year"].notna().any():
        asked = np.where(persons["birth_year"].isin(years), "yes", "no")
        made["survey_ages"] = pd.Series(asked, index=persons.index).mask(
            persons["birth_year"].isna(), SKIPPED
        )
    return made


def _period(records: CaseRecords, origin: str) -> tuple[str, str]:
    main = records.wave.cases
    if main is None:
        raise ValueError(f"the wave {records.wave.id} has no case extract")
    return next(source.period for source in (main, *main.sources) if source.id == origin)


def _last_day(records: CaseRecords, origin: str) -> pd.Timestamp:
    return pd.Timestamp(_period(records, origin)[1])


def _children(
    rows: pd.DataFrame, own: pd.DataFrame, cases: pd.DataFrame, last: pd.Timestamp, *, links: bool
) -> pd.DataFrame:
    known = last.year - rows["birth_year"]
    linked = rows[rows["linked"].ne("") & rows["person"].ne("") & ~(known >= ADULT)]
    young = own[own["person"].ne("") & (known.loc[own.index] < ADULT)]
    linked, young = _about(linked, cases, "linked"), _about(young, cases, "case")
    if len(linked) or "witnessed" in rows or links:
        stated = (
            linked["witnessed"]
            if "witnessed" in linked
            else pd.Series(SKIPPED, index=linked.index, dtype="str")
        )
        linked = linked.assign(witnessed=stated.mask(stated.eq(SKIPPED), "yes"))
        if "witnessed" not in young:
            young = young.assign(witnessed="no")
    return _derived(_collapsed(pd.concat([linked, young]), "person"), last)


def _links(records: CaseRecords) -> bool:
    """Whether the main extract links children to their parents' cases, even if it knows of none."""
    return records.wave.cases is not None and bool({"child", "child_link"} & set(records.wave.cases.columns))


def returns(records: CaseRecords) -> pd.DataFrame:
    """Persons whose case closed early enough to be followed for 12 months, and whether they came back.

    Empty where the extract lacks keys or days, or does not reach 12 months beyond any closing.
    """
    cases = records.wave.cases
    rows = records.frame[records.frame["origin"].eq(SERVICES) & records.frame["person"].ne("")]
    if cases is None or not {"closed", "opened"} <= set(rows):
        return pd.DataFrame()
    first, last = (pd.Timestamp(day) for day in cases.days or cases.period)
    closed = rows[rows["closed"].between(first, last - BACK_WITHIN)]
    if closed.empty:
        return pd.DataFrame()
    closings = closed.groupby("person", sort=False).agg(
        {"closed": "min", "area": "first", "sex": "first", "birth_year": "first"}
    )
    opened = rows[["person", "opened"]].merge(
        closings["closed"].rename("on"), left_on="person", right_index=True
    )
    back = opened[(opened["opened"] > opened["on"]) & (opened["opened"] <= opened["on"] + BACK_WITHIN)]
    again = pd.Series(closings.index.isin(back["person"]), index=closings.index).map(
        {True: "yes", False: "no"}
    )
    return closings.drop(columns="closed").assign(closed="yes", new_intake=again.astype("str"))


def tally(records: CaseRecords) -> pd.DataFrame:
    """Events, cases, persons and children of each source in the period, kept apart; 0 where there are no such keys.

    Returns
    -------
    DataFrame
        Indexed by source: ``events``, ``cases``, ``persons``, ``children``, and ``persons_per_case``.
    """
    made = {}
    for origin, rows in records.frame[records.frame["within"]].groupby("origin", sort=False):
        counts = {
            "events": int(rows["linked"].eq("").sum()),
            **{f"{unit}s": len(units_of(records, unit, str(origin))) for unit in ("case", "person")},
            "children": int(rows.loc[rows["linked"].ne(""), "person"].nunique()),
        }
        both = counts["cases"] and counts["persons"]
        made[str(origin)] = {
            **counts,
            "persons_per_case": counts["persons"] / counts["cases"] if both else np.nan,
        }
    return pd.DataFrame.from_dict(made, orient="index")
