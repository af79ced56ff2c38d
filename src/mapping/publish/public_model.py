"""The public model of a release: fitted to printed figures and to nothing else, place by place.

Whatever it says, anyone can work out again from the open data of this release and of those before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scipy.stats import false_discovery_control, norm

from mapping.disclosure.protected import Figure, ModelFigure
from mapping.estimate.small_area.public import PublicRow, public_exceedance

__all__ = ["change_classes", "exceedance"]

BELOW_MUNICIPALITY = ("area", "district")
_Z: Final = float(norm.ppf(0.975))  # printed intervals are of 95 per cent
_PROBABLY: Final = float(norm.ppf(0.95))
_DISCOVERY: Final = 0.10  # where the policy of the release does not say


def exceedance(figures: tuple[Figure, ...]) -> tuple[ModelFigure, ...]:
    """Where each printed place stands against the municipality's level: what `ProtectedRelease.derive` calls.

    It speaks of the underlying risk, so it reads the figures of that target.
    """
    return tuple(made for level in BELOW_MUNICIPALITY for made in _at(level, figures))


def _at(level: str, figures: tuple[Figure, ...]) -> Iterator[ModelFigure]:
    risk = [figure for figure in figures if figure.target == "risk" and figure.group == "all"]
    wholes = {(f.wave, f.indicator): f for f in risk if f.level == "municipality"}
    for (wave, indicator), whole in wholes.items():
        places = [f for f in risk if (f.wave, f.indicator, f.level) == (wave, indicator, level)]
        if len(places) > 1:
            for estimate in public_exceedance([_row(f) for f in places], _row(whole)):
                yield ModelFigure(
                    wave,
                    indicator,
                    level,
                    estimate.area,
                    estimate.exceedance,
                    estimate.share,
                    estimate.low,
                    estimate.high,
                )


def _row(figure: Figure) -> PublicRow:
    return PublicRow(
        figure.area, figure.status.value, figure.share, figure.low, figure.high, figure.decimals, figure.base
    )


def change_classes(
    earlier: Sequence[Figure], later: Sequence[Figure], policy: Mapping[str, Any]
) -> dict[str, int]:
    """How the share of each place has moved between two waves, from the printed figures of both.

    Returns
    -------
    dict of int
        By code, for each place with a share in both waves: 4 very likely gone up, 3 probably, 2 cannot be told apart
        from no change, 1 probably gone down, 0 very likely.

    Notes
    -----
    The error of a difference is made from the two printed intervals (Zou and Donner). *Very likely* allows for the
    number of places on the map: the change is among those called clear when the false discovery rate is kept at the
    policy's ``change_q`` (Benjamini and Hochberg). *Probably* means that the place, looked at alone, has moved that
    way with a probability above 95 per cent. Schools that answered in both waves make the true error smaller than
    this one, so that it is cautious.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693–1702.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical
    Society B 57, 289–300.
    """
    before = {figure.area: figure for figure in earlier}
    moved = {
        figure.area: z
        for figure in later
        if figure.area in before and (z := _moved(before[figure.area], figure)) is not None
    }
    if not moved:
        return {}
    adjusted = false_discovery_control([2 * norm.sf(abs(z)) for z in moved.values()])
    clear = adjusted < float(policy.get("change_q", _DISCOVERY))
    return {area: _step(z, bool(sure)) for (area, z), sure in zip(moved.items(), clear, strict=True)}


def _moved(before: Figure, after: Figure) -> float | None:
    """How many standard errors a share has moved; None where one of the two is not printed."""
    first, second = _limits(before), _limits(after)
    if first is None or second is None:
        return None
    (p0, l0, u0), (p1, l1, u1) = first, second
    error = math.hypot(p1 - l1, u0 - p0) if p1 > p0 else math.hypot(u1 - p1, p0 - l0)
    return 0.0 if p1 == p0 or error == 0 else _Z * (p1 - p0) / error


def _limits(figure: Figure) -> tuple[float, float, float] | None:
    """Share and limits as printed; where none is known, none up to the limit that cannot be ruled out."""
    if figure.high is None:
        return None
    return figure.share or 0.0, figure.low or 0.0, figure.high


def _step(z: float, clear: bool) -> int:
    if abs(z) <= _PROBABLY:
        return 2
    return (4 if clear else 3) if z > 0 else (0 if clear else 1)
