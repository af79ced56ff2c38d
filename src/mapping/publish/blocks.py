"""What a report is made of: a few kinds of blocks, as plain dictionaries that both templates know how to set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mapping.publish.picture import Picture

__all__ = [
    "Block",
    "bullets",
    "cards",
    "cell",
    "column",
    "group",
    "heading",
    "paragraph",
    "pictures",
    "section",
    "table",
    "terms",
]

Block = dict[str, Any]


def section(name: str, title: str, blocks: Iterable[Block], *, new_page: bool = False) -> Block:
    """A chapter; it may ask for a page of its own."""
    return {"id": name, "heading": title, "new_page": new_page, "blocks": [b for b in blocks if b]}


def paragraph(text: str, role: str = "plain") -> Block:
    """Running text; `role` is "plain", "lead", "note" or "strong". No block for an empty text."""
    return {"kind": "paragraph", "role": role, "text": text} if text else {}


def group(blocks: Iterable[Block]) -> Block:
    """Blocks that stay on one page."""
    return {"kind": "group", "blocks": [block for block in blocks if block]}


def heading(text: str) -> Block:
    """A heading within a section."""
    return {"kind": "heading", "text": text}


def bullets(items: Iterable[str]) -> Block:
    """A list of sentences; no block where there are none."""
    kept = [item for item in items if item]
    return {"kind": "bullets", "items": kept} if kept else {}


def terms(items: Iterable[tuple[str, str, str]]) -> Block:
    """Pairs of a term and what is said of it, each with the language it is written in."""
    return {
        "kind": "terms",
        "items": [{"term": term, "text": text, "lang": lang} for term, text, lang in items if text],
    }


def cards(items: Iterable[Block]) -> Block:
    """Key figures side by side: each has ``label``, ``value``, ``interval``, ``text``."""
    return {"kind": "cards", "items": list(items)}


def pictures(
    items: Sequence[Picture | None],
    beside: Iterable[str] = (),
    note: str = "",
    *,
    titles: Sequence[str] | None = None,
) -> Block:
    """One picture, or two side by side, with what they say `beside` them; no block where there is none.

    Their own titles stand above them, or `titles` in their place.
    """
    titled = zip(items, titles or [picture.title if picture else "" for picture in items], strict=True)
    found = [(picture, title) for picture, title in titled if picture is not None]
    if not found:
        return {}
    return {
        "kind": "pictures",
        "beside": [sentence for sentence in beside if sentence],
        "note": note,
        "items": [
            {
                "name": picture.name,
                "title": title,
                "alt": picture.alt,
                "width": round(picture.width, 2),
                "height": round(picture.height, 2),
            }
            for picture, title in found
        ],
    }


def column(label: str, align: str = "left", width: str = "auto") -> Block:
    """A column; `align` is "left", "right" or "figure" (a value with its interval), `width` "auto" or "wide"."""
    return {"label": label, "align": align, "width": width}


def cell(text: str, interval: str = "", *, lang: str = "") -> Block:
    """What stands in a table's cell: a text, or a value with its interval."""
    return {"text": text, "interval": interval, "lang": lang}


def table(
    caption: str,
    columns: Sequence[Block],
    rows: Iterable[Sequence[Block]],
    note: str = "",
    *,
    dense: bool = False,
) -> Block:
    """A table whose first column names each row; no block where there are no rows."""
    made = [list(row) for row in rows]
    if not made:
        return {}
    return {
        "kind": "table",
        "caption": caption,
        "columns": list(columns),
        "rows": made,
        "note": note,
        "dense": dense,
    }
