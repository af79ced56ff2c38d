"""Excel workbooks: the sheet and the row that hold the variable names are found; notes around the table are left."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from mapping.errors import InputError, MappingError
from mapping.ingest.delimited import LOOK, clean_header, find_header
from mapping.ingest.raw import RawTable, normal

__all__ = ["read_workbook"]

LARGEST = 400_000_000  # bytes unpacked: a workbook above this is a bomb, or should be a .csv


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > LARGEST:
        raise InputError(
            f"{path.name}: the workbook would unpack to {unpacked // 1_000_000:,} MB. Ask for a .csv or .sav instead."
        )


def _rows(sheet: Any) -> Iterator[tuple[object, ...]]:
    yield from sheet.iter_rows(values_only=True)


def _best_sheet(path: Path, book: Any, wanted: Collection[str], named: str) -> Any:
    if named:
        if named not in book.sheetnames:
            raise InputError(
                f"{path.name}: there is no sheet '{named}'; its sheets are {', '.join(book.sheetnames)}. "
                "Correct [file] sheet in wave.toml."
            )
        return book[named]
    names = {normal(name) for name in wanted}

    def holds(sheet: Any) -> int:
        head = [row for row, _ in zip(_rows(sheet), range(LOOK), strict=False)]
        cells = [{normal(cell) for cell in row if isinstance(cell, str)} for row in head]
        return max((len(row & names) if names else len(row) for row in cells), default=0)

    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]
    if not sheets:
        raise InputError(f"{path.name}: the workbook has no sheet with cells. Ask for it again.")
    return max(sheets, key=holds)


def read_workbook(path: Path, wanted: Collection[str] = (), sheet: str = "") -> RawTable:
    """The cells of the sheet that holds the wanted columns, below the row that names them.

    Raises
    ------
    InputError
        If the workbook is damaged, too large, or lacks the sheet.
    """
    _check_size(path)
    try:
        with contextlib.closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            rows = list(_rows(_best_sheet(path, book, wanted, sheet)))
    except MappingError:
        raise
    except Exception as error:  # a damaged workbook fails in zlib, in the XML parser, or anywhere in openpyxl
        raise InputError(f"{path.name}: the workbook is damaged. Ask for it again, or for a .csv.") from error
    at = find_header(rows[:LOOK], wanted)
    columns = clean_header(path.name, rows[at] if rows else (), wanted)
    frame = pd.DataFrame(rows[at + 1 :], columns=columns)
    # a note below the table fills one cell; a respondent fills more
    filled = frame.notna().sum(axis=1)
    keep = filled > (1 if len(columns) > 2 else 0)
    notes = (
        () if keep.all() else ("Rows with a single cell or none, such as notes, were left out of the sheet.",)
    )
    frame = frame[keep].reset_index(drop=True).dropna(axis=1, how="all").reindex(columns=columns)
    return RawTable(path.name, "xlsx", frame, notes=notes)
