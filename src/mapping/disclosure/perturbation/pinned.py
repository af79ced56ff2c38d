"""An attack on perturbed counts: which of them follow exactly from all that is printed and the relations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from mapping.disclosure.engine.programme import Programme
from mapping.disclosure.engine.system import zones

__all__ = ["pinned"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_AGAIN = 4.0  # price of moving a cell that has been seen to move, relative to one that has not


def pinned(
    matrix: csr_array,
    row_low: Floats,
    row_high: Floats,
    low: Floats,
    high: Floats,
    truth: Floats,
    tables: Sequence[Floats] = (),
) -> list[int]:
    """The cells that have their true count in every table of whole numbers within the limits.

    A small change of the true table that moves one cell serves for all cells that it moves, so that few programmes are
    needed; `tables` are tables known to agree.
    """
    still = low < high
    for table in tables:
        still &= table == truth
    label = zones(matrix, low < high)
    tied = np.diff(matrix.tocsc().indptr) > 0
    open_ = np.flatnonzero(still & tied)
    for number in np.unique(label[open_]).tolist():
        columns = np.flatnonzero(label == number)
        part = csr_array(matrix.tocsc()[:, columns])
        rows = np.flatnonzero(np.diff(part.indptr))
        at = matrix[rows] @ truth
        still[columns] = _still(
            csr_array(part[rows]),
            (row_low[rows] - at, row_high[rows] - at),
            (truth[columns] - low[columns], high[columns] - truth[columns]),
            still[columns],
        )
    return np.flatnonzero((still & tied) | (low == high)).tolist()


def _still(
    matrix: csr_array, rows: tuple[Floats, Floats], room: tuple[Floats, Floats], still: Flags
) -> Flags:
    """The cells of one connected part that no change of the true table moves."""
    still, size = still.copy(), len(still)
    both, most = csr_array(hstack([matrix, -matrix])), np.concatenate(room[::-1])
    for cell in np.flatnonzero(still).tolist():
        for way in (cell, cell + size):
            if still[cell] and most[way] >= 1:
                least, limit = np.zeros(2 * size), most.copy()
                least[way] = 1.0
                limit[(way + size) % (2 * size)] = 0.0  # not up and down at once
                still &= ~_moved(Programme(both, *rows, least, limit), still)
    return still


def _moved(moves: Programme, still: Flags) -> Flags:
    price = np.where(still, 1.0, _AGAIN)
    found = moves.whole(np.concatenate([price, price]))
    if found is None:
        return np.zeros(len(still), dtype=bool)
    ups, downs = np.split(found, 2)
    return np.asarray(ups != downs)
