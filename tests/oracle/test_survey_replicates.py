"""Replicate weights, given and made, give the standard errors of R `survey` 4.5."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign
from mapping.estimate.design_based import Replicates, calibrate, mean, ratio, replicates, total
from mapping.estimate.design_based.replication import as_replicates

R_NAMES = {"est": "estimate", "se": "se", "df": "df", "ci_lo": "ci_low", "ci_hi": "ci_high", "n": "n"}


FRAMES: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}


def given(oracle: Any, name: str, *, mse: bool) -> tuple[pd.DataFrame, SurveyDesign]:
    """The data of a design with its replicate weights as columns."""
    entry = oracle.designs[name]
    if name not in FRAMES:
        columns = pd.read_csv(oracle.folder / entry["repweights"]).set_index("rowid")
        frame = oracle.frame(name)
        FRAMES[name] = frame.join(columns.loc[frame["rowid"]].reset_index(drop=True)), columns
    frame, columns = FRAMES[name]
    made = {
        "columns": list(columns),
        "scale": entry["scale"],
        "rscales": np.array(entry["rscales"]),
        "mse": mse,
    }
    return frame, SurveyDesign(weights="w2" if "w2" in frame else "pw", repweights=made)


def adjusted(frame: pd.DataFrame, design: SurveyDesign, spec: dict[str, Any], known: dict[str, Any]) -> Any:
    if "poststratify" in spec:
        return calibrate(frame, design, {"stype": known["stype"]}, method="poststratify")
    if "rake" in spec:
        return calibrate(frame, design, {name: known[name] for name in spec["rake"]})
    return frame, design


def test_given_replicate_weights(survey_oracle: Any) -> None:
    oracle = survey_oracle("replicates.json")
    known = json.loads((oracle.folder / "pop_margins.json").read_text())
    found: list[str] = []
    compared = 0
    for case in oracle.having("mean", "total", "ratio"):
        spec, expect = case["spec"], case["expect"]
        if "repweights" not in oracle.designs[case["design"]]:
            continue
        frame, design = adjusted(*given(oracle, case["design"], mse=spec["mse"]), spec, known)
        by = spec.get("by", [])
        if case["stat"] == "ratio":
            table = ratio(frame, design, spec["var"], spec["denom"], by)
        else:
            table = {"mean": mean, "total": total}[case["stat"]](frame, design, spec["var"], by)
        tolerance = 1e-6 if "rake" in spec else 1e-9
        for record, (_, row) in zip(expect.get("rows", [expect]), table.iterrows(), strict=True):
            for theirs, ours in R_NAMES.items():
                if theirs in record:
                    found += oracle.misses(f"{case['id']} {ours}", row[ours], record[theirs], tolerance)
            compared += 1
    assert found == []
    assert compared > 300


@pytest.mark.parametrize("kind", ["jk1", "jkn", "brr", "fay"])
def test_replicates_of_our_own_give_the_linearised_variance_of_totals(survey_oracle: Any, kind: str) -> None:
    oracle = survey_oracle("replicates.json")
    frame = oracle.frame("two")
    design = SurveyDesign(None if kind == "jk1" else "cname", ["cname", "dnum"][kind != "jk1"], "w2")
    made = replicates(frame, design, kind)
    for variable in ("api00", "hi800"):
        linear, replicated = (total(frame, d, variable, "stype") for d in (design, made))
        np.testing.assert_allclose(replicated["estimate"], linear["estimate"], rtol=1e-12)
        np.testing.assert_allclose(replicated["se"], linear["se"], rtol=1e-9)


def test_jackknife_factors_equal_those_of_r(survey_oracle: Any) -> None:
    oracle = survey_oracle("replicates.json")
    for name, base, kind in (
        ("jk1_clus1", "clus1", "jk1"),
        ("jkn_two", "two", "jkn"),
        ("jk1_clus1_fpc", "fpc", "jk1"),
    ):
        frame, theirs = given(oracle, name, mse=False)
        design = {
            "clus1": SurveyDesign(psu="dnum", weights="pw"),
            "fpc": SurveyDesign(psu="dnum", weights="pw", fpc="fpc"),
            "two": SurveyDesign("cname", "dnum", "w2"),
        }[base]
        ours = replicates(frame, design, kind)
        for by in ((), ("stype",)):
            expected, found = (mean(frame, d, ["api00", "hi800"], by)["se"] for d in (theirs, ours))
            np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_jackknife_within_calibration_equals_r(survey_oracle: Any) -> None:
    oracle = survey_oracle("replicates.json")
    known = json.loads((oracle.folder / "pop_margins.json").read_text())
    frame = oracle.frame("jk1_clus1")
    design = replicates(frame, SurveyDesign(psu="dnum", weights="pw"), "jk1")
    for case in oracle.having("mean"):
        if case["id"] in {"jk1_clus1/poststrat/mean/api00", "jk1_clus1/rake/mean/api00"}:
            row = mean(*adjusted(frame, design, case["spec"], known), "api00").iloc[0]
            assert oracle.misses(case["id"], row["se"], case["expect"]["se"], 1e-6) == []


def test_mse_centres_on_the_full_sample(survey_oracle: Any) -> None:
    oracle = survey_oracle("replicates.json")
    frame = oracle.frame("jk1_clus1")
    design = replicates(frame, SurveyDesign(psu="dnum", weights="pw"), "jk1")
    assert isinstance(design.repweights, Replicates)
    centred = replace(design, repweights=replace(as_replicates(design.repweights), mse=True))
    wanted = next(case for case in oracle.cases if case["id"] == "jk1_clus1/mse/mean/hi800")["expect"]["se"]
    assert mean(frame, centred, "hi800").loc[0, "se"] == pytest.approx(wanted, rel=1e-9)
