"""Counts changed a little so that none is exact: for an open-data cube whose cells no release prints in another way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from mapping.disclosure.ledger.earlier import EarlierRelease
from mapping.disclosure.perturbation.cell_key import KEYS, check_keys, deviations, empty_printed
from mapping.disclosure.perturbation.p_table import p_table
from mapping.disclosure.perturbation.pinned import pinned
from mapping.disclosure.perturbation.rounding import round_all
from mapping.disclosure.protected import ProtectedRelease
from mapping.disclosure.tables.exchange import Table, read_cells, read_table
from mapping.errors import DisclosureError, InputError, SettingsError

__all__ = ["Perturbed", "perturb"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Perturbed:
    """Counts as they may be printed.

    `cells` has the columns ``cell, value``. No true count is farther from what is printed than `maximum`. `relations`
    hold among the true counts; of controlled rounding among the printed ones, too.
    """

    method: str
    cells: pd.DataFrame
    maximum: int
    relations: Mapping[str, Any]

    def statement(self) -> tuple[pd.DataFrame, dict[str, Any]]:
        """What anybody knows, in the exchange format: pass both to `audit` to attack it."""
        names = {str(c) for relation in self.relations.get("relations", ()) for c, _ in relation["terms"]}
        names |= set(self.cells["cell"])
        rounded = [
            {"cell": cell, "value": int(value), "base": 2 * self.maximum}
            for cell, value in zip(self.cells["cell"], self.cells["value"], strict=True)
        ]
        blank = pd.DataFrame({"cell": sorted(names), "value": pd.NA})
        return blank, {**self.relations, "rounded": rounded}


def perturb(
    cells: pd.DataFrame | str | Path,
    relations: Mapping[str, Any] | str | Path,
    *,
    method: str,
    key: bytes,
    base: int = 5,
    maximum: int = 4,
    variance: float = 3.0,
    smallest: int = 1,
    zeros: float = 0.0,
    published: Iterable[str | ProtectedRelease | EarlierRelease] = (),
) -> Perturbed:
    """The cells with perturbed counts.

    Parameters
    ----------
    cells, relations
        The exchange format (docs/tables.md): ``cell, value[, status][, cell_key]``; cells of status ``latent`` are
        not printed.
    method : "controlled_rounding" or "cell_key"
        Rounding makes every count a multiple of `base` and keeps all relations. The cell-key method adds to each
        count a deviation that depends on who is in the cell alone: printed counts do not add up, but the same
        respondents are printed alike in every table. It needs the column ``cell_key`` (see `record_keys`).
    key : bytes
        The workspace's secret. Same input, same key, same bytes.
    base : int
        Of rounding, at least 3.
    maximum, variance, smallest
        Of the cell-key method: see `p_table`.
    zeros : float
        Of the cell-key method: the probability with which an empty cell is printed as `smallest`; 0: zeros stay.
        Printed counts are then too high by `zeros` · `smallest` on average where nobody is.
    published : names, releases
        What has been or will be printed exactly, or blank: this release, those of the ledger, or names of cells.

    Raises
    ------
    DisclosureError
        If a cell is, or was, printed otherwise; if the perturbed counts give an exact one away; or if no rounded
        table adds up.
    InputError
        If the input cannot be read, a value is missing, or counts or cell keys do not satisfy the relations.
    SettingsError
        If a parameter is out of range.

    Notes
    -----
    Perturbation leaves no count exact. It does not hide that a count is small, as blanks do.

    Examples
    --------
    >>> table = pd.DataFrame({"cell": ["girls", "boys", "all"], "value": [3, 9, 12]})
    >>> relations = {"relations": [{"terms": [["girls", 1], ["boys", 1], ["all", -1]]}]}
    >>> rounded = perturb(table, relations, method="controlled_rounding", base=5, key=b"secret")
    >>> bool((rounded.cells["value"] % 5 == 0).all())
    True
    """
    table = read_table(cells, relations)
    _check(method, key, base, zeros)
    _refuse_mixing(table, published)
    counts = _counts(table)
    matrix, low, high = _rows(table)
    sums = matrix @ counts
    if np.any(sums < low - 1e-6) or np.any(sums > high + 1e-6):
        raise InputError("cells: the values do not satisfy the relations. Correct either of them.")
    if method == "controlled_rounding":
        printed, farthest = _rounded(table, counts, (matrix, low, high), base, key)
    else:
        noise, keys = p_table(maximum, variance, smallest=smallest), _keys(table, read_cells(cells))
        empty = empty_printed(table.names, zeros, smallest, key)
        printed = np.where(counts == 0, empty, counts + deviations(counts, keys, noise))
        farthest = max(maximum, smallest if zeros else 0)
    shown = np.array([table.status[name] != "latent" for name in table.names], dtype=bool)
    # the rounded table is one of those an attacker must reckon with
    _attack((matrix, low, high), counts, printed, shown, farthest, adds_up=method == "controlled_rounding")
    out = pd.DataFrame({"cell": np.array(table.names)[shown], "value": printed[shown]})
    kept = {name: table.relations[name] for name in ("relations", "ub") if name in table.relations}
    return Perturbed(method, out, farthest, kept)


def _check(method: str, key: bytes, base: int, zeros: float) -> None:
    if method not in ("controlled_rounding", "cell_key"):
        raise SettingsError(
            f'perturbation: unknown method {method!r}; choose "controlled_rounding" or "cell_key".'
        )
    if not key:
        raise SettingsError("perturbation: the key is empty. With it, anybody could undo what it does.")
    if base < 3:
        raise SettingsError(f"perturbation: the base is {base}. It must be a whole number from 3 on.")
    if not 0 <= zeros <= 1:
        raise SettingsError("perturbation: 'zeros' is a probability, from 0 to 1.")


def _refuse_mixing(table: Table, published: Iterable[str | ProtectedRelease | EarlierRelease]) -> None:
    """Refuse cells that are printed exactly or blank elsewhere: both at once would give back what either hides."""
    taken: set[str] = set()
    for one in published:
        if isinstance(one, str):
            taken.add(one)
        elif isinstance(one, EarlierRelease):
            taken |= {printed.rpartition(" ")[0] for printed in one.figures.figures}
        else:
            taken |= {figure.key for figure in one.figures}
    both = [
        name
        for name in table.names
        if table.status[name] in ("published_earlier", "suppressed_earlier")
        or name in taken
        or name.rpartition("|")[0] in taken
    ]
    if both:
        raise DisclosureError(
            f"perturbation: {len(both)} cells, the first of them {both[0]!r}, are printed or withheld in a release. "
            "A cell is either exact (or blank) everywhere or perturbed everywhere: leave them out of the cube."
        )


def _rounded(
    table: Table, counts: Ints, rows: tuple[csr_array, Floats, Floats], base: int, key: bytes
) -> tuple[Ints, int]:
    if any(relation.get("rhs", 0) % base for relation in table.relations.get("relations", ())):
        raise InputError(
            f"relations: a sum is to be a number that is no multiple of {base}. Write it as a cell of its own."
        )
    return round_all(table.names, counts, *rows, base, key)


def _counts(table: Table) -> Ints:
    if any(value is None or not float(value).is_integer() for value in table.values):
        raise InputError(
            "cells: a value is missing or is no whole number. The counts to perturb must all be there."
        )
    return np.array(table.values, dtype=float).astype(np.int64)


def _rows(table: Table) -> tuple[csr_array, Floats, Floats]:
    at = {name: number for number, name in enumerate(table.names)}
    relations = table.relations.get("relations", ())
    entries = [
        (r, at[str(c)], float(v)) for r, relation in enumerate(relations) for c, v in relation["terms"]
    ]
    where = np.array([(r, c) for r, c, _ in entries], dtype=np.int64).reshape(-1, 2)
    values = np.array([v for _, _, v in entries], dtype=float)
    matrix = csr_array(coo_array((values, (where[:, 0], where[:, 1])), shape=(len(relations), len(at))))
    sense = [(relation.get("sense", "="), float(relation.get("rhs", 0))) for relation in relations]
    low = np.array([rhs if s in ("=", ">=") else -np.inf for s, rhs in sense])
    high = np.array([rhs if s in ("=", "<=") else np.inf for s, rhs in sense])
    return matrix, low, high


def _keys(table: Table, frame: pd.DataFrame) -> Ints:
    """The cells' keys, which must belong to the same respondents as the counts."""
    column = pd.to_numeric(frame["cell_key"], errors="coerce") if "cell_key" in frame else pd.Series([np.nan])
    if column.isna().any() or (column < 0).any() or (column >= KEYS).any() or (column % 1 != 0).any():
        raise InputError(
            "cells: the column 'cell_key' is missing or holds something that is no whole number from 0 to 2³² - 1. "
            "Sum the record keys of each cell's respondents, modulo 2³² (see record_keys)."
        )
    keys: Ints = column.to_numpy(dtype=float).astype(np.int64)
    at = {name: number for number, name in enumerate(table.names)}
    sums = [
        [(at[str(cell)], int(coefficient)) for cell, coefficient in relation["terms"]]
        for relation in table.relations.get("relations", ())
        if relation.get("sense", "=") == "=" and not relation.get("rhs", 0)
    ]
    if not check_keys(keys, sums):
        raise InputError(
            "cells: the cell keys do not add up as the counts do. The key of a cell is the sum of its respondents' "
            "record keys, modulo 2³²; otherwise the same respondents are perturbed in two ways."
        )
    return keys


def _attack(
    known: tuple[csr_array, Floats, Floats],
    counts: Ints,
    printed: Ints,
    shown: NDArray[np.bool_],
    farthest: int,
    *,
    adds_up: bool,
) -> None:
    low = np.where(shown, np.maximum(printed - farthest, 0), 0).astype(float)
    high = np.where(shown, printed + farthest, counts.max(initial=0) * 2 + 100).astype(float)
    tables = [printed.astype(float)] if adds_up else []
    if found := [cell for cell in pinned(*known, low, high, counts.astype(float), tables) if shown[cell]]:
        raise DisclosureError(
            f"perturbation: {len(found)} of {int(shown.sum())} counts follow exactly from what would be printed and "
            "the relations. Choose a larger deviation, leave out margins, or take controlled rounding."
        )
