"""A strange file understood as far as it can be: each variable's proposed use, with its score and its doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mapping.concepts.question import Question
from mapping.concepts.responses import DECLINED, SKIPPED, UNSURE
from mapping.ingest.cases import SEXES
from mapping.ingest.drafting.likeness import Proposal, Variable, best_questions, silence, variables_of
from mapping.ingest.raw import RawTable, normal

__all__ = ["ROLES", "Draft", "Levels", "Role", "Ticks", "understand"]

# what a design or background column is usually called, whole names first, then words in its text
ROLES: Mapping[str, tuple[str, ...]] = {
    "respondent": ("lopnr", "löpnr", "löpnummer", "respid", "respondent", "respondentid", "record", "caseid", "id"),
    "school": ("skola", "skolkod", "skolid", "school", "schoolid"),
    "class": ("klass", "klasskod", "class", "classid"),
    "stratum": ("stratum", "strata", "strat"),
    "psu": ("psu", "kluster", "cluster"),
    "weight": ("vikt", "kalvikt", "weight", "wt", "wgt", "finalwt", "kalibreradvikt"),
    "area": (
        "stadsdel", "stadsomrade", "stadsområde", "distrikt", "district", "deso", "regso", "nyko", "basomrade",
        "bostadsomrade", "bostadsområde", "omrade", "område", "borough", "area",
    ),
    "sex": ("kon", "kön", "sex", "gender", "juridisktkön"),
    "grade": ("ak", "åk", "arskurs", "årskurs", "grade"),
}  # fmt: skip
GROUPS = ("sex", "grade")
TICKED = {"ja", "yes", "markerat", "kryssat", "checked", "1"}


@dataclass(frozen=True, slots=True)
class Role:
    """The variable of a design or background column, and the doubt about it ("" where there is none)."""

    variable: Variable
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Levels:
    """The labels of each level of a group, and the doubts about them."""

    labels: Mapping[str, tuple[str, ...]]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticks:
    """The labels of a ticked box and of an empty one, over all boxes of a question, and the doubts about them."""

    checked: tuple[str, ...]
    unchecked: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed, or decided, about every variable of a file.

    `silent` are the labels of non-answers by kind; `elsewhere` the labels of places outside the municipality.
    `decided` says that the analyst has decided it all, and scores mean nothing.
    """

    file: str
    variables: Sequence[Variable]
    roles: Mapping[str, Role]
    levels: Mapping[str, Levels]
    proposals: Sequence[Proposal]
    ticks: Mapping[str, Ticks]
    silent: Mapping[str, tuple[str, ...]]
    elsewhere: tuple[str, ...] = ()
    decided: bool = False

    @property
    def used(self) -> dict[str, Role | Proposal]:
        """What each variable that has a use is proposed as, by its name."""
        roles = {role.variable.name: role for role in self.roles.values()}
        return {**{p.variable.name: p for p in self.proposals}, **roles}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", normal(name))


def _roles(variables: Sequence[Variable]) -> dict[str, Role]:
    found: dict[str, Role] = {}
    for role, names in ROLES.items():
        exact = [v for name in names for v in variables if _plain(v.name) == name]
        words = [v for v in variables if set(map(_plain, v.text.split())) & set(names) and v not in exact]
        if chosen := exact or words:
            doubt = (
                ""
                if len(exact) == 1
                else "only its text says so"
                if not exact
                else f"so may {exact[1].name} be"
            )
            found[role] = Role(chosen[0], doubt)
    return found


def _level(role: str, label: str) -> str:
    """The level of a group that a label means, "" where it is not clear."""
    text = normal(label)
    if role == "sex":
        other = "other" if text in {"annat", "other", "icke-binär"} else ""
        return next((level for level, words in SEXES.items() if text in words), other)
    match = re.search(r"\d+", text)
    upper = bool(re.search(r"gy|gymnas|upper", text))
    return ("gy" if upper else "") + match.group() if match else ""


def _levels(role: str, variable: Variable) -> Levels:
    levels: dict[str, list[str]] = {}
    unclear = []
    for label in variable.labels:
        if level := _level(role, label):
            levels.setdefault(level, []).append(label)
        elif not silence(label):
            unclear.append(label)
    bare = role == "sex" and any(not v.labelled and v.number == v.number for v in variable.values)
    doubts = {
        f"unclear labels: {', '.join(unclear)}": unclear,
        "codes without labels: say what they mean": bare,
        "no labels": not levels,
    }
    return Levels(
        {level: tuple(labels) for level, labels in levels.items()},
        tuple(d for d, holds in doubts.items() if holds),
    )


def _ticks(proposals: Sequence[Proposal]) -> Ticks:
    labels = sorted({label for p in proposals for label in p.variable.labels if not silence(label)})
    ticked = tuple(label for label in labels if normal(label) in TICKED)
    doubts = []
    if len(ticked) != 1:
        doubts.append(f"which label marks a ticked box: {', '.join(labels) or 'none seen'}")
    if not any(p.box == "none" for p in proposals):
        doubts.append("no box 'none of these' was found")
    return Ticks(ticked or tuple(labels), doubts=tuple(doubts))


def _silent(variables: Sequence[Variable]) -> dict[str, tuple[str, ...]]:
    labels = [label for variable in variables for label in variable.labels]
    found = {
        kind: tuple(dict.fromkeys(label for label in labels if silence(label) == kind))
        for kind in (SKIPPED, UNSURE, DECLINED)
    }
    return {kind: labels for kind, labels in found.items() if labels}


def understand(table: RawTable, questions: Mapping[str, Question]) -> Draft:
    """What the variables of a file may be, by their names, texts and labels; nothing is guessed silently."""
    variables = variables_of(table)
    roles = _roles(variables)
    taken = {role.variable.name for role in roles.values()}
    rest = [variable for variable in variables if variable.name not in taken]
    proposals = best_questions(rest, questions)
    items = dict.fromkeys(p.item for p in proposals if p.box)
    return Draft(
        file=table.name,
        variables=variables,
        roles=roles,
        levels={role: _levels(role, roles[role].variable) for role in GROUPS if role in roles},
        proposals=proposals,
        ticks={item: _ticks([p for p in proposals if p.box and p.item == item]) for item in items},
        silent=_silent(rest),
    )
