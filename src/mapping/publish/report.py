"""The report as files: PDF/UA set by typst, and one self-contained HTML page, both from the same content."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import jinja2
import typst

from mapping.errors import BuildError
from mapping.publish.picture import Picture
from mapping.publish.typeface import fonts

__all__ = ["set_html", "set_pdf"]


def _template(name: str) -> str:
    return resources.files("mapping.publish").joinpath("templates", name).read_text(encoding="utf-8")


def set_pdf(content: Mapping[str, Any], pictures: Mapping[str, Picture]) -> bytes:
    """The report as PDF/UA-1; the same content gives the same bytes.

    Parameters
    ----------
    content : mapping
        What `content` returned.
    pictures : mapping of Picture
        Every picture that the content names.

    Raises
    ------
    BuildError
        If the page cannot be set, for instance because a picture has no alternative text.
    """
    noon = dt.datetime.combine(dt.date.fromisoformat(content["date"]), dt.time(12), dt.UTC)
    drawn = {picture.name: picture.svg.decode("utf-8") for picture in pictures.values()}
    try:
        made = typst.compile(
            _template("report.typ").encode("utf-8"),
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"content": _json(content), "pictures": _json(drawn)},
            pdf_standards="ua-1",
            timestamp=int(noon.timestamp()),
        )
    except typst.TypstError as error:
        raise BuildError(
            f"the report cannot be set: {error.message}. Correct templates/report.typ."
        ) from error
    return bytes(made)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def set_html(content: Mapping[str, Any], pictures: Mapping[str, Picture]) -> bytes:
    """The report as one HTML file that fetches nothing and needs no script."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    page = environment.from_string(_template("report.html.jinja"))
    drawn = {picture.name: picture.svg.decode("utf-8") for picture in pictures.values()}
    return page.render(content=content, pictures=drawn, style=_template("report.css").strip()).encode("utf-8")
