"""Random hard surveys estimated here and by R `survey`: ``python benchmarks/against_r.py N SEED``.

Every number that both give is compared: 1e-8 relative where R computes in closed form, 1e-6 where it iterates. Needs
``Rscript`` with the packages survey (4.1 or later) and jsonlite. Returns 0 if nothing differs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hard_surveys import CALIBRATIONS, REPLICATES, Survey, hard_survey

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import EstimationError
from mapping.estimate.design_based import (
    calibrate,
    chi2,
    contrast,
    covariance,
    mean,
    prevalence,
    quantile,
    ratio,
    total,
)

HERE = Path(__file__).parent
Numbers = dict[str, float]
INTERVALS = {"mean": "wald", "xlogit": "logit", "logit": "logit", "beta": "beta", "asin": "asin",
             "likelihood": "likelihood"}  # fmt: skip
LOOSE = {
    "|logit|": 1e-6,
    "|likelihood|": 1e-6,
    "lincom": 1e-4,
    "saddlepoint": 1e-4,
    "deff": 1e-6,
    "weights": 1e-6,
}
FIELDS = ("estimate", "se", "df", "ci_low", "ci_high")


def run_r(surveys: list[Survey], folder: Path) -> dict[int, Numbers]:
    """The numbers of R, survey by survey."""
    jobs = []
    for i, survey in enumerate(surveys):
        survey.frame.to_csv(folder / f"{i}.csv", index=False)
        content = {name: value for name, value in vars(survey).items() if name != "frame"}
        jobs.append(
            {"id": i, "data": str(folder / f"{i}.csv"), "replicates": str(folder / f"r{i}.csv"), **content}
        )
    (folder / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    command = ["Rscript", str(HERE / "against_r.R"), str(folder / "jobs.json"), str(folder / "out.csv")]
    subprocess.run(command, check=True)
    found: dict[int, Numbers] = {i: {} for i in range(len(surveys))}
    seen: Counter[tuple[int, str]] = Counter()
    for line in (folder / "out.csv").read_text(encoding="utf-8").splitlines():
        design, key, value = line.split(",")
        seen[int(design), key] += 1
        place = (
            f"{key}|{seen[int(design), key] - 1}" if key.endswith(("vcov", "rscales", "weights|w")) else key
        )
        found[int(design)][place] = float(value) if value not in {"NA", "NaN"} else np.nan
    return found


def design_of(survey: Survey, theirs: Numbers, replicates: Path) -> tuple[pd.DataFrame, SurveyDesign]:
    """The survey in our own words, calibrated by us or with R's replicate weights."""
    design = SurveyDesign(
        survey.strata or None,
        survey.psu or None,
        "w",
        survey.fpc or None,
        survey.lonely,
        survey.lonely_in_domains,
    )
    frame, adjust = survey.frame, survey.adjust
    if adjust["kind"] in REPLICATES:
        weights = pd.read_csv(replicates)
        rscales = [theirs[f"replicates|rscales|{i}"] for i in range(weights.shape[1])]
        given = {
            "columns": list(weights.columns),
            "scale": theirs["replicates|scale"],
            "rscales": rscales,
            "mse": adjust["mse"],
        }
        frame = pd.concat([frame, weights], axis=1)
        return frame, SurveyDesign(survey.strata or None, survey.psu or None, "w", repweights=given)
    if adjust["kind"] in CALIBRATIONS:
        margins = adjust["margins"]
        wanted = {"poststratify": ["h"], "rake": ["h", "k"]}.get(adjust["kind"], ["h", "k", "x0"])
        method = {"rake": "raking"}.get(adjust["kind"], adjust["kind"])
        bounds = tuple(adjust["bounds"]) or None
        return calibrate(frame, design, {n: margins[n] for n in wanted}, method=method, bounds=bounds)
    return frame, design


def ours(survey: Survey, theirs: Numbers, replicates: Path) -> Numbers:
    """Our numbers under the names of R's."""
    frame, design = design_of(survey, theirs, replicates)
    found: Numbers = {}
    if survey.adjust["kind"] in CALIBRATIONS:
        found |= {f"weights|w|{i}": value for i, value in enumerate(frame[design.weights])}
    for by in [[], *survey.by]:
        found.update(_linear(frame, design, by, deff=survey.adjust["kind"] == "none"))
        found.update(_shares(frame, design, by, survey.methods))
        if design.repweights is None:
            found.update(_quantiles(frame, design, by, survey))
    if frame.loc[frame["x"].notna() & (frame["w"] > 0), "g"].nunique() == frame["g"].nunique():
        found.update(_joint(frame, design))
    known = frame["g"].notna() & frame["yes"].notna() & (frame["w"] > 0)
    levels = all(set(frame[name].dropna()) == set(frame.loc[known, name]) for name in ("g", "yes"))
    for name in survey.tests if levels and (frame["w"] > 0).all() else []:  # see docs/estimation.md
        if design.repweights is not None and name in {"lincom", "saddlepoint"}:
            continue  # R takes the replicates' variance as known there
        try:
            test = chi2(frame, design, "g", "yes", statistic=name)
        except EstimationError:
            continue
        found |= {f"chi2|{name}|statistic": test.statistic, f"chi2|{name}|p": test.p_value}
    return found


def _labelled(table: pd.DataFrame, by: list[str]) -> Iterator[tuple[str, Any]]:
    for _, row in table.iterrows():
        yield "/".join(by) + "|" + "/".join(str(row[name]) for name in by), row


