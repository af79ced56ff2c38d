"""From the risk of a place to this year's pupils: those who answered as they answered, the others predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from mapping.errors import EstimationError
from mapping.estimate.small_area.posterior import AreaPosterior, Draws, JointDraws
from mapping.estimate.small_area.sequences import stratified_uniforms

__all__ = ["finite_population"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Shares(Draws):
    """Draws of shares that move in steps of 1 / pupils; `least` and `most` are what can occur at all."""

    step: Array
    least: Array
    most: Array

    def quantile(self, probability: float) -> Array:
        """As by the draws; where both ends of an interval would coincide, one of them moves a step, if it can."""
        tail = min(probability, 1 - probability)
        low, high = np.quantile(self.values, [tail, 1 - tail], axis=0, method="inverted_cdf")
        if probability > 0.5:
            end: Array = np.where(low == high, np.minimum(high + self.step, self.most), high)
        else:
            stuck = (low == high) & (high >= self.most - self.step / 2)
            end = np.where(stuck, np.maximum(low - self.step, self.least), low)
        return end


def finite_population(
    posterior: AreaPosterior, events: ArrayLike, trials: ArrayLike, population: ArrayLike
) -> AreaPosterior:
    """The posterior of the share among this year's pupils, given that of the risk.

    Parameters
    ----------
    posterior : AreaPosterior
        Of target "risk".
    events, trials : array_like of shape (rows,)
        Whole counts of those who answered, rows as in the fit (which may have used effective counts). A row
        with 0 trials is a refused school, or an area in which nobody answered.
    population : array_like of shape (rows,)
        Registered pupils, at least `trials`.

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
    In each joint draw the pupils of a row who did not answer are binomial with the row's drawn risk: they are
    taken to be like those of the same place (and school, where the model knows schools) who did. Where
    everyone registered answered the share is known and has no interval.

    References
    ----------
    Royall (1970), Biometrika 57, 377-387 (observed plus predicted). Little (2004), JASA 99, 546-556.

    Examples
    --------
    >>> from mapping.estimate.small_area import beta_binomial
    >>> risk = beta_binomial([0, 1, 4, 9], [30, 30, 40, 60])
    >>> pupils = finite_population(risk, [0, 1, 4, 9], [30, 30, 40, 60], [36, 40, 52, 70])
    >>> pupils.interval().round(3)[2].tolist()
    [0.077, 0.154]
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
    missing = pupils - n
    count = y + binom.ppf(stratified_uniforms(*rows.shape, stream=4), missing, rows)
    return _of_pupils(posterior, y, missing, count, pupils)


def _of_pupils(
    posterior: AreaPosterior, events: Array, missing: Array, count: Array, pupils: Array
) -> AreaPosterior:
    """Shares by area from drawn counts by row."""
    areas = posterior.joint.areas.shape[1]
    member = (posterior.row_area[:, None] == np.arange(areas)).astype(float)
    total = pupils @ member
    empty = total == 0
    divisor = np.where(empty, 1, total)
    shares = np.where(empty, posterior.joint.areas, (count @ member) / divisor)
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
