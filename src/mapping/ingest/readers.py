"""One door for every kind of file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mapping.errors import InputError
from mapping.ingest.delimited import read_delimited
from mapping.ingest.filetype import file_kind
from mapping.ingest.raw import RawTable
from mapping.ingest.statistical import read_statistical
from mapping.ingest.workbook import read_workbook

__all__ = ["read_table"]


def read_table(path: Path, wanted: Collection[str] = (), *, encoding: str = "", sheet: str = "") -> RawTable:
    """The values of a file, whatever its kind.

    Parameters
    ----------
    path : Path
        .sav, .zsav, .por, .dta, .sas7bdat, .xpt, .csv, .tsv or .xlsx; told by content.
    wanted : collection of str
        Names of columns that should be there: they find the sheet and the header of a table with titles above.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no rows.
    """
    kind = file_kind(path)
    if kind == "csv":
        table = read_delimited(path, wanted, encoding)
    elif kind == "xlsx":
        table = read_workbook(path, wanted, sheet)
    else:
        table = read_statistical(path, kind, encoding)
    if not len(table.frame):
        raise InputError(
            f"{path.name}: the file holds no respondents (0 rows). Ask for the file with its answers."
        )
    return table
