"""The same inputs give the same bytes: whatever the machine's locale, clock, threads, hashes and folders.

And they do so without a network: in a namespace that has none, and where every socket is refused.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.slow]

PLAIN = "import sys; from mapping.cli import main; sys.exit(main(sys.argv[1:]))"
NO_SOCKET = (
    """
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"a socket was asked for: {event}")
sys.addaudithook(refuse)
"""
    + PLAIN
)
SWEDISH = "Exempelköpings kommun – OneDrive/Hedersrelaterat våld & förtryck/år 2026"


def rebuilt(
    workspace: Path, *, before: tuple[str, ...] = (), script: str = PLAIN, **environment: str
) -> None:
    ran = subprocess.run(
        [*before, sys.executable, "-c", script, "--workspace", str(workspace), "rebuild"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def namespace() -> tuple[str, ...]:
    """A command in front of another that takes its network away."""
    command = ("unshare", "--map-root-user", "--net")
    if (
        not shutil.which("unshare")
        or subprocess.run([*command, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this machine does not let a process have a namespace of its own (unshare -rn)")
    return command


def test_other_hashes_threads_clock_language_and_folder(
    story: Any, new_hamlet: Any, files: Any, tmp_path: Path
) -> None:
    workspace = new_hamlet(tmp_path / SWEDISH)
    rebuilt(
        workspace, PYTHONHASHSEED="4711", OMP_NUM_THREADS="3", OPENBLAS_NUM_THREADS="3", TZ="Pacific/Kiritimati",
        LC_ALL="C", LANG="tr_TR.UTF-8", COLUMNS="20", SOURCE_DATE_EPOCH="86400",
    )  # fmt: skip
    assert files(workspace / "reports") == story.first


def test_another_clone_in_another_folder(
    story: Any, new_hamlet: Any, files: Any, root: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "another clone"
    shutil.copytree(root / "src", clone / "src", ignore=shutil.ignore_patterns("__pycache__"))
    workspace = new_hamlet(tmp_path / "w")
    rebuilt(workspace, PYTHONPATH=str(clone / "src"), PYTHONHASHSEED="1", TZ="America/St_Johns")
    assert files(workspace / "reports") == story.first


def test_no_network_is_needed_and_none_is_asked_for(
    story: Any, new_hamlet: Any, files: Any, tmp_path: Path
) -> None:
    workspace = new_hamlet(tmp_path / "w")
    before = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (workspace / "data/raw").rglob("*.*")
    }
    rebuilt(workspace, before=namespace(), script=NO_SOCKET)
    assert files(workspace / "reports") == story.first
    now = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (workspace / "data/raw").rglob("*.*")
    }
    assert now == before  # raw data are untouched


def test_a_socket_would_be_noticed(tmp_path: Path) -> None:
    asked = NO_SOCKET.replace(PLAIN, "import socket; socket.socket()")
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert (ran.returncode, "a socket was asked for" in ran.stderr) == (1, True)


def test_what_is_kept_is_the_owners_alone(story: Any) -> None:
    if os.name != "posix":
        pytest.skip("permissions of this kind are POSIX's")
    private = story.after / "data" / "processed"
    for path in [private, *private.rglob("*")]:
        assert not path.stat().st_mode & 0o077, path.relative_to(story.after)
