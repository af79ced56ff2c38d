"""Text files: separator and header found out, rows read block by block, whatever their encoding."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow

from mapping.errors import InputError
from mapping.ingest.encodings import Text, find_encoding
from mapping.ingest.header import LOOK, clean_header, find_header, under_groups
from mapping.ingest.raw import visible
from mapping.ingest.source import Source, rows_at_once
from mapping.ingest.wide import WIDE, too_long, too_many_cells, wide_parts

__all__ = ["open_delimited"]

SEPARATORS = (";", ",", "\t", "|")
HEAD = 2_000_000  # bytes looked at to find separator and header
BLOCK = 4 << 20  # bytes read at once; a single row longer than this is refused
CELLS = 12_000_000  # looked through at once: a place of four bytes among few texts each


@dataclass(frozen=True, slots=True)
class _Head:
    """How the first rows split: by `separator`, into `rows`, of which number `at` holds the names."""

    separator: str
    rows: list[list[str]]
    at: int
    ends: int  # where the header ends, in bytes of UTF-8


def _lines(text: Text) -> list[str]:
    """The first lines of a file, whole ones, with their ends."""
    with text.open() as file:
        raw = file.read(HEAD)
        more = bool(file.read(1))
    shown = raw.decode("utf-8", errors="ignore" if more else "strict")
    lines = list(io.StringIO(shown, newline=""))
    if more:
        lines = lines[:-1]
    if not lines:
        raise InputError(
            f"{text.path.name}: its first line is longer than {HEAD // 1_000_000} MB, so it is no table. "
            "Ask for the file again, as .csv or .sav."
        )
    return lines


def _split(lines: list[str], separator: str, wanted: Collection[str]) -> tuple[tuple[int, ...], _Head]:
    """The first rows split by one separator, and how well that fits.

    It fits best if it finds most of the wanted names, leaves no row wider than the header, and splits most rows alike.
    """
    reader = csv.reader(lines, delimiter=separator)
    rows, ends = [], []
    for row, _ in zip(reader, range(LOOK), strict=False):
        rows.append(row)
        ends.append(reader.line_num)
    at = find_header(rows, wanted)
    header = {visible(cell) for cell in rows[at]} if rows else set()
    fits = all(len(row) <= len(rows[at]) or not any(row[len(rows[at]) :]) for row in rows[at:])
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    end = len("".join(lines[: ends[at]]).encode()) if rows else 0
    return (len(header & set(wanted)), fits, times, width), _Head(separator, rows, at, end)


def _head(text: Text, wanted: Collection[str]) -> _Head:
    lines = _lines(text)
    try:
        found = [_split(lines, separator, wanted) for separator in SEPARATORS]
    except csv.Error:
        raise too_long(text.path.name) from None
    return max(found, key=lambda pair: pair[0])[1]


@dataclass(slots=True)
class _Ragged:
    """Rows with fewer or more cells than the header has names, as they are met."""

    name: str
    separator: str
    width: int
    numbered: bool = False  # whether rows are read one after another, so that their numbers are known
    met: bool = False
    found: list[tuple[int, list[str]]] = field(default_factory=list)
    short: list[int] = field(default_factory=list)  # numbers of rows that end too early
    refusal: InputError | None = None

    def __call__(self, row: arrow.InvalidRow) -> str:
        self.met = True
        if not self.numbered:
            return "error"
        try:
            cells = next(csv.reader(io.StringIO(row.text, newline=""), delimiter=self.separator))
        except csv.Error:
            self.refusal = self.refusal or too_long(self.name)
            return "error"
        if len(cells) != row.actual_columns or any(cell.strip() for cell in cells[self.width :]):
            self.refusal = self.refusal or too_many_cells(self.name, row.number)
            return "error"
        if len(cells) < self.width and any(cell.strip() for cell in cells):
            self.short.append(row.number)
        self.found.append((row.number, [*cells, *[""] * self.width][: self.width]))
        return "skip"

    def among(self, first: int, n: int) -> list[tuple[int, list[str]]]:
        """The rows met before or among the next `n` rows, of which the first is number `first` of the file."""
        end, taken = first + n, []
        while self.found and self.found[0][0] <= end:
            taken.append(self.found.pop(0))
            end += 1
        return taken


class _RaggedError(Exception):
    """A row did not fit the header while rows were read in parallel."""


def _frame(table: pa.Table, columns: list[str]) -> pd.DataFrame:
    """The rows of a table; texts mostly come as categoricals, so that each is looked at once."""
    cells = (column.chunk(0).to_pandas() if column.num_chunks else [] for column in table.columns)
    return pd.DataFrame(dict(zip(columns, cells, strict=True)), copy=False)


def _with(frame: pd.DataFrame, rows: list[tuple[int, list[str]]], first: int) -> pd.DataFrame:
    """A part with ragged rows put back in their places."""
    if not rows:
        return frame
    texts = frame.astype("str")
    texts.index = pd.Index(_places(len(frame), [number - first for number, _ in rows]))
    more = pd.DataFrame([cells for _, cells in rows], columns=frame.columns, dtype="str")
    more.index = pd.Index([number - first for number, _ in rows])
    return pd.concat([texts, more]).sort_index(ignore_index=True)


def _places(n: int, taken: list[int]) -> npt.NDArray[np.intp]:
    return np.setdiff1d(np.arange(n + len(taken)), np.array(taken, dtype=np.intp))[:n]


def _holds(column: pd.Series, texts: set[str]) -> npt.NDArray[np.bool_]:
    """Which rows of a column hold one of some texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.isin(texts)[column.cat.codes.to_numpy()]
    return column.isin(texts).to_numpy()


