"""The codebook as a page to read: every measure with its question, rule, limits and source. One file, no scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, cast

import jinja2

from mapping.codebook.derived import categories
from mapping.codebook.entry import Entry
from mapping.codebook.wording import in_words, label
from mapping.concepts.indicator import Indicator
from mapping.concepts.question import Question
from mapping.texts import Texts, load

__all__ = ["page"]


def _answers(question: Question, language: str) -> list[str]:
    return [label(labels, language) for labels in (question.boxes or question.answers).values()]


def _measure(entry: Entry, entries: Mapping[str, Entry], texts: Texts) -> dict[str, Any]:
    language = texts.language
    rule, base = in_words(entry, entries, texts)
    return {
        "entry": entry,
        "name": entry.name[language],
        "rule": rule,
        "base": base,
        "questions": [
            {"text": q.text[language], "answers": _answers(q, language), "boxes": bool(q.boxes)}
            for q in entry.questions.values()
        ],
        "within": [
            f"{entries[id_].name[language]} ({id_})" for id_ in entry.subset_of if id_ != entry.category_of
        ],
        "categories": [_measure(cast(Entry, part), entries, texts) for part in categories(entries, entry.id)],
    }


def _sections(entries: Mapping[str, Entry], texts: Texts) -> list[dict[str, Any]]:
    """The measures by side and construct, in the order of the list."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries.values(), key=lambda e: (e.side != "survey", texts.sort_key(e.id))):
        if not entry.category_of:
            found.setdefault((entry.side, entry.construct), []).append(entry)
    return [
        {
            "side": side,
            "id": f"{side}-{number}",
            "name": _construct(construct, texts),
            "measures": [_measure(entry, entries, texts) for entry in chosen],
        }
        for number, ((side, construct), chosen) in enumerate(found.items(), 1)
    ]


def _construct(construct: str, texts: Texts) -> str:
    key = f"codebook.construct.{construct}"
    return texts(key) if key in texts else construct.capitalize()


def _counts(indicators: Sequence[Indicator]) -> dict[str, int]:
    plain = [i for i in indicators if not i.category_of]
    sides = {side: sum(i.side == side for i in plain) for side in ("survey", "case")}
    return {"indicators": len(plain), **sides}


def page(indicators: Mapping[str, Indicator], language: str) -> str:
    """The page in one language.

    Parameters
    ----------
    indicators : mapping
        What `load` returned.
    language : str
        "sv" or "en".
    """
    texts = load(language)
    entries = {id_: cast(Entry, indicator) for id_, indicator in indicators.items()}
    template = resources.files("mapping.codebook").joinpath("templates", "codebook.html.jinja")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        t=texts, sections=_sections(entries, texts), counts=_counts(list(indicators.values()))
    )
