"""How time and memory grow: ``python benchmarks/growth.py``; each row is a process of its own, on one core.

The estimates of one call of `prevalence`: two sexes in every district, 0/1 answers with missing ones, schools of about
100 pupils as clusters, weights. One thing grows at a time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

GROWING = {
    "pupils": (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    "districts": (10, 100, 1_000, 6_000),
    "indicators": (1, 10, 100),
    "waves": (1, 5, 20),
}
USUAL = {"pupils": 100_000, "districts": 120, "indicators": 20, "waves": 1}


def frame_of(pupils: int, districts: int, indicators: int, waves: int, seed: int = 1) -> pd.DataFrame:
    """A made-up sample of `pupils` in each of the waves."""
    rng, rows = np.random.default_rng(seed), pupils * waves
    district = rng.integers(0, districts, rows).astype(np.int16)
    columns: dict[str, object] = {
        "district": pd.Categorical.from_codes(district, [f"D{number:04d}" for number in range(districts)]),
        "girl": rng.random(rows) < 0.5,
        "psu": district.astype(np.int32) * 100_000
        + rng.integers(0, max(2, pupils // districts // 100), rows),
        "weight": rng.uniform(1.0, 2.0, rows),
    }
    if waves > 1:
        columns["wave"] = np.repeat(np.arange(waves, dtype=np.int8), pupils)
    for number in range(indicators):
        answer = (rng.random(rows) < 0.02 + 0.2 * rng.random()).astype(np.int8)
        columns[f"y{number}"] = pd.arrays.IntegerArray(answer, rng.random(rows) < 0.05)
    return pd.DataFrame(columns)


def measure(sizes: dict[str, int]) -> None:
    """Print one row: estimates, processor seconds, and memory in all and beyond the answers themselves."""
    import mapping as m

    frame = frame_of(**sizes)
    m.prevalence(frame_of(1_000, 4, 1, 1), m.SurveyDesign(psu="psu", weights="weight"), "y0", by="district")
    held, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, time.process_time()
    by = ["district", "girl", *(["wave"] if "wave" in frame else [])]
    names = [name for name in frame if name.startswith("y")]
    found = m.prevalence(frame, m.SurveyDesign(psu="psu", weights="weight"), names, by=by)
    seconds, most = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(found):12,} {seconds:10.2f} {most:8.2f} {most - held:8.2f}")


def main() -> None:
    """Every size, one at a time."""
    if len(sys.argv) > 1:
        measure(dict(zip(USUAL, map(int, sys.argv[1:]), strict=True)))
        return
    print(f"{'':24} {'estimates':>12} {'seconds':>10} {'GB':>8} {'GB more':>8}")
    one_core = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    for name, sizes in GROWING.items():
        for size in sizes:
            print(f"{name:12}{size:12,} ", end="", flush=True)
            asked = [str(value) for value in (USUAL | {name: size}).values()]
            subprocess.run([sys.executable, __file__, *asked], check=True, env=one_core)


if __name__ == "__main__":
    main()
