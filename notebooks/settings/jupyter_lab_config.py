"""JupyterLab beside answers of pupils: everything stays in the owner-only folder, and nothing is asked of a network."""

import os
from pathlib import Path

c = get_config()
# data/processed/lab of the workspace; `python notebooks` sets it
folder = Path(os.environ["MAPPING_LAB"])

c.ServerApp.root_dir = str(folder / "notebooks")
c.FileCheckpoints.checkpoint_dir = str(folder / "checkpoints")
# hashes of outputs would confirm a guess of what stood in them
c.NotebookNotary.db_file = ":memory:"

# other programs of this machine do not overhear what passes between page and answers
c.KernelManager.transport_encryption = "auto"

# no news, no look for updates, no list of extensions
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LanguageServerManager.autodetect = False  # it would run whatever package manager it finds

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
