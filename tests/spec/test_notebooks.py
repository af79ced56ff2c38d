"""The notebooks run from the first cell to the last, on the synthetic municipality."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(notebook: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(notebook, folder)

    run = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", notebook.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    assert "Syntetiska data" in (folder / f"{notebook.stem}.html").read_text(encoding="utf-8")
