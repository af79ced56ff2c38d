"""Tables as text: plain for machines, and as Swedish Excel opens them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from mapping.publish.open_data.rows import NONE, Row

__all__ = ["for_excel", "plain"]


def plain(columns: Iterable[str], rows: Iterable[Row]) -> bytes:
    """Comma, decimal point, UTF-8."""
    filled = ([NONE if value is None else value for value in row] for row in rows)
    return _written(columns, filled, ",", "\n").encode("utf-8")


def for_excel(columns: Iterable[str], rows: Iterable[Row]) -> bytes:
    """Semicolon, decimal comma, UTF-8 with a mark at the start."""
    comma = ([str(v).replace(".", ",") if isinstance(v, float) else v for v in row] for row in rows)
    return _written(columns, comma, ";", "\r\n").encode("utf-8-sig")


def _written(columns: Iterable[str], rows: Iterable[Row], delimiter: str, end: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(list(columns))
    writer.writerows(rows)
    return out.getvalue()
