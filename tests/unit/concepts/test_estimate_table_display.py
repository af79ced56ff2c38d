"""How unprotected estimates show themselves in a notebook."""

from __future__ import annotations

import re

import pandas as pd

from mapping.concepts.estimate_table import EstimateTable


def table() -> EstimateTable:
    row = {"wave": "2026", "indicator": "<S04>", "level": "area", "area": "A3-1", "n": 4711, "events": 815}
    return EstimateTable.from_frame(pd.DataFrame([row | {"estimate": 0.173, "ci_low": 0.161}]))


def test_a_notebook_is_reminded_that_estimates_are_unprotected() -> None:
    shown = table()._repr_html_()
    assert "Unprotected estimates" in shown
    assert "m.protect" in shown


def test_the_reminder_holds_no_figure() -> None:
    told = re.sub(r'style="[^"]*"', "", table()._repr_html_())
    assert set(re.findall(r"\d+", told)) == {"1", "2026", "04"}


def test_names_in_the_reminder_are_text() -> None:
    assert "<S04>" not in table()._repr_html_()
