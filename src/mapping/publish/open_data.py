"""Open data: every printed figure in files anyone can read, with a status where there is no number.

figures.csv            comma, decimal point; described for machines in figures.csv-metadata.json (CSVW)
figures.sv.csv         the same for Swedish Excel: semicolon, decimal comma, names in words
changes.csv            changes between waves
model.csv              how places compare with the municipality's level (public model)
areas.csv              which place lies in which
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from mapping.disclosure.protected import Figure, ProtectedRelease, require_sealed
from mapping.publish.context import Context
from mapping.texts import Texts, load

__all__ = ["FIGURE_COLUMNS", "neutral", "tables"]

FIGURE_COLUMNS: Final = (
    "key", "wave", "indicator", "level", "area", "group", "target", "status", "share", "low", "high", "decimals",
    "base", "count", "unsure", "bounds_low", "bounds_high",
)  # fmt: skip
_CHANGE_COLUMNS: Final = (
    "indicator", "level", "area", "group", "wave_earlier", "wave_later", "share_earlier", "share_later",
    "difference", "low", "high", "smallest_detectable", "verdict",
)  # fmt: skip
_MODEL_COLUMNS: Final = ("wave", "indicator", "level", "area", "exceedance", "share", "low", "high")
_AREA_COLUMNS: Final = ("level", "area", "name", "parent_level", "parent", "class")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

Row = Sequence[str]


def neutral(text: str) -> str:
    """`text` as a spreadsheet will show it and not run it: what looks like a formula gets an apostrophe.

    Examples
    --------
    >>> neutral("=1+1"), neutral("Berga")
    ("'=1+1", 'Berga')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _number(value: float | None, decimals: int = 0) -> str:
    return "" if value is None else f"{value:.{decimals}f}"


def _least(value: float | None) -> str:
    """A number with one decimal only where it has one."""
    return "" if value is None else _number(value, int(abs(value - round(value)) > 1e-9))


def _figure_row(figure: Figure) -> list[str]:
    low, high = figure.bounds or (None, None)
    return [
        *(neutral(getattr(figure, name)) for name in FIGURE_COLUMNS[:7]),
        figure.status.value,
        *(_number(value, figure.decimals) for value in (figure.share, figure.low, figure.high)),
        "" if figure.share is None and figure.count is None else str(figure.decimals),
        figure.base,
        "" if figure.count is None else str(figure.count),
        *(_number(value) for value in (figure.unsure, low, high)),
    ]


def _swedish_columns(texts: Texts) -> list[str]:
    names = [*FIGURE_COLUMNS[:3], "indicator_name", *FIGURE_COLUMNS[3:5], "area_name", *FIGURE_COLUMNS[5:]]
    return [texts(f"open_data.{name}") for name in names]


def _swedish_row(figure: Figure, context: Context, texts: Texts) -> list[str]:
    row = _figure_row(figure)
    places = context.place_names(figure.level, figure.indicator)
    group = f"group.{figure.group}"
    numbers = [cell.replace(".", ",") for cell in row[8:11]]
    return [
        *row[:3],
        neutral(context.name(figure.indicator, texts.language)),
        texts(f"level.{figure.level}"),
        row[4],
        neutral(places.get(figure.area, figure.area)),
        texts(group) if group in texts else row[5],
        texts(f"open_target.{figure.target}"),
        texts(f"open_status.{figure.status.value}"),
        *numbers,
        *row[11:],
    ]


def _area_rows(context: Context) -> Iterator[Row]:
    """Every place with the one it lies in; a district lies in one publication area of each sensitivity class."""
    municipality = context.municipality
    yield "municipality", municipality.code, neutral(municipality.name), "", "", ""
    districts = context.districts
    if districts is None:
        return
    names = districts.names()
    for class_, table in sorted(districts.areas.items()):
        for area, name in sorted(districts.names(class_).items()):
            yield "area", neutral(area), neutral(name), "municipality", municipality.code, str(class_)
        for code, area in sorted(zip(table["code"], table["area"], strict=True)):
            yield "district", neutral(code), neutral(names[code]), "area", neutral(area), str(class_)
    if not districts.areas:
        for code, name in sorted(names.items()):
            yield "district", neutral(code), neutral(name), "municipality", municipality.code, ""


def _change_rows(release: ProtectedRelease) -> Iterator[Row]:
    for change in release.changes:
        names = [neutral(getattr(change, name)) for name in _CHANGE_COLUMNS[:6]]
        yield [*names, *(_least(getattr(change, name)) for name in _CHANGE_COLUMNS[6:12]), change.verdict]


def _model_rows(release: ProtectedRelease) -> Iterator[Row]:
    for figure in release.model:
        names = [neutral(getattr(figure, name)) for name in _MODEL_COLUMNS[:4]]
        numbers = [_least(value) for value in (figure.share, figure.low, figure.high)]
        yield [*names, str(figure.exceedance), *numbers]


def _csv(columns: Row, rows: Iterable[Row], *, excel: bool = False) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if excel else ",", lineterminator="\r\n" if excel else "\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig" if excel else "utf-8")


_TYPES: Final[dict[str, Any]] = {
    "status": {"base": "string", "format": "shown|none_known|withheld|not_asked"},
    "level": {"base": "string", "format": "municipality|area|district"},
    "target": {"base": "string", "format": "pupils|risk|cases"},
    **dict.fromkeys(("share", "low", "high", "unsure", "bounds_low", "bounds_high"), "decimal"),
    **dict.fromkeys(("decimals", "count"), "integer"),
}


def _metadata(context: Context) -> bytes:
    """What the columns of figures.csv mean, for machines (W3C Tabular Metadata, 2015)."""
    swedish, english = load("sv"), load("en")
    columns = [
        {
            "name": name,
            "titles": {"en": [name], "sv": [swedish(f"open_data.{name}")]},
            "dc:description": {
                "en": english(f"open_data_help.{name}"),
                "sv": swedish(f"open_data_help.{name}"),
            },
            "datatype": _TYPES.get(name, "string"),
            "null": "",
        }
        for name in FIGURE_COLUMNS
    ]
    title = {
        texts.language: texts("title.subtitle", municipality=context.municipality.name, wave=context.wave.id)
        for texts in (swedish, english)
    }
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": "figures.csv",
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "dc:title": title,
        "dc:publisher": context.municipality.publisher,
        "dc:date": context.date,
        "dc:type": swedish("word.synthetic") if context.municipality.synthetic else "Statistics",
        "tableSchema": {"columns": columns, "primaryKey": ["key", "target"]},
    }
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def tables(release: ProtectedRelease, context: Context) -> dict[str, bytes]:
    """The files of open data by name.

    Raises
    ------
    SealError
        If `release` was not made by `protect`.
    """
    release = require_sealed(release)
    texts = load("sv")
    return {
        "figures.csv": _csv(FIGURE_COLUMNS, map(_figure_row, release)),
        "figures.csv-metadata.json": _metadata(context),
        "figures.sv.csv": _csv(
            _swedish_columns(texts), (_swedish_row(f, context, texts) for f in release), excel=True
        ),
        "changes.csv": _csv(_CHANGE_COLUMNS, _change_rows(release)),
        "model.csv": _csv(_MODEL_COLUMNS, _model_rows(release)),
        "areas.csv": _csv(_AREA_COLUMNS, _area_rows(context)),
    }
