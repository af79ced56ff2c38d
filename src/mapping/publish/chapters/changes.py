"""What has changed since the wave before, and which changes could not have been seen."""

from __future__ import annotations

from mapping.disclosure.protected import Change
from mapping.publish import change_sentences
from mapping.publish.blocks import Block, bullets, cell, column, paragraph, pictures, section, table
from mapping.publish.view import View

__all__ = ["changes"]


def _changes(view: View) -> list[Change]:
    """The changes up to the release's wave from the nearest wave before, each once."""
    mine = [change for change in view.release.changes if change.wave_later == view.context.wave.id]
    nearest = max((change.wave_earlier for change in mine), default="")
    kept = {(c.indicator, c.level, c.area, c.group): c for c in mine if c.wave_earlier == nearest}
    return list(kept.values())


def _reason(view: View, change: Change) -> str:
    """Why an indicator cannot be compared, as the wave's sidecar says it in the report's language."""
    for wave in view.context.waves:
        for found in wave.breaks:
            if found.indicator == change.indicator and change.wave_earlier < found.start <= change.wave_later:
                return found.reason.get(view.language, "")
    return ""


def _sentence(view: View, change: Change) -> str:
    """The measure's name and how it moved."""
    sentence = change_sentences.change(change, view.texts, _reason(view, change))
    return f"{view.name(change.indicator)}: {sentence[0].lower()}{sentence[1:]}"


def _change_row(view: View, change: Change) -> list[Block]:
    texts = view.texts
    before, after, difference, (low, high), smallest = change_sentences.change_numbers(change, texts)
    return [
        cell(view.name(change.indicator)),
        cell(before),
        cell(after),
        cell(difference, texts("change.range", low=low, high=high) if low else ""),
        cell(smallest),
        cell(texts(f"change_verdict.{change_sentences.change_verdict(change)}")),
    ]


def _moved_places(view: View) -> list[str]:
    """The places where a share has clearly moved, by measure, in alphabetical order; or that there is none."""
    texts, said, since = view.texts, [], ""
    for id_ in (id_ for ids in view.themes.values() for id_ in ids):
        earlier, moved = view.moves(id_)
        found = view.subject(id_)
        if not earlier or found is None:
            continue
        since, names = earlier, view.context.place_names(found[1], id_, view.language)
        for step, verdict in ((4, "up"), (0, "down")):
            there = texts.in_order(names[code] for code, at in moved.items() if at == step)
            if there:
                listed = texts.listing(there)
                said.append(
                    texts(f"change.places_{verdict}", indicator=view.name(id_), names=listed, wave=earlier)
                )
    return said or ([texts("change.places_none", wave=since)] if since else [])


def changes(view: View) -> Block:
    """Changes since the wave before, with the smallest that could have been seen, and breaks."""
    texts, found = view.texts, _changes(view)
    if not found:
        key = "first" if len(view.context.waves) < 2 else "none"
        return section("change", texts("change.heading_plain"), [paragraph(texts(f"change.{key}"))])
    earlier, later = found[0].wave_earlier, found[0].wave_later
    whole = {c.indicator: c for c in found if c.level == "municipality" and c.group == "all"}
    told = [whole[id_] for _, id_ in view.leading if id_ in whole]
    compared = sum(change.verdict != "break" for change in found)
    return section(
        "change",
        texts("change.heading", wave=earlier),
        [
            bullets(_sentence(view, change) for change in told),
            pictures([view.pictures.get("change")]),
            table(
                texts("change.caption", earlier=earlier, later=later),
                [
                    column(texts("forms.indicator"), width="wide"),
                    column(earlier, "right"),
                    column(later, "right"),
                    column(texts("change.difference"), "figure"),
                    column(texts("change.smallest_label"), "right"),
                    column(texts("plan.verdict")),
                ],
                [_change_row(view, whole[id_]) for id_ in view.survey if id_ in whole],
                texts("change.note"),
            ),
            bullets(
                _sentence(view, change)
                for change in whole.values()
                if change.verdict == "break" and change not in told and _reason(view, change)
            ),
            bullets(_moved_places(view)),
            paragraph(change_sentences.chance(compared, texts)) if compared else {},
        ],
    )
