"""A workspace in a synchronised folder, in a git tree with a remote, or open to others is warned of."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mapping.surroundings import warnings_about


def workspace(folder: Path) -> Path:
    for name in ("raw/2026", "processed"):
        (folder / "data" / name).mkdir(parents=True, mode=0o700)
        (folder / "data" / name).chmod(0o700)
    (folder / "data" / "raw").chmod(0o700)
    (folder / "data" / "raw" / "2026" / "ung.sav").write_bytes(b"x")
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_workspace_of_its_own_is_left_in_peace(tmp_path: Path) -> None:
    assert warnings_about(workspace(tmp_path / "kartan"), {}) == []


@pytest.mark.parametrize(
    "name",
    ["OneDrive", "OneDrive - Exempelköpings kommun", "Dropbox", "Dropbox (Kommunen)", "Google Drive", "GoogleDrive-a",
     "iCloud Drive", "Mobile Documents", "Nextcloud", "CloudStorage"],
)  # fmt: skip
def test_folders_of_services_are_known_by_name(tmp_path: Path, name: str) -> None:
    (warning,) = warnings_about(workspace(tmp_path / name / "kartan"), {})
    assert "synchronised folder" in warning and "Move it" in warning


def test_a_folder_is_known_by_what_a_service_leaves_in_it(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "G" / "kartan")
    (tmp_path / "G" / ".dropbox").write_text("{}")
    assert "synchronised" in warnings_about(folder, {})[0]


def test_a_folder_is_known_by_the_environment(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "moln" / "kartan")
    assert "(OneDriveCommercial)" in warnings_about(folder, {"OneDriveCommercial": str(tmp_path / "moln")})[0]
    assert warnings_about(folder, {"OneDriveCommercial": str(tmp_path / "annat")}) == []


def test_a_git_tree_is_warned_of_only_with_a_remote_and_data_that_are_not_ignored(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    git(folder, "init")
    assert warnings_about(folder, {}) == []
    git(folder, "remote", "add", "origin", "git@example.invalid:x.git")
    assert "Add data/ to .gitignore" in warnings_about(folder, {})[0]
    (folder / ".gitignore").write_text("data/\n")
    assert warnings_about(folder, {}) == []
    git(folder, "add", "-f", "data/raw/2026/ung.sav")
    assert "under version control" in warnings_about(folder, {})[0]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX here")
@pytest.mark.parametrize("name", ["raw", "processed"])
def test_data_that_others_may_read_are_warned_of(tmp_path: Path, name: str) -> None:
    folder = workspace(tmp_path / "kartan")
    folder.chmod(0o755)
    (folder / "data").chmod(0o755)
    (folder / "data" / name).chmod(0o755)
    assert warnings_about(folder, {}) == [
        f"Others on this machine may read data/{name}. Close it: `chmod 700 data/{name}`."
    ]
    (folder / "data").chmod(0o700)
    assert warnings_about(folder, {}) == []
