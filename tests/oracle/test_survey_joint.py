"""Covariances, contrasts and changes between waves equal those of R `survey` 4.5."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mapping.estimate.design_based import change, contrast, covariance, mean, total

NONLINEAR = {
    "No/Yes": lambda m: m[0] / m[1],
    "log odds ratio No vs Yes": lambda m: np.log((m[0] / (1 - m[0])) / (m[1] / (1 - m[1]))),
}


@pytest.mark.parametrize("stat", ["vcov_mean", "vcov_total", "vcov_by_mean"])
def test_covariance_matrices(survey_oracle: Any, stat: str) -> None:
    oracle = survey_oracle("estimates.json")
    compared = 0
    for case in oracle.having(stat):
        frame, design = oracle.frame(case["design"]), oracle.design(case["design"])
        variables = case["spec"].get("vars", case["spec"].get("var"))
        by = case["spec"].get("by", ())
        kind = "total" if stat == "vcov_total" else "mean"
        estimates = {"total": total, "mean": mean}[kind](frame, design, variables, by)
        matrix = covariance(frame, design, variables, by, statistic=kind).to_numpy()
        wanted = np.array(case["expect"]["vcov"])
        scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
        np.testing.assert_allclose(estimates["estimate"], case["expect"]["est"], rtol=1e-9)
        np.testing.assert_allclose(matrix / scale, wanted / scale, atol=1e-9, err_msg=case["id"])
        compared += 1
    assert compared == 8


def test_contrasts_linear_and_not(survey_oracle: Any) -> None:
    oracle = survey_oracle("estimates.json")
    found: list[str] = []
    for case in oracle.having("contrast_by_mean", "contrast_by_mean_nonlinear", "contrast_mean"):
        frame, design, spec = oracle.frame(case["design"]), oracle.design(case["design"]), case["spec"]
        recipes = spec.get("coefs")
        if "exprs" in spec:
            recipes = {name: NONLINEAR[name] for name in spec["exprs"]}
        elif case["stat"] == "contrast_mean":
            recipes = {"difference": recipes}
        table = contrast(frame, design, spec.get("vars", spec.get("var")), recipes, spec.get("by", ()))
        for ours, theirs in (("estimate", "est"), ("se", "se")):
            wanted = np.atleast_1d(np.array(case["expect"][theirs], dtype=object))
            for value, expected in zip(table[ours], wanted, strict=True):
                found += oracle.misses(f"{case['id']} {ours}", value, expected)
    assert found == []


def test_change_between_waves_with_and_without_the_covariance(survey_oracle: Any) -> None:
    oracle = survey_oracle("waves.json")
    found: list[str] = []
    for case in oracle.having("wave_difference"):
        design = oracle.design("waves_shared_psu")
        frame = oracle.frame("waves_shared_psu")
        shared = case["design"] == "waves_shared_psu"
        variable, expect = case["spec"]["var"], case["expect"]
        by = ["sex"] if "where" in case["spec"] else []
        waves = [frame[frame["wave"] == wave] for wave in (1, 2)]
        table = change(*waves, design, variable, by, independent=None if shared else True)
        if by:
            table = table[table["sex"] == case["spec"]["where"].split("'")[1]]
        row = table.iloc[0]
        for ours, wanted in (
            ("earlier", expect["est_by_wave"][0]),
            ("later", expect["est_by_wave"][1]),
            ("difference", expect["diff"]),
            ("se", expect["se"]),
            ("df", expect["df"]),
        ):
            found += oracle.misses(f"{case['id']} {ours}", row[ours], wanted)
    assert found == []
