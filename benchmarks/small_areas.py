"""Small-area models: seconds, the middle of some runs, beside what they are meant to stay under.

In brackets the seconds that the processor worked: the same on a busy machine.

``python benchmarks/small_areas.py``; with ``--large`` BYM2 of 6,000 areas too. R's package `sae` takes part where
``Rscript`` has it; its spatial model is run for 200 areas only.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.special import expit

from mapping.estimate.small_area import bym2, fay_herriot, spatial_fay_herriot

Array = NDArray[np.float64]
SAE = """
suppressMessages(library(sae)); d <- read.csv("areas.csv"); w <- as.matrix(read.csv("w.csv", header = FALSE))
t <- system.time(mseFH(y ~ x, v, data = d))[["elapsed"]]
s <- if (nrow(d) <= 300) system.time(mseSFH(y ~ x, v, w, data = d))[["elapsed"]] else NA
cat(t, s)
"""


def seconds(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The middle of some runs, by the clock and by the processor, after one that does not count."""
    if repeats > 1:
        work()
    clock, processor = [], []
    for _ in range(repeats):
        start, worked = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - worked)
    return statistics.median(clock), statistics.median(processor)


def grid(rows: int, columns: int) -> list[tuple[int, int]]:
    """Neighbours on a chessboard."""
    place = np.arange(rows * columns).reshape(rows, columns)
    across = zip(place[:, :-1].ravel(), place[:, 1:].ravel(), strict=True)
    down = zip(place[:-1].ravel(), place[1:].ravel(), strict=True)
    return [(int(a), int(b)) for a, b in (*across, *down)]


def proximities(pairs: list[tuple[int, int]], areas: int) -> csr_array:
    """Rows that sum to 1."""
    ends = np.array(pairs)
    i, j = np.concatenate([ends, ends[:, ::-1]]).T
    links = csr_array(coo_array((np.ones(len(i)), (i, j)), shape=(areas, areas)))
    return csr_array(links.multiply(1 / links.sum(axis=1)[:, None]))


def area_level(areas: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Direct estimates, variances and covariates."""
    x = np.column_stack([np.ones(areas), rng.normal(size=areas)])
    variance = rng.uniform(0.5, 2, areas)
    return x @ [1, 0.5] + rng.normal(size=areas) * np.sqrt(1 + variance), variance, x


def intervals(rows: int, columns: int, rng: np.random.Generator) -> Callable[[], object]:
    """BYM2 with intervals, exceedance and ranks, of districts with 10 to 80 answers."""
    areas = rows * columns
    trials = rng.integers(10, 81, areas)
    events = rng.binomial(trials, expit(-3.6 + 0.6 * rng.normal(size=areas)))
    x, pairs = rng.normal(size=areas), grid(rows, columns)
    return lambda: bym2(events, trials, x, adjacency=pairs).interval()


def peer(areas: int, rng: np.random.Generator) -> str:
    """Seconds of R's sae for the model of Fay and Herriot, and the spatial one of up to 300 areas."""
    if shutil.which("Rscript") is None:
        return "R is not here"
    y, variance, x = area_level(areas, rng)
    with tempfile.TemporaryDirectory() as folder:
        data = np.column_stack([y, variance, x[:, 1]])
        np.savetxt(Path(folder, "areas.csv"), data, delimiter=",", header="y,v,x", comments="")
        w = proximities(grid(areas // 10, 10), areas).toarray()
        np.savetxt(Path(folder, "w.csv"), w, delimiter=",")
        done = subprocess.run(["Rscript", "-e", SAE], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "R has no package sae"


def main() -> None:
    """One line for each task."""
    rng = np.random.default_rng(20260101)
    y, variance, x = area_level(1000, rng)
    w = proximities(grid(25, 40), 1000)
    share = np.clip(0.3 + 0.05 * rng.normal(size=60), 0.1, 0.6)
    some = np.column_stack([np.ones(60), rng.normal(size=60)])
    tasks: list[tuple[str, Callable[[], object], int, float]] = [
        ("Fay-Herriot and MSE, 1,000 areas", lambda: fay_herriot(y, variance, x), 15, 0.005),
        (
            "arcsine, bootstrap 500 x 60",
            lambda: fay_herriot(share, np.full(60, 1 / 200), some, transform="arcsine"),
            9,
            0.05,
        ),
        ("spatial Fay-Herriot and MSE, 1,000 areas", lambda: spatial_fay_herriot(y, variance, x, w), 3, 2.0),
        ("BYM2 with intervals, 100 areas", intervals(10, 10, rng), 5, 0.5),
        ("BYM2 with intervals, 1,000 areas", intervals(25, 40, rng), 3, 5.0),
    ]
    if "--large" in sys.argv:
        tasks.append(("BYM2 with intervals, 6,000 areas", intervals(75, 80, rng), 1, 60.0))
    for name, work, repeats, most in tasks:
        clock, processor = seconds(work, repeats)
        print(f"{name:42} {clock:8.4f} s [{processor:.4f}], under {most:g}", flush=True)
    for areas in (200, 1000):
        print(f"R sae, {areas} areas: FH and MSE, spatial and MSE: {peer(areas, rng)}", flush=True)


if __name__ == "__main__":
    main()
