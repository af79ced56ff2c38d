"""Whatever counts come in, intervals are finite, have some width, and hold the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapping.estimate.small_area import AreaPosterior, beta_binomial, bym2

TRIALS = st.sampled_from([0, 1, 2, 7, 30, 400])


@st.composite
def surveys(draw: st.DrawFn) -> dict[str, Any]:
    areas = draw(st.integers(1, 9))
    trials = np.array(draw(st.lists(TRIALS, min_size=areas, max_size=areas)), dtype=float)
    shares = st.sampled_from([0.0, 0.02, 0.13, 0.5, 1.0])
    events = np.floor(trials * np.array(draw(st.lists(shares, min_size=areas, max_size=areas))))
    events *= (factor := draw(st.sampled_from([1.0, 0.37])))
    trials *= factor
    place = st.integers(0, areas - 1)
    withheld = np.flatnonzero(trials == 0)
    sums = None
    if len(withheld) and draw(st.booleans()):
        total = draw(st.integers(1, 60))
        sums = [(withheld.tolist(), draw(st.integers(0, total)), total)]
    return {
        "events": events,
        "trials": trials,
        "adjacency": draw(st.lists(st.tuples(place, place), max_size=12)),
        "X": draw(st.sampled_from([None, np.arange(areas) * 1e5, np.cos(np.arange(areas))])),
        "sums": sums,
    }


def _assert_sane(fit: AreaPosterior) -> None:
    limits = fit.interval()
    assert np.isfinite(limits).all()
    assert np.isfinite(fit.sd).all()
    assert ((limits[:, 0] >= 0) & (limits[:, 1] <= 1)).all()
    assert (limits[:, 1] - limits[:, 0] > 1e-6).all()
    assert ((limits[:, 0] <= fit.mean) & (fit.mean <= limits[:, 1])).all()
    probability = fit.exceedance()
    assert ((probability >= 0) & (probability <= 1)).all()


COMMON = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@settings(COMMON, max_examples=40)
@given(surveys())
def test_beta_binomial_survives(survey: dict[str, Any]) -> None:
    survey.pop("adjacency")
    _assert_sane(beta_binomial(**survey))


@settings(COMMON, max_examples=20)
@given(surveys())
def test_bym2_survives(survey: dict[str, Any]) -> None:
    _assert_sane(bym2(**survey))
