"""A wave from its files to reports beside an R script: ``python benchmarks/whole_wave.py [--pupils N] [--districts D]``

The program reads an SPSS file, weighs, estimates, protects with complementary suppression, draws, writes reports, pages
and open data in two languages, attacks what it wrote and certifies it. The R script (whole_wave.R: survey, sf and
ggplot2 of Debian) is handed coded and weighted answers; it makes shares with limits for the same districts, areas and
sexes, blanks small counts, and draws two maps an indicator. Seconds of processor time and of the clock: read the ratio.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from large_place import write_workspace

from mapping.pipeline import take_in
from mapping.workspace import open_workspace

HERE = Path(__file__).parent


def timed(command: list[str | Path], **options: object) -> tuple[float, float, float]:
    """Seconds of processor time and of the clock, and the most memory in GB, of a process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall, after.ru_maxrss / 1e6


def hand_over(folder: Path, into: Path) -> None:
    """What the R script needs: coded and weighted answers, areas by indicator, polygons."""
    workspace = open_workspace(folder)
    intake = take_in(workspace, workspace.waves[-1])
    frame, answers = intake.responses.frame, intake.answers
    chosen = [i for i in workspace.publication.indicators if i.startswith("S")]
    kept = frame[["psu", "weight", "sex", "area"]].rename(columns={"area": "district"}).reset_index(drop=True)
    coded = answers[chosen].apply(lambda column: column.map({"yes": 1, "no": 0})).reset_index(drop=True)
    pd.concat([kept, coded], axis=1).to_csv(into / "answers.csv", index=False)
    assert workspace.districts is not None
    areas = workspace.districts.areas
    tables = [
        areas[workspace.indicators[i].sensitivity].assign(indicator=i, **{"class": "x"}) for i in chosen
    ]
    pd.concat(tables).to_csv(into / "areas.csv", index=False)
    (polygons,) = (folder / "data" / "raw" / "geography").glob("*/*.gpkg")
    shutil.copyfile(polygons, into / "districts.gpkg")


def main() -> None:
    """Time both on one made-up wave."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pupils", type=float, default=100_000)
    parser.add_argument("--districts", type=int, default=120)
    parser.add_argument("--no-r", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, other = Path(place) / "workspace", Path(place) / "r"
        other.mkdir()
        write_workspace(folder, int(asked.pupils), asked.districts)
        ours = timed([sys.executable, "-m", "mapping", "--workspace", folder, "rebuild"])
        print(f"{int(asked.pupils):,} pupils, {asked.districts} districts")
        print(
            f"  mapping rebuild {ours[0]:8.1f} s processor {ours[1]:8.1f} s clock {ours[2]:5.2f} GB",
            flush=True,
        )
        if asked.no_r or not shutil.which("Rscript"):
            return
        hand_over(folder, other)
        theirs = timed(
            ["Rscript", HERE / "whole_wave.R", other], env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        )
        print(f"  R script        {theirs[0]:8.1f} s processor {theirs[1]:8.1f} s clock; ", end="")
        print(f"{theirs[0] / ours[0]:.1f} × the processor time, {theirs[1] / ours[1]:.1f} × the clock")


if __name__ == "__main__":
    main()
