"""The import contracts run in `make test`; here each is shown to go red when a room is built crooked."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# contract → (module, line that breaks it)
BREACHES = {
    "house": ("estimate/__init__.py", "import mapping.ingest"),
    "disclosure": ("disclosure/engine/__init__.py", "import mapping.disclosure.gate"),
    "sealed": ("codebook/__init__.py", "import mapping.disclosure.protected"),
    "door": ("publish/__init__.py", "from mapping.concepts.responses import Responses"),
    "writer": ("cli.py", "import mapping.publish"),
    "network": ("texts/__init__.py", "import urllib.request"),
    "chance": ("demo/__init__.py", "import random"),
}


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Path:
    """A copy of the package that may be spoiled."""
    return shutil.copytree(package, tmp_path / "mapping", ignore=shutil.ignore_patterns("__pycache__"))


def lint(copy: Path, config: Path) -> str:
    """What import-linter says of a copy of the package."""
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--config", config, "--no-cache", "--no-logo"],
        env={**os.environ, "PYTHONPATH": str(copy.parent), "COLUMNS": "200", "NO_COLOR": "1"},
        cwd=copy.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return run.stdout


@pytest.mark.slow
def test_every_contract_breaks_when_its_line_is_crossed(root: Path, copy: Path) -> None:
    contracts = configparser.ConfigParser()
    contracts.read(root / ".importlinter", encoding="utf-8")
    prefix = "importlinter:contract:"
    names = {
        s.removeprefix(prefix): contracts[s]["name"] for s in contracts.sections() if s.startswith(prefix)
    }
    assert set(names) == set(BREACHES), "each contract needs a breach that shows it can break"
    for module, line in BREACHES.values():
        with (copy / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")

    said = lint(copy, root / ".importlinter")

    assert dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", said, re.MULTILINE)) == dict.fromkeys(
        names.values(), "BROKEN"
    ), said


@pytest.mark.slow
def test_a_room_without_a_place_on_the_plan_breaks_the_house(root: Path, copy: Path) -> None:
    (copy / "utils.py").write_text('"""A drawer for everything."""\n', encoding="utf-8")

    said = lint(copy, root / ".importlinter")

    assert "mapping.utils" in said, said
