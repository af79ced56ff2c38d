"""Fay–Herriot against R sae 1.3 and emdi 2.2.2 (script, versions and known defects: oracles/sae/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.estimate.small_area import fay_herriot

Oracle = tuple[pd.DataFrame, dict[str, Any]]


def _oracle(folder: Path, name: str) -> Oracle:
    text = (folder / "oracles" / "sae" / f"{name}.expected.json").read_text(encoding="utf-8")
    return pd.read_csv(folder / "oracles" / "sae" / f"{name}.csv"), json.loads(text)


@pytest.fixture(scope="module")
def milk(shared: Path) -> Oracle:
    return _oracle(shared, "milk")


@pytest.fixture(scope="module")
def eusilc(shared: Path) -> Oracle:
    return _oracle(shared, "eusilcA")


def _milk_fit(data: pd.DataFrame, method: str, **options: Any) -> Any:
    x = np.column_stack([np.ones(len(data)), *(data["MajorArea"] == level for level in (2, 3, 4))])
    return fay_herriot(data["yi"], data["SD"] ** 2, x, method=method, **options)


@pytest.mark.parametrize(("method", "rel"), [("reml", 1e-9), ("ml", 1e-9), ("fh", 1e-7)])
def test_milk_agrees_with_the_tight_optimum_of_sae(milk: Oracle, method: str, rel: float) -> None:
    data, expected = milk
    fit, want = _milk_fit(data, method), expected[f"{method.upper()}_tight"]
    assert fit.sigma2 == pytest.approx(want["refvar"], rel=rel)
    assert fit.beta == pytest.approx(want["beta"], rel=rel)
    assert np.sqrt(np.diag(fit.beta_covariance)) == pytest.approx(want["beta_se"], rel=rel)
    assert fit.estimate == pytest.approx(want["eblup"], rel=rel)
    assert fit.mse == pytest.approx(want["mse"], rel=rel)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("li-lahiri", "amrl"),
        ("li-lahiri-ml", "ampl"),
        ("yoshimori-lahiri", "amrl_yl"),
        ("yoshimori-lahiri-ml", "ampl_yl"),
    ],
)
def test_adjusted_likelihoods_agree_with_emdi(milk: Oracle, method: str, name: str) -> None:
    """emdi stops at an absolute 1e-4, so sigma² is compared there, and the rest given emdi's sigma²."""
    data, expected = milk
    want = expected[f"emdi_{name}"]
    assert _milk_fit(data, method).sigma2 == pytest.approx(want["sigmau2"], abs=2e-4)
    given = _milk_fit(data, method, sigma2=want["sigmau2"])
    assert given.estimate == pytest.approx(want["eblup"], rel=1e-9)
    assert given.gamma == pytest.approx(want["gamma"], rel=1e-9)
    assert _milk_fit(data, method).mse == pytest.approx(want["mse"], rel=2e-3)


ARCSINE_BEYOND = 2  # areas beyond pi/2, where emdi's quadrature loses the mass


@pytest.mark.parametrize("method", ["ml", "reml"])
@pytest.mark.parametrize(("back", "name"), [("naive", "naive"), ("bias-corrected", "bc")])
def test_arcsine_agrees_with_emdi_given_its_variance(
    eusilc: Oracle, method: str, back: str, name: str
) -> None:
    data, expected = eusilc
    want = expected[f"arcsin_{method}_{name}"]
    x = np.column_stack([np.ones(len(data)), data[["cash", "age_ben", "rent", "house_allow"]]])
    fit = fay_herriot(
        data["MTMED"], 1 / (4 * data["n"]), x, sigma2=want["sigmau2"], transform="arcsine", backtransform=back
    )
    fine = fit.scale_estimate < np.pi / 2
    assert (~fine).sum() == ARCSINE_BEYOND
    assert fit.beta == pytest.approx(want["beta"], rel=1e-9)
    assert fit.gamma == pytest.approx(want["gamma"], rel=1e-9)
    assert fit.estimate[fine] == pytest.approx(np.array(want["FH"])[fine], abs=1e-5)
    assert (fit.estimate[~fine] > 0.999).all()


def test_arcsine_bootstrap_error_is_that_of_emdi_up_to_its_noise(eusilc: Oracle) -> None:
    data, expected = eusilc
    x = np.column_stack([np.ones(len(data)), data[["cash", "age_ben", "rent", "house_allow"]]])
    fit = fay_herriot(data["MTMED"], 1 / (4 * data["n"]), x, method="ml", transform="arcsine")
    ratio = fit.mse / np.array(expected["arcsin_ml_bc_bootMSE_B500_montecarlo"])
    assert 0.75 < np.median(ratio) < 1.25


def test_logit_agrees_with_emdi_given_its_variance(eusilc: Oracle) -> None:
    data, expected = eusilc
    want = expected["logit_ml_naive"]
    x = np.column_stack([np.ones(len(data)), data[["cash", "age_ben", "rent", "house_allow"]]])
    # emdi replaces the shares 0 and 1 of two areas by 0.001 and 0.999 with variance 0, which we refuse to do
    direct, variance = data["MTMED"].clip(0.001, 0.999), data["Var_MTMED"].clip(lower=1e-22)
    fit = fay_herriot(direct, variance, x, sigma2=want["sigmau2"], transform="logit", backtransform="naive")
    assert fit.beta == pytest.approx(want["beta"], rel=1e-9)
    assert fit.estimate == pytest.approx(want["FH"], rel=1e-9)


def test_log_agrees_with_slud_and_maiti_given_its_variance(eusilc: Oracle) -> None:
    data, expected = eusilc
    want = expected["log_ml_bc_sm"]
    x = np.column_stack([np.ones(len(data)), data[["cash", "self_empl"]]])
    fit = fay_herriot(data["Mean"], data["Var_Mean"], x, sigma2=want["sigmau2"], transform="log")
    assert fit.beta == pytest.approx(want["beta"], rel=1e-9)
    assert fit.estimate == pytest.approx(want["FH"], rel=1e-5)


def test_the_plain_model_agrees_with_emdi(eusilc: Oracle) -> None:
    data, expected = eusilc
    want = expected["plain_ml"]
    x = np.column_stack([np.ones(len(data)), data[["cash", "self_empl"]]])
    fit = fay_herriot(data["Mean"], data["Var_Mean"], x, method="ml")
    assert fit.estimate == pytest.approx(want["FH"], rel=1e-4)
    assert fit.mse == pytest.approx(want["MSE"], rel=1e-3)