def _linear(
    frame: pd.DataFrame, design: SurveyDesign, by: list[str], *, deff: bool
) -> Iterator[tuple[str, float]]:
    tables = {
        "mean": mean(frame, design, ["y", "rare", "x"], by),
        "total": total(frame, design, ["x", "y"], by),
        "ratio": ratio(frame, design, "x", "z", by),
    }
    for stat, table in tables.items():
        for label, row in _labelled(table, by):
            if not np.isfinite(row["estimate"]):
                continue  # R's total of no answers is 0, without an error
            deff_too = deff and stat == "mean" and row["df"] > 0 and np.isfinite(row["deff"])
            for name in (*FIELDS, *(["deff"] if deff_too else [])):
                if name[:2] == "ci" and (row["df"] <= 0 or row["interval"] != "wald"):
                    continue
                yield f"{stat}|{row['indicator']}|{label}|{name}", float(row[name])


def _shares(
    frame: pd.DataFrame, design: SurveyDesign, by: list[str], methods: list[str]
) -> Iterator[tuple[str, float]]:
    for method in methods:
        for label, row in _labelled(
            prevalence(frame, design, ["y", "rare"], by, interval=INTERVALS[method]), by
        ):
            if method == "logit" and row["df"] < 2:
                continue  # R turns t with 1 degree of freedom into a normal quantile and loses it
            if row["interval"] == INTERVALS[method]:
                for name in ("ci_low", "ci_high"):
                    if method == "asin" and row[name] in (0.0, 1.0):
                        continue  # beyond the end R turns around: see the docstring of intervals.arcsine
                    yield f"share|{row['indicator']}|{label}|{method}|{name}", float(row[name])


def _quantiles(
    frame: pd.DataFrame, design: SurveyDesign, by: list[str], survey: Survey
) -> Iterator[tuple[str, float]]:
    table = quantile(frame, design, "x", survey.probs, by, qrule=survey.qrule, interval=survey.qinterval)
    for label, row in _labelled(table, by):
        if "no variance" in row["reason"] or "no sampling error" in row["reason"]:
            turns = True  # R divides two roundings by each other
        else:
            turns = survey.qinterval == "asin" and row["n"] < 100  # see the docstring of intervals.arcsine
        for name in ("estimate",) if turns else ("estimate", "se", "ci_low", "ci_high"):
            yield f"quantile|x|{label}|{row['prob']:g}|{name}", float(row[name])


def _joint(frame: pd.DataFrame, design: SurveyDesign) -> Iterator[tuple[str, float]]:
    matrix = covariance(frame, design, "x", "g").to_numpy()
    for i, value in enumerate(matrix.T.ravel()):
        yield f"joint|vcov|{i}", float(value)
    if matrix.shape[0] > 1:
        row = contrast(frame, design, "x", {"c": [1.0, *[0.0] * (matrix.shape[0] - 2), -1.0]}, "g").iloc[0]
        yield "joint|contrast", float(row["estimate"])
        yield "joint|contrast_se", float(row["se"])


def differs(key: str, found: float, wanted: float, size: float) -> bool:
    """Whether two numbers disagree by more than R's own accuracy; `size` is that of the estimate."""
    tolerance = next((t for part, t in LOOSE.items() if part in key), 1e-8)
    if max(abs(found), abs(wanted)) < 1e-7 * size:
        return False  # both are a variance of 0, rounded
    floor = 10 * tolerance if key.startswith(("share|", "chi2|")) else 1e-9 * max(size, 1e-3)
    return not abs(found - wanted) <= tolerance * abs(wanted) + floor


def compare(survey: Survey, mine: Numbers, theirs: Numbers) -> tuple[int, list[str]]:
    """How many numbers were compared, and those that differ."""
    lines, n = [], 0
    for key, wanted in theirs.items():
        if not np.isfinite(wanted) or key not in mine:
            continue
        if key.endswith("deff") and wanted > 1e6:
            continue  # a rounding of a variance of 0
        stem = key.rpartition("|")[0]
        if key.endswith(("ci_low", "ci_high")) and (
            mine.get(f"{stem}|se") == 0 or theirs.get(f"{stem}|ci_high") == 0
        ):
            continue  # limits around a variance of 0 that R rounds to 1e-15, or a fit of R's that has run away
        n += 1
        size = abs(mine.get(f"{stem}|estimate", theirs.get("joint|contrast", 0.0) if "joint" in key else 0.0))
        if differs(key, mine[key], wanted, size if np.isfinite(size) else 0.0):
            lines.append(f"{key}: {mine[key]!r} here, {wanted!r} in R")
    return n, lines


def main(n: int, seed: int) -> int:
    """Compares `n` surveys and prints every disagreement."""
    rng = np.random.default_rng(seed)
    surveys = [hard_survey(rng) for _ in range(n)]
    compared, wrong, kinds, refused = 0, 0, Counter[str](), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs = run_r(surveys, folder)
        for i, survey in enumerate(surveys):
            if "design|error" in theirs[i]:
                refused += 1
                continue
            mine = ours(survey, theirs[i], folder / f"r{i}.csv")
            several, lines = compare(survey, mine, theirs[i])
            compared, wrong = compared + several, wrong + len(lines)
            if lines:
                options = (survey.lonely, survey.lonely_in_domains, survey.qrule, survey.qinterval)
                print(f"survey {i}:", *survey.traits, *options)
                print(*(f"  {line}" for line in lines[:12]), sep="\n")
                kinds.update(line.split("|")[0] for line in lines)
    print(
        f"{n} surveys, {compared} numbers compared, {wrong} differ {dict(kinds)}; R refused {refused} designs"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
