"""Waves that borrow from each other, and the change between them."""

from __future__ import annotations

import numpy as np
import pytest

from mapping.errors import EstimationError
from mapping.estimate.small_area import bym2, finite_population, over_waves

AREA, WAVE = np.tile(np.arange(8), 2), np.repeat([2024, 2026], 8)
EARLIER = np.array([2, 3, 4, 6, 8, 10, 12, 14])
LATER = np.array([3, 4, 6, 8, 10, 13, 15, 18])
EVENTS, TRIALS = np.concatenate([EARLIER, LATER]), np.full(16, 80)
FIT = over_waves(EVENTS, TRIALS, area=AREA, wave=WAVE)


def test_a_wave_before_makes_the_next_one_surer() -> None:
    alone = bym2(LATER, TRIALS[:8], adjacency=[])
    assert (FIT.at(2026).sd < alone.sd).mean() > 0.7
    assert FIT.at(2026).target == "risk"


def test_the_waves_keep_their_own_level() -> None:
    assert FIT.at(2024).mean.mean() == pytest.approx(EARLIER.mean() / 80, rel=0.1)
    assert FIT.at(2026).mean.mean() == pytest.approx(LATER.mean() / 80, rel=0.1)


def test_the_change_is_drawn_jointly() -> None:
    change = FIT.change(2024, 2026)
    apart = np.hypot(FIT.at(2024).sd, FIT.at(2026).sd)
    assert change.mean == pytest.approx(FIT.at(2026).mean - FIT.at(2024).mean)
    assert (change.draws.std(axis=0) < apart).all()
    assert (change.prob_increase > 0.5).all()
    assert FIT.change(2026, 2024).prob_increase == pytest.approx(1 - change.prob_increase)
    limits = change.interval(0.9)
    inside = (limits[:, 0] <= change.draws) & (change.draws <= limits[:, 1])
    assert inside.mean(axis=0) == pytest.approx(0.9, abs=0.01)


def test_an_area_that_moved_alone_keeps_its_move() -> None:
    moved = EVENTS.copy()
    moved[8] = 40
    change = over_waves(moved, TRIALS, area=AREA, wave=WAVE).change(2024, 2026)
    assert np.argmax(change.mean) == 0
    assert change.prob_increase[0] > 0.97


def test_an_area_without_a_row_in_a_wave_is_predicted_from_its_other_wave() -> None:
    keep = np.arange(16) != 15
    fit = over_waves(EVENTS[keep], TRIALS[keep], area=AREA[keep], wave=WAVE[keep]).at(2026)
    assert fit.mean[7] > fit.mean[:4].max()
    assert fit.sd[7] > FIT.at(2026).sd[7]
    assert fit.weights[7] == 0


def test_rows_may_come_in_any_order() -> None:
    order = np.random.default_rng(5).permutation(16)
    x = np.cos(np.arange(16.0))
    one = over_waves(EVENTS, TRIALS, x, area=AREA, wave=WAVE)
    other = over_waves(EVENTS[order], TRIALS[order], x[order], area=AREA[order], wave=WAVE[order])
    assert one.draws.tobytes() == other.draws.tobytes()


def test_pupils_of_one_wave_are_predicted() -> None:
    pupils = finite_population(FIT.at(2026), LATER, TRIALS[:8], TRIALS[:8] + 20)
    assert pupils.mean == pytest.approx((LATER + 20 * FIT.at(2026).mean) / 100, rel=0.02)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"wave": np.full(16, 2026)}, "two waves"),
        ({"wave": WAVE[:3]}, "one value per row"),
        ({"area": np.full(16, 0)}, "two rows"),
        ({"area": AREA - 1}, "position"),
    ],
)
def test_impossible_rows_are_refused(options: dict, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        over_waves(EVENTS, TRIALS, **{"area": AREA, "wave": WAVE} | options)


def test_with_covariates_every_area_needs_a_row() -> None:
    with pytest.raises(EstimationError, match="row in every wave"):
        over_waves(EVENTS[:15], TRIALS[:15], np.arange(15.0), area=AREA[:15], wave=WAVE[:15])


def test_an_unknown_wave_is_refused() -> None:
    with pytest.raises(EstimationError, match="no wave 2025"):
        FIT.at(2025)
