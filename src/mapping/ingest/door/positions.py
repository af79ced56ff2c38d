"""Positions spread over two columns: degrees of latitude and longitude, or metres of a Swedish grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Axis", "paired"]

_LATITUDE, _LONGITUDE = (55.0, 69.5), (10.0, 24.5)  # Sweden
_NORTH, _EAST = (6.1e6, 7.7e6), (2.0e5, 9.3e5)  # SWEREF 99 TM, to the metre
_WIDEST = 5.0  # degrees; no county is wider
_WIDEST_METRES = 6e5
_MOST = 0.85  # of the rows; one third decimal in ten is a zero


@dataclass(slots=True, repr=False)
class Axis:
    """How many numbers of a column lie where one axis of a position lies, and how far apart."""

    filled: int = 0
    latitude: int = 0
    longitude: int = 0
    north: int = 0
    east: int = 0
    low: float = float("inf")
    high: float = float("-inf")

    def look(self, values: npt.NDArray[np.float64], times: npt.NDArray[np.float64] | None = None) -> None:
        """Count some numbers of the column, each so many times."""
        if not len(values):
            return
        times = np.ones(len(values)) if times is None else times
        fine = np.abs(values * 100 - np.round(values * 100)) > 1e-6  # three decimals or more: 100 metres
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

        def within(span: tuple[float, float], which: npt.NDArray[np.bool_] | bool = True) -> int:
            return int(times[(values >= span[0]) & (values <= span[1]) & which].sum())

        self.filled += int(times.sum())
        self.latitude += within(_LATITUDE, fine)
        self.longitude += within(_LONGITUDE, fine)
        self.north += within(_NORTH)
        self.east += within(_EAST)

    def kinds(self, filled: int) -> set[str]:
        """Which axes the column may be, of so many rows that hold anything."""
        width = self.high - self.low
        degrees = {"latitude": self.latitude, "longitude": self.longitude} if width <= _WIDEST else {}
        running = width + 1 <= 2 * filled < 1e5  # numbers one after the other
        metres = {"north": self.north, "east": self.east} if width <= _WIDEST_METRES and not running else {}
        return {kind for kind, rows in (degrees | metres).items() if filled and rows >= _MOST * filled}


def paired(axes: Mapping[str, tuple[Axis, int]]) -> list[str]:
    """The columns that together give positions: a latitude with a longitude, a northing with an easting."""
    kinds = {name: axis.kinds(filled) for name, (axis, filled) in axes.items()}
    found: list[str] = []
    for one, other in (("latitude", "longitude"), ("north", "east")):
        sides = [[name for name, kind in kinds.items() if side in kind] for side in (one, other)]
        if all(sides):
            found += [name for side in sides for name in side]
    return list(dict.fromkeys(found))
