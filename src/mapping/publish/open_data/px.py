"""PX files, the statistics offices' format: a cube of shares, and one of case counts where there is an extract.

References
----------
Statistics Sweden (2013), PC-Axis file format, version 2013.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mapping.disclosure.protected import Figure, ProtectedRelease
from mapping.publish.context import Context
from mapping.publish.open_data.rows import NOT_POSSIBLE, sign_of
from mapping.texts import Texts

__all__ = ["px_files"]

_MEASURES: Final = ("share", "low", "high")
_LINE: Final = 200  # characters; the format allows 256


@dataclass(frozen=True, slots=True)
class _Variable:
    """A dimension of the cube: what it is called, and its values by code."""

    name: str
    values: Mapping[str, str]


def px_files(release: ProtectedRelease, context: Context, texts: Texts) -> dict[str, bytes]:
    """``shares.<language>.px`` and, where cases are counted, ``cases.<language>.px``."""
    shares = [figure for figure in release if figure.target != "cases"]
    cases = [figure for figure in release if figure.target == "cases"]
    made = {}
    if shares:
        content = _Variable(texts("px.content"), {name: texts(f"open_data.{name}") for name in _MEASURES})
        made[f"shares.{texts.language}.px"] = _file("shares", shares, content, context, texts)
    if cases:
        content = _Variable(texts("px.content"), {"count": texts("open_data.count")})
        made[f"cases.{texts.language}.px"] = _file("cases", cases, content, context, texts)
    return made


def _file(kind: str, figures: Sequence[Figure], content: _Variable, context: Context, texts: Texts) -> bytes:
    stub, heading = _variables(figures, context, texts), (content, _waves(figures, texts))
    decimals = max(figure.decimals for figure in figures) if kind == "shares" else 0
    head: list[tuple[str, str | int | Sequence[str]]] = [
        ("CHARSET", "ANSI"),
        ("AXIS-VERSION", "2013"),
        ("CODEPAGE", "utf-8"),
        ("LANGUAGE", texts.language),
        ("CREATION-DATE", f"{context.date.replace('-', '')} 00:00"),
        ("DECIMALS", decimals),
        ("SHOWDECIMALS", decimals),
        ("MATRIX", f"HRV{context.municipality.code}{kind[0].upper()}"),
        ("SUBJECT-CODE", "HRV"),
        ("SUBJECT-AREA", texts(f"title.report{context.other}")),
        ("TITLE", texts(f"px.title_{kind}", municipality=context.municipality.name, wave=context.wave.id)),
        ("CONTENTS", texts(f"px.contents_{kind}")),
        ("UNITS", texts(f"px.units_{kind}")),
        ("STUB", [variable.name for variable in stub]),
        ("HEADING", [variable.name for variable in heading]),
        *((f'VALUES("{_clean(v.name)}")', list(v.values.values())) for v in (*stub, *heading)),
        *((f'CODES("{_clean(v.name)}")', list(v.values)) for v in (*stub, *heading)),
        ("SOURCE", texts("title.source", survey=context.wave.survey, publisher=context.municipality.publisher)),
        ("DATASYMBOL1", texts("workbook.not_possible")),
        ("DATASYMBOL2", texts("px.not_told")),
        ("NOTE", texts("word.synthetic") if context.municipality.synthetic else texts("px.note")),
    ]  # fmt: skip
    lines = [_statement(name, value) for name, value in head]
    rows = _rows(figures, stub, heading)
    return "\n".join([*lines, "DATA=", *(" ".join(row) for row in rows), ";", ""]).encode("utf-8")


def _variables(figures: Sequence[Figure], context: Context, texts: Texts) -> tuple[_Variable, ...]:
    """Measure, place, group and target."""
    indicators = dict.fromkeys(f.indicator for f in figures)
    places: dict[str, tuple[str, str]] = {}
    for figure in figures:
        names = context.place_names(figure.level, figure.indicator, texts.language)
        name = names.get(figure.area, figure.area)
        places[_place(figure)] = name, texts(f"level.{figure.level}").lower()
    groups = dict.fromkeys(f.group for f in figures)
    targets = dict.fromkeys(f.target for f in figures)
    return (
        _Variable(texts("open_data.indicator"), {i: context.name(i, texts.language) for i in indicators}),
        _Variable(texts("px.place"), _apart(places)),
        _Variable(texts("open_data.group"), {g: _word(f"group.{g}", g, texts) for g in groups}),
        _Variable(texts("open_data.target"), {t: texts(f"open_target.{t}") for t in targets}),
    )


def _waves(figures: Sequence[Figure], texts: Texts) -> _Variable:
    return _Variable(texts("open_data.wave"), {wave: wave for wave in sorted({f.wave for f in figures})})


def _place(figure: Figure) -> str:
    return f"{figure.level}:{figure.area}"


def _word(key: str, otherwise: str, texts: Texts) -> str:
    return texts(key) if key in texts else otherwise


def _apart(places: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """What places are called, with their level; two of one name and level get their codes besides."""
    seen = list(places.values())
    return {
        place: f"{name} ({level})"
        if seen.count((name, level)) == 1
        else f"{name} ({level} {place.partition(':')[2]})"
        for place, (name, level) in places.items()
    }


def _rows(
    figures: Iterable[Figure], stub: Sequence[_Variable], heading: Sequence[_Variable]
) -> Iterator[list[str]]:
    """A row for each combination of the stub, a cell for each of the heading."""
    by_cell = {(f.indicator, _place(f), f.group, f.target, f.wave): f for f in figures}
    for codes in itertools.product(*(variable.values for variable in stub)):
        yield [
            _cell(by_cell.get((*codes, wave)), measure)  # type: ignore[arg-type]
            for measure, wave in itertools.product(*(variable.values for variable in heading))
        ]


def _cell(figure: Figure | None, measure: str) -> str:
    if figure is None:
        return f'"{NOT_POSSIBLE}"'
    value = getattr(figure, measure)
    if value is None:
        return f'"{sign_of(figure)}"'
    return f"{value:.{figure.decimals}f}" if measure in _MEASURES else str(value)


def _statement(name: str, value: str | int | Sequence[str]) -> str:
    """``NAME="text";`` with lists and long texts on several lines."""
    if isinstance(value, int):
        return f"{name}={value};"
    if isinstance(value, str):
        pieces = textwrap.wrap(_clean(value), _LINE, drop_whitespace=False) or [""]
        return f"{name}=" + "\n".join(f'"{piece}"' for piece in pieces) + ";"
    words, lines = [f'"{_clean(word)}"' for word in value], [""]
    for number, word in enumerate(words):
        piece = word + ("," if number < len(words) - 1 else "")
        if lines[-1] and len(lines[-1]) + len(piece) > _LINE:
            lines.append("")
        lines[-1] += piece
    return f"{name}=" + "\n".join(lines) + ";"


def _clean(text: str) -> str:
    """Text that ends nothing early: the format knows no way to write a quotation mark in a text."""
    return text.replace('"', "'").replace("\n", " ")
