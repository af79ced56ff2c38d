"""Damaged files: whatever happens to the bytes, the reader ends with a table or with an error of ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mapping.errors import MappingError
from mapping.ingest.door import guard
from mapping.ingest.readers import read_table

FILES = [
    "formats/pyreadstat_sample.zsav",
    "formats/pyreadstat_simple_alltypes.sav",
    "formats/haven_tagged-na-double.dta",
    "formats/haven_hadley.sas7bdat",
    "formats/pyreadstat_dates_xpt_v8.xpt",
    "formats/pyreadstat_sample.por",
    "bad/g07_names_email_phone_address.xlsx",
    "bad/g13_formula_injection.csv",
]


def damaged(raw: bytes, rng: np.random.Generator) -> bytes:
    """The bytes cut short, flipped in places, or with some put in or left out."""
    at = int(rng.integers(len(raw)))
    some = rng.integers(0, 256, 40, dtype=np.uint8).tobytes()
    kind = rng.integers(4)
    if kind == 0:
        return raw[:at]
    if kind == 1:
        flipped = np.frombuffer(raw, dtype=np.uint8).copy()
        flipped[rng.integers(0, len(raw), 10)] = rng.integers(0, 256, 10)
        return flipped.tobytes()
    return raw[:at] + (some if kind == 2 else b"") + raw[at + (40 if kind == 3 else 0) :]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_never_ends_in_a_traceback(shared: Path, tmp_path: Path, name: str) -> None:
    raw = (shared / "data" / name).read_bytes()
    for seed in range(25):
        file = tmp_path / f"{seed}{Path(name).suffix}"
        file.write_bytes(damaged(raw, np.random.default_rng(seed)))
        try:
            guard(read_table(file))
        except MappingError as error:
            assert file.name in str(error)
