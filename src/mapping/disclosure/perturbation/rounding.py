"""Controlled rounding: every count to a multiple of the base, so that the rounded counts still add up."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity, vstack

from mapping.errors import DisclosureError

__all__ = ["round_all"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WIDEST = 3  # multiples beyond the adjacent ones that are tried
_NODES = (
    2000  # of the search tree: a limit in steps, not seconds, so that the same input gives the same bytes
)
_GAP = 0.01  # relative distance from the least possible cost at which the search stops


def round_all(
    names: Sequence[str],
    counts: Ints,
    matrix: csr_array,
    row_low: Floats,
    row_high: Floats,
    base: int,
    key: bytes,
) -> tuple[Ints, int]:
    """Multiples of the base that satisfy all rows, and the largest deviation that anybody must reckon with.

    Multiples stay as they are, all other counts go to one of the two next to them. Which one each would like is drawn
    from the key, the nearer the likelier (so that it is right on average); the programme departs from these wishes
    as little as it can. Where no such table adds up, counts that are no 0 may go one multiple farther, and so on.

    References
    ----------
    L. H. Cox (1987), A constructive procedure for unbiased controlled rounding, Journal of the American Statistical
    Association 82:520–524. J. J. Salazar-González (2006), Controlled rounding and cell perturbation: statistical
    disclosure limitation methods for tabular data, Mathematical Programming 105:583–603.
    """
    floor, part = counts // base, (counts % base) / base
    draw = np.array([_uniform(key, name) for name in names])
    wish = (draw < part).astype(float)
    for farther in range(_WIDEST + 1):
        up = np.where(part > 0, 1 + farther, np.where(counts > 0, farther, 0)).astype(float)
        down = -np.minimum(np.where(counts > 0, farther, 0), floor).astype(float)
        found = _nearest(
            matrix, row_low / base, row_high / base, floor, (down, up), wish, np.abs(draw - part) + 0.05
        )
        if found is not None:
            return (floor + found) * base, base * (farther + 1) - 1
    raise DisclosureError(
        f"rounding: no multiples of {base} near the counts add up as the relations say. Leave out some of the margins, "
        "or take the cell-key method."
    )


def _nearest(
    matrix: csr_array,
    low: Floats,
    high: Floats,
    floor: Ints,
    steps: tuple[Floats, Floats],
    wish: Floats,
    price: Floats,
) -> Ints | None:
    """Whole steps above `floor` within limits that satisfy the rows and differ least from `wish`; None without any."""
    size, at = len(floor), matrix @ floor.astype(float)
    unit = identity(size, format="csr")
    blank = csr_array((matrix.shape[0], size))
    # columns: the steps, then how far each is from its wish
    rows = csr_array(vstack([hstack([matrix, blank]), hstack([unit, -unit]), hstack([unit, unit])]))
    free = np.full(size, np.inf)
    found = milp(
        np.concatenate([np.zeros(size), price]),
        integrality=np.concatenate([np.ones(size), np.zeros(size)]),
        bounds=Bounds(np.concatenate([steps[0], np.zeros(size)]), np.concatenate([steps[1], free])),
        constraints=LinearConstraint(
            rows, np.concatenate([low - at, -free, wish]), np.concatenate([high - at, wish, free])
        ),
        options={"node_limit": _NODES, "mip_rel_gap": _GAP},
    )
    if found.x is None:
        return None
    whole = np.round(found.x[:size])
    sums = matrix @ whole
    holds = np.all(sums >= low - at - 1e-6) and np.all(sums <= high - at + 1e-6)
    return whole.astype(np.int64) if holds else None


def _uniform(key: bytes, name: str) -> float:
    return int.from_bytes(hmac.new(key, f"round {name}".encode(), hashlib.sha256).digest()[:6], "big") / 2**48
