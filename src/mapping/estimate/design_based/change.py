"""Change of prevalence between two waves, with the covariance that repeated schools bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray
from scipy import special

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.auxiliaries import Residuals, read_residuals
from mapping.estimate.design_based.codes import Floats, Ints, column
from mapping.estimate.design_based.domains import Crossing, read_domains
from mapping.estimate.design_based.expected import assumed_deff
from mapping.estimate.design_based.intervals import t_quantile
from mapping.estimate.design_based.plan import Plan, lay_out_plan
from mapping.estimate.design_based.reliability import Verdict
from mapping.estimate.design_based.sample import names, read_sample
from mapping.estimate.design_based.tables import Design, describe
from mapping.estimate.design_based.tally import Answers, Tally, tally
from mapping.estimate.design_based.variables import Variable, read_indicator

__all__ = ["change", "false_calls", "step_up"]

_POWER = 0.80
_WAVE = "wave of change()"  # a column name that no frame has
_COLUMNS = [
    "n_earlier", "n_later", "earlier", "later", "difference", "se", "df", "ci_low", "ci_high",
    "smallest_detectable", "p", "reason",
]  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class _Waves:
    """Two waves in one plan: cells are wave × cell; domains are those of `by`, and for estimates wave × domain."""

    plan: Plan
    tally: Tally  # of the domains within each wave
    wave_of_cell: Ints
    sizes: tuple[int, ...]  # domains of each crossing


def change(
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    design: SurveyDesign,
    indicators: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    independent: bool | None = None,
    margins: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """How the prevalence of each indicator changed from one wave to the next, in every domain.

    Parameters
    ----------
    earlier, later : DataFrame
        The two waves, whole, with the same columns. An indicator that a wave did not ask may be absent.
    design : SurveyDesign
        How both were drawn. PSUs with equal stratum and code are the same schools, asked twice.
    indicators, by, margins, level
        As in `prevalence`.
    independent : bool, optional
        Whether the waves were drawn independently. Without it they are when no PSU repeats.

    Returns
    -------
    DataFrame
        ``indicator``, the `by` columns, ``n_earlier``, ``n_later``, ``earlier``, ``later`` (shares),
        ``difference`` (later − earlier, between −1 and 1), ``se``, ``df``, ``ci_low``, ``ci_high``,
        ``smallest_detectable``, ``p`` (two-sided, of no change), ``q``, ``reason``.

    Raises
    ------
    EstimationError
        If the design has replicate weights, or as in `prevalence`.
    LonelyPSUError
        If a stratum has a single PSU in both waves together and the design says that this is an error.

    Notes
    -----
    The scores of the difference are those of the later wave minus those of the earlier, summed to PSUs over
    both waves; so a school that is high in both waves adds little. Without repeats strata are crossed with
    the wave. t interval with PSUs − strata degrees of freedom, PSUs of both waves counted once.

    The smallest detectable change is (t(1 − α/2) + t(0.8))·se, α = 1 − level: a true change of that size is
    found in 80 per cent of surveys like these (Bloom 1995, Evaluation Review 19, 547–556). ``q`` adjusts p
    for all rows of the table (Benjamini & Hochberg 1995, JRSS B 57, 289–300). A wave at 0 or 100 per cent has
    no variance of its own; it lends p̃(1 − p̃)/(ñ + 2) with p̃ = (y + 1)/(ñ + 2) (Agresti & Caffo 2000,
    American Statistician 54, 280–288), ñ the effective sample size under an assumed design effect.

    References
    ----------
    Kish (1965), Survey Sampling, section 12.4. Wood (2008), Journal of Official Statistics 24, 53–78
    (covariance of overlapping samples).
    """
    if design.repweights is not None:
        raise EstimationError(
            "Change is estimated by linearisation. Pass the design without its replicate weights."
        )
    chosen = [indicators] if isinstance(indicators, str) else list(indicators)
    columns = [by] if isinstance(by, str) else list(by)
    frame, wave = _stack(earlier, later, design, chosen, columns)
    if independent is None:
        independent = not _repeats(frame, wave, design)
    waves = _plan(frame, wave, design, columns, independent=independent, margins=margins)
    rows = [_row(waves, read_indicator(frame, name), level) for name in chosen]
    table = pd.concat(rows, ignore_index=True)
    table["q"] = step_up(table["p"].to_numpy())
    return table[[*(name for name in table if name != "reason"), "reason"]]


def step_up(p: Floats) -> Floats:
    """Benjamini–Hochberg adjusted p-values; missing ones stay missing and do not count."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known])][::-1]
    rank = np.arange(order.size, 0, -1)
    q = np.full(p.size, np.nan)
    q[order] = np.minimum.accumulate(p[order] * order.size / rank)
    return q


