"""Sheets of OpenDocument workbooks (.ods), whose repeated rows and cells are counted before they are unrolled."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import python_calamine

from mapping.errors import InputError

__all__ = ["sheets_of_opendocument"]

MOST = 5_000_000  # cells; python-calamine holds all of a sheet at once
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def _repeated(element: ElementTree.Element, what: str) -> int:
    return int(element.get(f"{TABLE}number-{what}-repeated", "1"))


def _size(row: ElementTree.Element) -> int:
    """How many cells a row has up to its last filled one, repeats unrolled."""
    width = filled = 0
    for cell in row:
        width += _repeated(cell, "columns")
        if len(cell) or cell.text:
            filled = width
    return filled


def _largest(path: Path) -> int:
    """The cells of the largest sheet if all of its rows were as wide as its widest."""
    largest = height = tall = wide = 0
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        # expat itself stops entities that would grow without bounds
        for event, element in ElementTree.iterparse(file, events=("start", "end")):  # noqa: S314
            if event == "start":
                if element.tag == f"{TABLE}table":
                    height = tall = wide = 0
            elif element.tag == f"{TABLE}table-row":
                height += _repeated(element, "rows")
                if size := _size(element):
                    wide, tall = max(wide, size), height
                element.clear()
                largest = max(largest, wide * tall)
    return largest


def sheets_of_opendocument(path: Path) -> list[tuple[str, bool, Callable[[], Iterator[tuple[object, ...]]]]]:
    """The sheets of a workbook: title, whether hidden, and what gives its rows.

    Raises
    ------
    InputError
        If it is locked with a password, or its sheets are larger than any survey.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except python_calamine.PasswordError:
        raise InputError(
            f"{path.name}: the workbook is locked with a password. Open it, remove the password, and save it."
        ) from None
    if (cells := _largest(path)) > MOST:
        raise InputError(
            f"{path.name}: a sheet would unroll to {cells:,} cells. Ask for a .csv or .sav instead."
        )
    shown = python_calamine.SheetVisibleEnum.Visible
    return [
        (sheet.name, sheet.visible != shown, functools.partial(_rows, book, sheet.name))
        for sheet in book.sheets_metadata
        if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]


def _rows(book: python_calamine.CalamineWorkbook, name: str) -> Iterator[tuple[object, ...]]:
    sheet = book.get_sheet_by_name(name)
    for row in sheet.to_python(skip_empty_area=False):
        yield tuple(None if cell == "" else cell for cell in row)
