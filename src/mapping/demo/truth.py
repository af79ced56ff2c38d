"""The true prevalence of every indicator, as the survey defines it: yes among those who can be decided.

Written apart from the codebook on purpose, so that each can be held against the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mapping.demo.model import Array, Model

__all__ = ["Truth", "judge", "true_risk", "true_share"]

State = tuple[Array, Array]  # yes and no: chances, or 0 and 1 for pupils; what is missing is neither


@dataclass(frozen=True, slots=True, repr=False)
class Truth:
    """What is true in a demo municipality; for tests, never written into its workspace.

    `risk` and `pupils` have ``wave``, ``indicator``, ``area`` (a district's code or the municipality's), ``group``
    ("all", "girl", "boy") and ``share``: the underlying risk of the place (schools and pupils averaged over), and the
    share among all enrolled pupils of the wave, had all of them answered. `cases` has ``wave``, ``indicator``,
    ``area``, ``n``: cases of the extract. `answered` and `enrolled` count pupils by wave.
    """

    risk: pd.DataFrame
    pupils: pd.DataFrame
    cases: pd.DataFrame
    answered: Mapping[str, int] = field(default_factory=dict)
    enrolled: Mapping[str, int] = field(default_factory=dict)


def _any(*states: State) -> State:
    yes = 1 - np.prod([1 - state[0] for state in states], axis=0)
    return yes, np.prod([state[1] for state in states], axis=0)


def _both(one: State, other: State) -> State:
    return one[0] * other[0], 1 - (1 - one[1]) * (1 - other[1])


def judge(items: Mapping[str, State], none_share: State) -> dict[str, State]:
    """Yes and no to each indicator from yes and no to each item; `none_share` is no say at all in partner choice."""
    control = {f"S{8 + i:02d}": items[f"n_{name}"] for i, name in enumerate(
        ("oppsex", "leisure", "school", "clothes", "digital", "study")
    )}  # fmt: skip
    virginity = _any(items["n_wait_sex"], items["n_no_love"])
    norm = _both(virginity, _any(items["n_partner"], *control.values()))
    family, reason, self_ = items["n_viol_fam"], items["n_viol_reason_honour"], items["n_viol_self"]
    # asked only where violence in the family was answered with yes
    honour = (family[0] * reason[0], family[1] + family[0] * reason[1])
    own = (family[0] * reason[0] * self_[0], family[1] + family[0] * (reason[1] + (1 - reason[1]) * self_[1]))
    exposed, dual = _any(norm, honour), _any(items["n_control_expected"], items["n_control_done"])
    return {
        "S01": items["n_wait_sex"],
        "S02": items["n_no_love"],
        "S03": virginity,
        "S04": items["n_partner"],
        "S05": none_share,
        "S07": items["n_marriage_worry"],
        **control,
        "S15": norm,
        "S16": honour,
        "S17": own,
        "S18": exposed,
        "S19": items["n_viol_phys"],
        "S21": items["n_witness"],
        "S22": items["n_abroad"],
        "S23": items["n_fgm"],
        "S24": items["n_married"],
        "S25": items["n_control_expected"],
        "S26": items["n_control_done"],
        "S27": _both(exposed, dual),
    }


def _shares(table: pd.DataFrame) -> pd.Series:
    return table["yes"] / (table["yes"] + table["no"])


def _with_totals(cells: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """Shares by district and municipality, girls, boys and all, from weighted yes and no by district and sex."""
    places = pd.concat([cells[cells["area"] != "elsewhere"], cells.assign(area=municipality)])
    groups = pd.concat([places, places.assign(group="all")])
    summed = groups.groupby(["wave", "indicator", "area", "group"], as_index=False)[["yes", "no"]].sum()
    summed = summed[(summed["indicator"] != "S23") | (summed["group"] != "boy")]
    return summed.assign(share=_shares).drop(columns=["yes", "no"]).reset_index(drop=True)


def true_risk(model: Model, wave: str, enrolled: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """The underlying risk; `enrolled` counts pupils by ``home`` and ``girl``."""
    none_of_yes = next(question.yes["none"] for question in model.questions if question.item == "n_partner")
    rows = []
    for home, girl, n in zip(enrolled["home"], enrolled["girl"], enrolled["n"], strict=True):
        items, weights = model.states(wave, float(girl), str(home))
        partner = items["n_partner"]
        none = (partner[0] * none_of_yes, partner[1] + partner[0] * (1 - none_of_yes))
        for indicator, (yes, no) in judge(items, none).items():
            if indicator == "S23" and not girl:
                continue
            shares = {"yes": n * (weights * yes).sum(), "no": n * (weights * no).sum()}
            place = {"wave": wave, "area": home, "group": "girl" if girl else "boy"}
            rows.append({**place, "indicator": indicator, **shares})
    return _with_totals(pd.DataFrame(rows), municipality)


def true_share(
    states: Mapping[str, State], wave: str, home: pd.Series, girl: pd.Series, municipality: str
) -> pd.DataFrame:
    """The share among pupils, from the yes and no that each of them would give."""
    rows = []
    for indicator, (yes, no) in states.items():
        table = pd.DataFrame({"area": home.to_numpy(), "girl": girl.to_numpy(), "yes": yes, "no": no})
        cells = table.groupby(["area", "girl"], as_index=False)[["yes", "no"]].sum()
        rows.append(
            cells.assign(wave=wave, indicator=indicator, group=np.where(cells["girl"], "girl", "boy"))
        )
    return _with_totals(pd.concat(rows), municipality)
