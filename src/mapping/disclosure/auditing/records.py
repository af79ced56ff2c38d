"""The rows and records in a release's files: tables, workbooks, notebooks, and the data behind a chart."""

from __future__ import annotations

import csv
import itertools
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from mapping.disclosure.auditing.artefacts import is_library, read_page
from mapping.disclosure.auditing.office import document_rows

__all__ = ["rows_of"]

Row = tuple[str, ...]
# of release.json: names and coefficients; hashes; made of print
_APART = frozenset(("relations", "files", "certificate"))
# where a list or an object of JSON can begin; most brackets of a program cannot
_LITERAL = re.compile(r'\[(?=\s*["\[{\]tfnNI\d-])|\{(?=\s*["}])')
_STATEMENT = re.compile(r'([A-Z][A-Z0-9-]*)(?:\[\w+\])?(?:\("([^"]*)"[^)]*\))?=((?:"[^"]*"|[^;"])*);')


def rows_of(folder: Path) -> Iterator[tuple[str, Row]]:
    """File name and cells of every row and record: what stands together, whoever reads it."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            yield from ((name, row) for row in _rows(path) if len(row) > 1)


def _rows(path: Path) -> Iterator[Row]:
    if path.suffix == ".xlsx":
        yield from _workbook(path)
    elif path.suffix == ".docx":
        yield from document_rows(path)
    elif path.suffix in (".html", ".svg"):
        yield from _page(path.read_text(encoding="utf-8"))
    elif path.suffix == ".js":
        yield from () if is_library(path) else _scripted(path.read_text(encoding="utf-8"))
    elif path.suffix == ".csv":
        yield from _separated(path.read_text(encoding="utf-8-sig"))
    elif path.suffix == ".px":
        yield from _px(_decoded(path.read_bytes()))
    elif path.suffix in (".json", ".jsonld", ".geojson", ".ipynb"):
        content = json.loads(path.read_text(encoding="utf-8"))
        if path.name == "release.json":
            content = {name: value for name, value in content.items() if name not in _APART}
        yield from _json(content)


def _page(text: str) -> Iterator[Row]:
    """Rows of tables and of drawings, and the data in scripts."""
    page = read_page(text)
    yield from page.rows()
    for aside in page.asides:
        yield from _scripted(aside)


def _scripted(script: str) -> Iterator[Row]:
    """Records in every literal list and object of a program, such as the traces of a chart."""
    at, decoder = 0, json.JSONDecoder()
    while (start := _LITERAL.search(script, at)) is not None:
        try:
            content, at = decoder.raw_decode(script, start.start())
        except ValueError:
            at = start.start() + 1
        else:
            yield from _json(content)


def _json(content: Any) -> Iterator[Row]:
    """One row for the plain values of an object or a list, and one for each place in lists of equal length."""
    if isinstance(content, dict):
        yield tuple(str(value) for value in content.values() if _plain(value))
        lists = [value for value in content.values() if isinstance(value, list) and len(value) > 1]
        for _, alike in itertools.groupby(sorted(lists, key=len), key=len):
            for values in zip(*alike, strict=True):
                yield tuple(_flat(values))
        content = list(content.values())
    elif isinstance(content, list):
        if content and all(isinstance(value, str) for value in content):
            yield from _lines("".join(content) if content[0].endswith("\n") else "\n".join(content))
        yield tuple(str(value) for value in content if _plain(value))
    elif isinstance(content, str):
        yield from _lines(content)
    for value in content if isinstance(content, list) else ():
        yield from _json(value)


def _lines(text: str) -> Iterator[Row]:
    """A text within data: a page where it looks like one, else words between wide gaps, line by line."""
    if re.search(r"<(?:table|tr|p|div|svg|span|br)\b", text):
        yield from _page(text)
        yield from ((block, "") for block in read_page(text).blocks())
    elif len(text) > 1 and not text.isalnum():
        for line in text.splitlines():
            yield tuple(re.split(r"\s{2,}|\t|[|;]", line.strip()))


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _flat(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif isinstance(value, dict):
            yield from _flat(list(value.values()))
        elif _plain(value):
            yield str(value)


def _separated(text: str) -> Iterator[Row]:
    """Rows of a table, whichever sign stands between its cells."""
    first = text.partition("\n")[0]
    sign = max(";,\t|", key=first.count)
    yield from map(tuple, csv.reader(text.splitlines(), delimiter=sign))


def _workbook(path: Path) -> Iterator[Row]:
    """Rows and columns of all sheets, hidden ones too: values, formulas, comments; names and properties."""
    values = CalamineWorkbook.from_path(path)
    for title in values.sheet_names:
        yield from _lines_of(title, values.get_sheet_by_name(title).to_python())
    for sheet in openpyxl.load_workbook(path).worksheets:  # formulas, where calamine reads what they came to
        yield from _lines_of(sheet.title, sheet.iter_rows(values_only=True))
        cells = itertools.chain.from_iterable(sheet.iter_rows())
        yield from ((str(cell.comment.text), "") for cell in cells if cell.comment)
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("docProps/") or name == "xl/workbook.xml":
                page = read_page(parts.read(name).decode("utf-8", "replace"))
                yield from ((block, "") for block in page.blocks())


def _lines_of(title: str, cells: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """The rows and the columns of a sheet, each with its title."""
    words = [[_word(value) for value in row] for row in cells]
    yield from ((title, *filter(None, row)) for row in words)
    yield from ((title, *filter(None, column)) for column in zip(*words, strict=True))


def _word(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return "" if value is None else str(int(value) if whole else value)


def _px(text: str) -> Iterator[Row]:
    """The cells of a PX file, each with the names of its row and column."""
    found: dict[tuple[str, str], list[str]] = {}
    for keyword, name, value in _STATEMENT.findall(text):
        words = re.findall(r'"([^"]*)"', value) if '"' in value and keyword != "DATA" else value.split()
        found.setdefault((keyword, name), words)
    variables = [*found.get(("STUB", ""), []), *found.get(("HEADING", ""), [])]
    labels = [
        list(itertools.zip_longest(found.get(("VALUES", v), []), found.get(("CODES", v), []), fillvalue=""))
        for v in variables
    ]
    for names, value in zip(itertools.product(*labels), found.get(("DATA", ""), []), strict=False):
        yield (*itertools.chain.from_iterable(names), value.strip('"'))
    for (keyword, name), words in found.items():
        if keyword not in ("DATA", "VALUES", "CODES"):
            yield (keyword, name, *words)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")
