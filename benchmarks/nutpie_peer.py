"""BYM2 beside nutpie: the same model of 100 areas by this package and by Hamiltonian Monte Carlo; seconds and limits.

PyMC and nutpie are no part of this project's environment: install both into one of their own and run
``PYTHONPATH=src THAT/bin/python benchmarks/nutpie_peer.py``. Elsewhere it says so and ends.
"""

from __future__ import annotations

import importlib.util
import statistics
import time

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mapping.estimate.small_area.bym2 import bym2
from mapping.estimate.small_area.bym2_model import SLOPE_PRECISION, TAU_SQUARED_MEAN
from mapping.estimate.small_area.graph import neighbours

Array = NDArray[np.float64]
SIDE, DRAWS, CHAINS, TIMES = 10, 1000, 4, 3


def grid(side: int) -> list[tuple[int, int]]:
    """Neighbours on a chessboard."""
    place = np.arange(side * side).reshape(side, side)
    ends = [(place[:, :-1], place[:, 1:]), (place[:-1], place[1:])]
    return [
        (int(a), int(b)) for left, right in ends for a, b in zip(left.ravel(), right.ravel(), strict=True)
    ]


def root_of_map(pairs: list[tuple[int, int]], areas: int) -> Array:
    """A root of the covariance of the scaled intrinsic autoregression."""
    values, vectors = np.linalg.eigh(neighbours(pairs, areas).precision.toarray())
    root: Array = vectors * np.where(values > 1e-4, 1 / np.sqrt(np.maximum(values, 1e-4)), 0.0)
    return root


def sampled(events: Array, trials: Array, x: Array, root: Array) -> tuple[Array, float, float]:
    """Draws of the areas' risks, and the processor's seconds of compiling and of sampling."""
    import nutpie
    import pymc as pm

    start = time.process_time()
    areas = len(events)
    with pm.Model() as model:
        level, slope = pm.Flat("level", initval=-3.0), pm.Normal("slope", 0, SLOPE_PRECISION**-0.5)
        pm.Potential(
            "half", 0.5 * (pm.math.log(pm.math.sigmoid(level)) + pm.math.log(pm.math.sigmoid(-level)))
        )
        tau = pm.math.sqrt(pm.Exponential("tau2", 1 / TAU_SQUARED_MEAN))
        phi = pm.Uniform("phi", 0, 1)
        smooth, own = pm.Normal("smooth", shape=areas), pm.Normal("own", shape=areas)
        field = pm.math.sqrt(phi) * pm.math.dot(root, smooth) + pm.math.sqrt(1 - phi) * own
        risk = pm.Deterministic("risk", pm.math.sigmoid(level + slope * x + tau * field))
        pm.Binomial("seen", trials.astype(int), risk, observed=events.astype(int))
    compiled = nutpie.compile_pymc_model(model)
    made = time.process_time()
    found = nutpie.sample(
        compiled, draws=DRAWS, tune=DRAWS, chains=CHAINS, cores=1, seed=1, progress_bar=False
    )
    risks = np.asarray(found.posterior["risk"]).reshape(-1, areas)
    return risks, made - start, time.process_time() - made


def main() -> None:
    """One line for each of some municipalities, and the middle of them."""
    if not all(importlib.util.find_spec(name) for name in ("pymc", "nutpie")):
        print("PyMC and nutpie are not here")
        return
    pairs, ratios = grid(SIDE), []
    root = root_of_map(pairs, SIDE**2)
    for seed in range(TIMES):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=SIDE**2)
        trials = rng.integers(10, 81, SIDE**2).astype(float)
        field = np.sqrt(0.5) * (root @ rng.normal(size=SIDE**2) + rng.normal(size=SIDE**2))
        truth = expit(-3.7 + 0.35 * x + 0.5 * field)
        events = rng.binomial(trials.astype(int), truth).astype(float)
        start = time.process_time()
        fit = bym2(events, trials, x, adjacency=pairs)
        limits = fit.interval()
        own = time.process_time() - start
        draws, compiling, sampling = sampled(events, trials, (x - x.mean()) / x.std(), root)
        theirs = np.quantile(draws, [0.02, 0.9925], axis=0).T  # the tails of `calibrated_tails` at 95 %
        ratios.append(sampling / own)
        errors = [100 * np.sqrt(((mean - truth) ** 2).mean()) for mean in (fit.mean, draws.mean(axis=0))]
        apart = [100 * np.abs(gap).mean() for gap in (fit.mean - draws.mean(axis=0), *(limits - theirs).T)]
        print(
            f"{own:.2f} s; nutpie {compiling:.1f} + {sampling:.1f} s; RMSE {errors[0]:.2f}, {errors[1]:.2f}; apart: "
            f"mean {apart[0]:.2f}, lower {apart[1]:.2f}, upper {apart[2]:.2f} points",
            flush=True,
        )
    print(f"sampling takes {statistics.median(ratios):.0f} times as long")


if __name__ == "__main__":
    main()
