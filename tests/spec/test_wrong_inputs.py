"""A wrong input stops with a sentence an analyst can act on, and what was published stays as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def rewrite(path: Path, change: Callable[[pd.DataFrame, dict[str, dict[Any, str]]], pd.DataFrame]) -> None:
    """The .sav at `path` with its data and value labels changed."""
    data, meta = pyreadstat.read_sav(str(path), user_missing=True)
    labels = {name: dict(values) for name, values in meta.variable_value_labels.items()}
    changed = change(data, labels)
    pyreadstat.write_sav(
        changed,
        str(path),
        column_labels={k: v for k, v in meta.column_names_to_labels.items() if k in changed},
        variable_value_labels={k: v for k, v in labels.items() if k in changed},
    )


def sav(workspace: Path) -> Path:
    (path,) = (workspace / "data" / "raw" / "2026").glob("*.sav")
    return path


def variable(workspace: Path, item: str) -> str:
    wave = (workspace / "data" / "raw" / "2026" / "wave.toml").read_text(encoding="utf-8")
    found = re.search(rf'\[items\.{item}\]\s*variable = "(\w+)"', wave)
    assert found is not None
    return found.group(1)


def stops(workspace: Path, run: Any, *, code: int, says: list[str]) -> None:
    before = files(workspace / "reports")
    ran = run("--workspace", workspace, "rebuild")
    assert ran.code == code, ran.said
    assert "Traceback" not in ran.said
    for words in says:
        assert words in ran.said
    assert files(workspace / "reports") == before


def test_a_missing_column_is_named_with_the_wave_and_the_nearest_names(own_town: Path, run: Any) -> None:
    name = variable(own_town, "n_partner")
    rewrite(sav(own_town), lambda data, _: data.rename(columns={name: f"{name}_ny"}))
    stops(own_town, run, code=4, says=[f"'{name}'", "n_partner", f"{name}_ny", sav(own_town).name])


def test_an_unknown_district_is_named_with_its_column(own_town: Path, run: Any) -> None:
    def moved(data: pd.DataFrame, _: Any) -> pd.DataFrame:
        data.loc[data.index[:12], "stadsdel"] = "019799"
        return data

    rewrite(sav(own_town), moved)
    stops(own_town, run, code=4, says=["stadsdel", "12 rows", "wave.toml"])


def test_codes_of_another_division_need_a_crosswalk(own_town: Path, run: Any) -> None:
    wave = own_town / "data" / "raw" / "2026" / "wave.toml"
    edit(wave, lambda text: re.sub(r'geography = ".*"', 'geography = "deso-2018"', text))
    stops(own_town, run, code=3, says=["wave.toml of 2026 [area]", "'deso-2018'", "[[crosswalks]]"])


def test_swapped_labels_stop_the_wave(own_town: Path, run: Any) -> None:
    name = variable(own_town, "n_partner")

    def swapped(data: pd.DataFrame, labels: dict[str, dict[Any, str]]) -> pd.DataFrame:
        first, second, *_ = sorted(labels[name])
        labels[name][first], labels[name][second] = labels[name][second], labels[name][first]
        return data

    rewrite(sav(own_town), swapped)
    stops(own_town, run, code=4, says=[name, "2024"])


def test_a_personal_number_is_refused_and_never_repeated(own_town: Path, run: Any) -> None:
    def named(data: pd.DataFrame, _: Any) -> pd.DataFrame:
        return data.assign(ovrigt=["20110919-9826", *[""] * (len(data) - 1)])

    rewrite(sav(own_town), named)
    stops(own_town, run, code=5, says=["ovrigt"])
    assert "9826" not in run("--workspace", own_town, "rebuild").said


def test_a_missing_file_is_named(own_town: Path, run: Any) -> None:
    sav(own_town).rename(own_town / "elsewhere.sav")
    stops(own_town, run, code=4, says=["2026"])


def test_a_misspelt_setting_is_named(own_town: Path, run: Any) -> None:
    edit(own_town / "publication.toml", lambda text: text.replace("pool_waves", "pool_wave"))
    stops(own_town, run, code=3, says=["publication.toml", "pool_wave", "pool_waves"])


def test_a_policy_may_not_be_loosened(own_town: Path, run: Any) -> None:
    edit(own_town / "municipality.toml", lambda text: text + "\n[policy]\nbase_n = 5\n")
    stops(own_town, run, code=3, says=["base_n"])


def test_an_unknown_wave_is_refused_with_the_known_ones(own_town: Path, run: Any) -> None:
    ran = run("--workspace", own_town, "rebuild", "--wave", "2025")
    assert ran.code == 8
    assert "2024, 2026" in ran.said


def test_an_empty_workspace_says_what_to_do(tmp_path: Path, run: Any) -> None:
    ran = run("--workspace", tmp_path, "rebuild")
    assert ran.code == 8
    assert "new-wave" in ran.said
