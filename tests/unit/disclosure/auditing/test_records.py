"""Rows and records: what stands together in a file, whichever kind of file it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mapping.disclosure.auditing.records import rows_of


def rows(folder: Path, name: str, text: str) -> list[tuple[str, ...]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    found = list(rows_of(folder))
    assert {file for file, _ in found} <= {name}
    path.unlink()
    return [row for _, row in found]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"a": "x", "b": 2, "c": 1.5, "d": None, "e": True}, [("x", "2", "1.5")]),
        ({"a": "x"}, []),  # one value stands with nothing
        (["x", 2, None, False, 3.0], [("x", "2", "3.0")]),
        # lists of one length stand together, place by place; those of another length by themselves
        ({"places": ["x", "y"], "z": [1, 2]}, [("x", "1"), ("y", "2"), ("x", "y"), ("1", "2")]),
        ({"places": ["x"], "z": [1]}, []),
        ({"p": ["x", "y"], "z": [1, 2, 3]}, [("x", "y"), ("1", "2", "3")]),
        ({"p": [["x", 5], ["y", 6]], "z": [{"v": 1}, {"v": None}]},
         [("x", "5", "1"), ("y", "6"), ("x", "5"), ("y", "6")]),
        ([{"code": "x", "v": 1}, {"code": "y", "v": 2}], [("x", "1"), ("y", "2")]),
        ({"deep": {"code": "x", "v": 1}}, [("x", "1")]),
        # text within data
        ({"text": "x   4\ny | 5;6"}, [("x", "4"), ("y ", " 5", "6")]),
        ({"text": "word"}, []),
        ({"text": "4"}, []),
        ({"text": ";"}, []),
        ({"text": "x|"}, [("x", "")]),
        ({"source": ["x  1\n", "y  2\n"]}, [("x", "1"), ("y", "2"), ("x  1\n", "y  2\n"), ("x", "1"), ("y", "2")]),
        ({"source": ["x  1", "y  2"]}, [("x", "1"), ("y", "2"), ("x  1", "y  2"), ("x", "1"), ("y", "2")]),
        ({"html": "<table><tr><td>x</td><td>4</td></tr></table>"}, [("x", "4"), ("x 4", "")]),
        ({"html": "<p>x 4 %</p>"}, [("x 4 %", "")]),
    ],
)  # fmt: skip
def test_records_of_json_are_what_stands_together(
    tmp_path: Path, content: Any, expected: list[tuple[str, ...]]
) -> None:
    assert rows(tmp_path, "a.json", json.dumps(content)) == expected


def test_of_a_release_names_and_hashes_are_no_records(tmp_path: Path) -> None:
    content = {
        "wave": "2026",
        "sequence": 1,
        "relations": [["a", 1]],
        "files": {"x": "1", "y": "2"},
        "certificate": ["a", 2],
    }
    assert rows(tmp_path, "release.json", json.dumps(content)) == [("2026", "1")]
    assert len(rows(tmp_path, "other.json", json.dumps(content))) == 4


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('plot([{"code":"x","v":1}], {"t":"u","w":2}); f(["y",3])', [("x", "1"), ("u", "2"), ("y", "3")]),
        ('var a=["x",1];a[0]=b[i];["y",2]', [("x", "1"), ("y", "2")]),
        ('[["x",1],["y",2]]', [("x", "1"), ("y", "2")]),
        ('[[["x",1],', [("x", "1")]),  # what is not whole is tried from its next bracket on
        ('["x",["y",2],oops]', [("y", "2")]),
        ('[["x",1],oops]', [("x", "1")]),
        ("[1,2]", [("1", "2")]),
        ("function(){return x}", []),
    ],
)
def test_lists_and_objects_in_a_program_are_read(
    tmp_path: Path, script: str, expected: list[tuple[str, ...]]
) -> None:
    assert rows(tmp_path, "a.html", f"<script>{script}</script>") == expected


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_a_table_is_read_whichever_sign_stands_between_its_cells(tmp_path: Path, sign: str) -> None:
    text = f"place{sign}v\nx{sign}1\n"
    assert rows(tmp_path, "a.csv", text) == [("place", "v"), ("x", "1")]
    assert rows(tmp_path, "a.txt", text) == []


PX = (
    'TITLE="Share";STUB="place";HEADING="year";VALUES("place")="x","y";CODES("place")="d1","d2";'
    'VALUES("year")="2026";NOTE("place")="see";DATA=1 ".."\n;'
)


def test_a_px_file_is_read_by_its_rows_and_columns(tmp_path: Path) -> None:
    expected = [
        ("x", "d1", "2026", "", "1"), ("y", "d2", "2026", "", ".."),
        ("TITLE", "", "Share"), ("STUB", "", "place"), ("HEADING", "", "year"), ("NOTE", "place", "see"),
    ]  # fmt: skip
    assert rows(tmp_path, "a.px", PX) == expected
    (tmp_path / "a.px").write_bytes(PX.replace('"x"', '"å"').encode("cp1252"))
    assert ("å", "d1", "2026", "", "1") in [row for _, row in rows_of(tmp_path)]


def test_a_workbook_is_read_by_rows_columns_values_and_formulas(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "s"
    for row in (("x", 1), ("y", "=B1+1")):
        sheet.append(row)
    book.properties.title = "t u"
    book.save(tmp_path / "a.xlsx")
    found = [row for _, row in rows_of(tmp_path)]
    assert {("s", "x", "1"), ("s", "y"), ("s", "x", "y"), ("s", "1")} <= set(
        found
    )  # a formula has no value yet
    assert {("s", "y", "=B1+1"), ("s", "1", "=B1+1")} <= set(found)
    assert any("t u" in text for text, *_ in found)


def test_names_within_a_workbook_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.defined_names["x_4"] = openpyxl.workbook.defined_name.DefinedName("x_4", attr_text="Sheet!$A$1")
    book.save(tmp_path / "a.xlsx")
    assert any("Sheet!$A$1" in text for _, (text, *_) in rows_of(tmp_path))
    styles = [text for _, (text, *_) in rows_of(tmp_path) if "Calibri" in text]
    assert styles == []  # how it looks is no matter
