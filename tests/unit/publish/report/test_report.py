"""The report as files: what a PDF reader, a screen reader and a careful browser find in them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pypdf
import pytest

from mapping.disclosure import ProtectedRelease
from mapping.errors import BuildError
from mapping.publish import Context
from mapping.publish.content import content
from mapping.publish.picture import Picture
from mapping.publish.pictures import draw
from mapping.publish.report import set_html, set_pdf
from mapping.publish.view import View
from mapping.texts import load

Made = tuple[dict[str, Any], dict[str, Picture]]


@pytest.fixture(scope="module")
def swedish(whole_release: ProtectedRelease, context: Context) -> Made:
    pictures = draw(View(whole_release, context, load("sv")))
    return content(whole_release, context, "sv", pictures), pictures


@pytest.fixture(scope="module")
def pdf(swedish: Made) -> bytes:
    return set_pdf(*swedish)


@pytest.fixture(scope="module")
def page(swedish: Made) -> str:
    return set_html(*swedish).decode("utf-8")


def parts(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [*made["sections"], *made["closing"], *made["annexes"]]


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f\u00ad-]+", "", text)


def _structure(node: Any) -> Iterator[Any]:
    """Every element of the structure tree."""
    node = node.get_object()
    if isinstance(node, pypdf.generic.ArrayObject):
        for kid in node:
            yield from _structure(kid)
    elif isinstance(node, pypdf.generic.DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _structure(node["/K"])


def test_the_pdf_says_that_it_is_accessible(pdf: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert str(root["/Lang"]).startswith("sv")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Hedersrelaterat våld och förtryck. Lägesbild för Exempelköping 2026"


def test_headings_tables_and_pictures_are_tagged(pdf: bytes, swedish: Made) -> None:
    root = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    elements = list(_structure(root["/StructTreeRoot"]["/K"]))
    kinds = [str(element["/S"]) for element in elements]
    assert {"/Title", "/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/L"} <= set(kinds)
    pictures = [element for element in elements if element["/S"] == "/Figure"]
    assert len(pictures) == len(swedish[1])
    assert all(str(picture.get("/Alt", "")) for picture in pictures)


def test_the_pdf_carries_its_fonts_and_none_of_the_machine(pdf: bytes) -> None:
    found = {
        str(font.get_object()["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert found
    assert all("LibertinusSerif" in name or "DejaVuSans" in name for name in found), found


def test_what_is_read_in_the_pdf_is_what_the_content_says(pdf: bytes, swedish: Made) -> None:
    read = _squeezed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))
    made, _ = swedish
    assert _squeezed(made["lead"]["text"]) in read
    for part in parts(made):
        assert _squeezed(part["heading"]) in read
        for block in part["blocks"]:
            if block["kind"] == "table":
                for row in block["rows"]:
                    for cell in row:
                        assert _squeezed(cell["interval"]) in read, cell


def test_every_page_of_a_synthetic_municipality_says_so(pdf: bytes, page: str) -> None:
    for leaf in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        assert "Syntetiska data / Synthetic data" in leaf.extract_text()
    assert page.count("Syntetiska data / Synthetic data") > 2


def test_the_same_content_gives_the_same_bytes(swedish: Made, pdf: bytes, page: str) -> None:
    assert set_pdf(*swedish) == pdf
    assert set_html(*swedish).decode("utf-8") == page


def test_a_picture_without_words_stops_the_report(swedish: Made) -> None:
    made, pictures = swedish
    silent = {"kind": "pictures", "beside": [], "note": "", "items": [
        {"name": next(iter(pictures.values())).name, "title": "", "alt": None, "width": 5, "height": 5}
    ]}  # fmt: skip
    section = {"id": "x", "heading": "x", "new_page": False, "blocks": [silent]}
    with pytest.raises(BuildError, match="the report cannot be set"):
        set_pdf(made | {"sections": [section], "closing": [], "annexes": []}, pictures)


class _Page(HTMLParser):
    """What a browser would fetch or run, and the outline of headings."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.attributes: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes.append(given | {"tag": tag})
        for name in ("src", "href", "xlink:href", "action", "data"):
            if given.get(name) and not str(given[name]).startswith("#"):
                self.fetched.append(str(given[name]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.fixture(scope="module")
def parsed(page: str) -> _Page:
    parser = _Page()
    parser.feed(page)
    return parser


def test_the_page_fetches_nothing_and_runs_nothing(parsed: _Page, page: str) -> None:
    assert parsed.fetched == ["accessibility.sv.html"]  # beside it, if the reader asks for it
    assert "script" not in parsed.tags
    assert not any(name.startswith("on") for given in parsed.attributes for name in given)
    assert re.search(r"""Content-Security-Policy" content="default-src 'none';""", page)
    assert re.findall(r"url\((?!#)", page) == []


def test_the_page_has_a_language_a_title_and_headings_in_order(parsed: _Page, page: str) -> None:
    assert '<html lang="sv">' in page
    assert "<title>Hedersrelaterat våld och förtryck. Lägesbild för Exempelköping 2026</title>" in page
    assert parsed.headings[0] == 1
    assert parsed.headings.count(1) == 1
    assert all(
        after - before <= 1 for before, after in zip(parsed.headings, parsed.headings[1:], strict=False)
    )


def test_every_id_on_the_page_is_there_once(parsed: _Page) -> None:
    ids = [given["id"] for given in parsed.attributes if given.get("id")]
    assert len(ids) == len(set(ids))


def test_tables_on_the_page_have_captions_and_headers_for_columns_and_rows(parsed: _Page) -> None:
    tables = parsed.tags.count("table")
    assert tables >= 4
    assert parsed.tags.count("caption") == tables
    scopes = [given.get("scope") for given in parsed.attributes if given["tag"] == "th"]
    assert set(scopes) == {"col", "row"}


def test_text_in_another_language_says_which(whole_release: ProtectedRelease, context: Context) -> None:
    page = set_html(content(whole_release, context, "en"), {}).decode("utf-8")
    assert '<span lang="sv">Fler ska fritt få välja partner</span>' in page


def test_words_from_outside_cannot_become_markup(whole_release: ProtectedRelease, context: Context) -> None:
    made = content(whole_release, context, "sv")
    page = set_html(made | {"publisher": "<script>alert(1)</script>"}, {}).decode("utf-8")
    assert "<script>" not in page
