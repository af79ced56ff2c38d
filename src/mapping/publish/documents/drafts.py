"""What the documents say: the report's own sentences and tables, and brackets where somebody must write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mapping.disclosure.protected import ProtectedRelease, require_sealed
from mapping.publish.blocks import Block, heading, paragraph
from mapping.publish.blocks import pictures as picture_block
from mapping.publish.chapters.changes import changes
from mapping.publish.chapters.closing import help_page, limits, privacy
from mapping.publish.chapters.plan import plan_follow_up
from mapping.publish.chapters.plan_annex import activity_table
from mapping.publish.chapters.summary import lead, summary
from mapping.publish.context import Context
from mapping.publish.documents.page import document
from mapping.publish.picture import Picture
from mapping.publish.view import View
from mapping.texts import load

__all__ = ["documents"]


def documents(
    release: ProtectedRelease,
    context: Context,
    language: str,
    pictures: Mapping[str, Picture],
    pixels: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Editable documents by file name, in one language.

    Parameters
    ----------
    pictures : mapping of Picture
        By slot, as they stand alone: with title, subtitle and source.
    pixels : mapping of bytes
        The same as PNG, by the pictures' names.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    texts = load(language)
    view = View(require_sealed(release), context, texts, pictures)
    facts = {
        "language": language,
        "publisher": context.municipality.publisher,
        "date": context.date,
        "mark": texts("word.synthetic") if release.synthetic else "",
    }
    names = {"municipality": context.municipality.name, "wave": context.wave.id}
    made = {
        "summary": [*_opening(view), *_told(summary(view)), *_told(help_page(view))],
        "answer": list(_answer(view)),
        "draft": list(_draft(view)),
        "figures": [block for picture in pictures.values() if (block := picture_block([picture]))],
    }
    return {
        f"documents/{name}.{language}.docx": document(
            texts(f"document.{name}", **names), blocks, pixels, facts
        )
        for name, blocks in made.items()
    }


def _opening(view: View) -> Iterator[Block]:
    """The headline and how sure it is."""
    said = lead(view)
    yield paragraph(said["text"], "lead")
    yield paragraph(said["detail"])


def _told(section: Block, *, skip: tuple[str, ...] = ()) -> Iterator[Block]:
    """A chapter of the report under its heading."""
    if section.get("blocks"):
        yield heading(section["heading"])
        yield from (block for block in section["blocks"] if block.get("kind") not in skip)


def _known(view: View) -> Iterator[Block]:
    """What is known: the key figures, changes."""
    yield from (block for block in summary(view)["blocks"] if block.get("kind") == "cards")
    yield from _told(changes(view), skip=("pictures", "table"))


def _done(view: View) -> Iterator[Block]:
    """What is done: the plan where there is one."""
    plan = view.context.plan
    if plan is not None and (plan.goals or plan.activities):
        yield from plan_follow_up(view, plan)["blocks"]
        yield activity_table(view, plan.activities, view.texts("plan.activities_caption"))
    yield paragraph(view.texts("document.fill_done"))


def _answer(view: View) -> Iterator[Block]:
    """An answer to a question in the council: what we know, what is done, what help there is."""
    texts = view.texts
    yield paragraph(texts("document.fill_question"))
    yield heading(texts("document.known"))
    yield from _opening(view)
    yield from _known(view)
    yield from _told(limits(view))
    yield heading(texts("document.done"))
    yield from _done(view)
    yield from _told(help_page(view))


def _draft(view: View) -> Iterator[Block]:
    """A draft for the board's decision."""
    texts = view.texts
    yield paragraph(texts("document.fill_head"))
    yield heading(texts("document.proposal"))
    yield paragraph(texts("document.fill_proposal", wave=view.context.wave.id))
    yield heading(texts("document.short"))
    yield from _opening(view)
    yield heading(texts("document.case"))
    yield from _known(view)
    yield from _told(limits(view))
    yield heading(texts("document.done"))
    yield from _done(view)
    for name in ("children", "economy"):
        yield heading(texts(f"document.{name}"))
        yield paragraph(texts(f"document.fill_{name}"))
    yield from _told(privacy(view))
    yield heading(texts("document.basis"))
    yield paragraph(texts("document.basis_text", survey=view.context.wave.survey, wave=view.context.wave.id))
