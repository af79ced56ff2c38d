"""Office files without the hour at which they were written: the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

__all__ = ["same_every_time"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file knows
_PROPERTIES: Final = "docProps/core.xml"
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def same_every_time(made: bytes, date: str) -> bytes:
    """`made` with every part dated alike, and last changed on `date` (ISO text)."""
    settled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(settled, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == _PROPERTIES:
                content = _MODIFIED.sub(rb"\g<1>" + f"{date}T00:00:00Z".encode(), content)
            new.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return settled.getvalue()
