"""Schools in a model of areas: their codes, and the risk of an area over all schools it might have."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from mapping.errors import EstimationError
from mapping.estimate.small_area.counts import AreaCounts

__all__ = ["school_codes", "school_notes", "with_schools", "without_schools"]

Array = NDArray[np.float64]

APART = (
    "No area has answers from two schools: what differs between areas and what differs between schools cannot be "
    "told apart by these data, only by the priors."
)
TWICE = (
    "The counts are not whole and schools are named: if they were divided by a design effect, the clustering in "
    "schools is counted twice. Give effective counts or schools, never both."
)


def with_schools(eta: Array, school_sd: float | Array) -> Array:
    """Log odds of the mean risk over schools (or whatever is normal around it), for an area at log odds `eta`."""
    if np.all(np.asarray(school_sd) == 0):
        return eta
    x, w = np.polynomial.hermite_e.hermegauss(15)
    risk = sum(weight * expit(eta + school_sd * z) for z, weight in zip(x, w / w.sum(), strict=True))
    mean: Array = logit(np.clip(risk, 1e-300, 1 - 1e-16))
    return mean


def without_schools(log_odds: Array, school_sd: float) -> Array:
    """The inverse of `with_schools`."""
    if school_sd == 0:
        return log_odds
    table = np.linspace(log_odds.min() - school_sd**2 - 1, log_odds.max() + school_sd**2 + 1, 4001)
    inverse: Array = np.interp(log_odds, with_schools(table, school_sd), table)
    return inverse


def school_codes(school: ArrayLike | None, rows: int) -> tuple[NDArray[np.intp], int]:
    """Schools as positions, and how many there are."""
    if school is None:
        return np.zeros(rows, dtype=np.intp), 0
    names = np.asarray(school)
    if names.shape != (rows,):
        raise EstimationError(
            f"school must name the school of each of the {rows} rows; it has shape {names.shape}."
        )
    found, codes = np.unique(names, return_inverse=True)
    return codes.astype(np.intp), len(found)


def school_notes(counts: AreaCounts, codes: NDArray[np.intp], schools: int) -> tuple[str, ...]:
    """What to say when no area has answers from two schools, and when counts beside schools are not whole."""
    tried = counts.row_trials > 0
    pairs = np.unique(np.column_stack([counts.row_area, codes])[tried], axis=0)
    area_schools = np.bincount(pairs[:, 0], minlength=len(counts.trials))
    if not schools:
        return ()
    alone = not (area_schools > 1).any()
    parts = bool((counts.row_trials % 1 != 0).any())
    return (APART,) * alone + (TWICE,) * parts
