"""How figures are printed: on a lattice so coarse that it does not give back the counts, limits always outward."""

from __future__ import annotations

import math

from mapping.disclosure.policy import Policy
from mapping.disclosure.protected import Figure, Status
from mapping.disclosure.rules.extremes import upper_limit
from mapping.disclosure.rules.reliability import without_limits
from mapping.disclosure.units import Estimate, Unit

__all__ = ["base_class", "blank", "decimals_of", "lattice", "print_limits", "print_share", "to_figure"]

_TINY = 1e-9  # a float a hair beside a lattice point is on it


def lattice(value: float, decimals: int) -> float:
    """`value` rounded half up to `decimals`.

    Examples
    --------
    >>> lattice(12.5, 0), lattice(12.449, 1)
    (13.0, 12.4)
    """
    step = 10.0**decimals
    return math.floor(value * step + 0.5 + _TINY) / step


def base_class(n: int, policy: Policy) -> str:
    """The class of a base, such as "100–199".

    Examples
    --------
    >>> from mapping.disclosure.policy import read_policy
    >>> [base_class(n, read_policy()) for n in (30, 199, 1000)]
    ['30–49', '100–199', '1000+']
    """
    starts = sorted(policy.base_classes)
    if n < starts[0]:
        return f"0–{starts[0] - 1}"
    start = max(s for s in starts if s <= n)
    following = [s for s in starts if s > n]
    return f"{start}–{following[0] - 1}" if following else f"{start}+"


def decimals_of(unit: Unit, policy: Policy) -> int:
    """Decimals of the unit's shares: one for a large total, and where whole per cent would print 0 or 100."""
    if unit.headline and unit.n >= policy.one_decimal_from:
        return 1
    shares = [estimate.share for estimate in unit.estimates if not without_limits(estimate)]
    return int(any(lattice(100 * share, 0) in (0.0, 100.0) for share in shares) and unit.events > 0)


def print_share(share: float, decimals: int) -> float:
    """A share from 0 to 1 in per cent as printed."""
    return lattice(100 * share, decimals)


def print_limits(estimate: Estimate, decimals: int) -> tuple[float, float]:
    """The limits of an interval in per cent, rounded outward.

    They are laid around the *printed* share, half a step wider, so that they tell nothing finer than the share does.
    With a decimal the share is taken to give back the count, and they are printed as they are.
    """
    step, share = 10.0**-decimals, 100 * estimate.share
    shift = 0.0 if decimals else print_share(estimate.share, decimals) - share
    slack = 0.0 if decimals else step / 2
    low = math.floor((100 * estimate.low + shift - slack) / step + _TINY) * step
    high = math.ceil((100 * estimate.high + shift + slack) / step - _TINY) * step
    return max(0.0, round(low, decimals)), min(100.0, round(high, decimals))


def blank(unit: Unit, target: str, status: Status = Status.WITHHELD) -> Figure:
    """A figure without numbers."""
    return Figure(unit.key, unit.wave, unit.indicator, unit.level, unit.area, unit.group, target, status)


def to_figure(unit: Unit, estimate: Estimate, policy: Policy) -> Figure:
    """The figure of a unit that may be shown."""
    if unit.cases:
        return _cases(unit, estimate)
    if without_limits(estimate):
        return blank(unit, estimate.target)
    named = {name: getattr(unit, name) for name in ("key", "wave", "indicator", "level", "area", "group")}
    base = base_class(unit.n, policy)
    if unit.events == 0:
        limit = upper_limit(unit, policy)
        return Figure(
            **named,
            target=estimate.target,
            status=Status.NONE_KNOWN,
            share=0.0,
            low=0.0,
            high=None if limit is None else float(limit),
            base=base,
        )
    decimals = decimals_of(unit, policy)
    low, high_ = print_limits(estimate, decimals)
    share = print_share(estimate.share, decimals)
    unsure, bounds = _unsure(unit, share, policy)
    return Figure(
        **named,
        target=estimate.target,
        status=Status.SHOWN,
        share=share,
        low=low,
        high=high_,
        decimals=decimals,
        base=base,
        uncertain=estimate.reliability != "reliable",
        unsure=unsure,
        bounds=bounds,
    )


def _cases(unit: Unit, estimate: Estimate) -> Figure:
    rate = None if math.isnan(estimate.share) else lattice(estimate.share, 1)
    return Figure(
        unit.key,
        unit.wave,
        unit.indicator,
        unit.level,
        unit.area,
        unit.group,
        estimate.target,
        Status.NONE_KNOWN if unit.events == 0 else Status.SHOWN,
        share=rate,
        decimals=1,
        count=unit.events,
    )


def _unsure(unit: Unit, share: float, policy: Policy) -> tuple[float | None, tuple[float, float] | None]:
    """The share that answered "don't know", and the shares if all of them meant no or yes, in whole per cent.

    The latter are made of the printed share, so that they tell nothing more of the count.
    """
    if not unit.headline or unit.n_unsure < unit.threshold or unit.n < policy.base_n:
        return None, None
    unsure = unit.n_unsure / (unit.n + unit.n_unsure)
    none = share * (1 - unsure)
    return lattice(100 * unsure, 0), (lattice(none, 0), lattice(none + 100 * unsure, 0))
