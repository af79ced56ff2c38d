"""How far a prevalence could lie from the truth for reasons other than sampling: unsure, silent and refusing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from scipy import special

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based.codes import column
from mapping.estimate.design_based.prevalence import prevalence
from mapping.estimate.design_based.quantile import quantile
from mapping.estimate.design_based.sample import names

__all__ = ["bounds", "nonresponse", "refusals"]


def bounds(
    frame: pd.DataFrame,
    design: SurveyDesign,
    indicators: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    margins: bool = False,
    level: float = 0.95,
    yes: str = "yes",
    no: str = "no",
    unsure: str = "unsure",
) -> pd.DataFrame:
    """The prevalence if everyone who was unsure meant no, and if everyone meant yes.

    Parameters
    ----------
    indicators : str or sequence of str
        Columns of answers in words, as the codebook gives them; other words than the three leave the
        denominator.
    frame, design, by, margins, level
        As in `prevalence`.
    yes, no, unsure : str
        The three words.

    Returns
    -------
    DataFrame
        ``indicator``, the `by` columns, ``n`` (yes, no and unsure), ``n_unsure``, ``estimate`` (unsure left
        out), ``lowest``, ``highest``, and ``ci_low`` and ``ci_high``: the lower limit of the lowest and the
        upper limit of the highest.

    Notes
    -----
    Σw(yes)/Σw(yes, no, unsure) and Σw(yes, unsure)/Σw(yes, no, unsure): sharp bounds without any assumption on the
    unsure. The pair of outer limits holds the whole range with at least the confidence `level`, and the truth within
    it with more (Imbens & Manski 2004, Econometrica 72, 1845–1857).

    References
    ----------
    Manski (2003), Partial Identification of Probability Distributions, chapter 1; Horowitz & Manski (2000),
    JASA 95, 77–84.
    """
    chosen = [indicators] if isinstance(indicators, str) else list(indicators)
    readings = {"estimate": {yes: 1.0, no: 0.0}, "lowest": {yes: 1.0, no: 0.0, unsure: 0.0}}
    readings["highest"] = {yes: 1.0, no: 0.0, unsure: 1.0}
    tables = {
        name: prevalence(_coded(frame, chosen, codes), design, chosen, by, margins=margins, level=level)
        for name, codes in readings.items()
    }
    keys = [*tables["estimate"].columns[: tables["estimate"].columns.get_loc("n")]]
    return tables["estimate"][keys].assign(
        n=tables["lowest"]["n"],
        n_unsure=tables["lowest"]["n"] - tables["estimate"]["n"],
        estimate=tables["estimate"]["estimate"],
        lowest=tables["lowest"]["estimate"],
        highest=tables["highest"]["estimate"],
        ci_low=tables["lowest"]["ci_low"],
        ci_high=tables["highest"]["ci_high"],
    )


def nonresponse(
    frame: pd.DataFrame,
    design: SurveyDesign,
    indicators: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    odds_ratios: Sequence[float] = (0.5, 1.0, 2.0),
    margins: bool = False,
    level: float = 0.95,
    yes: str = "yes",
    no: str = "no",
    silent: Collection[str] = ("declined", "skipped"),
) -> pd.DataFrame:
    """The prevalence if those who gave no answer differ from those who did by given odds ratios.

    Parameters
    ----------
    odds_ratios : sequence of float
        Odds of yes among the silent over the odds among those who answered; 1 is nonresponse at random within the
        domain.
    silent : collection of str
        Words that stand for no answer; other words, such as "not asked", count neither as silent nor as answers.
    frame, design, indicators, by, margins, level, yes, no
        As in `bounds`.

    Returns
    -------
    DataFrame
        One row per indicator, domain and odds ratio: ``indicator``, the `by` columns, ``odds_ratio``,
        ``silent`` (weighted share without an answer), ``estimate``, ``ci_low``, ``ci_high``.

    Raises
    ------
    ValueError
        If an odds ratio is not above 0.
    EstimationError
        As in `prevalence`.

    Notes
    -----
    Pattern mixture: (1 − m)p + m·expit(logit p + log OR), m the share of the silent, taken as known. The
    function rises with p, so the limits of p carry over.

    References
    ----------
    Little (1994), Biometrika 81, 471–483; Little & Rubin (2020), Statistical Analysis with Missing Data,
    section 15.4.
    """
    if not all(ratio > 0 for ratio in odds_ratios):
        raise ValueError("odds_ratios must be above 0")
    chosen = [indicators] if isinstance(indicators, str) else list(indicators)
    heard = prevalence(
        _coded(frame, chosen, {yes: 1.0, no: 0.0}), design, chosen, by, margins=margins, level=level
    )
    quiet = dict.fromkeys(silent, 1.0) | {yes: 0.0, no: 0.0}
    share = prevalence(_coded(frame, chosen, quiet), design, chosen, by, margins=margins, level=level)
    keys = [*heard.columns[: heard.columns.get_loc("n")]]
    mixed = []
    for ratio in odds_ratios:
        row = heard[keys].assign(odds_ratio=ratio, silent=share["estimate"])
        for name in ("estimate", "ci_low", "ci_high"):
            p, m = heard[name].to_numpy(), share["estimate"].to_numpy()
            row[name] = (1 - m) * p + m * special.expit(special.logit(p) + np.log(ratio))
        mixed.append(row)
    return pd.concat(mixed, ignore_index=True)


def refusals(
    frame: pd.DataFrame,
    design: SurveyDesign,
    indicators: str | Sequence[str],
    *,
    refused: float,
    population: float,
) -> pd.DataFrame:
    """The prevalence of the whole population if refusing schools were like a low, or a high, school that answered.

    Parameters
    ----------
    refused, population : float
        Pupils registered in the refusing schools, and in all.

    Returns
    -------
    DataFrame
        ``indicator``, ``estimate`` (refusing schools like the others), ``low`` and ``high``: with the
        refusing schools like the school at the 10th, or the 90th, percentile of the pupils who answered.

    Raises
    ------
    EstimationError
        If the design has no PSUs, or more pupils refused than there are.

    Notes
    -----
    With r the share of pupils in refusing schools and p̂ the estimate, low = (1 − r)p̂ + r q₀.₁ and high = (1 − r)p̂ +
    r q₀.₉, q the quantiles of the prevalence in the schools that answered, each school counted by the pupils who
    answered. A scenario, not an interval: sampling error comes on top, and in small schools the quantiles hold
    chance besides differences, which makes the range wider, not narrower.

    References
    ----------
    The idea of bounding by quantiles of respondents: Horowitz & Manski (2000), JASA 95, 77–84; the percentiles are
    our choice.
    """
    if not names(design.psu):
        raise EstimationError("The design names no PSU: there are no schools to compare with.")
    if not 0 <= refused < population:
        raise EstimationError("Pupils of refusing schools must be fewer than all pupils, and not below 0.")
    chosen = [indicators] if isinstance(indicators, str) else list(indicators)
    school = [*names(design.strata), names(design.psu)[0]]
    whole = prevalence(frame, design, chosen)["estimate"].to_numpy()
    by_school = prevalence(frame, SurveyDesign(weights=design.weights, lonely_psu="adjust"), chosen, school)
    answered = by_school.rename(columns={"indicator": "asked", "estimate": "share"})
    sizes = SurveyDesign(weights="n", lonely_psu="adjust")
    ends = quantile(answered, sizes, "share", (0.1, 0.9), "asked").set_index(["prob", "asked"])["estimate"]
    part = refused / population
    low, high = ((1 - part) * whole + part * ends.loc[prob].reindex(chosen).to_numpy() for prob in (0.1, 0.9))
    return pd.DataFrame({"indicator": chosen, "estimate": whole, "low": low, "high": high})


def _coded(frame: pd.DataFrame, indicators: Sequence[str], codes: dict[str, float]) -> pd.DataFrame:
    """The frame with answers in words turned into 0, 1 and missing."""
    return frame.assign(
        **{name: column(frame, name).astype(object).map(codes).astype(float) for name in indicators}
    )
