"""What the architecture tests look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

Sources = dict[str, ast.Module]


@pytest.fixture(scope="session")
def package(root: Path) -> Path:
    """The folder of the package."""
    return root / "src" / "mapping"


@pytest.fixture(scope="session")
def sources(package: Path) -> Sources:
    """Every module of the package, parsed, by its path inside it: "publish/release.py"."""

    def parsed() -> Iterator[tuple[str, ast.Module]]:
        for path in sorted(package.rglob("*.py")):
            yield path.relative_to(package).as_posix(), ast.parse(path.read_text(encoding="utf-8"))

    return dict(parsed())
