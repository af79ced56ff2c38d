"""How long things take, beside other programs: ``make bench`` or ``python benchmarks``. Read ratios: machines differ.

Each task is a script of its own, so that its memory is its own. svy and pytauargus get environments of their own under
build/ (from PyPI, once); R takes part where ``Rscript`` has the package `survey` (on Debian: r-cran-survey).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
TASKS = ("estimation.py", "growth.py", "intake.py", "suppression.py", "small_areas.py", "whole_wave.py")
PEERS = {"svy": ("svy==0.35.0", "polars==2.1.0", "pyarrow"), "argus": ("pytauargus==0.6.0",)}


def start_up() -> float:
    """Seconds until the command has answered, the best of five."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "mapping", "--version"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def interpreter(peer: str) -> str:
    """The interpreter that has the peer, made if need be; "" where it cannot be."""
    if named := os.environ.get(f"{peer.upper()}_PYTHON"):
        return named
    place = HERE.parent / "build" / peer
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (place / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        done = subprocess.run([python, "-m", "pip", "install", "-q", *PEERS[peer]], check=False)
        if done.returncode:
            print(f"{PEERS[peer][0]} could not be installed and is left out.")
            return ""
        (place / "ready").touch()
    return str(python)


def main() -> None:
    """Start-up, then every task."""
    print(f"start-up {start_up():.3f} s", flush=True)
    environment = os.environ | {f"{peer.upper()}_PYTHON": interpreter(peer) for peer in PEERS}
    for task in TASKS:
        print(f"\n{task.removesuffix('.py')}", flush=True)
        subprocess.run([sys.executable, HERE / task], check=True, env=environment)


if __name__ == "__main__":
    main()
