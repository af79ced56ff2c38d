"""The words and table rows in a text document (.docx): every part of it, comments and properties too."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["document_rows", "document_words"]

_TAG = re.compile(r"<[^>]*>")
_PARAGRAPH = re.compile(r"</w:p>|<w:br\b[^>]*>|</(?:dc|dcterms|cp|vt):?\w*>|</\w+>(?=<(?:dc|dcterms|cp):)")
_ROW = re.compile(r"<w:tr[ >].*?</w:tr>", re.DOTALL)
_CELL = re.compile(r"<w:tc[ >].*?</w:tc>", re.DOTALL)
_SPOKEN = re.compile(r'\b(?:descr|title|name|w:val|val)="([^"]*)"')


def document_words(path: Path) -> Iterator[str]:
    """Lines of text, alternative texts and properties, part by part."""
    for part in _parts(path):
        for line in _PARAGRAPH.split(part):
            if said := _plain(line):
                yield said
        yield from (said for text in _SPOKEN.findall(part) if (said := _plain(text)))


def document_rows(path: Path) -> Iterator[tuple[str, ...]]:
    """The cells of each row of its tables."""
    for part in _parts(path):
        for row in _ROW.findall(part):
            yield tuple(_plain(cell) for cell in _CELL.findall(row))


def _parts(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                yield parts.read(name).decode("utf-8", "replace")


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(_TAG.sub("", text))).strip()
