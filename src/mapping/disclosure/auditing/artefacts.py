"""The words of a release's files, block by block: paragraphs and table rows of HTML, labels of SVG, lines of PDF.

What stands in rows and records (tables, workbooks, notebooks, the data behind a chart) is read by `records`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path

from mapping.disclosure.auditing.office import document_words
from mapping.disclosure.auditing.paper import pdf_words, png_words

__all__ = ["READ", "Page", "blocks_of", "is_library", "read_page"]

# every kind of file that the audit can read, here or in `records`
READ = frozenset(
    (
        ".html",
        ".svg",
        ".pdf",
        ".png",
        ".csv",
        ".js",
        ".json",
        ".jsonld",
        ".geojson",
        ".ipynb",
        ".xlsx",
        ".docx",
        ".px",
        ".txt",
        ".md",
    )
)
_BLOCKS = frozenset(
    (
        *("p", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "div", "section"),
        *("figcaption", "caption", "text", "title", "desc", "summary", "button", "option", "metadata"),
    )
)
_ASIDE = frozenset(("style", "script"))
_UNSPOKEN = frozenset(
    (
        *(
            "class",
            "id",
            "style",
            "href",
            "src",
            "d",
            "points",
            "transform",
            "viewbox",
            "fill",
            "stroke",
            "type",
        ),
        *("width", "height", "x", "y", "dx", "dy", "font-size", "font-weight", "stroke-width", "colspan"),
        *("rowspan", "lang", "xmlns", "charset", "rel", "role", "scope", "media", "tabindex", "name", "for"),
    )
)


def blocks_of(folder: Path) -> Iterator[tuple[str, str]]:
    """File name and text of every block in the HTML, SVG, PDF, PNG and plain text files of a folder."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".html", ".svg"):
            yield from ((name, text) for text in read_page(path.read_text(encoding="utf-8")).blocks())
        elif path.suffix == ".pdf":
            yield from ((name, line) for line in pdf_words(path))
        elif path.suffix == ".docx":
            yield from ((name, line) for line in document_words(path))
        elif path.suffix == ".png":
            yield from ((name, line) for line in png_words(path))
        elif path.suffix in (".txt", ".md") or (path.suffix == ".js" and not is_library(path)):
            yield from ((name, line) for line in path.read_text(encoding="utf-8").splitlines())


def is_library(path: Path) -> bool:
    """Whether a program is, byte for byte, the drawing library as its package brings it: that knows no data."""
    try:
        known = metadata.distribution("plotly").locate_file("plotly/package_data/plotly.min.js")
        return path.read_bytes() == Path(str(known)).read_bytes()
    except (metadata.PackageNotFoundError, OSError):
        return False


def read_page(text: str) -> Page:
    """A page of HTML, or a drawing in SVG, taken apart."""
    page = Page()
    page.feed(text)
    page.close()
    return page


class Page(HTMLParser):
    """Text between the boundaries of blocks, what is spoken instead of seen, and what a program on the page reads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[list[str]] = [[]]
        self._aside = 0
        self._cells: list[list[str]] = []
        self._in_cell = False
        self._drawings = 0
        self._levels: dict[tuple[int, str], list[str]] = {}
        self._level = ""
        self.asides: list[str] = []

    def blocks(self) -> Iterator[str]:
        """Blocks that hold words."""
        for parts in self._found:
            if text := re.sub(r"\s+", " ", " ".join(parts)).strip():
                yield text

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The cells of each row of a table, and the labels of a drawing that stand on one line."""
        for cells in (*self._cells, *self._levels.values()):
            yield tuple(re.sub(r"\s+", " ", cell).strip() for cell in cells)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new block begins; alternative texts are blocks of their own."""
        self._aside += tag in _ASIDE
        self._found += [[value] for name, value in attrs if name not in _UNSPOKEN and value]
        if tag in _BLOCKS:
            self._found.append([])
        if tag == "tr":
            self._cells.append([])
        elif tag in ("td", "th") and self._cells:
            self._cells[-1].append("")
            self._in_cell = True
        elif tag == "text":
            self._level = dict(attrs).get("y") or ""
            self._levels.setdefault((self._drawings, self._level), []).append("")
        self._drawings += tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        """A block ends."""
        self._aside -= tag in _ASIDE
        self._level = "" if tag == "text" else self._level
        self._in_cell = self._in_cell and tag not in ("td", "th", "tr", "table")
        if tag in _BLOCKS:
            self._found.append([])

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._aside:
            self.asides.append(data)
            return
        self._found[-1].append(data)
        if self._level:
            self._levels[self._drawings, self._level][-1] += data
        elif self._in_cell:
            self._cells[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        """Comments are read by whoever looks at the source."""
        self._found.append([data])
        self._found.append([])
