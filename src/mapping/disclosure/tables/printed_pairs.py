"""Which counts and bases print the limits that were printed."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["pairs"]


def pairs(limits: Mapping[str, Any], kind: str, least: int, most: int) -> NDArray[np.int64]:
    """All (count, base) with a base from `least` to `most` whose limits, in per cent, round to those printed.

    Parameters
    ----------
    limits : mapping
        ``lo``, ``hi``, ``decimals``, ``level`` and perhaps ``value`` as printed.
    kind : {"wilson", "wald"}

    Notes
    -----
    Wilson (1927): (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Wald: p ± z √(p(1-p)/n).
    Limits outside 0 to 100 may have been printed as they are or cut: both are looked for.

    Examples
    --------
    >>> pairs({"lo": 1.4, "hi": 16.5, "decimals": 1}, "wilson", 40, 40).tolist()
    [[2, 40]]
    """
    z = NormalDist().inv_cdf(0.5 + float(limits.get("level", 0.95)) / 2)
    step = 10.0 ** -int(limits.get("decimals", 0))
    found = []
    for n in range(least, most + 1):
        k = np.arange(n + 1)
        p = k / n
        if kind == "wilson":
            centre, wide = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
            low, high = (centre - wide) / (1 + z * z / n), (centre + wide) / (1 + z * z / n)
        else:
            wide = z * np.sqrt(p * (1 - p) / n)
            low, high = p - wide, p + wide
        fits = np.ones(n + 1, dtype=bool)
        for shown, name in ((low, "lo"), (high, "hi"), (p, "value")):
            if limits.get(name) is not None:
                fits &= _prints(shown, float(limits[name]), step)
        found += [(int(count), n) for count in k[fits]]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _prints(shown: NDArray[np.float64], printed: float, step: float) -> NDArray[np.bool_]:
    """Whether a share prints so; half a step may have gone either way."""
    near: NDArray[np.bool_] = np.abs(100 * shown - printed) <= step / 2 + 1e-9
    return near | (np.abs(100 * np.clip(shown, 0, 1) - printed) <= step / 2 + 1e-9)
