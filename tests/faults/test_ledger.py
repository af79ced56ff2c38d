"""The ledger under faults: never a release without its row, never a row lost unnoticed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mapping.errors import DisclosureError
from mapping.manifest import LEDGER, LEDGER_COPY

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.slow]


def cut(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])


def first_row(path: Path) -> int:
    return path.read_bytes().index(b"\n") + 1


HARM: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "emptied": lambda path: cut(path, 0),
    "cut in a row": lambda path: cut(path, first_row(path) + 40),
    "rolled back": lambda path: cut(path, first_row(path)),
}


@pytest.mark.parametrize("how", HARM)
def test_a_ledger_that_lost_rows_gets_them_back_and_it_is_said(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path, how: str
) -> None:
    workspace = story.copy(tmp_path, after=True)
    HARM[how](workspace / LEDGER)
    ran = rebuilds(workspace)
    assert ran.code == 0, ran.said
    assert "had lost rows" in ran.said
    assert files(workspace / "reports") == story.second


@pytest.mark.parametrize("how", HARM)
def test_a_ledger_that_lost_rows_together_with_its_copy_is_refused(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path, how: str
) -> None:
    workspace = story.copy(tmp_path, after=True)
    for path in (LEDGER, LEDGER_COPY):
        HARM[how](workspace / path)
    ran = rebuilds(workspace)
    assert ran.code == DisclosureError.exit_code, ran.said
    assert "Restore" in ran.said


def test_a_ledger_rolled_back_with_all_that_is_private_is_refused_by_what_stands(
    story: Any, rebuilds: Any, tmp_path: Path
) -> None:
    """A backup of data/processed and of the ledger, from before the second release, which stands under reports/."""
    workspace = story.copy(tmp_path, after=True)
    for name in ("data/processed", "reports/ledger"):
        shutil.rmtree(workspace / name)
        shutil.copytree(story.before / name, workspace / name)
    ran = rebuilds(workspace)
    assert ran.code == DisclosureError.exit_code, ran.said
    assert "holds release 2" in ran.said


def test_two_machines_that_released_apart_are_not_mixed(story: Any, rebuilds: Any, tmp_path: Path) -> None:
    here, there = story.copy(tmp_path, after=True), Path(shutil.copytree(story.before, tmp_path / "there"))
    plan = there / "publication.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('"S15"', '"S07"'), encoding="utf-8")
    assert rebuilds(there).code == 0
    shutil.rmtree(here / "reports")
    shutil.copytree(there / "reports", here / "reports")
    ran = rebuilds(here)
    assert ran.code == DisclosureError.exit_code, ran.said
    assert "is not the ledger of what this workspace has published" in ran.said
