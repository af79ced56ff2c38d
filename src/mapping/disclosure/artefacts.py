"""The words of a release's files, block by block: paragraphs and table rows of HTML, labels of SVG, lines of PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from pypdf import PdfReader

__all__ = ["blocks_of"]

_BLOCKS = frozenset(
    (
        *("p", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "div", "section"),
        *("figcaption", "caption", "text", "title", "desc", "summary", "button", "option"),
    )
)
_ASIDE = frozenset(("style", "script"))
_SPOKEN = frozenset(("alt", "aria-label", "title", "content", "data-label", "placeholder"))


def blocks_of(folder: Path) -> Iterator[tuple[str, str]]:
    """File name and text of every block in the HTML, SVG and PDF files of a folder."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".html", ".svg"):
            reader = _Reader()
            reader.feed(path.read_text(encoding="utf-8"))
            reader.close()
            yield from ((name, text) for text in reader.blocks())
        elif path.suffix == ".pdf":
            yield from ((name, line) for line in _lines(path))


def _lines(path: Path) -> Iterator[str]:
    pdf = PdfReader(path)
    for page in pdf.pages:
        yield from page.extract_text().splitlines()
    yield from (str(value) for value in (pdf.metadata or {}).values())


class _Reader(HTMLParser):
    """Text between the boundaries of blocks, and what is spoken instead of seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[list[str]] = [[]]
        self._aside = 0

    def blocks(self) -> Iterator[str]:
        """Blocks that hold words."""
        for parts in self._found:
            if text := re.sub(r"\s+", " ", " ".join(parts)).strip():
                yield text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new block begins; alternative texts are blocks of their own."""
        self._aside += tag in _ASIDE
        self._found += [[value] for name, value in attrs if name in _SPOKEN and value]
        if tag in _BLOCKS:
            self._found.append([])

    def handle_endtag(self, tag: str) -> None:
        """A block ends."""
        self._aside -= tag in _ASIDE
        if tag in _BLOCKS:
            self._found.append([])

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._aside:
            self._found[-1].append(data)

    def handle_comment(self, data: str) -> None:
        """Comments are read by whoever looks at the source."""
        self._found.append([data])
        self._found.append([])
