"""Workbooks: the sheet and the row that hold the variable names are found; what stands around the table is left.

Excel's own files are read row by row. A hidden sheet is looked through like any other, but never chosen unasked.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from mapping.errors import InputError, MappingError
from mapping.ingest.header import LOOK, clean_header, find_header, under_groups
from mapping.ingest.opendocument import sheets_of_opendocument
from mapping.ingest.raw import normal
from mapping.ingest.source import Source, rows_at_once
from mapping.ingest.unpacked import check_cells, check_size, written_about

__all__ = ["open_workbook"]

TALLEST = 1_048_576  # rows; no workbook has more
# what a spreadsheet shows where a formula failed
FAILED = {"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its title, whether it is hidden, and its rows, which can be asked for again."""

    title: str
    hidden: bool
    rows: Any  # () -> Iterator[Row]

    def head(self) -> list[Row]:
        """The first rows."""
        return list(itertools.islice(self.rows(), LOOK))


def _rows_of(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # what the file states may be far larger than what it holds
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > TALLEST:
            raise ValueError("no workbook has so many rows")
        yield row


def _sheets(path: Path, kind: str, closing: contextlib.ExitStack) -> list[Sheet]:
    if kind == "ods":
        return [Sheet(*found) for found in sheets_of_opendocument(path)]
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    closing.callback(book.close)
    return [
        Sheet(sheet.title, sheet.sheet_state != "visible", lambda sheet=sheet: _rows_of(sheet))
        for sheet in book.worksheets
        if hasattr(sheet, "iter_rows")
    ]


def _best_sheet(path: Path, sheets: list[Sheet], wanted: Collection[str], named: str) -> Sheet:
    if named:
        for sheet in sheets:
            if sheet.title == named:
                return sheet
        shown = ", ".join(sheet.title for sheet in sheets)
        raise InputError(
            f"{path.name}: there is no sheet '{named}'; its sheets are {shown}. Correct [file] sheet in wave.toml."
        )
    names = {normal(name) for name in wanted}

    def holds(sheet: Sheet) -> int:
        cells = [{normal(cell) for cell in row if isinstance(cell, str)} for row in sheet.head()]
        return max((len(row & names) if names else len(row) for row in cells), default=0)

    seen = [sheet for sheet in sheets if not sheet.hidden]
    best = max(seen, key=holds, default=None)
    hidden = max((sheet for sheet in sheets if sheet.hidden), key=holds, default=None)
    if hidden and holds(hidden) and (best is None or not holds(best)):
        raise InputError(
            f"{path.name}: its columns stand in the hidden sheet '{hidden.title}', and a hidden sheet is not read "
            "unasked. Show it in the workbook, or name it as [file] sheet in wave.toml."
        )
    if best is None:
        raise InputError(f"{path.name}: the workbook has no sheet with cells. Ask for it again.")
    return best


def _beside(sheets: list[Sheet], chosen: Sheet) -> Iterator[tuple[str, list[str]]]:
    """The texts of all other sheets by column; a sheet is told by its number, for its title may say too much."""
    for number, sheet in enumerate(sheets, 1):
        if sheet is chosen:
            continue
        columns: dict[int, list[str]] = {}
        for row in sheet.rows():
            for place, cell in enumerate(row, 1):
                if cell is not None and cell != "":
                    columns.setdefault(place, []).append(str(cell))
        for place, texts in columns.items():
            yield f"{place} of sheet {number}", texts


class _Rows:
    """The respondents below the header, part by part; a note below the table fills one cell, a respondent more."""

    def __init__(self, path: Path, sheet: Sheet, head: list[Row], at: int, columns: list[str]) -> None:
        self.path, self.sheet, self.at, self.columns = path, sheet, at, columns
        self.notes: list[str] = []
        self.around = [str(cell) for row in head[:at] for cell in row if cell is not None and cell != ""]
        self.least = 2 if len(columns) > 2 else 1

    def parts(self) -> Iterator[pd.DataFrame]:
        rows = iter(self._respondents())
        while chunk := list(itertools.islice(rows, rows_at_once(len(self.columns)))):
            yield pd.DataFrame(
                {
                    name: list(cells)
                    for name, cells in zip(self.columns, zip(*chunk, strict=True), strict=True)
                }
            )

    def _respondents(self) -> Iterator[Row]:
        width = len(self.columns)
        for number, row in enumerate(itertools.islice(self.sheet.rows(), self.at + 1, None), 1):
            filled = [cell for cell in row if cell is not None and cell != ""]
            if len(filled) < self.least:
                self._leave(filled)
                continue
            if any(cell is not None for cell in row[width:]):
                raise InputError(
                    f"{self.path.name}: data row {number} has more cells than the header has names. "
                    "Give each column a name, or remove what stands beside the table."
                )
            if not FAILED.isdisjoint(cell for cell in filled if isinstance(cell, str)):
                self._refuse_failed(row, number)
            yield (*row, *[None] * (width - len(row)))[:width]

    def _leave(self, filled: list[object]) -> None:
        note = "Rows with a single cell or none, such as notes, were left out of the sheet."
        if filled and note not in self.notes:
            self.notes.append(note)
        self.around += map(str, filled)

    def _refuse_failed(self, row: Row, number: int) -> None:
        column = next(name for name, cell in zip(self.columns, row, strict=False) if cell in FAILED)
        raise InputError(
            f"{self.path.name}: column '{column}' holds an error of the spreadsheet, such as #REF!, in data row "
            f"{number}. Correct the formula, or save the sheet as values."
        )


def _guarded(path: Path, parts: Iterable[Any]) -> Iterator[Any]:
    """What comes out of a workbook, or an error of ours: a damaged one fails in zlib, in its XML, anywhere."""
    try:
        yield from parts
    except MappingError:
        raise
    except Exception:  # without its cause, whose message may hold a value
        raise InputError(f"{path.name}: the workbook is damaged. Ask for it again, or for a .csv.") from None


def _read(path: Path, kind: str, wanted: Collection[str], named: str) -> Iterator[Any]:
    """First the source, without its parts; then the parts."""
    check_size(path)
    if kind == "xlsx":
        check_cells(path)
    with contextlib.ExitStack() as closing:
        sheets = _sheets(path, kind, closing)
        sheet = _best_sheet(path, sheets, wanted, named)
        head = sheet.head()
        at = find_header(head, wanted)
        columns = clean_header(path.name, _trimmed(under_groups(head, at) if head else []), wanted)
        rows = _Rows(path, sheet, head, at, columns)
        source = Source(path.name, kind, tuple(columns), iter(()), notes=rows.notes)
        yield source
        yield from rows.parts()
        source.beside.update(_beside(sheets, sheet))
        source.beside |= {"(names of the sheets)": [sheet.title for sheet in sheets]}
        source.beside |= written_about(path)
        if rows.around:
            source.beside["(rows around the table)"] = rows.around


def _trimmed(cells: list[object]) -> list[object]:
    """The cells up to the last that is filled."""
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return cells


def open_workbook(path: Path, kind: str, wanted: Collection[str] = (), sheet: str = "") -> Source:
    """A workbook (.xlsx or .ods), opened at the sheet that holds the wanted columns, below the row that names them.

    Raises
    ------
    InputError
        If the workbook is damaged, too large, or lacks the sheet.
    """
    found = _guarded(path, _read(path, kind, wanted, sheet))
    source: Source = next(found)
    source.parts = found
    return source
