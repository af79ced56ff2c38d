"""A workbook for people: what the file is, figures, changes and places, each on a sheet of its own."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from mapping.disclosure.protected import Change, ProtectedRelease
from mapping.publish.context import Context
from mapping.publish.open_data.rows import (
    AREA_COLUMNS,
    CHANGE_COLUMNS,
    NOT_POSSIBLE,
    NOT_TOLD,
    Row,
    area_rows,
    change_rows,
    worded_columns,
    worded_row,
)
from mapping.publish.zipped import same_every_time
from mapping.texts import Texts

__all__ = ["workbook"]

_HEAD: Final = PatternFill("solid", fgColor="E8EDF3")
_WIDEST, _NARROWEST = 42, 8


def workbook(release: ProtectedRelease, context: Context, texts: Texts) -> bytes:
    """The workbook in the language of `texts`; the same bytes for the same release."""
    book = Workbook()
    book.remove(book.active)
    _about(book.create_sheet(texts("workbook.about")), release, context, texts)
    figures = (worded_row(figure, context, texts) for figure in release)
    _table(book.create_sheet(texts("workbook.figures")), worded_columns(texts), figures)
    if release.changes:
        columns = [texts(f"workbook.change.{name}") for name in CHANGE_COLUMNS]
        changes = zip(release.changes, change_rows(release), strict=True)
        rows = (_worded_change(change, row, context, texts) for change, row in changes)
        _table(book.create_sheet(texts("workbook.changes")), columns, rows)
    columns = [texts(f"workbook.place.{name}") for name in AREA_COLUMNS]
    _table(book.create_sheet(texts("workbook.places")), columns, _worded_places(context, texts))
    properties = book.properties
    properties.title = texts("title.subtitle", municipality=context.municipality.name, wave=context.wave.id)
    properties.creator, properties.language = context.municipality.publisher, texts.language
    properties.created = dt.datetime.fromisoformat(context.date)
    made = io.BytesIO()
    book.save(made)
    return same_every_time(made.getvalue(), context.date)


def _about(sheet: Worksheet, release: ProtectedRelease, context: Context, texts: Texts) -> None:
    """Who made this and when, what the signs mean, and what stands in each column."""
    said = [
        (texts("title.subtitle", municipality=context.municipality.name, wave=context.wave.id), ""),
        (texts("word.synthetic"), "") if release.synthetic else ("", ""),
        (texts("made.by"), context.municipality.publisher),
        (texts("made.source"), texts("title.survey_only", survey=context.wave.survey)),
        (NOT_TOLD, texts("workbook.not_told")),
        (NOT_POSSIBLE, texts("workbook.not_possible")),
        *((column, texts(f"open_data_help.{name}")) for name, column in _explained(texts)),
    ]
    for name, meaning in (row for row in said if row[0]):
        sheet.append([name, meaning or None])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 100
    for row in sheet.iter_rows(min_row=2):
        row[0].font = Font(bold=True)
        row[1].alignment = Alignment(wrap_text=True, vertical="top")
    _fit(sheet)


def _explained(texts: Texts) -> list[tuple[str, str]]:
    names = list(texts.table["open_data_help"])
    return [(name, texts(f"open_data.{name}")) for name in names]


def _worded_change(change: Change, row: Row, context: Context, texts: Texts) -> list[str | float]:
    places = context.place_names(change.level, change.indicator, texts.language)
    group = f"group.{change.group}"
    words = [
        context.name(change.indicator, texts.language),
        texts(f"level.{change.level}"),
        places.get(change.area, change.area),
        texts(group) if group in texts else change.group,
        *row[4:12],
        texts(f"change_verdict.{change.verdict}"),
    ]
    return [NOT_TOLD if word is None else word for word in words]


def _worded_places(context: Context, texts: Texts) -> Iterable[Row]:
    for level, area, name, above, parent, class_ in area_rows(context, texts.language):
        words = [texts(f"level.{level}"), area, name, above and texts(f"level.{above}"), parent, class_]
        yield [NOT_POSSIBLE if word is None else word for word in words]


def _table(sheet: Worksheet, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """A table with its header kept in sight, a filter on every column, and text that is never a formula."""
    sheet.append(list(columns))
    for row in rows:
        sheet.append(list(row))
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, column in enumerate(sheet.iter_cols(values_only=True), 1):
        longest = max(len(str(value)) for value in column)
        sheet.column_dimensions[get_column_letter(number)].width = min(_WIDEST, max(_NARROWEST, longest + 2))
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.auto_filter.ref = sheet.dimensions
    _fit(sheet)


def _fit(sheet: Worksheet) -> None:
    """On paper, as wide as a page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
