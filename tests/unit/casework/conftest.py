"""A case extract of a few rows, and the wave.toml beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = """schema = 1
id = "2026"
survey = "Ung"
[file]
path = "ung.sav"
[cases]
path = "arenden.csv"
period = ["2025-01-01", "2025-12-31"]
unit = "event"
{keys}
[cases.columns]
{columns}
[cases.reasons]
hrv = ["Hedersrelaterat våld"]
ipv = ["Våld i nära relation"]
removal = ["Bortförd"]
{more}
"""


@pytest.fixture
def extract(tmp_path: Path) -> Callable[..., Path]:
    """Writes a wave whose columns have the names of their roles; `files` are further files of its folder."""

    def write(
        header: str, rows: list[str], keys: str = "", more: str = "", files: dict[str, str] | None = None
    ) -> Path:
        folder = tmp_path / "2026"
        folder.mkdir(exist_ok=True)
        columns = "\n".join(f'{name} = "{name}"' for name in header.split(";"))
        text = HEAD.format(keys=keys, columns=columns, more=more)
        (folder / "wave.toml").write_text(text, encoding="utf-8")
        (folder / "arenden.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        for name, content in (files or {}).items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder / "wave.toml"

    return write
