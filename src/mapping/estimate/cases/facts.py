"""Rates and series for a reader, from what is printed; rates of places for the analyst alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mapping.concepts.case_facts import CaseFacts, Compared
from mapping.concepts.responses import CaseCounts
from mapping.concepts.wave import Wave
from mapping.estimate.cases.rates import PER, case_rates
from mapping.estimate.cases.series import case_series
from mapping.estimate.small_area import beta_binomial

__all__ = ["AGES", "case_facts", "people", "rates_by_place"]

# the ages a rate is of; an indicator that is not listed has none
AGES: Mapping[str, tuple[int, int]] = {
    "K01": (0, 150),
    "K02": (0, 150),
    "K01orK02": (0, 150),
    "K01orK02.adults": (18, 150),
    "K01orK02.supported": (18, 150),
    "K01orK02.goal_reached": (18, 150),
    "K03": (0, 150),
    "K08": (0, 20),
    "K10": (0, 17),
    "K13": (0, 17),
}
WHOLE = "total"


def people(population: pd.DataFrame, ages: tuple[int, int], areas: Sequence[str] = ()) -> dict[str, float]:
    """Inhabitants of an age by area; the municipality's under "total", as stated or else added up.

    An area whose bands do not fit the ages exactly is left out: no rate is made of a part of a band.
    """
    if population.empty:
        return {}
    inside = population[population["age_from"].ge(ages[0]) & population["age_to"].le(ages[1])]
    cut = population[population["age_from"].le(ages[1]) & population["age_to"].ge(ages[0])]
    if len(cut) != len(inside) or inside.empty:
        return {}
    by_area = {str(area): float(n) for area, n in inside.groupby("area")["n"].sum().items()}
    return {
        WHOLE: by_area.get(WHOLE, sum(by_area.values())),
        **{a: by_area[a] for a in areas if a in by_area},
    }


def case_facts(printed: pd.DataFrame, waves: Sequence[Wave], population: pd.DataFrame) -> CaseFacts:
    """What follows from the printed municipal counts of a release, and of earlier ones.

    Parameters
    ----------
    printed : DataFrame
        ``wave``, ``indicator``, ``group``, ``count`` (missing where withheld): the municipality's rows of case counts.
    waves : sequence of Wave
        In order; the last one is the release's.
    population : DataFrame
        Inhabitants by age, as `CaseCounts.population`.
    """
    now = printed[printed["wave"].eq(waves[-1].id) & printed["group"].eq("all") & printed["count"].notna()]
    rates = {}
    for id_, count in zip(now["indicator"], now["count"], strict=True):
        n = people(population, AGES[id_]).get(WHOLE) if id_ in AGES else None
        if n:
            row = case_rates([count], [n]).iloc[0]
            rates[str(id_)] = (float(row["rate"]), float(row["ci_low"]), float(row["ci_high"]))
    years = {id_: found for id_ in ("K01", "K02") if len(found := _years(printed, waves, id_)) > 1}
    compared = {
        id_: last for id_, found in years.items() if (last := _last_segment(found, waves[-1])) is not None
    }
    return CaseFacts(rates, years, compared)


def _years(printed: pd.DataFrame, waves: Sequence[Wave], id_: str) -> dict[int, int | None]:
    """The printed count of each year: earlier ones as the last wave states them, a wave's own from its release."""
    own = {wave.id: wave.cases.period[0][:4] for wave in waves if wave.cases is not None}
    rows = printed[printed["indicator"].eq(id_)]
    past = rows[rows["wave"].eq(waves[-1].id) & rows["group"].str.fullmatch(r"\d{4}")]
    counts = dict(zip(past["group"], past["count"], strict=True))
    for row in rows[rows["group"].eq("all")].to_dict("records"):
        if row["wave"] in own:
            counts[own[row["wave"]]] = row["count"]
    return {int(year): None if pd.isna(n) else int(n) for year, n in sorted(counts.items())}


def _last_segment(years: Mapping[int, int | None], wave: Wave) -> Compared | None:
    known = {year: n for year, n in years.items() if n is not None}
    breaks = wave.cases.breaks if wave.cases is not None else ()
    series = case_series(pd.DataFrame({"year": list(known), "cases": list(known.values())}), breaks=breaks)
    trends = series.trends()
    last = series.points["segment"].iloc[-1]
    found = trends[trends["segment"].eq(last)] if len(trends) else trends
    if found.empty:
        return None
    row = found.iloc[0]
    first, end = int(row["first"]), int(row["last"])
    return Compared(first, end, known[first], known[end], str(row["direction"]))


def rates_by_place(counts: CaseCounts) -> pd.DataFrame:
    """Rates per 10,000 of each district, with exact limits, and smoothed over districts: for the analyst alone.

    A place's rate shows how it is reached, not how safe it is: it is never drawn on a map nor published.

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``n``, ``population``, ``rate``, ``ci_low``, ``ci_high``, ``smoothed``,
        ``smoothed_low``, ``smoothed_high``; empty without a table of inhabitants.
    """
    areas = [a for a in dict.fromkeys(counts.population.get("area", [])) if a != WHOLE]
    pieces = []
    for id_ in ("K01", "K01orK02.adults"):
        of = people(counts.population, AGES[id_], areas)
        places = [area for area in areas if of.get(area, 0) > 0]
        if id_ not in counts.totals or len(places) < 3:
            continue
        by_area = counts.frame[counts.frame["indicator"].eq(id_)].groupby("area")["n"].sum()
        n = np.array([int(by_area.get(area, 0)) for area in places])
        trials = np.array([of[area] for area in places])
        fit = beta_binomial(n, trials)
        low, high = np.asarray(fit.interval(0.95)).T
        pieces.append(
            case_rates(n, trials).drop(columns="se").assign(
                indicator=id_, area=places, n=n, population=trials, smoothed=PER * np.asarray(fit.mean),
                smoothed_low=PER * low, smoothed_high=PER * high,
            )
        )  # fmt: skip
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
