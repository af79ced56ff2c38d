"""An attacker of suppressed tables that shares no code with the project: plain linear and integer programmes.

For each withheld cell the smallest and largest whole number that agrees with what is printed; with it, the only
person in a cell, who knows her own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array


class Opponent:
    """Everything printed, as rows and bounds."""

    def __init__(
        self,
        cells: pd.DataFrame,
        relations: Mapping[str, Any],
        withheld: Iterable[str],
        known_min: int,
        knows: Iterable[str] = (),
    ) -> None:
        self.names = cells["cell"].tolist()
        at = {name: i for i, name in enumerate(self.names)}
        hidden = np.array([name in set(withheld) - set(knows) for name in self.names])
        value = cells["value"].to_numpy(dtype=float)
        self.low = np.where(hidden, float(known_min), value)
        self.high = np.where(hidden, float(relations["ub"]), value)
        rows, columns, values, self.row_low, self.row_high = [], [], [], [], []
        for number, relation in enumerate(relations["relations"]):
            for cell, coefficient in relation["terms"]:
                rows.append(number)
                columns.append(at[cell])
                values.append(float(coefficient))
            sense, rhs = relation.get("sense", "="), relation.get("rhs", 0)
            self.row_low.append(-np.inf if sense == "<=" else rhs)
            self.row_high.append(np.inf if sense == ">=" else rhs)
        self.matrix = csr_array((values, (rows, columns)), shape=(len(self.row_low), len(self.names)))

    def interval(self, cell: str, *, whole: bool = True) -> tuple[float, float] | None:
        """Smallest and largest; None where nothing agrees."""
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(self.names))
            cost[self.names.index(cell)] = sign
            found = milp(
                cost,
                integrality=np.full(len(cost), int(whole)),
                bounds=Bounds(self.low, self.high),
                constraints=LinearConstraint(self.matrix, self.row_low, self.row_high),
            )
            if found.x is None:
                return None
            ends.append(float(round(found.x @ cost * sign, 6)))
        return ends[0], ends[1]


def leaks(
    cells: pd.DataFrame,
    relations: Mapping[str, Any],
    withheld: Iterable[str],
    *,
    threshold: int,
    sample: int,
    seed: int = 0,
    unreachable: Iterable[str] = (),
) -> list[str]:
    """What a sample of cells gives away, to outsiders and to the only person in a cell."""
    rng = np.random.default_rng(seed)
    blank = set(withheld) | set(cells.loc[cells["status"].isin(["latent", "suppressed_earlier"]), "cell"])
    primary = cells.loc[cells["primary"].eq(1), "cell"].tolist()
    value = dict(zip(cells["cell"], cells["value"], strict=True))
    others = sorted(set(withheld) - set(primary))
    zeros = bool((~cells["cell"].isin(blank) & cells["value"].eq(0)).any())
    found = []
    for known_min in range(1 + zeros):
        opponent = Opponent(cells, relations, blank, known_min)
        for cell in _some(rng, primary, sample):
            ends = opponent.interval(cell)
            if ends and (ends[0] == ends[1] or ends[1] < threshold) and cell not in set(unreachable):
                found.append(f"{cell}: {ends} (blanks at least {known_min})")
        for cell in _some(rng, others, sample):
            ends = opponent.interval(cell)
            if ends and ends[0] == ends[1]:
                found.append(f"{cell}: pinned (blanks at least {known_min})")
    for own in _some(rng, [c for c in sorted(blank) if value[c] == 1], 2):
        insider = Opponent(cells, relations, blank, 0, [own])
        for cell in _some(rng, [c for c in primary if c != own], max(1, sample // 4)):
            ends = insider.interval(cell)
            if ends and ends[0] == ends[1]:
                found.append(f"{cell}: {ends} (to the person in {own})")
    return found


def _some(rng: np.random.Generator, names: list[str], count: int) -> list[str]:
    return names if len(names) <= count else sorted(rng.choice(names, count, replace=False).tolist())
