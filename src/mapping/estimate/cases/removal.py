"""Removal abroad as a flow: who is in which state, who moves between them, how long it lasts, how soon steps are taken.

One person may be at risk in spring, abroad in summer and back in autumn: she counts once as a person, once in each
state she was in, once for each move. Everything that is made here is counts of persons, for the gate to judge.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapping.concepts.estimate_table import Relation, row_key
from mapping.errors import EstimationError

__all__ = [
    "CLASSES",
    "MOVES",
    "NEW",
    "STATES",
    "STEPS",
    "Flow",
    "flow_relations",
    "flow_rests",
    "kept_days",
    "observed_states",
    "removal_fields",
    "removal_flow",
    "step_dates",
    "step_days",
]

STATES = ("risk", "abroad", "returned", "unknown")
NEW = "new"  # where a person comes from who was not known when the period began
# days from the first day away until a step: the last day of each class; later than that, and not taken, are their own
CLASSES: Mapping[str, int] = {"before": 0, "week": 7, "month": 30, "quarter": 91}
LATER, NEVER = "later", "not_taken"
# how a person first came into a state in the period, and the steps of the routine with the column of their day
MOVES = ((NEW, "risk"), (NEW, "abroad"), ("risk", "abroad"), ("abroad", "returned"))
STEPS: Mapping[str, str] = {
    "report": "reported",
    **{name: f"step_{name}" for name in ("school", "services", "police", "insurance", "ministry", "ban")},
}


@dataclass(frozen=True, slots=True, repr=False)
class Flow:
    """Counts of persons over one period.

    `persons`: all who were in any state; `ever`: by state, persons who were in it at some time; `start`, `end`: by
    state when the period began and ended (`start` counts those new in it under `NEW`); `moves`: by (from, to), persons
    who made that move at least once, the first state of those who are new being a move from `NEW`.
    """

    persons: int
    ever: Mapping[str, int]
    start: Mapping[str, int]
    end: Mapping[str, int]
    moves: Mapping[tuple[str, str], int]


def _ordered(events: pd.DataFrame, last: dt.date) -> pd.DataFrame:
    """The events up to the last day, in order; of several states on one day the last one written holds."""
    if unknown := sorted(set(events["state"]) - set(STATES)):
        raise EstimationError(f"'{unknown[0]}' is no state of a removal; known are {', '.join(STATES)}.")
    days = pd.to_datetime(events["day"])
    ordered = events.assign(day=days)[days <= pd.Timestamp(last)]
    ordered = ordered.sort_values(["person", "day"], kind="stable")
    ordered = ordered.drop_duplicates(["person", "day"], keep="last")
    before = ordered.groupby("person", sort=False)["state"].shift()
    return ordered[ordered["state"].ne(before)].reset_index(drop=True)


def _paths(events: pd.DataFrame, first: dt.date, last: dt.date) -> Iterator[tuple[str, list[str]]]:
    """Each person of the period with the states she was in, the first being where she came from."""
    for person, rows in _ordered(events, last).groupby("person", sort=False):
        within = rows["day"] >= pd.Timestamp(first)
        earlier, states = list(rows.loc[~within, "state"]), list(rows.loc[within, "state"])
        if states or earlier[-1] != "returned":
            yield str(person), [earlier[-1] if earlier else NEW, *states]


def removal_flow(events: pd.DataFrame, first: dt.date, last: dt.date) -> Flow:
    """Who was in which state between two days, and who moved.

    Parameters
    ----------
    events : DataFrame
        ``person`` (a pseudonym), ``state`` (one of `STATES`), ``day`` (from when it held). A state holds until the
        next; events before the period tell the state it began in.
    first, last : date
        The period, both days included.

    Raises
    ------
    EstimationError
        If a state is unknown.

    Notes
    -----
    Persons who had returned, and stay so, before the period are not in it; any other state is carried into it.
    """
    counted: dict[str, Counter[str]] = {name: Counter() for name in ("ever", "start", "end")}
    moves: Counter[tuple[str, str]] = Counter()
    persons = 0
    for _, path in _paths(events, first, last):
        persons += 1
        counted["start"][path[0]] += 1
        counted["end"][path[-1]] += 1
        counted["ever"].update({state for state in path if state != NEW})
        moves.update(set(itertools.pairwise(path)))
    return Flow(
        persons,
        {state: counted["ever"][state] for state in STATES},
        {state: counted["start"][state] for state in (NEW, *STATES)},
        {state: counted["end"][state] for state in STATES},
        dict(moves),
    )


def kept_days(events: pd.DataFrame, last: dt.date, state: str = "abroad") -> float:
    """The median of days that persons stay in a state, those still in it on the last day counted as not yet over.

    Missing where fewer than half have left it (Kaplan and Meier 1958). For the analyst: a median of few is withheld.

    Examples
    --------
    >>> days = ["2025-01-01", "2025-01-31", "2025-03-01", "2025-06-01"]
    >>> seen = pd.DataFrame({"person": list("aabb"), "state": ["abroad", "returned"] * 2, "day": days})
    >>> kept_days(seen, dt.date(2025, 12, 31))
    30.0
    """
    ordered = _ordered(events, last)
    until = ordered.groupby("person", sort=False)["day"].shift(-1)
    chosen = ordered["state"].eq(state)
    ended = until[chosen].notna().to_numpy()
    days = (until.fillna(pd.Timestamp(last)) - ordered["day"])[chosen].dt.days.to_numpy(dtype=float)
    left = 1.0
    for day in np.unique(days[ended]):
        left *= 1 - (ended & (days == day)).sum() / (days >= day).sum()
        if left <= 0.5:
            return float(day)
    return float("nan")


def step_days(persons: pd.DataFrame) -> pd.DataFrame:
    """How soon after the first day away each step was taken: persons by class of days.

    Parameters
    ----------
    persons : DataFrame
        A row per person: ``absent_from``, the first day away, and a column for each step with the day it was taken;
        missing where it was not.

    Returns
    -------
    DataFrame
        A row per step, in the order of the columns: ``step``, ``n`` (persons whose first day away is known), one
        column for each class ("before": on the first day away or earlier, "week", "month", "quarter", "later",
        "not_taken"), which add up to `n`; and, for the analyst, ``median``, ``low``, ``high`` (days; the least and
        the greatest) among those for whom it was taken.
    """
    known = persons[persons["absent_from"].notna()]
    away = pd.to_datetime(known["absent_from"])
    steps = [name for name in persons if name not in {"person", "absent_from"}]
    rows = [
        {"step": step, "n": len(known), **_row((pd.to_datetime(known[step]) - away).dt.days)}
        for step in steps
    ]
    return pd.DataFrame(rows, columns=["step", "n", *CLASSES, LATER, NEVER, "median", "low", "high"])


def _row(days: pd.Series) -> dict[str, float]:
    return {**dict(_classes(days)), "median": days.median(), "low": days.min(), "high": days.max()}


def _classes(days: pd.Series) -> Iterator[tuple[str, int]]:
    above = -np.inf
    for name, most in CLASSES.items():
        yield name, int(((days > above) & (days <= most)).sum())
        above = most
    yield LATER, int((days > above).sum())
    yield NEVER, int(days.isna().sum())


def flow_relations(keys: Collection[str], id_: str = "K08") -> list[Relation]:
    """What adds up among the cells of a flow, as every reader knows: who takes a step does so soon, later or never.

    `keys` are the cells of a table. A person came into a state by one move, and was in the state she ended in.
    """
    found = []
    for key in sorted(keys):
        wave, whole, *rest = key.split("|")
        if whole != id_:
            continue

        def cell(name: str, wave: str = wave, rest: Sequence[str] = rest) -> str:
            return row_key(wave, f"{id_}.{name}", *rest)

        classes = ("week", "later", "not")
        found += [(cell("absent"), [cell(f"{step}_{name}") for name in classes], "=") for step in STEPS]
        found += [(cell(f"was_{state}"), [cell(state)], "<=") for state in STATES]
        found += [
            (cell("was_abroad"), [cell("new_abroad"), cell("risk_abroad")], "<="),
            (cell("was_risk"), [cell("new_risk")], "<="),
            (key, [cell("new_risk"), cell("new_abroad")], "<="),
            (cell("was_abroad"), [cell("abroad_returned")], "<="),
            (cell("was_returned"), [cell("abroad_returned")], "<="),
        ]
    known = [(total, parts, sense) for total, parts, sense in found if {total, *parts} <= set(keys)]
    return [
        Relation(((total, -1.0), *((part, 1.0) for part in parts)), sense, ("events",))
        for total, parts, sense in known
    ]


def flow_rests(frame: pd.DataFrame, relations: Sequence[Relation]) -> tuple[pd.DataFrame, list[Relation]]:
    """The rows, never shown, of those in a whole and in none of its parts, and the relations with them put in.

    Who was at risk at some time and not when the period ended has left that state: a reader gets their number by
    subtraction, so the gate must know it as a count of its own.
    """
    counts = frame.drop_duplicates("key").set_index("key")
    events = {str(key): int(n) for key, n in counts["events"].items()}
    rows, whole = [], []
    for relation in relations:
        if relation.sense == "=":
            whole.append(relation)
            continue
        total, *parts = (key for key, _ in relation.terms)
        rest = events[total] - sum(events[part] for part in parts)
        wave, id_, level, area, _ = total.split("|")
        # named by its parts, so that it is the same cell in every wave and in their pool
        group = f"not_{'_or_'.join(part.split('|')[1].partition('.')[2] for part in parts)}"
        key = row_key(wave, id_, level, area, group)
        rows.append(
            {
                **counts.loc[total].to_dict(),
                "key": key,
                "group": group,
                "n": rest,
                "events": rest,
                "publish": False,
            }
        )
        whole.append(Relation((*relation.terms, (key, 1.0)), "=", relation.counts))
    return pd.DataFrame(rows, columns=frame.columns), whole


def observed_states(rows: pd.DataFrame) -> pd.DataFrame:
    """The events of `removal_flow` from the rows of an extract: a state holds from its own day, or the row's."""
    if not {"removal_state", "opened"} <= set(rows):
        return pd.DataFrame(columns=["person", "state", "day"])
    day = rows["state_from"].fillna(rows["opened"]) if "state_from" in rows else rows["opened"]
    told = pd.DataFrame({"person": rows["person"], "state": rows["removal_state"], "day": day})
    return told[told["person"].ne("") & told["state"].isin(STATES) & told["day"].notna()]


