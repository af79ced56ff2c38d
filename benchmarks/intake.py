"""Taking in a survey file, door included, beside the plain reader of all its columns: ``python benchmarks/intake.py``.

A million rows of 200 columns: a running number, a weight, school, district, a text, and small codes with gaps. Each
reading runs in a process of its own, in turns; read the ratio.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUESTIONS, TURNS = 195, 3
WANTED = ["lopnr", "vikt", "skola", "stadsdel", *(f"f{k:03d}" for k in range(21))]


def write(folder: Path, n: int) -> list[Path]:
    """The same answers as .csv and .sav; the .csv grows block by block."""
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
    files = [folder / "survey.csv", folder / "survey.sav"]
    frame.to_csv(files[0], sep=";", index=False)
    pyreadstat.write_sav(frame, str(files[1]), variable_value_labels=labels, row_compress=True)
    return files


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


def _measured(path: Path, how: str) -> tuple[float, int]:
    done = subprocess.run(
        [sys.executable, __file__, str(path), how], check=True, capture_output=True, text=True
    )
    seconds, peak = done.stdout.split()
    return float(seconds), int(peak)


def main(arguments: list[str]) -> None:
    """All readings, of so many rows; or, in a process of its own, the one named."""
    if len(arguments) == 2:
        import resource

        seconds = read(Path(arguments[0]), arguments[1])
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)
        return
    n = int(arguments[0]) if arguments else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for path in write(Path(folder), n):
            turns = [(_measured(path, "intake"), _measured(path, "plain")) for _ in range(TURNS)]
            (intake, peak), (plain, other) = (min(turn[k] for turn in turns) for k in (0, 1))
            print(
                f"{path.suffix}  {n:>9,} rows  intake {intake:6.1f} s {peak:5d} MB   plain {plain:6.1f} s {other:5d} MB"
                f"   ratio {intake / plain:4.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
