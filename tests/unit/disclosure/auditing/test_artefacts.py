"""A withheld number planted in each kind of file there can be: the audit reads them all."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import plotly
import pytest
from openpyxl.comments import Comment
from pypdf import PdfWriter
from pypdf.generic import ContentStream, DictionaryObject, NameObject, StreamObject, TextStringObject

from mapping.concepts.estimate_table import EstimateTable
from mapping.disclosure import ProtectedRelease, audit_release, protect, read_policy
from mapping.disclosure.auditing.artefacts import blocks_of, is_library, read_page
from mapping.disclosure.auditing.paper import pdf_words, png_words

Writer = Callable[..., Path]
SILENT = "Place d00"
KEY = "2026|S04|district|d00|all"


@pytest.fixture(scope="module")
def release(town: EstimateTable) -> ProtectedRelease:
    made = protect([town], read_policy(), key=b"secret")
    assert made.one(key=KEY, target="pupils").share is None  # type: ignore[union-attr]
    assert 87.0 not in {number for f in made for number in (f.share, f.low, f.high, f.unsure)}
    return made


@pytest.fixture
def folder(release: ProtectedRelease, town: EstimateTable, write_release: Writer, tmp_path: Path) -> Path:
    return write_release(release, [town], tmp_path / "reports" / "2026")


def pdf(*, line: str = "", **more: str) -> bytes:
    """A PDF of one page with a line of text, a property, an attachment or a tag."""
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                             NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = ContentStream(None, writer)
    content.set_data(f"BT /F1 12 Tf 20 200 Td ({line}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    if "subject" in more:
        writer.add_metadata({"/Subject": more["subject"]})
    if "attachment" in more:
        writer.add_attachment("notes.txt", more["attachment"].encode())
    if "alt" in more:
        tag = DictionaryObject(
            {NameObject("/S"): NameObject("/Figure"), NameObject("/Alt"): TextStringObject(more["alt"])}
        )
        writer.root_object[NameObject("/StructTreeRoot")] = writer._add_object(
            DictionaryObject({NameObject("/K"): writer._add_object(tag)})
        )
    if "xmp" in more:
        stream = StreamObject()
        stream[NameObject("/Type")] = NameObject("/Metadata")
        stream.set_data(f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{more['xmp']}</x:xmpmeta>".encode())
        writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def png(kind: bytes, text: bytes) -> bytes:
    piece = kind + text
    made = len(text).to_bytes(4, "big") + piece + zlib.crc32(piece).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + made + b"\0\0\0\0IEND" + zlib.crc32(b"IEND").to_bytes(4, "big")


def workbook(**where: object) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "nothing here"
    other = book.create_sheet("worked out")
    other.sheet_state = str(where.get("state", "visible"))
    if "cells" in where:
        for row in where["cells"]:  # type: ignore[attr-defined]
            other.append(row)
    if "comment" in where:
        sheet["A1"].comment = Comment(str(where["comment"]), "me")
    if "title" in where:
        book.properties.title = str(where["title"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PX = """CHARSET="ANSI";
