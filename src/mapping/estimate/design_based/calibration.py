"""Calibration of weights to known totals, and trimming."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.auxiliaries import Auxiliary, Basis, Term, as_terms, read_basis
from mapping.estimate.design_based.codes import Floats, numbers

__all__ = ["METHODS", "calibrate", "fit_margins", "trim"]

METHODS = ("poststratify", "raking", "linear", "logit")
_CYCLES, _STEPS, _EXACT, _MET = 2000, 100, 1e-12, 1e-7
_Link = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]


def calibrate(
    frame: pd.DataFrame,
    design: SurveyDesign,
    margins: Mapping[Any, Any],
    *,
    method: str = "raking",
    bounds: tuple[float, float] | None = None,
) -> tuple[pd.DataFrame, SurveyDesign]:
    """The frame with a column of calibrated weights, and the design that uses them.

    Parameters
    ----------
    frame, design
        As in `prevalence`. Replicate weights are calibrated too, replicate by replicate, when estimating.
    margins : mapping
        Population totals: ``{column: {level: total}}``, ``{(column, column): {(level, level): total}}`` for
        crossed margins, ``{column: total}`` for a numeric column.
    method : {"poststratify", "raking", "linear", "logit"}
        *poststratify* takes one margin, crossed or not. *raking* multiplies (no negative weights), *linear*
        is the regression estimator, *logit* keeps the factors strictly between `bounds`.
    bounds : (low, high), optional
        Of the factors new weight / old weight. Needed by *logit*; *linear* and *raking* stop at them.

    Returns
    -------
    frame, design
        The old weight column stays. The design carries the auxiliaries, so that variances are those of
        residuals.

    Raises
    ------
    EstimationError
        If margins contradict each other or the sample, a level has a total but no respondent, the bounds
        leave no solution, or linear calibration gives a negative weight.

    Notes
    -----
    The factors g solve Σ w g(x′λ) x = t for the totals t of the auxiliaries x: g(u) = 1 + u (linear), exp u (raking),
    or the logit of Deville & Särndal (1992, table 1), cut off at `bounds` for the first two. Totals are met to 1e-7
    of their size, small ones to 1e-7 of a weight. The variance is that of residuals w·g·e, e from the regression on x
    (ibid., eq. 3.4), valid when the factors are not far from 1; it takes the totals as known without error and the
    nonresponse as explained by x (Särndal & Lundström 2005, Estimation in Surveys with Nonresponse).

    References
    ----------
    Deville & Särndal (1992), JASA 87, 376–382; Deville, Särndal & Sautory (1993), JASA 88, 1013–1020; Holt & Smith
    (1979), JRSS A 142, 33–46 (post-stratification).

    Examples
    --------
    >>> import pandas as pd
    >>> pupils = pd.DataFrame({"sex": ["girl", "girl", "boy"], "weight": [10.0, 10.0, 10.0]})
    >>> weighted, design = calibrate(
    ...     pupils, SurveyDesign(weights="weight"), {"sex": {"girl": 18, "boy": 15}}, method="poststratify"
    ... )
    >>> weighted[design.weights].tolist()
    [9.0, 9.0, 15.0]
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    terms = as_terms(margins)
    categorical = all(term.levels for term in terms)
    if method == "poststratify" and (len(terms) > 1 or not categorical):
        raise EstimationError(
            "Post-stratification takes one margin of levels. Cross the columns in a tuple, or rake."
        )
    if method == "logit" and bounds is None:
        raise EstimationError("Logit calibration needs bounds, such as (0.3, 3).")
    basis = read_basis(frame, terms)
    base = np.ones(len(frame)) if design.weights is None else numbers(frame, design.weights)
    factors = fit_margins(basis, terms, base, method, bounds)
    if (negative := int((base * factors < 0).sum())) > 0:
        raise EstimationError(f"Linear calibration makes {negative} weights negative. Set bounds, or rake.")
    after = _new_name(frame, design.weights, "calibrated")
    ipf = method == "raking" and categorical and bounds is None
    auxiliary = Auxiliary(terms, design.weights, after, unweighted=ipf)
    earlier = tuple(design.calibration or ())
    weighted = _with_column(frame, after, base * factors)
    return weighted, replace(design, weights=after, calibration=(*earlier, auxiliary))


