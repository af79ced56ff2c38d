"""How many people two sources that know some of the same people may both be missing: Chapman's estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from mapping.errors import EstimationError

__all__ = ["ASSUMPTIONS", "Captured", "two_sources"]

# what must hold for the estimate to mean anything; every report that prints it prints these (texts: capture.<name>)
ASSUMPTIONS = ("closed", "linked", "independent", "alike")
LEAST = 7  # persons known to both: below it Chapman's estimate is biased (Robson and Regier 1964)


@dataclass(frozen=True, slots=True)
class Captured:
    """The number of people estimated, known and unknown, with limits and standard error."""

    number: float
    se: float
    low: float
    high: float


def two_sources(first: int, second: int, both: int, *, level: float = 0.95) -> Captured:
    r"""People there would be in all if two sources found people independently of each other.

    Parameters
    ----------
    first, second : int
        Persons known to each source.
    both : int
        Persons known to both.
    level : float
        Coverage of the limits.

    Raises
    ------
    EstimationError
        If the counts contradict each other, or too few are known to both.

    Notes
    -----
    Chapman's :math:`\hat N = (n_1 + 1)(n_2 + 1)/(m + 1) - 1` with Seber's variance; limits are log-normal for the
    number that neither source knows (Chao 1987), so that they never fall below the number known. It assumes that
    nobody enters or leaves in the year, that persons are told apart surely, that being known to one source makes it
    neither more nor less likely to be known to the other, and that all are as easily found. Services refer people to
    each other, which breaks the third: the estimate is then too low.

    References
    ----------
    Chapman (1951), University of California Publications in Statistics 1, 131-160. Seber (1970), Biometrics 26,
    13-22. Chao (1987), Biometrics 43, 783-791.

    Examples
    --------
    >>> found = two_sources(60, 45, 15)
    >>> [round(number) for number in (found.number, found.low, found.high)]
    [174, 133, 254]
    """
    if min(first, second, both) < 0 or both > min(first, second):
        raise EstimationError(
            "persons known to both sources are some of those known to each. Correct the counts."
        )
    if both < LEAST:
        raise EstimationError(
            f"fewer than {LEAST} persons are known to both sources: too few for an estimate. Pool years."
        )
    known = first + second - both
    number = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    hidden = number - known
    if hidden <= 0:
        return Captured(float(known), 0.0, float(known), float(known))
    z = NormalDist().inv_cdf((1 + level) / 2)
    spread = math.exp(z * math.sqrt(math.log1p(variance / hidden**2)))
    return Captured(number, math.sqrt(variance), known + hidden / spread, known + hidden * spread)