def false_calls(changes: pd.DataFrame, q: float = 0.10) -> float:
    """How many of the changes called at `q` are expected to be false: q times their number, at most.

    Parameters
    ----------
    changes : DataFrame
        From `change`; rows with ``q`` below `q` are called.

    References
    ----------
    Benjamini & Hochberg (1995), JRSS B 57, 289–300, theorem 1: for independent tests the expected share of false
    calls is at most q; Benjamini & Yekutieli (2001), Annals of Statistics 29, 1165–1188, under positive dependence.
    """
    return q * int((changes["q"] < q).sum())


def _stack(
    earlier: pd.DataFrame, later: pd.DataFrame, design: SurveyDesign, indicators: list[str], by: list[str]
) -> tuple[pd.DataFrame, Ints]:
    """Both waves, one below the other, with the columns that are needed; 0 for earlier rows, 1 for later."""
    needed = [*names(design.strata), *names(design.psu), *names(design.weights), *names(design.fpc), *by]
    for auxiliary in design.calibration or ():
        needed += [
            auxiliary.after,
            *names(auxiliary.before),
            *(c for t in auxiliary.terms for c in t.columns),
        ]
    parts = []
    for frame in (earlier, later):
        series = {name: column(frame, name) for name in dict.fromkeys(needed)}
        absent = pd.Series(np.nan, index=frame.index)
        series |= {name: column(frame, name) if name in frame else absent for name in indicators}
        parts.append(pd.DataFrame(series))
    for name in by:
        kinds = [isinstance(part[name].dtype, pd.CategoricalDtype) for part in parts]
        if all(kinds):
            both = parts[0][name].cat.categories.union(parts[1][name].cat.categories, sort=False)
            for part in parts:
                part[name] = part[name].cat.set_categories(both)
    wave = np.repeat(np.arange(2), [len(earlier), len(later)])
    return pd.concat(parts, ignore_index=True), wave


def _repeats(frame: pd.DataFrame, wave: Ints, design: SurveyDesign) -> bool:
    """Whether a PSU, named by stratum and code, occurs in both waves."""
    if not names(design.psu):
        return False
    key = [*names(design.strata), names(design.psu)[0]]
    first, second = (frame.loc[wave == w, key].drop_duplicates() for w in (0, 1))
    return not first.merge(second, on=key, how="inner").empty


def _plan(
    frame: pd.DataFrame, wave: Ints, design: SurveyDesign, by: list[str], *, independent: bool, margins: bool
) -> _Waves:
    domains = read_domains(frame, by, margins=margins)
    k = domains.n_cells
    both = [np.concatenate([crossing.of_cell, crossing.of_cell]) for crossing in domains.crossings]
    apart = [
        Crossing(
            np.concatenate([c.of_cell, np.where(c.of_cell >= 0, c.of_cell + c.size, -1)]),
            np.tile(c.levels, 2),
        )
        for c in domains.crossings
    ]
    cell = domains.cell + k * wave
    joined = replace(
        domains,
        cell=cell,
        n_cells=2 * k,
        crossings=tuple(Crossing(of, c.levels) for of, c in zip(both, domains.crossings, strict=True)),
    )
    if independent:
        frame = frame.assign(**{_WAVE: wave})
        sample = read_sample(frame, replace(design, strata=[_WAVE, *names(design.strata)]))
    else:
        sample = read_sample(frame, design, wave)
    residuals = read_residuals(frame, design.calibration, wave) if design.calibration else None
    plan = lay_out_plan(sample, joined, residuals)
    within = tally(sample.weights, replace(joined, crossings=tuple(apart)))
    return _Waves(plan, within, np.repeat(np.arange(2), k), tuple(c.size for c in domains.crossings))


def _row(waves: _Waves, variable: Variable, level: float) -> pd.DataFrame:
    """The rows of one indicator."""
    plan = waves.plan
    answers = waves.tally.answers(variable)
    n = _by_wave(waves, answers.n)
    top, bottom = waves.tally.top(variable), waves.tally.bottom(variable)
    weight = waves.tally.over_crossings(bottom)
    known = weight > 0
    p = np.divide(waves.tally.over_crossings(top), weight, out=np.full_like(weight, np.nan), where=known)
    p = np.where(answers.at_end, answers.n_positive / np.maximum(answers.n, 1), p)
    scale = np.divide(1.0, weight, out=np.zeros_like(weight), where=known)
    share = _by_wave(waves, p)
    variance = _variance(waves, variable, np.nan_to_num(p), scale)
    described = describe(plan)
    lent = _lent(waves, answers, described)
    both = (n > 0).all(axis=0)
    end = _by_wave(waves, answers.at_end.astype(np.float64)) > 0
    blind = both & ~((described.df > 0) & (np.isfinite(variance)))
    variance = np.where(blind, lent.sum(axis=0), variance + np.where(end, lent, 0.0).sum(axis=0))
    df = np.where(blind, np.maximum(n.sum(axis=0) - 2, 1), described.df)
    df, se = np.where(both, df, np.nan), np.sqrt(np.where(both, variance, np.nan))
    difference = share[1] - share[0]
    half = t_quantile(df, level) * se
    found = t_quantile(df, level) + special.stdtrit(df, _POWER)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = 2 * special.stdtr(df, -np.abs(difference) / se)
    return plan.domains.labels().assign(
        indicator=variable.name,
        n_earlier=n[0].astype(np.int64),
        n_later=n[1].astype(np.int64),
        earlier=share[0],
        later=share[1],
        difference=difference,
        se=se,
        df=described.df.astype(np.int64),
        ci_low=np.maximum(difference - half, -1.0),
        ci_high=np.minimum(difference + half, 1.0),
        smallest_detectable=found * se,
        p=tail,
        reason=_reasons(n, end & (lent > 0), blind, both & (lent == 0).all(axis=0)),
    )[["indicator", *plan.domains.columns, *_COLUMNS]]


