"""Two runs, and runs on one and on two threads, give the same bytes: each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import hashlib
import numpy as np
from mapping.estimate import small_area as s

def stable(key):  # numbers without a generator
    return (np.arange(1, 241) * key) % 1.0

m = 240
pairs = [(i, i + 1) for i in range(m - 1)] + [(i, i + 15) for i in range(m - 15)]
trials = np.floor(10 + 70 * stable(0.6180339887))
events = np.floor(trials * 0.12 * stable(0.7548776662))
x = stable(0.5698402910)
schools = np.arange(m) % 25
pupils = trials + 12
def digest(*values):
    print(hashlib.sha256(b"".join(np.ascontiguousarray(v).tobytes() for v in values)).hexdigest()[:16])

def add(fit):
    digest(fit.mean, fit.interval(), fit.draws, fit.exceedance(), fit.rank_intervals())
    return fit

add(s.finite_population(add(s.bym2(events, trials, x, adjacency=pairs)), events, trials, pupils))
few = slice(0, 60)
near = [pair for pair in pairs if max(pair) < 30]
add(s.bym2(events[few], trials[few], x[few], adjacency=near, area=np.arange(60) // 2, school=schools[few]))
add(s.beta_binomial(events, trials, x))
add(s.mrp(events[few], trials[few], cells={"sex": np.arange(60) % 2}, population=pupils[few], area=np.arange(60) // 2))
w = np.zeros((m, m))
for a, b in pairs:
    w[a, b] = w[b, a] = 1
w /= w.sum(axis=1)[:, None]
X = np.column_stack([np.ones(m), x])
direct, variance = (events + 1) / (trials + 2), 0.05 / trials
ring = np.roll(np.eye(m // 3), 1, axis=1) / 2  # 80 areas, three waves each
ring += ring.T
for fit in (
    s.space_time_fay_herriot(direct, variance, X, W=ring, times=3),
    s.fay_herriot(direct, variance, X),
    s.fay_herriot(direct + 0.2, 1 / (4 * trials), X, transform="arcsine"),
    s.spatial_fay_herriot(direct, variance, X, w),
):
    digest(fit.estimate, fit.mse)
"""


def _run(threads: int) -> list[str]:
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, str(threads))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.slow
def test_one_thread_two_threads_and_a_second_run_give_the_same_bytes() -> None:
    first = _run(1)
    assert len(set(first)) == len(first) == 9
    assert [_run(1), _run(2)] == [first, first]
