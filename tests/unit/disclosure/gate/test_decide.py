"""Which cells are withheld before any is for the sake of others, and what release a figure belongs to."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import protect, read_policy
from mapping.disclosure.gate import decide as module
from mapping.disclosure.gate.members import Fate

POLICY = read_policy()


@pytest.mark.parametrize(
    ("fate", "milder", "blank"),
    [
        (Fate.BLANK, False, True),
        (Fate.BLANK, True, True),
        (Fate.OPEN, False, False),
        (Fate.OPEN, True, True),
        (Fate.KNOWN, False, False),
        (Fate.KNOWN, True, False),
    ],
)
def test_what_is_printed_already_is_not_withheld_and_what_the_default_withholds_is(
    fate: Fate, milder: bool, blank: bool
) -> None:
    member: Any = SimpleNamespace(fate=fate)
    assert module._is_blank("a", member, frozenset({"a"} if milder else {"b"})) is blank


def row(wave: str, indicator: str = "S04", **more: object) -> dict[str, object]:
    return {
        "wave": wave, "indicator": indicator, "level": "municipality", "area": "M", "group": "all",
        "target": "pupils", "n": 400, "events": 60, "sensitivity": 2, **more,
    }  # fmt: skip


def test_a_release_is_of_the_last_single_wave_that_it_publishes() -> None:
    rows = [row("2022"), row("2024"), row("2024+2026"), row("2026", publish=False)]
    release = protect([EstimateTable.from_frame(pd.DataFrame(rows))], POLICY)
    assert release.wave == "2024"


def test_insiders_are_asked_about_only_where_the_policy_knows_of_any(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def needs(*given: Any) -> list[Any]:
        asked.append(given)
        return []

    monkeypatch.setattr(module, "needs_of_insiders", needs)
    table = EstimateTable.from_frame(pd.DataFrame([row("2026")]))
    protect([table], POLICY)
    assert len(asked) == 1
    protect([table], replace(POLICY, insiders=0))
    assert len(asked) == 1