def trim(
    frame: pd.DataFrame,
    design: SurveyDesign,
    *,
    lower: float = 0.0,
    upper: float = np.inf,
    strict: bool = True,
) -> tuple[pd.DataFrame, SurveyDesign]:
    """The frame with a column of weights kept between limits, and the design that uses them.

    What is cut off is spread evenly over the weights within the limits, so that their sum stays. With
    `strict` this is repeated until no weight lies outside.

    Parameters
    ----------
    frame, design
        As in `prevalence`.
    lower, upper : float
        Smallest and largest weight, on the scale of the weights.

    Returns
    -------
    frame, design
        The old weight column stays. Nothing in the design tells that weights were trimmed: variances take the trimmed
        weights as given, and the bias that trimming buys them with is not in them.

    Raises
    ------
    EstimationError
        If the design has no weights, or their sum cannot be kept within the limits.

    References
    ----------
    Potter (1990), Proceedings of the Section on Survey Research Methods, American Statistical Association, 225–230;
    Valliant, Dever & Kreuter (2018), Practical Tools for Designing and Weighting Survey Samples.
    """
    if design.weights is None:
        raise EstimationError("The design has no weights to trim.")
    weights = numbers(frame, design.weights)
    if not lower * weights.size <= weights.sum() <= upper * weights.size:
        raise EstimationError(
            f"Weights between {lower:g} and {upper:g} cannot keep their sum. Widen the limits."
        )
    outside = (weights < lower) | (weights > upper)
    while outside.any() and not outside.all():
        cut = np.clip(weights, lower, upper)
        weights = np.where(outside, cut, cut + (weights - cut).sum() / (~outside).sum())
        outside = (weights < lower) | (weights > upper)
        if not strict:
            break
    after = _new_name(frame, design.weights, "trimmed")
    weights = np.clip(weights, lower, upper) if strict else weights
    return _with_column(frame, after, weights), replace(design, weights=after)


def _with_column(frame: pd.DataFrame, name: str, values: Floats) -> pd.DataFrame:
    return pd.concat([frame, pd.Series(values, index=frame.index, name=name)], axis=1)


def _new_name(frame: pd.DataFrame, weights: str | None, suffix: str) -> str:
    name = f"{weights or 'weight'}_{suffix}"
    while name in frame.columns:
        name = f"{name}_{suffix}"
    return name


def fit_margins(
    basis: Basis, terms: tuple[Term, ...], base: Floats, method: str, bounds: tuple[float, float] | None
) -> Floats:
    """(rows,) factors that bring the weighted totals to the margins."""
    _check_margins(basis, terms, base)
    wanted = np.concatenate([term.totals for term in terms])
    if method == "poststratify" or (method == "raking" and bounds is None and all(t.levels for t in terms)):
        factors = _rake(basis, wanted, base)
    else:
        factors = _newton(basis, wanted, base, _link(method, bounds))
    gap = np.abs(basis.totals(base * factors) - wanted)
    if not (gap <= _MET * _scale(wanted, base)).all():
        worst = int(np.nanargmax(np.where(np.isfinite(gap), gap, np.inf)))
        term = next(
            t for t, inside in zip(terms, basis.slices, strict=True) if inside.start <= worst < inside.stop
        )
        raise EstimationError(
            f"The margins cannot be met: {' × '.join(term.columns)!r} stays off its totals. Merge sparse levels, "
            f"check that the margins agree with each other, or widen the bounds."
        )
    return factors


