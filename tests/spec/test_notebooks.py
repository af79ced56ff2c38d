"""The notebooks run from the first cell to the last, on the synthetic municipality, without a warning."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("notebooks")]

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of all notebooks, run once as `make notebooks` runs them, where no municipality has been drawn yet."""
    into = tmp_path_factory.mktemp("notebooks")
    run = subprocess.run(
        [sys.executable, FOLDER, "run", "--into", into], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return into


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_to_its_end_without_a_warning(name: str, ran: Path) -> None:
    page = (ran / f"{name}.html").read_text(encoding="utf-8")
    assert 'data-mime-type="application/vnd.jupyter.stderr"' not in page


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_its_page_loads_nothing_from_elsewhere(name: str, ran: Path) -> None:
    page = (ran / f"{name}.html").read_text(encoding="utf-8")
    assert re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//[^"]*', page) == []
    assert re.findall(r"""(?:import|url)\(\s*["']?https?:""", page) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_is_a_short_story(name: str) -> None:
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds[0] == "markdown"
    assert kinds.count("code") <= 12
    assert notebook["cells"][0]["source"][0].startswith("# ")
    assert notebook["metadata"]["jupytext"]["formats"] == "ipynb,py:percent"


def test_every_picture_says_that_its_data_are_synthetic(ran: Path) -> None:
    page = (ran / "01_a_first_map.html").read_text(encoding="utf-8")
    assert "Syntetiska data" in page
    assert "Unprotected estimates" in page
    assert "not shown, so that no one can be recognised" in page


def test_the_attacks_of_the_notebook_on_disclosure_end_as_it_says(ran: Path) -> None:
    page = (ran / "05_try_to_break_it.html").read_text(encoding="utf-8")
    assert page.count("it is 2'}") == 2
    assert "leaks: none" in page
    for attempt in ("draw the estimates", "write into a blank", "forge a release"):
        assert re.search(rf"(?:^|<pre>){attempt}: ", page, re.MULTILINE), attempt
