"""Calibrated weights, and estimates that know of the calibration, equal those of R `survey` 4.5."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import calibrate, mean, prevalence, total, trim

EXACT = {"poststratify", "linear"}  # closed form: 1e-9; iterative: 1e-6
INTERVALS = {"xlogit": "logit", "beta": "beta", "asin": "asin", "mean": "wald", "wilson": "wilson"}


def adjust(frame: pd.DataFrame, design: SurveyDesign, spec: dict[str, Any], known: dict[str, Any]) -> Any:
    margins = {"stype": known["stype"], "sch.wide": known["sch.wide"]}
    crossed = {(cell["stype"], cell["sch.wide"]): cell["Freq"] for cell in known["stype_x_schwide"]}
    if spec["method"] == "trimWeights":
        return trim(frame, design, lower=spec["lower"], upper=spec["upper"], strict=spec["strict"])
    if spec["method"] == "poststratify":
        one = {"stype": known["stype"]} if spec["vars"] == "stype" else {("stype", "sch.wide"): crossed}
        return calibrate(frame, design, one, method="poststratify")
    if spec["method"] == "rake":
        return calibrate(frame, design, margins)
    totals = {"stype": known["stype"], "api99": known["api99_sum"]}
    return calibrate(frame, design, totals, method=spec["calfun"], bounds=spec.get("bounds"))


@pytest.fixture(scope="module")
def cases(survey_oracle: Any) -> list[tuple[Any, dict[str, Any], pd.DataFrame, SurveyDesign]]:
    oracle = survey_oracle("calibration.json")
    known = json.loads((oracle.folder / "pop_margins.json").read_text())
    made = []
    for case in oracle.having("calibrate"):
        frame, design = oracle.frame(case["design"]), oracle.design(case["design"])
        made.append((oracle, case, *adjust(frame, design, case["spec"], known)))
    assert len(made) == 24
    return made


def tolerance(case: dict[str, Any]) -> float:
    method = case["spec"].get("calfun", case["spec"]["method"])
    return (
        1e-9 if method in {"poststratify", "linear", "trimWeights"} and "bounds" not in case["spec"] else 1e-6
    )


def test_calibrated_weights_equal_those_of_r(cases: Any) -> None:
    table = pd.read_csv(cases[0][0].folder / "calibrated_weights.csv")
    for _, case, frame, design in cases:
        wanted = table[table["design"] + "/" + table["adjustment"] == case["id"]].set_index("rowid")["weight"]
        found = frame.set_index("rowid")[design.weights].loc[wanted.index]
        np.testing.assert_allclose(found, wanted, rtol=tolerance(case), err_msg=case["id"])


@pytest.mark.parametrize("statistic", ["mean", "total"])
@pytest.mark.parametrize("by", [(), ("stype",)])
def test_standard_errors_know_of_the_calibration(cases: Any, statistic: str, by: tuple[str, ...]) -> None:
    function = {"mean": mean, "total": total}[statistic]
    found: list[str] = []
    for oracle, case, frame, design in cases:
        for variable in ("api00", "enroll", "sch_wide01", "hi800", "awards01"):
            record = case["expect"][variable][f"{statistic}_by_stype" if by else statistic]
            table = function(frame, design, variable, by)
            for (_, row), wanted in zip(table.iterrows(), record if by else [record], strict=True):
                label = f"{case['id']} {statistic} {variable}"
                for ours, theirs in (("estimate", "est"), ("df", "df"), ("n", "n")):
                    found += oracle.misses(f"{label} {ours}", row[ours], wanted[theirs], tolerance(case))
                if abs(oracle.number(wanted["se"])) > 1e-7 * abs(row["estimate"]):
                    found += oracle.misses(f"{label} se", row["se"], wanted["se"], tolerance(case))
    assert found == []


def test_intervals_of_a_calibrated_proportion(cases: Any) -> None:
    found: list[str] = []
    for oracle, case, frame, design in cases:
        for theirs, ours in INTERVALS.items():
            row = prevalence(frame, design, "hi800", interval=ours).iloc[0]
            record = case["expect"]["prop_hi800"][theirs]
            found += oracle.misses(f"{case['id']} {theirs}", row["ci_low"], record["ci_lo"], tolerance(case))
            found += oracle.misses(f"{case['id']} {theirs}", row["ci_high"], record["ci_hi"], tolerance(case))
    assert found == []
