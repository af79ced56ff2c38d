"""Means, totals, ratios, proportions and lonely strata equal those of R `survey` 4.5."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.errors import LonelyPSUError
from mapping.estimate.design_based import mean, prevalence, ratio, total

R_NAMES = {
    "mean": "wald", "xlogit": "logit", "logit": "logit", "likelihood": "likelihood",
    "asin": "asin", "beta": "beta", "wilson": "wilson",
}  # fmt: skip
TOLERANCE = {"logit": 1e-6, "likelihood": 1e-6}
RECORD = {"est": "estimate", "se": "se", "df": "df", "ci_lo": "ci_low", "ci_hi": "ci_high", "n": "n"}


def estimate(
    stat: str, frame: pd.DataFrame, design: SurveyDesign, spec: dict[str, Any], by: list[str]
) -> Any:
    if stat == "ratio":
        return ratio(frame, design, spec["var"], spec["denom"], by)
    return {"mean": mean, "total": total}[stat](frame, design, spec["var"], by)


def pick(table: pd.DataFrame, key: dict[str, Any]) -> pd.Series:
    rows = table
    for name, value in key.items():
        rows = rows[rows[name].astype(str) == str(value)]
    assert len(rows) == 1, key
    return rows.iloc[0]


def compare(oracle: Any, label: str, row: pd.Series, record: dict[str, Any]) -> list[str]:
    if "R_error" in record:
        return []
    found = []
    for theirs, ours in RECORD.items():
        no_df = oracle.number(record.get("df", 0)) <= 0 and theirs.startswith("ci")
        if theirs in record and not no_df:
            found += oracle.misses(f"{label} {theirs}", row[ours], record[theirs])
    if "deff_wr" in record and abs(oracle.number(record["se"])) > 1e-12 and row["df"] > 0:
        found += oracle.misses(f"{label} deff", row["deff"], record["deff_wr"], 1e-6)
    return found


def domains_of(frame: pd.DataFrame, spec: dict[str, Any]) -> tuple[pd.DataFrame, list[str], dict[str, Any]]:
    """The frame with the subset of a case as a boolean column, the `by` columns and the key of the subset."""
    by = list(spec.get("by", []))
    if "where" not in spec:
        return frame, by, {}
    return frame.assign(subset=frame.eval(spec["where"])), ["subset", *by], {"subset": True}


@pytest.mark.parametrize("file", ["estimates.json", "replicates.json", "lonely.json"])
def test_means_totals_and_ratios_equal_r_survey(survey_oracle: Any, file: str) -> None:
    oracle = survey_oracle(file)
    found: list[str] = []
    compared = 0
    for case in oracle.having("mean", "total", "ratio"):
        spec, expect = case["spec"], case["expect"]
        if "repweights" in oracle.designs[case["design"]] or spec.get("lonely") == "fail":
            continue
        options = {"lonely_psu": spec.get("lonely", "error")}
        options["lonely_in_domains"] = spec.get("adjust_domain_lonely", False)
        design = oracle.design(case["design"], **options)
        frame, by, key = domains_of(oracle.frame(case["design"]), spec)
        table = estimate(case["stat"], frame, design, spec, by)
        for record in expect.get("rows", [expect]):
            row = pick(table, {**key, **record.get("by", {})})
            found += compare(oracle, case["id"], row, record)
            compared += 1
    assert found == []
    assert compared >= {"estimates.json": 600, "replicates.json": 4, "lonely.json": 190}[file]


def test_lonely_strata_are_an_error_unless_the_design_says_otherwise(survey_oracle: Any) -> None:
    oracle = survey_oracle("lonely.json")
    for name in oracle.designs:
        for by in ([], ["dom"]):
            with pytest.raises(
                LonelyPSUError, match=r"single PSU: 2, 4, 7" if name == "lonely" else "PSU: 4, 7"
            ):
                mean(oracle.frame(name), oracle.design(name), "y", by)


def test_intervals_of_proportions_equal_r_svyciprop(survey_oracle: Any) -> None:
    oracle = survey_oracle("prop_ci.json")
    found: list[str] = []
    for case in oracle.having("prop_ci"):
        spec, expect = case["spec"], case["expect"]
        design, frame = oracle.design(case["design"]), oracle.frame(case["design"])
        for theirs, ours in R_NAMES.items():
            table = prevalence(frame, design, spec["var"], spec.get("by", []), interval=ours)
            for record in expect.get("rows", [expect]):
                row = pick(table, record.get("by", {}))
                found += compare(
                    oracle, case["id"], row, {k: v for k, v in record["base"].items() if "ci" not in k}
                )
                if 0 < row["n_pos"] < row["n"] and "ci_lo" in record[theirs]:
                    label, tolerance = f"{case['id']} {theirs}", TOLERANCE.get(theirs, 1e-9)
                    found += oracle.misses(f"{label} low", row["ci_low"], record[theirs]["ci_lo"], tolerance)
                    found += oracle.misses(
                        f"{label} high", row["ci_high"], record[theirs]["ci_hi"], tolerance
                    )
    assert found == []
