"""An anonymised extract of the social services' cases: what services learn of, which is not what happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from mapping.demo.place import Place
from mapping.demo.survey_file import CANARY

__all__ = ["COLUMNS", "REASONS", "case_counts", "case_rows"]

REASONS: Mapping[str, tuple[str, ...]] = {
    "hrv": ("Hedersrelaterat våld",),
    "ipv": ("Våld i nära relation",),
    "removal": ("Risk för bortförande", "Bortförd"),
    "marriage": ("Barnäktenskap", "Tvångsäktenskap"),
}
_SOURCES = (
    "Orosanmälan skola",
    "Orosanmälan polis",
    "Ansökan",
    "Hälso- och sjukvård",
    "Annan kommun",
    "Socialjour",
)
_SOURCE_SHARES = (0.34, 0.24, 0.16, 0.13, 0.05, 0.08)
_UNKNOWN_AREA = 0.07
_UNNAMED = "handl_sign"  # a column that wave.toml does not name
COLUMNS: Mapping[str, str] = {
    "case": "arendenr",
    "person": "pseudonym",
    "opened": "inkom",
    "reason": "orsak",
    "source": "kalla",
    "birth_year": "fodelsear",
    "sex": "kon",
    "area": "stadsdel",
}


def _kinds(place: Place, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """The reasons of each case: honour, partner violence, both, and some others that are not counted."""
    n = {name: int(rng.poisson(mean)) for name, mean in place.cases.items()}
    both = min(n["both"], n["hrv"], n["ipv"])
    hrv = [(REASONS["hrv"][0],)] * (n["hrv"] - both)
    for position in rng.choice(len(hrv), len(hrv) // 10, replace=False):
        more = [*REASONS["removal"], *REASONS["marriage"]]
        hrv[position] = (*hrv[position], more[rng.integers(len(more))])
    rest = [("Ekonomi",)] * (n["ipv"] // 3)
    return [
        *hrv,
        *[(REASONS["ipv"][0],)] * (n["ipv"] - both),
        *[(REASONS["hrv"][0], REASONS["ipv"][0])] * both,
        *rest,
    ]


def case_rows(place: Place, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per reason of a case; a case with two reasons has two rows. All columns are text."""
    # how many cases a district has follows its pupils and how well services reach it, not its prevalence
    pupils = np.array([district.pupils for district in place.districts])
    reach = pupils * rng.lognormal(0, 0.35, len(pupils))
    codes = np.array([district.code for district in place.districts], dtype=object)
    kinds = _kinds(place, rng)
    rows = []
    for number, reasons in enumerate(kinds[i] for i in rng.permutation(len(kinds))):
        child = rng.random() < (0.62 if REASONS["hrv"][0] in reasons else 0.3)
        case = {
            "arendenr": f"{place.name[0]}{number + 1:05d}",
            "pseudonym": f"p{rng.integers(16**6):06x}",
            "inkom": (dt.date(year, 1, 1) + dt.timedelta(days=int(rng.integers(365)))).isoformat(),
            "kalla": _SOURCES[rng.choice(len(_SOURCES), p=_SOURCE_SHARES)],
            "fodelsear": str(year - int(rng.integers(4, 18) if child else rng.integers(18, 60))),
            "kon": "Kvinna" if rng.random() < 0.8 else "Man",
            "stadsdel": "" if rng.random() < _UNKNOWN_AREA else rng.choice(codes, p=reach / reach.sum()),
            _UNNAMED: CANARY if number % 97 == 5 else "",
        }
        rows += [{**case, "orsak": reason} for reason in reasons]
    return pd.DataFrame(rows, columns=[*COLUMNS.values(), _UNNAMED]).sort_values(
        ["inkom", "arendenr"], kind="stable", ignore_index=True
    )


def case_counts(place: Place, wave: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Cases by indicator and place (``wave``, ``indicator``, ``area``, ``n``), as a reader must find them."""
    cases = rows.groupby("arendenr").agg({"orsak": set, "stadsdel": "first"})
    counted = []
    for indicator, needed in (("K01", {"hrv"}), ("K02", {"ipv"}), ("K01+K02", {"hrv", "ipv"})):
        wanted = {REASONS[name][0] for name in needed}
        chosen = cases[[wanted <= reasons for reasons in cases["orsak"]]]
        by_area = chosen.groupby("stadsdel").size().reindex([d.code for d in place.districts], fill_value=0)
        by_area[place.code] = len(chosen)
        counted.append(
            by_area.rename_axis("area").rename("n").reset_index().assign(wave=wave, indicator=indicator)
        )
    return pd.concat(counted, ignore_index=True)
