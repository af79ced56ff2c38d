"""The area-level model of Fay and Herriot, for reviewers who ask for the classic: EBLUP, its MSE, transformations."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from mapping.errors import EstimationError
from mapping.estimate.small_area.area_level_bootstrap import bootstrap_mse
from mapping.estimate.small_area.area_level_variance import (
    METHODS,
    asymptotic_bias,
    between_variance,
    profile,
)
from mapping.estimate.small_area.transforms import TRANSFORMS

__all__ = ["FayHerriot", "checked", "fay_herriot"]

Array = NDArray[np.float64]

BACK = ("bias-corrected", "naive")


@dataclass(frozen=True, slots=True)
class FayHerriot:
    """A fitted area-level model.

    Attributes
    ----------
    estimate, mse : ndarray of shape (areas,)
        On the scale of the direct estimates, benchmarked or transformed back where that was asked for.
    beta, beta_covariance : ndarray
        Regression coefficients and their covariance at the estimated variance, on the scale of the model.
    sigma2 : float
        Variance between areas, on the scale of the model.
    gamma : ndarray of shape (areas,)
        Weight of the direct estimate; 0 where there is none.
    log_likelihood : float
        At the estimates, constants included; of the profile likelihood for ML and FH, restricted for the
        others up to the constant of X.
    scale_estimate, scale_mse : ndarray of shape (areas,)
        The same as `estimate` and `mse`, on the scale of the model.
    method : str
    transform : str or None
    notes : tuple of str
        What a reader should know about this fit.
    """

    estimate: Array
    mse: Array
    beta: Array
    beta_covariance: Array
    sigma2: float
    gamma: Array
    log_likelihood: float
    scale_estimate: Array
    scale_mse: Array
    method: str
    transform: str | None
    notes: tuple[str, ...] = ()

    def interval(self, level: float = 0.95) -> Array:
        """Normal limits on the scale of the model, transformed back; shape (areas, 2).

        They take the MSE for the variance and the error for normal, which holds for many areas only.
        """
        if not 0 < level < 1:
            raise EstimationError(
                f"the level of an interval lies between 0 and 1, for instance 0.95; it is {level}."
            )
        half = ndtri(0.5 + level / 2) * np.sqrt(self.scale_mse)
        back = TRANSFORMS[self.transform].naive
        return np.column_stack([back(self.scale_estimate - half), back(self.scale_estimate + half)])


def fay_herriot(
    direct: ArrayLike,
    variance: ArrayLike,
    X: ArrayLike,
    *,
    method: str = "reml",
    sigma2: float | None = None,
    transform: str | None = None,
    backtransform: str = "bias-corrected",
) -> FayHerriot:
    r"""Empirical best linear unbiased predictions of area means, and their mean squared errors.

    Parameters
    ----------
    direct : array_like of shape (areas,)
        Direct estimates; missing where an area has none, which is then predicted from its covariates.
    variance : array_like of shape (areas,)
        Their sampling variances, taken as known, on the scale of the direct estimates; with
        ``transform="arcsine"`` on the arcsine scale: 1/(4 n_eff).
    X : array_like of shape (areas, columns)
        Covariates, a column of ones among them where the model has an intercept.
    method : {"reml", "ml", "fh", "li-lahiri", "li-lahiri-ml", "yoshimori-lahiri", "yoshimori-lahiri-ml"}
        How the variance between areas is estimated. The last four never give 0; without "-ml" they adjust the
        restricted likelihood.
    sigma2 : float, optional
        The variance between areas, when it is not to be estimated. The MSE then has no term for its
        estimation.
    transform : {None, "arcsine", "log", "logit"}
        Scale on which the model holds.
    backtransform : {"bias-corrected", "naive"}
        Whether the expectation of the back-transformed mean is taken, or the plain inverse.

    Returns
    -------
    FayHerriot

    Raises
    ------
    EstimationError
        If the shapes disagree, a variance is not positive, X is not of full rank, there are no more areas
        than columns, or the transformation does not fit the data (for the arcsine: more than 15 % of the
        areas have no event).

    Notes
    -----
    :math:`y_i = x_i^\top\beta + u_i + e_i`, :math:`u_i \sim (0, \sigma^2)`, :math:`e_i \sim (0, D_i)`; with
    :math:`\gamma_i = \sigma^2/(\sigma^2+D_i)` the prediction is :math:`\gamma_i y_i +
    (1-\gamma_i)x_i^\top\hat\beta`. Its MSE is estimated by :math:`g_1 + g_2 + 2g_3 - b\,(1-\gamma_i)^2` with
    the bias b of the method. On a transformed scale the MSE is a parametric bootstrap of 500 fixed, evenly
    spread replicates, so it is the same on each run.

    References
    ----------
    Fay & Herriot (1979), JASA 74, 269-277. Prasad & Rao (1990), JASA 85, 163-171. Datta & Lahiri (2000),
    Statistica Sinica 10, 613-627. Rao & Molina (2015), Small Area Estimation, 2nd ed., chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> fit = fay_herriot([0.12, 0.20, 0.08, 0.15], [0.002, 0.001, 0.003, 0.001], np.ones((4, 1)))
    >>> fit.estimate.round(3).tolist()
    [0.141, 0.171, 0.135, 0.15]
    """
    if method not in METHODS:
        raise EstimationError(f"method must be one of {', '.join(METHODS)}, not {method!r}.")
    if transform not in TRANSFORMS or backtransform not in BACK:
        raise EstimationError(
            f"transform must be None, 'arcsine', 'log' or 'logit' and backtransform {' or '.join(BACK)}, "
            f"not {transform!r} and {backtransform!r}."
        )
    y, d, x = checked(direct, variance, X)
    y, d = TRANSFORMS[transform].forward(y, d)
    known = ~np.isnan(y)
    if sigma2 is not None and not 0 <= sigma2 < np.inf:
        raise EstimationError(f"sigma2 is a variance, 0 or more; it is {sigma2}.")
    s2 = between_variance(y[known], d[known], x[known], method) if sigma2 is None else float(sigma2)
    fit = _predicted(y, d, x, s2, method, estimated=sigma2 is None)
    return fit if transform is None else _back(fit, d, x, transform, backtransform, estimated=sigma2 is None)


def checked(direct: ArrayLike, variance: ArrayLike, X: ArrayLike) -> tuple[Array, Array, Array]:
    """Direct estimates, variances (missing where there is no direct estimate) and covariates as arrays."""
    y, d, x = (np.asarray(values, dtype=float) for values in (direct, variance, X))
    x = x[:, None] if x.ndim == 1 else x
    if y.ndim != 1 or d.shape != y.shape or x.ndim != 2 or len(x) != len(y):
        raise EstimationError(
            f"direct, variance and X must have one row per area; they have shapes {y.shape}, {d.shape}, {x.shape}."
        )
    known = ~np.isnan(y)
    if not np.isfinite(x).all() or np.isinf(y).any():
        raise EstimationError("X and direct must be finite. An area without a direct estimate has nan there.")
    if bad := int((~(d[known] > 0) | np.isinf(d[known])).sum()):
        raise EstimationError(
            f"{bad} areas have a direct estimate with variance 0 or none. A share of 0 or 1 has no usable variance: "
            "use beta_binomial or bym2, or leave these areas without a direct estimate (they are then predicted)."
        )
    if known.sum() <= x.shape[1] or np.linalg.matrix_rank(x[known]) < x.shape[1]:
        raise EstimationError(
            f"{int(known.sum())} areas with a direct estimate cannot carry {x.shape[1]} coefficients: drop covariates "
            "that say the same, or all but a few."
        )
    return y, np.where(known, d, np.nan), x


def _predicted(y: Array, d: Array, x: Array, sigma2: float, method: str, *, estimated: bool) -> FayHerriot:
    known = ~np.isnan(y)
    fit = profile(y[known], d[known], x[known], np.array([sigma2]))
    beta, covariance = fit.beta[0], np.linalg.inv(fit.information[0])
    spread = np.einsum("ij,jk,ik->i", x, covariance, x)
    total = sigma2 + np.where(known, d, np.inf)
    gamma = sigma2 / total
    synthetic = x @ beta
    mse = sigma2 * (1 - gamma) + (1 - gamma) ** 2 * spread
    notes = []
    if sigma2 == 0:
        notes.append("The variance between areas is estimated as 0: every area gets its prediction.")
    if estimated:
        variance_of_sigma2, bias = asymptotic_bias(fit, sigma2, x[known], method)
        mse = mse + 2 * np.where(known, (1 - gamma) ** 2 / total, 0) * variance_of_sigma2
        corrected = mse - bias * (1 - gamma) ** 2
        if lost := int((corrected <= 0).sum()):
            notes.append(f"The bias term of the MSE was left out for {lost} areas: it made the MSE negative.")
        mse = np.where(corrected > 0, corrected, mse)
    likelihood = fit.log_likelihood if method in {"ml", "fh"} else fit.restricted_log_likelihood
    estimate = np.where(known, gamma * np.where(known, y, 0) + (1 - gamma) * synthetic, synthetic)
    return FayHerriot(
        estimate,
        mse,
        beta,
        covariance,
        sigma2,
        gamma,
        float(likelihood[0]),
        estimate,
        mse,
        method,
        None,
        tuple(notes),
    )


def _back(
    fit: FayHerriot, d: Array, x: Array, transform: str, backtransform: str, *, estimated: bool
) -> FayHerriot:
    """The fit with estimate and MSE on the scale of the direct estimates."""

    def back(mean: Array, sigma2: float | Array) -> Array:
        scale = TRANSFORMS[transform]
        if backtransform == "naive":
            return scale.naive(mean)
        variance = np.where(np.isnan(d), sigma2, sigma2 * d / (sigma2 + d))
        return scale.corrected(mean, np.broadcast_to(variance, mean.shape))

    return replace(
        fit,
        estimate=back(fit.scale_estimate, fit.sigma2),
        mse=bootstrap_mse(
            d, x, fit.beta, fit.sigma2, fit.method if estimated else None, TRANSFORMS[transform].naive, back
        ),
        transform=transform,
    )
