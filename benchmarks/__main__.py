"""How long things take, beside other programs: ``make bench`` or ``python benchmarks``. Read ratios: machines differ.

Each task is a script of its own, so that its memory is its own. svy gets an environment of its own under build/ (from
PyPI, once); R takes part where ``Rscript`` has the package `survey` (on Debian: r-cran-survey).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
TASKS = ("estimation.py", "intake.py")
SVY = ("svy==0.35.0", "polars==2.1.0", "pyarrow")
PEER = HERE.parent / "build" / "svy"


def start_up() -> float:
    """Seconds until the command has answered, the best of five."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "mapping", "--version"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


def svy_python() -> str:
    """The interpreter that has svy, made if need be; "" where it cannot be."""
    if named := os.environ.get("SVY_PYTHON"):
        return named
    interpreter = PEER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (PEER / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", PEER], check=True)
        done = subprocess.run([interpreter, "-m", "pip", "install", "-q", *SVY], check=False)
        if done.returncode:
            print("svy could not be installed and is left out.")
            return ""
        (PEER / "ready").touch()
    return str(interpreter)


def main() -> None:
    """Start-up, then every task."""
    print(f"start-up {start_up():.3f} s", flush=True)
    environment = {**os.environ, "SVY_PYTHON": svy_python()}
    for task in TASKS:
        print(f"\n{task.removesuffix('.py')}", flush=True)
        subprocess.run([sys.executable, HERE / task], check=True, env=environment)


if __name__ == "__main__":
    main()
