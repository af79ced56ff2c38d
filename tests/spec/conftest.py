"""Workspaces built once for all tests of the whole way. Tests that use them share a worker (xdist_group)."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mapping import demo
from mapping.cli import main

Run = Callable[..., "Ran"]


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and all it said."""

    code: int
    said: str


def run_command(*arguments: str | Path) -> Ran:
    """The command `mapping` with `arguments`, in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main([str(argument) for argument in arguments])
    return Ran(code, out.getvalue())


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs the command `mapping`."""
    return run_command


def built(folder: Path, size: str) -> tuple[Path, Ran]:
    demo.build(folder, size=size)
    return folder, run_command("--workspace", folder, "rebuild")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The synthetic city, rebuilt once; tests only read it."""
    return built(tmp_path_factory.mktemp("city"), "city")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The synthetic town, rebuilt once; tests only read it."""
    return built(tmp_path_factory.mktemp("town"), "town")


@pytest.fixture
def own_town(town: tuple[Path, Ran], tmp_path: Path) -> Iterator[Path]:
    """A copy of the built town that a test may change."""
    yield Path(shutil.copytree(town[0], tmp_path / "town"))
