"""Forgetting a wave: its truth goes, pools included; the ledger stays, and nothing new can be told of the wave."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from mapping import analyst, cli, manifest
from mapping.concepts.estimate_table import EstimateTable, Relation
from mapping.disclosure import (
    append,
    keep_counts,
    next_entry,
    protect,
    read_earlier,
    read_ledger,
    read_policy,
)
from mapping.disclosure.ledger.earlier import counts_kept
from mapping.errors import BuildError, DisclosureError

POLICY = read_policy()
LEDGER = Path("reports") / "ledger" / "ledger.jsonl"


def publish(workspace: Path, tables: Sequence[EstimateTable]) -> None:
    release = protect(tables, POLICY, read_earlier(workspace), key=b"secret")
    keep_counts(workspace, next_entry(workspace / LEDGER, release), tables, POLICY, release)
    append(workspace / LEDGER, release)
    wave = release.wave
    for table in tables:
        table.frame.to_parquet(manifest.private_wave(workspace, wave) / "estimates.parquet")
    (manifest.private_wave(workspace, wave) / "quality.html").write_text("x")


@pytest.fixture
def two_waves(tmp_path: Path, pupils: Callable, tabulate: Callable) -> Path:
    """2024 alone; then 2026, with 2024 as latent cells and a pool of both."""
    one, two = tabulate(pupils(5, wave="2024")), tabulate(pupils(6, wave="2026"))
    publish(tmp_path, [one])
    pool = two.frame.assign(
        wave="2024+2026", n=one.frame["n"] + two.frame["n"], events=one.frame["events"] + two.frame["events"]
    )
    pool = EstimateTable.from_frame(pool.drop(columns="key"))
    ties = [
        Relation.sum_of(key, [key.replace("2024+2026", wave, 1) for wave in ("2024", "2026")])
        for key in dict.fromkeys(pool.frame["key"])
    ]
    frame = pd.concat([one.frame.assign(publish=False), two.frame, pool.frame], ignore_index=True)
    publish(tmp_path, [EstimateTable.from_frame(frame, (*one.relations, *two.relations, *ties))])
    return tmp_path


def waves_kept(workspace: Path) -> set[str]:
    """The waves, pools included, of which any file of the owner-only folder still holds a count."""
    found: set[str] = set()
    for path in (workspace / "data" / "processed").glob("*/released.json"):
        for kept in json.loads(path.read_text()).values():
            found |= {key.split("|")[0] for key in kept["units"]}
            found |= {key.split("|")[0] for relation in kept["relations"] for key, _ in relation["terms"]}
    for path in (workspace / "data" / "processed").glob("*/estimates.parquet"):
        found |= set(pd.read_parquet(path)["wave"])
    return found


def test_the_truth_goes_and_the_ledger_stays(two_waves: Path) -> None:
    ledger = (two_waves / LEDGER).read_bytes()
    assert waves_kept(two_waves) == {"2024", "2026", "2024+2026"}

    said = analyst.forget(two_waves, "2024")

    assert waves_kept(two_waves) == {"2026"}
    assert not (two_waves / "data/processed/2024").exists()
    assert not (two_waves / "data/processed/2026/quality.html").exists()
    assert (two_waves / LEDGER).read_bytes() == ledger
    assert any(line.startswith("kept: the ledger") for line in said)
    assert any(line.startswith("closed: 2026") for line in said)
    assert counts_kept(two_waves, "2024") == {}


def test_a_later_wave_is_released_and_still_sees_what_was_printed(
    two_waves: Path, pupils: Callable, tabulate: Callable
) -> None:
    printed = [entry.figures for entry in read_ledger(two_waves / LEDGER)]
    analyst.forget(two_waves, "2024")

    publish(two_waves, [tabulate(pupils(8, wave="2028"))])

    earlier = read_earlier(two_waves)
    assert [release.wave for release in earlier] == ["2024", "2026", "2028"]
    assert [release.figures.figures for release in earlier[:2]] == printed
    assert earlier[0].units == {}


def test_the_forgotten_wave_and_those_pooled_with_it_are_closed(two_waves: Path) -> None:
    analyst.forget(two_waves, "2024")
    closed = manifest.closed_waves(two_waves)

    assert (closed.forgotten, closed.bound) == ({"2024"}, {"2026"})
    for wave in ("2024", "2026"):
        with pytest.raises(BuildError, match=f"wave {wave} is closed by `mapping forget`"):
            closed.refuse([wave])
    closed.refuse(["2028"])


def test_raw_files_are_not_touched_and_that_is_said(two_waves: Path) -> None:
    raw = two_waves / "data" / "raw" / "2024"
    raw.mkdir(parents=True)
    (raw / "ung.sav").write_bytes(b"answers")

    assert any("not touched" in line and "your own" in line for line in analyst.forget(two_waves, "2024"))
    assert (raw / "ung.sav").read_bytes() == b"answers"


@pytest.mark.parametrize("wave", ["2025", "../2026", "..", "", "2024/../2026", "."])
def test_a_wave_that_is_none_is_refused_and_nothing_is_lost(two_waves: Path, wave: str) -> None:
    before = sorted(two_waves.rglob("*"))
    with pytest.raises(BuildError, match="there is no wave"):
        analyst.forget(two_waves, wave)
    assert sorted(two_waves.rglob("*")) == before


def test_forgetting_twice_is_said(two_waves: Path) -> None:
    analyst.forget(two_waves, "2024")
    with pytest.raises(BuildError, match="forgotten already"):
        analyst.forget(two_waves, "2024")


def test_a_link_is_removed_and_not_what_it_points_to(
    two_waves: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "letter.txt").write_text("x")
    (two_waves / "data/processed/2022").symlink_to(elsewhere)

    analyst.forget(two_waves, "2022")

    assert (elsewhere / "letter.txt").exists()
    assert not (two_waves / "data/processed/2022").is_symlink()


def test_a_damaged_note_of_what_is_closed_stops_the_program(two_waves: Path) -> None:
    analyst.forget(two_waves, "2024")
    (two_waves / "data/processed/forgotten.json").write_text("{")
    with pytest.raises(BuildError, match="forgotten waves is damaged"):
        read_earlier(two_waves)


def test_the_command_asks_and_a_script_must_say_yes(
    two_waves: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--workspace", str(two_waves), "forget", "2024"]) == BuildError.exit_code
    assert "--yes" in capsys.readouterr().err
    assert (two_waves / "data/processed/2024").exists()
    assert cli.main(["--workspace", str(two_waves), "forget", "2024", "--yes"]) == 0
    assert not (two_waves / "data/processed/2024").exists()


def test_another_answer_at_the_terminal_erases_nothing(
    two_waves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "yes")
    assert cli.main(["--workspace", str(two_waves), "forget", "2024"]) == 0
    assert (two_waves / "data/processed/2024").exists()


@pytest.mark.parametrize("content", ['{"1": {"units": {}}}', '{"1": []}', "[]", "{"])
def test_counts_of_an_older_program_are_a_clear_error(two_waves: Path, content: str) -> None:
    (two_waves / "data/processed/2024/released.json").write_text(content)
    with pytest.raises(DisclosureError, match=r"2024/released\.json.*older version.*Restore"):
        read_earlier(two_waves)
