"""The notebooks: ``python notebooks`` opens them in JupyterLab, ``python notebooks run`` runs them all.

In the lab an analyst works on copies: outputs, checkpoints and whatever a cell writes beside itself stay in the
owner-only folder ``data/processed/lab`` of the workspace (``--workspace DIR``; default: here). Nothing is asked of the
network and no history of what was typed is kept; see `settings/`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from mapping import manifest

HERE = Path(__file__).resolve().parent
SETTINGS = HERE / "settings"
# addresses that the page of a notebook would load programs from: none is needed for text, tables and drawings
NO_ADDRESSES = dict.fromkeys(
    ("require_js_url", "jquery_url", "mathjax_url", "mermaid_js_url"), ""
)


def lab_folder(workspace: Path) -> Path:
    """`data/processed/lab` of the workspace, readable by its owner only."""
    folder = manifest.private_folder(workspace) / "lab"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    return folder.resolve()


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a lab or kernel that keeps all it writes in `folder`, with this project's settings."""
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(
        SETTINGS / "ipython_kernel_config.py", profile / "ipython_kernel_config.py"
    )
    places = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "share",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    return {"MAPPING_LAB": str(folder)} | {
        name: str(folder / place) for name, place in places.items()
    }


def copies(folder: Path) -> Path:
    """The analyst's own notebooks; one that is there already is never touched."""
    own = folder / "notebooks"
    own.mkdir(exist_ok=True)
    for notebook in sorted(HERE.glob("*.ipynb")):
        if not (own / notebook.name).exists():
            shutil.copyfile(notebook, own / notebook.name)
    return own


def open_lab(workspace: Path, options: Sequence[str]) -> int:
    """JupyterLab on copies of the notebooks."""
    folder = lab_folder(workspace)
    own, settings = copies(folder), SETTINGS / "jupyter_lab_config.py"
    command = [sys.executable, "-m", "jupyterlab", f"--config={settings}", *options]
    surrounded = os.environ | surroundings(folder)
    return subprocess.run(command, env=surrounded, cwd=own, check=False).returncode


def run(notebooks: Sequence[Path], into: Path) -> None:
    """Run notebooks in one kernel, each from an empty namespace, and put their pages `into` a folder."""
    into.mkdir(parents=True, exist_ok=True)
    page = HTMLExporter(**NO_ADDRESSES)
    kernel = KernelManager(transport_encryption="auto")
    kernel.start_kernel(env=os.environ | surroundings(into / ".kernel"), cwd=str(into))
    try:
        for path in notebooks:
            print(path.stem, flush=True)
            notebook = nbformat.read(path, as_version=4)
            notebook.cells.insert(
                0, nbformat.v4.new_code_cell("%reset -f\n%matplotlib inline")
            )
            NotebookClient(notebook, km=kernel, timeout=300).execute()
            del notebook.cells[0]
            (into / f"{path.stem}.html").write_text(
                page.from_notebook_node(notebook)[0], encoding="utf-8"
            )
    finally:
        kernel.shutdown_kernel(now=True)


def main() -> int:
    """Open the lab, or run the notebooks."""
    parser = argparse.ArgumentParser(
        prog="python notebooks", description="The notebooks, opened or run."
    )
    parser.add_argument("what", nargs="?", choices=("lab", "run"), default="lab")
    parser.add_argument(
        "--workspace", type=Path, default=Path(), help="whose owner-only folder the lab keeps"
    )
    parser.add_argument(
        "--into", type=Path, default=Path("build/notebooks"), help="where the pages go"
    )
    given, options = parser.parse_known_args()
    if given.what == "lab":
        return open_lab(given.workspace, options)
    run(sorted(HERE.glob("*.ipynb")), given.into.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
