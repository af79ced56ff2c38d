"""What kind of file it is, told from its content; a name that says otherwise is refused."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from mapping.errors import InputError

__all__ = ["file_kind"]

NAMES = {
    "sav": "an SPSS file (.sav, .zsav)",
    "por": "an SPSS portable file (.por)",
    "dta": "a Stata file (.dta)",
    "sas7bdat": "a SAS file (.sas7bdat)",
    "xpt": "a SAS transport file (.xpt)",
    "xlsx": "an Excel workbook (.xlsx)",
    "ods": "an OpenDocument workbook (.ods)",
    "csv": "text with separators (.csv)",
}
SUFFIXES = {
    ".sav": "sav", ".zsav": "sav", ".por": "por", ".dta": "dta", ".sas7bdat": "sas7bdat", ".xpt": "xpt",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".ods": "ods", ".csv": "csv", ".tsv": "csv", ".txt": "csv",
}  # fmt: skip
_SAS7BDAT = bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_REFUSED = {
    _OLE[:4]: "an old Excel or Office file (.xls): open it and save it as .xlsx",
    b"%PDF": "a PDF: ask for the data file itself",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "a rar archive: unpack it first",
    b"PAR1": "a Parquet file: ask for .sav or .csv",
    b"ARROW1": "an Arrow file: ask for .sav or .csv",
    b"SQLite format 3": "a database: ask for .sav or .csv",
    b"RDX": "a file of R: ask for .sav or .csv",
    b"{\\rtf": "a text document: ask for the data file itself",
}
# text that is no table: how it begins, without spaces and in small letters
_NO_TABLE = {
    (b"<!doctype", b"<html", b"<head", b"<table", b"<meta", b"<body"): "a web page, whatever its name: "
    "open it in Excel and save it as .xlsx",
    (b"<?xml",): "an XML file: open it in Excel and save it as .xlsx, or ask for .sav or .csv",
    (b'{"', b"[{", b"{\n", b"{\r", b"[\n"): "a JSON file: ask for .sav or .csv",
}
_INSIDE = {  # what a zip archive is, by a name inside it
    "xl/workbook.bin": "a binary Excel workbook (.xlsb): open it and save it as .xlsx",
    "word/document.xml": "a Word document: ask for the data file itself",
    "ppt/presentation.xml": "a presentation: ask for the data file itself",
    "Index/Document.iwa": "a Numbers workbook: export it as .xlsx",
}


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            document = archive.read("mimetype")[:60] if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise InputError(f"{path.name}: the file is damaged or cut short. Ask for it again.") from None
    if "xl/workbook.xml" in names:
        return "xlsx"
    if document.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    for inside, advice in _INSIDE.items():
        if inside in names:
            raise InputError(f"{path.name}: this is {advice}.")
    raise InputError(f"{path.name}: this is a zip archive. Unpack it and name the survey file inside.")


def _is_locked(path: Path) -> bool:
    """Whether an Office container holds an encrypted workbook; the name stands in its directory, in UTF-16."""
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(20_000_000)


def _refuse_no_table(path: Path, head: bytes) -> None:
    if head.startswith(_OLE) and _is_locked(path):
        raise InputError(
            f"{path.name}: the workbook is locked with a password. Open it, remove the password, and save it."
        )
    for magic, advice in _REFUSED.items():
        if head.startswith(magic):
            raise InputError(f"{path.name}: this is {advice}.")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginnings, advice in _NO_TABLE.items():
        if text.startswith(beginnings):
            raise InputError(f"{path.name}: this is {advice}.")


def _told_by_content(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise InputError(f"{path.name}: the file is empty. Ask for it again.")
    if head.startswith(b"PK"):
        return _zip_kind(path)
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith(b"<stata_dta>") or (
        head[0] in range(102, 116) and head[1:4] in {b"\1\1\0", b"\2\1\0"}
    ):
        return "dta"
    if _SAS7BDAT in head[:64]:
        return "sas7bdat"
    if head.startswith(b"HEADER RECORD*******LIB"):
        return "xpt"
    if b"SPSS PORT FILE" in head or b"SPSSPORT" in head.replace(b"\r", b"").replace(b"\n", b""):
        return "por"
    _refuse_no_table(path, head)
    return "csv"


def file_kind(path: Path) -> str:
    """The kind of a file: one of "sav", "por", "dta", "sas7bdat", "xpt", "xlsx", "ods",
    "csv".

    Raises
    ------
    InputError
        If there is no such file, it is of a kind nobody can read here, or its name says something else.
    """
    if not path.is_file():
        raise InputError(
            f"{path.name}: there is no such file in {path.parent.name}/. Put it there, or correct wave.toml."
        )
    kind = _told_by_content(path)
    named = SUFFIXES.get(path.suffix.casefold(), kind)
    if named != kind:
        raise InputError(
            f"{path.name}: the name says {NAMES[named]}, but the content is {NAMES[kind]}. "
            "Give it the right ending, or ask for the file again."
        )
    return kind
