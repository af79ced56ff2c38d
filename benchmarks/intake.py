"""Taking in a survey file, door included, beside the plain reader of all its columns: ``python benchmarks/intake.py``.

200,000 rows (or as many as named) of 200 columns: a running number, a weight, school, district, a text, and small codes
with gaps; 25 of them are kept. Each reading runs in a process of its own, the plain reader first and last, so that its
times show how even the machine was; read the ratio. Memory is the largest of the program plus that of the process
that reads statistical files for it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS, QUESTIONS = 200_000, 195
WANTED = ["lopnr", "vikt", "skola", "stadsdel", *(f"f{k:03d}" for k in range(21))]
TURNS = ("plain", "intake", "plain", "intake", "plain")


def write(folder: Path, n: int) -> None:
    """The same answers as .csv and .sav."""
    import numpy as np
    import pandas as pd
    import pyreadstat

    rng = np.random.default_rng(1)
    answers = rng.integers(0, 7, (n, QUESTIONS)).astype(np.float32)
    answers[answers == 0] = np.nan
    frame = pd.DataFrame(answers, columns=[f"f{k:03d}" for k in range(QUESTIONS)])
    frame.insert(0, "lopnr", np.arange(1, n + 1))
    frame.insert(1, "vikt", np.round(rng.uniform(0.5, 3, n), 4))
    frame.insert(2, "skola", np.array([f"Skola {k:03d}" for k in range(120)])[rng.integers(0, 120, n)])
    frame.insert(3, "stadsdel", np.array([f"0188A{k:04d}" for k in range(60)])[rng.integers(0, 60, n)])
    frame.insert(4, "ovrigt", np.array(["", "inget", "det var bra"])[rng.integers(0, 3, n)])
    labels = {name: {float(k): f"Svar {k}" for k in range(1, 7)} for name in frame if name.startswith("f")}
    frame.to_csv(folder / "survey.csv", sep=";", index=False)
    pyreadstat.write_sav(frame, str(folder / "survey.sav"), variable_value_labels=labels, row_compress=True)


def read(path: Path, how: str) -> float:
    """Seconds to read a file, by intake or by the plain reader."""
    import pandas as pd
    import pyreadstat

    from mapping.ingest.readers import read_table

    start = time.perf_counter()
    if how == "intake":
        read_table(path, WANTED)
    elif path.suffix == ".csv":
        pd.read_csv(path, sep=";")
    else:
        pyreadstat.read_sav(str(path))
    return time.perf_counter() - start


def _largest() -> int:
    """Megabytes of this program and of the process that read for it."""
    import resource

    from mapping.ingest import apart

    apart.end()
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(who).ru_maxrss for who in whose) // 1000


def _apart(*arguments: str | Path) -> str:
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> None:
    """All readings, of so many rows; or, in a process of its own, the task named."""
    if len(arguments) == 2:
        path, task = Path(arguments[0]), arguments[1]
        if task.isdigit():
            write(path, int(task))
        else:
            print(read(path, task), _largest())
        return
    n = int(arguments[0]) if arguments else ROWS
    with tempfile.TemporaryDirectory() as folder:
        _apart(folder, str(n))
        for path in sorted(Path(folder).iterdir()):
            found = [(how, *map(float, _apart(path, how).split())) for how in TURNS]
            seconds = {how: [s for which, s, _ in found if which == how] for how in ("plain", "intake")}
            peak = {how: max(mb for which, _, mb in found if which == how) for how in ("plain", "intake")}
            print(
                f"intake {path.suffix} {n:>9,} rows   "
                + "   ".join(
                    f"{how} {' '.join(f'{s:.1f}' for s in seconds[how])} s {peak[how]:5.0f} MB"
                    for how in seconds
                )
                + f"   ratio {min(seconds['intake']) / min(seconds['plain']):4.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
