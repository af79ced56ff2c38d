"""Charts of cases: printed counts alone, gaps and breaks drawn, never a map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd
import pytest

from mapping import codebook
from mapping.concepts.case_file import CaseBreak
from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import ProtectedRelease, protect, read_policy
from mapping.publish.chart_cases import Year, draw_case_series, draw_overlap

BREAK = CaseBreak(dt.date(2021, 1, 1), "system", {"sv": "Nytt system.", "en": "New system."})


def release(counts: Mapping[str, int]) -> ProtectedRelease:
    rows = [
        {"wave": "2026", "indicator": id_, "level": "municipality", "area": "0199", "target": "cases",
         "sensitivity": 3, "n": n, "events": n}
        for id_, n in counts.items()
    ]  # fmt: skip
    policy = read_policy().with_levels({id_: entry.finest for id_, entry in codebook.load().items()})
    return protect([EstimateTable.from_frame(pd.DataFrame(rows))], policy, synthetic=True, key=b"cases")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_overlap_is_drawn_from_three_printed_counts(language: str) -> None:
    drawn = draw_overlap(
        release({"K01": 60, "K02": 100, "K01+K02": 20}), wave="2026", period="2025", language=language
    )

    assert drawn is not None
    assert all(f">{n}<".encode() in drawn.svg for n in (40, 20, 80))
    assert "140" in drawn.alt


def test_no_overlap_is_drawn_where_a_part_is_withheld() -> None:
    drawn = draw_overlap(
        release({"K01": 60, "K02": 100, "K01+K02": 4}), wave="2026", period="2025", language="sv"
    )

    assert drawn is None


def series(years: list[Year], *breaks: CaseBreak) -> str:
    made = draw_case_series(
        release({"K01": 60}), years, breaks, indicator="K01", name="Ärenden", wave="2026", language="sv"
    )
    assert made is not None
    return made.svg.decode() + made.alt


def lines(svg: str) -> int:
    return svg.count('stroke-linecap="round"')


def test_a_line_stops_at_a_gap_and_at_a_break() -> None:
    years = [Year(y, 50) for y in (2018, 2019, 2020, 2021, 2022)]

    assert lines(series(years)) == 4
    assert lines(series(years, BREAK)) == 3
    assert lines(series([y for y in years if y.year != 2019])) == 2


def test_gaps_withheld_years_and_breaks_are_named() -> None:
    found = series([Year(2018, 50), Year(2020, None, withheld=True), Year(2021, 61)], BREAK)

    for words in (
        "räknades inte",
        "redovisas inte",
        "serien bryts",
        "2021: Nytt system.",
        "Serien bryts 2021.",
    ):
        assert words in found
    assert "2 021" not in found and "2\u00a0021" not in found


def test_a_series_of_one_year_is_no_chart() -> None:
    assert (
        draw_case_series(
            release({"K01": 60}), [Year(2025, 60)], (), indicator="K01", name="n", wave="2026", language="sv"
        )
        is None
    )
