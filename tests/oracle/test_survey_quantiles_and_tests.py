"""Quantiles with Woodruff limits and Rao–Scott tests equal those of R `survey` 4.5."""

from __future__ import annotations

from typing import Any

import numpy as np

from mapping.estimate.design_based import chi2, quantile


def test_quantiles_and_woodruff_limits(survey_oracle: Any) -> None:
    oracle = survey_oracle("quantiles.json")
    found: list[str] = []
    compared = 0
    for case in oracle.having("quantile"):
        spec, expect = case["spec"], case["expect"]
        table = quantile(
            oracle.frame(case["design"]), oracle.design(case["design"]), spec["var"], spec["p"],
            qrule=spec["qrule"], interval=spec["interval"],
        )  # fmt: skip
        names = (
            ("estimate", "est", 1e-9),
            ("ci_low", "ci_lo", 1e-6),
            ("ci_high", "ci_hi", 1e-6),
            ("se", "se", 1e-6),
        )
        for ours, theirs, tolerance in names:
            for value, wanted in zip(table[ours], expect[theirs], strict=True):
                found += oracle.misses(f"{case['id']} {ours}", value, wanted, tolerance)
                compared += 1
    assert found == []
    assert compared == 27 * 16


def test_independence(survey_oracle: Any) -> None:
    oracle = survey_oracle("rao_scott.json")
    found: list[str] = []
    compared = 0
    for case in oracle.having("rao_scott"):
        rows, cols = case["spec"]["formula"].lstrip("~").split("+")
        name = case["spec"]["statistic"]
        result = chi2(oracle.frame(case["design"]), oracle.design(case["design"]), rows, cols, statistic=name)
        expect = case["expect"]
        loose = name in {"lincom", "saddlepoint"}
        found += oracle.misses(f"{case['id']} statistic", result.statistic, expect["statistic"], 1e-8)
        found += oracle.misses(f"{case['id']} p", result.p_value, expect["p_value"], 1e-4 if loose else 1e-8)
        for value, wanted in zip(result.parameter, np.atleast_1d(expect["parameter"]), strict=True):
            found += oracle.misses(f"{case['id']} parameter", value, wanted, 1e-8)
        compared += 1
    assert found == []
    assert compared == 144
