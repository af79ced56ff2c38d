"""How far a figure can be trusted, and why: a verdict and its reason for every row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from mapping.estimate.design_based.codes import Floats, Ints

__all__ = ["Verdict", "proportion_verdict", "value_verdict", "words"]

_MIN_N = 30  # respondents, and effective respondents
_WIDE, _NARROW, _RELATIVE = 0.30, 0.05, 1.30  # widths of the Korn–Graubard interval
_REVIEW_DF = 8
_UNCERTAIN_RELATIVE = 1.00  # ours: an interval wider than the estimate itself is read with care
_UNRELIABLE_CV = 0.30
_WORDS = ("reliable", "uncertain", "unreliable")


class Verdict:
    """Verdicts of many rows; later findings never lift earlier ones."""

    def __init__(self, size: int) -> None:
        self._rank = np.zeros(size, dtype=np.intp)
        self._noted = np.zeros(size, dtype=np.int64)  # one bit per reason
        self._texts: list[str] = []

    def note(self, rows: NDArray[np.bool_], reason: str, rank: int = 0) -> None:
        """Add a reason to rows and lower their verdict to `rank`: 0 reliable, 1 uncertain, 2 unreliable."""
        self._noted |= rows.astype(np.int64) << len(self._texts)
        self._texts.append(reason)
        if rank:
            self._rank = np.maximum(self._rank, rank * rows)

    @property
    def reliability(self) -> ExtensionArray:
        """One of the words reliable, uncertain and unreliable for each row."""
        return words(_WORDS, self._rank)

    @property
    def reason(self) -> ExtensionArray:
        """Reasons of each row, joined by semicolons; empty where there is nothing to say."""
        patterns, which = np.unique(self._noted, return_inverse=True)
        texts = [
            "; ".join(text for bit, text in enumerate(self._texts) if pattern >> bit & 1)
            for pattern in patterns.tolist()
        ]
        return words(texts, which)


def words(texts: Sequence[str], which: Ints) -> ExtensionArray:
    """A text for each row, given by position; quicker than an array of Python strings."""
    return pd.array(list(texts), dtype="str").take(which)


def proportion_verdict(
    verdict: Verdict, p: Floats, n: Floats, positive: Floats, size: Floats, width: Floats, df: Floats
) -> None:
    """Apply the NCHS standards for proportions, and a rule of our own, to rows.

    Parameters
    ----------
    size : effective sample size
    width : of the Korn–Graubard interval, whose effective sample size is corrected for degrees of freedom

    Notes
    -----
    Unreliable: n or effective n below 30; Korn–Graubard interval at least 0.30 wide; or wider than 0.05 and
    more than 1.3 times the estimate. Uncertain: fewer than 8 degrees of freedom; no events or only events;
    the interval more than 1.3 times the complement; or (ours) wider than the estimate itself. The effective
    sample size is never taken above n, as in the source. Rows without respondents get no verdict here.

    References
    ----------
    Parker et al. (2017), National Center for Health Statistics Data Presentation Standards for Proportions,
    Vital and Health Statistics 2(175), figure 1 and table.
    """
    some = n > 0
    inner = some & (positive > 0) & (positive < n)
    middling = inner & (width > _NARROW) & (width < _WIDE)
    verdict.note(some & (n < _MIN_N), "fewer than 30 respondents", 2)
    verdict.note((n >= _MIN_N) & (size < _MIN_N), "fewer than 30 effective respondents", 2)
    verdict.note(some & (width >= _WIDE), "interval 30 points wide or more", 2)
    verdict.note(middling & (width > _RELATIVE * p), "interval wider than 130 % of the estimate", 2)
    verdict.note(
        middling & (width <= _RELATIVE * p) & (width > _UNCERTAIN_RELATIVE * p),
        "interval wider than the estimate",
        1,
    )
    verdict.note(middling & (width > _RELATIVE * (1 - p)), "interval wider than 130 % of the complement", 1)
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
