"""Damaged files: whatever happens to the bytes, the reader ends with a table or with an error of ours.

Statistical files are parsed by C code (ReadStat). Thousands of damaged ones in one process can overwrite its memory,
until it crashes; so the files are read in processes of their own, and one at which a process crashed must do no harm
when it is read alone. FUZZ_SECONDS=600 makes the run longer; seeds go on from 0, so a find can be repeated.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

FILES = [
    "formats/pyreadstat_sample.zsav",
    "formats/pyreadstat_simple_alltypes.sav",
    "formats/pyreadstat_sample_missing.sav",
    "formats/haven_umlauts.sav",
    "formats/haven_tagged-na-double.dta",
    "formats/haven_hadley.sas7bdat",
    "formats/pyreadstat_dates_xpt_v8.xpt",
    "formats/pyreadstat_sample.por",
    "bad/g07_names_email_phone_address.xlsx",
    "bad/g13_formula_injection.csv",
]
SECONDS = float(os.environ.get("FUZZ_SECONDS", "1.5"))  # for each file
RUN = '''
import sys, time
from pathlib import Path
import numpy as np
from mapping.errors import MappingError
from mapping.ingest.readers import read_table


def damaged(raw, rng):
    """The bytes cut short, flipped in places, with some put in, left out, repeated, or a number made extreme."""
    at, kind = int(rng.integers(len(raw))), rng.integers(6)
    some = rng.integers(0, 256, 40, dtype=np.uint8).tobytes()
    if kind == 0:
        return raw[:at]
    if kind == 1:
        flipped = np.frombuffer(raw, dtype=np.uint8).copy()
        flipped[rng.integers(0, len(raw), 10)] = rng.integers(0, 256, 10)
        return flipped.tobytes()
    if kind == 4:
        return raw[:at] + raw[at // 2 :]
    if kind == 5:
        extreme = (b"\\xff\\xff\\xff\\x7f", b"\\xff" * 4, b"\\0\\0\\0\\x80", b"\\0" * 4)[rng.integers(4)]
        at = at // 2 if rng.integers(2) else int(rng.integers(min(len(raw), 400)))
        return raw[:at] + extreme + raw[at + 4 :]
    return raw[:at] + (some if kind == 2 else b"") + raw[at + (40 if kind == 3 else 0) :]


source, folder, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
raw, end, seed = source.read_bytes(), time.monotonic() + seconds, int(sys.argv[4])
while True:
    file = folder / f"damaged{source.suffix}"
    file.write_bytes(damaged(raw, np.random.default_rng(seed)))
    print(seed, flush=True)
    try:
        read_table(file)
    except MappingError as error:
        assert file.name in str(error) or "file's name" in str(error), error
        assert error.__cause__ is None or isinstance(error.__cause__, MappingError), seed
    seed += 1
    if time.monotonic() >= end:
        break
'''


def run(source: Path, folder: Path, seconds: float, seed: int) -> tuple[int, int, str]:
    """How a process ended that reads damaged copies of a file from a seed on, its last seed, and its complaint."""
    command = [sys.executable, "-W", "error", "-c", RUN, str(source), str(folder), str(seconds), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 + 2 * seconds, check=False)
    return done.returncode, int((done.stdout.split() or [seed])[-1]), done.stderr[-1500:]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_never_ends_in_a_traceback(shared: Path, tmp_path: Path, name: str) -> None:
    source, seed, end = shared / "data" / name, 0, time.monotonic() + SECONDS
    while (left := end - time.monotonic()) > 0:
        ended, last, complaint = run(source, tmp_path, left, seed)
        if ended < 0:  # killed by a signal: the file alone must not do that
            ended, last, complaint = run(source, tmp_path, 0, last)
        assert ended == 0, f"seed {last}: ended with {ended}\n{complaint}"
        seed = last + 1
