"""The survey oracles: cases made with R `survey`, and how to read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.survey_design import SurveyDesign


class SurveyOracle:
    """One file of cases with its designs and data."""

    def __init__(self, folder: Path, file: str) -> None:
        self.folder = folder
        content = json.loads((folder / file).read_text())
        self.designs: dict[str, dict[str, Any]] = content["designs"]
        self.cases: list[dict[str, Any]] = content["cases"]
        self._frames: dict[str, pd.DataFrame] = {}

    def frame(self, design: str) -> pd.DataFrame:
        """The data of a design."""
        name = self.designs[design]["data"]
        if name not in self._frames:
            self._frames[name] = pd.read_csv(self.folder / name)
        return self._frames[name]

    def design(self, design: str, **options: Any) -> SurveyDesign:
        """The design in our own words."""
        entry = self.designs[design]
        return SurveyDesign(
            strata=entry.get("strata"),
            psu=entry.get("ids"),
            weights=entry.get("weights"),
            fpc=entry.get("fpc"),
            **options,
        )

    def having(self, *stats: str) -> Iterator[dict[str, Any]]:
        """The cases of some kinds of statistic."""
        return (case for case in self.cases if case["stat"] in stats)

    @staticmethod
    def number(value: Any) -> float:
        """A number of the oracle, which writes NaN, NA and Inf as text."""
        if isinstance(value, str):
            return {"Inf": np.inf, "-Inf": -np.inf}.get(value, np.nan)
        return float(value)

    @classmethod
    def misses(cls, label: str, found: float, expected: Any, tolerance: float = 1e-9) -> list[str]:
        """One line if a number misses the oracle's. What R could not compute is not compared; ~0 means 0."""
        wanted = cls.number(expected)
        if not np.isfinite(wanted):
            return []
        limit = 1e-9 if abs(wanted) < 1e-12 else tolerance * abs(wanted)
        return [] if abs(found - wanted) <= limit else [f"{label}: {found!r} instead of {wanted!r}"]


@pytest.fixture(scope="session")
def survey_oracle(shared: Path) -> Callable[[str], SurveyOracle]:
    """Open a file of cases."""
    return lambda file: SurveyOracle(shared / "oracles" / "survey", file)
