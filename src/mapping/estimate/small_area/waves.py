"""Several waves of one survey: what an area keeps, what a wave moves, and what is left for an area in a wave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mapping.errors import EstimationError
from mapping.estimate.small_area.bym2 import bym2
from mapping.estimate.small_area.posterior import AreaPosterior, Draws, JointDraws, equal_tails

__all__ = ["AreaChange", "WavesPosterior", "over_waves"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AreaChange:
    """How the risk of each area changed between two waves, later minus earlier, from joint draws."""

    draws: Array

    @property
    def mean(self) -> Array:
        """Expected change, by area."""
        mean: Array = self.draws.mean(axis=0)
        return mean

    @property
    def prob_increase(self) -> Array:
        """Probability that the risk rose, by area; below ½ it rather fell."""
        share: Array = (self.draws > 0).mean(axis=0)
        return share

    def interval(self, level: float = 0.95) -> Array:
        """Equal-tailed interval of the change by area, shape (areas, 2)."""
        return equal_tails(Draws(self.draws).quantile, level)


@dataclass(frozen=True)
class WavesPosterior:
    """One joint posterior of all areas in all waves.

    `waves` are the names of the waves in order; `at(wave)` the posterior of risk in one of them.
    """

    waves: tuple[str | int, ...]
    trials: Array  # waves x areas
    draws: Array  # draws x waves x areas
    notes: tuple[str, ...] = ()

    def at(self, wave: str | int) -> AreaPosterior:
        """The posterior of risk in one wave; an area weighs by its trials in it."""
        place = self._place(wave)
        values, tried = self.draws[:, place], self.trials[place]
        areas = len(tried)
        return AreaPosterior(
            target="risk",
            marginals=Draws(values),
            weights=tried / tried.sum() if tried.any() else np.full(areas, 1 / areas),
            draw=lambda: JointDraws(values, values),
            row_area=np.arange(areas),
            notes=self.notes,
        )

    def change(self, earlier: str | int, later: str | int) -> AreaChange:
        """Later minus earlier, by area, in the same joint draws."""
        return AreaChange(self.draws[:, self._place(later)] - self.draws[:, self._place(earlier)])

    def _place(self, wave: str | int) -> int:
        if wave not in self.waves:
            raise EstimationError(
                f"there is no wave {wave!r}; the fit has {', '.join(map(str, self.waves))}."
            )
        return self.waves.index(wave)


def over_waves(
    events: ArrayLike,
    trials: ArrayLike,
    X: ArrayLike | None = None,
    *,
    area: ArrayLike,
    wave: ArrayLike,
    adjacency: Iterable[tuple[int, int]] = (),
) -> WavesPosterior:
    r"""The risk of each area in each wave, an area's waves borrowing from each other.

    Parameters
    ----------
    events, trials : array_like of shape (rows,)
        One row per area and wave, effective counts where schools matter. What has no row is predicted.
    X : array_like of shape (rows,) or (rows, columns), optional
        Covariates; then every area needs a row in every wave.
    area : array_like of int
        Position (0, 1, …) of the area of each row.
    wave : array_like
        Wave of each row; two at least, ordered by their names.
    adjacency : iterable of (int, int)
        Pairs of neighbouring areas, as in `bym2`.

    Returns
    -------
    WavesPosterior

    Raises
    ------
    EstimationError
        If there are fewer than two waves, two rows of one area and wave, or as in `bym2`.

    Notes
    -----
    :math:`\operatorname{logit} p_{aw} = \beta_0 + \gamma_w + x_{aw}^\top\beta + b_a + \sigma d_{aw}`: the effect
    of the wave, the area's own (BYM2, the same in all waves) and what is left for an area in a wave, with the
    priors of `bym2` (there :math:`\sigma` is that of schools: exponential of mean 0.3).

    References
    ----------
    Knorr-Held (2000), Statistics in Medicine 19, 2555-2567 (interaction of type I).

    Examples
    --------
    >>> fit = over_waves([2, 9, 1, 6, 4, 12], [40, 40, 40, 40, 40, 40], area=[0, 1, 2, 0, 1, 2],
    ...                  wave=[2024, 2024, 2024, 2026, 2026, 2026])
    >>> fit.change(2024, 2026).prob_increase.round(1)[2] > 0.5
    np.True_
    """
    y, n, position, codes, names = _rows(events, trials, area, wave)
    areas, waves = 1 + int(position.max()), len(names)
    cell = codes * areas + position
    if len(np.unique(cell)) < len(cell):
        raise EstimationError("an area has two rows in one wave. Add them, or make them effective counts.")
    if X is not None and len(cell) < areas * waves:
        raise EstimationError(
            "with covariates every area needs a row in every wave, with 0 trials if need be."
        )
    whole_y, whole_n = np.zeros(areas * waves), np.zeros(areas * waves)
    whole_y[cell], whole_n[cell] = y, n
    of_wave, of_area = np.divmod(np.arange(areas * waves), areas)
    columns: list[Array] = [(of_wave[:, None] == np.arange(1, waves)).astype(float)]
    if X is not None:
        given = np.asarray(X, dtype=float).reshape(len(y), -1)
        columns.append(given[np.argsort(cell)])
    fit = bym2(
        whole_y,
        whole_n,
        np.column_stack(columns),
        adjacency=adjacency,
        area=of_area,
        school=np.arange(areas * waves),
    )
    draws = fit.joint.rows.reshape(-1, waves, areas)
    return WavesPosterior(names, whole_n.reshape(waves, areas), draws)


def _rows(
    events: ArrayLike, trials: ArrayLike, area: ArrayLike, wave: ArrayLike
) -> tuple[Array, Array, NDArray[np.intp], NDArray[np.intp], tuple[str | int, ...]]:
    """Counts, positions of areas and of waves, and the waves' names."""
    y, n = np.asarray(events, dtype=float), np.asarray(trials, dtype=float)
    position, names = np.asarray(area), np.asarray(wave)
    if not y.shape == n.shape == position.shape == names.shape or y.ndim != 1 or not len(y):
        raise EstimationError("events, trials, area and wave must have one value per row, all as many.")
    if not np.issubdtype(position.dtype, np.integer) or position.min() < 0:
        raise EstimationError("area must give the position (0, 1, …) of the area of each row.")
    found, codes = np.unique(names, return_inverse=True)
    if len(found) < 2:
        raise EstimationError("over_waves needs two waves; with one, use bym2 or beta_binomial.")
    return y, n, position.astype(np.intp), codes, tuple(found.tolist())
