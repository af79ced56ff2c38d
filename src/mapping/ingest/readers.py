"""One way in for every kind of file: opened by its reader, looked through at the door, kept as far as it is wanted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from mapping.errors import InputError
from mapping.ingest.apart import STATISTICAL, read_statistical
from mapping.ingest.delimited import open_delimited
from mapping.ingest.filetype import file_kind
from mapping.ingest.raw import RawTable
from mapping.ingest.source import take_in
from mapping.ingest.workbook import open_workbook

__all__ = ["read_table"]


def _taken_in(
    path: Path, wanted: Collection[str], drop: Collection[str], encoding: str, sheet: str, limit: int
) -> RawTable:
    kind = file_kind(path)
    if kind in STATISTICAL:
        if drop:
            raise InputError(
                f"{path.name}: columns can be dropped at the door from text files and workbooks alone. Save it as .csv."
            )
        return read_statistical(path, kind, wanted, encoding=encoding, limit=limit)
    opened = (
        open_delimited(path, wanted, encoding) if kind == "csv" else open_workbook(path, kind, wanted, sheet)
    )
    return take_in(opened.without(drop) if drop else opened, wanted, limit)


def read_table(
    path: Path,
    wanted: Collection[str] = (),
    *,
    drop: Collection[str] = (),
    encoding: str = "",
    sheet: str = "",
    limit: int = 0,
) -> RawTable:
    """The wanted columns of a file, whatever its kind, once all of it has passed the door.

    Parameters
    ----------
    path : Path
        .sav, .zsav, .por, .dta, .sas7bdat, .xpt, .csv, .tsv, .xlsx or .ods; told by content.
    wanted : collection of str
        The columns to keep; all, if none is named. They also find the sheet and the header of a table with titles
        above.
    drop : collection of str
        Columns to take out before anything looks at them: the owner of the file has said that they identify.
    limit : int
        Keep no more rows than this; all of them are looked through and counted. 0 keeps all.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no rows.
    PrivacyError
        If any column, label, note or other sheet of it could identify a person.
    """
    refusal: InputError | None = None
    try:
        table = _taken_in(path, wanted, drop, encoding, sheet, limit)
    except InputError as error:
        refusal = type(error)(*error.args)
    if refusal is not None:  # raised anew: a traceback holds the frames it came through, and these hold rows
        raise refusal
    if not table.n_rows:
        raise InputError(
            f"{path.name}: the file holds no respondents (0 rows). Ask for the file with its answers."
        )
    return table
