"""Random school surveys that are hard to estimate from: what schools, registers and refusals do to a design.

Schools alone in their stratum, strata taken whole, two stages with classes taken whole, school codes that repeat
between strata, weights over four orders of magnitude, half of the answers missing, districts of one respondent,
districts that nobody visited, indicators at 0 and at 100 per cent, and surveys of two pupils.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Survey", "hard_survey"]

CALIBRATIONS = ("poststratify", "rake", "linear", "raking", "logit")
REPLICATES = ("JK1", "JKn", "BRR", "Fay", "bootstrap", "subbootstrap")
LONELY = ("adjust", "average", "certainty", "remove")


@dataclass
class Survey:
    """One survey: its frame, its design, how its weights are adjusted and what to estimate."""

    frame: pd.DataFrame
    strata: list[str]
    psu: list[str]
    fpc: list[str]
    lonely: str
    lonely_in_domains: bool
    adjust: dict[str, Any]
    by: list[list[str]]
    methods: list[str]
    tests: list[str]
    probs: list[float]
    qrule: str
    qinterval: str
    traits: list[str] = field(default_factory=list)


def hard_survey(rng: np.random.Generator) -> Survey:
    """Draw one."""
    kind = rng.choice(["none", *CALIBRATIONS, *REPLICATES], p=[0.55, *[0.04] * 5, *[0.25 / 6] * 6])
    shape = str(rng.choice(["rows", "strata", "schools", "both", "crossed", "stages", "two"]))
    if kind in REPLICATES:
        shape = {"JK1": "schools", "BRR": "pairs", "Fay": "pairs"}.get(str(kind), "both")
    elif kind in CALIBRATIONS and shape == "two":
        shape = "both"
    frame = _frame(rng, shape)
    strata = {"rows": [], "schools": [], "two": [], "crossed": ["region", "form"]}.get(shape, ["region"])
    psu = {"rows": [], "strata": [], "two": [], "stages": ["school", "class"]}.get(shape, ["school"])
    frame["w"], weighting = _weights(rng, len(frame), calm=kind not in ("none", *REPLICATES))
    fpc = (
        _population(rng, frame, strata, psu, always=shape == "stages")
        if kind in ("none", "JK1", "JKn")
        else []
    )
    traits = [shape, weighting, str(kind), *(["fpc"] if fpc else []), _answers(rng, frame)]
    _domains(rng, frame)
    adjust = _adjustment(rng, frame, str(kind))
    by = [["g"], ["g", "h"], *([["region"]] if "region" in strata else [])]
    return Survey(
        frame, strata, psu, fpc, str(rng.choice(LONELY)), bool(rng.random() < 0.4), adjust,
        [by[i] for i in rng.permutation(len(by))[:2]],
        ["xlogit", "beta", *(rng.choice(["mean", "asin", "logit", "likelihood"], 1).tolist())],
        [*rng.choice(["F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint"], 3, replace=False).tolist()],
        [0.1, 0.25, 0.5, 0.9], str(rng.choice(["math", "school", "hf7"])),
        str(rng.choice(["mean", "beta", "xlogit", "asin"])), traits,
    )  # fmt: skip


def _frame(rng: np.random.Generator, shape: str) -> pd.DataFrame:
    """Regions, forms, schools and classes; school codes begin anew in every stratum."""
    if shape == "two":
        return pd.DataFrame(
            {"region": "r1", "form": "f1", "school": range(int(rng.integers(2, 6))), "class": 1}
        )
    rows = []
    for region in range(int(rng.integers(2, 7))):
        for form in range(int(rng.integers(1, 4)) if shape == "crossed" else 1):
            schools = 2 if shape == "pairs" else int(rng.choice([1, 2, 3, 4, 8], p=[0.2, 0.2, 0.2, 0.2, 0.2]))
            for school in range(schools):
                classes = int(rng.integers(1, 5)) if shape == "stages" else 1
                for klass in range(classes):
                    pupils = (
                        int(rng.choice([1, 2, 5, 12]))
                        if shape in {"stages", "strata"}
                        else int(rng.integers(1, 20))
                    )
                    rows += [(f"r{region}", f"f{form}", school + 1, klass + 1)] * pupils
    return pd.DataFrame(rows, columns=["region", "form", "school", "class"])


def _weights(rng: np.random.Generator, n: int, *, calm: bool) -> tuple[np.ndarray, str]:
    kind = "mild" if calm else str(rng.choice(["one", "mild", "wild", "zeros"]))
    if kind == "one":
        return np.ones(n), kind
    if kind == "wild":
        return np.round(10 ** rng.uniform(0, 4, n), 3), kind
    weights = np.round(rng.uniform(1, 12, n), 3)
    if kind == "zeros":
        weights[rng.random(n) < 0.1] = 0.0
        weights[0] = 1.0
    return weights, kind


def _population(
    rng: np.random.Generator, frame: pd.DataFrame, strata: list[str], psu: list[str], *, always: bool
) -> list[str]:
    """Population counts of the stages, some of them equal to what was sampled."""
    if not always and rng.random() < 0.5:
        return []
    above = [frame[name].astype(str) for name in strata] or [pd.Series("all", index=frame.index)]
    names = []
    for stage, unit in enumerate(psu or [""]):
        key = pd.Series("", index=frame.index).str.cat(above, sep="/")
        code = (
            frame[unit].astype(str) if unit else pd.Series(range(len(frame)), index=frame.index).astype(str)
        )
        sampled = code.groupby(key).transform("nunique")
        factor = key.map({k: rng.choice([1.0, 1.5, 3.0, 20.0]) for k in sorted(key.unique())})
        frame[f"N{stage + 1}"] = np.ceil(sampled * factor.astype(float))
        names.append(f"N{stage + 1}")
        above = [key, code]
    return names


def _answers(rng: np.random.Generator, frame: pd.DataFrame) -> str:
    n = len(frame)
    school = pd.factorize(frame["region"] + frame["form"] + frame["school"].astype(str))[0]
    level = rng.beta(1.5, 3, school.max() + 1)[school]
    frame["y"] = (rng.random(n) < level).astype(float)
    frame["rare"] = (rng.random(n) < rng.choice([0.0, 0.02, 0.1, 0.97, 1.0])).astype(float)
    frame["x"] = np.floor(rng.gamma(2.0, 1 + 2 * level, n))
    frame["x0"] = np.round(rng.uniform(1, 5, n), 2)
    frame["z"] = np.where(rng.random(n) < rng.choice([0.0, 0.5, 0.95]), 0.0, rng.integers(1, 9, n)).astype(
        float
    )
    missing = float(rng.choice([0.0, 0.1, 0.5]))
    for name in ("y", "rare", "x", "z"):
        frame.loc[rng.random(n) < missing, name] = np.nan
    if rng.random() < 0.05:
        frame["rare"] = np.nan
    frame["yes"] = frame["y"].map({0.0: "no", 1.0: "yes"})
    return f"missing {missing:g}"


def _domains(rng: np.random.Generator, frame: pd.DataFrame) -> None:
    """Districts g, one of them with a single respondent and one outside the sample; groups h and k."""
    n = len(frame)
    if rng.random() < 0.5:  # districts of schools
        school = pd.factorize(frame["region"] + frame["form"] + frame["school"].astype(str))[0]
        g = np.char.add("g", (school % int(rng.integers(2, 6))).astype(str)).astype(object)
    else:
        g = rng.choice(["g0", "g1", "g2", "g3"], n, p=[0.55, 0.3, 0.1, 0.05]).astype(object)
    if n > 8:
        g[int(rng.integers(0, n))] = "g8"
        g[rng.random(n) < 0.03] = None
    frame["g"] = g
    frame["h"], frame["k"] = rng.choice(["a", "b"], n, p=[0.7, 0.3]), rng.choice(["p", "q", "s"], n)


def _adjustment(rng: np.random.Generator, frame: pd.DataFrame, kind: str) -> dict[str, Any]:
    if kind in REPLICATES:
        return {"kind": kind, "mse": bool(rng.random() < 0.5)}
    if kind == "none":
        return {"kind": kind}
    whole = float(frame["w"].sum()) * 1.1
    margins: dict[str, Any] = {}
    for name in ("h", "k"):
        shares = frame.groupby(name)["w"].sum() * rng.uniform(0.85, 1.2, frame[name].nunique())
        margins[name] = {level: whole * share / float(shares.sum()) for level, share in shares.items()}
    margins["x0"] = float((frame["w"] * frame["x0"]).sum()) * 1.1 * float(rng.uniform(0.97, 1.03))
    bounds = {"logit": [0.3, 3.0], "linear": [0.3, 3.0]}.get(kind, [])
    return {"kind": kind, "margins": margins, "bounds": bounds}