def _by_wave(waves: _Waves, values: Floats) -> Floats:
    """(2, domains) of values that run wave by wave within each crossing."""
    ends = np.cumsum([2 * size for size in waves.sizes])
    parts = [
        values[end - 2 * size : end].reshape(2, size) for end, size in zip(ends, waves.sizes, strict=True)
    ]
    return np.concatenate(parts, axis=1)


def _variance(waves: _Waves, variable: Variable, p: Floats, scale: Floats) -> Floats:
    """(domains,) variance of the difference, from scores of the later minus scores of the earlier wave."""
    plan, w = waves.plan, waves.plan.sample.weights
    factors = [_cell_factors(waves, c, p, scale) for c in range(len(waves.sizes))]
    total = np.zeros(plan.n_domains)
    for s, pairs in enumerate(plan.pairs):
        top = variable.top(w, pairs.row, pairs.size)
        bottom = variable.bottom(w, pairs.row, pairs.size, pairs.weight)
        for c, inside in enumerate(plan.slices):
            slope, sign = factors[c]
            layout = plan.layouts[s][c]
            z = layout.collect(sign[pairs.cell] * (top - slope[pairs.cell] * bottom))
            if plan.residuals is not None:
                beta = _slopes(waves, plan.residuals, variable, c, slope, sign)
                z = z - (plan.auxiliary_sums(plan.residuals, s) @ beta.T)[layout.unit, layout.domain]
            total[inside] += plan.blocks(s, c, variable).variance(z)
    return total


def _cell_factors(waves: _Waves, crossing: int, p: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """(cells,) the share, and ± 1/Σw, of the wave and domain of each cell."""
    inside, of_cell = waves.plan.slices[crossing], waves.plan.domains.crossings[crossing].of_cell
    place = waves.wave_of_cell, np.maximum(of_cell, 0)
    sign = np.where(waves.wave_of_cell == 1, 1.0, -1.0) * (of_cell >= 0)
    return _by_wave(waves, p)[:, inside][place], sign * _by_wave(waves, scale)[:, inside][place]


def _slopes(
    waves: _Waves, residuals: Residuals, variable: Variable, crossing: int, slope: Floats, sign: Floats
) -> Floats:
    """(domains, auxiliaries) regression of the scores on the auxiliaries of both waves."""
    w, domains = waves.plan.sample.weights, waves.plan.domains
    y, answered = variable.values(w.size), np.ones(w.size)
    answered[variable.missing] = 0.0
    by_cell = residuals.products(domains.cell, domains.n_cells, w * y)
    by_cell = by_cell - slope[:, None] * residuals.products(domains.cell, domains.n_cells, w * answered)
    of_cell, size = domains.crossings[crossing].of_cell, domains.crossings[crossing].size
    products = np.zeros((size, by_cell.shape[1]))
    np.add.at(products, of_cell[of_cell >= 0], (sign[:, None] * by_cell)[of_cell >= 0])
    return residuals.slopes(products)


def _lent(waves: _Waves, answers: Answers, described: Design) -> Floats:
    """(2, domains) the variance assumed for a wave that has none of its own; 0 where everyone was asked."""
    n, positive, kish = (_by_wave(waves, values) for values in (answers.n, answers.n_positive, answers.kish))
    flat = Answers(n.ravel(), positive.ravel(), n.ravel(), kish.ravel())
    deff = assumed_deff(described.tile(2), flat).reshape(n.shape)
    whole = np.maximum(n, 1) + 2 * deff
    middle = (positive + deff) / whole
    variance: Floats = middle * (1 - middle) * deff / whole
    return variance


def _reasons(
    n: Floats, end: NDArray[np.bool_], blind: NDArray[np.bool_], certain: NDArray[np.bool_]
) -> ExtensionArray:
    verdict = Verdict(blind.size)
    for w, name in enumerate(("earlier", "later")):
        verdict.note(n[w] == 0, f"no answers in the {name} wave")
        verdict.note(end[w], f"the {name} wave is at 0 or 100 %: its variance is assumed")
    verdict.note(certain, "the whole population was sampled: there is no sampling error")
    verdict.note(blind & ~certain, "no degrees of freedom: the variance is assumed, not estimated")
    return verdict.reason
