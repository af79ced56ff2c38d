"""What stands in a workbook besides its cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from mapping.errors import PrivacyError
from mapping.ingest.readers import read_table


def saved(tmp_path: Path, *, creator: str = "", comment: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("svar", "nr"), ("ja", 1), ("nej", 2)):
        sheet.append(row)
    book.properties.creator = book.properties.lastModifiedBy = creator
    if comment:
        sheet["A2"].comment = Comment(comment, creator)
    book.save(tmp_path / "ung.xlsx")
    return tmp_path / "ung.xlsx"


def test_who_saved_a_workbook_is_no_respondent(tmp_path: Path) -> None:
    path = saved(tmp_path, creator="Anna Svensson", comment="kontrollerad")
    assert read_table(path).n_rows == 2


def test_what_a_comment_says_is_looked_through(tmp_path: Path) -> None:
    with pytest.raises(PrivacyError, match="properties, comments and charts"):
        read_table(saved(tmp_path, creator="Anna", comment="elev@skola.se"))


NUMBER = "200604219980"  # set aside for tests: nobody's


def hidden(place: str, book: openpyxl.Workbook, sheet: Any) -> None:
    """Put an identifier where no cell is."""
    if place == "name":
        book.defined_names["elev"] = DefinedName("elev", attr_text=f'"{NUMBER}"')
    elif place == "header":
        sheet.oddHeader.center.text = f"Elev {NUMBER}"
    elif place == "link":
        sheet["A2"].hyperlink = "mailto:elev@skola.se"
    elif place == "tooltip":
        sheet["A2"].hyperlink = "https://skola.example/"
        sheet["A2"].hyperlink.tooltip = f"Elev {NUMBER}"
    elif place == "drop-down":
        sheet.add_data_validation(DataValidation(type="list", formula1='"elev@skola.se,nej"', sqref="A2"))
    else:
        chart = BarChart()
        chart.title = f"Elev {NUMBER}"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
        sheet.add_chart(chart, "D1")


@pytest.mark.parametrize("place", ["name", "header", "link", "tooltip", "drop-down", "chart"])
def test_identifiers_are_found_where_no_cell_is(tmp_path: Path, place: str) -> None:
    path = saved(tmp_path)
    book = openpyxl.load_workbook(path)
    hidden(place, book, book.active)
    book.save(path)
    with pytest.raises(PrivacyError) as caught:
        read_table(path)
    assert NUMBER not in str(caught.value) and "skola.se" not in str(caught.value)
