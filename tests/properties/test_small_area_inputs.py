"""Whatever counts come in: intervals of some width, nothing missing without a reason, every bound kept or said.

Ground: laws. ``SMALL_AREA_INPUTS=10000`` tries more than the few of an ordinary run; every machine tries the same
ones. Among them: one district, no event at all, nothing but events, maps in pieces, districts without a school.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mapping.errors import EstimationError
from mapping.estimate.small_area import (
    AreaPosterior,
    FayHerriot,
    benchmark,
    beta_binomial,
    bym2,
    default_model,
    effective_counts,
    fay_herriot,
    finite_population,
    mrp,
    over_waves,
    space_time_fay_herriot,
    spatial_fay_herriot,
)

INPUTS = int(os.environ.get("SMALL_AREA_INPUTS", "100"))
COMMON = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
TRIALS = st.sampled_from([0, 1, 2, 7, 30, 400])
SHARES = st.sampled_from([0.0, 0.02, 0.13, 0.5, 1.0])


def share(part: float) -> settings:
    """So many of all inputs."""
    return settings(max_examples=max(int(part * INPUTS), 1), **COMMON)


def counts(draw: st.DrawFn, rows: int) -> tuple[np.ndarray, np.ndarray]:
    trials = np.array(draw(st.lists(TRIALS, min_size=rows, max_size=rows)), dtype=float)
    events = np.floor(trials * np.array(draw(st.lists(SHARES, min_size=rows, max_size=rows))))
    return events, trials


def pairs(draw: st.DrawFn, areas: int) -> list[tuple[int, int]]:
    place = st.integers(0, areas - 1)
    return draw(st.lists(st.tuples(place, place), max_size=12))


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, Any]:
    """One row per area, some withheld into sums, counts whole or effective."""
    areas = draw(st.integers(1, 9))
    events, trials = counts(draw, areas)
    factor = draw(st.sampled_from([1.0, 0.37]))
    withheld = np.flatnonzero(trials == 0)
    sums = None
    if len(withheld) and draw(st.booleans()):
        total = draw(st.integers(1, 60))
        sums = [(withheld.tolist(), draw(st.integers(0, total)), total)]
    return {
        "events": events * factor,
        "trials": trials * factor,
        "adjacency": pairs(draw, areas),
        "X": draw(st.sampled_from([None, np.arange(areas) * 1e5, np.cos(np.arange(areas))])),
        "sums": sums,
    }


@st.composite
def schools(draw: st.DrawFn) -> dict[str, Any]:
    """Rows of areas and schools; an area may have none, a school several areas, or nobody who answered."""
    rows, areas = draw(st.integers(1, 10)), draw(st.integers(1, 5))
    place = st.lists(st.integers(0, areas - 1), min_size=rows, max_size=rows)
    events, trials = counts(draw, rows)
    return {
        "events": events,
        "trials": trials,
        "area": np.array(draw(place)),
        "school": np.array(draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows))),
        "adjacency": pairs(draw, areas),
    }


@st.composite
def area_level(draw: st.DrawFn) -> dict[str, Any]:
    """Direct estimates with variances from tiny to huge, some missing, with and without a covariate."""
    areas = draw(st.integers(1, 12))
    numbers = st.floats(-1e3, 1e3, allow_nan=False).map(lambda value: round(value, 3))
    direct = np.array(draw(st.lists(numbers, min_size=areas, max_size=areas)))
    missing = np.array(draw(st.lists(st.sampled_from([False] * 6 + [True]), min_size=areas, max_size=areas)))
    spread = st.sampled_from([1e-8, 1e-3, 0.1, 1.0, 50.0, 1e6])
    columns = [np.ones(areas), np.sin(np.arange(areas))][: draw(st.integers(1, 2))]
    return {
        "direct": np.where(missing, np.nan, direct * draw(st.sampled_from([1e-3, 1.0]))),
        "variance": np.array(draw(st.lists(spread, min_size=areas, max_size=areas))),
        "X": np.column_stack(columns),
    }


def check_posterior(fit: AreaPosterior, *, known: np.ndarray | None = None) -> None:
    limits = fit.interval()
    assert np.isfinite(limits).all()
    assert np.isfinite(fit.mean).all()
    assert np.isfinite(fit.sd).all()
    assert ((limits >= 0) & (limits <= 1)).all()
    wide = limits[:, 1] - limits[:, 0] > 1e-6
    assert (wide if known is None else wide | known).all()
    if fit.target == "risk":
        assert ((limits[:, 0] <= fit.mean) & (fit.mean <= limits[:, 1])).all()
    assert ((fit.exceedance() >= 0) & (fit.exceedance() <= 1)).all()
    ranks = fit.rank_intervals()
    assert ((ranks[:, 0] >= 1) & (ranks[:, 0] <= ranks[:, 1]) & (ranks[:, 1] <= len(ranks))).all()


def check_area_level(fit: FayHerriot) -> None:
    assert np.isfinite(fit.estimate).all()
    assert np.isfinite(fit.mse).all()
    assert (fit.mse > 0).all()
    assert ((fit.gamma >= 0) & (fit.gamma <= 1)).all()
    assert fit.sigma2 >= 0
    assert fit.sigma2 > 0 or fit.notes
    limits = fit.interval()
    assert np.isfinite(limits).all()
    assert (limits[:, 1] > limits[:, 0]).all()


@share(0.15)
@given(surveys())
@example({"events": [0], "trials": [0], "adjacency": [], "X": None, "sums": None})
@example({"events": [0] * 5, "trials": [50] * 5, "adjacency": [], "X": None, "sums": None})
@example({"events": [50] * 5, "trials": [50] * 5, "adjacency": [], "X": None, "sums": None})
def test_beta_binomial_survives(survey: dict[str, Any]) -> None:
    check_posterior(beta_binomial(**{key: value for key, value in survey.items() if key != "adjacency"}))


@share(0.1)
@given(surveys())
@example({"events": [20], "trials": [20], "adjacency": [], "X": None, "sums": None})
@example({"events": [0] * 5, "trials": [50] * 5, "adjacency": [(0, 1), (3, 4)], "X": None, "sums": None})
@example({"events": [50] * 5, "trials": [50] * 5, "adjacency": [(0, 1), (3, 4)], "X": None, "sums": None})
def test_bym2_survives(survey: dict[str, Any]) -> None:
    check_posterior(bym2(**survey))


@share(0.03)
@given(schools(), st.integers(0, 40))
def test_schools_and_their_pupils_survive(survey: dict[str, Any], missing: int) -> None:
    risk = bym2(**survey)
    check_posterior(risk)
    events, trials = survey["events"], survey["trials"]
    pupils = finite_population(risk, events, trials, trials + missing)
    total = np.bincount(survey["area"], trials + missing, minlength=len(pupils.mean))
    check_posterior(pupils, known=(total > 0) & (missing == 0))


@share(0.07)
@given(schools(), st.integers(0, 40), st.sampled_from([0.0, 0.02, 0.5]))
def test_effective_counts_and_their_pupils_survive(
    survey: dict[str, Any], missing: int, correlation: float
) -> None:
    area = np.unique(survey["area"], return_inverse=True)[1]
    events, trials = survey["events"], survey["trials"]
    found = effective_counts(events, trials, area=area, school=survey["school"])
    assert np.isfinite(found.design_effect).all()
    assert (found.design_effect >= 1).all()
    assert found.told or found.notes
    effect = found.design_effect[area]
    risk = beta_binomial(events / effect, trials / effect, area=area)
    pupils = finite_population(risk, events, trials, trials + missing, correlation=correlation)
    total = np.bincount(area, trials + missing)
    check_posterior(pupils, known=(total > 0) & (missing == 0))


@share(0.05)
@given(
    surveys(),
    st.floats(0.001, 0.9),
    st.sampled_from([0.0, 0.02]),
    st.sampled_from(["ratio", "raking", "mse"]),
)
def test_benchmarks_survive(survey: dict[str, Any], level: float, error: float, method: str) -> None:
    fit = default_model(**survey)
    areas = len(fit.mean)
    try:
        moved = benchmark(fit, np.ones(areas), (level, error), method=method)
    except EstimationError as refused:
        assert "areas to 0 or 1" in str(refused)
        return
    factor = level / float(fit.draws.mean(axis=1).mean())
    assert np.isfinite(moved.mean).all()
    assert ((moved.draws >= 0) & (moved.draws <= 1)).all()
    assert 0.81 < factor < 1.24 or 0.79 < factor < 1.26 or any("factor" in note for note in moved.notes)
    assert areas == 1 or error == 0 or (np.ptp(moved.interval(), axis=1) > 1e-9).all()


@share(0.03)
@given(surveys(), st.integers(2, 3))
def test_cells_survive(survey: dict[str, Any], cells: int) -> None:
    rows = len(survey["events"])
    area, cell = np.divmod(np.arange(rows), cells)
    fit = mrp(survey["events"], survey["trials"], cells={"sex": cell}, population=np.arange(rows), area=area)
    check_posterior(fit)


@share(0.02)
@given(surveys())
def test_waves_survive(survey: dict[str, Any]) -> None:
    rows = len(survey["events"])
    area, wave = np.divmod(np.arange(rows), 2)
    try:
        fit = over_waves(survey["events"], survey["trials"], area=area, wave=wave)
    except EstimationError as refused:
        assert "two waves" in str(refused)
        assert rows == 1
        return
    check_posterior(fit.at(1))
    assert np.isfinite(fit.change(0, 1).interval()).all()


@share(0.42)
@given(area_level(), st.sampled_from(["reml", "ml", "fh", "li-lahiri", "yoshimori-lahiri"]))
def test_fay_herriot_survives(given_: dict[str, Any], method: str) -> None:
    try:
        fit = fay_herriot(**given_, method=method)
    except EstimationError as refused:
        assert "cannot carry" in str(refused) or "has no maximum" in str(refused)
        return
    check_area_level(fit)


@share(0.1)
@given(area_level(), st.data(), st.sampled_from(["reml", "ml"]))
def test_spatial_fay_herriot_survives(given_: dict[str, Any], data: st.DataObject, method: str) -> None:
    areas = len(given_["direct"])
    w = np.zeros((areas, areas))
    for a, b in data.draw(st.composite(pairs)(areas)):
        w[a, b] = w[b, a] = float(a != b)
    w /= np.where(w.sum(axis=1) > 0, w.sum(axis=1), 1)[:, None]
    try:
        fit = spatial_fay_herriot(**given_, W=w, method=method)
    except EstimationError as refused:
        assert "cannot carry" in str(refused)
        return
    check_area_level(fit)
    assert abs(fit.rho) <= 0.999 + 1e-9
    assert abs(fit.rho) < 0.999 - 1e-9 or fit.notes


@share(0.03)
@given(area_level())
def test_space_time_fay_herriot_survives(given_: dict[str, Any]) -> None:
    areas = len(given_["direct"]) // 2
    rows = {key: value[: 2 * areas] for key, value in given_.items()}
    w = np.zeros((areas, areas))
    if areas > 1:
        w[np.arange(areas), (np.arange(areas) + 1) % areas] = 1
    try:
        fit = space_time_fay_herriot(**rows, W=w, times=2)
    except EstimationError as refused:
        assert str(refused)
        return
    assert np.isfinite(fit.estimate).all()
    assert (fit.mse > 0).all()
