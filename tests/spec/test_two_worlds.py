"""Two worlds that differ only inside withheld cells look the same to every reader, to the byte."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from mapping import demo

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

INDICATOR, ITEM = "S07", "n_marriage_worry"  # stands in no composite
SMALL = 5


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def withheld_areas(workspace: Path) -> dict[str, int]:
    """Withheld publication areas of the indicator, with the number of yes behind them."""
    shown = pd.read_csv(
        workspace / "reports" / "2026" / "tables" / "figures.csv", dtype={"area": str, "wave": str}
    )
    rows = shown[shown["indicator"].eq(INDICATOR) & shown["level"].eq("area") & shown["wave"].eq("2026")]
    silent = set(rows.loc[rows["status"].eq("withheld"), "area"]) - set(
        rows.loc[rows["status"].ne("withheld"), "area"]
    )
    truth = pd.read_parquet(workspace / "data" / "processed" / "2026" / "estimates.parquet")
    truth = truth[truth["indicator"].eq(INDICATOR) & truth["level"].eq("area") & truth["area"].isin(silent)]
    return truth.drop_duplicates("area").set_index("area")["events"].to_dict()


def swap_two_answers(workspace: Path, built: Path) -> None:
    """Exchange a yes and a no between two pupils of the same school, sex and grade in two withheld areas.

    No area changes sides of the threshold: what the rules say of each cell stays the same.
    """
    (sav,) = (workspace / "data" / "raw" / "2026").glob("*.sav")
    data, meta = pyreadstat.read_sav(str(sav), user_missing=True)
    settings = (workspace / "data" / "raw" / "2026" / "wave.toml").read_text(encoding="utf-8")
    found = re.search(rf'\[items\.{ITEM}\]\s*variable = "(\w+)"', settings)
    assert found is not None
    variable = found.group(1)
    labels = meta.variable_value_labels[variable]
    answer = data[variable].map(labels)
    areas = pd.read_csv(built / "reports" / "2026" / "tables" / "areas.csv", dtype=str)
    home = areas[areas["level"].eq("district") & areas["class"].eq("3")].set_index("area")["parent"]
    area = data["stadsdel"].astype(str).str.strip().map(home)
    counts = withheld_areas(built)
    yes, no = answer.isin(["Ja, ofta", "Ja, ibland"]), answer.eq("Nej, aldrig")
    for losing, gaining in permutations(sorted(counts), 2):
        if counts[losing] == SMALL or counts[gaining] == SMALL - 1 or counts[losing] == 1:
            continue
        for first in data.index[yes & area.eq(losing)]:
            same = (data[["skola", "kon", "ak"]] == data.loc[first, ["skola", "kon", "ak"]]).all(axis=1)
            for second in data.index[no & area.eq(gaining) & same]:
                data.loc[[first, second], variable] = data.loc[[second, first], variable].to_numpy()
                pyreadstat.write_sav(
                    data,
                    str(sav),
                    column_labels=meta.column_names_to_labels,
                    variable_value_labels=meta.variable_value_labels,
                    missing_ranges={k: v for k, v in meta.missing_ranges.items() if k in data},
                )
                return
    pytest.fail("the synthetic town has no two pupils to exchange: choose another seed")


def test_what_changes_inside_withheld_cells_changes_no_public_byte(
    city: tuple[Path, Any], tmp_path: Path, run: Any
) -> None:
    one, said = city
    other = tmp_path / "other"
    demo.build(other, size="city")
    swap_two_answers(other, one)
    assert files(one / "data" / "raw" / "2026") != files(other / "data" / "raw" / "2026")
    ran = run("--workspace", other, "rebuild")
    assert ran.code == 0, ran.said
    assert ran.said.replace(str(other), "") == said.said.replace(str(one), "")
    assert files(other / "reports") == files(one / "reports")
