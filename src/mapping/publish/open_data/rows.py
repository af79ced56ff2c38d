"""The rows of open data: what stands in each column, the same in every file.

No cell is left empty: where there is no number, the plain files say `NA`, those for people `..` where the number is not
shown or was not asked for, and `.` where there can be none. The status stands in a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mapping.disclosure.protected import Figure, ProtectedRelease, Status
from mapping.publish.context import Context
from mapping.texts import Texts

__all__ = [
    "AREA_COLUMNS",
    "CHANGE_COLUMNS",
    "FIGURE_COLUMNS",
    "MODEL_COLUMNS",
    "NONE",
    "NOT_POSSIBLE",
    "NOT_TOLD",
    "Row",
    "area_rows",
    "change_rows",
    "figure_row",
    "model_rows",
    "neutral",
    "sign_of",
    "worded_columns",
    "worded_row",
]

NONE: Final = "NA"
NOT_TOLD: Final = ".."
NOT_POSSIBLE: Final = "."
FIGURE_COLUMNS: Final = (
    "key", "wave", "indicator", "level", "area", "group", "target", "status", "share", "low", "high", "decimals",
    "base", "count", "unsure", "bounds_low", "bounds_high",
)  # fmt: skip
CHANGE_COLUMNS: Final = (
    "indicator", "level", "area", "group", "wave_earlier", "wave_later", "share_earlier", "share_later",
    "difference", "low", "high", "smallest_detectable", "verdict",
)  # fmt: skip
MODEL_COLUMNS: Final = ("wave", "indicator", "level", "area", "exceedance", "share", "low", "high")
AREA_COLUMNS: Final = ("level", "area", "name", "parent_level", "parent", "class")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

Row = Sequence[str | float | None]


def neutral(text: str) -> str:
    """`text` as a spreadsheet will show it and not run it: what looks like a formula gets an apostrophe.

    Examples
    --------
    >>> neutral("=1+1"), neutral("Berga")
    ("'=1+1", 'Berga')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def sign_of(figure: Figure) -> str:
    """What stands for people where a figure has no number."""
    return NOT_POSSIBLE if figure.status is Status.SHOWN else NOT_TOLD


def _rounded(value: float | None, decimals: int = 0) -> float | None:
    """A number as printed: whole where it has no decimals."""
    if value is None:
        return None
    return round(value, decimals) if decimals else round(value)


def _least(value: float | None) -> float | None:
    """A number with one decimal only where it has one."""
    return _rounded(value, int(value is not None and abs(value - round(value)) > 1e-9))


def figure_row(figure: Figure) -> list[str | float | None]:
    """A figure by `FIGURE_COLUMNS`; None where nothing is told."""
    low, high = figure.bounds or (None, None)
    return [
        *(neutral(getattr(figure, name)) for name in FIGURE_COLUMNS[:7]),
        figure.status.value,
        *(_rounded(value, figure.decimals) for value in (figure.share, figure.low, figure.high)),
        None if figure.share is None and figure.count is None else figure.decimals,
        figure.base or None,
        figure.count,
        *(_rounded(value) for value in (figure.unsure, low, high)),
    ]


def worded_columns(texts: Texts) -> list[str]:
    """The columns of `worded_row`."""
    names = [*FIGURE_COLUMNS[:3], "indicator_name", *FIGURE_COLUMNS[3:5], "area_name", *FIGURE_COLUMNS[5:]]
    return [texts(f"open_data.{name}") for name in names]


def worded_row(figure: Figure, context: Context, texts: Texts) -> list[str | float]:
    """A figure for people: with names, in their language, and a sign where there is no number."""
    row = figure_row(figure)
    places = context.place_names(figure.level, figure.indicator, texts.language)
    group = f"group.{figure.group}"
    words = [
        *row[:3],
        neutral(context.name(figure.indicator, texts.language)),
        texts(f"level.{figure.level}"),
        row[4],
        neutral(places.get(figure.area, figure.area)),
        texts(group) if group in texts else row[5],
        texts(f"open_target.{figure.target}"),
        texts(f"open_status.{figure.status.value}"),
        *row[8:],
    ]
    return [sign_of(figure) if word is None else word for word in words]


def area_rows(context: Context, language: str = "sv") -> Iterator[Row]:
    """Every place, named in a language, with the one it lies in.

    A district lies in one publication area of each sensitivity class used.
    """
    municipality = context.municipality
    yield "municipality", municipality.code, neutral(municipality.name), None, None, None
    districts = context.districts
    if districts is None:
        return
    names = districts.names()
    used = {context.indicators[id_].sensitivity for id_ in context.publication.indicators}
    for class_, table in sorted(districts.areas.items()):
        if class_ not in used:
            continue
        for area, name in sorted(districts.names(class_, language).items()):
            yield "area", neutral(area), neutral(name), "municipality", municipality.code, str(class_)
        for code, area in sorted(zip(table["code"], table["area"], strict=True)):
            yield "district", neutral(code), neutral(names[code]), "area", neutral(area), str(class_)
    if not districts.areas:
        for code, name in sorted(names.items()):
            yield "district", neutral(code), neutral(name), "municipality", municipality.code, None


def change_rows(release: ProtectedRelease) -> Iterator[Row]:
    """Changes between waves."""
    for change in release.changes:
        names = [neutral(getattr(change, name)) for name in CHANGE_COLUMNS[:6]]
        yield [*names, *(_least(getattr(change, name)) for name in CHANGE_COLUMNS[6:12]), change.verdict]


def model_rows(release: ProtectedRelease) -> Iterator[Row]:
    """How places compare with the municipality's level."""
    for figure in release.model:
        names = [neutral(getattr(figure, name)) for name in MODEL_COLUMNS[:4]]
        numbers = [_least(value) for value in (figure.share, figure.low, figure.high)]
        yield [*names, figure.exceedance, *numbers]