def _check_margins(basis: Basis, terms: tuple[Term, ...], base: Floats) -> None:
    sample = basis.totals(base)
    for term, inside in zip(terms, basis.slices, strict=True):
        if not term.levels:
            continue
        name = " × ".join(term.columns)
        totals = np.array(term.totals)
        if (totals < 0).any() or not np.isfinite(totals).all():
            raise EstimationError(f"Margin {name!r} has a negative or missing total.")
        if (empty := int(((sample[inside] == 0) & (totals > 0)).sum())) > 0:
            raise EstimationError(
                f"Margin {name!r} has {empty} levels with a total but no respondent. Merge them with others."
            )
    sums = {" × ".join(term.columns): sum(term.totals) for term in terms if term.levels}
    if sums and max(sums.values()) - min(sums.values()) > 1e-6 * max(sums.values()):
        listed = ", ".join(f"{name!r} {total:g}" for name, total in sums.items())
        raise EstimationError(
            f"The margins do not have the same sum: {listed}. Bring them to the same population."
        )


def _scale(wanted: Floats, base: Floats) -> Floats:
    """(columns,) what deviations are held against: the total, or one respondent's weight where that is larger."""
    scale: Floats = np.maximum(np.abs(wanted), base.max(initial=0.0))
    return scale


def _rake(basis: Basis, wanted: Floats, base: Floats) -> Floats:
    """Iterative proportional fitting (Deming & Stephan 1940, Annals of Mathematical Statistics 11, 427–444)."""
    factors = np.ones_like(base)
    for _ in range(_CYCLES):
        moved = 0.0
        for block, inside in zip(basis.blocks, basis.slices, strict=True):
            found = np.bincount(block.codes, base * factors, minlength=block.size)
            step = np.divide(wanted[inside], found, out=np.zeros_like(found), where=found > 0)
            factors = factors * step[block.codes]
            moved = max(moved, float(np.abs(found - wanted[inside]).max()))
        if moved <= _EXACT * wanted.sum() or len(basis.blocks) == 1:
            break
    return factors


def _newton(basis: Basis, wanted: Floats, base: Floats, link: _Link) -> Floats:
    """Newton steps on the Lagrange multipliers, halved while they lead away (Deville & Särndal 1992, section 1)."""
    value, slope = link
    multipliers = np.zeros(basis.size)
    scale = _scale(wanted, base)

    def misfit(at: Floats) -> Floats:
        gap: Floats = wanted - basis.totals(base * value(basis.predict(at)))
        return gap

    gap = misfit(multipliers)
    for _ in range(_STEPS):
        if (np.abs(gap) <= _EXACT * scale).all():
            break
        curvature = basis.cross(basis, base * slope(basis.predict(multipliers)))
        step = np.linalg.lstsq(curvature, gap, rcond=1e-12)[0]
        for _ in range(30):
            candidate = misfit(multipliers + step)
            if (
                np.isfinite(candidate).all()
                and (np.abs(candidate) / scale).max() <= (np.abs(gap) / scale).max()
            ):
                break
            step = step / 2
        multipliers = multipliers + step
        gap = misfit(multipliers)
    factors: Floats = value(basis.predict(multipliers))
    return factors


def _link(method: str, bounds: tuple[float, float] | None) -> _Link:
    """Factor as a function of the linear predictor, and its derivative (Deville & Särndal 1992, table 1)."""
    low, high = bounds or (-np.inf, np.inf)
    if low >= 1 or high <= 1:
        raise EstimationError(f"Bounds must enclose 1, not {low:g} to {high:g}.")
    if method == "logit":
        span = (high - low) / ((1 - low) * (high - 1))

        def logit(u: Floats) -> Floats:
            e = np.exp(np.clip(span * u, -700, 700))
            result: Floats = (low * (high - 1) + high * (1 - low) * e) / ((high - 1) + (1 - low) * e)
            return result

        return logit, lambda u: (logit(u) - low) * (high - logit(u)) / ((1 - low) * (high - 1))

    def inner(u: Floats) -> Floats:
        result: Floats = np.exp(np.clip(u, -700, 700)) if method == "raking" else 1 + u
        return result

    def within(u: Floats) -> Floats:
        grows = inner(u) if method == "raking" else np.ones_like(u)
        return np.where((inner(u) > low) & (inner(u) < high), grows, 0.0)

    return lambda u: np.clip(inner(u), low, high), within
