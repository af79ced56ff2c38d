"""BYM2: its parts against dense algebra, its answers against laws, its edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array

from mapping.errors import EstimationError
from mapping.estimate.small_area import AreaPosterior, beta_binomial, bym2, finite_population
from mapping.estimate.small_area.factor import elimination_order, factorise
from mapping.estimate.small_area.graph import neighbours
from mapping.estimate.small_area.laplace import Field
from mapping.estimate.small_area.likelihood import Likelihood
from mapping.estimate.small_area.selected_inverse import SelectedInverse

LINE = [(i, i + 1) for i in range(11)]
EVENTS = np.array([0, 1, 0, 2, 1, 4, 6, 5, 9, 8, 10, 12])
TRIALS = np.array([30, 25, 40, 35, 20, 40, 44, 31, 50, 38, 40, 45])


def _grid(rows: int, columns: int) -> list[tuple[int, int]]:
    place = np.arange(rows * columns).reshape(rows, columns)
    across = zip(place[:, :-1].ravel(), place[:, 1:].ravel(), strict=True)
    down = zip(place[:-1].ravel(), place[1:].ravel(), strict=True)
    return [(int(a), int(b)) for a, b in (*across, *down)]


def test_the_structured_effect_has_unit_variance_in_every_piece() -> None:
    # pieces: a line of four, a triangle, an island
    graph = neighbours([(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (4, 6)], 8)
    dense = np.linalg.pinv(graph.incidence.T.toarray() @ graph.incidence.toarray())
    variance = np.log(np.diag(dense))
    assert variance[:4].mean() == pytest.approx(0, abs=1e-6)
    assert variance[4:7].mean() == pytest.approx(0, abs=1e-6)
    assert variance[7] == pytest.approx(0, abs=1e-9)
    assert graph.constraints.tolist() == [[1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 0]]


def test_selected_inverse_is_the_inverse_where_it_is_selected() -> None:
    matrix = neighbours(_grid(6, 7), 42).precision.toarray() + np.eye(42)
    order = elimination_order(csc_array(matrix))
    permuted = csc_array(matrix[np.ix_(order, order)])
    selected, dense = SelectedInverse(permuted), np.linalg.inv(permuted.toarray())
    entries = selected.entries(factorise(permuted))
    i, j = permuted.nonzero()
    assert entries[selected.where(i, j)] == pytest.approx(dense[i, j], rel=1e-10)


def test_a_matrix_that_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(EstimationError, match="positive definite"):
        factorise(csc_array(np.array([[0.0, 1.0], [1.0, 0.0]])))


def test_neighbours_pull_a_small_area_towards_them() -> None:
    events, trials = EVENTS.copy(), TRIALS.copy()
    events[10], trials[10] = 0, 2
    assert bym2(events, trials, adjacency=LINE).mean[10] > beta_binomial(events, trials).mean[10]


def test_without_neighbours_it_says_what_the_beta_binomial_says() -> None:
    """A normal on log odds against a beta: they part only where nobody reported anything."""
    alone, beta = bym2(EVENTS * 3, TRIALS * 3, adjacency=[]), beta_binomial(EVENTS * 3, TRIALS * 3)
    some = EVENTS > 0
    assert alone.mean[some] == pytest.approx(beta.mean[some], rel=0.1)
    assert alone.sd[some] == pytest.approx(beta.sd[some], rel=0.1)


def test_the_order_of_areas_does_not_matter() -> None:
    order = np.array([3, 0, 11, 5, 1, 9, 2, 7, 10, 4, 8, 6])
    place = np.argsort(order)
    turned = bym2(EVENTS[order], TRIALS[order], adjacency=[(int(place[a]), int(place[b])) for a, b in LINE])
    straight = bym2(EVENTS, TRIALS, adjacency=LINE)
    assert turned.mean == pytest.approx(straight.mean[order], rel=1e-6)
    assert turned.interval() == pytest.approx(straight.interval()[order], rel=1e-5)


def test_two_runs_give_the_same_bytes() -> None:
    first, second = (bym2(EVENTS, TRIALS, adjacency=LINE) for _ in range(2))
    assert first.interval().tobytes() == second.interval().tobytes()
    assert first.draws.tobytes() == second.draws.tobytes()


def test_draws_have_the_moments_of_the_marginals() -> None:
    fit = bym2(EVENTS, TRIALS, adjacency=LINE)
    assert fit.draws.mean(axis=0) == pytest.approx(fit.mean, rel=0.01)
    assert fit.draws.std(axis=0) == pytest.approx(fit.sd, rel=0.03)


def test_neighbours_are_drawn_alike() -> None:
    fit = bym2(EVENTS, TRIALS, adjacency=LINE)
    correlation = np.corrcoef(fit.draws.T)
    assert np.diag(correlation, 1).mean() > np.diag(correlation, 6).mean()


def test_a_covariate_takes_over_what_it_explains() -> None:
    x = np.log((EVENTS + 0.5) / (TRIALS + 1))
    with_x, without = bym2(EVENTS, TRIALS, x, adjacency=[]), bym2(EVENTS, TRIALS, adjacency=[])
    assert (with_x.sd < without.sd).mean() > 0.6


def test_an_area_without_a_row_is_predicted_from_its_neighbours() -> None:
    fit = bym2(EVENTS, TRIALS, adjacency=[*LINE, (11, 12)])
    assert len(fit.mean) == 13
    assert fit.mean[12] == pytest.approx(fit.mean[11], rel=0.5)
    assert fit.sd[12] > fit.sd[11]
    assert fit.weights[12] == 0


def test_withheld_areas_enter_by_their_sum() -> None:
    events, trials = EVENTS.astype(float), TRIALS.astype(float)
    events[4:7], trials[4:7] = 0, 0
    sums = [([4, 5, 6], EVENTS[4:7].sum(), TRIALS[4:7].sum())]
    public, full = bym2(events, trials, adjacency=LINE, sums=sums), bym2(EVENTS, TRIALS, adjacency=LINE)
    blind = bym2(events, trials, adjacency=LINE)
    assert np.abs(public.mean[4:7].mean() - full.mean[4:7].mean()) < 0.03
    assert (public.sd[4:7] < blind.sd[4:7]).all()
    assert (public.sd[4:7] > full.sd[4:7]).all()


def test_the_sum_of_one_area_is_that_area() -> None:
    events, trials = EVENTS.astype(float), TRIALS.astype(float)
    events[5] = trials[5] = 0
    summed = bym2(events, trials, adjacency=LINE, sums=[([5], EVENTS[5], TRIALS[5])])
    assert summed.mean == pytest.approx(bym2(EVENTS, TRIALS, adjacency=LINE).mean, rel=0.05)


def _in_schools(effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(11)
    area, school = np.repeat(np.arange(12), 3), np.tile([0, 1, 2, 1, 2, 3, 2, 3, 4], 4)
    trials = np.full(36, 40)
    odds = -2 + effect * np.array([-1.0, 1.0, -1.0, 1.0, 0.0])[school]
    return generator.binomial(trials, 1 / (1 + np.exp(-odds))), trials, area, school


def test_schools_that_differ_widen_the_intervals_of_their_areas() -> None:
    events, trials, area, school = _in_schools(1.0)
    with_schools = bym2(events, trials, adjacency=LINE, area=area, school=school)
    ignored = bym2(events, trials, adjacency=LINE, area=area)
    assert (np.ptp(with_schools.interval(), axis=1) > np.ptp(ignored.interval(), axis=1)).mean() > 0.9


def test_pupils_of_a_school_are_predicted_by_that_school() -> None:
    events, trials, area, school = _in_schools(1.5)
    fit = bym2(events, trials, adjacency=LINE, area=area, school=school)
    rows = fit.joint.rows.mean(axis=0)
    assert rows[school == 1].mean() > 2 * rows[school == 0].mean()
    pupils = finite_population(fit, events, trials, trials + 10)
    assert len(pupils.mean) == 12


def test_one_school_to_a_district_is_said() -> None:
    fit = bym2(EVENTS, TRIALS, adjacency=LINE, school=np.arange(12))
    assert "cannot be told apart" in fit.notes[0]


def test_deflated_counts_beside_schools_are_said() -> None:
    whole, parts = (
        bym2(EVENTS / by, TRIALS / by, adjacency=LINE, school=np.arange(12) % 3) for by in (1, 1.5)
    )
    assert not any("twice" in note for note in whole.notes)
    assert any("never both" in note for note in parts.notes)


def _check_sane(fit: AreaPosterior) -> None:
    limits = fit.interval()
    assert np.isfinite(limits).all()
    assert (np.ptp(limits, axis=1) > 1e-5).all()
    assert ((limits >= 0) & (limits <= 1)).all()
    assert np.isfinite(fit.exceedance()).all()


@pytest.mark.parametrize(
    ("events", "trials", "adjacency"),
    [
        pytest.param([0], [20], [], id="one area, none"),
        pytest.param([20], [20], [], id="one area, all"),
        pytest.param([0], [0], [], id="nothing known"),
        pytest.param([0] * 12, [50] * 12, LINE, id="no events"),
        pytest.param([50] * 12, [50] * 12, LINE, id="all events"),
        pytest.param([0, 50] * 6, [50] * 12, LINE, id="all or none"),
        pytest.param([0] * 12, [0] * 12, LINE, id="nothing known of a line"),
        pytest.param([2.5, 1.1, 0, 3], [30.2, 20, 0, 41.7], [(0, 1), (2, 3)], id="pieces, effective counts"),
        pytest.param([2, 1, 0, 3], [3000, 20, 1, 41], [(0, 1), (0, 1), (1, 0)], id="islands, pairs repeated"),
    ],
)
def test_edges_have_finite_intervals_of_some_width(events: list, trials: list, adjacency: list) -> None:
    _check_sane(bym2(events, trials, adjacency=adjacency))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"adjacency": [(-1, 0)]}, "outside"),
        ({"adjacency": LINE, "school": ["a"]}, "name the school"),
        ({"adjacency": [*LINE, (11, 12)], "X": np.arange(12.0)}, "no row"),
        ({"adjacency": LINE, "X": np.full(12, np.nan)}, "finite"),
        ({"adjacency": LINE, "sums": [([3], 1, 2)]}, "trials of its own"),
    ],
)
def test_impossible_input_is_refused_with_a_reason(options: dict, says: str) -> None:
    with pytest.raises(EstimationError, match=says):
        bym2(EVENTS, TRIALS, **options)


def test_covariances_of_rows_are_those_of_the_dense_posterior() -> None:
    graph = neighbours(LINE, 12)
    none: np.ndarray = np.zeros(0)
    likelihood = Likelihood(EVENTS * 1.0, TRIALS * 1.0, (), none, none)
    field = Field(graph.precision, csr_array(np.eye(12)), graph.constraints, likelihood)
    mode = field.mode(np.ones(12), np.zeros(12))
    probability = 1 / (1 + np.exp(-mode.eta))
    precision = graph.precision.toarray() + np.diag(TRIALS * probability * (1 - probability))
    free = np.linalg.inv(precision)
    one = graph.constraints.T
    held = free - free @ one @ np.linalg.inv(one.T @ free @ one) @ one.T @ free
    assert mode.x.sum() == pytest.approx(0, abs=1e-9)
    assert field.covariances(mode, (mode.design, mode.design))[0] == pytest.approx(np.diag(held), rel=1e-8)


def test_withheld_areas_have_the_mean_risk_of_their_sum() -> None:
    trials = np.where(np.arange(24) < 4, 40.0, 0.0)
    sums = [(range(4, 24), 20, 800)]
    fit = bym2(
        np.array([1.0, 2, 1, 0, *[0] * 20]), trials, adjacency=[(i, i + 1) for i in range(23)], sums=sums
    )
    assert fit.mean[4:].mean() == pytest.approx(20 / 800, rel=0.08)
    assert fit.draws[:, 4:].mean() == pytest.approx(20 / 800, rel=0.08)
