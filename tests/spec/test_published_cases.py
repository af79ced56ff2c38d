"""The published case tables come out as printed, or with the inconsistency reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mapping as m
from mapping.estimate.cases import CaseSeries, Published, count_range, recorded_from


def expected(shared: Path, name: str) -> dict[str, Any]:
    path = shared / "oracles" / "published" / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def read(shared: Path, name: str) -> Any:
    return m.read_published(shared / "oracles" / "published" / f"{name}.csv")


def test_the_helpline(shared: Path) -> None:
    name = "case_helpline_sweden_2014_2020"
    found, wanted = read(shared, name), expected(shared, name)
    assert isinstance(found, CaseSeries)
    sums = found.points.groupby("measure")["value"].sum()
    assert (sums["cases"], sums["victims"]) == (
        wanted["expected"]["total_cases"],
        wanted["expected"]["total_victims"],
    )
    assert found.notes == ()  # each printed rate follows from its count, the part-year's too
    cases, victims = (
        found.points[found.points["measure"] == x].set_index("label") for x in ("cases", "victims")
    )
    per_case = victims["value"] / cases["value"]
    assert per_case["2014"] == pytest.approx(wanted["expected"]["victims_per_case_2014"])
    assert cases.loc["2014", "part"] and len(found.asks) == 2
    # 232 persons are no 6 per cent of all, but of the years from 2017 on; 1,771 are 34 per cent of all
    shares = wanted["printed_shares"]
    years = victims["value"].to_dict()
    assert (
        recorded_from(shares["sexual_violence"]["persons"], years, shares["sexual_violence"]["pct"]) == "2017"
    )
    assert (
        recorded_from(shares["physical_violence"]["persons"], years, shares["physical_violence"]["pct"])
        == "2014"
    )
    # the printed average of 59 a month does not follow from the counts
    frame = pd.read_csv(shared / "oracles" / "published" / f"{name}.csv")
    told = m.cases.case_series(frame, averages={"cases": 59})
    assert [note for note in told.notes if "59" in note] == [
        "cases: the printed average of 59 a month does not follow from the counts: 4302 in 81.6 months are 52.7. "
        "The counts are kept."
    ]
    assert found.notes == tuple(note for note in told.notes if "59" not in note)


def test_the_forced_marriage_unit(shared: Path) -> None:
    found = read(shared, "case_fmu_uk_2019")
    assert isinstance(found, Published)
    assert found.table["agrees"].all() and not found.table["printed"].isna().any()
    by = found.table.groupby("dimension")["exhausts"].first()
    assert by["sex"] and not by["age"]
    assert any("age: its levels hold 848 of 1355" in note for note in found.notes)


def test_persons_removed_abroad(shared: Path) -> None:
    found, wanted = (
        read(shared, "case_removed_abroad_sweden_2019"),
        expected(shared, "case_removed_abroad_sweden_2019"),
    )
    table = found.table.set_index(["survey", "quantity"])
    assert (
        table.loc[("social_services", "municipalities_answered"), "pct"] == wanted["expected"]["response_pct"]
    )
    knowing = table.loc[("social_services", "know_of_removed"), "pct"]
    assert knowing == wanted["expected"]["share_municipalities_knowing_pct"]
    assert table.loc[("social_services", "removed_persons"), "bound"] == "lower"
    assert table.loc[("social_services", "removed_persons"), "value"] == 199
    low, high = count_range(86, 199)
    assert wanted["expected"]["children_range"][0] <= low <= high <= wanted["expected"]["children_range"][1]
    assert any("98 of 290 did not answer" in note for note in found.notes)


def test_small_counts_are_protected_in_time_by_their_own_rule(shared: Path) -> None:
    series, wanted = (f(shared, "case_small_counts_dorset_2024_25") for f in (read, expected))
    values = series.points["value"]
    assert values.sum() == wanted["expected"]["total"]
    small = values.between(1, 4)
    assert (small.sum(), values[small].sum()) == (9, wanted["expected"]["sum_of_primary_cells"])

    shown = m.protect_series(series, threshold=5)
    quarters = shown[shown["level"] == "quarter"]
    assert quarters["withheld"].tolist()[:2] == [True, True] and quarters["withheld"].iloc[3]
    assert shown.set_index("period").loc["all", "value"] == 21
    assert shown[shown["level"] == "month"]["value"].dropna().between(1, 4).sum() == 0
    assert _is_safe(shown, known_min=1)


def _is_safe(shown: pd.DataFrame, known_min: int) -> bool:
    months = shown[shown["level"] == "month"]["period"].tolist()
    quarter = {p: [x for x in months if f"{x[:4]} Q{(int(x[5:]) + 2) // 3}" == p] for p in shown["period"]}
    sums = {p: parts for p, parts in quarter.items() if len(parts) == 3} | {"all": months}
    cells = pd.DataFrame(
        {
            "cell": shown["period"],
            "value": shown["value"],
            "lo": shown["withheld"].map({True: known_min, False: 0}),
        }
    )
    relations = [{"terms": [[p, -1], *([x, 1] for x in parts)]} for p, parts in sums.items()]
    small = [p for p, w in zip(shown["period"], shown["withheld"], strict=True) if w]
    return bool(m.audit(cells, {"relations": relations, "sensitive": small, "reach_at_least": 5}).safe)


def test_the_unit_that_changed_what_it_counts_is_asked_about(shared: Path) -> None:
    found = m.read_published(shared / "data" / "cases" / "fmu_uk_forced_marriage_by_year.csv")
    assert isinstance(found, CaseSeries)
    assert sum("note speaks of a change" in note for note in found.notes) == 2
    assert any("2020 to 2021 (759 to 337)" in ask for ask in found.asks)
