"""7,200 estimates side by side: this package, the bare pass, R `survey` and svy. ``python benchmarks/estimation.py``

Each program makes 120 districts × 3 sexes × 20 indicators from 200 strata and 2,000 PSUs, with 10,000, 100,000 and
1,000,000 pupils. Ours gives standard error, interval, design effect and verdict; the bare pass sums only; R's svyby
gives standard errors only. R takes part where ``Rscript`` has the package `survey`; svy where SVY_PYTHON names an
interpreter that has it. No answer is missing, because R's svyby would otherwise drop a pupil from all indicators.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from bare_pass import bare_pass
from task import NAMES, make_task

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import prevalence, replicates

SIZES = (10_000, 100_000, 1_000_000)
DESIGN = SurveyDesign("stratum", "psu", "weight", lonely_psu="adjust")
HERE = Path(__file__).parent


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The best of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_megabytes(work: Callable[[], object]) -> float:
    """The most memory held above what was held before."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def r_survey(frame: pd.DataFrame) -> tuple[float, pd.DataFrame] | None:
    """Seconds R needs for estimates and standard errors, and the estimates."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder, "task.csv"), Path(folder, "out.csv")
        frame.to_csv(data, index=False)
        done = subprocess.run(
            ["Rscript", HERE / "svyby.R", data, out], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print("  R: " + done.stderr.strip().splitlines()[-1])
            return None
        return float(done.stdout), pd.read_csv(out)


def svy(frame: pd.DataFrame) -> float | None:
    """Seconds svy needs, run by the interpreter named in SVY_PYTHON."""
    interpreter = os.environ.get("SVY_PYTHON")
    if not interpreter:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "task.csv")
        frame.to_csv(data, index=False)
        done = subprocess.run(
            [interpreter, HERE / "svy_peer.py", data], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print("  svy: " + done.stderr.strip().splitlines()[-1])
            return None
        return float(done.stdout)


def agreement(ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """The largest relative differences from R, where R's standard error is not 0."""
    both = theirs.merge(ours, on=["indicator", "district", "sex"], validate="one_to_one")
    both = both[both["r_se"] > 1e-12]
    share = (both["estimate"] / both["r_estimate"] - 1).abs().max()
    error = (both["se"] / both["r_se"] - 1).abs().max()
    return (
        f"{len(both):,} rows agree with R: estimates within {share:.0e}, standard errors within {error:.0e}"
    )


def main() -> None:
    """All sizes, or those given; ``--no-peers`` leaves R and svy out."""
    peers = "--no-peers" not in sys.argv
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()] or SIZES
    for size in sizes:
        compare(make_task(size, missing=0.0), peers=peers)


def compare(frame: pd.DataFrame, *, peers: bool) -> None:
    """Print how long each program takes for one size."""

    def work() -> pd.DataFrame:
        return prevalence(frame, DESIGN, NAMES, ["district", "sex"])

    table, ours, bare = work(), seconds(work), seconds(lambda: bare_pass(frame, NAMES))
    print(f"{len(frame):>9,} pupils: {ours:.3f} s, {peak_megabytes(work):.0f} MB above the data")
    print(f"  bare pass {bare:.3f} s: ours takes {ours / bare:.1f} times as long")
    boot = seconds(lambda: bootstrap(frame), repeats=2)
    print(f"  500 Rao–Wu replicates with all standard errors {boot:.3f} s")
    if peers and (found := r_survey(frame)) is not None:
        print(f"  R survey {found[0]:.1f} s ({found[0] / ours:.0f} ×); {agreement(table, found[1])}")
    if peers and (other := svy(frame)) is not None:
        print(f"  svy {other:.1f} s ({other / ours:.0f} ×)")


def bootstrap(frame: pd.DataFrame) -> pd.DataFrame:
    """Replicates drawn, and all estimates with their standard errors."""
    made = replicates(frame, DESIGN, "rao-wu", 500, np.random.default_rng(1))
    return prevalence(frame, made, NAMES, ["district", "sex"])


if __name__ == "__main__":
    main()
