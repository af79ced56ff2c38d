"""The accessibility statement beside report and page: the standard, what falls short of it, and whom to ask."""

from __future__ import annotations

from importlib import resources
from typing import Final

import jinja2

from mapping.publish.context import Context
from mapping.texts import load

__all__ = ["name_of", "statement"]

# what is known to fall short; a test holds each against what is written
SHORTCOMINGS: Final = ("pdf", "map", "wide", "pictures", "swedish", "easy")


def name_of(language: str) -> str:
    """The file that the statement stands in."""
    return f"accessibility.{language}.html"


def statement(context: Context, language: str) -> bytes:
    """The statement in one language, with the contact that municipality.toml names."""
    texts, municipality = load(language), context.municipality
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    page = environment.from_string(_template("accessibility.html.jinja"))
    title = texts(f"title.report{context.other}")
    subtitle = texts("title.subtitle", municipality=municipality.name, wave=context.wave.id)
    others = [other for other in municipality.languages if other != language]
    return page.render(
        t=texts,
        report=f"{title}. {subtitle}",
        publisher=municipality.publisher,
        contact=municipality.accessibility.get("contact", "").rstrip("."),
        program=f"mapping {context.version}".strip(),
        wave=context.wave.id,
        date=texts.date(context.date),
        synthetic=texts("word.synthetic") if municipality.synthetic else "",
        shortcomings=SHORTCOMINGS,
        others=others,
        names={other: load(other)("accessibility.title") for other in others},
        style=_template("report.css").strip(),
    ).encode("utf-8")


def _template(name: str) -> str:
    return resources.files("mapping.publish").joinpath("templates", name).read_text(encoding="utf-8")
