"""A small town for the tests of the gate: made-up pupils, their estimates with relations, and its written files."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mapping.concepts.estimate_table import EstimateTable, Relation, row_key
from mapping.disclosure import (
    ProtectedRelease,
    append,
    certificate,
    protect,
    public_relations,
    read_policy,
)

AREAS = {f"d{i:02d}": f"a{i // 3}" for i in range(12)}
SHARES = {"S04": 0.16, "S08": 0.11}
CLASSES = {"S04": 3, "S08": 2}
COLUMNS = (
    *("key", "wave", "indicator", "level", "area", "group", "target", "status", "share", "low", "high", "decimals"),
    *("base", "count", "unsure", "bounds_low", "bounds_high"),
)  # fmt: skip


def make_pupils(seed: int, n: int = 900, wave: str = "2026") -> pd.DataFrame:
    """One row per pupil: district (or elsewhere), sex, school, and a yes (1), no (0) or nothing for each indicator."""
    rng = np.random.default_rng(seed)
    places = [*AREAS, "elsewhere"]
    size = np.append(np.linspace(1.0, 2.4, len(AREAS)), 0.6)
    frame = pd.DataFrame(
        {
            "wave": wave,
            "place": rng.choice(places, n, p=size / size.sum()),
            "sex": rng.choice(["girl", "boy", "rest"], n, p=[0.49, 0.49, 0.02]),
            "school": rng.integers(0, 6, n),
        }
    )
    for indicator, share in SHARES.items():
        answers = (rng.random(n) < share).astype(float)
        frame[indicator] = np.where(rng.random(n) < 0.05, np.nan, answers)
    return frame


def make_table(pupils: pd.DataFrame) -> EstimateTable:
    """The estimates of a wave by district, area, municipality and sex, with the relations among them."""
    wave = str(pupils["wave"].iloc[0])
    area = pupils["place"].map(AREAS).fillna("elsewhere")
    rows, relations = [], []
    for indicator in SHARES:

        def key(level: str, place: str, group: str = "all", indicator: str = indicator) -> str:
            return row_key(wave, indicator, level, place, group)

        cells = [("municipality", "M", "all", pupils)]
        cells += [("municipality", "M", sex, pupils[pupils["sex"] == sex]) for sex in ("girl", "boy", "rest")]
        cells += [
            ("area", code, "all", pupils[area == code])
            for code in (*sorted(set(AREAS.values())), "elsewhere")
        ]
        cells += [("district", code, "all", pupils[pupils["place"] == code]) for code in AREAS]
        for level, place, group, members in cells:
            rows += _rows(wave, indicator, level, place, group, members)
        areas = [key("area", code) for code in (*sorted(set(AREAS.values())), "elsewhere")]
        relations.append(Relation.sum_of(key("municipality", "M"), areas))
        sexes = [key("municipality", "M", sex) for sex in ("girl", "boy", "rest")]
        relations.append(Relation.sum_of(key("municipality", "M"), sexes))
        for code in sorted(set(AREAS.values())):
            inside = [key("district", district) for district, own in AREAS.items() if own == code]
            relations.append(Relation.sum_of(key("area", code), inside))
    return EstimateTable.from_frame(
        pd.DataFrame(rows), relations, response={wave: {"registered": 1100, "answered": len(pupils)}}
    )


def _rows(
    wave: str, indicator: str, level: str, place: str, group: str, members: pd.DataFrame
) -> list[dict[str, object]]:
    answers = members[indicator].dropna()
    n, events = len(answers), int(answers.sum())
    schools = members.loc[answers.index, "school"].value_counts()
    share = events / n if n else math.nan
    wide = 2 * math.sqrt((share + 0.5 / n) * (1 - share + 0.5 / n) / n) if n else math.nan
    row = {
        "wave": wave,
        "indicator": indicator,
        "level": level,
        "area": place,
        "group": group,
        "publish": place != "elsewhere" and group != "rest",
        "sensitivity": CLASSES[indicator],
        "n": n,
        "events": events,
        "n_unsure": int(members[indicator].isna().sum()),
        "register": math.ceil(1.2 * len(members)) if level != "municipality" else math.nan,
        "n_schools": len(schools),
        "largest_school": float(schools.max() / n) if n else 0.0,
        "estimate": share,
        "ci_low": max(0.0, share - wide),
        "ci_high": min(1.0, share + wide),
        "reliability": "reliable" if n >= 30 else "unreliable",
    }
    return [row | {"target": target} for target in ("pupils", "risk")]


@pytest.fixture(scope="session")
def pupils() -> Callable[..., pd.DataFrame]:
    """Makes pupils from a seed."""
    return make_pupils


@pytest.fixture(scope="session")
def tabulate() -> Callable[[pd.DataFrame], EstimateTable]:
    """Makes the estimate table of some pupils."""
    return make_table


@pytest.fixture(scope="session")
def town() -> EstimateTable:
    """One wave of the town."""
    return make_table(make_pupils(1))


@pytest.fixture(scope="session")
def write_release() -> Callable[..., Path]:
    """Writes a release as the publishing room does, as far as the audit reads it."""

    def write(
        release: ProtectedRelease, tables: Sequence[EstimateTable], folder: Path, sequence: int = 1
    ) -> Path:
        (folder / "tables").mkdir(parents=True)
        with (folder / "tables" / "figures.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for figure in release:
                row = {name: getattr(figure, name, None) for name in COLUMNS} | {
                    "status": figure.status.value
                }
                row["decimals"] = None if figure.share is None else figure.decimals
                writer.writerow({name: "" if value is None else value for name, value in row.items()})
        with (folder / "tables" / "areas.csv").open("w", encoding="utf-8", newline="") as file:
            writer_ = csv.writer(file)
            writer_.writerow(("level", "area", "name", "parent_level", "parent", "class"))
            writer_.writerows(
                ("district", code, f"Place {code}", "area", own, "3") for code, own in AREAS.items()
            )
            writer_.writerows(
                ("area", code, f"Area {code}", "municipality", "M", "3")
                for code in sorted(set(AREAS.values()))
            )
        about = {
            "wave": release.wave,
            "sequence": sequence,
            "policy": dict(release.policy),
            "relations": public_relations(tables),
        }
        (folder / "release.json").write_text(json.dumps(about, default=list), encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def built_reports(
    tmp_path_factory: pytest.TempPathFactory,
    pupils: Callable[..., pd.DataFrame],
    tabulate: Callable[[pd.DataFrame], EstimateTable],
    write_release: Callable[..., Path],
    certify: Callable[..., None],
) -> Path:
    """The reports of two waves with their ledger, each with its certificate."""
    reports = tmp_path_factory.mktemp("town") / "reports"
    for number, (wave, seed) in enumerate((("2024", 2), ("2026", 1)), 1):
        table = tabulate(pupils(seed, wave=wave))
        release = protect([table], read_policy(), key=b"secret")
        folder = write_release(release, [table], reports / wave, number)
        certify(folder, {f"{wave}|municipality|M": 900, "2024|district|d00": 60})
        append(reports / "ledger" / "ledger.jsonl", release)
    return reports


@pytest.fixture
def reports(built_reports: Path, tmp_path: Path) -> Path:
    """The reports of two waves, to be spoiled."""
    return shutil.copytree(built_reports, tmp_path / "reports")


@pytest.fixture(scope="session")
def certify() -> Callable[..., None]:
    """States the hash of figures.csv in a release, and its certificate."""

    def put(folder: Path, at_most: Mapping[str, int]) -> None:
        about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        made = (folder / "tables" / "figures.csv").read_bytes()
        about["files"] = {"tables/figures.csv": hashlib.sha256(made).hexdigest()}
        about["certificate"] = certificate(folder, folder.parent, CLASSES, at_most)
        (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")

    return put
