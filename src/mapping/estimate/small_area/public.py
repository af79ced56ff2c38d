"""The public model: what printed figures alone say of each place against the municipality's level.

Every input is text or a number that stands in the open data, so anyone can recompute what this module
returns. Places that are withheld enter only through the municipality's figure minus those shown, and get no
row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logit
from scipy.stats import norm

from mapping.estimate.small_area.beta_binomial import beta_binomial
from mapping.estimate.small_area.posterior import AreaPosterior

__all__ = ["EXCEEDANCE_LIMITS", "PublicEstimate", "PublicRow", "exceedance_class", "public_exceedance"]

EXCEEDANCE_LIMITS = (0.05, 0.20, 0.80, 0.95)
LEVEL = 0.95  # of the printed limits and of the limits returned
Z = float(norm.ppf(0.5 + LEVEL / 2))
UNKNOWN_BASE = 30.0  # respondents where a base class cannot be read: the least that any share stands on


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One printed figure of one indicator, wave, group and target, in per cent; None where not printed.

    `status` is "shown", "none_known" (`high` is the limit that cannot be ruled out) or "withheld"; `base` a
    class of respondents such as "100–199" or "2 000+".
    """

    area: str
    status: str
    share: float | None = None
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    base: str = ""


@dataclass(frozen=True, slots=True)
class PublicEstimate:
    """What the model says of one place.

    `exceedance`: 0 (very likely below the municipality's level) to 4 (very likely above). Share and limits in
    per cent, to the decimals of the printed figure, the limits rounded outwards.
    """

    area: str
    exceedance: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Effective:
    """What a printed figure is worth: respondents by the middle of its base class, and effective counts."""

    respondents: float
    share: float
    trials: float


def public_exceedance(places: Sequence[PublicRow], municipality: PublicRow) -> tuple[PublicEstimate, ...]:
    """The exceedance class and the model's share of each place that is printed, in the order given.

    Parameters
    ----------
    places : sequence of PublicRow
        All places of one level of geography, withheld ones included.
    municipality : PublicRow
        The municipality's figure of the same indicator.

    Returns
    -------
    tuple of PublicEstimate
        Nothing for withheld places; nothing at all when the municipality's figure is not printed, for then
        there is no level to compare with.

    Notes
    -----
    A printed share and its limits are read as an effective count: on the logit scale the limits lie
    :math:`\\pm z\\,\\mathrm{se}` around the share and :math:`n_\\mathrm{eff} = 1/(p(1-p)\\,\\mathrm{se}^2)`.
    Limits are printed wider than they were computed, by about one step of the last decimal, which is taken
    back. No more is believed than the middle of the base class. The effective counts go through
    `beta_binomial`; the withheld places share what is left of the municipality's respondents and events
    (`_rest`). The drawn municipal level is centred on the printed figure of the municipality, so that places
    stand against the level a reader can see.

    References
    ----------
    Chen, Wakefield & Lumley (2014), Spatial and Spatio-temporal Epidemiology 11, 33-43 (effective counts from
    an estimate and its variance).
    """
    whole = _effective(municipality)
    known = [(row, counts) for row in places if (counts := _effective(row)) is not None]
    if whole is None or not known:
        return ()
    hidden = len(places) - len(known)
    events = [counts.share * counts.trials for _, counts in known] + [0.0] * hidden
    trials = [counts.trials for _, counts in known] + [0.0] * hidden
    rest = _rest(whole, municipality.base, [counts for _, counts in known], hidden)
    fit = beta_binomial(events, trials, sums=[(range(len(known), len(places)), *rest)] if rest else None)
    return _rows([row for row, _ in known], fit, whole.share)


def exceedance_class(probability: float) -> int:
    """0 to 4 for the probability of lying above the municipality's level.

    Examples
    --------
    >>> [exceedance_class(p) for p in (0.01, 0.05, 0.5, 0.8, 0.96)]
    [0, 1, 2, 2, 4]
    """
    low, below, above, high = EXCEEDANCE_LIMITS
    if probability < below:
        return 0 if probability < low else 1
    if probability > above:
        return 4 if probability > high else 3
    return 2


def _rows(shown: Sequence[PublicRow], fit: AreaPosterior, level: float) -> tuple[PublicEstimate, ...]:
    limits = fit.interval(LEVEL)
    probability = (fit.draws > (fit.level * level / fit.level.mean())[:, None]).mean(axis=0)
    return tuple(
        PublicEstimate(
            area=row.area,
            exceedance=exceedance_class(float(probability[i])),
            share=round(100 * float(fit.mean[i]), row.decimals),
            low=_outward(100 * float(limits[i, 0]), row.decimals, math.floor),
            high=_outward(100 * float(limits[i, 1]), row.decimals, math.ceil),
        )
        for i, row in enumerate(shown)
    )


def _outward(value: float, decimals: int, rounding: Callable[[float], int]) -> float:
    scale = 10.0**decimals
    return rounding(value * scale) / scale


def _effective(row: PublicRow) -> _Effective | None:
    """Effective counts of a printed figure; None where none is printed."""
    respondents = sum(_ends(row.base)) / 2
    if row.status == "none_known" and row.high is not None and 0 < row.high < 100:
        trials = math.log((1 - LEVEL) / 2) / math.log1p(-row.high / 100)
        return _Effective(respondents, 0.0, min(trials, respondents))
    if row.status != "shown" or row.share is None or row.low is None or row.high is None:
        return None
    trials = min(_trials(row.share, row.low, row.high, row.decimals), respondents)
    return _Effective(respondents, row.share / 100, trials)


def _trials(share: float, low: float, high: float, decimals: int) -> float:
    """Effective trials from printed per cents; from one limit alone where the other stands at 0 or 100."""
    step = 10.0**-decimals
    p = min(max(share, step / 2), 100 - step / 2) / 100
    below, above = min((low + step) / 100, p), max((high - step) / 100, p)
    errors = []
    if low > 0:
        errors.append((logit(p) - logit(below)) / Z)
    if high < 100:
        errors.append((logit(above) - logit(p)) / Z)
    se = float(np.mean(errors)) if errors else math.inf
    return math.inf if se <= 0 else max(1 / (p * (1 - p) * se**2), 1.0)


def _ends(base: str) -> tuple[float, float]:
    """The ends of a class of respondents, both the lower one if it is open; spaces and commas are read over."""
    numbers = [float(n) for n in re.findall(r"\d+", re.sub(r"(?<=\d)[\s,.](?=\d{3})", "", base))]
    return (numbers[0], numbers[-1]) if numbers else (UNKNOWN_BASE, UNKNOWN_BASE)


def _rest(
    whole: _Effective, base: str, known: Sequence[_Effective], hidden: int
) -> tuple[float, float] | None:
    """Effective events and trials of all withheld places together; None where none is withheld.

    They are taken to have as many respondents each as the middle one of the places shown, as far as the
    municipality's base class allows; their share is what makes the whole come out; a respondent counts as
    much as one of the places shown.
    """
    if not hidden:
        return None
    shown = sum(counts.respondents for counts in known)
    low, high = _ends(base)
    most = max(high - shown, hidden) if high > low else math.inf
    left = min(max(hidden * float(np.median([c.respondents for c in known])), low - shown, hidden), most)
    seen = sum(counts.respondents * counts.share for counts in known)
    share = min(max((whole.share * (shown + left) - seen) / left, 0.0), 1.0)
    trials = left * sum(counts.trials for counts in known) / shown
    return share * trials, trials
