"""The certificate of a release: tables of whole numbers that agree with all that is printed, and what it leaves open.

It is made from the written files alone, so it tells nothing that they do not: two worlds that print the same have the
same certificate. Of every count that is not shown it holds a table in which it is large enough, and one in which it is
as low as anybody can believe, whether a rule withheld it or the search did. The tables are written as differences from
one base table: the first one that a solver finds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mapping.disclosure.certify.public_print import read_public
from mapping.disclosure.certify.public_world import PublicWorld, Terms
from mapping.disclosure.engine.reach import Target, witnesses
from mapping.disclosure.public import written_relations

__all__ = ["certificate"]

Floats = NDArray[np.float64]
_REPLAY = files("mapping.disclosure.certify").joinpath("replay.toml")
_TERMS = (
    *(Terms(weighting) for weighting in (100, 105, 110, 125, 150, 200, None)),
    Terms(None, floor=False),
    Terms(None, floor=False, totals=False),
)


def certificate(
    folder: Path, reports: Path, classes: Mapping[str, int], at_most: Mapping[str, int]
) -> dict[str, Any] | None:
    """The certificate of the release in `folder`, with all releases of lower number in `reports`.

    Parameters
    ----------
    classes : mapping
        The sensitivity class of each indicator, as the codebook says it.
    at_most : mapping
        Public totals of pupils by "wave|level|area".

    Returns
    -------
    For release.json under "certificate"; None if no table was found that agrees with everything.
    """
    for same in (True, False):
        public = read_public(folder, reports, classes, at_most, same=same)
        for terms in _TERMS:
            world = PublicWorld(public.cells, public.relations, terms)
            if (base := _base(world)) is not None:
                used = {cell.key.split("|")[1] for cell in public.cells}
                return {
                    "classes": {name: classes[name] for name in sorted(used & classes.keys())},
                    "at_most": dict(sorted(at_most.items())) if terms.totals else {},
                    "replay": tomllib.loads(_REPLAY.read_text(encoding="utf-8")),
                    "outdated": {str(number): suffix for number, suffix in public.outdated.items()},
                    "relations": written_relations(public.more),
                    **_tables(world, base),
                }
    return None


def _base(world: PublicWorld) -> Floats | None:
    """The first table that the solver finds; it is asked for nothing but a table."""
    table = np.zeros(len(world.at))
    for inside, part in world.parts():
        found = part.whole(np.zeros(len(inside)))
        if found is None:
            return None
        table[inside] = found
    return table


def _tables(world: PublicWorld, base: Floats) -> dict[str, Any]:
    """The base, the witnesses as differences from it, and the targets that cannot be reached."""
    targets = list(_targets(world))
    merged: list[dict[int, int]] = []
    reached: dict[int, float] = {}
    for inside, part in world.parts():
        place = {int(variable): i for i, variable in enumerate(inside)}
        own = {n: t for n, t in enumerate(targets) if t.variable in place}
        local = [Target(place[t.variable], t.sense, t.goal) for t in own.values()]
        tables = witnesses(part, base[inside], local)
        for number, table in enumerate(tables):
            merged += [{}] * (number == len(merged))
            moved = np.flatnonzero(table != base[inside]).tolist()
            merged[number] = merged[number] | {int(inside[i]): int(table[i] - base[inside[i]]) for i in moved}
        reached |= dict(zip(own, (t.reached([base[inside], *tables]) for t in local), strict=True))
    sides = {variable: name for name, variable in world.at.items()}
    return {
        "cells": [cell.key for cell in world.cells],
        "base": _by_cell(world, {i: int(v) for i, v in enumerate(base)}, every=True),
        "witnesses": [_by_cell(world, moved) for moved in merged],
        "short": [
            [*_said(sides[target.variable], target.sense), int(reached[number])]
            for number, target in enumerate(targets)
            if target.sense * reached[number] < target.sense * target.goal
        ],
    }


def _targets(world: PublicWorld) -> Iterator[Target]:
    """Of each cell that is not shown: many may have said yes, as few as can be believed, and many may have said no."""
    for cell in world.cells:
        if cell.shown:
            continue
        yield Target(world.at[cell.key, 0], 1, cell.threshold)
        yield Target(world.at[cell.key, 0], -1, cell.floor if world.terms.floor else 0)
        if not cell.cases:
            yield Target(world.at[cell.key, 1], 1, cell.threshold)


def _said(name: tuple[str, int], sense: int) -> tuple[str, str, str]:
    key, side = name
    return key, "no" if side else "yes", "high" if sense > 0 else "low"


def _by_cell(world: PublicWorld, numbers: Mapping[int, int], *, every: bool = False) -> list[list[int]]:
    """Numbers by variable as [yes, no] for each cell in order; of some cells only, with the cell's place in front."""
    rows = []
    for place, cell in enumerate(world.cells):
        row = [numbers.get(world.at[cell.key, side], 0) for side in range(1 if cell.cases else 2)]
        if every:
            rows.append(row)
        elif any(row):
            rows.append([place, *row])
    return rows