def _everywhere(frame: pd.DataFrame, texts: list[set[str]]) -> npt.NDArray[np.bool_]:
    """The rows of which every cell holds one of its column's texts."""
    rows = np.ones(len(frame), dtype=bool)
    for name, held in zip(frame.columns, texts, strict=True):
        rows &= _holds(frame[name], held)
        if not rows.any():
            break
    return rows


class _Rows:
    """The rows below the header, part by part, without repeated headers and empty rows.

    They are read in parallel until a ragged row is met. Its number is known only when rows are read one after
    another, so the rest is read so.
    """

    def __init__(self, text: Text, head: _Head, columns: list[str]) -> None:
        self.text, self.head, self.columns = text, head, columns
        self.ragged = _Ragged(text.path.name, head.separator, len(columns))
        self.notes: list[str] = []
        self._read = 0  # rows so far
        self._broken = False  # whether a cell of the last row holds a line break

    def __iter__(self) -> Iterator[pd.DataFrame]:
        if len(self.columns) >= WIDE:
            yield from self._wide()
        else:
            try:
                yield from self._parts(parallel=True)
            except _RaggedError:
                yield from self._parts(parallel=False)
        if self.text.quotes % 2 and (self._broken or self.ragged.found):
            raise InputError(
                f"{self.text.path.name}: a quotation mark is opened and never closed, in data row {self._read + 1} or "
                "before. Correct it at the source, and ask for the file again."
            )
        if self.ragged.found:
            rest = pd.DataFrame([cells for _, cells in self.ragged.found], columns=self.columns, dtype="str")
            yield self._respondents(rest)
        if short := self.ragged.short:
            rows = f"{len(short)} rows end" if len(short) > 1 else "One row ends"
            self._note(
                f"{rows} before the last column of the survey file (the first is data row {short[0]}); the cells that "
                "are not there were taken as empty. If the file was cut off, ask for it again."
            )

    def _wide(self) -> Iterator[pd.DataFrame]:
        with self.text.open() as file:
            file.read(self.head.ends)
            for part in wide_parts(self.text.path.name, file, self.head.separator, self.columns):
                self._read += len(part)
                self._broken = any("\n" in cell for cell in part.iloc[-1])
                yield self._respondents(part)

    def _parts(self, *, parallel: bool) -> Iterator[pd.DataFrame]:
        known, at = self._read, 0
        for table in self._tables(parallel=parallel):
            part = _with(_frame(table, self.columns), self.ragged.among(at + 1, len(table)), at + 1)
            at += len(part)
            part = part.iloc[max(known - (at - len(part)), 0) :]
            self._read = max(known, at)
            if len(part):
                self._broken = any("\n" in str(cell) for cell in part.iloc[-1])
                yield self._respondents(part)

    def _tables(self, *, parallel: bool) -> Iterator[pa.Table]:
        """Some blocks at a time, so that each text occurs once among many rows."""
        least, batches = rows_at_once(len(self.columns), CELLS), []
        for batch in self._batches(parallel=parallel):
            batches.append(batch)
            if sum(map(len, batches)) >= least:
                yield pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
                batches = []
        if batches:
            yield pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()

    def _batches(self, *, parallel: bool) -> Iterator[pa.RecordBatch]:
        texts = dict.fromkeys(self.columns, pa.dictionary(pa.int32(), pa.string()))
        self.ragged.numbered = not parallel
        with self.text.open() as file:
            file.read(self.head.ends)
            try:
                yield from arrow.open_csv(
                    file,
                    read_options=arrow.ReadOptions(
                        column_names=self.columns, block_size=BLOCK, use_threads=parallel
                    ),
                    parse_options=arrow.ParseOptions(
                        delimiter=self.head.separator,
                        newlines_in_values=True,
                        invalid_row_handler=self.ragged,
                    ),
                    convert_options=arrow.ConvertOptions(column_types=texts),
                )
            except pa.ArrowInvalid as error:
                if self.ragged.met and parallel:
                    raise _RaggedError from None
                if "Empty CSV" not in str(error):
                    raise self._refusal(error) from None

    def _refusal(self, error: pa.ArrowInvalid) -> InputError:
        if self.ragged.refusal:
            return self.ragged.refusal
        if "straddl" in str(error):
            return too_long(self.text.path.name)
        return InputError(f"{self.text.path.name}: the rows cannot be told apart. Ask for the file again.")

    def _respondents(self, part: pd.DataFrame) -> pd.DataFrame:
        header = [*self.head.rows[self.head.at], *[""] * len(self.columns)]
        names = [{raw, name} for raw, name in zip(header, self.columns, strict=False)]
        repeated = _everywhere(part, names)
        empty = _everywhere(part, [{"", " "}] * len(self.columns))
        if repeated.any():
            self._note("The header of the survey file is repeated among its rows; the repeats were left out.")
        if empty.any():
            self._note("Rows of the survey file without any cell filled in were left out.")
        left = repeated | empty
        return part[~left].reset_index(drop=True) if left.any() else part

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def open_delimited(path: Path, wanted: Collection[str] = (), encoding: str = "") -> Source:
    """A text file, opened; its cells are texts.

    Raises
    ------
    InputError
        For NUL bytes, mixed encodings, rows that do not fit the header, or no rows at all.
    """
    text = find_encoding(path, encoding)
    head = _head(text, wanted)
    if not head.rows:
        raise InputError(f"{path.name}: the file holds no rows. Ask for it again.")
    columns = clean_header(path.name, under_groups(head.rows, head.at), wanted)
    rows = _Rows(text, head, columns)
    above = [cell for row in head.rows[: head.at] for cell in row if cell.strip()]
    return Source(
        path.name,
        "csv",
        tuple(columns),
        iter(rows),
        notes=rows.notes,
        beside={"(rows above the table)": above} if above else {},
    )
