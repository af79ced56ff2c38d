"""How long things take: ``make bench``, or ``python benchmarks``. Read the ratios; machines differ.

Each task runs in a process of its own, so that its memory is its own. The survey is drawn with a fixed generator: 200
strata, 2,000 sampling units, 120 districts × 3 sexes × 20 indicators, which makes 7,200 estimates with intervals.
"""

from __future__ import annotations

import subprocess
import sys
import time

SIZES = (10_000, 100_000, 1_000_000)
STRATA, UNITS, DISTRICTS, INDICATORS = 200, 2_000, 120, 20


def prevalence(n: int) -> float:
    """Seconds for 7,200 estimates of `n` pupils."""
    import numpy as np
    import pandas as pd

    import mapping as m

    rng = np.random.default_rng(1)
    unit = rng.integers(UNITS, size=n)
    columns = {f"i{k}": (rng.random(n) < 0.02 + 0.01 * k).astype(float) for k in range(INDICATORS)}
    frame = pd.DataFrame(
        {
            "stratum": unit % STRATA,
            "psu": unit,
            "weight": rng.uniform(0.5, 2.0, n),
            "district": pd.Categorical(rng.integers(DISTRICTS, size=n)),
            "sex": pd.Categorical(rng.choice(["girl", "boy", "other"], n, p=[0.49, 0.49, 0.02])),
            **columns,
        }
    )
    design = m.SurveyDesign(strata="stratum", psu="psu", weights="weight", lonely_psu="adjust")
    start = time.perf_counter()
    m.prevalence(frame, design, list(columns), by=["district", "sex"])
    return time.perf_counter() - start


def start_up() -> float:
    """Seconds until the command has answered."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "mapping", "--version"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _peak() -> str:
    if sys.platform == "win32":  # no such count there
        return ""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak / (1e6 if sys.platform == 'darwin' else 1e3):6.0f} MB"


def main(arguments: list[str]) -> None:
    """All tasks, or, in a process of its own, the one named."""
    if arguments:
        print(
            f"prevalence  {int(arguments[0]):>9,} pupils  {prevalence(int(arguments[0])):7.3f} s  {_peak()}"
        )
        return
    print(f"start-up    {'':>9}         {start_up():7.3f} s", flush=True)
    for size in SIZES:
        subprocess.run([sys.executable, __file__, str(size)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
