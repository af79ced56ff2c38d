"""All pictures of a release in one language as one PDF: a page for each, as large as it is, with its words."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Final

import typst

from mapping.publish.context import Context
from mapping.publish.picture import Picture
from mapping.publish.typeface import fonts
from mapping.texts import load

__all__ = ["atlas"]

_PAGES: Final = """\
#let content = json(bytes(sys.inputs.content))
#set document(title: content.title, author: content.author)
#set text(lang: content.language)
#for (number, it) in content.pictures.enumerate() {
  if number > 0 { pagebreak() }
  set page(width: it.width * 1cm, height: it.height * 1cm, margin: 0pt)
  image(bytes(it.svg), format: "svg", width: 100%, alt: it.alt)
}
"""


def atlas(pictures: Sequence[Picture], context: Context, language: str) -> bytes:
    """The PDF/UA-1 of `pictures` in the order given; the same pictures give the same bytes."""
    municipality = context.municipality
    content = {
        "title": load(language)("atlas.title", municipality=municipality.name, wave=context.wave.id),
        "author": municipality.publisher,
        "language": language,
        "pictures": [
            {"svg": p.svg.decode("utf-8"), "alt": p.alt, "width": p.width, "height": p.height}
            for p in pictures
        ],
    }
    noon = dt.datetime.combine(dt.date.fromisoformat(context.date), dt.time(12), dt.UTC)
    made = typst.compile(
        _PAGES.encode("utf-8"),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=int(noon.timestamp()),
    )
    return bytes(made)
