"""A table on its way from one process to another: a line of JSON about it, then its columns as Arrow, one by one.

Never as a pickle, which runs what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import ipc

from mapping.ingest.raw import RawTable

__all__ = ["DAMAGED", "Labels", "pack_labels", "pack_table", "send_columns", "unpack_labels", "unpack_table"]

DAMAGED = "the file is damaged and cannot be read. Ask for it again, or for a .csv of the same data."
ROWS = 100_000  # of a column, sent at once
NUMBERS = pa.schema([("numbers", pa.float64())])
TEXTS = pa.schema([("texts", pa.large_string())])
BOTH = pa.schema([*NUMBERS, *TEXTS])  # numbers among which letters tag missing values
SCHEMAS = {"numbers": NUMBERS, "texts": TEXTS, "both": BOTH}

Labels = Mapping[str, Mapping[float | str, str]]


def pack_labels(labels: Labels) -> list[Any]:
    """Value labels for JSON, whose keys could not be numbers."""
    return [[column, list(map(list, found.items()))] for column, found in labels.items()]


def unpack_labels(packed: list[Any]) -> dict[str, dict[float | str, str]]:
    """Value labels as `pack_labels` took them."""
    return {column: dict(found) for column, found in packed}


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_numeric_dtype(column):
        return "numbers"
    return "texts" if isinstance(column.dtype, pd.StringDtype) else "both"


def pack_table(table: RawTable) -> dict[str, Any]:
    """Everything about a table but its values, for JSON."""
    return {
        "name": table.name,
        "kind": table.kind,
        "columns": table.columns,
        "kept": [[name, _kind(table.frame[name])] for name in table.frame],
        "labels": pack_labels(table.labels),
        "titles": dict(table.titles),
        "missing": list(map(list, table.missing.items())),
        "notes": table.notes,
        "rows": table.n_rows,
    }


def unpack_table(about: Mapping[str, Any], stream: BinaryIO) -> RawTable:
    """The table that `pack_table` described, its values taken from the stream."""
    kept = dict(_received(stream, about["kept"]))
    return RawTable(
        about["name"],
        about["kind"],
        pd.DataFrame(kept, copy=False),
        unpack_labels(about["labels"]),
        about["titles"],
        {column: tuple((low, high) for low, high in spans) for column, spans in about["missing"]},
        tuple(about["notes"]),
        tuple(about["columns"]),
        about["rows"],
    )


def _arrays(column: pd.Series, kind: str) -> list[pa.Array]:
    if kind == "numbers":
        return [pa.array(column.to_numpy(dtype=float))]
    if kind == "texts":
        return [pa.array(column, type=pa.large_string())]
    numbers = [value if isinstance(value, float) else None for value in column]
    texts = [value if isinstance(value, str) else None for value in column]
    return [pa.array(numbers, type=pa.float64()), pa.array(texts, type=pa.large_string())]


def send_columns(frame: pd.DataFrame, stream: BinaryIO) -> None:
    """Write the values of a table, which is emptied on the way."""
    for name in map(str, frame.columns):
        column = frame.pop(name)
        kind = _kind(column)
        with ipc.new_stream(stream, SCHEMAS[kind]) as writer:
            for start in range(0, len(column), ROWS):
                arrays = _arrays(column.iloc[start : start + ROWS], kind)
                writer.write_table(pa.table(arrays, schema=SCHEMAS[kind]))


def _received(stream: BinaryIO, kept: list[list[str]]) -> Iterator[tuple[str, pd.Series]]:
    """The values that `send_columns` wrote."""
    for name, kind in kept:
        with ipc.open_stream(stream) as reader:
            columns = reader.read_all().combine_chunks().columns
        if kind == "texts":
            yield name, pd.Series(pd.array(columns[0], dtype="str"))
        elif kind == "numbers":
            yield name, pd.Series(np.array(columns[0].to_numpy(), dtype=float))
        else:
            numbers, texts = (column.to_pylist() for column in columns)
            both = [number if text is None else text for number, text in zip(numbers, texts, strict=True)]
            yield name, pd.Series(both, dtype=object)
