"""Each size of the demo is built once for all tests that only look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from mapping import demo

CODES = {"city": "0198", "town": "0197"}


@dataclass(frozen=True)
class Built:
    """A demo workspace and what is true in it."""

    folder: Path
    size: str
    truth: demo.Truth

    @property
    def code(self) -> str:
        return CODES[self.size]

    def share(self, indicator: str, wave: str = "2024", group: str = "all", kind: str = "risk") -> float:
        """The true municipal share."""
        table: pd.DataFrame = getattr(self.truth, kind)
        table = table[table["area"] == self.code]
        return float(table.set_index(["indicator", "wave", "group"])["share"][indicator, wave, group])

    def by_district(self, indicator: str, wave: str = "2024") -> pd.Series:
        """The true risk of each district."""
        table = self.truth.risk.query("indicator == @indicator and wave == @wave and group == 'all'")
        return table[table["area"] != self.code].set_index("area")["share"]


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("city")
    return Built(folder, "city", demo.build(folder, size="city"))


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("town")
    return Built(folder, "town", demo.build(folder, size="town"))


@pytest.fixture(params=["city", "town"])
def built(request: pytest.FixtureRequest) -> Built:
    return request.getfixturevalue(request.param)
