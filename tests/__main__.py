"""Everything `make test` checks, one after the other; failures are told together at the end.

Without make: ``python tests``. A word narrows it to the checks whose name begins so: ``python tests types``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sys.executable).parent
PYTHON = [sys.executable, "-m"]

CHECKS = {
    "format": [*PYTHON, "ruff", "format", "--check", "--quiet", "."],
    "lint": [*PYTHON, "ruff", "check", "--quiet", "."],
    "types": [*PYTHON, "mypy"],
    "contracts": [str(SCRIPTS / "lint-imports"), "--no-logo"],
    "tests": [
        *PYTHON,
        "pytest",
        "--quiet",
        "--numprocesses",
        "auto",
        "--maxprocesses",
        "4",
        "--dist",
        "loadgroup",
    ],
}


def main(wanted: list[str]) -> int:
    """Run the wanted checks; returns 1 if any failed."""
    failed, lines = [], []
    for name, command in CHECKS.items():
        if wanted and not any(name.startswith(word) for word in wanted):
            continue
        print(f"\n── {name}", flush=True)
        start = time.monotonic()
        ok = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
        lines.append(f"  {'passed' if ok else 'FAILED'}  {name:<10} {time.monotonic() - start:6.1f} s")
        failed += [] if ok else [name]
    print("\n── summary", *lines, sep="\n")
    if failed:
        print(f"Not in order: {', '.join(failed)}. Repeat one with `python tests {failed[0]}`.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
