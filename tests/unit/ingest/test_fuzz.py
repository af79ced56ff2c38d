"""Damaged files: whatever happens to the bytes, the reader ends with a table or with an error of ours.

Every machine tries the same files; FUZZ_SECONDS=20 goes on from there for so many seconds with each kind. Seeds count
from 0, so a find can be repeated.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mapping.errors import InputError
from mapping.ingest.readers import read_table

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
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))  # for each file, at least
SEEDS = 60


def damaged(raw: bytes, rng: np.random.Generator) -> bytes:
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
        extreme = (b"\xff\xff\xff\x7f", b"\xff" * 4, b"\0\0\0\x80", b"\0" * 4)[rng.integers(4)]
        at = at // 2 if rng.integers(2) else int(rng.integers(min(len(raw), 400)))
        return raw[:at] + extreme + raw[at + 4 :]
    return raw[:at] + (some if kind == 2 else b"") + raw[at + (40 if kind == 3 else 0) :]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_or_refused(shared: Path, tmp_path: Path, name: str) -> None:
    source, end = shared / "data" / name, time.monotonic() + SECONDS
    raw, file = source.read_bytes(), tmp_path / f"damaged{source.suffix}"
    ended: Counter[str] = Counter()
    for seed in itertools.count():
        if seed >= SEEDS and time.monotonic() >= end:
            break
        file.write_bytes(damaged(raw, np.random.default_rng(seed)))
        try:
            read_table(file)
            ended["read"] += 1
        except InputError as error:  # a mistake of the program is no InputError
            assert file.name in str(error) or "file's name" in str(error), seed
            assert error.__cause__ is None, seed
            ended[type(error).__name__] += 1
        except BaseException:
            print(f"seed {seed} of {name}")
            raise
    print(name, dict(ended))
