"""The finished PDF reports against PDF/UA-1 (ISO 14289-1, clause numbers below), read by pikepdf."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.slow]

FILES = [(wave, language) for wave in ("2024", "2026") for language in ("sv", "en")]
STANDARD = {"Document", "Part", "Div", "H1", "H2", "H3", "P", "Span", "Link", "Note"}
STANDARD |= {"L", "LI", "Lbl", "LBody", "Table", "THead", "TBody", "TR", "TH", "TD", "Figure", "Caption"}


@pytest.fixture(params=FILES, ids="-".join)
def report(request: pytest.FixtureRequest, city: tuple[Path, Any]) -> Iterator[pikepdf.Pdf]:
    wave, language = request.param
    with pikepdf.open(city[0] / "reports" / wave / f"report.{language}.pdf") as pdf:
        pdf.wave, pdf.language, pdf.path = wave, language, Path(pdf.filename)
        yield pdf


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Each structure element in reading order: its standard type, itself, and the types above it."""
    roles = pdf.Root.StructTreeRoot.get("/RoleMap", {})

    def below(kids: Any, above: tuple[str, ...]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                kind = str(roles.get(kid.S, kid.S))[1:]
                yield kind, kid, above
                if "/K" in kid:
                    yield from below(kid.K, (*above, kind))

    yield from below(pdf.Root.StructTreeRoot.K, ())


def attribute(element: Any, name: str) -> Any:
    given = element.get("/A", [])
    for one in given if isinstance(given, pikepdf.Array) else [given]:
        if name in one:
            return one[name]
    return None


def test_it_says_that_it_is_tagged_in_which_language_and_what_it_is_called(report: pikepdf.Pdf) -> None:
    """5, 7.1, 7.2: identification, title shown in the window, language of everything."""
    assert report.Root.MarkInfo.Marked is True
    assert not report.Root.MarkInfo.get("/Suspects", False)
    assert report.Root.ViewerPreferences.DisplayDocTitle is True
    assert str(report.Root.Lang).startswith(report.language)
    with report.open_metadata() as told:
        assert told["pdfuaid:part"] == "1"
        assert report.wave in told["dc:title"]
    assert not report.is_encrypted


def test_every_piece_of_a_page_is_tagged_or_an_artefact(report: pikepdf.Pdf) -> None:
    """7.1: nothing is drawn outside marked content; what is real content is reached from the tags."""
    reached = {(page, mark) for _, element, _ in elements(report) for page, mark in _marks(element)}
    for number, page in enumerate(report.pages):
        assert page.obj.Tabs == "/S"
        depth, found = 0, set()
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                depth += 1
                if name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]:
                    found.add((page.obj.objgen, int(operands[1].MCID)))
            elif name == "EMC":
                depth -= 1
            elif name in ("Tj", "TJ", "S", "f", "F", "B", "f*", "B*", "Do", "sh"):
                assert depth > 0, f"page {number + 1}: {name}"
        assert found <= reached, number + 1


def _marks(element: Any) -> Iterator[tuple[tuple[int, int], int]]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            yield element.Pg.objgen, kid
        elif isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
            yield kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)


def test_the_tags_are_standard_ones_and_follow_the_pages(report: pikepdf.Pdf) -> None:
    """7.1: role mapping to standard types; the order of tags is the order of pages."""
    assert {kind for kind, _, _ in elements(report)} <= STANDARD
    places = {page.obj.objgen: number for number, page in enumerate(report.pages)}
    order = [places[page] for _, element, _ in elements(report) for page, _ in _marks(element)]
    assert order == sorted(order)


def test_headings_begin_at_one_and_skip_no_level(report: pikepdf.Pdf) -> None:
    """7.4.2"""
    levels = [int(kind[1]) for kind, _, _ in elements(report) if re.fullmatch(r"H[1-6]", kind)]
    assert levels[0] == 1
    assert len(levels) > 10
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_picture_is_told_in_words_and_stands_where_it_says(report: pikepdf.Pdf) -> None:
    """7.3"""
    pictures = [element for kind, element, _ in elements(report) if kind == "Figure"]
    assert len(pictures) > 10
    for picture in pictures:
        assert len(str(picture.Alt)) > 40
        assert len(attribute(picture, "/BBox")) == 4


def test_tables_have_heads_with_a_scope_and_rows_of_one_length(report: pikepdf.Pdf) -> None:
    """7.5"""
    tables = [element for kind, element, _ in elements(report) if kind == "Table"]
    assert tables
    heads = [element for kind, element, _ in elements(report) if kind == "TH"]
    assert {str(attribute(head, "/Scope")) for head in heads} <= {"/Column", "/Row", "/Both"}
    for table in tables:
        rows = [row for part in table.K for row in part.K]
        lengths = [sum(int(attribute(cell, "/ColSpan") or 1) for cell in row.K) for row in rows]
        assert len(set(lengths)) == 1
        assert {str(cell.S) for cell in rows[0].K} == {"/TH"}


def test_cells_rows_and_list_items_stand_where_they_belong(report: pikepdf.Pdf) -> None:
    """7.2: nesting"""
    wanted = {"TR": {"THead", "TBody", "Table"}, "TH": {"TR"}, "TD": {"TR"}, "LI": {"L"}, "LBody": {"LI"}}
    for kind, _, above in elements(report):
        assert kind not in wanted or above[-1] in wanted[kind], (kind, above)


def test_every_font_is_in_the_file_with_its_letters(report: pikepdf.Pdf) -> None:
    """7.21: embedded, and every glyph has its Unicode."""
    fonts = [font for page in report.pages for font in page.resources.get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        assert "/ToUnicode" in font
        for part in font.get("/DescendantFonts", [font]):
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(part.FontDescriptor.keys())


def test_nothing_runs_moves_or_is_attached(report: pikepdf.Pdf) -> None:
    """7.18, 7.19: no script, no film, no form; and no file inside the file."""
    assert not {"/OpenAction", "/AA", "/AcroForm", "/AF"} & set(report.Root.keys())
    assert not report.attachments
    for page in report.pages:
        for note in page.obj.get("/Annots", []):
            assert note.Subtype == "/Link"
            assert str(note.get("/Contents", "")) or "/StructParent" in note


class _Words(HTMLParser):
    """Headings and paragraphs of the page, in the order they stand in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("h2", "h3"):
            self._open = tag
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] += data


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f\u00ad\u2060-]+", "", text)


def test_text_is_read_in_the_order_of_the_page_in_html(report: pikepdf.Pdf) -> None:
    """Two files from one content: the headings of one stand in the other in the same order."""
    page = _Words()
    page.feed(report.path.with_suffix(".html").read_text(encoding="utf-8"))
    read = _squeezed("".join(leaf.extract_text() for leaf in pypdf.PdfReader(report.path).pages))
    place = 0
    assert len(page.found) > 8
    for heading in page.found:
        place = read.find(_squeezed(heading), place)
        assert place >= 0, heading
