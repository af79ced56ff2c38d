"""Tables beside the polygons (register pupils, larger areas, crosswalks): the named columns, as text."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from mapping.errors import InputError
from mapping.geography.layers import nearest_names

__all__ = ["ROW", "SHORT", "read_side_table"]

ROW, SHORT = "row", "short"  # the data row of the file, counted from 1; whether cells at its end are missing
_LOOK = 30  # rows looked at for the names of the columns: statistical tables have titles above
_WORKBOOKS = {".xlsx", ".ods"}
_LARGEST = 50_000_000  # bytes


def _text_rows(file: Path, raw: bytes) -> list[list[str]]:
    if b"\0" in raw:
        raise InputError(f"{file.name}: the file holds NUL bytes and is damaged. Export it again as CSV.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    lines = text.splitlines()[:_LOOK]
    separator = max(";\t,", key=lambda sign: max((line.count(sign) for line in lines), default=0))
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def _sheet_rows(file: Path) -> list[list[str]]:
    try:
        with CalamineWorkbook.from_path(file) as book:
            cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InputError(f"{file.name}: the workbook cannot be read. Export it again, or as CSV.") from error
    return [[str(cell).removesuffix(".0") for cell in row] for row in cells]


def _unpacked(file: Path) -> int:
    """The bytes of a workbook once unpacked; its reader says what is wrong with one that is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            return sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        return 0


def _rows(file: Path, where: str) -> list[list[str]]:
    if not file.is_file():
        raise InputError(f"{file.name}: there is no such file in {file.parent}. Correct {where}.")
    workbook = file.suffix.lower() in _WORKBOOKS
    if (_unpacked(file) if workbook else file.stat().st_size) > _LARGEST:
        raise InputError(
            f"{file.name}: larger than any table of districts. Ask for the counts alone, as CSV."
        )
    rows = _sheet_rows(file) if workbook else _text_rows(file, file.read_bytes())
    return [[cell.strip() for cell in row] for row in rows]


def read_side_table(file: Path, columns: Mapping[str, str], where: str) -> pd.DataFrame:
    """The columns of a table under the names we give them, with `ROW` and `SHORT`; blank rows are left out.

    Parameters
    ----------
    file : Path
        Text with ``;``, tabs or commas (UTF-8 or Windows-1252, with or without BOM), .xlsx or .ods.
    columns : mapping
        Our name -> the file's name.
    where : str
        The place in geography.toml that names the file, for messages.

    Raises
    ------
    InputError
        If the file is missing or damaged, or lacks a column.
    """
    rows = _rows(file, where)
    wanted = set(columns.values())
    at = next((i for i, row in enumerate(rows[:_LOOK]) if wanted <= set(row)), 0)
    names = rows[at] if rows else []
    for key, column in columns.items():
        if column not in names:
            raise InputError(
                f"{file.name}: '{key}' in {where} is the column '{column}', which the file does not have. "
                f"{nearest_names(column, [name for name in names if name])}"
            )
    last = max(position for position, name in enumerate(names) if name) + 1
    body = [(number, row) for number, row in enumerate(rows[at + 1 :], 1) if any(row)]
    picked = {
        key: [row[at] if (at := names.index(column)) < len(row) else "" for _, row in body]
        for key, column in columns.items()
    }
    frame = pd.DataFrame(picked, dtype="str")
    frame[ROW] = [number for number, _ in body]
    frame[SHORT] = [len(row) < last for _, row in body]
    return frame
