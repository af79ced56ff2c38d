"""Units: the cells of a release with the exact counts behind them. A unit is shown or withheld as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.disclosure.policy import Policy
from mapping.errors import DisclosureError

__all__ = ["Estimate", "Unit", "gather_relations", "gather_units"]


@dataclass(frozen=True, slots=True, repr=False)
class Estimate:
    """One target's estimate of a unit: shares from 0 to 1, for case extracts the rate per 10,000."""

    target: str
    share: float
    low: float
    high: float
    reliability: str


@dataclass(frozen=True, slots=True, repr=False)
class Unit:
    """A cell of the release: what it is, its exact counts, and what is publicly known about it.

    `threshold` is the smallest count that is not small; `register` the public number of pupils, or None.
    """

    key: str
    wave: str
    indicator: str
    level: str
    area: str
    group: str
    cases: bool
    publish: bool
    sensitivity: int
    threshold: int
    n: int
    events: int
    register: int | None
    n_schools: int
    largest_school: float
    n_unsure: int
    estimates: tuple[Estimate, ...]

    @property
    def complement(self) -> int:
        """Respondents without the trait; case extracts have none."""
        return 0 if self.cases else self.n - self.events

    @property
    def headline(self) -> bool:
        """Whether it is a total of the municipality."""
        return self.level == "municipality" and self.group == "all"


def gather_units(tables: Sequence[EstimateTable], policy: Policy) -> dict[str, Unit]:
    """The units of all tables by key, in table order.

    Raises
    ------
    DisclosureError
        If two rows of one unit disagree on its counts, or counts are impossible.
    """
    units: dict[str, Unit] = {}
    for table in tables:
        for key, rows in table.frame.groupby("key", sort=False):
            unit = _unit(str(key), rows, policy)
            units[unit.key] = _merged(units[unit.key], unit) if unit.key in units else unit
    return units


def gather_relations(tables: Iterable[EstimateTable]) -> tuple[Relation, ...]:
    """The relations of all tables, each once."""
    return tuple(dict.fromkeys(relation for table in tables for relation in table.relations))


def _unit(key: str, rows: pd.DataFrame, policy: Policy) -> Unit:
    first = rows.iloc[0]
    for column in ("n", "events", "sensitivity"):
        if rows[column].nunique() != 1:
            raise DisclosureError(
                f"the rows of {key!r} disagree on '{column}'. Targets of one cell share their counts."
            )
    cases, n, events = first["target"] == "cases", int(first["n"]), int(first["events"])
    if not 0 <= events <= n or (cases and events != n):
        raise DisclosureError(
            f"the row {key!r} has impossible counts. Correct the estimate before it is protected."
        )
    register = None if pd.isna(first["register"]) else max(int(first["register"]), n)
    return Unit(
        key=key,
        wave=str(first["wave"]),
        indicator=str(first["indicator"]),
        level=str(first["level"]),
        area=str(first["area"]),
        group=str(first["group"]),
        cases=bool(cases),
        publish=bool(rows["publish"].any()),
        sensitivity=int(first["sensitivity"]),
        threshold=policy.threshold(int(first["sensitivity"]), cases=bool(cases)),
        n=n,
        events=events,
        register=None if cases else register,
        n_schools=int(rows["n_schools"].min()),
        largest_school=float(rows["largest_school"].max()),
        n_unsure=int(first["n_unsure"]),
        estimates=tuple(
            Estimate(
                str(row.target),
                float(row.estimate),
                float(row.ci_low),
                float(row.ci_high),
                str(row.reliability),
            )
            for row in rows.itertuples()
            if row.publish
        ),
    )


def _merged(one: Unit, other: Unit) -> Unit:
    if (one.n, one.events, one.sensitivity, one.cases) != (
        other.n,
        other.events,
        other.sensitivity,
        other.cases,
    ):
        raise DisclosureError(
            f"two tables disagree on the counts of {one.key!r}. Make both from the same responses."
        )
    shown = one if one.publish else other
    targets: Mapping[str, Estimate] = {e.target: e for e in (*one.estimates, *other.estimates)}
    return Unit(
        **{name: getattr(shown, name) for name in Unit.__slots__ if name != "estimates"},
        estimates=tuple(targets.values()),
    )
