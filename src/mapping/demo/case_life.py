"""What happens in a demo case after it is opened: support, closing, perpetrators, children, a removal and its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

__all__ = ["LIFE", "VALUES", "lived"]

LIFE: Mapping[str, str] = {
    "support": "insats",
    "closed": "avslutat",
    "close_reason": "avslutsorsak",
    "placement": "placering",
    "child_link": "forhallande_till",
    "witnessed": "upplevt_vald",
    "perpetrator": "utovare",
    "perpetrators": "antal_utovare",
    "removal_state": "lage",
    "state_from": "lage_fran",
    "absence_from": "franvaro_fran",
    "reported": "anmalt",
    "step_school": "steg_skola",
    "step_services": "steg_social",
    "step_police": "steg_polis",
    "step_insurance": "steg_fk",
    "step_ministry": "steg_ud",
    "step_ban": "steg_utreseforbud",
    "decision": "beslut",
    "expression": "uttryck",
    "register": "folkbokforing",
    "disability": "funktionsnedsattning",
    "hbtq": "hbtq",
}
# texts that are not the codebook's own labels
VALUES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "source": {
        "report": ("Annan kommun",),
        "school": ("Orosanmälan skola",),
        "police": ("Orosanmälan polis",),
    },
    "close_reason": {"moved": ("Flyttat från kommunen",)},
}
MARRIED: Mapping[str, tuple[str, ...]] = {
    "Barnäktenskap": ("Oro för äktenskap", "Planerat äktenskap"),
    "Tvångsäktenskap": ("Oro för äktenskap", "Genomfört äktenskap"),
}
_SUPPORT = (("Beviljad insats", 0.42), ("Öppen insats utan beslut", 0.23), ("Ingen insats", 0.35))
_ENDED = (
    ("Målet uppnått", 0.31), ("Målet delvis uppnått", 0.24), ("Målet inte uppnått", 0.13), ("På egen begäran", 0.17),
    ("Flyttat från kommunen", 0.08), ("Annat", 0.07),
)  # fmt: skip
_KIN = (("Förälder", 0.62), ("Syskon", 0.34), ("Annan släkting", 0.22), ("Partner", 0.12))
_REGISTER = (("Folkbokförd", 0.95), ("Asylsökande", 0.04), ("Papperslös", 0.01))
_STEPS = (("steg_skola", 4, 0.9), ("steg_social", 9, 0.95), ("steg_polis", 20, 0.7), ("steg_fk", 45, 0.4),
          ("steg_ud", 30, 0.5), ("steg_utreseforbud", 25, 0.35))  # fmt: skip


def _one(rng: np.random.Generator, shares: tuple[tuple[str, float], ...]) -> str:
    return shares[int(rng.choice(len(shares), p=[share for _, share in shares]))][0]


def _later(day: str, days: float) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days=int(days))).isoformat()


def _perpetrators(honour: bool, rng: np.random.Generator) -> dict[str, str]:
    if rng.random() < 0.15:
        return {}
    named = [kin for kin, share in _KIN if rng.random() < share] if honour else ["Partner"]
    several = len(named) > 1 or (honour and rng.random() < 0.3)
    return {
        "utovare": ", ".join(named or ["Annan"]),
        "antal_utovare": "Två eller fler" if several else "En",
    }


def _removal(case: Mapping[str, str], last: str, rng: np.random.Generator) -> list[dict[str, str]]:
    """The rows of a removal: at risk, then perhaps abroad, then perhaps back; none after the extract's last day."""
    absence = _later(case["inkom"], -int(rng.integers(3, 40)))
    begin = {"lage": "Risk", "lage_fran": case["inkom"], "orsak": "Risk för bortförande"}
    if rng.random() < 0.25:
        begin = {"lage": "Utomlands", "lage_fran": absence, "orsak": "Bortförd"}
    steps = {
        name: _later(absence, rng.exponential(mean)) for name, mean, share in _STEPS if rng.random() < share
    }
    states = [begin | {"franvaro_fran": absence, "anmalt": case["inkom"]} | steps]
    if rng.random() < 0.2:
        states[0]["beslut"] = "Ansökan om utreseförbud" + (
            ", Beslut om utreseförbud" if rng.random() < 0.6 else ""
        )
    day, state = case["inkom"], begin["lage"]
    for follows, share, mean in (("Utomlands", 0.45, 50), ("Har återvänt", 0.5, 90)):
        if state == follows:
            continue
        day = _later(day, 7 + rng.exponential(mean))
        if rng.random() > share or day > last:
            break
        state = follows
        states.append({"lage": follows, "lage_fran": day, "orsak": "Bortförd", "inkom": day})
    return states


def lived(
    case: Mapping[str, str], reasons: tuple[str, ...], removal: bool, last: str, rng: np.random.Generator
) -> list[dict[str, str]]:
    """The rows of one case, complete: one per reason, one per further state of a removal, one per child in the home.

    Parameters
    ----------
    case : mapping
        What every row of the case says.
    reasons : tuple of str
        Its reasons other than removal.
    removal : bool
        Whether removal abroad is feared or happened.
    last : str
        The last day of the extract.
    """
    honour = "Hedersrelaterat våld" in reasons
    adult = int(last[:4]) - int(case["fodelsear"]) >= 18
    support = _one(rng, _SUPPORT)
    whole = {
        "insats": support,
        "folkbokforing": _one(rng, _REGISTER),
        "funktionsnedsattning": "Ja" if rng.random() < 0.09 else "Nej",
        "hbtq": "Ja" if rng.random() < 0.04 else "Nej",
        **_perpetrators(honour, rng),
    }
    end = _later(case["inkom"], 40 + rng.exponential(150))
    if end <= last and rng.random() < 0.8:
        whole |= {"avslutat": end, "avslutsorsak": _one(rng, _ENDED)}
    placed = support == "Beviljad insats" and rng.random() < 0.16
    whole["placering"] = "Skyddat boende" if placed else "Ingen placering"
    if married := [reason for reason in reasons if reason in MARRIED]:
        whole["uttryck"] = MARRIED[married[0]][int(rng.integers(2))]
    states = _removal(case, last, rng) if removal else []
    rows = [{**case, **whole, "orsak": reason} for reason in reasons] + [
        {**case, **whole, **s} for s in states
    ]
    if adult and reasons and reasons[0] != "Ekonomi" and rng.random() < 0.4:
        rows += [_child(case, number, rng) for number in range(1 + int(rng.random() < 0.4))]
    return rows


def _child(case: Mapping[str, str], number: int, rng: np.random.Generator) -> dict[str, str]:
    """A child of the home, linked to the parent's case; no case of its own."""
    year = int(case["inkom"][:4])
    return {
        **{name: case[name] for name in ("inkom", "kalla", "stadsdel")},
        "arendenr": f"{case['arendenr']}-B{number + 1}",
        "pseudonym": f"b{rng.integers(16**6):06x}",
        "kon": "Kvinna" if rng.random() < 0.5 else "Man",
        "fodelsear": str(year - int(rng.integers(1, 17))),
        "orsak": "Barn i hemmet",
        "forhallande_till": case["arendenr"],
        "upplevt_vald": "Ja" if rng.random() < 0.85 else "Nej",
    }
