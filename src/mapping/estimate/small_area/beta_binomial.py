"""Beta-binomial empirical Bayes, the uncertainty of its hyperparameters integrated, no random number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, betaln, expit, log_expit, logit

from mapping.errors import EstimationError
from mapping.estimate.small_area.beta_mixture import BetaMixture
from mapping.estimate.small_area.counts import (
    AreaCounts,
    GroupSum,
    area_counts,
    covariates,
    municipal_weights,
)
from mapping.estimate.small_area.posterior import AreaPosterior, JointDraws
from mapping.estimate.small_area.products import product
from mapping.estimate.small_area.quadrature import Nodes, integrate
from mapping.estimate.small_area.sequences import even_nodes, stratified_uniforms

__all__ = ["beta_binomial"]

Array = NDArray[np.float64]

DRAWS = 2048
# prior mean of tau squared, the variance between areas on the logit scale; chosen by simulation
TAU_SQUARED_MEAN = 0.3
SLOPE_SCALE = 0.5  # standard deviation of the normal prior of a slope per standard deviation of its covariate
MAX_TAU = 2.0  # at tau = 2 an area at 1/2 is all or none


def beta_binomial(
    events: ArrayLike,
    trials: ArrayLike,
    X: ArrayLike | None = None,
    *,
    area: ArrayLike | None = None,
    school: ArrayLike | None = None,
    sums: Sequence[GroupSum] | None = None,
    weights: ArrayLike | None = None,
) -> AreaPosterior:
    r"""The posterior of each area's risk under a beta-binomial model with a common level and spread.

    Parameters
    ----------
    events, trials : array_like of shape (rows,)
        Counts, effective (not whole) ones included. An area without trials is predicted.
    X : array_like of shape (rows,) or (rows, columns), optional
        Covariates; constant within an area. They are centred and scaled, an intercept is added.
    area : array_like of int, optional
        Position (0, 1, …) of the area of each row. Without it each row is an area.
    school : array_like, optional
        Not taken by this model: use effective counts, which carry the clustering in schools.
    sums : sequence of (positions, events, trials), optional
        Published totals of groups of areas whose own counts are withheld: the positions of the areas and the
        events and trials of all of them together. The areas themselves have rows with 0 trials.
    weights : array_like of shape (areas,), optional
        Share of each area in the municipal level, for instance register pupils; by default its trials, those
        of a sum shared equally.

    Returns
    -------
    AreaPosterior
        Of target "risk".

    Raises
    ------
    EstimationError
        If counts are impossible, a covariate is missing or differs within an area, or `school` is given.

    Notes
    -----
    With :math:`\operatorname{logit} m_i = \beta_0 + x_i^\top\beta` an area's risk is :math:`p_i \sim
    \mathrm{Beta}(m_i\varphi_i, (1-m_i)\varphi_i)`, :math:`1/(1+\varphi_i) = \tau^2 m_i(1-m_i)`, so that
    :math:`\tau` is, to first order, the standard deviation of :math:`\operatorname{logit} p_i`, and for rare
    events the coefficient of variation of :math:`p_i`. The counts enter by the kernel
    :math:`p^y (1-p)^{n-y}`, which needs no whole numbers. Priors: exponential of mean 0.3 for :math:`\tau^2`,
    cut at 4, whose density in :math:`\tau` is 0 at 0, so that a level common to all is never taken for
    certain; Jeffreys' Beta(½, ½) for the level at average covariates; normal of standard deviation ½ for the
    slopes. (:math:`\beta`, :math:`\tau`) is integrated by `quadrature.integrate`, so an area follows a finite
    mixture of beta distributions and every answer is the same on each run.

    A sum over a group G with :math:`g` areas is taken as binomial with the mean risk :math:`P` of the group,
    :math:`P` as beta with the moments of a mean of :math:`g` independent areas, and an area given
    :math:`P` as beta around it, with the variance that gives the area back its own. Trials are taken as
    spread equally over the group.

    References
    ----------
    Skellam (1948), JRSS B 10, 257-261 (the beta-binomial).

    Kleinman (1973), JASA 68, 46-54 (proportions that vary between groups, fractional weights).

    Deely & Lindley (1981), JASA 76, 833-841 (Bayes empirical Bayes: hyperparameters integrated, not plugged
    in).

    Chung, Rabe-Hesketh, Dorie, Gelman & Liu (2013), Psychometrika 78, 685-709 (priors that avoid zero
    variance).

    Examples
    --------
    >>> fit = beta_binomial([0, 1, 4, 9], [30, 30, 40, 60])
    >>> fit.mean.round(3).tolist()
    [0.051, 0.064, 0.092, 0.12]
    >>> fit.interval(0.95)[0].round(3).tolist()
    [0.003, 0.145]
    """
    if school is not None:
        raise EstimationError(
            "beta_binomial takes no school effects. Give effective counts, divided by the design effect "
            "within districts, or use bym2 with school."
        )
    counts = area_counts(events, trials, area=area, sums=sums)
    model = _Model(counts, _area_covariates(X, area, len(np.asarray(events)), len(counts.trials)))
    nodes = integrate(model.log_density, model.start, MAX_TAU)
    return AreaPosterior(
        target="risk",
        marginals=model.marginals(nodes),
        weights=municipal_weights(weights, counts),
        draw=lambda: model.draws(nodes),
        row_area=counts.row_area,
    )


def _area_covariates(X: ArrayLike | None, area: ArrayLike | None, rows: int, areas: int) -> Array:
    if X is None:
        return np.zeros((areas, 0))
    x = np.asarray(X, dtype=float).reshape(rows, -1)
    if area is not None:
        position = np.asarray(area)
        first = np.full(areas, -1)
        first[position[::-1]] = np.arange(rows)[::-1]
        if (first < 0).any():
            raise EstimationError(
                f"{int((first < 0).sum())} areas have no row, so no covariate. Give each area a row."
            )
        if not np.array_equal(x, x[first][position]):
            raise EstimationError(
                "a covariate differs between rows of one area. This model takes one value per area."
            )
        x = x[first]
    return covariates(x, areas)


@dataclass(frozen=True, slots=True)
class _Model:
    counts: AreaCounts
    x: Array

    @property
    def start(self) -> Array:
        """The pooled level, slopes 0."""
        events = self.counts.events.sum() + self.counts.sum_events.sum()
        trials = self.counts.trials.sum() + self.counts.sum_trials.sum()
        return np.array([logit((events + 0.5) / (trials + 1)), *np.zeros(self.x.shape[1])])

    def log_density(self, beta: Array, tau: float) -> Array:
        """Log posterior of (beta, tau) at each row of `beta`, up to a constant."""
        mean, spread = self._prior(beta, np.full(len(beta), tau))
        tried = self.counts.trials > 0
        likelihood = _log_beta_binomial(
            self.counts.events[tried], self.counts.trials[tried], mean[:, tried], spread[:, tried]
        )
        level = 0.5 * (log_expit(beta[:, 0]) + log_expit(-beta[:, 0]))
        slopes = -0.5 * (beta[:, 1:] ** 2).sum(axis=1) / SLOPE_SCALE**2
        total: Array = likelihood + level + slopes + np.log(tau) - tau**2 / TAU_SQUARED_MEAN
        if len(self.counts.sum_events):
            total = total + _log_beta_binomial(
                self.counts.sum_events, self.counts.sum_trials, *self._of_sums(mean, spread)
            )
        return total

    def _prior(self, beta: Array, tau: Array) -> tuple[Array, Array]:
        """Mean of each area and its spread, the share variance / (mean (1 − mean)), by node."""
        eta = beta[:, [0]] + beta[:, 1:] @ self.x.T
        mean = np.clip(expit(eta), 1e-12, 1 - 1e-12)
        return mean, tau[:, None] ** 2 * mean * (1 - mean)

    def _of_sums(self, mean: Array, spread: Array) -> tuple[Array, Array]:
        """Mean and spread of the mean risk of each group, by node."""
        members = (self.counts.group[:, None] == np.arange(len(self.counts.sum_events))).astype(float)
        share = members / members.sum(axis=0)
        group_mean = product(mean, share)
        variance = product(spread * mean * (1 - mean), share**2)
        return group_mean, variance / (group_mean * (1 - group_mean))

    def _grouped(self, nodes: Nodes) -> tuple[Array, Array, Array, Array]:
        """Shapes of each group's mean risk given its sum; each area's shift from it, and spread around it."""
        mean, spread = self._prior(nodes.beta, nodes.tau)
        group_mean, group_spread = self._of_sums(mean, spread)
        a, b = _shapes(self.counts.sum_events, self.counts.sum_trials, group_mean, group_spread)
        inside = self.counts.group >= 0
        around = group_spread[:, self.counts.group[inside]]
        remaining = np.clip((spread[:, inside] - around) / (1 - around), 1e-9, None)
        shift = logit(mean[:, inside]) - logit(group_mean)[:, self.counts.group[inside]]
        return a, b, shift, remaining

    def marginals(self, nodes: Nodes) -> BetaMixture:
        """Each area as a mixture over the nodes; an area in a sum by the first two moments at each node."""
        mean, spread = self._prior(nodes.beta, nodes.tau)
        a, b = _shapes(self.counts.events, self.counts.trials, mean, spread)
        if (inside := self.counts.group >= 0).any():
            group_a, group_b, shift, remaining = self._grouped(nodes)
            group = self.counts.group[inside]
            total = (group_a + group_b)[:, group]
            centre = (group_a / (group_a + group_b))[:, group]
            shifted = expit(logit(centre) + shift)
            slope = shifted * (1 - shifted) / (centre * (1 - centre))
            from_group = slope**2 * centre * (1 - centre) / (total + 1)
            variance = from_group + remaining * (shifted * (1 - shifted) - from_group)
            size = np.maximum(shifted * (1 - shifted) / variance - 1, 1e-6)
            a[:, inside], b[:, inside] = shifted * size, (1 - shifted) * size
        return BetaMixture(nodes.weights, a, b)

    def draws(self, nodes: Nodes) -> JointDraws:
        """Joint draws of the areas; areas of a sum are drawn around the drawn mean of their group."""
        at = even_nodes(nodes.weights, DRAWS)
        areas = len(self.counts.trials)
        uniforms = stratified_uniforms(DRAWS, areas + len(self.counts.sum_events), stream=2)
        mean, spread = self._prior(nodes.beta, nodes.tau)
        a, b = _shapes(self.counts.events, self.counts.trials, mean, spread)
        values: Array = betaincinv(a[at], b[at], uniforms[:, :areas])
        if (inside := self.counts.group >= 0).any():
            group_a, group_b, shift, remaining = self._grouped(nodes)
            group_values = betaincinv(group_a[at], group_b[at], uniforms[:, areas:])
            centre = np.clip(group_values, 1e-12, 1 - 1e-12)[:, self.counts.group[inside]]
            shifted = expit(logit(centre) + shift[at])
            size = np.maximum(1 / remaining[at] - 1, 1e-6)
            values[:, inside] = betaincinv(
                shifted * size, (1 - shifted) * size, uniforms[:, :areas][:, inside]
            )
        return JointDraws(values, values[:, self.counts.row_area])


def _shapes(events: Array, trials: Array, mean: Array, spread: Array) -> tuple[Array, Array]:
    """Shapes of the beta posterior of a risk with this prior mean and spread after these counts."""
    size = 1 / spread - 1
    return events + mean * size, trials - events + (1 - mean) * size


def _log_beta_binomial(events: Array, trials: Array, mean: Array, spread: Array) -> Array:
    """Log of E p^y (1 − p)^(n − y), summed over the columns."""
    a, b = _shapes(0.0 * events, 0.0 * trials, mean, spread)
    total: Array = (betaln(events + a, trials - events + b) - betaln(a, b)).sum(axis=1)
    return total