TITLE="Share by place";
STUB="place";
HEADING="year";
VALUES("place")="Place d01","Place d00";
VALUES("year")="2026";
DATA=
{one} {two};
"""
PLOTLY = 'Plotly.newPlot("map", [{{"type":"choropleth","locations":["d00","d01"],"z":[{z},null]}}], {{"title":"x"}})'


def notebook(output: dict[str, object]) -> str:
    cell = {
        "cell_type": "code", "source": ["frame"], "metadata": {}, "execution_count": 3, "outputs": [output]
    }  # fmt: skip
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def shown_as(html: str) -> dict[str, object]:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": [html]}}


def number(told: str) -> int | None:
    return int(told) if told else None


def packed(told: str) -> bytes:
    return zlib.compress(f"{SILENT} {told} %".encode())


# what, the file's name, and the file with a number in it (or with none)
PLANTED: dict[str, tuple[str, Callable[[str], bytes | str]]] = {
    "hover text of a drawing": ("a.svg", lambda n: f"<svg><g><title>{SILENT}: {n} %</title></g></svg>"),
    "labels on one line of a drawing": (
        "b.svg", lambda n: f'<svg><text x="1" y="5">{SILENT}</text><text x="9" y="5">{n}</text></svg>'
    ),
    "a comment in a drawing": ("c.svg", lambda n: f"<svg><!-- {SILENT} {n} % --></svg>"),
    "data attributes of a page": ("d.html", lambda n: f'<path data-tip="{SILENT} {n} %">'),
    "a table without per cent signs": (
        "e.html", lambda n: f"<table><tr><th>{SILENT}</th><td>{n}</td></tr></table>"
    ),
    "a number of pupils in a sentence": ("f.html", lambda n: f"<p>{SILENT}: {n} pupils said so.</p>"),
    "the traces of a chart": ("g.html", lambda n: f"<script>{PLOTLY.format(z=n or 'null')}</script>"),
    "records in a script": (
        "h.html", lambda n: f'<script type="application/json">[{{"key":"{KEY}","v":{n or "null"}}}]</script>'
    ),
    "a drawing as JSON": (
        "i.json", lambda n: json.dumps({"data": [{"customdata": [[SILENT], ["x"]], "z": [number(n), None]}]})
    ),
    "properties of a map": (
        "j.geojson", lambda n: json.dumps({"features": [{"properties": {"code": "d00", "v": number(n)}}]})
    ),
    "a table with another sign": ("k.csv", lambda n: f"place;v\n{SILENT};{n}\n"),
    "a row of figures with one column more": ("l.csv", lambda n: f"key,status,n\n{KEY},withheld,{n}\n"),
    "a PX file": ("m.px", lambda n: PX.format(one='".."', two=n or '".."')),
    "a sheet": ("n.xlsx", lambda n: workbook(cells=[[SILENT, number(n)]])),
    "a hidden sheet": ("o.xlsx", lambda n: workbook(cells=[[SILENT, number(n)]], state="hidden")),
    "a very hidden sheet": ("p.xlsx", lambda n: workbook(cells=[[SILENT, number(n)]], state="veryHidden")),
    "a column of a sheet": ("q.xlsx", lambda n: workbook(cells=[["x", SILENT], ["y", number(n)]])),
    "a comment of a sheet": ("r.xlsx", lambda n: workbook(comment=f"{SILENT} {n} %")),
    "the title of a workbook": ("s.xlsx", lambda n: workbook(title=f"{SILENT} {n} %")),
    "a line of a PDF": ("t.pdf", lambda n: pdf(line=f"{SILENT} {n} %")),
    "a property of a PDF": ("u.pdf", lambda n: pdf(subject=f"{SILENT} {n} %")),
    "an alternative text in a PDF": ("v.pdf", lambda n: pdf(alt=f"{SILENT} {n} %")),
    "an attachment of a PDF": ("w.pdf", lambda n: pdf(attachment=f"{SILENT} {n} %")),
    "the XML properties of a PDF": ("x.pdf", lambda n: pdf(xmp=f"{SILENT} {n} %")),
    "a text in a PNG": ("y.png", lambda n: png(b"tEXt", f"Comment\0{SILENT} {n} %".encode())),
    "a packed text in a PNG": ("z.png", lambda n: png(b"zTXt", b"Comment\0\0" + packed(n))),
    "an international text in a PNG": (
        "aa.png", lambda n: png(b"iTXt", f"Comment\0\0\0sv\0Not\0{SILENT} {n} %".encode())
    ),
    "an international packed text in a PNG": (
        "ab.png", lambda n: png(b"iTXt", b"Comment\0\1\0sv\0Not\0" + packed(n))
    ),
    "what a camera notes in a PNG": ("ac.png", lambda n: png(b"eXIf", f"{SILENT} {n} %".encode())),
    "an output of a notebook": (
        "ad.ipynb", lambda n: notebook({"output_type": "stream", "text": [f"x   12\n{SILENT}   {n}\n"]})
    ),
    "a table in a notebook": (
        "ae.ipynb", lambda n: notebook(shown_as(f"<table><tr><td>d00</td><td>{n}</td></tr></table>"))
    ),
    "a remark in a program": ("ag.js", lambda n: f"// {SILENT}: {n} %"),
    "data in a program": ("ah.js", lambda n: f'draw([{{"place":"{SILENT}","v":{n or "null"}}}])'),
    "a note": ("af.txt", lambda n: f"{SILENT}: {n} %"),
}  # fmt: skip


def as_bytes(content: bytes | str) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


@pytest.mark.parametrize("what", PLANTED)
def test_a_withheld_number_is_found_wherever_it_is_planted(folder: Path, what: str) -> None:
    name, made = PLANTED[what]
    path = folder / name
    path.write_bytes(as_bytes(made("")))
    assert audit_release(folder).safe

    path.write_bytes(as_bytes(made("87")))

    assert {(leak.key, leak.where) for leak in audit_release(folder).leaks} == {(KEY, name)}


def test_a_number_beside_two_places_is_nobodys(folder: Path) -> None:
    (folder / "a.csv").write_text(f"from,to,v\n{SILENT},Place d01,87\n", encoding="utf-8")
    assert audit_release(folder).safe


def test_a_code_a_wave_and_a_group_are_no_numbers(folder: Path) -> None:
    (folder / "a.csv").write_text(f"place,wave,base\n{SILENT},2026,100–199\n", encoding="utf-8")
    assert audit_release(folder).safe
    (folder / "a.csv").write_text(f"place,wave,base\n{SILENT},2027,\n", encoding="utf-8")
    assert not audit_release(folder).safe


def test_a_page_is_taken_apart_at_its_boundaries() -> None:
    page = read_page(
        "<p>one<b>two</b></p><p>three &amp; four</p>five<script>six</script><td>lost</td>"
        "<table><tr><th>a</th><td>b<i>c</i></td>aside</tr><tr><td>d</td><td>e</td></tr></table>after"
        '<img class="no" alt="seven" hidden data-x="eight"><!-- nine --><style>ten</style>'
    )
    assert list(page.blocks()) == [
        "one two", "three & four", "five lost", "a b c aside", "d e", "after", "seven", "eight", "nine",
    ]  # fmt: skip
    assert list(page.rows()) == [("a", "bc"), ("d", "e")]
    assert page.asides == ["six", "ten"]


def test_labels_of_a_drawing_stand_together_line_by_line() -> None:
    page = read_page(
        '<svg><text y="5">a<tspan>b</tspan>g</text>x<text y="7">c</text>h<text y="5">d</text>'
        "<text>e</text>f</svg>"
    )
    assert list(page.rows()) == [("abg", "d"), ("c",), ("",)]


def test_every_piece_of_a_png_is_looked_into(tmp_path: Path) -> None:
    first = png(b"IHDR", b"0123456789abc")
    path = tmp_path / "a.png"
    path.write_bytes(first[:-12] + png(b"tEXt", b"k\0v")[8:-12] + png(b"iTXt", b"n\0\0\0sv\0t\0w")[8:])
    assert list(png_words(path)) == ["k v", "n w"]
    path.write_bytes(path.read_bytes()[:-12])
    assert list(png_words(path)) == ["k v", "n w"]
    path.write_bytes(path.read_bytes()[:-4])  # cut off before the sum of the last piece
    assert list(png_words(path)) == ["k v", "n w"]


def test_a_text_in_a_png_may_hold_nothing_or_a_null(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(b"iTXt", b"n\0\0\0\0\0one\0two"))
    assert list(png_words(path)) == ["n one\0two"]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0tEXt")
    assert list(png_words(path)) == [""]


def test_the_drawing_library_is_known_byte_for_byte_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "plotly.min.js"
    path.write_bytes((Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes())
    assert is_library(path)
    assert not list(blocks_of(tmp_path))
    path.write_bytes(path.read_bytes() + b"\n")
    assert not is_library(path)
    assert list(blocks_of(tmp_path))
    assert not is_library(tmp_path / "none.js")


def test_how_a_page_of_a_pdf_is_drawn_is_not_read_as_words(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(line="hello"))
    words = list(pdf_words(path))
    assert words[0] == "hello"
    assert not [line for line in words if "Tf" in line]


def test_labels_on_one_line_stand_together_within_a_drawing_and_not_across_two() -> None:
    one = '<svg><text y="7">Berga</text><text y="7">87</text><text y="8">12</text></svg>'
    other = '<svg><text y="7">30</text></svg>'
    assert set(read_page(one + other).rows()) == {("Berga", "87"), ("12",), ("30",)}


def test_text_off_the_page_unseen_tiny_or_clipped_is_read(tmp_path: Path) -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    kind = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(name): NameObject(value) for name, value in kind.items()})
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawn = StreamObject()
    drawn.set_data(
        b"BT /F1 12 Tf 10 -300 Td (off 11) Tj ET BT 3 Tr /F1 12 Tf 10 50 Td (unseen 22) Tj ET "
        b"BT 0 Tr /F1 0.01 Tf 10 70 Td (tiny 33) Tj ET q 0 0 1 1 re W n BT /F1 12 Tf 10 20 Td (clipped 44) Tj ET Q"
    )
    page[NameObject("/Contents")] = writer._add_object(drawn)
    writer.write(tmp_path / "a.pdf")
    assert {"off 11", "unseen 22", "tiny 33", "clipped 44"} <= set(pdf_words(tmp_path / "a.pdf"))
