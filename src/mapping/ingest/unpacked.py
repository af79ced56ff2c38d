"""What a packed workbook holds besides cells: its size before unpacking, its formulas, its properties and comments."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from mapping.errors import InputError

__all__ = ["check_cells", "check_size", "written_about"]

LARGEST = 400_000_000  # bytes unpacked: a workbook above this is a bomb, or should be a .csv
AT_ONCE = 100_000_000  # bytes of a member that is read at once: the shared texts, or a sheet of .ods
BLOCK = 1 << 20
_SCANNED = re.compile(r"xl/worksheets/[^/]+\.xml|xl/sharedStrings\.xml", re.IGNORECASE)
_WHOLE = re.compile(r"xl/sharedStrings\.xml|xl/styles\.xml|content\.xml", re.IGNORECASE)
_ABOUT = re.compile(
    r"docProps/\w+\.xml|xl/comments\d*\.xml|xl/comments/.*\.xml|xl/threadedComments/.*\.xml|meta\.xml"
    r"|xl/(?:charts|drawings)/[^/]+\.xml|xl/drawings/[^/]+\.vml",
    re.IGNORECASE,
)
# within the sheets and the workbook: names of ranges, print headers, drop-downs, tooltips, what links lead to
_NAMED = re.compile(r"xl/workbook\.xml|xl/worksheets/[^/]+\.xml|xl/worksheets/_rels/.*\.rels", re.IGNORECASE)
_ASIDE = re.compile(
    r"<(?:\w+:)?(?:definedName|oddHeader|oddFooter|evenHeader|evenFooter|firstHeader|firstFooter|formula1|formula2)\b[^>]*>"
    r"([^<]*)<"
    r"|\b(?:prompt|promptTitle|error|errorTitle|tooltip|display|Target)=\"([^\"]*)\""
)
# a cell far beyond the last column, which would make a row of millions of cells; a formula without its result
_BEYOND = re.compile(rb"\br=\"[A-Za-z]{4,}\d")
_FORMULA = rb"<f\b[^>]*(?:/>|>[^<]*</f>)"
_NO_RESULT = re.compile(rb"<c\b(?![^>]*\bt=\"str\")[^>]*>\s*" + _FORMULA + rb"\s*(?:<v\s*/>|<v></v>)?\s*</c>")
# who made the file works with it and is no respondent
_MAKER = re.compile(r"<((?:\w+:)?(?:creator|lastModifiedBy|initial-creator|author))\b[^>]*>[^<]*</\1>")
_TAG = re.compile(r"<[^>]*>")


def check_size(path: Path) -> None:
    """Refuse a workbook that would unpack to more than any survey holds.

    Raises
    ------
    InputError
        With its size unpacked.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    whole = max((member.file_size for member in members if _WHOLE.fullmatch(member.filename)), default=0)
    if unpacked > LARGEST or whole > AT_ONCE:
        raise InputError(
            f"{path.name}: the workbook would unpack to {unpacked // 1_000_000:,} MB. Ask for a .csv or .sav instead."
        )


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The bytes of a member, each block with the end of the one before."""
    end = b""
    with archive.open(name) as file:
        while block := file.read(BLOCK):
            yield end + block
            end = block[-1024:]


def check_cells(path: Path) -> None:
    """Refuse a workbook of Excel with cells beyond its last column, endless texts, or formulas without stored results.

    Raises
    ------
    InputError
        Without stored results every answer would be missing.
    """
    with zipfile.ZipFile(path) as archive:
        for name in filter(_SCANNED.fullmatch, archive.namelist()):
            for block in _blocks(archive, name):
                if _BEYOND.search(block) or (len(block) > BLOCK and b"<" not in block):
                    raise InputError(
                        f"{path.name}: the workbook is damaged. Ask for it again, or for a .csv."
                    )
                if _NO_RESULT.search(block):
                    raise InputError(
                        f"{path.name}: it holds formulas whose results are not stored. "
                        "Open it in Excel or LibreOffice, let it calculate, and save it as values."
                    )


def written_about(path: Path) -> dict[str, list[str]]:
    """The texts of a workbook's properties, comments and charts, by place, without the names of those who made them."""
    texts: list[str] = []
    aside: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if _ABOUT.fullmatch(member.filename) and member.file_size < BLOCK:
                shown = _MAKER.sub("", archive.read(member).decode("utf-8", errors="replace"))
                texts += [html.unescape(text) for text in _TAG.split(shown) if text.strip()]
            elif _NAMED.fullmatch(member.filename):
                for block in _blocks(archive, member.filename):
                    found = _ASIDE.finditer(block.decode("utf-8", errors="replace"))
                    aside += [html.unescape(match[1] or match[2] or "") for match in found]
    places = {"(properties, comments and charts)": texts, "(names, headers, links and drop-downs)": aside}
    return {place: list(dict.fromkeys(found)) for place, found in places.items() if found}
