"""How far a figure can be trusted, and why: a verdict and its reason for every row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mapping.estimate.design_based.codes import Floats
from mapping.estimate.design_based.intervals import clopper_pearson

__all__ = ["Verdict", "proportion_verdict", "value_verdict"]

_MIN_N = 30  # respondents, and effective respondents
_WIDE, _NARROW, _RELATIVE = 0.30, 0.05, 1.30  # widths of the Korn–Graubard interval
_REVIEW_DF = 8
_UNCERTAIN_RELATIVE = 1.00  # ours: an interval wider than the estimate itself is read with care
_UNRELIABLE_CV = 0.30


class Verdict:
    """Verdicts of many rows; later findings never lift earlier ones."""

    def __init__(self, size: int) -> None:
        self._rank = np.zeros(size, dtype=np.intp)
        self._reason = np.full(size, "", dtype=object)

    def note(self, rows: NDArray[np.bool_], reason: str, rank: int = 0) -> None:
        """Add a reason to rows and lower their verdict to `rank`: 0 reliable, 1 uncertain, 2 unreliable."""
        if not rows.any():
            return
        known = self._reason[rows]
        self._reason[rows] = np.where(known == "", reason, known + ("; " + reason))
        self._rank[rows] = np.maximum(self._rank[rows], rank)

    @property
    def reliability(self) -> NDArray[np.object_]:
        """ "reliable", "uncertain" or "unreliable" for each row."""
        words: NDArray[np.object_] = np.array(["reliable", "uncertain", "unreliable"], dtype=object)[
            self._rank
        ]
        return words

    @property
    def reason(self) -> NDArray[np.object_]:
        """Reasons of each row, joined by semicolons; empty where there is nothing to say."""
        return self._reason


def proportion_verdict(
    verdict: Verdict, p: Floats, n: Floats, positive: Floats, n_eff: Floats, df: Floats, level: float
) -> None:
    """Apply the NCHS standards for proportions, and a rule of our own, to rows.

    Notes
    -----
    Unreliable: n or effective n below 30; Korn–Graubard interval at least 0.30 wide; or wider than 0.05 and
    more than 1.3 times the estimate. Uncertain: fewer than 8 degrees of freedom; no events or only events;
    the interval more than 1.3 times the complement; or (ours) wider than the estimate itself. The effective
    sample size is never taken above n, as in the source. `n_eff` comes corrected for degrees of freedom.

    References
    ----------
    Parker et al. (2017), National Center for Health Statistics Data Presentation Standards for Proportions,
    Vital and Health Statistics 2(175), figure 1 and table.
    """
    some = n > 0
    size = np.where(some, np.minimum(n_eff, n), 1.0)
    low, high = clopper_pearson(np.where(some, p, 0.0) * size, size, level)
    width = high - low
    relative = np.divide(width, p, out=np.full_like(width, np.inf), where=some & (p > 0))
    complement = np.divide(width, 1 - p, out=np.full_like(width, np.inf), where=some & (p < 1))
    inner = some & (positive > 0) & (positive < n)
    verdict.note(some & (n < _MIN_N), "fewer than 30 respondents", 2)
    verdict.note(some & (n >= _MIN_N) & (size < _MIN_N), "fewer than 30 effective respondents", 2)
    verdict.note(some & (width >= _WIDE), "interval 30 points wide or more", 2)
    middling = inner & (width > _NARROW) & (width < _WIDE)
    verdict.note(middling & (relative > _RELATIVE), "interval wider than 130 % of the estimate", 2)
    verdict.note(
        middling & (relative <= _RELATIVE) & (relative > _UNCERTAIN_RELATIVE),
        "interval wider than the estimate",
        1,
    )
    verdict.note(middling & (complement > _RELATIVE), "interval wider than 130 % of the complement", 1)
    verdict.note(some & (positive == 0), "no events", 1)
    verdict.note(some & (positive == n), "only events", 1)
    verdict.note(some & (df < _REVIEW_DF), "fewer than 8 degrees of freedom", 1)


def value_verdict(verdict: Verdict, estimate: Floats, se: Floats, n: Floats, df: Floats) -> None:
    """The verdict on means, totals and ratios: 30 respondents, 8 df, relative standard error 30 %.

    References
    ----------
    Klein, Proctor, Boudreault & Turczyn (2002), Healthy People 2010 Criteria for Data Suppression,
    Statistical Notes 24, NCHS (relative standard error of 30 %).
    """
    some = n > 0
    verdict.note(some & (n < _MIN_N), "fewer than 30 respondents", 2)
    verdict.note(
        some & (se > _UNRELIABLE_CV * np.abs(estimate)), "standard error above 30 % of the estimate", 2
    )
    verdict.note(some & (df < _REVIEW_DF), "fewer than 8 degrees of freedom", 1)
