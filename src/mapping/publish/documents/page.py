"""Blocks of a report as an editable document, in the styles of whoever opens it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

import docx
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from mapping.publish.blocks import Block
from mapping.publish.zipped import same_every_time

__all__ = ["document"]

_WIDTH: Final = 16.0  # centimetres of text on A4
_LANGUAGES: Final = {"sv": "sv-SE", "en": "en-GB"}


def document(
    title: str, blocks: Iterable[Block], pictures: Mapping[str, bytes], facts: Mapping[str, str]
) -> bytes:
    """A document of `blocks` under its title.

    Parameters
    ----------
    pictures : mapping of bytes
        As PNG by name, every picture that the blocks name.
    facts : mapping
        ``language``, ``publisher``, ``date`` (ISO text), and ``mark``: what stands on top of every page.
    """
    made = docx.Document()
    _set_up(made, title, facts)
    made.add_heading(title, level=1)
    for block in blocks:
        _add(made, block, pictures)
    out = io.BytesIO()
    made.save(out)
    return same_every_time(out.getvalue(), facts["date"])


def _set_up(made: Any, title: str, facts: Mapping[str, str]) -> None:
    """Paper, language and properties."""
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.2)
    if facts["mark"]:
        section.header.paragraphs[0].text = facts["mark"]
    normal = made.styles["Normal"]
    normal.font.size, normal.paragraph_format.space_after = Pt(10.5), Pt(6)
    language = normal.element.get_or_add_rPr().makeelement(
        qn("w:lang"), {qn("w:val"): _LANGUAGES[facts["language"]]}
    )
    normal.element.rPr.append(language)
    properties = made.core_properties
    properties.title, properties.author, properties.comments = title, facts["publisher"], ""
    properties.language, properties.last_modified_by = facts["language"], facts["publisher"]
    properties.created = dt.datetime.fromisoformat(facts["date"])


def _add(made: Any, block: Block, pictures: Mapping[str, bytes]) -> None:
    kind = block.get("kind")
    if kind == "paragraph":
        _paragraph(made, block)
    elif kind == "heading":
        made.add_heading(block["text"], level=2)
    elif kind == "bullets":
        for item in block["items"]:
            made.add_paragraph(item, style="List Bullet")
    elif kind == "terms":
        for item in block["items"]:
            said = made.add_paragraph()
            said.add_run(f"{item['term']}: ").bold = True
            said.add_run(item["text"])
    elif kind == "cards":
        _cards(made, block)
    elif kind == "pictures":
        for item in block["items"]:
            _picture(made, item, pictures[item["name"]])
    elif kind == "table":
        _table(made, block)
    elif kind == "group":
        for inner in block["blocks"]:
            _add(made, inner, pictures)


def _paragraph(made: Any, block: Block) -> None:
    run = made.add_paragraph().add_run(block["text"])
    run.bold = block["role"] == "strong"
    if block["role"] == "lead":
        run.bold, run.font.size = True, Pt(13)
    elif block["role"] == "note":
        run.font.size = Pt(9.5)


def _cards(made: Any, block: Block) -> None:
    """Key figures as a table of their own: figure, interval, what it is."""
    rows = [[card["label"], card["value"], card["interval"], card["text"]] for card in block["items"]]
    _fill(made.add_table(rows=0, cols=4, style="Table Grid"), rows)
    made.add_paragraph().paragraph_format.space_after = Pt(0)


def _table(made: Any, block: Block) -> None:
    said: Paragraph = made.add_paragraph()
    said.add_run(block["caption"]).bold = True
    said.paragraph_format.keep_with_next = True
    table = made.add_table(rows=0, cols=len(block["columns"]), style="Table Grid")
    head = [column["label"] for column in block["columns"]]
    body = [
        [" ".join(filter(None, (c["text"], _bracketed(c["interval"])))) for c in row] for row in block["rows"]
    ]
    _fill(table, [head, *body])
    first = table.rows[0]
    first._tr.get_or_add_trPr().append(first._tr.makeelement(qn("w:tblHeader"), {}))
    for cell in first.cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True
    _paragraph(made, {"text": block["note"], "role": "note"})


def _fill(table: Any, rows: Iterable[Iterable[str]]) -> None:
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9.5)


def _bracketed(interval: str) -> str:
    return f"({interval})" if interval else ""


def _picture(made: Any, item: Block, picture: bytes) -> None:
    """A picture with its alternative text, as wide as the page at most."""
    width = Cm(min(_WIDTH, item["width"]))
    shape = made.add_picture(io.BytesIO(picture), width=width)
    shape._inline.docPr.set("descr", item["alt"])
    shape._inline.docPr.set("title", item["title"])
