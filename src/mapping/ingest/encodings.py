"""Which bytes stand for which letters: the encoding of a text file found out, doubtful bytes refused."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from charset_normalizer import from_bytes

from mapping.errors import InputError

__all__ = ["Text", "find_encoding"]

BLOCK = 1 << 22
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SINGLE_BYTE = (
    "cp1252",
    "cp850",
    "mac_roman",
)  # a short file gives statistics of letters too little to go by


@dataclass(frozen=True, slots=True)
class Text:
    """A text file with its encoding. `quotes` are its quotation marks, `marks` whether a BOM stands inside it."""

    path: Path
    encoding: str
    marks: bool
    quotes: int

    def open(self) -> Any:
        """The bytes of the file in UTF-8, whatever it is in, without byte order marks."""
        if self.encoding == "utf-8" and not self.marks:
            return pa.OSFile(str(self.path))
        return io.BufferedReader(_Recoded(self.path, self.encoding), BLOCK)


class _Recoded(io.RawIOBase):
    """The bytes of a text file, in UTF-8."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("rb")
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            block = self._file.read(BLOCK)
            self._left = self._decoder.decode(block, not block).replace("\ufeff", "").encode()
            if not block:
                break
        n = min(len(buffer), len(self._left))
        buffer[:n], self._left = self._left[:n], self._left[n:]
        return n

    def close(self) -> None:
        self._file.close()
        super().close()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 by its byte order mark, or by the NUL in every other byte of plain letters."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) > 3 and max(even, odd) > 0.4 * len(head) / 2 and not min(even, odd):
        return "utf-16-le" if odd else "utf-16-be"
    return ""


def _row_of(path: Path, offset: int) -> int:
    """The data row in which a byte stands, if each row is a line below a header."""
    lines = 0
    for block in _blocks(path):
        lines += block[:offset].count(b"\n")
        offset -= len(block)
        if offset <= 0:
            break
    return max(lines, 1)


def _refuse_nul(path: Path, offset: int) -> None:
    raise InputError(
        f"{path.name}: there is a NUL byte in data row {_row_of(path, offset)}: the file is damaged. Ask for it again."
    )


def _mixed(path: Path) -> InputError:
    """The refusal of a file whose first part is UTF-8 and whose later part is not: somebody joined two files."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                where = f"data row {max(number, 1)} (byte {error.start + 1} of the line)"
                break
    return InputError(
        f"{path.name}: the encoding changes at {where}: what stands before is UTF-8, this is not. "
        "Ask for the file in one encoding, best UTF-8."
    )


def _fits(path: Path, encoding: str) -> tuple[bool, bool, int]:
    """Whether the whole file can be decoded, whether a byte order mark stands inside, and its quotation marks."""
    decoder = codecs.getincrementaldecoder(encoding)()
    marks, quotes, first = False, 0, True
    try:
        for block in _blocks(path):
            text = decoder.decode(block)
            marks = marks or "\ufeff" in text[first:]
            quotes += text.count('"')
            first = False
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False, marks, quotes
    return True, marks, quotes


def _single_byte(path: Path) -> str:
    """The one-byte encoding that makes the most of the letters beyond ASCII Swedish ones."""
    counts = np.zeros(256, dtype=np.int64)
    for block in _blocks(path):
        counts += np.bincount(np.frombuffer(block, dtype=np.uint8), minlength=256)

    def swedish(encoding: str) -> int:
        letters = bytes(range(128, 256)).decode(encoding, errors="replace")
        signs = np.array([1 if letter in "åäöÅÄÖéÉüÜ" else -1 for letter in letters])
        return int((signs * counts[128:]).sum())

    best = max(_SINGLE_BYTE, key=swedish)
    if swedish(best) <= 0:
        with path.open("rb") as file:
            found = from_bytes(file.read(200_000), cp_isolation=list(_SINGLE_BYTE)).best()
        best = found.encoding if found else best
    return best if _fits(path, best)[0] else "latin-1"


def find_encoding(path: Path, stated: str = "") -> Text:
    """The file with its encoding: the one stated, or the one that its bytes speak for.

    Raises
    ------
    InputError
        For NUL bytes, mixed encodings, or bytes that are none of the stated encoding.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    wide = _wide(head)
    if wide:
        return _certain(path, wide, f"it begins as {wide}, but is damaged further down. Ask for it again.")
    offset, recent = 0, b""
    signs = False
    for block in _blocks(path):
        if (at := block.find(b"\0")) >= 0:
            _refuse_nul(path, offset + at)
        if not signs and not block.isascii():
            signs = bool(re.search(rb"\xc3[\x80-\xbf]", recent + block))
        offset, recent = offset + len(block), block[-1:]
    if stated:
        try:
            codecs.lookup(stated)
        except LookupError:
            raise _not(path, stated) from None
        return _certain(path, stated, str(_not(path, stated)).removeprefix(f"{path.name}: "))
    fits, marks, quotes = _fits(path, "utf-8")
    if fits:
        first = head.startswith(codecs.BOM_UTF8)
        return Text(path, "utf-8", marks or first, quotes)
    if signs:
        raise _mixed(path)
    encoding = _single_byte(path)
    return Text(path, encoding, False, _fits(path, encoding)[2])


def _not(path: Path, stated: str) -> InputError:
    return InputError(f"{path.name}: it cannot be read as '{stated}'. Correct [file] encoding in wave.toml.")


def _certain(path: Path, encoding: str, otherwise: str) -> Text:
    fits, marks, quotes = _fits(path, encoding)
    if not fits:
        raise InputError(f"{path.name}: {otherwise}")
    return Text(path, encoding, marks, quotes)
