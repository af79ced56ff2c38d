"""Spatial Fay–Herriot against R sae 1.3 (script, versions and tolerances: oracles/sae/README.md)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping.estimate.small_area import spatial_fay_herriot


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_grapes_agree_with_the_tight_optimum_of_sae(shared: Path, method: str) -> None:
    folder = shared / "oracles" / "sae"
    data = pd.read_csv(folder / "grapes.csv")
    proximities = np.loadtxt(folder / "grapesprox.csv", delimiter=",")
    want = json.loads((folder / "grapes.expected.json").read_text(encoding="utf-8"))[
        f"{method.upper()}_tight"
    ]
    fit = spatial_fay_herriot(
        data["grapehect"], data["var"], data[["area", "workdays"]].to_numpy(), proximities, method=method
    )
    assert fit.sigma2 == pytest.approx(want["refvar"], rel=1e-5)
    assert fit.rho == pytest.approx(want["rho"], rel=1e-5)
    assert fit.beta == pytest.approx(want["beta"], rel=1e-5)
    assert fit.estimate == pytest.approx(want["eblup"], abs=1e-4)
    assert fit.mse == pytest.approx(want["mse"], rel=1e-5)