def step_dates(rows: pd.DataFrame) -> pd.DataFrame:
    """The persons of `step_days` from the rows of an extract: the first day of each kind that any row of hers holds."""
    held = {step: column for step, column in STEPS.items() if column in rows}
    if "absence_from" not in rows or not held:
        return pd.DataFrame(columns=["person", "absent_from"])
    columns = {"absent_from": "absence_from", **held}
    rows = rows[rows["person"].ne("")]
    first = rows.groupby("person", sort=False)[list(columns.values())].min()
    return first.rename(columns={old: new for new, old in columns.items()}).reset_index()


def removal_fields(rows: pd.DataFrame, first: dt.date, last: dt.date) -> pd.DataFrame:
    """What the codebook's rules ask of persons besides the columns of an extract, indexed by pseudonym.

    Of those in any state in the period ``removal_state``, the last one; ``removal_was_<state>`` and
    ``removal_move_<move>`` ("yes" or "no"), the latter if she first came into the state by that move, so that nobody
    comes into a state by two. ``days_<step>`` ("week", "later", "not_taken") of those whose first day away is known.
    Columns that the extract has nothing of are missing.
    """
    made: dict[str, dict[str, str]] = {}
    for person, path in _paths(observed_states(rows), first, last):
        came = dict(reversed([(state, before) for before, state in itertools.pairwise(path)]))
        said = {f"removal_was_{state}": state in path for state in STATES}
        said |= {f"removal_move_{one}_{other}": came.get(other) == one for one, other in MOVES}
        made[person] = {name: "yes" if is_ else "no" for name, is_ in said.items()}
        made[person]["removal_state"] = path[-1]
    found = pd.DataFrame.from_dict(made, orient="index")
    dates = step_dates(rows).set_index("person")
    known = dates[dates["absent_from"].notna()]
    away = known.pop("absent_from")
    for step in known:
        days = (known[step] - away).dt.days
        soon = np.where(days.isna(), NEVER, np.where(days <= CLASSES["week"], "week", LATER))
        found = found.join(pd.Series(soon, index=known.index, name=f"days_{step}"), how="outer")
    return found
