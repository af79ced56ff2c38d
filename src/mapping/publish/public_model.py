"""The public model of a release: fitted to printed figures and to nothing else, place by place."""

from __future__ import annotations

from collections.abc import Iterator

from mapping.disclosure.protected import Figure, ModelFigure
from mapping.estimate.small_area.public import PublicRow, public_exceedance

__all__ = ["exceedance"]

BELOW_MUNICIPALITY = ("area", "district")


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
