"""Units: the cells of a release with the exact counts behind them. A unit is shown or withheld as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
        for row in table.frame.itertuples(index=False):
            unit = _unit(row, policy)
            units[unit.key] = _merged(units[unit.key], unit) if unit.key in units else unit
    return units


def gather_relations(tables: Iterable[EstimateTable]) -> tuple[Relation, ...]:
    """The relations of all tables, each once."""
    return tuple(dict.fromkeys(relation for table in tables for relation in table.relations))


def _unit(row: Any, policy: Policy) -> Unit:
    key, cases, n, events = str(row.key), row.target == "cases", int(row.n), int(row.events)
    if not 0 <= events <= n or (cases and events != n):
        raise DisclosureError(f"the row {key!r} has impossible counts. Correct the estimate that made it.")
    known = not cases and not math.isnan(float(row.register))
    return Unit(
        key=key,
        wave=str(row.wave),
        indicator=str(row.indicator),
        level=str(row.level),
        area=str(row.area),
        group=str(row.group),
        cases=cases,
        publish=bool(row.publish),
        sensitivity=int(row.sensitivity),
        threshold=policy.threshold(int(row.sensitivity), cases=cases),
        n=n,
        events=events,
        register=max(int(row.register), n) if known else None,
        n_schools=int(row.n_schools),
        largest_school=float(row.largest_school),
        n_unsure=int(row.n_unsure),
        estimates=(_estimate(row),) if row.publish else (),
    )


def _estimate(row: Any) -> Estimate:
    return Estimate(
        str(row.target), float(row.estimate), float(row.ci_low), float(row.ci_high), str(row.reliability)
    )


def _merged(one: Unit, other: Unit) -> Unit:
    """One unit from two rows of it: the stricter of what they say."""
    for name in ("n", "events", "sensitivity", "cases"):
        if getattr(one, name) != getattr(other, name):
            raise DisclosureError(
                f"two rows of {one.key!r} disagree on '{name}'. Make both from the same data."
            )
    estimates = {estimate.target: estimate for estimate in (*one.estimates, *other.estimates)}
    registers = [unit.register for unit in (one, other) if unit.register is not None]
    return replace(
        one,
        publish=one.publish or other.publish,
        register=min(registers, default=None),
        n_schools=min(one.n_schools, other.n_schools),
        largest_school=max(one.largest_school, other.largest_school),
        estimates=tuple(estimates.values()),
    )
