"""The detection ratio in municipalities whose truth is known: a short run of benchmarks/detection_study.py."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def study(root: Path) -> Iterator[ModuleType]:
    name = "detection_study"
    spec = importlib.util.spec_from_file_location(name, root / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


@pytest.fixture(scope="module")
def results(study: ModuleType) -> pd.DataFrame:
    return study.run(60).set_index(["place", "world"])


@pytest.mark.parametrize("place", ["town", "city"])
def test_the_ratio_covers_where_both_mean_the_same(results: pd.DataFrame, place: str) -> None:
    # 60 municipalities, Monte Carlo error 5.5 points around 95 %
    row = results.loc[(place, "the same")]
    assert row["refused"] == 0
    assert row["coverage"] >= 0.88


@pytest.mark.parametrize("world", ["definition", "period", "birth years", "residence", "unit"])
def test_the_ratio_is_refused_where_one_thing_differs_and_would_have_misled(
    results: pd.DataFrame, world: str
) -> None:
    for place in ("town", "city"):
        row = results.loc[(place, world)]
        assert (row["refused"], row["reasons"]) == (60, world.replace(" ", "_"))
    assert results.loc[("city", world), "coverage"] < 0.85


def test_the_page_tells_the_coverage(study: ModuleType, results: pd.DataFrame, tmp_path: Path) -> None:
    study.write_page(results.reset_index(), 60, tmp_path)
    page = (tmp_path / "detection.md").read_text(encoding="utf-8")
    assert f"{100 * results.loc[('town', 'the same'), 'coverage']:.1f} and" in page
    assert page.count("60 of 60") == 10
