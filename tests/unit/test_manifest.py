"""What was made from what: content decides, not time; the lock and the key belong to the owner."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mapping import manifest
from mapping.errors import BuildError

KEY = b"k" * 32


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in (
        "municipality.toml",
        "publication.toml",
        "data/raw/2024/wave.toml",
        "data/raw/2026/wave.toml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("schema = 1\n")
    for wave in ("2024", "2026"):
        (tmp_path / "reports" / wave).mkdir(parents=True)
        (tmp_path / "reports" / wave / "report.sv.pdf").write_bytes(b"pdf")
        manifest.record(tmp_path, wave, manifest.fingerprint(tmp_path, wave, KEY))
    return tmp_path


def fresh(workspace: Path) -> list[bool]:
    return [manifest.is_fresh(workspace, wave, KEY) for wave in ("2024", "2026")]


def test_nothing_changed_means_nothing_to_do(workspace: Path) -> None:
    assert fresh(workspace) == [True, True]


def test_touching_a_file_changes_nothing(workspace: Path) -> None:
    os.utime(workspace / "data/raw/2026/wave.toml", (1, 1))
    assert fresh(workspace) == [True, True]


def test_a_new_wave_leaves_earlier_ones_alone(workspace: Path) -> None:
    (workspace / "data/raw/2026/ung.csv").write_text("x")
    assert fresh(workspace) == [True, False]


def test_an_earlier_wave_concerns_the_later_ones(workspace: Path) -> None:
    (workspace / "data/raw/2024/ung.csv").write_text("x")
    assert fresh(workspace) == [False, False]


def test_an_output_changed_by_hand_is_made_again(workspace: Path) -> None:
    (workspace / "reports/2024/report.sv.pdf").write_bytes(b"other")
    assert fresh(workspace) == [False, True]


def test_hashes_of_inputs_depend_on_the_key(workspace: Path) -> None:
    one, other = (manifest.fingerprint(workspace, "2026", key) for key in (KEY, b"x" * 32))
    assert one["inputs"] != other["inputs"]
    assert one["code"] == other["code"]


def test_a_changed_package_makes_everything_anew(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest.hashes, "lock_digest", lambda: "other")
    assert fresh(workspace) == [False, False]


def test_a_manifest_of_an_earlier_version_means_that_all_is_made_anew(workspace: Path) -> None:
    """Before, it held one hash for all inputs and one for all outputs."""
    old = {"inputs": "9f", "settings": "9f", "code": "9f", "outputs": "9f"}
    content = json.dumps({"schema": 1, "waves": {"2024": old, "2026": old}})
    (workspace / "data/processed/manifest.json").write_text(content)
    assert fresh(workspace) == [False, False]
    assert manifest.mend_ledger(workspace) is False


def test_a_manifest_of_a_newer_version_is_refused(workspace: Path) -> None:
    (workspace / "data/processed/manifest.json").write_text('{"schema": 2, "waves": {}}')
    with pytest.raises(BuildError, match="newer version"):
        fresh(workspace)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 1}', '{"schema": 1, "waves": {"2024": 7}}'])
def test_a_damaged_manifest_means_that_all_is_made_anew(workspace: Path, content: str) -> None:
    (workspace / "data/processed/manifest.json").write_text(content)
    assert fresh(workspace) == [False, False]


def test_a_lock_of_another_machine_is_an_obstacle_that_is_named(tmp_path: Path) -> None:
    (manifest.private_folder(tmp_path) / ".rebuilding").write_text("17 analyst-2")
    with pytest.raises(BuildError, match="analyst-2"), manifest.rebuild_lock(tmp_path):
        pass


def test_a_second_rebuild_is_refused_while_one_runs(tmp_path: Path) -> None:
    with (
        manifest.rebuild_lock(tmp_path),
        pytest.raises(BuildError, match="another rebuild"),
        manifest.rebuild_lock(tmp_path),
    ):
        pass
    with manifest.rebuild_lock(tmp_path):  # released afterwards
        pass


def test_the_lock_of_a_dead_process_is_no_obstacle(tmp_path: Path) -> None:
    (manifest.private_folder(tmp_path) / ".rebuilding").write_text("999999999")
    with manifest.rebuild_lock(tmp_path):
        pass


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.json"
    manifest.write_whole(target, b"old")

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        manifest.write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_a_copied_survey_file_is_the_owners_alone_and_one_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "ung.csv").write_text("svar")
    copy = manifest.own_copy(tmp_path / "ung.csv", tmp_path / "data/raw/2026")
    assert copy.read_text() == "svar"
    if os.name == "posix":
        assert (copy.stat().st_mode | copy.parent.stat().st_mode) & 0o077 == 0
    (tmp_path / "ung.csv").write_text("annat")
    assert manifest.own_copy(tmp_path / "ung.csv", tmp_path / "data/raw/2026").read_text() == "svar"
    assert manifest.own_copy(copy, copy.parent) == copy  # already where it belongs


def test_the_key_and_the_private_folder_are_the_owners_alone(tmp_path: Path) -> None:
    key = manifest.workspace_key(tmp_path, synthetic=False)
    assert key == manifest.workspace_key(tmp_path, synthetic=False)
    if os.name == "posix":
        assert (tmp_path / "data/processed/.key").stat().st_mode & 0o077 == 0
        assert (tmp_path / "data/processed").stat().st_mode & 0o077 == 0
