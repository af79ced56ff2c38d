"""What stands in a workbook besides its cells."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

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
    with pytest.raises(PrivacyError, match="properties and comments"):
        read_table(saved(tmp_path, creator="Anna", comment="elev@skola.se"))
