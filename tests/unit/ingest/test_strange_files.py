"""Files nobody planned for: each gives the right values, or says what is wrong and what to do about it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from mapping.errors import InputError, PrivacyError
from mapping.ingest.raw import numbers
from mapping.ingest.readers import read_table

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def refused(path: Path, content: bytes, message: str, wanted: tuple[str, ...] = ("f31",)) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_table(path, wanted)
    assert path.name in str(caught.value)


def parquet() -> bytes:
    made = io.BytesIO()
    pd.DataFrame({"f31": [1]}).to_parquet(made)
    return made.getvalue()


def packed(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", OLE + bytes(600), r"old Excel or Office file.*save it as \.xlsx"),
        (
            "a.xlsx",
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "locked with a password.*remove the password",
        ),
        ("a.xls", b"\xef\xbb\xbf <!DOCTYPE html><table><tr><td>f31", "a web page.*save it as"),
        ("a.xls", b"<html><table>", "a web page"),
        ("a.xls", b"<?xml version='1.0'?><Workbook>", "an XML file"),
        ("a.csv", b'[{"f31": 1}]', "a JSON file"),
        ("a.csv", parquet(), "a Parquet file"),
        ("a.csv", b"SQLite format 3\0", "a database"),
        ("a.xlsb", packed(xl__workbook_dot_bin="x"), r"binary Excel workbook \(.xlsb\).*save it as"),
        ("a.docx", packed(word__document_dot_xml="x"), "a Word document"),
        ("a.zip", packed(svar_dot_csv="f31\n1\n"), "a zip archive. Unpack it"),
        ("a.xlsx", packed(xl__workbook_dot_xml="<no xml"), "damaged"),
        ("a.sav", b"f31;f32\n1;2\n", "the name says an SPSS file"),
        ("a.csv", b"f31;f32\n", "0 rows"),
        ("a.csv", b"\n\n\n", "no rows|0 rows"),
        ("a.csv", b"x" * 2_100_000, "first line is longer"),
        ("a.csv", b"f31;f32\n" + b"1" * 5_000_000, "longer than any answer"),
        (
            "a.csv",
            b"f31;f32\n" + b"1;2\n" * 9_000 + b"1;" + b"1" * 9_000_000 + b"\n1;2\n",
            "longer than any answer",
        ),
        ("a.csv", b";".join(b"v%d" % i for i in range(20_000)) + b"\n1\n", "20,000 columns.*separator"),
        ("a.csv", b'f31;f32\n1;2\n"1;2\n3;4\n', "quotation mark is opened and never closed"),
        ("a.csv", b'f31;f32\n1;2\n1;"2\n3;4\n', "quotation mark is opened and never closed"),
        ("a.csv", b"f31;f32\n" + b"1;2\n" * 50 + b"1;2;3\n", "data row 51 has more cells"),
        ("a.csv", "f31;f32\n1;2\n".encode("utf-16")[:-1], "damaged further down"),
        ("a.csv", ("f31;f32\n" + "1;2\n" * 20).encode("utf-16") + b"\xd8", "damaged further down"),
        ("a.csv", b"f31;f32\n1;2\n\0\0\0", "NUL byte in data row 2"),
        ("a.csv", b"f31;f32;f31\n1;2;3\n", "'f31' stands more than once"),
    ],
)
def test_what_is_no_table_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    refused(tmp_path / name, content, message)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"f31\nJa\nNej\n", ["Ja", "Nej"]),  # one column, no separator
        (b"f31;x\nJa;1\n\nNej;2\n;\n", ["Ja", "Nej"]),  # empty rows
        (b"f31;x\nJa;1;;\nNej;2;;\n", ["Ja", "Nej"]),  # separators too many, nothing behind them
        (b"x;f31\n1;Ja\n2\n3;Nej\n", ["Ja", "", "Nej"]),  # a row too short
        (b'x;f31\n1;"Ja\nofta; alltid"\n2;Nej\n', ["Ja\nofta; alltid", "Nej"]),  # a line break inside
        (b"x;f31\r1;Ja\r2;Nej\r", ["Ja", "Nej"]),  # old line ends
        ("f31;x\nJa;1\n".encode("utf-16-le"), ["Ja"]),  # no byte order mark
        ("f31;x\nJa;1\n".encode("utf-32"), ["Ja"]),
        (
            "\ufefff31;x\nJa;1\n\ufefff31;x\nNej;2\n".encode(),
            ["Ja", "Nej"],
        ),  # two files joined, each with a mark
        ("f31;x\nÅlder;1\n".encode("cp1252"), ["Ålder"]),
        ('f31;x\n5" rör;1\nNej;2\n'.encode(), ['5" rör', "Nej"]),  # a quotation mark that quotes nothing
        (b"f31 ;x\nJa;1", ["Ja"]),  # no end of line at the end
    ],
)
def test_text_files_are_read_as_they_were_meant(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)

    assert read_table(file, ["f31"]).frame["f31"].tolist() == expected


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009", "\ufeff"])
def test_thousands_may_stand_apart_by_any_space(tmp_path: Path, space: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"vikt;x\n1{space}234,5;1\n−2;2\n", encoding="utf-8")

    assert numbers(read_table(file, ["vikt"]).frame["vikt"]).tolist() == [1234.5, -2.0]


def test_ragged_rows_keep_their_places_far_down_in_a_file(tmp_path: Path) -> None:
    rows = [f"{i};a" if i % 90_001 else f"{i}" for i in range(1, 400_001)]
    file = tmp_path / "a.csv"
    file.write_text("lopnr;x\n" + "\n".join(rows), encoding="utf-8")

    table = read_table(file, ["lopnr", "x"])

    assert table.frame["lopnr"].tolist() == [str(i) for i in range(1, 400_001)]
    assert [i + 1 for i in table.frame.index[table.frame["x"] == ""]] == [90_001, 180_002, 270_003, 360_004]


def test_only_wanted_columns_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("f31;f32;f33\n1;2;3\n4;5;6\n", encoding="utf-8")

    table = read_table(file, ["f32"])

    assert (list(table.frame), table.n_rows, table.n_columns, table.kind) == (["f32"], 2, 3, "csv")
    assert table.columns == ("f31", "f32", "f33")
    assert len(read_table(file, limit=1).frame) == 1


@pytest.mark.parametrize("kind", ["csv", "sav", "xlsx"])
def test_nothing_passes_in_a_column_that_nobody_wants(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame({"f31": ["Ja"] * 40, "ovrigt": ["inget"] * 39 + ["ring 20060421-9980"]})
    file = tmp_path / f"a.{kind}"
    if kind == "csv":
        frame.to_csv(file, index=False)
    elif kind == "sav":
        pyreadstat.write_sav(frame, str(file))
    else:
        frame.to_excel(file, index=False)

    with pytest.raises(PrivacyError, match="'ovrigt'") as caught:
        read_table(file, ["f31"])

    assert "9980" not in str(caught.value)


# workbooks


def book(path: Path, rows: list[list[object]], **more: list[list[object]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.active.title = "Data"  # type: ignore[union-attr]
    for name, content in {"Data": rows, **more}.items():
        sheet = made[name] if name in made.sheetnames else made.create_sheet(name)
        for row in content:
            sheet.append(row)
    made.save(path)
    return made


def test_names_merged_over_two_header_rows_are_found(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    made = book(
        file,
        [
            ["Elevenkät"],
            ["kon", "Frågor", None, "vikt"],
            [None, "f31", "f32", None],
            [1, "Ja", 2, 1.5],
            [2, "Nej", 1, 1],
        ],
    )
    sheet = made["Data"]
    for cells in ("A2:A3", "B2:C2", "D2:D3"):
        sheet.merge_cells(cells)
    made.save(file)

    table = read_table(file, ["kon", "f31", "f32", "vikt"])

    assert list(table.frame) == ["kon", "f31", "f32", "vikt"]
    assert table.frame["vikt"].tolist() == [1.5, 1.0]


def test_empty_sheets_first_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    made = book(file, [], Svar=[["f31", "x"], ["Ja", 1]])
    made.save(file)

    assert read_table(file).frame["f31"].tolist() == ["Ja"]


def test_a_hidden_sheet_is_never_chosen_unasked(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    made = book(file, [["läs mig"]], Dold=[["f31", "x"], ["Ja", 1]])
    made["Dold"].sheet_state = "hidden"
    made.save(file)

    with pytest.raises(InputError, match=r"hidden sheet 'Dold'.*\[file\] sheet"):
        read_table(file, ["f31"])
    assert read_table(file, ["f31"], sheet="Dold").frame["f31"].tolist() == ["Ja"]


@pytest.mark.parametrize("where", ["hidden sheet", "name of a sheet", "below", "property", "comment"])
def test_a_workbook_is_looked_through_in_all_its_corners(tmp_path: Path, where: str) -> None:
    file, secret = tmp_path / "a.xlsx", "ring 20060421-9980"
    made = book(file, [["f31", "x", "y"], ["Ja", 1, 2], ["Nej", 1, 2]], Annat=[["z"], ["w"]])
    sheet = made["Data"]
    if where == "hidden sheet":
        made["Annat"].append([None, secret])
        made["Annat"].sheet_state = "veryHidden"
    elif where == "name of a sheet":
        made["Annat"].title = secret
    elif where == "below":
        sheet.append([secret])
    elif where == "property":
        made.properties.description = secret
    else:
        sheet["A2"].comment = openpyxl.comments.Comment(secret, "x")
    made.save(file)

    with pytest.raises(PrivacyError) as caught:
        read_table(file, ["f31"])

    assert "9980" not in str(caught.value)


def test_formulas_that_failed_or_were_never_calculated_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    book(file, [["f31", "x"], ["Ja", 1], ["#REF!", 2]])
    with pytest.raises(InputError, match=r"'f31' holds an error of the spreadsheet.*data row 2"):
        read_table(file, ["f31"])

    book(file, [["f31", "x"], ["Ja", 1], ["=1+1", 2]])
    with pytest.raises(InputError, match=r"formulas whose results are not stored"):
        read_table(file, ["f31"])


def test_dates_in_a_workbook_stay_dates(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    book(file, [["opened", "x"], [dt.datetime(2025, 1, 31), 1], [dt.datetime(2025, 2, 1), 2]])

    assert str(read_table(file, ["opened"]).frame["opened"].iloc[0]).startswith("2025-01-31")


CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Data">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)
TEXT = '<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def opendocument(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", CONTENT.format(rows=rows))
        archive.writestr("META-INF/manifest.xml", "<x/>")
    return path


def row(*texts: str, more: str = "") -> str:
    cells = "".join(TEXT.format(text=text, more="") for text in texts)
    return f"<table:table-row{more}>{cells}</table:table-row>"


def test_opendocument_workbooks_are_read(tmp_path: Path) -> None:
    cells = '<table:table-cell table:number-columns-repeated="16384"/>'
    end = f'<table:table-row table:number-rows-repeated="1048573">{cells}</table:table-row>'
    file = opendocument(tmp_path / "a.ods", row("f31", "x") + row("Ja", "1") + row("Nej", "2") + end)

    table = read_table(file, ["f31"])

    assert (table.kind, table.frame["f31"].tolist()) == ("ods", ["Ja", "Nej"])


@pytest.mark.parametrize("rows", ["1048570", "99999999999"])
def test_repeated_rows_are_not_unrolled_without_end(tmp_path: Path, rows: str) -> None:
    many = row("a", "b", "c", "d", "e", more=f' table:number-rows-repeated="{rows}"')
    file = opendocument(tmp_path / "a.ods", row("f31", "x") + many)

    with pytest.raises(InputError, match=r"would unroll to|damaged"):
        read_table(file, ["f31"])


def test_a_zsav_cut_short_is_refused(shared: Path, tmp_path: Path) -> None:
    raw = (shared / "data" / "formats" / "pyreadstat_sample.zsav").read_bytes()
    for share in (0.3, 0.6, 0.9, 0.99):
        refused(tmp_path / "a.zsav", raw[: int(len(raw) * share)], "Ask for")


def test_a_long_file_cut_short_is_refused_though_its_beginning_is_whole(tmp_path: Path) -> None:
    frame = pd.DataFrame({f"v{k}": [1.0] * 70_000 for k in range(100)})
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(file))
    raw = file.read_bytes()

    refused(file, raw[: len(raw) * 9 // 10], "truncated: there are fewer rows", ("v1",))
