"""Space-time Fay–Herriot against R sae 1.3 (script, versions and tolerances: oracles/sae/README.md)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping.estimate.small_area import space_time_fay_herriot


@pytest.mark.parametrize(("name", "autoregressive"), [("S", False), ("ST", True)])
def test_space_time_agrees_with_the_tight_optimum_of_sae(
    shared: Path, name: str, autoregressive: bool
) -> None:
    folder = shared / "oracles" / "sae"
    data = pd.read_csv(folder / "spacetime.csv")
    expected = json.loads((folder / "spacetime.expected.json").read_text(encoding="utf-8"))
    x = np.column_stack([np.ones(len(data)), data[["X1", "X2"]]])
    proximities = np.loadtxt(folder / "spacetimeprox.csv", delimiter=",")
    fit = space_time_fay_herriot(data["Y"], data["Var"], x, proximities, 3, autoregressive=autoregressive)
    want = expected[f"{name}_tight"]
    found = [fit.sigma2, fit.rho, fit.sigma2_time, fit.rho_time]
    assert fit.estimate == pytest.approx(want["eblup"], rel=1e-5)
    assert fit.beta == pytest.approx(want["beta"], rel=1e-5)
    assert found[: 4 if autoregressive else 3] == pytest.approx(want["estvarcomp"], rel=1e-5)
    if autoregressive:
        ratio = fit.mse / np.array(expected["pbmse_ST_B200_montecarlo"])
        assert 0.8 < np.median(ratio) < 1.25
