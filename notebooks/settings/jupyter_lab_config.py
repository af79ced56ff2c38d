"""JupyterLab beside answers of pupils: everything stays in the owner-only folder, and nothing is asked of a network."""

import os
from pathlib import Path

c = get_config()
folder = Path(
    os.environ["MAPPING_LAB"]
)  # data/processed/lab of the workspace; set by `python notebooks`

c.ServerApp.root_dir = str(folder / "notebooks")
c.FileCheckpoints.checkpoint_dir = str(folder / "checkpoints")
c.NotebookNotary.db_file = (
    ":memory:"  # hashes of outputs would confirm a guess of what stood in them
)

# no news, no look for updates, no list of extensions
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"

# and what a cell's output may try is refused by the browser
c.ServerApp.ip = "localhost"
c.ServerApp.allow_remote_access = False
c.ServerApp.tornado_settings = {
    "headers": {
        "Content-Security-Policy": (
            "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
            "connect-src 'self' data: blob: ws://localhost:* ws://127.0.0.1:*; "
            "form-action 'self'; frame-ancestors 'self'; object-src 'none'"
        )
    }
}
