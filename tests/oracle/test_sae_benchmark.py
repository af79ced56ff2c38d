"""Benchmarking against emdi 2.2.2 (script and versions: oracles/sae/README.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping.estimate.small_area import benchmark, fay_herriot


@pytest.mark.parametrize(("method", "name"), [("ratio", "ratio"), ("raking", "raking"), ("mse", "MSE_adj")])
def test_benchmarks_agree_with_emdi_given_its_estimates(shared: Path, method: str, name: str) -> None:
    folder = shared / "oracles" / "sae"
    data = pd.read_csv(folder / "eusilcA.csv")
    expected = json.loads((folder / "eusilcA.expected.json").read_text(encoding="utf-8"))
    x = np.column_stack([np.ones(len(data)), data[["cash", "self_empl"]]])
    fit = replace(
        fay_herriot(data["Mean"], data["Var_Mean"], x, method="ml"),
        estimate=np.array(expected["plain_ml"]["FH"]),
        mse=np.array(expected["plain_ml"]["MSE"]),
    )
    adjusted = benchmark(fit, data["ratio_n"], expected["benchmark_target"], method=method)
    assert adjusted.estimate == pytest.approx(expected[f"benchmark_{name}"], rel=1e-9)
