"""The estimation task: 120 districts × 3 sexes × 20 indicators = 7,200 estimates from 200 strata and 2,000 PSUs."""

from __future__ import annotations

import numpy as np
import pandas as pd

DISTRICTS, SEXES, INDICATORS, STRATA, PSUS = 120, 3, 20, 200, 2000
NAMES = [f"y{k:02d}" for k in range(1, INDICATORS + 1)]


def make_task(n: int, missing: float = 0.03, seed: int = 20260101) -> pd.DataFrame:
    """`n` pupils with weights, strata, PSUs, district, sex and 0/1 indicators, a share of the answers missing."""
    rng = np.random.default_rng(seed)
    psu = np.sort(rng.integers(0, PSUS, n))
    effect = rng.normal(0, 0.5, PSUS)[psu]
    frame = pd.DataFrame(
        {
            "stratum": psu // (PSUS // STRATA),
            "psu": psu,
            "district": rng.integers(0, DISTRICTS, n),
            "sex": rng.choice(SEXES, n, p=[0.48, 0.48, 0.04]),
            "weight": np.exp(rng.normal(2, 0.4, n)),
        }
    )
    logits = np.linspace(-4, -0.8, INDICATORS)
    answers = {}
    for name, logit in zip(NAMES, logits, strict=True):
        y = (rng.random(n) < 1 / (1 + np.exp(-logit - effect))).astype(np.float64)
        y[rng.random(n) < missing] = np.nan
        answers[name] = y
    return pd.concat([frame, pd.DataFrame(answers)], axis=1)
