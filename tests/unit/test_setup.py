"""The first minutes on a strange machine: the menu, and one plain sentence where something is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="needs a shell and make")

PYTHON_3_9 = '#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.18"\n'
PYTHON_WITHOUT_ENSUREPIP = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexit 0\n'


def set_up(root: Path, folder: Path, python: str | None) -> subprocess.CompletedProcess[str]:
    """`make setup` in an empty copy on a machine whose only Python is the script given."""
    commands = folder / "bin"
    commands.mkdir()
    for name in ("sh", "make", "dirname", "touch"):
        (commands / name).symlink_to(str(shutil.which(name)))
    if python is not None:
        (commands / "python3").write_text(python, encoding="utf-8")
        (commands / "python3").chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "uv.lock", "requirements.lock", ".ci/setup"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(root / name, folder / name)
    return subprocess.run(
        ["make", "setup"],
        cwd=folder,
        env={"PATH": str(commands), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def sentences(run: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in run.stderr.splitlines() if not line.startswith("make")]


@pytest.mark.parametrize(
    ("python", "said"),
    [
        (None, "Python 3.11, 3.12 or 3.13 is needed, and this machine has no python3: install"),
        (PYTHON_3_9, "Python 3.11, 3.12 or 3.13 is needed, and this machine has Python 3.9.18: install"),
        (PYTHON_WITHOUT_ENSUREPIP, "python3 cannot make virtual environments: install python3-venv"),
    ],
)
def test_one_sentence_says_what_to_install(root: Path, tmp_path: Path, python: str | None, said: str) -> None:
    run = set_up(root, tmp_path, python)

    assert run.returncode != 0
    assert [line.startswith(said) for line in sentences(run)] == [True]
    assert not (tmp_path / ".venv").exists()


def test_make_alone_prints_the_menu_with_every_target(root: Path) -> None:
    run = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True)
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    assert targets is not None
    assert re.findall(r"^  make ([\w-]+) +\S", run.stdout, re.MULTILINE) == targets[1].split()


def test_every_command_of_the_readme_is_on_the_menu(root: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake (\w+)", re.sub(r"<[^>]*>", "", " ".join(_code(root / "README.md")))))
    assert named
    assert named <= targets


def _code(path: Path) -> list[str]:
    return re.findall(r"`[^`]+`", path.read_text(encoding="utf-8"))
