"""`mapping why FILE`: what an output was made from, told by names of files and never by what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapping import manifest
from mapping.errors import BuildError
from mapping.why import why

MUNICIPALITY = """schema = 1
code = "0199"
name = "Exempelköping"
publisher = "Exempelköpings kommun"
synthetic = true
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name, text in {
        "municipality.toml": MUNICIPALITY,
        "publication.toml": "schema = 1\n",
        "data/raw/2026/wave.toml": "schema = 1\n",
        "data/raw/2026/ung.csv": "hemlig;svar\n",
        "reports/2026/tables/figures.csv": "key\n",
        "reports/ledger/ledger.jsonl": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    key = manifest.workspace_key(tmp_path, synthetic=True)
    manifest.record(tmp_path, "2026", manifest.fingerprint(tmp_path, "2026", key))
    return tmp_path


def told(workspace: Path, name: str = "reports/2026/tables/figures.csv") -> str:
    return "\n".join(why(workspace / name))


def test_inputs_settings_and_program_are_named_and_nothing_of_what_they_hold(workspace: Path) -> None:
    said = told(workspace)
    assert "the protected figures, as open data" in said
    assert "data/raw/2026/ung.csv: as it was" in said
    assert "publication.toml: as it was" in said
    assert "The program: as when it was made." in said
    assert "Up to date" in said
    assert "hemlig" not in said


def test_what_has_changed_since_is_told(workspace: Path) -> None:
    (workspace / "data/raw/2026/ung.csv").write_text("annat")
    (workspace / "data/raw/2026/frame.csv").write_text("nytt")
    (workspace / "reports/2026/tables/figures.csv").write_text("by hand")
    said = told(workspace)
    assert "ung.csv: changed since" in said
    assert "frame.csv: new since" in said
    assert "changed by hand since" in said
    assert "Out of date" in said


def test_a_file_that_is_gone_is_told(workspace: Path) -> None:
    (workspace / "data/raw/2026/ung.csv").unlink()
    assert "ung.csv: removed since" in told(workspace)


def test_the_ledger_is_told_apart(workspace: Path) -> None:
    assert "each row bound to the one before" in told(workspace, "reports/ledger/ledger.jsonl")


@pytest.mark.parametrize("name", ["publication.toml", "data/raw/2026/ung.csv"])
def test_what_is_no_output_is_said_so(workspace: Path, name: str) -> None:
    with pytest.raises(BuildError, match="is no output"):
        told(workspace, name)


def test_an_output_of_which_nothing_is_recorded_is_said_so(workspace: Path) -> None:
    (workspace / "data/processed/manifest.json").unlink()
    with pytest.raises(BuildError, match="nothing is recorded"):
        told(workspace)
