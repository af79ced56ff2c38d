"""Text files: encoding, separator, header and decimal signs found out, doubtful bytes refused."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd
from charset_normalizer import from_bytes

from mapping.errors import InputError
from mapping.ingest.raw import RawTable, normal, visible

__all__ = ["clean_header", "find_header", "read_delimited"]

SEPARATORS = (";", ",", "\t", "|")
LOOK = 30  # rows looked at to find the separator and the header


_SINGLE_BYTE = (
    "cp1252",
    "cp850",
    "mac_roman",
)  # a short file gives statistics of letters too little to go by


def _mixed(name: str, raw: bytes) -> None:
    """Refuse a file whose first part is UTF-8 and whose later part is not: somebody joined two files."""
    for number, line in enumerate(raw.split(b"\n")):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: the encoding changes at data row {max(number, 1)} (byte {error.start + 1} of the line): "
                "what stands before is UTF-8, this is not. Ask for the file in one encoding, best UTF-8."
            ) from error


def _decode(name: str, raw: bytes, encoding: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    if (at := raw.find(b"\0")) >= 0:
        row = max(raw[:at].count(b"\n"), 1)
        raise InputError(
            f"{name}: there is a NUL byte in data row {row}: the file is damaged. Ask for it again."
        )
    try:
        return raw.decode(encoding or "utf-8-sig")
    except (UnicodeDecodeError, LookupError) as error:
        if encoding:
            raise InputError(
                f"{name}: it cannot be read as '{encoding}'. Correct [file] encoding in wave.toml."
            ) from error
        if re.search(rb"[\xc3][\x80-\xbf]", raw):
            _mixed(name, raw)
    best = max(_SINGLE_BYTE, key=lambda tried: _swedish(raw, tried))
    if _swedish(raw, best) <= 0:
        found = from_bytes(raw[:200_000], cp_isolation=list(_SINGLE_BYTE)).best()
        best = found.encoding if found else best
    try:
        return raw.decode(best)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _swedish(raw: bytes, encoding: str) -> int:
    """How many more letters beyond ASCII are Swedish ones than are not, read in `encoding`."""
    beyond = [letter for letter in raw.decode(encoding, errors="replace") if letter > "\x7f"]
    return sum(1 if letter in "åäöÅÄÖéÉüÜ" else -1 for letter in beyond)


def _rows(text: str, wanted: Collection[str]) -> tuple[str, list[list[str]], int]:
    """The separator, the first rows split by it, and the place of the header among them.

    The separator that finds most of the wanted names, under which no row is wider than the header, and that splits
    the most rows alike.
    """
    lines = text[:200_000].splitlines()[:LOOK]

    def by(separator: str) -> tuple[tuple[int, bool, int, int], list[list[str]], int]:
        rows = list(csv.reader(lines, delimiter=separator))
        at = find_header(rows, wanted)
        header = {visible(cell) for cell in rows[at]} if rows else set()
        fits = all(len(row) <= len(rows[at]) for row in rows[at:])
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (len(header & set(wanted)), fits, times, width), rows, at

    found = {separator: by(separator) for separator in SEPARATORS}
    best = max(found, key=lambda separator: found[separator][0])
    return best, *found[best][1:]


def find_header(rows: Sequence[Sequence[object]], wanted: Collection[str]) -> int:
    """The position of the row that holds the variable names: the one with most of `wanted`, or most texts."""
    names = {normal(name) for name in wanted}

    def weight(row: Sequence[object]) -> int:
        texts = {normal(cell) for cell in row if isinstance(cell, str) and cell.strip()}
        return len(texts & names) if names else len({t for t in texts if not re.fullmatch(r"[\d.,\s-]*", t)})

    weights = [weight(row) for row in rows]
    return weights.index(max(weights)) if weights else 0


def clean_header(name: str, cells: Sequence[object], wanted: Collection[str]) -> list[str]:
    """Variable names without stray spaces and invisible characters, each of them once.

    Raises
    ------
    InputError
        If a wanted name stands twice.
    """
    columns: list[str] = []
    for number, cell in enumerate(cells, 1):
        empty = cell is None or (isinstance(cell, float) and cell != cell)
        column = ("" if empty else visible(cell)) or f"#{number}"
        if column in columns:
            if column in wanted:
                raise InputError(
                    f"{name}: the column '{column}' stands more than once. Rename the one not meant."
                )
            column = f"{column}#{number}"
        columns.append(column)
    return columns


def read_delimited(path: Path, wanted: Collection[str] = (), encoding: str = "") -> RawTable:
    """The cells of a text file, as text.

    Raises
    ------
    InputError
        For NUL bytes, mixed encodings, rows that do not fit the header, or no rows at all.
    """
    text = _decode(path.name, path.read_bytes(), encoding).lstrip("\ufeff")
    separator, rows, at = _rows(text, wanted)
    if not rows:
        raise InputError(f"{path.name}: the file holds no rows. Ask for it again.")
    columns = clean_header(path.name, rows[at], wanted)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            skiprows=at + 1,
            header=None,
            names=columns,
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
        )
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame(columns=columns, dtype=str)
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
        raise InputError(
            f"{path.name}: a row has more cells than the header has names. "
            "Look for a separator inside an answer, and put such answers in quotation marks."
        ) from error
    if frame.iloc[:, -1].isna().any():  # rows shorter than the header
        frame = frame.fillna("")
    repeated = pd.Series(True, index=frame.index)
    for column in frame.columns:
        repeated &= frame[column] == column
        if not repeated.any():
            break
    notes = []
    if repeated.any():
        frame = frame[~repeated].reset_index(drop=True)
        notes.append("The header of the survey file is repeated among its rows; the repeats were left out.")
    return RawTable(path.name, "csv", frame, notes=tuple(notes))
