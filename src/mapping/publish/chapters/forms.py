"""Each form of control and violence, girls and boys apart."""

from __future__ import annotations

from mapping.disclosure.protected import Figure, Status
from mapping.publish import sentences
from mapping.publish.blocks import Block, bullets, paragraph, pictures, section
from mapping.publish.view import View

__all__ = ["forms"]

SEXES = ("girl", "boy")


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


def _not_asked(view: View) -> str:
    """The measures that this wave did not ask about."""
    asked = view.asked
    names = [view.name(id_) for id_ in view.survey if id_ not in asked]
    wave = view.context.wave.id
    listed = view.texts.listing(view.texts.in_order(names)) if names else ""
    return view.texts("forms.not_asked", wave=wave, names=listed) if names else ""


def forms(view: View) -> Block:
    """A chart of every survey indicator, and what it says of girls and boys."""
    texts, kind = view.texts, "" if view.of_honour else "_other"
    return section(
        "forms",
        texts(f"section.forms{kind}"),
        [
            paragraph(texts("forms.intro")),
            paragraph(texts(f"sexes.intro{kind}")) if view.has_sexes else {},
            pictures([view.pictures.get("forms")]),
            bullets([*_compared(view), _not_asked(view)]),
            paragraph(texts("forms.note"), "note"),
        ],
        new_page=True,
    )
