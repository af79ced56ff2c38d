"""The attack on written files by a reader, who knows nothing but what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack, identity, vstack

from mapping.concepts.estimate_table import Relation
from mapping.disclosure.auditing.written import PrintedCell, Written
from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.system import zones
from mapping.disclosure.grants import gives_back_the_count
from mapping.disclosure.policy import Policy

__all__ = ["leaks_to_a_reader"]

Floats = NDArray[np.float64]
Variable = tuple[str, int]  # key, and 0 for events or 1 for the complement
_NEAR = 1e-7


def leaks_to_a_reader(
    releases: Sequence[Written], policy: Policy, *, lattice: bool = True
) -> Iterator[tuple[str, str]]:
    """Key and reason of each withheld cell of the first release that follows from what all of them show.

    Two attacks. Differences: shares that give back their count are taken as known exactly; no withheld count may be
    a combination of known ones. The `lattice`: every shown share and class of base as an interval; no withheld count of
    events may be bounded below the smallest threshold.
    """
    printed = {cell.key: cell for release in reversed(releases) for cell in release.cells if cell.tells}
    relations = list(dict.fromkeys(chain.from_iterable(release.relations for release in releases)))
    withheld = sorted(releases[0].withheld())
    exact = {key for key, cell in printed.items() if _exact(cell, policy)}
    yield from _differences(relations, exact, withheld)
    if lattice:
        yield from _lattice(relations, printed, withheld, policy)


def _exact(cell: PrintedCell, policy: Policy) -> bool:
    if "count" in cell.numbers or cell.status != "shown":
        return True
    return gives_back_the_count(_class(cell.base)[0], cell.decimals, policy)


def _class(base: str) -> tuple[int, int]:
    """The limits of a class of bases such as "100–199" or "1000+"."""
    numbers = [int(number) for number in re.findall(r"\d+", base)]
    if not numbers:
        return 0, 10**6
    return numbers[0], numbers[1] if len(numbers) > 1 else 10**6


def _matrix(
    relations: Iterable[Relation], *, senses: tuple[str, ...]
) -> tuple[dict[Variable, int], csr_array, list[str]]:
    """Variables by number, one row for each relation and count, and the sense of each row."""
    at: dict[Variable, int] = {}
    rows, columns, values = [], [], []
    sense: list[str] = []
    for relation in relations:
        if relation.sense not in senses:
            continue
        for count in relation.counts:
            for key, coefficient in relation.terms:
                rows.append(len(sense))
                columns.append(at.setdefault((key, int(count == "complement")), len(at)))
                values.append(coefficient)
            sense.append(relation.sense)
    return at, csr_array(coo_array((values, (rows, columns)), shape=(len(sense), len(at)))), sense


def _differences(
    relations: Sequence[Relation], exact: set[str], withheld: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Withheld cells whose events are a linear combination of known ones: columns the null space does not touch."""
    at, matrix, _ = _matrix(relations, senses=("=",))
    unknown = np.array([key not in exact for key, _ in at], dtype=bool)
    zone = zones(matrix, unknown)
    columns = matrix.tocsc()
    fixed: set[int] = set()
    for number in {int(zone[at[key, 0]]) for key in withheld if (key, 0) in at}:
        inside = np.flatnonzero(zone == number)
        part = columns[:, inside].toarray()
        part = part[np.abs(part).sum(axis=1) > 0]
        fixed |= set(inside[_determined(part)].tolist())
    for key in withheld:
        if (key, 0) in at and at[key, 0] in fixed:
            yield key, "its count is a sum or difference of counts that are shown"


def _determined(matrix: Floats) -> NDArray[np.bool_]:
    """Which unknowns have one value in all solutions of a linear system."""
    if not len(matrix):
        return np.zeros(matrix.shape[1], dtype=bool)
    _, sizes, right = np.linalg.svd(matrix, full_matrices=True)
    rank = int((sizes > _NEAR * max(matrix.shape)).sum())
    free: NDArray[np.bool_] = np.abs(right[rank:]).max(axis=0, initial=0.0) > _NEAR
    return ~free


