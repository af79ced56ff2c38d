"""What the page's program reads: one array per column, so that each number stands at the place of its place.

Numbers are written as they are printed. A cell without a number is null in its column, and its letter says what a
reader is told of it; columns without any number are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mapping.disclosure.protected import Figure, ModelFigure, Status
from mapping.publish import sentences
from mapping.publish.map_legend import SYMBOLS
from mapping.publish.map_places import Place, State
from mapping.publish.map_words import map_title
from mapping.publish.page.choices import Choice
from mapping.publish.page.words import words_of
from mapping.publish.palette import (
    BORDER,
    EXCEEDANCE,
    INK,
    NO_PUPILS,
    PAPER,
    PATTERN,
    SEQUENTIAL,
    ink_on,
    ladder,
)
from mapping.publish.picture_words import denominator_words
from mapping.publish.view import View
from mapping.texts import Texts

__all__ = ["STATES", "page_data"]

# what is told of a cell; a capital letter where its numbers have a decimal
STATES: Final[Mapping[State, str]] = {
    State.SHOWN: "s",
    State.UNCERTAIN: "u",
    State.NONE_KNOWN: "k",
    State.WITHHELD: "w",
    State.NOT_ASKED: "a",
    State.NO_PUPILS: "e",
}
_OF_STATUS: Final[Mapping[Status, State]] = {
    Status.SHOWN: State.SHOWN,
    Status.NONE_KNOWN: State.NONE_KNOWN,
    Status.WITHHELD: State.WITHHELD,
    Status.NOT_ASKED: State.NOT_ASKED,
}
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MODEL: Final = (("middle", "share"), ("from", "low"), ("to", "high"))

Grounds = Mapping[tuple[str, int], Mapping[str, Any]]


def page_data(view: View, chosen: Sequence[Choice], grounds: Grounds) -> dict[str, Any]:
    """Everything that the page's program knows, in the language of the view."""
    bases = sorted(
        {f.base for choice in chosen for f in (*choice.figures.values(), choice.whole) if f and f.base}
    )
    divisions = list(dict.fromkeys(choice.division for choice in chosen if choice.level))
    texts = view.texts
    return {
        "language": view.language,
        "wave": view.context.wave.id,
        "measures": [_measure(view, id_) for id_ in dict.fromkeys(c.subject.indicator.id for c in chosen)],
        "waves": [(wave, sentences.wave_name(wave, texts)) for wave in _each(c.subject.wave for c in chosen)],
        "groups": [(group, texts(f"group.{group}")) for group in _each(c.subject.group for c in chosen)],
        "bases": bases,
        "whole": _whole(view, chosen, bases),
        "division": {c.name: divisions.index(c.division) for c in chosen if c.level},
        "places": [
            _places(division, [c for c in chosen if c.division == division], bases, texts) for division in divisions
        ],
        "grounds": [_ground(division, grounds, chosen, texts) for division in divisions],
        "colours": _colours(),
        "words": words_of(texts),
    }  # fmt: skip


def _each(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _measure(view: View, id_: str) -> dict[str, Any]:
    entry = view.context.indicators[id_]
    definition = entry.definition.get(view.language, "")
    return {
        "id": id_,
        "name": view.name(id_),
        "of": denominator_words(view.texts, entry),
        "definition": definition,
        "limits": " ".join(map(str, ladder(entry))),
    }


def _whole(view: View, chosen: Sequence[Choice], bases: Sequence[str]) -> dict[str, Any]:
    """The municipality's figures, each beside its key, with what is said of it."""
    found = [choice.whole for choice in chosen]
    return {
        "choice": [choice.name for choice in chosen],
        "key": [figure.key for figure in found],
        "state": "".join(_letter(_told(figure), figure) for figure in found),
        **_numbers("", found),
        "base": _bases(found, bases),
        "title": [_title(view, choice) for choice in chosen],
        "detail": [sentences.share(figure, view.texts) for figure in found],
    }


def _title(view: View, choice: Choice) -> str:
    """The finding where the municipality's figure is shown, else what was measured."""
    if choice.whole.status is Status.SHOWN:
        return map_title(view.texts, choice.subject, "estimate", (), choice.whole)
    return view.name(choice.subject.indicator.id)


def _order(places: Sequence[Place], texts: Texts) -> list[Place]:
    return sorted(places, key=lambda place: (texts.sort_key(place.name), place.code))


def _places(
    division: tuple[str, int], chosen: Sequence[Choice], bases: Sequence[str], texts: Texts
) -> dict[str, Any]:  # fmt: skip
    """The columns of one division: codes, names, and for each choice states, numbers, bases and the public model."""
    columns: dict[str, Any] = {
        "level": division[0],
        "code": [place.code for place in _order(chosen[0].places, texts)],
        "name": [place.name for place in _order(chosen[0].places, texts)],
    }
    for choice in chosen:
        places = _order(choice.places, texts)
        figures = [choice.figures.get(place.code) for place in places]
        models = [choice.models.get(place.code) for place in places]
        columns[choice.name] = "".join(map(_letter, (p.state for p in places), figures))
        columns |= _numbers(f"{choice.name} ", figures)
        columns[f"{choice.name} base"] = _bases(figures, bases)
        if any(models):
            columns[f"{choice.name} step"] = "".join(_LETTERS[m.exceedance] if m else "-" for m in models)
            columns |= {f"{choice.name} {name}": _column(models, part) for name, part in _MODEL}
    return columns


def _ground(
    division: tuple[str, int], grounds: Grounds, chosen: Sequence[Choice], texts: Texts
) -> dict[str, Any]:
    """The ground, its places in the order of the table."""
    ground = grounds[division]
    places = next(choice.places for choice in chosen if choice.division == division)
    at = {code: number for number, code in enumerate(ground["codes"])}
    order = [at[place.code] for place in _order(places, texts)]
    return {
        name: [value[number] for number in order] if isinstance(value, list) else value
        for name, value in ground.items()
        if name != "codes"
    }


def _told(figure: Figure) -> State:
    """What a reader is told of the municipality."""
    state = _OF_STATUS[figure.status]
    return State.UNCERTAIN if state is State.SHOWN and figure.uncertain else state


def _letter(state: State, figure: Figure | None) -> str:
    letter = STATES[state]
    return letter.upper() if figure is not None and figure.decimals else letter


def _bases(figures: Sequence[Figure | None], bases: Sequence[str]) -> str:
    return "".join(_LETTERS[bases.index(f.base)] if f is not None and f.base else "-" for f in figures)


def _numbers(prefix: str, figures: Sequence[Figure | None]) -> dict[str, Any]:
    columns = {f"{prefix}{part}": _column(figures, part) for part in ("share", "low", "high")}
    return {name: column for name, column in columns.items() if any(value is not None for value in column)}


def _column(figures: Sequence[Figure | ModelFigure | None], part: str) -> list[float | int | None]:
    return [_plain(getattr(figure, part)) if figure is not None else None for figure in figures]


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def _colours() -> dict[str, Any]:
    """Colours of classes and what is written and dotted on them."""
    classes = {"estimate": SEQUENTIAL, "exceedance": EXCEEDANCE}
    inks = {f"{view}_ink": tuple(map(ink_on, colours)) for view, colours in classes.items()}
    return {
        **{name: " ".join(colours) for name, colours in (classes | inks).items()},
        "ink": INK, "paper": PAPER, "border": BORDER, "pattern": PATTERN, "no_pupils": NO_PUPILS,
        "symbols": "|".join(SYMBOLS),
    }  # fmt: skip
