"""Each form of control and violence, girls and boys apart."""

from __future__ import annotations

from mapping.disclosure.protected import Figure, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, bullets, cell, column, paragraph, pictures, section, table
from mapping.publish.view import View

__all__ = ["forms"]

SEXES = ("girl", "boy")


def _has_sexes(view: View) -> bool:
    return any(figure.group in SEXES for figure in view.release)


def _compared(view: View) -> list[str]:
    """Which measures girls report more, which boys, and where no difference can be told."""
    texts = view.texts
    found: dict[str, list[str]] = {"girl": [], "boy": [], "unclear": []}
    for id_ in view.survey:
        girls, boys = (view.figure(id_, sex) for sex in SEXES)
        if girls is None or boys is None or {girls.status, boys.status} != {Status.SHOWN}:
            continue
        found[_verdict(girls, boys)].append(view.name(id_))
    return [
        texts(f"forms.{key}", names=texts.listing(texts.in_order(names)))
        for key, names in found.items()
        if names
    ]


def _verdict(girls: Figure, boys: Figure) -> str:
    if not sentences.clearly_different(girls, boys):
        return "unclear"
    return "girl" if (girls.share or 0) > (boys.share or 0) else "boy"


def forms(view: View) -> Block:
    """A chart and a compact table of every survey indicator."""
    texts = view.texts
    groups = (*SEXES, "all") if _has_sexes(view) else ("all",)
    return section(
        "forms",
        texts("section.forms"),
        [
            paragraph(texts("forms.intro")),
            paragraph(texts("sexes.intro")) if len(groups) > 1 else {},
            pictures([view.pictures.get("forms")]),
            table(
                texts("forms.caption"),
                [
                    column(texts("forms.indicator"), width="wide"),
                    *(column(texts(f"group.{group}"), "figure") for group in groups),
                ],
                [
                    [cell(view.name(id_)), *(view.cell(view.figure(id_, group)) for group in groups)]
                    for id_ in view.survey
                ],
                texts("forms.note"),
            ),
            bullets(_compared(view)),
        ],
        new_page=True,
    )
