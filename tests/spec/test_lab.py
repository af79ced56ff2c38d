"""The lab an analyst opens: what it writes lies in the owner-only folder, and it asks nothing of a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client import BlockingKernelClient

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lab")]

WAIT = 90
QUIETLY = ("--no-browser", "--allow-root", "--ServerApp.port=0")
CELL = "'what an analyst typed'"
# what no part of the lab may need: nothing answers here
NOWHERE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


def until(found: Callable[[], Any]) -> Any:
    """What `found` gives, once it gives something."""
    for _ in range(WAIT * 5):
        if result := found():
            return result
        time.sleep(0.2)
    raise AssertionError("waited in vain")


class Lab:
    """A running lab, and what it can be asked."""

    def __init__(self, place: Path, running: dict[str, Any]) -> None:
        self.folder = place / "data" / "processed" / "lab"
        self._root, self._token = running["url"], running["token"]

    def ask(self, path: str, method: str = "GET", **given: object) -> tuple[Any, str]:
        request = urllib.request.Request(
            self._root + path,
            data=json.dumps(given).encode() if given else None,
            method=method,
            headers={"Authorization": f"token {self._token}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=WAIT) as answer:
            return answer.headers, answer.read().decode()

    def run(self, cell: str) -> str:
        """What a kernel of the lab prints."""
        kernel = json.loads(self.ask("api/kernels", "POST", name="python3")[1])["id"]
        client = BlockingKernelClient(
            connection_file=str(until(lambda: next(self.folder.glob(f"runtime/*{kernel}*"), None)))
        )
        client.load_connection_file()
        client.start_channels()
        said: list[str] = []
        try:
            client.wait_for_ready(timeout=WAIT)
            client.execute_interactive(
                cell,
                timeout=WAIT,
                output_hook=lambda message: said.append(message["content"].get("text", "")),
            )
        finally:
            client.stop_channels()
        return "".join(said)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a user who has never run a notebook."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def lab(root: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    place = tmp_path_factory.mktemp("workspace")
    said = place / "log.txt"
    with said.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, root / "notebooks", "lab", "--workspace", place, *QUIETLY],
            env={
                "HOME": str(home),
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
                **NOWHERE,
            },
            cwd=place,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        runtime = place / "data" / "processed" / "lab" / "runtime"
        path = until(
            lambda: next(runtime.glob("jpserver-*.json"), None) or (process.poll() is not None and "dead")
        )
        assert path != "dead", said.read_text()
        running = until(lambda: path.read_text() and json.loads(path.read_text()))
        yield Lab(place, running)
    finally:
        os.killpg(process.pid, 15)
        process.wait(WAIT)


def test_the_page_may_connect_to_this_machine_only(lab: Lab) -> None:
    headers, _ = lab.ask("lab")
    policy = headers["Content-Security-Policy"]
    (connect,) = [part for part in policy.split("; ") if part.startswith("connect-src")]
    assert set(connect.split()[1:]) == {"'self'", "data:", "blob:", "ws://localhost:*", "ws://127.0.0.1:*"}
    assert "default-src 'self' " in policy
    assert "://" not in policy.replace("ws://localhost:*", "").replace("ws://127.0.0.1:*", "")


def test_no_news_no_updates_no_list_of_extensions(lab: Lab) -> None:
    page = lab.ask("lab")[1]
    settings = json.loads(
        page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0]
    )
    assert settings["news"]["disabled"] is True
    assert settings["extensionManager"]["can_install"] is False
    assert json.loads(lab.ask("lab/api/update")[1])["notification"] is None


def test_outputs_and_checkpoints_stay_in_the_owner_only_folder(lab: Lab, root: Path) -> None:
    before = (root / "notebooks" / "01_a_first_map.ipynb").read_bytes()
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="17 girls")])]
    )
    lab.ask("api/contents/01_a_first_map.ipynb", "PUT", type="notebook", content=book)
    lab.ask("api/contents/01_a_first_map.ipynb/checkpoints", "POST", any=1)

    assert lab.folder.stat().st_mode & 0o077 == 0 or os.name == "nt"
    kept = {p.relative_to(lab.folder).parts[0] for p in lab.folder.rglob("*01_a_first_map*.ipynb")}
    assert kept == {"notebooks", "checkpoints"}
    assert (root / "notebooks" / "01_a_first_map.ipynb").read_bytes() == before


def test_a_kernel_keeps_no_history_and_lets_no_chart_be_uploaded(lab: Lab) -> None:
    said = lab.run(
        f"{CELL}\nimport os, plotly.graph_objects as go, plotly.io as io\n"
        "print(get_ipython().history_manager.hist_file, os.getcwd())\n"
        "chart = go.Figure(go.Scatter(x=[1], y=[2])).to_dict()\n"
        "shown = io.renderers['plotly_mimetype'].to_mimebundle(chart)\n"
        "print(shown['application/vnd.plotly.v1+json']['config'])\n"
        "page = io.renderers['notebook'].to_mimebundle(chart)['text/html']\n"
        "print('page', 'showSendToCloud\": false' in page)"
    )
    history, place = said.splitlines()[0].split(" ", 1)
    assert history == ":memory:"
    assert Path(place) == lab.folder / "notebooks"
    assert "'showSendToCloud': False" in said
    assert "'plotlyServerURL': ''" in said
    assert "page True" in said
    for path in lab.folder.rglob("*"):
        if path.is_file() and path.suffix != ".ipynb":
            assert CELL.encode() not in path.read_bytes(), path


def test_nothing_is_written_outside(lab: Lab, home: Path) -> None:
    assert [str(path) for path in home.rglob("*") if path.is_file() and "matplotlib" not in path.parts] == []
    assert {path.name for path in lab.folder.parents[2].iterdir()} == {"data", "log.txt"}


def test_an_analysts_own_notebook_is_never_overwritten(root: Path, tmp_path: Path) -> None:
    own = tmp_path / "data" / "processed" / "lab" / "notebooks" / "01_a_first_map.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")
    subprocess.run(
        [sys.executable, root / "notebooks", "lab", "--workspace", tmp_path, "--version"],
        check=True,
        capture_output=True,
    )
    assert own.read_text(encoding="utf-8") == "mine"
    assert len(list(own.parent.glob("*.ipynb"))) == len(list((root / "notebooks").glob("*.ipynb")))
