"""Persons known to services beside those a survey suggests: whether the two may be divided, and how surely."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import betainc, gammainc

from mapping.concepts.wave import Wave
from mapping.errors import EstimationError

__all__ = [
    "APART",
    "REASONS",
    "Estimated",
    "Ratio",
    "Scope",
    "comparable",
    "detection_ratio",
    "pooled",
    "scopes",
]

# why two figures may not be divided, in the order in which a reader is told
REASONS = ("unit", "definition", "period", "birth_years", "residence")
# days by which two periods of a year may begin apart: a survey in early spring asks about the last twelve months, a
# service counts by calendar year
APART = 92
KNOWN_BY = "hrv"  # the reason that K03 counts persons by
YEAR = (360, 372)  # days that a period of twelve months may have
WIDEST = 10.0  # a ratio whose limits lie further apart than this many times says nothing


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a figure is about: `unit` ("person", "pupil", "case", "event"), what it counts as a yes (`definition`), the
    first and last day of the `period` (None: ever, or not known), the `birth_years` (empty: not known) and whether
    people count where they live ("resident") or go to school ("enrolled")."""

    unit: str
    definition: str
    period: tuple[dt.date, dt.date] | None
    birth_years: frozenset[int]
    residence: str


@dataclass(frozen=True, slots=True)
class Estimated:
    """Exposed people as a survey suggests them: the number, its limits, and of how many (`population`)."""

    number: float
    low: float
    high: float
    population: int

    @classmethod
    def from_share(cls, share: float, low: float, high: float, population: int) -> Estimated:
        """The number behind a share from 0 to 1 of a population."""
        if not 0 <= low <= share <= high <= 1:
            raise EstimationError(
                "a share lies between its limits, and they between 0 and 1. Hand over shares, not per cent."
            )
        if population <= 0:
            raise EstimationError("the population of a share is at least 1. Take it from the register.")
        return cls(share * population, low * population, high * population, population)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Persons known for each person estimated as exposed, with limits; `exposed_per_known` says the same the other
    way round. `usable` is False where the limits are too far apart to say anything."""

    ratio: float
    low: float
    high: float

    @property
    def exposed_per_known(self) -> tuple[float, float, float]:
        """How many exposed there are for each known: the estimate and its limits."""
        return _inverse(self.ratio), _inverse(self.high), _inverse(self.low)

    @property
    def usable(self) -> bool:
        """Whether the limits lie near enough to each other to be told."""
        return self.low > 0 and self.high <= WIDEST * self.low


def _inverse(number: float) -> float:
    return math.inf if number == 0 else 1 / number


def scopes(wave: Wave) -> tuple[Scope, Scope]:
    """Whom services know of, and whom the survey speaks of, as the wave's sidecar states it.

    Services count residents by the reason honour-related violence, those of the survey's years of birth where the
    extract holds the year. What [detection] does not state of the survey is not known, and does not agree.
    """
    cases, said = wave.cases, wave.detection
    years = said.birth_years if said else frozenset()
    known = Scope("", "", None, frozenset(), "")
    if cases is not None:
        first, last = (dt.date.fromisoformat(day) for day in cases.period)
        known = Scope(
            unit="person" if "person" in cases.columns else cases.unit,
            definition=KNOWN_BY,
            period=(first, last),
            birth_years=years if "birth_year" in cases.columns else frozenset(),
            residence="resident",
        )
    if said is None:
        return known, Scope("pupil", "", None, frozenset(), wave.counts)
    return known, Scope("pupil", said.reason, said.period, years, wave.counts)


def comparable(services: Scope, survey: Scope) -> tuple[str, ...]:
    """Why persons known to services may not be divided by a survey's estimate; empty where they may.

    Both must count people, by the same definition, over the same twelve months (the beginnings at most `APART` days
    from each other), born in the same years, and told by the same rule of where they belong. What is not known does
    not agree.

    Examples
    --------
    >>> year = (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    >>> known = Scope("person", "hrv", year, frozenset({2010}), "resident")
    >>> comparable(known, Scope("pupil", "hrv", None, frozenset({2010}), "enrolled"))
    ('period', 'residence')
    """
    people = {"person", "pupil"}
    agrees = {
        "unit": {services.unit, survey.unit} <= people,
        "definition": bool(services.definition) and services.definition == survey.definition,
        "period": _same_year(services.period, survey.period),
        "birth_years": bool(services.birth_years) and services.birth_years == survey.birth_years,
        "residence": bool(services.residence) and services.residence == survey.residence,
    }
    return tuple(reason for reason in REASONS if not agrees[reason])


def _same_year(one: tuple[dt.date, dt.date] | None, other: tuple[dt.date, dt.date] | None) -> bool:
    if one is None or other is None:
        return False
    years = all(YEAR[0] <= (last - first).days + 1 <= YEAR[1] for first, last in (one, other))
    return years and abs((one[0] - other[0]).days) <= APART


def detection_ratio(known: int, exposed: Estimated, *, level: float = 0.95) -> Ratio:
    r"""Persons known for each person estimated as exposed, with the errors of both.

    Parameters
    ----------
    known : int
        Distinct persons known to services.
    exposed : Estimated
        The survey's number with its design-based limits at the same `level`.
    level : float
        Coverage of the limits.

    Raises
    ------
    EstimationError
        If `known` is negative, or the survey estimates nobody.

    Notes
    -----
    With :math:`\hat d = y / \hat N`, limits :math:`(l_y, u_y)` of the expected count of known and
    :math:`(l_N, u_N)` of the exposed, the limits are laid on the log scale (MOVER):

    .. math:: \log \hat d \mp \sqrt{(\log y / l_y)^2 + (\log u_N / \hat N)^2}

    and the same with the other ends above. Known persons are some of the exposed: their limits are binomial, of
    :math:`\hat N`, by mid-P, and Poisson where more are known than the survey estimates. At :math:`y = 0` the lower
    limit is 0 and the upper one :math:`u_y / l_N`. It is no probability of being helped: a survey misses those who
    were not at school, and services know some whom no survey reaches.

    References
    ----------
    Donner and Zou (2012), Closed-form confidence intervals for functions of the normal mean and standard deviation,
    Statistical Methods in Medical Research 21, 347-359. Lancaster (1961), Significance tests in discrete
    distributions, Journal of the American Statistical Association 56, 223-234 (mid-P).

    Examples
    --------
    >>> found = detection_ratio(30, Estimated.from_share(0.10, 0.08, 0.12, 3000))
    >>> [round(number, 1) for number in found.exposed_per_known]
    [10.0, 6.8, 15.0]
    """
    if known < 0 or known != int(known):
        raise EstimationError("known persons are a whole number of at least 0. Correct the extract.")
    if exposed.number <= 0:
        raise EstimationError("the survey estimates nobody: there is nothing to divide by.")
    low, high = _limits(known, exposed.number, level)
    if known == 0:
        return Ratio(0.0, 0.0, math.inf if exposed.low <= 0 else high / exposed.low)
    ratio = known / exposed.number
    down = math.hypot(math.log(known / low), math.log(exposed.high / exposed.number))
    up = math.inf
    if exposed.low > 0:
        up = math.hypot(math.log(high / known), math.log(exposed.number / exposed.low))
    return Ratio(ratio, ratio * math.exp(-down), ratio * math.exp(up))


def pooled(parts: Iterable[tuple[int, Estimated]], *, level: float = 0.95) -> Ratio:
    """The ratio of several years, or of several municipalities: sums of both, whose errors are independent.

    Two waves that share schools are not quite independent; the limits are then somewhat too narrow.
    """
    found: Sequence[tuple[int, Estimated]] = list(parts)
    if not found:
        raise EstimationError("there is nothing to pool. Hand over at least one year.")
    number = sum(part.number for _, part in found)
    down = math.sqrt(sum((part.number - part.low) ** 2 for _, part in found))
    up = math.sqrt(sum((part.high - part.number) ** 2 for _, part in found))
    whole = Estimated(number, max(number - down, 0.0), number + up, sum(part.population for _, part in found))
    return detection_ratio(sum(known for known, _ in found), whole, level=level)


def _limits(count: int, whole: float, level: float) -> tuple[float, float]:
    """Mid-P limits of an expected count, binomial of `whole` while it is less, Poisson else."""
    tail = (1 - level) / 2

    def beyond(mean: float, at: int) -> float:
        """The chance of at least `at`, when so many are expected."""
        if at == 0:
            return 1.0
        if count < whole:
            return float(betainc(at, max(whole - at + 1, 1e-9), min(mean / whole, 1.0)))
        return float(gammainc(at, mean))

    def upper_tail(mean: float) -> float:
        """The chance of more than `count`, and half of the chance of `count` itself."""
        return (beyond(mean, count) + beyond(mean, count + 1)) / 2

    most = whole if count < whole else 10.0 * (count + 10)
    low = 0.0 if count == 0 else float(brentq(lambda mean: upper_tail(mean) - tail, 1e-9, most))
    if upper_tail(most) < 1 - tail:
        return low, most
    return low, float(brentq(lambda mean: upper_tail(mean) - (1 - tail), 1e-9, most))
