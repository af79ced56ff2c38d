"""Which areas are neighbours: the intrinsic autoregression over them, scaled, in pieces, with islands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, diags_array, vstack
from scipy.sparse.csgraph import connected_components

from mapping.errors import EstimationError
from mapping.estimate.small_area.factor import elimination_order, factorise
from mapping.estimate.small_area.selected_inverse import SelectedInverse

__all__ = ["Graph", "neighbours"]

Array = NDArray[np.float64]

RIDGE = 1e-7  # makes the precision invertible; the constraints take out what it adds


@dataclass(frozen=True, slots=True)
class Graph:
    """The structured part of a spatial effect u, of unit (generalised) variance in every piece of the map.

    `precision` = `incidence`' `incidence` (up to a ridge of 1e-7): one line of `incidence` per pair of
    neighbours, or per island. `constraints` has one line per piece of at least two areas: there u sums to 0.
    """

    precision: csc_array
    incidence: csc_array
    constraints: Array


def neighbours(adjacency: Iterable[tuple[int, int]], areas: int) -> Graph:
    r"""The scaled intrinsic autoregression of a map.

    Parameters
    ----------
    adjacency : iterable of (int, int)
        Pairs of positions of neighbouring areas; each pair once or twice, in either order.
    areas : int
        Number of areas.

    Notes
    -----
    For a piece of the map with Laplacian R the effect has precision :math:`cR` with c such that the geometric
    mean of its marginal variances, given that it sums to 0, is 1. An area without neighbours has a standard
    normal effect.

    References
    ----------
    Sørbye & Rue (2014), Spatial Statistics 8, 39-51 (scaling). Freni-Sterrantino, Ventrucci & Rue (2018),
    Spatial and Spatio-temporal Epidemiology 26, 25-34 (pieces and islands).
    """
    pairs = np.array([(min(a, b), max(a, b)) for a, b in adjacency if a != b], dtype=np.intp).reshape(-1, 2)
    pairs = np.unique(pairs, axis=0)
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= areas):
        raise EstimationError(
            f"adjacency names an area outside 0 to {areas - 1}. Give positions, as in area."
        )
    a, b = pairs[:, 0], pairs[:, 1]
    link = coo_array((np.ones(len(a)), (a, b)), shape=(areas, areas))
    pieces, piece = connected_components(link, directed=False)
    size = np.bincount(piece, minlength=pieces)
    constraints = (piece[None, :] == np.flatnonzero(size > 1)[:, None]).astype(float)
    island = np.flatnonzero(size[piece] == 1)
    links = _lines(np.arange(len(a)), a, b, areas)
    scale = np.sqrt(_variance_scale(csc_array(links.T @ links), piece, size))[piece]
    alone = coo_array((np.ones(len(island)), (np.arange(len(island)), island)), shape=(len(island), areas))
    incidence = csc_array(vstack([links * scale[None, :], alone]))
    ridge = diags_array(RIDGE * (size[piece] > 1))
    return Graph(csc_array(incidence.T @ incidence + ridge), incidence, constraints)


def _lines(row: NDArray[np.intp], a: NDArray[np.intp], b: NDArray[np.intp], areas: int) -> coo_array:
    """One line per pair of neighbours: +1 at one, −1 at the other."""
    signs = np.repeat([1.0, -1.0], len(a))
    return coo_array((signs, (np.tile(row, 2), np.concatenate([a, b]))), shape=(len(a), areas))


def _variance_scale(laplacian: csc_array, piece: NDArray[np.intp], size: NDArray[np.intp]) -> Array:
    """By piece, the geometric mean of the marginal variances of the unscaled effect that sums to 0; 1 for an island.

    Held at one area of each piece the effect has a proper covariance S; centred, S is that of the effect held
    to a sum.
    """
    areas = len(piece)
    held = np.unique(piece, return_index=True)[1]
    fixed = coo_array((np.ones(len(held)), (held, held)), shape=(areas, areas))
    order = elimination_order(laplacian)
    matrix = csc_array(csc_array(laplacian + fixed)[order][:, order])
    made, unknown = factorise(matrix), np.arange(areas)
    selected = SelectedInverse(matrix)
    variance, with_piece = np.empty(areas), np.empty(areas)
    variance[order] = selected.entries(made)[selected.where(unknown, unknown)]
    with_piece[order] = made.solve(np.ones(areas))
    inside = np.bincount(piece, with_piece) / size**2
    variance += inside[piece] - 2 * with_piece / size[piece]
    variance[size[piece] == 1] = 1
    scale: Array = np.exp(np.bincount(piece, np.log(variance)) / size)
    return scale
