"""The command answers at once: importing it loads none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    *("numpy", "pandas", "scipy", "pyarrow", "geopandas", "shapely", "pyogrio", "pyproj", "statsmodels"),
    *(
        "matplotlib",
        "plotly",
        "pyreadstat",
        "openpyxl",
        "typst",
        "pypdf",
        "jinja2",
        "babel",
        "rich",
        "rapidfuzz",
    ),
}


def heavy_after(statement: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has loaded after `statement`."""
    code = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return HEAVY & set(run.stdout.split())


@pytest.mark.parametrize("module", ["mapping", "mapping.cli", "mapping.manifest"])
def test_starting_the_command_loads_nothing_heavy(module: str) -> None:
    assert heavy_after(f"import {module}") == set()


def test_a_heavy_start_is_noticed() -> None:
    assert "pandas" in heavy_after("import mapping.concepts.responses")
