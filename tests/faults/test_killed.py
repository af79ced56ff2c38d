"""Killed at any moment: the release that stood still stands, and the next run ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.slow]

MOMENTS = int(os.environ.get("MAPPING_FAULTS", "2"))  # of each kind; `make study-faults` takes 200
SEED = int(os.environ.get("MAPPING_FAULTS_SEED", "9"))


def standing(reports: dict[str, bytes]) -> dict[str, bytes]:
    """The release in place, without what is hidden (left by whoever was killed)."""
    return {name: made for name, made in reports.items() if name.startswith("2026/")}


def assert_whole(story: Any, workspace: Path, files: Any) -> None:
    """The first release stands, or the second; and the ledger has the row of the one that stands."""
    found = files(workspace / "reports")
    stands = standing(found)
    assert stands in (standing(story.first), standing(story.second))
    sequence = json.loads(stands["2026/release.json"])["sequence"]
    assert found["ledger/ledger.jsonl"].count(b"\n") >= sequence


def assert_ends_as_undisturbed(story: Any, workspace: Path, rebuilds: Any, files: Any) -> None:
    ran = rebuilds(workspace)
    assert ran.code == 0, ran.said
    assert files(workspace / "reports") == story.second


@pytest.mark.parametrize("number", range(MOMENTS))
def test_killed_before_any_change_to_a_file(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path, number: int
) -> None:
    """With few moments, the last changes: those that put the release in place."""
    workspace = story.copy(tmp_path)
    at = (
        story.changes - number
        if number < story.changes and story.changes > MOMENTS
        else 1 + number % story.changes
    )
    ran = rebuilds(workspace, at=at)
    assert ran.code == -signal.SIGKILL
    assert_whole(story, workspace, files)
    assert_ends_as_undisturbed(story, workspace, rebuilds, files)


@pytest.mark.parametrize("number", range(MOMENTS))
def test_killed_at_a_random_moment(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path, number: int
) -> None:
    workspace = story.copy(tmp_path)
    after = random.Random(f"{SEED} {number}").uniform(0.01, story.seconds)
    ran = rebuilds(workspace, after=after)
    assert ran.code in (
        -signal.SIGALRM,
        0,
    )  # the alarm ends the process as SIGKILL does: no handler, no clean-up
    assert_whole(story, workspace, files)
    assert_ends_as_undisturbed(story, workspace, rebuilds, files)


def test_killed_twice_in_a_row_at_the_worst_moment(
    story: Any, rebuilds: Any, files: Any, tmp_path: Path
) -> None:
    workspace = story.copy(tmp_path)
    for at in (story.changes - 6, story.changes - 4):
        rebuilds(workspace, at=at)
        assert_whole(story, workspace, files)
    assert_ends_as_undisturbed(story, workspace, rebuilds, files)
