"""An SPSS file with labels, user-missing codes and multiple-response sets, the same bytes every time."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyreadstat

__all__ = ["SavFile", "write_sav"]

# byte offsets and widths in the header record (PSPP developer's guide, "System File Format")
_DATE, _TIME = slice(92, 101), slice(101, 109)
_END_OF_DICTIONARY = struct.pack("<ii", 999, 0)
_MULTIPLE_RESPONSE = 7  # subtype of the extension record (type 7) that holds multiple-response sets


@dataclass(frozen=True, slots=True)
class SavFile:
    """What is written: the data, and all that an analyst reads about them."""

    frame: pd.DataFrame
    title: str
    labels: Mapping[str, str]
    values: Mapping[str, Mapping[int | float, str]]
    missing: Mapping[str, Sequence[int]]
    sets: Mapping[str, tuple[str, Sequence[str]]] = field(
        default_factory=dict
    )  # set: label, variables; 1 is ticked


def _sets_record(sets: Mapping[str, tuple[str, Sequence[str]]]) -> bytes:
    """The extension record that ties the boxes of a multiple response together."""
    lines = (
        f"${name}=D1 1 {len(label.encode())} {label} {' '.join(boxes)}\n"
        for name, (label, boxes) in sets.items()
    )
    text = "".join(lines).encode()
    return struct.pack("<iiii", 7, _MULTIPLE_RESPONSE, 1, len(text)) + text


def write_sav(path: Path, file: SavFile, *, day: str, time: str = "09:00:00") -> None:
    """Write `file`; `day` ("20 Mar 26") and `time` are what the header says about when it was made."""
    pyreadstat.write_sav(
        file.frame,
        path,
        file_label=file.title,
        column_labels=dict(file.labels),
        variable_value_labels={name: {**labels} for name, labels in file.values.items()},
        missing_ranges={name: list(codes) for name, codes in file.missing.items()},
        row_compress=True,
    )
    content = bytearray(path.read_bytes())
    content[_DATE], content[_TIME] = day.encode("ascii"), time.encode("ascii")
    if file.sets:
        end = content.index(_END_OF_DICTIONARY)
        content[end:end] = _sets_record(file.sets)
    path.write_bytes(content)
