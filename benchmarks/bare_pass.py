"""The bare pass: np.bincount of w and w·y over PSU × domain for all indicators. No errors, no labels."""

from __future__ import annotations

import numpy as np
import pandas as pd


def bare_pass(frame: pd.DataFrame, names: list[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Sums of w and of w·y by PSU × (district × sex), for each indicator."""
    domains = int(frame["district"].max() + 1) * int(frame["sex"].max() + 1)
    key = frame["psu"].to_numpy() * domains
    key = key + frame["district"].to_numpy() * int(frame["sex"].max() + 1) + frame["sex"].to_numpy()
    size = int(frame["psu"].max() + 1) * domains
    weight = frame["weight"].to_numpy()
    sums = []
    for name in names:
        y = frame[name].to_numpy()
        answered = ~np.isnan(y)
        sums.append(
            (
                np.bincount(key, weight * answered, minlength=size),
                np.bincount(key, weight * np.where(answered, y, 0.0), minlength=size),
            )
        )
    return sums
