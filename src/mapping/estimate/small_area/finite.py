"""From the risk of a place to this year's pupils: those who answered as they answered, the others predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv
from scipy.stats import binom

from mapping.errors import EstimationError
from mapping.estimate.small_area.posterior import AreaPosterior, Draws, JointDraws, tail_of
from mapping.estimate.small_area.products import product
from mapping.estimate.small_area.sequences import stratified_uniforms

__all__ = ["finite_population"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Shares(Draws):
    """Draws of shares that move in steps of 1 / pupils; `least` and `most` are what can occur at all."""

    step: Array
    least: Array
    most: Array

    def interval(self, level: float) -> Array:
        """The shortest limits with at least `level` of the draws; never of no width, unless all is known."""
        tail_of(level)
        ordered = np.sort(self.values, axis=0)
        inside = int(np.ceil(level * len(ordered) - 1e-9))
        first = np.argmin((ordered[inside - 1 :] - ordered[: len(ordered) - inside + 1]).round(12), axis=0)
        low, high = (np.take_along_axis(ordered, (first + k)[None, :], axis=0)[0] for k in (0, inside - 1))
        alone = low == high
        top = alone & (high >= self.most - self.step / 2)
        return np.column_stack(
            [
                np.where(top, np.maximum(low - self.step, self.least), low),
                np.where(alone & ~top, np.minimum(high + self.step, self.most), high),
            ]
        )


def finite_population(
    posterior: AreaPosterior,
    events: ArrayLike,
    trials: ArrayLike,
    population: ArrayLike,
    *,
    correlation: float = 0.0,
) -> AreaPosterior:
    r"""The posterior of the share among this year's pupils, given that of the risk.

    Parameters
    ----------
    posterior : AreaPosterior
        Of target "risk".
    events, trials : array_like of shape (rows,)
        Whole counts of those who answered, rows as in the fit (which may have used effective counts). A row
        with 0 trials is a refused school, or an area in which nobody answered.
    population : array_like of shape (rows,)
        Registered pupils, at least `trials`.
    correlation : float, optional
        Correlation between pupils of one school, where each row is a school and the fit was given effective
        counts (`EffectiveCounts.correlation`). A fit with a school effect carries it already: leave it at 0.

    Returns
    -------
    AreaPosterior
        Of target "pupils". An area weighs by its pupils in the municipal level. An area without any pupil
        keeps its risk, and a note says so.

    Raises
    ------
    EstimationError
        If the posterior is of another target, or counts are not whole, impossible, or not as many as rows in
        the fit.

    Notes
    -----
    With a correlation :math:`\rho` the risk of a school around that of its area, p, is :math:`\mathrm{Beta}(p\varphi,
    (1-p)\varphi)`, :math:`\varphi = 1/\rho - 1`, updated by the school's own answers; a school that refused is
    drawn as a school, not as its area's mean.

    In each joint draw the pupils of a row who did not answer are binomial with the row's drawn risk: they are
    taken to be like those of the same place (and school, where the model knows schools) who did. The
    interval is the shortest with the probability asked for: half of the places have no event, and there the
    lower limit is what was seen. Where everyone registered answered the share is known and has no width.

    References
    ----------
    Royall (1970), Biometrika 57, 377-387 (observed plus predicted). Little (2004), JASA 99, 546-556.

    Examples
    --------
    >>> from mapping.estimate.small_area import beta_binomial
    >>> risk = beta_binomial([0, 1, 4, 9], [30, 30, 40, 60])
    >>> pupils = finite_population(risk, [0, 1, 4, 9], [30, 30, 40, 60], [36, 40, 52, 70])
    >>> pupils.interval().round(3)[2].tolist()
    [0.077, 0.135]
    """
    if posterior.target != "risk":
        raise EstimationError(
            f"finite_population predicts pupils from a posterior of risk, not of {posterior.target}."
        )
    y, n, pupils = (np.asarray(values, dtype=float) for values in (events, trials, population))
    rows = posterior.joint.rows
    if not y.shape == n.shape == pupils.shape == rows.shape[1:]:
        raise EstimationError(
            f"events, trials and population must have one row per row of the fit ({rows.shape[1]}); they have shapes "
            f"{y.shape}, {n.shape} and {pupils.shape}."
        )
    if bad := int((~((y >= 0) & (y <= n) & (n <= pupils)) | (y % 1 + n % 1 + pupils % 1 != 0)).sum()):
        raise EstimationError(
            f"{bad} rows do not have whole counts with 0 <= events <= trials <= population. Give the counts of those "
            "who answered, not effective ones, and register counts of the same pupils."
        )
    if not 0 <= correlation < 1:
        raise EstimationError(f"the correlation lies between 0 and 1, 1 excluded; it is {correlation}.")
    if correlation > 0:
        rows = _of_schools(rows, y, n, correlation)
    missing = pupils - n
    count = y + binom.ppf(stratified_uniforms(*rows.shape, stream=4), missing, rows)
    return _of_pupils(posterior, y, missing, count, pupils)


def _of_schools(risk: Array, events: Array, trials: Array, correlation: float) -> Array:
    """Risks of schools drawn around those of their areas, given their own answers."""
    size = 1 / correlation - 1
    p = np.clip(risk, 1e-12, 1 - 1e-12)
    uniforms = stratified_uniforms(*risk.shape, stream=6)
    schools: Array = betaincinv(events + size * p, trials - events + size * (1 - p), uniforms)
    return schools


def _of_pupils(
    posterior: AreaPosterior, events: Array, missing: Array, count: Array, pupils: Array
) -> AreaPosterior:
    """Shares by area from drawn counts by row."""
    areas = posterior.joint.areas.shape[1]
    member = (posterior.row_area[:, None] == np.arange(areas)).astype(float)
    total = pupils @ member
    empty = total == 0
    divisor = np.where(empty, 1, total)
    shares = np.where(empty, posterior.joint.areas, product(count, member) / divisor)
    row_shares = np.where(pupils > 0, count / np.where(pupils > 0, pupils, 1), posterior.joint.rows)
    notes = posterior.notes
    if empty.any():
        notes = (*notes, f"{int(empty.sum())} areas have no registered pupil: their risk is given instead.")
    return AreaPosterior(
        target="pupils",
        marginals=_Shares(
            shares,
            step=np.where(empty, 0, 1 / divisor),
            least=np.where(empty, 0, (events @ member) / divisor),
            most=np.where(empty, 1, ((events + missing) @ member) / divisor),
        ),
        weights=total / total.sum() if total.any() else posterior.weights,
        draw=lambda: JointDraws(shares, row_shares),
        row_area=posterior.row_area,
        notes=notes,
    )
