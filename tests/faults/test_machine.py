"""The machine refuses: disk full, folder read-only, memory used up, a file open elsewhere, a rebuild under way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mapping import manifest
from mapping.errors import BuildError

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.slow]


def assert_first_stands(story: Any, workspace: Path, files: Any) -> None:
    found = files(workspace / "reports")
    for name, made in story.first.items():
        if name.startswith("2026/"):
            assert found[name] == made, name


def assert_one_sentence(ran: Any) -> None:
    assert ran.code == BuildError.exit_code, ran.said
    assert ran.said.startswith("mapping: ")
    assert len(ran.said.strip().splitlines()) == 1, ran.said


@pytest.mark.parametrize("share", [0.5])
def test_a_full_disk_leaves_what_stood(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path, share: float
) -> None:
    workspace = story.copy(tmp_path)
    ran = rebuilds(workspace, full=max(1, round(share * story.changes)))
    assert_one_sentence(ran)
    assert "disk" in ran.said
    assert_first_stands(story, workspace, files)
    assert rebuilds(workspace).code == 0
    assert files(workspace / "reports") == story.second


def test_files_that_may_not_grow_leave_what_stood(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path
) -> None:
    workspace = story.copy(tmp_path)
    ran = rebuilds(workspace, limits={"RLIMIT_FSIZE": 30_000})
    assert_one_sentence(ran)
    assert files(workspace / "reports") == story.first


def test_a_folder_that_may_not_be_written_leaves_what_stood(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path
) -> None:
    workspace = story.copy(tmp_path)
    (workspace / "reports").chmod(0o555)
    ran = rebuilds(workspace, ordinary=True)
    (workspace / "reports").chmod(0o755)
    assert_one_sentence(ran)
    assert "reports" in ran.said
    assert_first_stands(story, workspace, files)
    assert rebuilds(workspace).code == 0
    assert files(workspace / "reports") == story.second


@pytest.mark.parametrize("megabytes", [40])
def test_used_up_memory_leaves_what_stood(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path, megabytes: int
) -> None:
    workspace = story.copy(tmp_path)
    # without memory a thread of a library may wait for ever: whoever waits in vain ends it, as an operator would
    ran = rebuilds(workspace, memory=megabytes * 2**20, after=40)
    assert ran.code != 0
    assert_first_stands(story, workspace, files)
    assert rebuilds(workspace).code == 0
    assert files(workspace / "reports") == story.second


def test_a_second_rebuild_at_once_is_refused_with_a_sentence(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path
) -> None:
    workspace = story.copy(tmp_path)
    with manifest.rebuild_lock(workspace):
        ran = rebuilds(workspace)
    assert_one_sentence(ran)
    assert "another rebuild" in ran.said
    assert files(workspace / "reports") == story.first


def test_a_rebuild_on_another_machine_is_named(story: Any, rebuilds: Any, tmp_path: Path) -> None:
    workspace = story.copy(tmp_path)
    (workspace / "data" / "processed" / ".rebuilding").write_text("17 analyst-2", encoding="utf-8")
    ran = rebuilds(workspace)
    assert_one_sentence(ran)
    assert "analyst-2" in ran.said
