"""The words in files for paper and screen: text, tags and properties of a PDF, and what a PNG has besides pixels."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)
from pypdfium2 import PdfDocument

__all__ = ["pdf_words", "png_words"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PRIVATE = ("/FontDescriptor", "/FontFile", "/FontFile2", "/FontFile3", "/ToUnicode", "/ID")


def pdf_words(path: Path) -> Iterator[str]:
    """Lines of the pages, and every text besides: properties, alternative texts, notes, outlines, attachments."""
    for page in PdfDocument(path):
        yield from page.get_textpage().get_text_range().splitlines()
    pdf = PdfReader(path)
    seen: set[tuple[int, int]] = set()
    queue: list[Any] = [pdf.trailer]
    while queue:
        thing = queue.pop()
        if isinstance(thing, IndirectObject):
            if (place := (thing.idnum, thing.generation)) not in seen:
                seen.add(place)
                queue.append(thing.get_object())
        elif isinstance(thing, DictionaryObject):
            queue += [value for name, value in thing.items() if name not in _PRIVATE]
            yield from _attached(thing)
        elif isinstance(thing, ArrayObject):
            queue += list(thing)
        elif isinstance(thing, TextStringObject):
            yield from str(thing).splitlines()
        elif isinstance(thing, ByteStringObject):
            yield from thing.decode("utf-8", "replace").splitlines()


def _attached(thing: DictionaryObject) -> Iterator[str]:
    """Lines of an attached file or of the properties in XML."""
    if isinstance(thing, StreamObject) and thing.get("/Type") in ("/EmbeddedFile", "/Metadata"):
        yield from thing.get_data().decode("utf-8", "replace").splitlines()


def png_words(path: Path) -> Iterator[str]:
    """The texts that a PNG carries: title, description, comments, whatever a program put there."""
    content, at = path.read_bytes(), len(_SIGNATURE)
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        piece = content[at + 8 : at + 8 + size]
        if kind == b"tEXt":
            yield piece.replace(b"\0", b" ").decode("latin-1")
        elif kind == b"zTXt":
            name, packed = piece.split(b"\0", 1)
            yield (name + b" " + zlib.decompress(packed[1:])).decode("latin-1")
        elif kind == b"iTXt":
            yield _international(piece)
        elif kind == b"eXIf":
            yield piece.decode("latin-1")
        at += size + 12


def _international(piece: bytes) -> str:
    name, rest = piece.split(b"\0", 1)
    _language, _translated, text = rest[2:].split(b"\0", 2)
    text = zlib.decompress(text) if rest[0] else text
    return (name + b" " + text).decode("utf-8", "replace")
