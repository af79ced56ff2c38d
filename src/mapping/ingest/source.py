"""A file opened for reading: what is known before its rows, its rows part by part, and the way in past the door."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd
import pyarrow as pa

from mapping.ingest.door import Door
from mapping.ingest.raw import RawTable, Span

__all__ = ["CELLS", "Source", "rows_at_once", "take_in"]

CELLS = 3_000_000  # so many cells are held at once, whatever the file: about 150 MB while they are being converted


@dataclass(slots=True, repr=False)
class Source:
    """A file as its reader opened it.

    `parts` gives its rows once, each part with all columns; text columns may be categorical. `beside` holds what
    stands in the file but not in the table (titles above, notes below, other sheets, properties), by place; it and
    `notes` may grow while the parts are read.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    parts: Iterator[pd.DataFrame]
    labels: Mapping[str, Mapping[float | str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    beside: dict[str, list[str]] = field(default_factory=dict)

    def without(self, drop: Collection[str]) -> Source:
        """The file as if it never had the columns `drop`: taken out of each part before anything looks at it."""
        left = [name for name in self.columns if name not in drop]
        parts = (part[left] for part in self.parts)
        return replace(self, columns=tuple(left), parts=parts)


def rows_at_once(columns: int, cells: int = CELLS) -> int:
    """How many rows make a part of a table with so many columns."""
    return min(100_000, max(100, cells // max(columns, 1)))


def _own(column: pd.Series) -> pd.Series:
    """A column that holds on to nothing of the part it came from; texts as texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        texts = pa.array(column.cat.categories, type=pa.large_string())
        coded = pa.DictionaryArray.from_arrays(pa.array(column.cat.codes.to_numpy()), texts)
        return pd.Series(pd.array(coded.dictionary_decode(), dtype="str"))
    return column.copy()


def _joined(pieces: list[pd.Series]) -> pd.Series:
    filled = [piece for piece in pieces if piece.notna().any()] or pieces[:1]
    if len({piece.dtype for piece in filled}) > 1:
        return pd.concat([piece.astype(object) for piece in pieces], ignore_index=True).infer_objects()
    return pd.concat([piece.astype(filled[0].dtype) for piece in pieces], ignore_index=True)


def take_in(source: Source, wanted: Collection[str], limit: int = 0) -> RawTable:
    """The wanted columns of a file (all, if none is named), once every column of every row has passed the door.

    Parameters
    ----------
    limit : int
        Keep no more rows than this; all of them are looked through and counted. 0 keeps all.

    Raises
    ------
    InputError
        If the file turns out to be damaged on the way.
    PrivacyError
        If anything in it could identify a person.
    """
    door = Door(source.name)
    keep = [name for name in source.columns if not wanted or name in wanted]
    pieces: dict[str, list[pd.Series]] = {name: [] for name in keep}
    rows = 0
    for part in source.parts:
        door.look(part)
        if not limit or rows < limit:
            for name in keep:
                pieces[name].append(_own(part[name] if not limit else part[name].iloc[: limit - rows]))
        rows += len(part)
    for name in source.columns:
        door.read(name, [source.titles.get(name, ""), *map(str, source.labels.get(name, {}).values())])
    for place, texts in source.beside.items():
        door.look(pd.DataFrame({place: texts}, dtype="str"))
    door.close()
    kept = {name: _joined(pieces.pop(name)) if rows else pd.Series(dtype="str") for name in keep}
    return RawTable(
        source.name,
        source.kind,
        pd.DataFrame(kept, copy=False),
        source.labels,
        source.titles,
        source.missing,
        tuple(source.notes),
        source.columns,
        rows,
    )
