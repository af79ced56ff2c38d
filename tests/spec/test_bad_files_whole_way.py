"""The deliberately bad files through the command: exit code, file, no identifier, and all reports as before."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_no_bad_file_changes_what_was_published(shared: Path, own_town: Path, run: Any) -> None:
    wave = own_town / "data" / "raw" / "2026" / "wave.toml"
    settings, before = wave.read_text(encoding="utf-8"), files(own_town / "reports")
    bad = {"g01": 4, "g02": 4, "g03": 4, "g05": 5, "g06": 5, "g07": 5, "g10": 4, "g11": 4}
    for name, code in bad.items():
        (file,) = (shared / "data" / "bad").glob(f"{name}_*")
        shutil.copyfile(file, wave.parent / file.name)
        wave.write_text(
            re.sub(r'(?m)(\[file\]\s*path = )".*"', rf'\1"{file.name}"', settings), encoding="utf-8"
        )

        ran = run("--workspace", own_town, "rebuild")

        assert (ran.code, file.name in ran.said) == (code, True), ran.said
        assert "Traceback" not in ran.said
        assert not re.search(r"\d{6}[-+ ]?9[89]\d\d", ran.said)
        assert files(own_town / "reports") == before
