"""Ten random hard surveys, estimated here and by R `survey` in the same minute."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 120  # it takes 15
AGAINST_R = Path(__file__).parents[2] / "benchmarks" / "against_r.py"


def test_ten_hard_surveys_equal_r() -> None:
    if (r := shutil.which("Rscript")) is None:
        pytest.skip(
            "Rscript is not installed; the cases of the survey oracles stand in (Debian: r-cran-survey)"
        )
    have = 'quit(status = !all(sapply(c("survey", "jsonlite"), requireNamespace, quietly = TRUE)))'
    if subprocess.run([r, "-e", have], capture_output=True, check=False).returncode:
        pytest.skip("R lacks the packages survey and jsonlite (Debian: r-cran-survey, r-cran-jsonlite)")
    try:
        run = subprocess.run(
            [sys.executable, AGAINST_R, "10", "7"],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"R gave no answer within {SECONDS} seconds: this machine is busy with something else")
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(run.stdout.split(" numbers compared")[0].split()[-1]) > 3000
