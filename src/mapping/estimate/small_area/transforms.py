"""Scales on which an area-level model may be fitted, and the way back with the bias of the way back removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, logit, ndtr

from mapping.errors import EstimationError

__all__ = ["TRANSFORMS", "Transform"]

Array = NDArray[np.float64]

MOST_WITHOUT_EVENT = 0.15


class Transform(Protocol):
    """A scale: `forward` takes direct estimates and variances there, `naive` and `corrected` take estimates back."""

    def forward(self, direct: Array, variance: Array) -> tuple[Array, Array]:
        """Direct estimates and sampling variances on the scale of the model."""
        ...

    def naive(self, mean: Array) -> Array:
        """The inverse of the transformation."""
        ...

    def corrected(self, mean: Array, variance: Array) -> Array:
        """Expectation of the inverse when its argument is normal with this mean and variance."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """No transformation."""

    def forward(self, direct: Array, variance: Array) -> tuple[Array, Array]:
        """Unchanged."""
        return direct, variance

    def naive(self, mean: Array) -> Array:
        """Unchanged."""
        return mean

    def corrected(self, mean: Array, variance: Array) -> Array:
        """Unchanged: a mean has nothing to correct."""
        return mean


@dataclass(frozen=True, slots=True)
class Arcsine:
    r""":math:`\theta = \arcsin\sqrt p`, on which a share of n answers has variance 1/(4n) whatever it is.

    The way back is :math:`\sin^2` of :math:`\theta` held between 0 and :math:`\pi/2`.
    """

    def forward(self, direct: Array, variance: Array) -> tuple[Array, Array]:
        """`variance` is taken as it is: on this scale, 1/(4 n_eff)."""
        known = direct[~np.isnan(direct)]
        if ((known < 0) | (known > 1)).any():
            raise EstimationError(
                "the arcsine takes shares between 0 and 1; some direct estimates lie outside."
            )
        if (variance[~np.isnan(direct)] > 0.25).any():
            raise EstimationError(
                "with transform='arcsine' the variances are on the arcsine scale, 1 / (4 x effective respondents), "
                "so none exceeds 0.25; some do. Give 1 / (4 n_eff)."
            )
        without = float(np.mean(known == 0))
        if without > MOST_WITHOUT_EVENT:
            raise EstimationError(
                f"{without:.0%} of the areas have no event. Arcsine Fay-Herriot is biased when more than "
                f"{MOST_WITHOUT_EVENT:.0%} have none: its variance 1/(4n) is wrong there. Use beta_binomial or bym2."
            )
        return np.arcsin(np.sqrt(direct)), variance

    def naive(self, mean: Array) -> Array:
        """sin² of the mean, held between 0 and π/2."""
        back: Array = np.sin(np.clip(mean, 0, np.pi / 2)) ** 2
        return back

    def corrected(self, mean: Array, variance: Array) -> Array:
        r"""Closed form of the expectation of :math:`\sin^2`, with the mass beyond the ends put at the ends.

        .. math:: \int_0^{\pi/2}\sin^2 x\,\phi + P(x > \pi/2), \qquad \int\cos 2x\,\phi
            = \mathrm{Re}\{e^{2i\mu-2v}[\Phi(\tfrac{x-\mu}{s}-2is)]\}
        """
        s = np.sqrt(np.maximum(variance, 1e-300))

        def cosine(end: float) -> Array:
            z = ((end - mean) / s - 2j * s) / np.sqrt(2)
            value: Array = np.real(np.exp(2j * mean - 2 * variance) * (1 + erf(z)) / 2)
            return value

        inside = ndtr((np.pi / 2 - mean) / s) - ndtr(-mean / s)
        expected = (inside - cosine(np.pi / 2) + cosine(0.0)) / 2 + ndtr((mean - np.pi / 2) / s)
        back: Array = np.clip(expected, 0, 1)
        return back


@dataclass(frozen=True, slots=True)
class Log:
    """Natural logarithm; variances by the delta method."""

    def forward(self, direct: Array, variance: Array) -> tuple[Array, Array]:
        """Variances divided by the square of the estimate."""
        if (direct[~np.isnan(direct)] <= 0).any():
            raise EstimationError(
                "the logarithm takes positive numbers; some direct estimates are 0 or less."
            )
        return np.log(direct), variance / direct**2

    def naive(self, mean: Array) -> Array:
        """The exponential."""
        back: Array = np.exp(mean)
        return back

    def corrected(self, mean: Array, variance: Array) -> Array:
        """Expectation of a log-normal variable (Slud & Maiti 2006, JRSS B 68, 239-257)."""
        back: Array = np.exp(mean + variance / 2)
        return back


@dataclass(frozen=True, slots=True)
class Logit:
    """Log odds; variances by the delta method."""

    def forward(self, direct: Array, variance: Array) -> tuple[Array, Array]:
        """Variances divided by the square of p (1 − p)."""
        known = direct[~np.isnan(direct)]
        if ((known <= 0) | (known >= 1)).any():
            raise EstimationError(
                f"{int(((known <= 0) | (known >= 1)).sum())} direct estimates are 0 or 1 and have no log odds. Use "
                "beta_binomial or bym2, or leave these areas without a direct estimate (they are then predicted)."
            )
        return logit(direct), variance / (direct * (1 - direct)) ** 2

    def naive(self, mean: Array) -> Array:
        """The logistic function."""
        back: Array = expit(mean)
        return back

    def corrected(self, mean: Array, variance: Array) -> Array:
        """Gauss–Hermite quadrature with 64 points (the integral has no closed form)."""
        x, w = np.polynomial.hermite_e.hermegauss(64)
        values = expit(mean[..., None] + np.sqrt(variance)[..., None] * x)
        back: Array = values @ (w / w.sum())
        return back


TRANSFORMS: dict[str | None, Transform] = {
    None: Identity(),
    "arcsine": Arcsine(),
    "log": Log(),
    "logit": Logit(),
}
