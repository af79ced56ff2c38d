"""An anonymised extract of the social services' cases: what services learn of, which is not what happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from mapping.demo.case_life import LIFE, lived
from mapping.demo.place import Place
from mapping.demo.survey_file import CANARY

__all__ = [
    "COLUMNS",
    "NEW_SYSTEM",
    "REASONS",
    "case_counts",
    "case_rows",
    "earlier_years",
    "inhabitants",
    "school_rows",
]

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
    **LIFE,
}
NEW_SYSTEM, GAP = 2021, 2019
_IDS = {"hrv": "K01", "ipv": "K02"}
_REMOVED, _BACK, _SIBLING = 0.25, 0.08, 0.12  # shares of the honour-related cases


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


def _base_cases(
    place: Place, year: int, rng: np.random.Generator
) -> list[tuple[dict[str, str], tuple[str, ...]]]:
    """What every row of each case says, and its reasons."""
    # how many cases a district has follows its pupils and how well services reach it, not its prevalence
    pupils = np.array([district.pupils for district in place.districts])
    reach = pupils * rng.lognormal(0, 0.35, len(pupils))
    codes = np.array([district.code for district in place.districts], dtype=object)
    kinds = _kinds(place, rng)
    cases = []
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
        cases.append((case, reasons))
    return cases


def _former(place: Place, year: int, rng: np.random.Generator) -> list[dict[str, str]]:
    """Cases of the year before, closed then: who of them comes back is followed in the extract's own year."""
    rows = []
    for number in range(place.cases["hrv"] // 2):
        opened = dt.date(year - 1, 1, 1) + dt.timedelta(days=int(rng.integers(200)))
        rows.append(
            {
                "arendenr": f"{place.name[0]}{year - 1}{number + 1:05d}",
                "pseudonym": f"f{rng.integers(16**6):06x}",
                "inkom": opened.isoformat(),
                "avslutat": (opened + dt.timedelta(days=int(rng.integers(30, 160)))).isoformat(),
                "orsak": REASONS["hrv"][0],
                "fodelsear": str(year - int(rng.integers(6, 40))),
                "kon": "Kvinna" if rng.random() < 0.8 else "Man",
            }
        )
    return rows


def case_rows(place: Place, year: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per reason of a case, and per later state, further person and child in it. All columns are text."""
    life = np.random.default_rng(
        [year, len(place.districts)]
    )  # leaves the pupils of the next wave as they are
    former = _former(place, year, life)
    rows = list(former)
    for case, reasons in _base_cases(place, year, rng):
        honour = REASONS["hrv"][0] in reasons
        removal = not set(reasons).isdisjoint(REASONS["removal"]) or (honour and life.random() < _REMOVED)
        if honour and life.random() < _BACK:
            back = former[int(life.integers(len(former)))]
            case |= {name: back[name] for name in ("pseudonym", "kon", "fodelsear")}
        others = tuple(reason for reason in reasons if reason not in REASONS["removal"])
        lines = lived(case, others, removal, f"{year}-12-31", life)
        if honour and life.random() < _SIBLING:
            lines.append(
                {**lines[0], "orsak": REASONS["hrv"][0], "pseudonym": f"s{life.integers(16**6):06x}"}
            )
        rows += lines
    columns = [*COLUMNS.values(), _UNNAMED]
    frame = pd.DataFrame([[row.get(name, "") for name in columns] for row in rows], columns=columns)
    return frame.sort_values(["inkom", "arendenr"], kind="stable", ignore_index=True)


def school_rows(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """What pupil health knows of: those the school reported, and some that nobody reported, under the same keys."""
    rng = np.random.default_rng([year, len(rows)])
    reported = rows[
        rows["kalla"].eq("Orosanmälan skola")
        & rows["orsak"].eq(REASONS["hrv"][0])
        & (year - pd.to_numeric(rows["fodelsear"]) < 20)
    ].drop_duplicates("pseudonym")
    alone = pd.DataFrame(
        {
            "pseudonym": [f"e{rng.integers(16**6):06x}" for _ in range(len(reported) // 2)],
            "inkom": [f"{year}-{1 + int(rng.integers(12)):02d}-15" for _ in range(len(reported) // 2)],
        }
    )
    both = pd.concat([reported[["pseudonym", "inkom"]], alone], ignore_index=True)
    return (
        both.rename(columns={"pseudonym": "elev", "inkom": "datum"})
        .assign(skal="Heder")
        .sort_values(["datum", "elev"], ignore_index=True)
    )


def inhabitants(place: Place, year: int) -> pd.DataFrame:
    """Inhabitants by district and age, with sums that differ a little from their parts, as SCB publishes them."""
    rng = np.random.default_rng([year, 7])
    cohorts = len({school.grade for school in place.schools})
    rows = []
    for age, years in (("0-17", 18), ("18-20", 3), ("21+", 62)):
        parts = [
            (d.code, age, round(d.pupils / cohorts * years * rng.normal(1, 0.04))) for d in place.districts
        ]
        rows += [*parts, ("total", age, sum(n for *_, n in parts) + int(rng.integers(-3, 4)))]
    return pd.DataFrame(rows, columns=["area", "age", "n"])


def earlier_years(place: Place, year: int) -> pd.DataFrame:
    """What the municipality has published of earlier years: a year nobody counted, and a new system in between."""
    rng = np.random.default_rng([year, 11])
    rows = []
    for past in range(2017, year):
        if past in (GAP, year - 2):  # the year of the wave before stands in its own extract
            continue
        level = (0.55 if past < NEW_SYSTEM else 0.9) + 0.02 * (past - 2017)
        rows.append(
            {"year": past, **{id_: int(rng.poisson(place.cases[k] * level)) for k, id_ in _IDS.items()}}
        )
    return pd.DataFrame(rows)


def case_counts(place: Place, wave: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Cases by indicator and place (``wave``, ``indicator``, ``area``, ``n``), as a reader must find them."""
    year = str(int(wave) - 1)
    now = rows[rows["inkom"].str.startswith(year)]
    cases = now.groupby("arendenr").agg({"orsak": set, "stadsdel": "first"})
    counted = []
    for indicator, needed in (("K01", {"hrv"}), ("K02", {"ipv"}), ("K01+K02", {"hrv", "ipv"})):
        wanted = {REASONS[name][0] for name in needed}
        chosen = cases[[wanted <= reasons for reasons in cases["orsak"]]]
        by_area = chosen.groupby("stadsdel").size().reindex([d.code for d in place.districts], fill_value=0)
        by_area[place.code] = len(chosen)
        counted.append(
            by_area.rename_axis("area").rename("n").reset_index().assign(wave=wave, indicator=indicator)
        )
    violent = set(cases.index[[bool(r & {REASONS["hrv"][0], REASONS["ipv"][0]}) for r in cases["orsak"]]])
    honour = set(cases.index[[REASONS["hrv"][0] in r for r in cases["orsak"]]])
    children = now[now["forhallande_till"].isin(violent) & now["upplevt_vald"].eq("Ja")]
    for indicator, chosen in (
        ("K03", now[now["arendenr"].isin(honour)]),
        ("K08", now[now["orsak"].isin(REASONS["removal"])]),
        ("K13", children),
    ):
        n = chosen["pseudonym"].nunique()
        counted.append(pd.DataFrame({"area": [place.code], "n": n, "wave": wave, "indicator": indicator}))
    return pd.concat(counted, ignore_index=True)
