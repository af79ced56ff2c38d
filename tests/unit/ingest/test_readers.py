"""Files as people have them: encodings, separators, headers, kinds told by content."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from mapping.errors import InputError
from mapping.ingest.readers import read_table

ROWS = [["skola", "årskurs", "vikt"], ["Åsö", "9", "1,5"], ["Ängby", "9", "2,25"]]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "cp850"])
@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
def test_encoding_and_separator_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [[cell.replace(",", ".") for cell in row] if separator == "," else row for row in ROWS]
    text = "\r\n".join(separator.join(row) for row in rows)

    table = read_table(written(tmp_path / "a.csv", text, encoding), ["årskurs", "skola"])

    assert table.columns == tuple(ROWS[0])
    assert list(table.frame) == ["skola", "årskurs"]
    assert table.frame["skola"].tolist() == ["Åsö", "Ängby"]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_a_short_swedish_file_is_read_in_the_encoding_that_makes_it_swedish(
    tmp_path: Path, encoding: str
) -> None:
    text = "\r\n".join(
        ["arendenr;orsak", *(f"A{i};Hedersrelaterat våld" for i in range(40)), "B1;Våld i nära relation"]
    )

    table = read_table(written(tmp_path / "a.csv", text, encoding), ["orsak"])

    assert set(table.frame["orsak"]) == {"Hedersrelaterat våld", "Våld i nära relation"}


def test_titles_above_the_header_and_repeated_headers_are_left_out(tmp_path: Path) -> None:
    text = "Elevenkät 2026;;\n;;\nskola;klass;f31\nA;1;Ja\nskola;klass;f31\nB;2;Nej\n"

    table = read_table(written(tmp_path / "a.csv", text), ["f31"])

    assert table.frame["f31"].tolist() == ["Ja", "Nej"]
    assert any("repeated" in note for note in table.notes)


def test_a_separator_inside_an_answer_does_no_harm_in_quotation_marks(tmp_path: Path) -> None:
    table = read_table(written(tmp_path / "a.csv", 'f31;f32\n"Ja; ofta";1\nNej;2\n'), ["f31"])

    assert table.frame["f31"].tolist() == ["Ja; ofta", "Nej"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"f31;f32\n", "no respondents"),
        (b"f31;f32\nJa;1\nNej;\0\0\n", "NUL byte in data row 2"),
        ("f31;f32\nå;1\n".encode() + "ö;2\n".encode("cp1252"), "encoding changes at data row 2"),
        (b"f31;f32\nJa;1\nNej;2;3;4\n", "more cells than the header"),
        (b"f31;f31\nJa;1\n", "'f31' stands more than once"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"save it as \.xlsx"),
        (b"PK\x03\x04broken", "damaged or cut short"),
        (b"$FL2 and no more", "the name says text with separators"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)

    with pytest.raises(InputError, match=message):
        read_table(file, ["f31"])


def test_a_damaged_spss_file_is_an_error_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "a.sav"
    file.write_bytes(b"$FL2" + bytes(range(256)) * 4)

    with pytest.raises(InputError, match="damaged"):
        read_table(file)


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_the_sheet_and_header_with_the_named_columns_are_found(tmp_path: Path) -> None:
    data = [
        ["Elevenkät"],
        [],
        ["Bakgrund", None, "Frågor"],
        ["kon", "ak", "f31"],
        [1, 9, "Ja"],
        [2, 9, None],
        ["Källa: skolan"],
    ]
    file = workbook(tmp_path / "a.xlsx", Info=[["Läs mig", "x", "y", "z"]], Data=data)

    table = read_table(file, ["kon", "f31"])

    assert table.columns == ("kon", "ak", "f31")
    assert list(table.frame) == ["kon", "f31"]
    assert table.frame["f31"].isna().tolist() == [False, True]
    assert any("notes" in note for note in table.notes)


def test_a_sheet_that_is_not_there_is_refused(tmp_path: Path) -> None:
    file = workbook(tmp_path / "a.xlsx", Data=[["f31"], ["Ja"]])

    with pytest.raises(InputError, match="no sheet 'Svar'; its sheets are Data"):
        read_table(file, ["f31"], sheet="Svar")


def test_a_workbook_that_would_unpack_to_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mapping.ingest.unpacked.LARGEST", 1000)
    file = workbook(tmp_path / "a.xlsx", Data=[["f31"], ["Ja"]])

    with pytest.raises(InputError, match="would unpack to"):
        read_table(file)


@pytest.mark.parametrize(
    ("name", "kind", "shape"),
    [
        ("haven_hadley.sas7bdat", "sas7bdat", (8, 7)),
        ("haven_labelled-num-na.sav", "sav", (2, 1)),
        ("haven_labelled-str.sav", "sav", (2, 1)),
        ("haven_tagged-na-double.dta", "dta", (8, 1)),
        ("haven_umlauts.sav", "sav", (4, 1)),
        ("pyreadstat_dates_xpt_v8.xpt", "xpt", (19, 9)),
        ("pyreadstat_missing_test.sav", "sav", (2, 1)),
        ("pyreadstat_ordered_category.sav", "sav", (4, 1)),
        ("pyreadstat_sample.por", "por", (5, 7)),
        ("pyreadstat_sample.zsav", "sav", (5, 7)),
        ("pyreadstat_sample_missing.sav", "sav", (7, 7)),
        ("pyreadstat_simple_alltypes.sav", "sav", (6, 12)),
    ],
)
def test_every_container_reads_and_says_what_it_is(
    shared: Path, name: str, kind: str, shape: tuple[int, int]
) -> None:
    table = read_table(shared / "data" / "formats" / name)

    assert (table.kind, table.frame.shape) == (kind, shape)


def test_labels_and_declared_missing_values_survive_reading(shared: Path) -> None:
    folder = shared / "data" / "formats"

    assert read_table(folder / "haven_umlauts.sav").labels["var1"][1.0] == "the ä umlaut"
    assert read_table(folder / "haven_tagged-na-double.dta").missing["x"] == (
        ("a", "a"),
        ("h", "h"),
        ("z", "z"),
    )
    mixed = read_table(folder / "pyreadstat_simple_alltypes.sav").missing
    assert mixed["z"] == ((-999.0, 0.0), (999.0, 999.0))


def test_empty_ranges_of_missing_values_are_no_ranges(shared: Path) -> None:
    """pyreadstat reports (nan, nan), or two empty texts, on variables of this file that declare nothing."""
    assert read_table(shared / "data" / "surveys" / "yrbs_2019_national.sav").missing == {}


def test_rows_that_end_too_early_are_taken_in_and_told(tmp_path: Path) -> None:
    file = tmp_path / "svar.csv"
    file.write_text("id;skola;f31;f32\n1;A;1;2\n2;A;1\n3;B;2;1\n4;B", encoding="utf-8")

    table = read_table(file, ["id", "skola", "f31", "f32"])

    assert table.frame["f32"].tolist() == ["2", "", "1", ""]
    assert any("2 rows end before the last column" in note and "data row 2" in note for note in table.notes)
    file.write_text("id;skola;f31;f32\n1;A;1;2\n;;;\n\n2;B;;\n", encoding="utf-8")
    assert not any("before the last column" in note for note in read_table(file, ["id"]).notes)
