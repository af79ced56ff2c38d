"""What docs/security.md says is there: every file, every test; and the guard before a commit refuses what it should."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

STARTERS = {"bundle.py", "surroundings.py", "ingest/apart.py"}  # pip, git, and the process that reads
EVALUATING = {"eval", "exec", "compile", "__import__", "system", "popen"}


def named(text: str) -> Iterator[tuple[str, str]]:
    """Files and tests that a document names: (path, test or nothing)."""
    yield from re.findall(r"`((?:src|tests|\.githooks)/[\w./-]+?)(?:::(\w+))?`", text)


def absent(root: Path, text: str) -> list[str]:
    """What of it is not there."""
    return [
        f"{path}::{test}"
        for path, test in named(text)
        if not (root / path).exists()
        or (test and f"def {test}(" not in (root / path).read_text(encoding="utf-8"))
    ]


def test_every_file_and_test_that_the_page_names_is_there(root: Path) -> None:
    text = (root / "docs" / "security.md").read_text(encoding="utf-8")
    assert absent(root, text) == []
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert rows
    assert all("::test_" in row for row in rows), "a property without a test"


def test_a_test_that_is_gone_is_missed(root: Path) -> None:
    assert absent(root, "`tests/conftest.py::test_gone`, `src/gone.py`") == [
        "tests/conftest.py::test_gone",
        "src/gone.py::",
    ]


def called(tree: ast.Module) -> Iterator[str]:
    """Names of what a module calls, bare or of the modules os and builtins."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in (
                "os",
                "builtins",
            ):
                yield node.func.attr
            if any(word.arg == "shell" for word in node.keywords):
                yield "system"


def test_nothing_is_evaluated_and_no_shell_is_asked(sources: dict[str, ast.Module]) -> None:
    assert {name: bad for name, tree in sources.items() if (bad := EVALUATING & set(called(tree)))} == {}
    assert EVALUATING & set(called(ast.parse("eval(x); os.system(y); run(z, shell=True)"))) == {
        "eval",
        "system",
    }


def test_only_three_modules_start_another_program(sources: dict[str, ast.Module]) -> None:
    starting = {
        name
        for name, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(alias.name == "subprocess" for alias in node.names)
    }
    assert starting == STARTERS


@pytest.fixture(scope="module")
def guard(root: Path) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("guard", str(root / ".githooks" / "pre-commit"))
    spec = importlib.util.spec_from_loader("guard", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def notebook(*outputs: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "outputs": list(outputs)}]}).encode()


@pytest.mark.parametrize(
    "name",
    [
        *("ung2026.sav", "tests/answers.CSV", "data/raw/2026/ung.txt", "data/processed/2026/released.json"),
        *(
            "reports/2026/report.sv.html",
            "notebooks/map.png",
            "build/.key",
            "x/manifest.json",
            "docs/frame.xlsx",
        ),
    ],
)
def test_the_guard_refuses(guard: ModuleType, name: str) -> None:
    assert guard.fault(name, b"") != ""


@pytest.mark.parametrize(
    "name", ["src/mapping/cli.py", "data/raw/2026/wave.toml", "data/raw/.gitkeep", "docs/pictures/map.png"]
)
def test_the_guard_lets_pass_what_holds_no_answers(guard: ModuleType, name: str) -> None:
    assert guard.fault(name, b"") == ""


def test_the_guard_looks_into_notebooks(guard: ModuleType) -> None:
    assert guard.fault("notebooks/x.ipynb", notebook()) == ""
    assert guard.fault("notebooks/x.ipynb", notebook({"data": {}})) != ""


def test_nothing_tracked_is_data(root: Path) -> None:
    if not (root / ".git").exists() or not shutil.which("git"):
        pytest.skip("this is no clone")
    ran = subprocess.run(
        [sys.executable, ".githooks/pre-commit", "--all"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