def _lattice(
    relations: Sequence[Relation], printed: Mapping[str, PrintedCell], withheld: Sequence[str], policy: Policy
) -> Iterator[tuple[str, str]]:
    at, matrix, sense = _matrix(relations, senses=("=", "<=", ">="))
    for key in [key for key, side in at if not side]:  # a share says as much of the others, related or not
        at.setdefault((key, 1), len(at))
    matrix.resize((matrix.shape[0], len(at)))
    own, extra = _printed_rows(at, printed)
    low = np.zeros(len(at))
    high = np.full(len(at), 10.0**6)
    for (key, side), number in at.items():
        if key in printed and "count" in printed[key].numbers and not side:
            low[number] = high[number] = printed[key].numbers["count"]
    signs = np.array(sense)
    programme = Programme(
        csr_array(vstack([matrix, own])),
        np.concatenate([np.where(signs == "<=", -np.inf, 0.0), extra[:, 0]]),
        np.concatenate([np.where(signs == ">=", np.inf, 0.0), extra[:, 1]]),
        low,
        high,
    )
    threshold = float(policy.small_count + 1)
    wanted = [at[key, 0] for key in withheld if (key, 0) in at]
    short = _short(programme, wanted, threshold)
    for key in withheld:
        if at.get((key, 0)) in short:
            yield key, "what is printed leaves only small counts for it"


def _printed_rows(at: Mapping[Variable, int], printed: Mapping[str, PrintedCell]) -> tuple[csr_array, Floats]:
    """Rows that say what share and class of base tell: two for the share's lattice, one for the class."""
    rows, columns, values = [], [], []
    limits: list[tuple[float, float]] = []

    def add(terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        for column, value in terms:
            rows.append(len(limits))
            columns.append(column)
            values.append(value)
        limits.append((low, high))

    for key, cell in printed.items():
        if (key, 1) not in at or "share" not in cell.numbers or "count" in cell.numbers:
            continue
        events, others, half = at[key, 0], at[key, 1], 0.5 * 10.0**-cell.decimals
        least, most = cell.numbers["share"] - half, cell.numbers["share"] + half
        add([(events, 100 - least), (others, -least)], 0.0, np.inf)
        add([(events, 100 - most), (others, -most)], -np.inf, 0.0)
        add([(events, 1.0), (others, 1.0)], *map(float, _class(cell.base)))
    shape = (len(limits), len(at))
    return csr_array(coo_array((values, (rows, columns)), shape=shape)), np.array(limits).reshape(-1, 2)


def _short(programme: Programme, wanted: Sequence[int], threshold: float) -> set[int]:
    """Which variables cannot reach the threshold; none where nothing fits (weights can make shares disagree)."""
    left = list(wanted)
    while left:
        x = _together(programme, left, threshold)
        if x is None:
            return set()
        still = [v for v in left if x[v] < threshold - 1e-6]
        if len(still) == len(left):
            break
        left = still
    return {v for v in left if not _reaches(programme, v, threshold)}


def _together(programme: Programme, wanted: Sequence[int], threshold: float) -> Floats | None:
    count, size = len(wanted), len(programme.low)
    pick = csr_array((np.ones(count), (np.arange(count), list(wanted))), shape=(count, size))
    joint = Programme(
        csr_array(
            vstack(
                [
                    hstack([programme.matrix, csr_array((programme.matrix.shape[0], count))]),
                    hstack([pick, -identity(count)]),
                ]
            )
        ),
        np.concatenate([programme.row_low, np.zeros(count)]),
        np.concatenate([programme.row_high, np.full(count, np.inf)]),
        np.concatenate([programme.low, np.zeros(count)]),
        np.concatenate([programme.high, np.full(count, threshold)]),
    )
    found = joint.relaxed(np.concatenate([np.zeros(size), -np.ones(count)]))
    return None if found is None else found[:size]


def _reaches(programme: Programme, variable: int, threshold: float) -> bool:
    cost = np.zeros(len(programme.low))
    cost[variable] = -1.0
    high = programme.high.copy()
    high[variable] = threshold
    x = Programme(programme.matrix, programme.row_low, programme.row_high, programme.low, high).relaxed(cost)
    return x is None or bool(x[variable] >= threshold - 1e-6)
